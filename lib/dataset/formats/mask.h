/* Masks that are images of their photo's size. */
#ifndef CHECKROB_LIB_MASK_H
#define CHECKROB_LIB_MASK_H

#include <checkrob/image.h>
#include <checkrob/region.h>

/* Appends what is not black. BAD_INPUT where all is, to be read behind the mask's name; OUT_OF_MEMORY. */
checkrob_status mask_add(checkrob_regions *regions, const checkrob_image *image);

#endif
