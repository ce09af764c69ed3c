/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/tokens.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/number.h"
#include "base/utf8.h"

/* ---- error messages ---- */

/* Counted from 1. */
static size_t character_of(const char *source, size_t at) {
  size_t character = 1;
  for (size_t i = 0; i < at && source[i]; i++) character += ((unsigned char)source[i + 1] & 0xc0) != 0x80;
  return character;
}

void condition_error_store(const char *source, size_t at, const char *format, ...) {
  char what[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  error_store("%s (character %zu of the condition '%s')", what, character_of(source, at), source);
}

/* ---- words and signs ---- */

/* Not isalpha(), which follows the program's locale. */
static bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const struct {
  const char *word;
  token_kind kind;
} words[] = {{"and", TOKEN_AND}, {"or", TOKEN_OR}, {"not", TOKEN_NOT}, {"has", TOKEN_HAS}};

static void read_name(token *out, const char *text) {
  while (begins_name(text[out->bytes]) || is_digit(text[out->bytes])) out->bytes++;
  out->kind = TOKEN_NAME;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i].word) == out->bytes && strncasecmp(words[i].word, text, out->bytes) == 0)
      out->kind = words[i].kind;
}

/* Longer signs are first. */
static const struct {
  const char *sign;
  token_kind kind;
} signs[] = {{"<=", TOKEN_LESS_OR_EQUAL}, {">=", TOKEN_GREATER_OR_EQUAL},
             {"==", TOKEN_EQUAL},         {"!=", TOKEN_DIFFERENT},
             {"<", TOKEN_LESS},           {">", TOKEN_GREATER},
             {"=", TOKEN_EQUAL},          {"(", TOKEN_OPEN},
             {")", TOKEN_CLOSE},          {"+", TOKEN_ADD},
             {"-", TOKEN_SUBTRACT},       {"*", TOKEN_MULTIPLY},
             {"/", TOKEN_DIVIDE}};

/* What other languages have instead. */
static const struct {
  const char *sign, *instead;
} foreign[] = {{"&&", "and"}, {"||", "or"}, {"<>", "!="}, {"=<", "<="}, {"=>", ">="},
               {"!", "not"},  {"&", "and"}, {"|", "or"},  {"~", "not"}};

static checkrob_status read_sign(token *out, const char *source) {
  const char *text = source + out->at;
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    if (strncmp(text, foreign[i].sign, strlen(foreign[i].sign)) == 0 && strncmp(text, "!=", 2) != 0)
      return condition_error(CHECKROB_ERROR_BAD_INPUT, source, out->at, "write '%s' instead of '%s'",
                             foreign[i].instead, foreign[i].sign);
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
    if (strncmp(text, signs[i].sign, strlen(signs[i].sign)) != 0) continue;
    out->kind = signs[i].kind;
    out->bytes = strlen(signs[i].sign);
    return CHECKROB_OK;
  }
  return condition_error(CHECKROB_ERROR_BAD_INPUT, source, out->at, "'%.*s' has no meaning here",
                         (int)utf8_sequence(text), text);
}

/* ---- numbers and texts ---- */

static checkrob_status read_number(token *out, const char *source) {
  const char *text = source + out->at;
  char digits[64];
  size_t n = 0;
  while (is_digit(text[n]) || text[n] == '.') n++;
  if (n > 0 && (text[n] == 'e' || text[n] == 'E')) {
    size_t exponent = n + 1 + (text[n + 1] == '+' || text[n + 1] == '-');
    if (is_digit(text[exponent])) n = exponent;
    while (is_digit(text[n])) n++;
  }
  out->kind = TOKEN_NUMBER;
  out->bytes = n;
  snprintf(digits, sizeof digits, "%.*s", (int)n, text);
  if (n < sizeof digits && number_parse(&out->number, digits) && isfinite(out->number)) {
    if (!begins_name(text[n]) && text[n] != '%') return CHECKROB_OK;
    return condition_error(CHECKROB_ERROR_BAD_INPUT, source, out->at + n,
                           text[n] == '%' ? "a number has no '%%' here; write 0.8 for 80 %%"
                                          : "there must be a blank or a sign after a number");
  }
  return condition_error(CHECKROB_ERROR_BAD_INPUT, source, out->at, "'%.60s' is not a number", digits);
}

static checkrob_status read_text(token *out, const char *source) {
  const char *text = source + out->at, *end = strchr(text + 1, text[0]);
  if (!end)
    return condition_error(CHECKROB_ERROR_BAD_INPUT, source, out->at,
                           "the text after %c has no %c at its end", text[0], text[0]);
  out->kind = TOKEN_TEXT;
  out->bytes = (size_t)(end - text) + 1;
  return CHECKROB_OK;
}

checkrob_status token_read(token *out, const char *source, size_t at) {
  at += strspn(source + at, " \t\r\n");
  *out = (token){.kind = TOKEN_END, .at = at};
  const char *text = source + at;
  if (!*text) return CHECKROB_OK;
  if (*text == '"' || *text == '\'') return read_text(out, source);
  if (is_digit(*text) || (*text == '.' && is_digit(text[1]))) return read_number(out, source);
  if (!begins_name(*text)) return read_sign(out, source);
  read_name(out, text);
  return CHECKROB_OK;
}
