/* SPDX-License-Identifier: Apache-2.0 */
/* Masks that are images of the photo's size. */
#ifndef CHECKROB_LIB_MASK_H
#define CHECKROB_LIB_MASK_H

#include <checkrob/image.h>
#include <checkrob/region.h>

/* Adds the pixels that are not black. BAD_INPUT if all are black, with a predicate as error message;
 * OUT_OF_MEMORY. */
checkrob_status mask_add(checkrob_regions *regions, const checkrob_image *image);

#endif
