/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECKROB_LIB_HTML_BASE64_H
#define CHECKROB_LIB_HTML_BASE64_H

#include <stddef.h>

/* RFC 4648, section 4, with padding. The caller frees it; NULL: out of memory. */
char *base64(const unsigned char *data, size_t bytes);

#endif
