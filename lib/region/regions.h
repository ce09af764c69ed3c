/* What a checkrob_regions holds. Boxes are the only kind of shape so far; another kind gets an array of its
 * own beside them, and a part in the union that coverage.c makes. */
#ifndef CHECKROB_LIB_REGIONS_H
#define CHECKROB_LIB_REGIONS_H

#include <checkrob/region.h>

#include "region/rectangles.h"

struct checkrob_regions {
  rectangle *boxes;
  size_t box_count, box_capacity;
};

#endif
