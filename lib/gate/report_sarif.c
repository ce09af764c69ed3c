/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0, the OASIS standard for results of static analysis. */
#include <checkrob/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "gate/json_parts.h"
#include "gate/report.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* ---- rules: a reason of a verdict, or a condition ---- */

/* The caller frees it; NULL: out of memory. */
static char *rule_id(const checkrob_gate *gate, const violation *v) {
  size_t number = 0;
  switch (v->kind) {
    case CHECKROB_VIOLATION_VERDICT:
      return text_format("verdict/%s", gate->found.classes[v->class].reason_code);
    case CHECKROB_VIOLATION_CONDITION:
      for (size_t i = 0; i <= v->condition; i++) number += gate->conditions[i].kind == EXPRESSION_CONDITION;
      return text_format("condition/%zu", number);
    default:
      return text_copy(violation_kind_name(v->kind));
  }
}

static const char *rule_help(const checkrob_gate *gate, const violation *v) {
  if (v->kind == CHECKROB_VIOLATION_CONDITION)
    return "A condition on the columns of a class may hold for none.";
  if (v->kind == CHECKROB_VIOLATION_FAILURES)
    return "Too many samples could not be evaluated, so the results say too little. The columns status and "
           "message of images.csv say why.";
  if (v->kind == CHECKROB_VIOLATION_UNJUDGED)
    return "What cannot be judged does not pass: give the class images that can be evaluated, or the run the "
           "options that compute what the condition asks for.";
  for (size_t i = 0; i < checkrob_verdict_reason_count(); i++)
    if (strcmp(checkrob_verdict_reason_code(i), gate->found.classes[v->class].reason_code) == 0)
      return checkrob_verdict_reason_description(i);
  return "The class has a verdict that no class may have.";
}

static json_t *message_object(const char *text) {
  return json_pack("{s:o}", "text", json_text(text));
}

static json_t *rule_of(const checkrob_gate *gate, const violation *v, const char *id) {
  const char *name = v->kind == CHECKROB_VIOLATION_VERDICT     ? gate->found.classes[v->class].reason_code
                     : v->kind == CHECKROB_VIOLATION_CONDITION ? violation_condition(gate, v)
                                                               : violation_kind_name(v->kind);
  return json_pack("{s:o, s:o, s:o, s:o, s:{s:s}}", "id", json_text(id), "shortDescription",
                   message_object(name), "fullDescription", message_object(rule_help(gate, v)), "help",
                   message_object(rule_help(gate, v)), "defaultConfiguration", "level", "error");
}

/* The rule's position in the list, where it is added if it is missing. */
static size_t find_rule(json_t *rules, const checkrob_gate *gate, const violation *v, const char *id) {
  size_t count = json_array_size(rules);
  for (size_t i = 0; i < count; i++)
    if (strcmp(json_string_value(json_object_get(json_array_get(rules, i), "id")), id) == 0) return i;
  json_array_append_new(rules, rule_of(gate, v, id));
  return count;
}

/* ---- where ---- */

/* A relative path as a URI; bytes that are no characters of a path in a URI are percent-encoded. The caller
 * frees it; NULL: out of memory. */
static char *uri_of(const char *path) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  char *bytes = text_copy(path), *uri = malloc(3 * strlen(path) + 1), *to = uri;
  if (bytes) utf8_unescape(bytes);
  for (const char *c = bytes; c && uri && *c; c++) {
    if (strchr(plain, *c))
      *to++ = *c;
    else
      to += sprintf(to, "%%%02X", (unsigned char)*c);
  }
  if (uri) *to = '\0';
  free(bytes);
  return uri;
}

/* An absolute path needs no base. */
static json_t *artifact_of(const char *path) {
  char *uri = uri_of(path);
  char *full = uri && path[0] == '/' ? text_format("file://%s", uri) : NULL;
  json_t *artifact = path[0] == '/' ? json_pack("{s:s}", "uri", full ? full : "")
                                    : json_pack("{s:s, s:s}", "uri", uri ? uri : "", "uriBaseId", "IMAGES");
  if (!uri || (path[0] == '/' && !full)) {
    json_decref(artifact);
    artifact = NULL;
  }
  free(full);
  free(uri);
  return artifact;
}

static json_t *physical_of(const worst_image *image) {
  return json_pack("{s:o}", "artifactLocation", artifact_of(image->path));
}

/* The class, in the image with the lowest RS. */
static json_t *location_of(const judged_class *c) {
  json_t *location = json_pack("{s:[{s:o, s:o, s:s}]}", "logicalLocations", "name",
                               json_text(*c->title ? c->title : c->name), "fullyQualifiedName",
                               json_text(c->name), "kind", "class");
  if (c->worst_count > 0) json_object_set_new(location, "physicalLocation", physical_of(&c->worst[0]));
  return location;
}

static json_t *others_of(const judged_class *c) {
  json_t *others = json_array();
  for (size_t i = 1; i < c->worst_count; i++) {
    char text[64];
    snprintf(text, sizeof text, "one of the %zu images with the lowest RS", c->worst_count);
    json_array_append_new(others,
                          json_pack("{s:I, s:o, s:o}", "id", (json_int_t)i, "message", message_object(text),
                                    "physicalLocation", physical_of(&c->worst[i])));
  }
  return others;
}

/* ---- results ---- */

static json_t *properties_of(const checkrob_gate *gate, const violation *v, const judged_class *c) {
  json_t *properties =
      json_pack("{s:o, s:o}", "condition", json_text(violation_condition(gate, v)), "values", json_values(v));
  if (!c) return properties;
  json_object_set_new(properties, "verdict", json_text(c->verdict));
  json_object_set_new(properties, "reason_code", json_text(c->reason_code));
  json_object_set_new(properties, "index", json_integer((json_int_t)c->index));
  return properties;
}

static json_t *result_of(const checkrob_gate *gate, const violation *v, const char *rule, size_t index) {
  const judged_class *c = v->class == GATE_NO_CLASS ? NULL : &gate->found.classes[v->class];
  char *message = text_format("%s%s%s", c ? c->name : "", c ? ": " : "", v->message);
  char *print = text_format("%s|%s", rule, c ? c->name : "");
  json_t *result = message && print
                       ? json_pack("{s:s, s:o, s:s, s:o, s:{s:o}, s:o}", "ruleId", rule, "ruleIndex",
                                   json_count(index), "level", v->is_new ? "error" : "note", "message",
                                   message_object(message), "partialFingerprints", "checkrobViolation/v1",
                                   json_text(print), "properties", properties_of(gate, v, c))
                       : NULL;
  if (result && c) {
    json_object_set_new(result, "locations", json_pack("[o]", location_of(c)));
    if (c->worst_count > 1) json_object_set_new(result, "relatedLocations", others_of(c));
  }
  if (result && gate->found.has_baseline)
    json_object_set_new(result, "baselineState", json_string(v->is_new ? "new" : "unchanged"));
  free(message);
  free(print);
  return result;
}

/* False: out of memory. */
static bool add_results(json_t *results, json_t *rules, const checkrob_gate *gate) {
  bool has_memory = true;
  for (size_t i = 0; i < gate->found.violation_count && has_memory; i++) {
    const violation *v = &gate->found.violations[i];
    char *id = rule_id(gate, v);
    json_t *result = id ? result_of(gate, v, id, find_rule(rules, gate, v, id)) : NULL;
    has_memory = json_array_append_new(results, result) == 0;
    free(id);
  }
  return has_memory;
}

/* ---- the whole ---- */

static json_t *invocation_of(const checkrob_gate *gate) {
  int closed = checkrob_gate_is_closed(gate);
  json_t *notes = json_array();
  for (size_t i = 0; i < gate->found.remark_count; i++)
    json_array_append_new(
        notes, json_pack("{s:s, s:o}", "level", "note", "message", message_object(gate->found.remarks[i])));
  return json_pack("{s:b, s:{s:b}, s:o}", "executionSuccessful", 1, "properties", "closed", closed,
                   "toolExecutionNotifications", notes);
}

static json_t *run_properties(const checkrob_gate *gate) {
  json_t *conditions = json_array();
  for (size_t i = 0; i < gate->count; i++)
    json_array_append_new(conditions, json_text(gate->conditions[i].text));
  return json_pack("{s:o, s:o}", "conditions", conditions, "options", json_options(&gate->found));
}

char *report_sarif(const checkrob_gate *gate) {
  json_begin();
  json_t *results = json_array(), *rules = json_array();
  if (!add_results(results, rules, gate)) {
    json_decref(results);
    json_decref(rules);
    return NULL;
  }
  json_t *run =
      json_pack("{s:{s:{s:s, s:s, s:s, s:o}}, s:[o], s:{s:{s:{s:s}}}, s:o, s:o}", "tool", "driver", "name",
                "checkrob", "version", checkrob_version(), "semanticVersion", checkrob_version(), "rules",
                rules, "invocations", invocation_of(gate), "originalUriBaseIds", "IMAGES", "description",
                "text", "the folder of the images, option images of the run", "results", results,
                "properties", run_properties(gate));
  return json_text_of(json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs", run));
}
