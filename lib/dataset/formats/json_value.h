/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as exporters write it: numbers as text, true for 1, Python's NaN. What is certain is read; the caller
 * refuses the rest. */
#ifndef CHECKROB_LIB_JSON_VALUE_H
#define CHECKROB_LIB_JSON_VALUE_H

#include <checkrob/status.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Parses one value. NaN and Infinity, which Python writes, become null; whole numbers beyond 64 bits become
 * text. BAD_INPUT with a predicate as error message: "is not JSON (...)"; OUT_OF_MEMORY. */
checkrob_status json_value_parse(json_t **out, const char *text, size_t bytes);

/* A whole number in any spelling: 7, 7.0, "7", "7.0". A value with a point must be below 2^53. */
bool json_whole(int64_t *out, const json_t *value);

/* A finite number, or text that is one. */
bool json_real_number(double *out, const json_t *value);

/* 1: true, or 1 in any spelling; 0: false, null, 0, or no value; else -1. */
int json_flag(const json_t *value);

/* The value in error messages, cut if it is long: "7", null. */
typedef struct json_shown {
  char text[64];
} json_shown;
json_shown json_show(const json_t *value);

#endif
