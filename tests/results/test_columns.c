/* SPDX-License-Identifier: Apache-2.0 */
/* The declared tables, and the documents that list them. The lists in docs/ are written from the
 * declarations: after a change, run this program with CHECKROB_WRITE_DOCS=1. */
#include <checkrob/results.h>
#include <checkrob/verdict.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/backgrounds.h"
#include "analysis/probes.h"
#include "analysis/properties.h"
#include "analysis/saliency_score.h"
#include "base/text.h"
#include "classes/class_columns.h"
#include "support/test.h"
#include "table/sample.h"

/* ---- the declarations ---- */

static checkrob_column_info column_at(const char *table, size_t i) {
  checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
  must(checkrob_column_at(&info, table, i));
  return info;
}

static void tables_are_listed(void **state) {
  (void)state;
  static const char *const names[] = {"sample",      "class",  "totals", "comparison", "looked_at",
                                      "feature",     "pasted", "cue",    "duplicate",  "advice",
                                      "feature_use", "pool",   "other",  "evidence"};
  size_t count = sizeof names / sizeof *names;
  assert_int_equal(checkrob_table_count(), count);
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(checkrob_table_name(i), names[i]);
    assert_true(checkrob_column_count(names[i]) > 0);
    assert_string_equal(column_at(names[i], 0).table, names[i]);
  }
  checkrob_column_info info = CHECKROB_COLUMN_INFO_INIT;
  assert_null(checkrob_table_name(count));
  assert_int_equal(checkrob_column_count("cooking"), 0);
  assert_int_equal(checkrob_column_count(NULL), 0);
  assert_int_equal(checkrob_column_at(&info, "cooking", 0), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_column_at(&info, "class", checkrob_column_count("class")),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_column_at(NULL, "class", 0), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* As a file of results has them. */
static void they_are_those_of_the_layouts(void **state) {
  (void)state;
  row_layout *layouts[2] = {NULL, NULL};
  const column_list parts[] = {saliency_columns, probe_columns, property_columns, background_columns};
  must(sample_layout_new(&layouts[0], parts, 4, saliency_children, SALIENCY_CHILD_COUNT));
  must(class_layout_new(&layouts[1], NULL));
  for (int l = 0; l < 2; l++) {
    const char *table = row_layout_table(layouts[l]);
    assert_int_equal(checkrob_column_count(table), row_layout_count(layouts[l]));
    for (size_t i = 0; i < row_layout_count(layouts[l]); i++)
      assert_string_equal(column_at(table, i).name,
                          row_layout_column(layouts[l], row_layout_in_order(layouts[l], i))->name);
  }
  for (size_t c = 0; c < SALIENCY_CHILD_COUNT; c++)
    assert_int_equal(checkrob_column_count(saliency_children[c]->name), saliency_children[c]->count);
  row_layout_free(layouts[0]);
  row_layout_free(layouts[1]);
}

static void declarations_are_complete(void **state) {
  (void)state;
  for (size_t t = 0; t < checkrob_table_count(); t++)
    for (size_t i = 0; i < checkrob_column_count(checkrob_table_name(t)); i++) {
      checkrob_column_info c = column_at(checkrob_table_name(t), i);
      bool number = c.type == CHECKROB_COLUMN_INTEGER || c.type == CHECKROB_COLUMN_NUMBER;
      bool array = c.type == CHECKROB_COLUMN_FLOATS || c.type == CHECKROB_COLUMN_DOUBLES;
      if (strlen(c.description) < 4 || strchr(c.description, '|') || strchr(c.description, '\n') ||
          (number && !(c.low < c.high)) || (array && c.exported == CHECKROB_COLUMN_IN_CSV_AND_JSON) ||
          !*checkrob_column_type_name(c.type))
        fail_msg("%s.%s", c.table, c.name);
    }
}

/* ---- the documents ---- */

/* "0 to 1", "from 0", "" */
static void write_range(FILE *file, const checkrob_column_info *c) {
  if (c->type == CHECKROB_COLUMN_TEXT || (isinf(c->low) && isinf(c->high))) return;
  if (isinf(c->high))
    fprintf(file, "from %g", c->low);
  else if (isinf(c->low))
    fprintf(file, "to %g", c->high);
  else
    fprintf(file, "%g to %g", c->low, c->high);
}

static bool is_wanted(const checkrob_column_info *c, const char *which) {
  if (strcmp(which, "csv") == 0) return c->exported == CHECKROB_COLUMN_IN_CSV_AND_JSON;
  if (strcmp(which, "json") == 0) return c->exported == CHECKROB_COLUMN_IN_JSON;
  if (strcmp(which, "hidden") == 0) return c->exported == CHECKROB_COLUMN_NOT_EXPORTED;
  if (strcmp(which, "stored") == 0) return !c->derived;
  return strcmp(which, "all") == 0;
}

static void write_columns(FILE *file, const char *table, const char *which) {
  fputs("| column | type | unit | range | |\n|---|---|---|---|---|\n", file);
  for (size_t i = 0; i < checkrob_column_count(table); i++) {
    checkrob_column_info c = column_at(table, i);
    if (!is_wanted(&c, which)) continue;
    fprintf(file, "| `%s` | %s | %s | ", c.name, checkrob_column_type_name(c.type), c.unit);
    write_range(file, &c);
    fprintf(file, " | %s |\n", c.description);
  }
}

static void write_reasons(FILE *file) {
  fputs("| reason_code | |\n|---|---|\n", file);
  for (size_t i = 0; i < checkrob_verdict_reason_count(); i++)
    fprintf(file, "| `%s` | %s |\n", checkrob_verdict_reason_code(i), checkrob_verdict_reason_description(i));
}

#define BEGIN "<!-- declared: "
#define END "<!-- end -->"

/* Copies the document, with each list between "<!-- declared: TABLE WHICH -->" and "<!-- end -->" written
 * anew. */
static char *write_document(const char *text, size_t *lists) {
  char *out = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&out, &bytes);
  for (const char *begin; (begin = strstr(text, BEGIN)) != NULL;) {
    char table[32] = "", which[32] = "";
    int used = 0;
    assert_int_equal(sscanf(begin, BEGIN "%31s %31s -->%n", table, which, &used), 2);
    const char *end = strstr(begin, END);
    assert_non_null(end);
    fprintf(file, "%.*s\n", (int)(begin + used - text), text);
    if (strcmp(table, "reasons") == 0)
      write_reasons(file);
    else
      write_columns(file, table, which);
    text = end;
    ++*lists;
  }
  fputs(text, file);
  fclose(file);
  return out;
}

static void check_document(const char *name) {
  char path[1024], *text = NULL;
  size_t bytes = 0, lists = 0;
  snprintf(path, sizeof path, "%s/../docs/%s", CHECKROB_TEST_DATA, name);
  must(file_read(&text, &bytes, path, 1 << 20));
  char *written = write_document(text, &lists);
  assert_true(lists > 0);
  if (getenv("CHECKROB_WRITE_DOCS")) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(written, file);
    fclose(file);
  } else if (strcmp(text, written) != 0) {
    fail_msg("%s is not what is declared: run this program with CHECKROB_WRITE_DOCS=1", path);
  }
  free(written);
  free(text);
}

static void documents_list_what_is_declared(void **state) {
  (void)state;
  check_document("files.md");
  check_document("results.md");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_are_listed), cmocka_unit_test(they_are_those_of_the_layouts),
      cmocka_unit_test(declarations_are_complete), cmocka_unit_test(documents_list_what_is_declared)};
  return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
