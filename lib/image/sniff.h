/* What a file is, told by its first bytes. */
#ifndef CHECKROB_LIB_SNIFF_H
#define CHECKROB_LIB_SNIFF_H

#include <stddef.h>
#include <stdint.h>

typedef enum sniff_format { SNIFF_OTHER, SNIFF_JPEG, SNIFF_PNG } sniff_format;

/* A file cut within the signature counts as the format: it is then the decoder that finds it truncated. */
sniff_format sniff(const uint8_t *data, size_t bytes);

/* For a file that is neither: what it looks like ("a GIF image"), or NULL. */
const char *sniff_describe(const uint8_t *data, size_t bytes);

#endif
