/* SPDX-License-Identifier: Apache-2.0 */
/* How image files are read, as options say. */
#ifndef CHECKROB_LIB_IMAGE_LIMITS_H
#define CHECKROB_LIB_IMAGE_LIMITS_H

#include <checkrob/image.h>

/* As checkrob_image_limits_read(). */
checkrob_image_limits image_limits_of(const checkrob_options *options);

#endif
