/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob data: what in the data goes with each class. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "table.h"
#include "terminal.h"

#define SHOWN 20 /* lines, without --all */

/* ---- cues ---- */

typedef struct cue {
  char class_name[64], name[64], kind[16]; /* as much as is shown */
  double auc, inside, outside;
  int followed;
} cue;

typedef struct cue_list {
  cue *items;
  size_t count, capacity;
  size_t examined;
  int no_memory;
} cue_list;

static int take_cue(const checkrob_row *row, void *data) {
  cue_list *list = data;
  list->examined++;
  if (checkrob_row_integer(row, "predicts") != 1) return 0;
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    cue *grown = realloc(list->items, capacity * sizeof *grown);
    if (!grown) return list->no_memory = 1;
    list->items = grown;
    list->capacity = capacity;
  }
  cue *c = &list->items[list->count++];
  *c = (cue){.auc = checkrob_row_number(row, "auc"),
             .inside = checkrob_row_number(row, "inside"),
             .outside = checkrob_row_number(row, "outside"),
             .followed = checkrob_row_integer(row, "followed") == 1};
  snprintf(c->class_name, sizeof c->class_name, "%s", class_shown(row));
  snprintf(c->name, sizeof c->name, "%s", checkrob_row_text(row, "name"));
  snprintf(c->kind, sizeof c->kind, "%s", checkrob_row_text(row, "kind"));
  return 0;
}

/* First those that the model follows, then the strongest. */
static int compare_cues(const void *left, const void *right) {
  const cue *a = left, *b = right;
  if (a->followed != b->followed) return b->followed - a->followed;
  double x = fabs(a->auc - 0.5), y = fabs(b->auc - 0.5);
  if (x > y || x < y) return x > y ? -1 : 1;
  int order = strcmp(a->class_name, b->class_name);
  return order ? order : strcmp(a->name, b->name);
}

static void print_cue_table(const cue_list *list, size_t count) {
  static const table_column columns[] = {{"class", COLUMN_NAME, NULL},   {"cue", COLUMN_TEXT, NULL},
                                         {"", COLUMN_NAME, NULL},        {"AUC", COLUMN_NUMBER, NULL},
                                         {"its", COLUMN_NUMBER, NULL},   {"others'", COLUMN_PAIR, NULL},
                                         {"followed", COLUMN_TEXT, NULL}};
  table *t = table_new(columns, sizeof columns / sizeof columns[0]);
  if (!t) return;
  for (size_t i = 0; i < count; i++) {
    const cue *c = &list->items[i];
    table_text(t, c->class_name);
    table_text(t, c->kind);
    table_text(t, c->name);
    table_number(t, c->auc, 2);
    table_number(t, c->inside, 3);
    table_number(t, c->outside, 3);
    table_text(t, c->followed ? "yes" : "no");
  }
  putchar('\n');
  table_print(t, stdout, table_columns());
  table_free(t);
}

static void print_cues(cue_list *list, const checkrob_results *results, int all) {
  size_t shown = all || list->count < SHOWN ? list->count : SHOWN;
  if (!results_have(results, "cues")) {
    puts("No cues: score with --cues.");
    return;
  }
  printf("%zu of %zu cues predict a class.\n", list->count, list->examined);
  if (list->count == 0) return;
  qsort(list->items, list->count, sizeof *list->items, compare_cues);
  print_cue_table(list, shown);
  if (shown < list->count)
    printf("and %zu more: --all prints them, export --as cues.csv has all\n", list->count - shown);
}

/* ---- duplicates ---- */

typedef struct duplicate_list {
  char class_name[64];
  int64_t index;
  size_t images, groups, last, printed;
  int all;
} duplicate_list;

static int take_duplicate(const checkrob_row *row, void *data) {
  duplicate_list *list = data;
  int64_t index = checkrob_row_integer(row, "index");
  size_t group = (size_t)checkrob_row_integer(row, "group");
  if (list->images == 0)
    printf("\n%-20s  %5s  %10s  %s\n", "class", "group", "similarity", "images with the same surroundings");
  if (index != list->index) list->last = 0;
  list->groups += group > list->last;
  if (group > list->last) list->last = group;
  list->index = index;
  if (list->images++ >= SHOWN && !list->all) return 0;
  list->printed++;
  put_text(stdout, class_shown(row), 20);
  printf("  %5zu", group);
  put_number(checkrob_row_number(row, "similarity"), 12, 3);
  fputs("  ", stdout);
  put_text(stdout, checkrob_row_text(row, "image"), 0);
  putchar('\n');
  return 0;
}

static int print_duplicates(checkrob_results *results, int all) {
  duplicate_list list = {.index = -1, .all = all};
  if (!results_have(results, "advice")) {
    puts("No search for repeated surroundings: score with --advice.");
    return EXIT_OK;
  }
  if (checkrob_results_table(results, "duplicate", take_duplicate, &list))
    return fail_with_flags(EXIT_FAILED);
  if (list.printed < list.images)
    printf("and %zu more: --all prints them, export --as duplicates.csv has all\n",
           list.images - list.printed);
  if (list.images == 0)
    puts("\nNo two images of a class have almost the same surroundings.");
  else
    printf("%zu images in %zu group%s\n", list.images, list.groups, list.groups == 1 ? "" : "s");
  return EXIT_OK;
}

int command_data(const command_line *line) {
  if (line->argument_count != 1) return fail_usage("data", "give one file of results");
  const char *given = line->arguments[0];
  checkrob_results *results = NULL;
  cue_list list = {0};
  checkrob_status status = open_results(&results, given, NULL);
  if (!status) status = checkrob_results_table(results, "cue", take_cue, &list);
  int code = list.no_memory ? fail(EXIT_FAILED, "out of memory")
             : status       ? fail_with_flags(EXIT_FAILED)
                            : EXIT_OK;
  if (code == EXIT_OK) warn_if_incomplete(results, given);
  if (code == EXIT_OK) warn_if_shard(results, given);
  if (code == EXIT_OK) print_cues(&list, results, command_line_flag(line, "all"));
  if (code == EXIT_OK) code = print_duplicates(results, command_line_flag(line, "all"));
  if (code == EXIT_OK) code = finish_output();
  free(list.items);
  checkrob_results_free(results);
  return code;
}
