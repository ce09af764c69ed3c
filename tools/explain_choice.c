/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: which images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explain.h"
#include "files.h"

void items_free(explaining *e) {
  for (size_t i = 0; i < e->count; i++) free(e->items[i].name);
  free(e->items);
  e->items = NULL;
  e->count = e->capacity = 0;
}

/* ---- --top ---- */

int top_choice_read(top_choice *top, const command_line *line) {
  static const char *const names[] = {"", "worst", "best", "typical"};
  const char *text = command_line_text(line, "top");
  *top = (top_choice){TOP_NONE, EXPLAINED_BY_DEFAULT};
  if (!text) return EXIT_OK;
  size_t length = strcspn(text, ":");
  int64_t most = 0;
  for (int kind = TOP_WORST; kind <= TOP_TYPICAL; kind++)
    if (strlen(names[kind]) == length && strncmp(names[kind], text, length) == 0) top->kind = (top_kind)kind;
  if (top->kind == TOP_NONE || text[length] != ':' ||
      !parse_integer(&most, text + length + 1, 1, MOST_EXPLAINED))
    return fail_usage(line->usage->name,
                      "--top is '%s', but must be worst:N, best:N or typical:N, with N from 1 to %d", text,
                      MOST_EXPLAINED);
  top->most = (size_t)most;
  return EXIT_OK;
}

static int compare(const void *left, const void *right) {
  const explained_item *a = left, *b = right;
  if (a->score != b->score) return a->score < b->score ? -1 : 1;
  return strcmp(a->name, b->name);
}

/* Drops items without a score. */
static size_t with_score(explaining *e) {
  size_t kept = 0;
  for (size_t i = 0; i < e->count; i++)
    if (isnan(e->items[i].score))
      free(e->items[i].name);
    else
      e->items[kept++] = e->items[i];
  return e->count = kept;
}

static void keep_range(explaining *e, size_t first, size_t most) {
  size_t end = e->count - first < most ? e->count : first + most;
  for (size_t i = 0; i < e->count; i++)
    if (i < first || i >= end) free(e->items[i].name);
  memmove(e->items, e->items + first, (end - first) * sizeof *e->items);
  e->count = end - first;
}

static void reverse(explaining *e) {
  for (size_t i = 0; i < e->count / 2; i++) {
    explained_item item = e->items[i];
    e->items[i] = e->items[e->count - 1 - i];
    e->items[e->count - 1 - i] = item;
  }
}

void keep_top(explaining *e, const top_choice *top) {
  if (with_score(e) == 0) return;
  qsort(e->items, e->count, sizeof *e->items, compare);
  size_t spare = e->count > top->most ? e->count - top->most : 0;
  if (top->kind == TOP_WORST) keep_range(e, 0, top->most);
  if (top->kind == TOP_TYPICAL) keep_range(e, spare / 2, top->most); /* around the median */
  if (top->kind == TOP_BEST) {
    keep_range(e, spare, top->most);
    reverse(e);
  }
}

/* ---- items ---- */

/* 0: out of memory. */
static explained_item *add_item(explaining *e, const char *name, int64_t index) {
  if (e->count == e->capacity) {
    size_t capacity = e->capacity ? 2 * e->capacity : 64;
    explained_item *grown = realloc(e->items, capacity * sizeof *grown);
    if (!grown) return NULL;
    e->items = grown;
    e->capacity = capacity;
  }
  char *own = strdup(name);
  if (!own) return NULL;
  explained_item *item = &e->items[e->count++];
  *item = (explained_item){.name = own,
                           .index = index,
                           .target = e->target >= 0 ? e->target : index,
                           .score = NAN,
                           .flat = NAN,
                           .logit = NAN,
                           .rank = -1,
                           .predicted = -1};
  return item;
}

/* ---- from the dataset ---- */

/* --image names an image as the results do, or by the last part of that, or by the path of its file. */
static int is_called(const checkrob_sample *sample, const char *wanted) {
  const char *name = checkrob_sample_image(sample), *slash = strrchr(name, '/');
  return strcmp(name, wanted) == 0 || (slash && strcmp(slash + 1, wanted) == 0) ||
         same_file(checkrob_sample_path(sample), wanted);
}

/* The number of the --image that names the sample; or -1. */
static int64_t find_wanted(const explaining *e, const checkrob_sample *sample) {
  const char *wanted = NULL;
  for (size_t i = 0; (wanted = command_line_item(e->line, "image", i)) != NULL; i++)
    if (is_called(sample, wanted)) return (int64_t)i;
  return -1;
}

/* A pass over the dataset. */
typedef struct walk {
  explaining *e;
  const top_choice *top;
  size_t wanted; /* images that --image names; 0: all */
  char *found;   /* [wanted]: flags */
  int no_memory;
} walk;

static void take_sample(const checkrob_sample *sample, void *data) {
  walk *w = data;
  explaining *e = w->e;
  int64_t index = checkrob_sample_class_index(sample);
  if (e->class_index >= 0 && index != e->class_index) return;
  int64_t wanted = w->wanted > 0 ? find_wanted(e, sample) : 0;
  if (wanted < 0) return;
  if (w->wanted > 0) w->found[wanted] = 1;
  if (w->top->kind == TOP_NONE && e->count == (w->wanted > 0 ? MOST_EXPLAINED : w->top->most)) {
    e->left_out++;
    return;
  }
  explained_item *item = add_item(e, checkrob_sample_image(sample), index);
  w->no_memory = w->no_memory || !item;
  if (!item) return;
  sample_place_offer(&item->place, sample, item->name, index);
}

/* The first --image that the dataset does not have; NULL: it has all of them. */
static const char *find_missing(const explaining *e, const walk *w) {
  for (size_t i = 0; i < w->wanted; i++)
    if (!w->found[i]) return command_line_item(e->line, "image", i);
  return NULL;
}

/* With --spec, the options name a dataset also for a photo that is not in it. */
static int are_files(const explaining *e) {
  const char *path = NULL;
  for (size_t i = 0; (path = command_line_item(e->line, "image", i)) != NULL; i++)
    if (access(path, R_OK) != 0) return 0;
  return e->target >= 0 && e->class_index < 0 && !e->spec;
}

static int fail_missing(const explaining *e, const char *missing) {
  return fail(EXIT_FAILED, "the dataset has no image '%s'%s; name it as in images.csv", missing,
              e->class_index >= 0 ? " with an object of the class" : "");
}

static int choose_from_dataset(explaining *e, const top_choice *top) {
  walk w = {.e = e, .top = top};
  while (!e->is_loose && command_line_item(e->line, "image", w.wanted)) w.wanted++;
  w.found = calloc(w.wanted + 1, 1);
  int code = w.found ? inputs_each_sample(&e->in, take_sample, &w) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK && w.no_memory) code = fail(EXIT_FAILED, "out of memory");
  const char *missing = code == EXIT_OK ? find_missing(e, &w) : NULL;
  free(w.found);
  if (!missing) return code;
  if (!are_files(e)) return fail_missing(e, missing);
  items_free(e);
  code = open_loose(e);
  return code == EXIT_OK ? choose_from_dataset(e, top) : code;
}

/* ---- from results ---- */

/* The samples of the results, and whether memory ran out. */
typedef struct rows {
  explaining *e;
  int no_memory;
} rows;

static int take_row(const checkrob_row *row, void *data) {
  rows *r = data;
  int64_t index = checkrob_row_integer(row, "index");
  if (!checkrob_row_is_evaluated(row) || (r->e->class_index >= 0 && index != r->e->class_index)) return 0;
  explained_item *item = add_item(r->e, checkrob_row_text(row, "image"), index);
  if (item) item->score = checkrob_row_number(row, "rs");
  return r->no_memory = !item;
}

static void find_item(const checkrob_sample *sample, void *data) {
  explaining *e = data;
  for (size_t i = 0; i < e->count; i++)
    sample_place_offer(&e->items[i].place, sample, e->items[i].name, e->items[i].index);
}

static int choose_from_results(explaining *e, const top_choice *top) {
  const char *given = e->line->arguments[0];
  checkrob_results *results = NULL;
  rows r = {.e = e};
  checkrob_status status = open_results(&results, given, NULL);
  if (!status) {
    warn_if_incomplete(results, given);
    status = checkrob_results_each(results, take_row, &r);
  }
  checkrob_results_free(results);
  if (r.no_memory) return fail(EXIT_FAILED, "out of memory");
  if (status) return fail_with_flags(EXIT_FAILED);
  keep_top(e, top);
  return inputs_each_sample(&e->in, find_item, e);
}

int choose_items(explaining *e, const top_choice *top) {
  int is_stored = e->spec && top->kind != TOP_NONE && !command_line_item(e->line, "image", 0);
  int code = is_stored ? choose_from_results(e, top) : choose_from_dataset(e, top);
  if (code != EXIT_OK) return code;
  if (e->count == 0)
    return fail(EXIT_FAILED, "there is no %simage of the class to draw", is_stored ? "evaluated " : "");
  if (e->left_out > 0)
    note("the first %zu images are drawn, %zu others are not; choose some with --top or --image", e->count,
         e->left_out);
  return EXIT_OK;
}
