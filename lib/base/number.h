/* Numbers as files write them. strtod() would follow the program's locale and stop at the point of "12.5"
 * under one that writes a comma. */
#ifndef CHECKROB_LIB_NUMBER_H
#define CHECKROB_LIB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number such as -12, 0.5, .5 or 1e-05, and nothing around it. Up to 15 digits and a power of ten
 * of up to 22 are read exactly as strtod() reads them; beyond that the last bits may differ. */
bool number_parse(double *out, const char *text);

/* Digits alone, up to INT64_MAX. */
bool number_parse_index(int64_t *out, const char *text);

#endif
