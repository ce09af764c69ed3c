/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Appends the digits at *text to *digits and returns their number. After 18 digits, further ones do not fit:
 * they only increase *dropped. */
static int read_digits(uint64_t *digits, int *dropped, const char **text) {
  int count = 0;
  for (; is_digit(**text) && count < 100000; (*text)++, count++) {
    if (*digits < UINT64_C(100000000000000000))
      *digits = *digits * 10 + (uint64_t)(**text - '0');
    else
      (*dropped)++;
  }
  return count;
}

static bool read_exponent(int *exponent, const char **text) {
  *exponent = 0;
  if (**text != 'e' && **text != 'E') return true;
  (*text)++;
  bool negative = **text == '-';
  if (**text == '-' || **text == '+') (*text)++;
  if (!is_digit(**text)) return false;
  for (; is_digit(**text); (*text)++)
    if (*exponent < 10000) *exponent = *exponent * 10 + (**text - '0');
  if (negative) *exponent = -*exponent;
  return true;
}

bool number_parse(double *out, const char *text) {
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  uint64_t digits = 0;
  int dropped = 0, exponent = 0;
  int whole = read_digits(&digits, &dropped, &text);
  int fraction = 0;
  if (*text == '.') {
    text++;
    fraction = read_digits(&digits, &dropped, &text);
  }
  if (whole + fraction == 0 || !read_exponent(&exponent, &text) || *text != '\0') return false;
  exponent += dropped - fraction;
  /* Dividing by a power of ten that a double holds exactly rounds once; multiplying by 0.1 rounds twice. */
  double value = exponent < 0 ? (double)digits / pow(10, -exponent) : (double)digits * pow(10, exponent);
  if (!isfinite(value)) return false;
  *out = negative ? -value : value;
  return true;
}

number_text number_write(double value, int digits, bool significant) {
  number_text n;
  snprintf(n.text, sizeof n.text, significant ? "%.*g" : "%.*f", digits, value);
  char *comma = strchr(n.text, ',');
  if (comma) *comma = '.';
  return n;
}

number_text number_write_shortest(double value) {
  double back = 0.0, size = fabs(value);
  number_text n = number_write(value, 15, true);
  /* Outside this range number_parse() and strtod() may read the same text differently. */
  bool is_exact = value == 0.0 || (size >= 1e-7 && size < 1e22);
  return is_exact && number_parse(&back, n.text) && back == value ? n : number_write(value, 17, true);
}

bool number_parse_index(int64_t *out, const char *text) {
  if (!is_digit(*text)) return false;
  int64_t value = 0;
  for (; is_digit(*text); text++) {
    int digit = *text - '0';
    if (value > (INT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  if (*text != '\0') return false;
  *out = value;
  return true;
}

bool floats_are_finite(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!isfinite(values[i])) return false;
  return true;
}
