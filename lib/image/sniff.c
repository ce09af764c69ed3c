/* SPDX-License-Identifier: Apache-2.0 */
#include "image/sniff.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool has(const uint8_t *data, size_t bytes, size_t offset, const char *text) {
  size_t length = strlen(text);
  return bytes >= offset + length && memcmp(data + offset, text, length) == 0;
}

/* Whether the data begin as `text` does, or end within it. */
static bool begins(const uint8_t *data, size_t bytes, size_t offset, const char *text) {
  size_t length = strlen(text), left = bytes > offset ? bytes - offset : 0;
  return left == 0 || memcmp(data + offset, text, left < length ? left : length) == 0;
}

/* Two letters alone could begin a text: the second header's length must be a known one. */
static bool is_bmp(const uint8_t *data, size_t bytes) {
  if (!begins(data, bytes, 0, "BM")) return false;
  if (bytes > 14 && data[14] != 12 && data[14] < 40) return false;
  for (size_t i = 15; i < 18 && i < bytes; i++)
    if (data[i] != 0) return false;
  return true;
}

sniff_format sniff(const uint8_t *data, size_t bytes) {
  if (bytes == 0) return SNIFF_OTHER;
  if (begins(data, bytes, 0, "\xFF\xD8\xFF")) return SNIFF_JPEG;
  if (begins(data, bytes, 0, "\x89PNG\r\n\x1A\n")) return SNIFF_PNG;
  if (begins(data, bytes, 0, "RIFF") && begins(data, bytes, 8, "WEBP")) return SNIFF_WEBP;
  return is_bmp(data, bytes) ? SNIFF_BMP : SNIFF_OTHER;
}

/* HEIC and AVIF are ISO media files; the brand is at offset 8. */
static const char *describe_iso_media(const uint8_t *data, size_t bytes) {
  if (has(data, bytes, 8, "avif") || has(data, bytes, 8, "avis")) return "an AVIF image";
  if (has(data, bytes, 8, "hei") || has(data, bytes, 8, "hev") || has(data, bytes, 8, "mif1"))
    return "a HEIC image";
  return "a video or another ISO media file";
}

/* What Git has in the place of a large file, until it is fetched. */
static bool is_git_lfs(const uint8_t *data, size_t bytes) {
  return has(data, bytes, 0, "version https://git-lfs");
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
  if (has(data, bytes, 0, "II*") ||
      (has(data, bytes, 0, "MM") && bytes >= 4 && data[2] == 0 && data[3] == '*'))
    return "a TIFF image";
  if (has(data, bytes, 0, "\xFF\x0A") || has(data, bytes, 4, "JXL ")) return "a JPEG XL image";
  if (has(data, bytes, 4, "jP  \r\n") || has(data, bytes, 0, "\xFF\x4F\xFF\x51")) return "a JPEG 2000 image";
  if (has(data, bytes, 4, "ftyp")) return describe_iso_media(data, bytes);
  if (has(data, bytes, 0, "%PDF")) return "a PDF document";
  if (has(data, bytes, 0, "PK\x03\x04")) return "a ZIP archive";
  if (is_git_lfs(data, bytes)) return "a Git LFS pointer";
  return describe_text(data, bytes);
}

const char *sniff_advise(const uint8_t *data, size_t bytes) {
  static const char *const no_images[] = {"an HTML page", "a text file", "an XML file"};
  const char *looks_like = sniff_describe(data, bytes);
  if (is_git_lfs(data, bytes)) return "fetch it with git lfs pull";
  for (size_t i = 0; looks_like && i < sizeof no_images / sizeof *no_images; i++)
    if (strcmp(looks_like, no_images[i]) == 0) return "download or copy the image again";
  return "convert it to one of them";
}
