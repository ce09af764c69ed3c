/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

size_t utf8_sequence(const char *text) {
  const unsigned char *t = (const unsigned char *)text;
  if (t[0] == 0) return 0;
  if (t[0] < 0x80) return 1;
  size_t bytes = t[0] >= 0xf0 ? 4 : t[0] >= 0xe0 ? 3 : 2;
  if (t[0] < 0xc2 || t[0] > 0xf4) return 0;
  for (size_t i = 1; i < bytes; i++)
    if ((t[i] & 0xc0) != 0x80) return 0;
  if (t[0] == 0xe0 && t[1] < 0xa0) return 0;
  if (t[0] == 0xed && t[1] > 0x9f) return 0;
  if (t[0] == 0xf0 && t[1] < 0x90) return 0;
  if (t[0] == 0xf4 && t[1] > 0x8f) return 0;
  return bytes;
}

bool utf8_is_valid(const char *text) {
  for (size_t bytes; *text; text += bytes) {
    bytes = utf8_sequence(text);
    if (bytes == 0) return false;
  }
  return true;
}

/* ---- escapes ---- */

size_t checkrob_text_escape(char *out, size_t bytes, const char *text) {
  static const char digits[] = "0123456789ABCDEF";
  size_t needed = 0, filled = 0;
  bool fits = true;
  while (text && *text) {
    char escape[] = {'\\', 'x', digits[(unsigned char)*text >> 4], digits[(unsigned char)*text & 15]};
    size_t sequence = utf8_sequence(text);
    size_t length = sequence ? sequence : sizeof escape;
    fits = fits && out && needed + length < bytes; /* whole characters only */
    if (fits) {
      memcpy(out + filled, sequence ? text : escape, length);
      filled += length;
    }
    needed += length;
    text += sequence ? sequence : 1;
  }
  if (out && bytes > 0) out[filled] = '\0';
  return needed;
}

char *utf8_escaped(const char *text) {
  size_t bytes = checkrob_text_escape(NULL, 0, text) + 1;
  char *copy = malloc(bytes);
  if (copy) checkrob_text_escape(copy, bytes, text);
  return copy;
}

static int digit_value(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void utf8_unescape(char *text) {
  char *to = text;
  while (*text) {
    bool is_escape =
        text[0] == '\\' && text[1] == 'x' && digit_value(text[2]) >= 8 && digit_value(text[3]) >= 0;
    if (is_escape) {
      *to++ = (char)(digit_value(text[2]) * 16 + digit_value(text[3]));
      text += 4;
    } else {
      *to++ = *text++;
    }
  }
  *to = '\0';
}

/* ---- files ---- */

const char *utf8_other_encoding(const char *text, size_t bytes) {
  if (bytes < 2) return NULL;
  bool little = memcmp(text, "\xff\xfe", 2) == 0, big = memcmp(text, "\xfe\xff", 2) == 0;
  if (bytes >= 4 && ((little && text[2] == 0 && text[3] == 0) || memcmp(text, "\0\0\xfe\xff", 4) == 0))
    return "UTF-32";
  if (little || big) return "UTF-16";
  /* Without a mark: text begins with characters of ASCII in most languages' data files. */
  if (bytes >= 4 && text[0] && !text[1] && text[2] && !text[3]) return "UTF-16";
  if (bytes >= 4 && !text[0] && text[1] && !text[2] && text[3]) return "UTF-16";
  return NULL;
}

static size_t line_of(const char *text, const char *at) {
  size_t line = 1;
  for (; text < at; text++) line += *text == '\n';
  return line;
}

checkrob_status utf8_start(const char **text, size_t *bytes, const char *path) {
  const char *encoding = utf8_other_encoding(*text, *bytes);
  if (encoding)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is %s text; save the file as UTF-8", path, encoding);
  const char *zero = memchr(*text, '\0', *bytes);
  if (zero)
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: a byte is 0, which no text has; the file is damaged, or of another kind", path,
                     line_of(*text, zero));
  if (*bytes >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
    *text += 3;
    *bytes -= 3;
  }
  return CHECKROB_OK;
}

checkrob_status utf8_start_strict(const char **text, size_t *bytes, const char *path) {
  const char *start = *text;
  checkrob_status status = utf8_start(text, bytes, path);
  if (status) return status;
  const char *at = start;
  for (size_t sequence; (sequence = utf8_sequence(at)) > 0;) at += sequence;
  if (*at == '\0') return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: not UTF-8 text; save the file as UTF-8", path,
                   line_of(start, at));
}
