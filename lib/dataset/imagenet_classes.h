/* SPDX-License-Identifier: Apache-2.0 */
/* ImageNet's class map (imagenet_classes.csv), an array that CMake generates. */
#ifndef CHECKROB_LIB_IMAGENET_CLASSES_H
#define CHECKROB_LIB_IMAGENET_CLASSES_H

#include <stddef.h>

/* The file's bytes, without a NUL. */
extern const unsigned char imagenet_classes_csv[];
extern const size_t imagenet_classes_csv_bytes;

#endif
