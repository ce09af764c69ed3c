/* SPDX-License-Identifier: Apache-2.0 */
#include "html/base64.h"

#include <stdint.h>
#include <stdlib.h>

char *base64(const unsigned char *data, size_t bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = malloc((bytes + 2) / 3 * 4 + 1), *to = text;
  if (!text) return NULL;
  for (size_t i = 0; i < bytes; i += 3) {
    uint32_t three = (uint32_t)data[i] << 16;
    if (i + 1 < bytes) three |= (uint32_t)data[i + 1] << 8;
    if (i + 2 < bytes) three |= data[i + 2];
    *to++ = digits[three >> 18];
    *to++ = digits[three >> 12 & 63];
    to[0] = to[1] = '='; /* padding */
    if (i + 1 < bytes) to[0] = digits[three >> 6 & 63];
    if (i + 2 < bytes) to[1] = digits[three & 63];
    to += 2;
  }
  *to = '\0';
  return text;
}
