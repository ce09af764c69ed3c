/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling: from a map to one number for each channel. */
#ifndef CHECKROB_LIB_POOLING_H
#define CHECKROB_LIB_POOLING_H

#include <checkrob/extract.h>

/* Pools one layer of a capture, [N, C, h, w], to `out` [N, C]. `pool` is MEAN or MAX. */
void pool_layer(float *out, const checkrob_capture *capture, size_t layer, checkrob_pooling pool);

#endif
