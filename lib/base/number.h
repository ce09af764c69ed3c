/* Numbers as files write them. strtod() and printf() follow the program's locale: under one that writes a
 * comma they stop at the point of "12.5", and write "12,5". */
#ifndef CHECKROB_LIB_NUMBER_H
#define CHECKROB_LIB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number such as -12, 0.5, .5 or 1e-05, and nothing around it. Up to 15 digits and a power of ten
 * of up to 22 are read exactly as strtod() reads them; beyond that the last bits may differ. */
bool number_parse(double *out, const char *text);

typedef struct number_text {
  char text[64];
} number_text;

/* As printf() writes it with "%.*f" or, with `significant`, "%.*g", but always with a point. */
number_text number_write(double value, int digits, bool significant);

/* With at most 15 digits where strtod() then reads the same number back, else 17: 0.95 is no
 * 0.94999999999999996. */
number_text number_write_shortest(double value);

/* Digits alone, up to INT64_MAX. */
bool number_parse_index(int64_t *out, const char *text);

#endif
