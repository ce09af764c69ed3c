/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in files. strtod() and printf() follow the program's locale. In a locale with a decimal comma they
 * stop at the point of "12.5", and write "12,5". */
#ifndef CHECKROB_LIB_NUMBER_H
#define CHECKROB_LIB_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a decimal number such as -12, 0.5, .5 or 1e-05, without anything around it. Numbers of at most 15
 * digits and a power of ten of at most 22 are read exactly as strtod() reads them; for others the last bits
 * may differ. */
bool number_parse(double *out, const char *text);

typedef struct number_text {
  char text[64];
} number_text;

/* Formats as printf() with "%.*f" or, if `significant`, "%.*g", but always with a point. */
number_text number_write(double value, int digits, bool significant);

/* Formats with 15 digits if strtod() then reads the same number back, else with 17: 0.95, not
 * 0.94999999999999996. */
number_text number_write_shortest(double value);

/* Parses digits only, up to INT64_MAX. */
bool number_parse_index(int64_t *out, const char *text);

/* Whether none is NaN or infinite. */
bool floats_are_finite(const float *values, size_t count);

#endif
