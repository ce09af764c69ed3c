/* SPDX-License-Identifier: Apache-2.0 */
/* JSON by the schema docs/gate.schema.json. */
#include <checkrob/version.h>

#include "gate/json_parts.h"
#include "gate/report.h"

static json_t *conditions_of(const checkrob_gate *gate) {
  static const char *const kinds[] = {"verdict", "condition", "failures"};
  json_t *list = json_array();
  for (size_t i = 0; i < gate->count; i++)
    json_array_append_new(list, json_pack("{s:s, s:o}", "kind", kinds[gate->conditions[i].kind], "text",
                                          json_text(gate->conditions[i].text)));
  return list;
}

static json_t *counts_of(const checkrob_gate *gate) {
  checkrob_gate_counts c = CHECKROB_GATE_COUNTS_INIT;
  checkrob_gate_count(&c, gate);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "classes", json_count(c.classes), "passed",
                   json_count(c.passed), "violations", json_count(c.violations), "new",
                   json_count(c.new_violations), "old", json_count(c.old_violations), "fixed",
                   json_count(c.fixed_violations), "samples", json_count(c.samples), "failed_samples",
                   json_count(c.failed_samples));
}

static json_t *images_of(const judged_class *c) {
  json_t *images = json_array();
  for (size_t i = 0; i < c->worst_count; i++)
    json_array_append_new(
        images, json_pack("{s:o, s:f}", "image", json_text(c->worst[i].path), "rs", c->worst[i].rs));
  return images;
}

/* Without a class: null. */
static json_t *class_of(const judged_class *c) {
  if (!c) return json_null();
  return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "name", json_text(c->name), "title",
                   json_text(c->title), "index", (json_int_t)c->index, "verdict", json_text(c->verdict),
                   "reason_code", json_text(c->reason_code), "reason", json_text(c->reason), "worst_images",
                   images_of(c));
}

static json_t *violations_of(const checkrob_gate *gate) {
  json_t *list = json_array();
  for (size_t i = 0; i < gate->found.violation_count; i++) {
    const violation *v = &gate->found.violations[i];
    const judged_class *c = v->class == GATE_NO_CLASS ? NULL : &gate->found.classes[v->class];
    json_array_append_new(
        list, json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "kind", violation_kind_name(v->kind), "new",
                        (int)v->is_new, "condition", json_text(violation_condition(gate, v)), "message",
                        json_text(v->message), "class", class_of(c), "values", json_values(v)));
  }
  return list;
}

static json_t *remarks_of(const findings *f) {
  json_t *list = json_array();
  for (size_t i = 0; i < f->remark_count; i++) json_array_append_new(list, json_text(f->remarks[i]));
  return list;
}

char *report_json(const checkrob_gate *gate) {
  json_begin();
  return json_text_of(json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "format", "checkrob-gate-1",
                                "version", checkrob_version(), "closed", checkrob_gate_is_closed(gate),
                                "baseline", (int)gate->found.has_baseline, "conditions", conditions_of(gate),
                                "counts", counts_of(gate), "violations", violations_of(gate), "remarks",
                                remarks_of(&gate->found), "options", json_options(&gate->found)));
}
