/* SPDX-License-Identifier: Apache-2.0 */
#include "options/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/text.h"

static checkrob_status finish(option_item *out, const char *text, int64_t integer, double number) {
  *out = (option_item){text_copy(text), integer, number};
  return out->text ? CHECKROB_OK : error_memory("options");
}

/* "mean or max", "difficult, truncated or crowd". */
static void write_choices(char *list, size_t bytes, const char *choices) {
  size_t used = 0;
  list[0] = '\0';
  for (const char *choice = choices; *choice && used < bytes;) {
    size_t length = strcspn(choice, "|");
    const char *next = choice + length + (choice[length] == '|');
    const char *between = *next ? ", " : " or ";
    used += (size_t)snprintf(list + used, bytes - used, "%s%.*s", used ? between : "", (int)length, choice);
    choice = next;
  }
}

/* ---- numbers ---- */

#define RANGE_BYTES 160

/* "from 1 to 4096", "1 or more", "above 0 and below 1"; "" for a range without bounds. */
static void write_range(char range[RANGE_BYTES], const checkrob_option_info *info) {
  number_text low = number_write(info->low, 15, true), high = number_write(info->high, 15, true);
  range[0] = '\0';
  if (isfinite(info->low) && isfinite(info->high))
    snprintf(range, RANGE_BYTES, info->excludes_bounds ? "above %s and below %s" : "from %s to %s", low.text,
             high.text);
  else if (isfinite(info->low))
    snprintf(range, RANGE_BYTES, "%s or more", low.text);
  else if (isfinite(info->high))
    snprintf(range, RANGE_BYTES, "%s or less", high.text);
}

static checkrob_status out_of_range(const checkrob_option_info *info, const char *value) {
  char range[RANGE_BYTES];
  write_range(range, info);
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is %s, but must be %s", info->name, value,
                   *range ? range : "a number");
}

static checkrob_status not_a_number(const checkrob_option_info *info, const char *value) {
  char range[RANGE_BYTES];
  write_range(range, info);
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is '%s', but must be a %s%s%s", info->name, value,
                   info->type == CHECKROB_OPTION_INTEGER ? "whole number" : "number", *range ? ", " : "",
                   range);
}

static bool is_in_range(const checkrob_option_info *info, double value) {
  if (info->excludes_bounds) return value > info->low && value < info->high;
  return value >= info->low && value <= info->high; /* not NaN */
}

static checkrob_status wrong_type(const checkrob_option_info *info, const char *value) {
  if (info->choices) {
    char list[512];
    write_choices(list, sizeof list, info->choices);
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is %s, but must be %s", info->name, value, list);
  }
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is %s, but must be %s", info->name, value,
                   info->type == CHECKROB_OPTION_FLAG ? "true or false" : "text");
}

checkrob_status check_integer(option_item *out, const declared_option *declared, int64_t value) {
  const checkrob_option_info *info = &declared->info;
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  if (info->type == CHECKROB_OPTION_FLAG && (value == 0 || value == 1))
    return finish(out, value ? "true" : "false", value, NAN);
  if (info->type != CHECKROB_OPTION_INTEGER && info->type != CHECKROB_OPTION_NUMBER)
    return wrong_type(info, text);
  if (!is_in_range(info, (double)value)) return out_of_range(info, text);
  return finish(out, text, value, (double)value);
}

checkrob_status check_number(option_item *out, const declared_option *declared, double value) {
  const checkrob_option_info *info = &declared->info;
  if (value == 0.0) value = 0.0; /* not -0: JSON writes it as 0, and a run that is repeated has the same */
  number_text text = number_write_shortest(value);
  if (info->type == CHECKROB_OPTION_INTEGER) {
    bool is_whole = value == floor(value) && fabs(value) < 9.2e18;
    return is_whole ? check_integer(out, declared, (int64_t)value) : not_a_number(info, text.text);
  }
  if (info->type != CHECKROB_OPTION_NUMBER) return wrong_type(info, text.text);
  if (!isfinite(value) || !is_in_range(info, value)) return out_of_range(info, text.text);
  return finish(out, text.text, -1, value);
}

static checkrob_status check_integer_text(option_item *out, const declared_option *declared,
                                          const char *text) {
  int64_t value = 0;
  bool is_negative = *text == '-';
  if (!number_parse_index(&value, text + is_negative)) return not_a_number(&declared->info, text);
  return check_integer(out, declared, is_negative ? -value : value);
}

static checkrob_status check_number_text(option_item *out, const declared_option *declared,
                                         const char *text) {
  double value = 0.0;
  if (!number_parse(&value, text)) return not_a_number(&declared->info, text);
  return check_number(out, declared, value);
}

/* ---- names ---- */

/* "; the nearest is 'voc'", if one is near enough to be meant. */
static void write_nearest(char *out, size_t bytes, const char *choices, const char *text) {
  char copy[512], *rest = NULL;
  nearest_names near;
  nearest_start(&near, text);
  snprintf(copy, sizeof copy, "%s", choices);
  for (char *choice = strtok_r(copy, "|", &rest); choice; choice = strtok_r(NULL, "|", &rest))
    nearest_offer(&near, choice);
  /* A capital stands for a number, and such choices are short: a 'gpu' is no 'cpu', but cuda. */
  bool is_free = strpbrk(choices, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
  bool is_meant = !is_free && near.count > 0 && near.distances[0] <= 3 && near.distances[0] < strlen(text);
  snprintf(out, bytes, is_meant ? "; the nearest is '%s'" : "%s", is_meant ? near.names[0] : "");
}

static checkrob_status no_choice(const checkrob_option_info *info, const char *text) {
  char list[512], nearest[128];
  write_choices(list, sizeof list, info->choices);
  write_nearest(nearest, sizeof nearest, info->choices, text);
  bool several = info->type == CHECKROB_OPTION_CHOICES;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is '%s', but must be %s%s%s", info->name, text, list,
                   several ? ", or several of them with commas between" : "", nearest);
}

static checkrob_status check_choice(option_item *out, const checkrob_option_info *info, const char *text) {
  size_t bytes = 0;
  char name[64];
  const char *choice = declared_choice(&bytes, info->choices, text, strlen(text));
  if (!choice) return no_choice(info, text);
  snprintf(name, sizeof name, "%.*s", (int)bytes, choice);
  return finish(out, name, -1, NAN);
}

/* The order and repetitions of the choices do not matter: the same choices are stored as the same text. */
static checkrob_status check_choices(option_item *out, const checkrob_option_info *info, const char *text) {
  char *chosen = calloc(strlen(info->choices) + 1, 1); /* marks the start of each chosen one */
  if (!chosen) return error_memory("options");
  checkrob_status status = CHECKROB_OK;
  for (const char *word = text; *word && !status;) {
    size_t length = strcspn(word, ","), bytes = 0;
    const char *choice = declared_choice(&bytes, info->choices, word, length);
    if (choice)
      chosen[choice - info->choices] = 1;
    else
      status = no_choice(info, text);
    word += length + (word[length] == ',');
  }
  char list[512] = "";
  size_t used = 0;
  for (size_t i = 0; info->choices[i] && !status && used < sizeof list; i++)
    if (chosen[i])
      used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", used ? "," : "",
                               (int)strcspn(info->choices + i, "|"), info->choices + i);
  free(chosen);
  return status ? status : finish(out, list, -1, NAN);
}

static checkrob_status check_flag(option_item *out, const checkrob_option_info *info, const char *text) {
  if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) return finish(out, "true", 1, NAN);
  if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0) return finish(out, "false", 0, NAN);
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is '%s', but must be true or false", info->name,
                   text);
}

/* ---- text ---- */

static checkrob_status check_syntax(option_item *out, const declared_option *declared, const char *text) {
  char *lower = text_copy(text);
  if (!lower) return error_memory("options");
  for (char *c = lower; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  const checkrob_option_info *info = &declared->info;
  checkrob_status status = CHECKROB_OK;
  if (declared->holds(lower))
    *out = (option_item){lower, -1, NAN};
  else if (info->choices)
    status = no_choice(info, text);
  else
    status = error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is '%s', but must be %s: %s", info->name, text,
                       info->argument, info->help);
  if (status) free(lower);
  return status;
}

checkrob_status check_text(option_item *out, const declared_option *declared, const char *text) {
  const checkrob_option_info *info = &declared->info;
  if (!text) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is NULL", info->name);
  if (!*text && info->type != CHECKROB_OPTION_CHOICES)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%s is empty", info->name);
  if (declared->holds) return check_syntax(out, declared, text);
  switch (info->type) {
    case CHECKROB_OPTION_INTEGER:
      return check_integer_text(out, declared, text);
    case CHECKROB_OPTION_NUMBER:
      return check_number_text(out, declared, text);
    case CHECKROB_OPTION_CHOICE:
      return check_choice(out, info, text);
    case CHECKROB_OPTION_CHOICES:
      return check_choices(out, info, text);
    case CHECKROB_OPTION_FLAG:
      return check_flag(out, info, text);
    case CHECKROB_OPTION_TEXT:
    case CHECKROB_OPTION_PATH:
      break;
  }
  return finish(out, text, -1, NAN);
}
