/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/json_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/number.h"

#define EXACT 9007199254740992.0 /* 2^53: above, not every whole number is a double */

/* ---- parsing ---- */

static bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' ||
         c == '.';
}

static bool is_one_of(const char *word, size_t bytes, const char *const *all) {
  for (; *all; all++)
    if (strlen(*all) == bytes && memcmp(word, *all, bytes) == 0) return true;
  return false;
}

/* Copies a number or a word. At most two bytes are added: quotes. */
static char *mend_word(char *to, const char *word, size_t bytes) {
  static const char *const not_json[] = {"NaN", "Infinity", "-Infinity", NULL};
  size_t digits = strspn(word, "-0123456789");
  bool is_huge = digits >= bytes && bytes > 18; /* within 64 bits there are at most 19 digits */
  if (is_one_of(word, bytes, not_json)) return stpcpy(to, "null"); /* the NUL is written over */
  if (is_huge) *to++ = '"';
  memcpy(to, word, bytes);
  to += bytes;
  if (is_huge) *to++ = '"';
  return to;
}

/* A copy that is JSON. The caller frees it; NULL if out of memory. */
static char *mend(size_t *mended, const char *text, size_t bytes) {
  char *copy = malloc(2 * bytes + 3), *to = copy;
  if (!copy) return NULL;
  const char *end = text + bytes;
  for (bool quoted = false; text < end;) {
    if (!quoted && is_word(*text)) {
      size_t length = 0;
      while (text + length < end && is_word(text[length])) length++;
      to = mend_word(to, text, length);
      text += length;
      continue;
    }
    if (quoted && *text == '\\' && text + 1 < end)
      *to++ = *text++;
    else if (*text == '"')
      quoted = !quoted;
    *to++ = *text++;
  }
  *mended = (size_t)(to - copy);
  return copy;
}

checkrob_status json_value_parse(json_t **out, const char *text, size_t bytes) {
  static const char purpose[] = "an element of JSON";
  static const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
  json_error_t problem;
  checkrob_status status = json_parse(out, &problem, text, bytes, flags, purpose);
  if (status != CHECKROB_ERROR_BAD_INPUT) return status;
  size_t mended_bytes = 0;
  char *mended = mend(&mended_bytes, text, bytes);
  if (!mended) return error_memory(purpose);
  json_error_t ignored;
  status = json_parse(out, &ignored, mended, mended_bytes, flags, purpose);
  free(mended);
  if (status != CHECKROB_ERROR_BAD_INPUT) return status;
  if (json_error_code(&problem) == json_error_invalid_utf8)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "is not UTF-8 text");
  return error_set(CHECKROB_ERROR_BAD_INPUT, "is not JSON (%.80s)", problem.text);
}

/* ---- values ---- */

static bool whole(int64_t *out, double value) {
  if (value != floor(value) || fabs(value) > EXACT) return false;
  *out = (int64_t)value;
  return true;
}

bool json_whole(int64_t *out, const json_t *value) {
  double real;
  if (json_is_integer(value)) {
    *out = json_integer_value(value);
    return true;
  }
  if (json_is_string(value)) {
    const char *text = json_string_value(value);
    bool negative = *text == '-';
    if (number_parse_index(out, text + negative)) {
      if (negative) *out = -*out;
      return true;
    }
  }
  return json_real_number(&real, value) && whole(out, real);
}

bool json_real_number(double *out, const json_t *value) {
  if (json_is_string(value)) return number_parse(out, json_string_value(value));
  if (!json_is_number(value)) return false;
  *out = json_number_value(value);
  return isfinite(*out);
}

int json_flag(const json_t *value) {
  int64_t number;
  if (!value || json_is_null(value) || json_is_false(value)) return 0;
  if (json_is_true(value)) return 1;
  return json_whole(&number, value) && (number == 0 || number == 1) ? (int)number : -1;
}

json_shown json_show(const json_t *value) {
  json_shown shown = {"(none)"};
  char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
  if (!text) return shown;
  size_t bytes = strlen(text);
  if (bytes >= sizeof shown.text) {
    bytes = sizeof shown.text - 4;
    while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80) bytes--;
  }
  snprintf(shown.text, sizeof shown.text, "%.*s%s", (int)bytes, text, text[bytes] ? "..." : "");
  free(text);
  return shown;
}
