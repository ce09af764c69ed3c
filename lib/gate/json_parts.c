/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/json_parts.h"

#include <stdlib.h>

#include "base/number.h"

void json_begin(void) {
  json_watch();
}

char *json_text_of(json_t *root) {
  char *text = root && !json_ran_short() ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
  json_decref(root);
  if (!json_ran_short()) return text;
  free(text);
  return NULL;
}

json_t *json_count(size_t count) {
  return json_integer((json_int_t)count);
}

json_t *json_options(const findings *f) {
  json_t *options = json_object();
  for (size_t i = 0; i < f->options.count; i++)
    json_object_set_new(options, f->options.items[i].name, json_text(f->options.items[i].value));
  return options;
}

static json_t *json_value(const named_text *value) {
  double number = 0;
  if (!value->text) return json_null();
  return value->is_number && number_parse(&number, value->text) ? json_real(number) : json_text(value->text);
}

json_t *json_values(const violation *v) {
  json_t *values = json_object();
  for (size_t i = 0; i < v->value_count; i++)
    json_object_set_new(values, v->values[i].name, json_value(&v->values[i]));
  return values;
}
