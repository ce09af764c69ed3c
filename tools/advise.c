/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob advise: what images to add or drop, and what it gains. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "terminal.h"

/* One row of the table "advice". Texts are copied. */
typedef struct advice {
  char *title, *class_name, *kind, *with, *cue, *outcome;
  int64_t index;
  double images, share, tested, found[2], fooled[2], accuracy[2], others[2], model_accuracy, q;
} advice;

typedef struct advice_list {
  advice *items;
  size_t count, capacity;
  int no_memory;
} advice_list;

static void advice_free(advice_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->items[i].title);
    free(list->items[i].class_name);
    free(list->items[i].kind);
    free(list->items[i].with);
    free(list->items[i].cue);
    free(list->items[i].outcome);
  }
  free(list->items);
}

static char *copy(advice_list *list, const checkrob_row *row, const char *name) {
  const char *text = checkrob_row_has(row, name) ? checkrob_row_text(row, name) : "";
  char *own = strdup(text);
  list->no_memory = list->no_memory || !own;
  return own;
}

static void read_pair(double out[2], const checkrob_row *row, const char *without, const char *with) {
  out[0] = checkrob_row_number(row, without);
  out[1] = checkrob_row_number(row, with);
}

static int take(const checkrob_row *row, void *data) {
  advice_list *list = data;
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    advice *grown = realloc(list->items, capacity * sizeof *grown);
    if (!grown) return list->no_memory = 1;
    list->items = grown;
    list->capacity = capacity;
  }
  advice *a = &list->items[list->count++];
  *a = (advice){.title = copy(list, row, "title"),
                .class_name = copy(list, row, "class"),
                .kind = copy(list, row, "kind"),
                .with = copy(list, row, "with"),
                .cue = copy(list, row, "cue"),
                .outcome = copy(list, row, "outcome"),
                .index = checkrob_row_integer(row, "index"),
                .images = checkrob_row_number(row, "images"),
                .share = checkrob_row_number(row, "share"),
                .tested = checkrob_row_number(row, "tested"),
                .model_accuracy = checkrob_row_number(row, "model_accuracy"),
                .q = checkrob_row_number(row, "q")};
  read_pair(a->found, row, "found", "found_with");
  read_pair(a->fooled, row, "fooled", "fooled_with");
  read_pair(a->accuracy, row, "accuracy", "accuracy_with");
  read_pair(a->others, row, "others_accuracy", "others_accuracy_with");
  return list->no_memory;
}

/* ---- which one is the best of a class ---- */

static double gain(const advice *a) {
  double found = a->found[1] - a->found[0], fooled = a->fooled[0] - a->fooled[1];
  return (isnan(found) ? 0.0 : found) + (isnan(fooled) ? 0.0 : fooled);
}

static int rank(const advice *a) {
  static const char *const outcomes[] = {"helps", "costs accuracy", "no gain shown",
                                         "not enough data to say"};
  int i = 0;
  while (i < 4 && strcmp(outcomes[i], a->outcome) != 0) i++;
  return i;
}

/* Whether it is the first one of its class to read. */
static int is_best(const advice_list *list, size_t n) {
  const advice *a = &list->items[n];
  for (size_t i = 0; i < list->count; i++) {
    const advice *b = &list->items[i];
    if (i == n || b->index != a->index) continue;
    if (rank(b) < rank(a) || (rank(b) == rank(a) && gain(b) > gain(a))) return 0;
    if (rank(b) == rank(a) && !(gain(a) > gain(b)) && i < n) return 0;
  }
  return 1;
}

/* ---- printing ---- */

/* Room for a number that is not absurd. */
#define NUMBER_BYTES 32

/* '-' for a number that is missing. */
static const char *shown(char out[NUMBER_BYTES], double value, int digits) {
  if (isfinite(value))
    snprintf(out, NUMBER_BYTES, "%.*f", digits, value);
  else
    snprintf(out, NUMBER_BYTES, "-");
  return out;
}

/* "add 12 images of other classes in its surroundings" */
static void say_what(char *out, size_t bytes, const advice *a) {
  static const struct {
    const char *kind, *verb, *what;
  } kinds[] = {{"elsewhere", "add", " of it in other surroundings"},
               {"others", "add", " of other classes in its surroundings"},
               {"drop", "drop", ", recognised without the object"},
               {"duplicates", "drop", ", with the same surroundings as another"},
               {"more", "add", ": too few for a verdict"}};
  size_t i = 0;
  while (i < sizeof kinds / sizeof kinds[0] - 1 && strcmp(kinds[i].kind, a->kind) != 0) i++;
  char number[NUMBER_BYTES];
  int used = snprintf(out, bytes, "%s %s image%s%s", kinds[i].verb, shown(number, a->images, 0),
                      a->images == 1.0 ? "" : "s", kinds[i].what);
  if (*a->outcome && used > 0 && (size_t)used < bytes)
    snprintf(out + used, bytes - (size_t)used, " (%s %% of its images)", shown(number, 100.0 * a->share, 0));
}

static void print_line(const char *name, const char *text) {
  if (!*text) return;
  printf("  %-9s ", name);
  put_wrapped(stdout, text, 12, 12, prose_columns(stdout));
}

static void say_change(char *out, size_t bytes, const char *what, const double values[2]) {
  size_t used = strlen(out);
  char number[2][NUMBER_BYTES];
  if (!isnan(values[0]))
    snprintf(out + used, bytes - used, "%s%s %s -> %s", used > 0 ? ", " : "", what,
             shown(number[0], values[0], 2), shown(number[1], values[1], 2));
}

static void print_advice(const advice *a) {
  char text[256] = "", number[NUMBER_BYTES];
  int used = (int)(strlen(a->class_name) + strlen(a->outcome)) + 5;
  say_what(text, sizeof text, a);
  if (*a->title) { /* the name finds the class in the data */
    put_text(stdout, a->title, 0);
    fputs(", ", stdout);
    used += (int)strlen(a->title) + 2;
  }
  put_text(stdout, a->class_name, 0);
  if (*a->outcome) printf(" (%s)", a->outcome);
  fputs(": ", stdout);
  put_wrapped(stdout, text, used, 2, prose_columns(stdout));
  print_line(strcmp(a->kind, "others") == 0 ? "objects" : "where", a->with);
  if (*a->outcome) {
    *text = '\0';
    say_change(text, sizeof text, "found elsewhere", a->found);
    say_change(text, sizeof text, "fooled", a->fooled);
    snprintf(text + strlen(text), sizeof text - strlen(text), " (%s pasted images)",
             shown(number, a->tested, 0));
    print_line("refit", text);
    *text = '\0';
    say_change(text, sizeof text, "its own", a->accuracy);
    say_change(text, sizeof text, "others'", a->others);
    snprintf(text + strlen(text), sizeof text - strlen(text), " (the model's own: %s)",
             shown(number, a->model_accuracy, 2));
    print_line("accuracy", text);
  }
  print_line("cue", a->cue);
}

static int print_list(const advice_list *list, int all) {
  if (list->count == 0) {
    puts("No advice: each class is trusted, or has no surroundings to learn from.");
    return finish_output();
  }
  size_t helps = 0, shown = 0, classes = 0;
  for (size_t i = 0; i < list->count; i++) {
    if (is_best(list, i)) {
      classes++;
      helps += strcmp(list->items[i].outcome, "helps") == 0;
    }
    if (!all && !is_best(list, i)) continue;
    if (shown++ > 0) putchar('\n');
    print_advice(&list->items[i]);
  }
  printf("%s%zu class%s with advice; for %zu a fitted last layer shows that it helps.\n",
         shown > 0 ? "\n" : "", classes, classes == 1 ? "" : "es", helps);
  if (!all && list->count > shown)
    puts("--all prints the other advice too; export --as advice.csv has all numbers.");
  return finish_output();
}

int command_advise(const command_line *line) {
  if (line->argument_count != 1) return fail_usage("advise", "give one file of results");
  const char *given = line->arguments[0];
  checkrob_results *results = NULL;
  advice_list list = {0};
  checkrob_status status = open_results(&results, given, NULL);
  if (!status) status = checkrob_results_table(results, "advice", take, &list);
  int code = EXIT_OK;
  if (list.no_memory)
    code = fail(EXIT_FAILED, "out of memory");
  else if (status)
    code = fail_with_flags(EXIT_FAILED);
  else if (!results_have(results, "advice"))
    code = fail(EXIT_FAILED, "%s has no advice; score with --advice", given);
  if (code == EXIT_OK) warn_if_incomplete(results, given);
  if (code == EXIT_OK) warn_if_shard(results, given);
  if (code == EXIT_OK) code = print_list(&list, command_line_flag(line, "all"));
  advice_free(&list);
  checkrob_results_free(results);
  return code;
}
