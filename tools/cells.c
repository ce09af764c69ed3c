/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* for wcwidth */
#include "cells.h"

#include <checkrob/checkrob.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- characters ---- */

/* The C library knows the width of each character, but only in a locale of UTF-8. The user's may be another
 * one; the texts are UTF-8 anyway. */
static locale_t utf8_locale(void) {
  static locale_t locale = (locale_t)0;
  static int was_tried = 0;
  if (!was_tried++) locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  return locale;
}

/* The bytes of the character at `text`, which is not its end, and in *cells what it fills. Without a locale
 * of UTF-8 every character fills one cell. */
static size_t character(size_t *cells, const char *text) {
  mbstate_t state;
  wchar_t wide = 0;
  memset(&state, 0, sizeof state);
  *cells = 1;
  size_t bytes = utf8_locale() ? mbrtowc(&wide, text, strlen(text), &state) : (size_t)-1;
  if (bytes == 0 || bytes > 4) { /* not readable: by the form of UTF-8 */
    for (bytes = 1; ((unsigned char)text[bytes] & 0xc0) == 0x80;) bytes++;
    return bytes;
  }
  int width = wcwidth(wide);
  *cells = width >= 0 ? (size_t)width : 1;
  return bytes;
}

/* Control characters (C0, delete, and C1, which some terminals obey in UTF-8 too), line and paragraph
 * separators, and those that turn the direction of writing. */
static int is_harmful(const char *text, size_t bytes) {
  const unsigned char *c = (const unsigned char *)text;
  if (bytes == 1) return c[0] < 0x20 || c[0] == 0x7f;
  if (bytes == 2) return (c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xd8 && c[1] == 0x9c); /* U+061C */
  if (bytes != 3 || c[0] != 0xe2) return 0;
  if (c[1] == 0x80)
    return c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae); /* U+200E ... U+202E */
  return c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9;                     /* U+2066 to 2069 */
}

/* ---- texts ---- */

/* The locale is that of this thread alone, and only meanwhile. */
static locale_t enter(void) {
  return utf8_locale() ? uselocale(utf8_locale()) : (locale_t)0;
}

static void leave(locale_t before) {
  if (before) uselocale(before);
}

char *cells_clean(const char *text) {
  size_t bytes = checkrob_text_escape(NULL, 0, text) + 1;
  char *clean = malloc(bytes);
  if (!clean) return NULL;
  checkrob_text_escape(clean, bytes, text);
  locale_t before = enter();
  char *to = clean;
  for (const char *from = clean; *from;) {
    size_t cells = 0, length = character(&cells, from);
    if (is_harmful(from, length)) {
      *to++ = '?';
    } else {
      memmove(to, from, length);
      to += length;
    }
    from += length;
  }
  *to = '\0';
  leave(before);
  return clean;
}

size_t cells_count(const char *clean) {
  locale_t before = enter();
  size_t total = 0;
  for (const char *c = clean; *c;) {
    size_t cells = 0;
    c += character(&cells, c);
    total += cells;
  }
  leave(before);
  return total;
}

size_t cells_prefix(const char *clean, size_t cells) {
  locale_t before = enter();
  size_t used = 0, at = 0;
  while (clean[at]) {
    size_t more = 0, length = character(&more, clean + at);
    if (used + more > cells) break;
    used += more;
    at += length;
  }
  leave(before);
  return at;
}
