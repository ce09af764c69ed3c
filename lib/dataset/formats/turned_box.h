/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes that an annotator turned. CVAT writes the upright box, and an attribute `rotation`. */
#ifndef CHECKROB_LIB_TURNED_BOX_H
#define CHECKROB_LIB_TURNED_BOX_H

#include <checkrob/region.h>

/* Adds the box x1, y1, x2, y2, turned about its centre by `degrees`, clockwise as one sees it. A turned box
 * is a polygon. Errors as checkrob_regions_add_box(). */
checkrob_status turned_box_add(checkrob_regions *regions, const double box[4], double degrees);

#endif
