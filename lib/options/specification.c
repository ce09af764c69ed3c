/* SPDX-License-Identifier: Apache-2.0 */
/* Run specifications: options as a JSON object, read and written. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/part_file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "options/declared.h"
#include "options/handle.h"

#define MAX_FILE_BYTES (16 << 20)

/* ---- reading ---- */

static checkrob_status wrong_type(const declared_option *declared, const char *expected) {
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "\"%s\" must be %s", declared->info.name, expected);
}

typedef checkrob_status (*option_setter)(checkrob_options *, const char *name, const char *value);

/* A path may have bytes that JSON cannot contain, and which are escaped there. */
static checkrob_status take_string(checkrob_options *o, const declared_option *declared, const char *text,
                                   option_setter set) {
  if (declared->info.type != CHECKROB_OPTION_PATH) return set(o, declared->info.name, text);
  char *path = text_copy(text);
  if (!path) return error_memory("options");
  utf8_unescape(path);
  checkrob_status status = set(o, declared->info.name, path);
  free(path);
  return status;
}

/* A string or a list of strings. */
static checkrob_status take_list(checkrob_options *o, const declared_option *declared, const json_t *value) {
  if (json_is_string(value)) return take_string(o, declared, json_string_value(value), checkrob_options_set);
  if (!json_is_array(value)) return wrong_type(declared, "a string or a list of strings");
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < json_array_size(value) && !status; i++) {
    const char *item = json_string_value(json_array_get(value, i));
    status = item ? take_string(o, declared, item, checkrob_options_add)
                  : wrong_type(declared, "a list of strings");
  }
  return status;
}

/* "difficult,crowd", or ["difficult", "crowd"]. */
static checkrob_status take_choices(checkrob_options *o, const declared_option *declared,
                                    const json_t *value) {
  const char *name = declared->info.name;
  if (json_is_string(value)) return checkrob_options_set(o, name, json_string_value(value));
  if (!json_is_array(value)) return wrong_type(declared, "a string or a list of strings");
  char *joined = text_copy("");
  checkrob_status status = joined ? CHECKROB_OK : error_memory("options");
  for (size_t i = 0; i < json_array_size(value) && !status; i++) {
    const char *item = json_string_value(json_array_get(value, i));
    if (!item) {
      status = wrong_type(declared, "a list of strings");
      break;
    }
    char *longer = text_format("%s%s%s", joined, i ? "," : "", item);
    free(joined);
    joined = longer;
    if (!joined) status = error_memory("options");
  }
  if (!status) status = checkrob_options_set(o, name, joined);
  free(joined);
  return status;
}

/* With as few digits as read the same number back: 0.485, not 0.48499999999999999. */
static char *object_text(const json_t *object) {
  char *text = json_dumps(object, JSON_REAL_PRECISION(15));
  json_t *read_back = text ? json_loads(text, 0, NULL) : NULL;
  if (text && !read_back) {
    free(text);
    return NULL;
  }
  if (text && !json_equal(object, read_back)) {
    free(text);
    text = json_dumps(object, JSON_REAL_PRECISION(17));
  }
  json_decref(read_back);
  return text;
}

static checkrob_status take_text(checkrob_options *o, const declared_option *declared, const json_t *value) {
  const char *name = declared->info.name;
  if (json_is_string(value)) return take_string(o, declared, json_string_value(value), checkrob_options_set);
  if (!declared->takes_object) return wrong_type(declared, "a string");
  if (!json_is_object(value)) return wrong_type(declared, "a string or an object");
  char *text = object_text(value);
  checkrob_status status = text ? checkrob_options_set(o, name, text) : error_memory("options");
  free(text);
  return status;
}

static checkrob_status take_number(checkrob_options *o, const declared_option *declared,
                                   const json_t *value) {
  const char *name = declared->info.name;
  if (json_is_integer(value)) return checkrob_options_set_integer(o, name, json_integer_value(value));
  if (json_is_real(value)) return checkrob_options_set_number(o, name, json_real_value(value));
  return wrong_type(declared, declared->info.type == CHECKROB_OPTION_INTEGER ? "a whole number" : "a number");
}

static checkrob_status take_value(checkrob_options *o, const declared_option *declared, const json_t *value) {
  if (declared->info.is_list) return take_list(o, declared, value);
  switch (declared->info.type) {
    case CHECKROB_OPTION_INTEGER:
    case CHECKROB_OPTION_NUMBER:
      return take_number(o, declared, value);
    case CHECKROB_OPTION_FLAG:
      if (!json_is_boolean(value)) return wrong_type(declared, "true or false");
      return checkrob_options_set_integer(o, declared->info.name, json_is_true(value));
    case CHECKROB_OPTION_CHOICES:
      return take_choices(o, declared, value);
    case CHECKROB_OPTION_CHOICE:
    case CHECKROB_OPTION_TEXT:
    case CHECKROB_OPTION_PATH:
      break;
  }
  return take_text(o, declared, value);
}

/* An invalid value makes the file invalid. */
static checkrob_status in_file(checkrob_status status, const char *where) {
  if (status == CHECKROB_OK || status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: %s", where, checkrob_last_error());
}

static checkrob_status take_object(checkrob_options *o, json_t *object, const char *where) {
  const char *name;
  json_t *value;
  checkrob_status status = CHECKROB_OK;
  json_object_foreach(object, name, value) {
    const declared_option *declared = declared_find(name);
    status = declared ? take_value(o, declared, value) : declared_unknown(name);
    if (status) break;
  }
  return in_file(status, where);
}

static checkrob_status read_root(checkrob_options **out, json_t *root, const char *where) {
  json_t *inner = json_object_get(root, "options"); /* of a summary.json */
  json_t *object = inner ? inner : root;
  if (!json_is_object(object))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: must be a JSON object: {\"model\": ...}", where);
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = take_object(options, object, where);
  if (status)
    checkrob_options_free(options);
  else
    *out = options;
  return status;
}

static checkrob_status parse(checkrob_options **out, const char *json, size_t bytes, const char *where) {
  json_t *root = NULL;
  checkrob_status status = json_parse_file(&root, json, bytes, where, "options");
  if (!status) status = read_root(out, root, where);
  json_decref(root);
  return status;
}

checkrob_status checkrob_options_parse(checkrob_options **out, const char *json, size_t bytes) {
  if (!out || !json)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_parse: out or json is NULL");
  return parse(out, json, bytes, "the specification");
}

checkrob_status checkrob_options_read(checkrob_options **out, const char *path) {
  if (!out || !path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_read: out or path is NULL");
  char *text = NULL;
  size_t bytes = 0;
  checkrob_status status = file_read(&text, &bytes, path, MAX_FILE_BYTES);
  if (!status) status = parse(out, text, bytes, path);
  free(text);
  return status;
}

/* ---- writing ---- */

static bool is_object(const char *text) {
  json_t *value = *text == '{' ? json_loads(text, 0, NULL) : NULL;
  bool is = json_is_object(value);
  json_decref(value);
  return is;
}

static checkrob_status put_string(FILE *file, const char *text) {
  char *escaped = utf8_escaped(text);
  json_t *string = escaped ? json_string(escaped) : NULL;
  free(escaped);
  if (!string) return error_memory("options");
  char *quoted = json_dumps(string, JSON_ENCODE_ANY);
  json_decref(string);
  if (!quoted) return error_memory("options");
  fputs(quoted, file);
  free(quoted);
  return CHECKROB_OK;
}

static checkrob_status put_value(FILE *file, const declared_option *declared, const char *text) {
  const checkrob_option_info *info = &declared->info;
  bool is_bare = info->type == CHECKROB_OPTION_INTEGER || info->type == CHECKROB_OPTION_NUMBER ||
                 info->type == CHECKROB_OPTION_FLAG || (declared->takes_object && is_object(text));
  if (!is_bare) return put_string(file, text);
  fputs(text, file);
  return CHECKROB_OK;
}

static checkrob_status put_list(FILE *file, const checkrob_options *o, const declared_option *declared) {
  checkrob_status status = CHECKROB_OK;
  size_t count = checkrob_options_count(o, declared->info.name);
  for (size_t i = 0; i < count && !status; i++) {
    fputs(i ? ", " : "[", file);
    status = put_value(file, declared, checkrob_options_item(o, declared->info.name, i));
  }
  fputs("]", file);
  return status;
}

/* The options that are set or, if `in_force`, all that have a value. */
static checkrob_status put_options(FILE *file, const checkrob_options *o, bool in_force) {
  checkrob_status status = CHECKROB_OK;
  const char *between = "{\n";
  for (size_t i = 0; i < declared_option_count && !status; i++) {
    const declared_option *declared = &declared_options[i];
    const char *name = declared->info.name;
    bool has_default = declared->info.default_text != NULL;
    if (!checkrob_options_is_set(o, name) && !(in_force && has_default)) continue;
    fprintf(file, "%s  \"%s\": ", between, name);
    between = ",\n";
    status = declared->info.is_list ? put_list(file, o, declared)
                                    : put_value(file, declared, checkrob_options_text(o, name));
  }
  fputs(*between == '{' ? "{}" : "\n}", file);
  return status;
}

static checkrob_status write_json(char **out, const checkrob_options *o, bool in_force) {
  text_writer w;
  if (!text_writer_start(&w)) return error_memory("options");
  json_watch();
  checkrob_status status = put_options(w.file, o, in_force);
  if (json_ran_short()) status = error_memory("options");
  char *text = text_writer_finish(&w);
  if (!text && !status) status = error_memory("options");
  if (status)
    free(text);
  else
    *out = text;
  return status;
}

checkrob_status checkrob_options_json(char **out, const checkrob_options *options) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_json: out is NULL");
  return write_json(out, options, false);
}

checkrob_status checkrob_options_json_in_force(char **out, const checkrob_options *options) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_json_in_force: out is NULL");
  return write_json(out, options, true);
}

void checkrob_options_json_free(char *json) {
  free(json);
}

checkrob_status checkrob_options_write(const checkrob_options *options, const char *path) {
  if (!path) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_options_write: path is NULL");
  char *text = NULL;
  checkrob_status status = write_json(&text, options, false);
  if (status) return status;
  char *line = text_format("%s\n", text);
  free(text);
  status = line ? file_write_whole(path, line, strlen(line)) : error_memory("options");
  free(line);
  return status;
}
