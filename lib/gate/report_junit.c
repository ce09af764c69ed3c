/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit's XML, as Ant and Jenkins define it: a test case for each class, and one for each condition on the
 * results as a whole. */
#include <checkrob/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/utf8.h"
#include "gate/report.h"

/* ---- XML ---- */

/* XML 1.0 has no control characters but three, and neither U+FFFE nor U+FFFF. They are escaped like bytes
 * that are not UTF-8. */
static size_t allowed_bytes(const char *text) {
  size_t bytes = utf8_sequence(text);
  unsigned char c = (unsigned char)*text;
  if (bytes == 1 && c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  if (bytes == 3 && (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0)) return 0;
  return bytes;
}

/* A line end in an attribute would be read as a blank. */
static const char *entity(char c) {
  static const struct {
    char c;
    const char *text;
  } entities[] = {{'<', "&lt;"},   {'>', "&gt;"},  {'&', "&amp;"},  {'"', "&quot;"},
                  {'\'', "&#39;"}, {'\t', "&#9;"}, {'\n', "&#10;"}, {'\r', "&#13;"}};
  for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
    if (entities[i].c == c) return entities[i].text;
  return NULL;
}

static void put(FILE *file, const char *text) {
  for (size_t bytes; *text; text += bytes ? bytes : 1) {
    bytes = allowed_bytes(text);
    if (bytes == 0)
      fprintf(file, "\\x%02X", (unsigned char)*text);
    else if (entity(*text))
      fputs(entity(*text), file);
    else
      fwrite(text, 1, bytes, file);
  }
}

static void put_attribute(FILE *file, const char *name, const char *value) {
  fprintf(file, " %s=\"", name);
  put(file, value);
  fputc('"', file);
}

static void put_property(FILE *file, const char *group, const char *name, const char *value) {
  char full[128];
  snprintf(full, sizeof full, "%s%s", group, name);
  fputs("      <property", file);
  put_attribute(file, "name", full);
  put_attribute(file, "value", value);
  fputs("/>\n", file);
}

/* ---- the parts ---- */

static void put_properties(FILE *file, const checkrob_gate *gate) {
  fputs("    <properties>\n", file);
  put_property(file, "checkrob.", "version", checkrob_version());
  for (size_t i = 0; i < gate->count; i++) put_property(file, "gate.", "condition", gate->conditions[i].text);
  for (size_t i = 0; i < gate->found.remark_count; i++)
    put_property(file, "gate.", "remark", gate->found.remarks[i]);
  const store_options *options = &gate->found.options;
  for (size_t i = 0; i < options->count; i++)
    put_property(file, "run.", options->items[i].name, options->items[i].value);
  fputs("    </properties>\n", file);
}

static void begin_case(FILE *file, const char *group, const char *name) {
  fputs("    <testcase", file);
  put_attribute(file, "classname", group);
  put_attribute(file, "name", *name ? name : "(without a name)");
  fputs(" time=\"0\"", file);
}

/* The first new violation is the message; all of them are the text. */
static void put_failure(FILE *file, const checkrob_gate *gate, size_t class) {
  const findings *f = &gate->found;
  bool is_open = false;
  for (size_t i = 0; i < f->violation_count; i++) {
    const violation *v = &f->violations[i];
    if (v->class != class || !v->is_new) continue;
    if (!is_open) {
      fputs("      <failure", file);
      put_attribute(file, "type", violation_kind_name(v->kind));
      put_attribute(file, "message", v->message);
      fputs(">", file);
    }
    is_open = true;
    put(file, v->message);
    fputc('\n', file);
  }
  for (size_t i = 0; i < f->classes[class].worst_count; i++) {
    fputs("image: ", file);
    put(file, f->classes[class].worst[i].path);
    fputc('\n', file);
  }
  fputs("</failure>\n", file);
}

static bool is_not_judged(const judged_class *c) {
  return strcmp(c->verdict, checkrob_verdict_name(CHECKROB_VERDICT_NOT_ENOUGH_DATA)) == 0;
}

static void put_class(FILE *file, const checkrob_gate *gate, size_t class) {
  const judged_class *c = &gate->found.classes[class];
  begin_case(file, "checkrob.classes", c->name);
  if (c->new_violations > 0) {
    fputs(">\n", file);
    put_failure(file, gate, class);
    fputs("    </testcase>\n", file);
  } else if (c->violations > 0 || is_not_judged(c)) {
    fputs(">\n      <skipped", file);
    put_attribute(file, "message", c->violations > 0 ? "violated in the baseline too" : c->reason);
    fputs("/>\n    </testcase>\n", file);
  } else {
    fputs("/>\n", file);
  }
}

/* A test case for each violation without a class; the limit of failures has one in any case. */
static void put_whole(FILE *file, const checkrob_gate *gate) {
  bool failures = false;
  for (size_t i = 0; i < gate->found.violation_count; i++) {
    const violation *v = &gate->found.violations[i];
    if (v->class != GATE_NO_CLASS) continue;
    failures = failures || v->kind == CHECKROB_VIOLATION_FAILURES;
    begin_case(file, "checkrob.run",
               *violation_condition(gate, v) ? violation_condition(gate, v) : v->message);
    fputs(">\n      <failure", file);
    put_attribute(file, "type", violation_kind_name(v->kind));
    put_attribute(file, "message", v->message);
    fputs("/>\n    </testcase>\n", file);
  }
  for (size_t i = 0; i < gate->count && !failures; i++)
    if (gate->conditions[i].kind == FAILURES_CONDITION) {
      begin_case(file, "checkrob.run", gate->conditions[i].text);
      fputs("/>\n", file);
    }
}

/* ---- the whole ---- */

typedef struct case_counts {
  size_t all, failed, skipped;
} case_counts;

static case_counts count_cases(const checkrob_gate *gate) {
  const findings *f = &gate->found;
  case_counts n = {.all = f->class_count};
  bool failures = !gate->failures.is_set;
  for (size_t i = 0; i < f->class_count; i++) {
    const judged_class *c = &f->classes[i];
    n.failed += c->new_violations > 0;
    n.skipped += c->new_violations == 0 && (c->violations > 0 || is_not_judged(c));
  }
  for (size_t i = 0; i < f->violation_count; i++) {
    if (f->violations[i].class != GATE_NO_CLASS) continue;
    n.all++;
    n.failed++;
    failures = failures || f->violations[i].kind == CHECKROB_VIOLATION_FAILURES;
  }
  n.all += !failures;
  return n;
}

static void put_suite(FILE *file, const checkrob_gate *gate) {
  case_counts n = count_cases(gate);
  char stamp[32] = "1970-01-01T00:00:00";
  time_t now = time(NULL);
  struct tm parts;
  if (gmtime_r(&now, &parts)) strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", file);
  fprintf(file,
          "  <testsuite id=\"0\" package=\"checkrob\" name=\"checkrob gate\" timestamp=\"%s\" "
          "hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\">\n",
          stamp, n.all, n.failed, n.skipped);
  put_properties(file, gate);
  for (size_t i = 0; i < gate->found.class_count; i++) put_class(file, gate, i);
  put_whole(file, gate);
  fputs("    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n", file);
}

char *report_junit(const checkrob_gate *gate) {
  text_writer w;
  if (!text_writer_start(&w)) return NULL;
  put_suite(w.file, gate);
  return text_writer_finish(&w);
}
