/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob check: what is wrong with a dataset, found without a model. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "findings.h"
#include "inputs.h"
#include "progress.h"
#include "terminal.h"

/* A growing list of texts, each with a number. */
typedef struct entry {
  char *text;
  uint64_t number;
} entry;

typedef struct entries {
  entry *items;
  size_t count, capacity;
  size_t added_up; /* items after the last add_up() */
} entries;

typedef struct checker {
  const command_line *line;
  findings found;
  entries pictures; /* images, with the hash of their pixels */
  entries known;    /* classes of the class map, with the number of images that can be measured */
  entries seen;     /* the same with all samples, also those that can't */
  entries unknown;  /* other classes, with the number of images that have them */
  size_t samples, inputs, skipped, first_input, input_count;
  progress bar;
  int out_of_memory;
} checker;

/* ---- lists ---- */

static void add(checker *c, entries *list, const char *text, uint64_t number) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    entry *items = realloc(list->items, capacity * sizeof *items);
    if (items) list->items = items;
    if (items) list->capacity = capacity;
  }
  char *copy = list->count < list->capacity ? strdup(text) : NULL;
  if (copy)
    list->items[list->count++] = (entry){copy, number};
  else
    c->out_of_memory = 1;
}

static int by_text(const void *left, const void *right) {
  return strcmp(((const entry *)left)->text, ((const entry *)right)->text);
}

/* Sorts the list by text, and replaces those of one text by their sum. */
static void add_up(entries *list) {
  size_t kept = 0;
  if (list->count) qsort(list->items, list->count, sizeof *list->items, by_text);
  for (size_t i = 0; i < list->count; i++) {
    if (kept > 0 && strcmp(list->items[kept - 1].text, list->items[i].text) == 0) {
      list->items[kept - 1].number += list->items[i].number;
      free(list->items[i].text);
    } else {
      list->items[kept++] = list->items[i];
    }
  }
  list->count = list->added_up = kept;
}

/* Adds `number` to that of a text, which add_up() does at last. It is called here too, so that the list does
 * not grow with the images, and rarely: to insert each text would take quadratic time. */
static void count(checker *c, entries *list, const char *text, uint64_t number) {
  add(c, list, text, number);
  if (list->count >= 2 * list->added_up + 1024) add_up(list);
}

static void entries_clear(entries *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i].text);
  free(list->items);
}

static void find_in_image(checker *c, finding_kind kind, const checkrob_sample *sample, const char *message) {
  findings_add(&c->found, kind, checkrob_sample_image(sample), checkrob_sample_class_name(sample), -1,
               message);
}

/* ---- sample by sample ---- */

static int has_image(const checkrob_checked_sample *checked) {
  return *checkrob_sample_path(checked->sample) != '\0';
}

/* The image, and its objects of classes that the map does not have: once for all of its samples. */
static void check_input(checker *c, const checkrob_checked_sample *checked) {
  const checkrob_sample *sample = checked->sample;
  c->inputs++;
  for (size_t i = 0; i < checkrob_sample_other_count(sample); i++)
    if (checkrob_sample_other_index(sample, i) < 0)
      count(c, &c->unknown, checkrob_sample_other_name(sample, i), 1);
  if (has_image(checked) && checked->image_status == CHECKROB_OK)
    add(c, &c->pictures, checkrob_sample_image(sample), checked->pixels_hash);
}

/* At most one finding for each sample; errors of the image are reported with its first sample. */
static void find_failure(checker *c, const checkrob_checked_sample *checked) {
  const checkrob_sample *sample = checked->sample;
  int is_bad = checkrob_sample_status(sample) != CHECKROB_OK;
  int image_is_bad =
      checkrob_sample_part(sample) == 0 && has_image(checked) && checked->image_status != CHECKROB_OK;
  if (!is_bad && !image_is_bad) return;
  char message[2048];
  snprintf(message, sizeof message, "%s%s%s", is_bad ? checkrob_sample_message(sample) : "",
           is_bad && image_is_bad ? "; besides, " : "", image_is_bad ? checked->image_message : "");
  /* In a part of a dataset there are thousands. */
  int is_unannotated =
      checkrob_sample_status(sample) == CHECKROB_ERROR_NOT_FOUND && has_image(checked) && !image_is_bad;
  find_in_image(c, is_unannotated ? FINDING_UNANNOTATED : FINDING_FAILED, sample, message);
}

/* Of a photo with an EXIF orientation the remarks speak of that too: one of them is enough. */
static void find_remark(checker *c, const checkrob_checked_sample *checked, int is_sound) {
  const char *message = is_sound ? checkrob_sample_message(checked->sample) : "";
  int is_turned = checked->orientation > 1, is_first = checkrob_sample_part(checked->sample) == 0;
  char plain[64];
  snprintf(plain, sizeof plain, "EXIF orientation %d", (int)checked->orientation);
  if (is_turned && is_first)
    find_in_image(c, FINDING_TURNED, checked->sample, *message ? message : plain);
  else if (*message && !(is_turned && strncmp(message, plain, strlen(plain)) == 0))
    find_in_image(c, FINDING_REMARK, checked->sample, message);
}

static int on_sample(const checkrob_checked_sample *checked, void *user_data) {
  checker *c = user_data;
  const checkrob_sample *sample = checked->sample;
  int is_sound = checkrob_sample_status(sample) == CHECKROB_OK;
  if (checkrob_sample_part(sample) == 0) check_input(c, checked);
  find_failure(c, checked);
  find_remark(c, checked, is_sound);
  if (*checkrob_sample_class_name(sample)) count(c, &c->seen, checkrob_sample_class_name(sample), 1);
  if (is_sound && checked->image_status == CHECKROB_OK) {
    c->samples++;
    count(c, &c->known, checkrob_sample_class_name(sample), 1);
  }
  progress_update(checkrob_sample_input(sample) - c->first_input, c->input_count, &c->bar);
  return c->out_of_memory || c->found.out_of_memory;
}

static checkrob_status read_all(checker *c, const inputs *in) {
  checkrob_cursor *cursor = NULL;
  checkrob_status status = inputs_cursor(&cursor, in);
  if (status) return status;
  c->first_input = checkrob_cursor_first_input(cursor);
  c->input_count = checkrob_cursor_input_count(cursor);
  progress_begin(&c->bar, NULL, NULL);
  status = checkrob_check(cursor, c->line->options, on_sample, c);
  progress_end(&c->bar);
  c->skipped = checkrob_cursor_skipped(cursor);
  checkrob_cursor_free(cursor);
  return status;
}

/* ---- what only the whole shows ---- */

static int by_number(const void *left, const void *right) {
  const entry *a = left, *b = right;
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  return strcmp(a->text, b->text);
}

static void find_twins(checker *c) {
  const entry *pictures = c->pictures.items;
  if (c->pictures.count) qsort(c->pictures.items, c->pictures.count, sizeof *c->pictures.items, by_number);
  for (size_t i = 1; i < c->pictures.count; i++) {
    if (pictures[i].number != pictures[i - 1].number) continue;
    char message[2048];
    snprintf(message, sizeof message, "has the same pixels as %s", pictures[i - 1].text);
    findings_add(&c->found, FINDING_TWICE, pictures[i].text, "", -1, message);
  }
}

static void find_unknown(checker *c) {
  char message[128];
  add_up(&c->unknown);
  if (checkrob_options_integer(c->line->options, "skip_unmapped") == 1) return; /* small on purpose */
  for (size_t i = 0; i < c->unknown.count; i++) {
    unsigned long long images = c->unknown.items[i].number;
    snprintf(message, sizeof message, "is in %llu image%s, and not in the class map", images,
             images == 1 ? "" : "s");
    findings_add(&c->found, FINDING_UNKNOWN, "", c->unknown.items[i].text, (int64_t)images, message);
  }
}

static void find_few(checker *c, const entry *known, int is_seen) {
  char message[128];
  int64_t wanted = command_line_integer(c->line, "min_images");
  unsigned long long images = known->number;
  if (!is_seen && command_line_flag(c->line, "subset")) return;
  if (images >= (unsigned long long)wanted) return;
  snprintf(message, sizeof message, "has %llu image%s that can be measured; %lld are wanted", images,
           images == 1 ? "" : "s", (long long)wanted);
  findings_add(&c->found, is_seen ? FINDING_FEW : FINDING_ABSENT, "", known->text, (int64_t)images, message);
}

static void find_classes(checker *c, const checkrob_class_map *classes) {
  find_unknown(c);
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++)
    count(c, &c->known, checkrob_class_map_name_of(classes, checkrob_class_map_index(classes, i)), 0);
  add_up(&c->known);
  add_up(&c->seen);
  c->found.classes = c->known.count;
  for (size_t i = 0, s = 0; i < c->known.count; i++) { /* both are sorted */
    while (s < c->seen.count && strcmp(c->seen.items[s].text, c->known.items[i].text) < 0) s++;
    find_few(c, &c->known.items[i],
             s < c->seen.count && strcmp(c->seen.items[s].text, c->known.items[i].text) == 0);
  }
}

/* ---- the report ---- */

static int print_all(const checker *c) {
  size_t total = findings_count(&c->found);
  findings_print(&c->found);
  if (c->skipped > 0)
    printf("skipped, without an object that counts: %zu; their pixels were not looked at\n", c->skipped);
  printf("%zu images and annotations read: %zu samples can be measured, %zu finding%s\n",
         c->inputs + c->skipped, c->samples, total, total == 1 ? "" : "s");
  return finish_output();
}

static int report(const checker *c) {
  const char *what = command_line_text(c->line, "as");
  int code = what ? findings_write(&c->found, what, output_path(c->line)) : EXIT_OK;
  if (!what && !is_quiet()) code = print_all(c);
  return code == EXIT_OK && findings_count(&c->found) > 0 ? EXIT_FOUND : code;
}

static int check(checker *c, const inputs *in) {
  checkrob_status status = read_all(c, in);
  if (!status) find_twins(c);
  if (!status) find_classes(c, in->classes);
  if (c->out_of_memory || c->found.out_of_memory) return fail(EXIT_FAILED, "out of memory");
  return status ? fail_with_flags(EXIT_FAILED) : report(c);
}

int command_check(const command_line *line) {
  checker c = {.line = line};
  inputs in = {.line = line};
  int code = check_output(line);
  c.found.keep_all = command_line_flag(line, "all") || command_line_text(line, "as");
  if (code == EXIT_OK && command_line_text(line, "as")) code = spare_inputs(line, output_path(line));
  if (code == EXIT_OK) code = inputs_open_data(&in);
  if (code == EXIT_OK) code = check(&c, &in);
  findings_free(&c.found);
  entries_clear(&c.pictures);
  entries_clear(&c.known);
  entries_clear(&c.seen);
  entries_clear(&c.unknown);
  inputs_free(&in);
  return code;
}
