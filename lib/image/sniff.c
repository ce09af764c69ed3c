/* SPDX-License-Identifier: Apache-2.0 */
#include "image/sniff.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool has(const uint8_t *data, size_t bytes, size_t offset, const char *text) {
  size_t length = strlen(text);
  return bytes >= offset + length && memcmp(data + offset, text, length) == 0;
}

sniff_format sniff(const uint8_t *data, size_t bytes) {
  static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF};
  static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  if (bytes == 0) return SNIFF_OTHER;
  if (memcmp(data, jpeg, bytes < sizeof jpeg ? bytes : sizeof jpeg) == 0) return SNIFF_JPEG;
  if (memcmp(data, png, bytes < sizeof png ? bytes : sizeof png) == 0) return SNIFF_PNG;
  return SNIFF_OTHER;
}

/* HEIC and AVIF are ISO media files; the brand is at offset 8. */
static const char *describe_iso_media(const uint8_t *data, size_t bytes) {
  if (has(data, bytes, 8, "avif") || has(data, bytes, 8, "avis")) return "an AVIF image";
  if (has(data, bytes, 8, "hei") || has(data, bytes, 8, "hev") || has(data, bytes, 8, "mif1"))
    return "a HEIC image";
  return "a video or another ISO media file";
}

static const char *describe_text(const uint8_t *data, size_t bytes) {
  size_t start = has(data, bytes, 0, "\xEF\xBB\xBF") ? 3 : 0;
  while (start < bytes && (data[start] == ' ' || (data[start] >= '\t' && data[start] <= '\r'))) start++;
  const char *text = (const char *)data + start;
  size_t left = bytes - start;
  if (left >= 9 && strncasecmp(text, "<!doctype", 9) == 0) return "an HTML page";
  if (left >= 5 && strncasecmp(text, "<html", 5) == 0) return "an HTML page";
  if (left >= 4 && memcmp(text, "<svg", 4) == 0) return "an SVG drawing";
  if (left >= 5 && memcmp(text, "<?xml", 5) == 0) return "an XML file";
  for (size_t i = 0; i < bytes && i < 512; i++)
    if (data[i] < 0x20 && !(data[i] >= '\t' && data[i] <= '\r')) return NULL;
  return "a text file";
}

const char *sniff_describe(const uint8_t *data, size_t bytes) {
  if (has(data, bytes, 0, "GIF8")) return "a GIF image";
  if (has(data, bytes, 0, "RIFF") && has(data, bytes, 8, "WEBP")) return "a WebP image";
  if (has(data, bytes, 0, "II*") ||
      (has(data, bytes, 0, "MM") && bytes >= 4 && data[2] == 0 && data[3] == '*'))
    return "a TIFF image";
  if (has(data, bytes, 0, "BM") && bytes >= 14 && data[6] == 0 && data[7] == 0) return "a BMP image";
  if (has(data, bytes, 0, "\xFF\x0A") || has(data, bytes, 4, "JXL ")) return "a JPEG XL image";
  if (has(data, bytes, 4, "jP  \r\n") || has(data, bytes, 0, "\xFF\x4F\xFF\x51")) return "a JPEG 2000 image";
  if (has(data, bytes, 4, "ftyp")) return describe_iso_media(data, bytes);
  if (has(data, bytes, 0, "%PDF")) return "a PDF document";
  if (has(data, bytes, 0, "PK\x03\x04")) return "a ZIP archive";
  return describe_text(data, bytes);
}
