/* SPDX-License-Identifier: Apache-2.0 */
/* The format of a file, by its first bytes. */
#ifndef CHECKROB_LIB_SNIFF_H
#define CHECKROB_LIB_SNIFF_H

#include <stddef.h>
#include <stdint.h>

typedef enum sniff_format { SNIFF_OTHER, SNIFF_JPEG, SNIFF_PNG, SNIFF_WEBP, SNIFF_BMP } sniff_format;

/* A file that is truncated within the signature counts as the format; its decoder then reports it. */
sniff_format sniff(const uint8_t *data, size_t bytes);

/* For a file that is none of them: what it looks like ("a GIF image"), or NULL. */
const char *sniff_describe(const uint8_t *data, size_t bytes);

/* What to do about such a file: a text instead of an image was downloaded so, and nothing can convert it. */
const char *sniff_advise(const uint8_t *data, size_t bytes);

#endif
