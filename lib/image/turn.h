/* SPDX-License-Identifier: Apache-2.0 */
/* Images whose EXIF orientation says that they do not lie upright. */
#ifndef CHECKROB_LIB_TURN_H
#define CHECKROB_LIB_TURN_H

#include <checkrob/image.h>

/* Turns an image with an orientation other than 1 upright; it then knows that it was turned. On failure
 * (OUT_OF_MEMORY) it is freed, and *image NULL. */
checkrob_status image_turn_upright(checkrob_image **image);

#endif
