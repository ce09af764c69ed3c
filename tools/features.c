/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob features: prints the spurious features of a run, and draws the images that show them. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "inputs.h"
#include "table.h"
#include "terminal.h"

#define IMAGES_SHOWN 8
#define SHEET_COLUMNS 2
#define SHEET_SIDE 192

/* An image in which a feature is strong. */
typedef struct strong_image {
  char *name;
  sample_place place;
  double contribution, x, y;
} strong_image;

typedef struct shown_feature {
  char *class_name, *place;
  const char *kind;
  int64_t index, number;
  double on_object, area, without, from_surroundings, from_surroundings_without;
  strong_image images[IMAGES_SHOWN]; /* the strongest first */
  size_t image_count;
} shown_feature;

typedef struct features_view {
  const command_line *line;
  inputs in;
  checkrob_options *spec; /* of the run */
  checkrob_results *results;
  shown_feature *items;
  size_t count, capacity;
  size_t examined; /* features in the results */
  size_t gone;     /* images that could not be drawn */
  size_t sheets;   /* that were written */
  int no_memory;
} features_view;

static void view_free(features_view *v) {
  for (size_t i = 0; i < v->count; i++) {
    for (size_t k = 0; k < v->items[i].image_count; k++) free(v->items[i].images[k].name);
    free(v->items[i].class_name);
    free(v->items[i].place);
  }
  free(v->items);
  checkrob_results_free(v->results);
  inputs_free(&v->in);
  checkrob_options_free(v->spec);
}

/* ---- reading ---- */

static const char *kind_of(const char *name) {
  static const char *const kinds[] = {"channel", "component", "mean", "together"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i], name) == 0) return kinds[i];
  return "";
}

static int take_feature(const checkrob_row *row, void *data) {
  features_view *v = data;
  int64_t spurious = checkrob_row_integer(row, "spurious");
  v->examined++;
  int is_together = strcmp(checkrob_row_text(row, "kind"), "together") == 0;
  if (spurious != 1 && !is_together && !command_line_flag(v->line, "all")) return 0;
  if (v->count == v->capacity) {
    size_t capacity = v->capacity ? 2 * v->capacity : 32;
    shown_feature *grown = realloc(v->items, capacity * sizeof *grown);
    if (!grown) return v->no_memory = 1;
    v->items = grown;
    v->capacity = capacity;
  }
  shown_feature *f = &v->items[v->count++];
  *f = (shown_feature){
      .class_name = strdup(class_shown(row)),
      .place = strdup(checkrob_row_text(row, "place")),
      .kind = kind_of(checkrob_row_text(row, "kind")),
      .index = checkrob_row_integer(row, "index"),
      .number = checkrob_row_integer(row, "feature"),
      .on_object = checkrob_row_number(row, "on_object"),
      .area = checkrob_row_number(row, "area"),
      .without = checkrob_row_number(row, "recognised_without"),
      .from_surroundings = checkrob_row_number(row, "surroundings_recognised"),
      .from_surroundings_without = checkrob_row_number(row, "surroundings_recognised_without")};
  return v->no_memory = !f->class_name || !f->place;
}

/* 1: out of memory. */
static int offer_image(shown_feature *f, const strong_image *image, const char *name) {
  size_t at = f->image_count;
  while (at > 0 && f->images[at - 1].contribution < image->contribution) at--;
  if (at == IMAGES_SHOWN) return 0;
  char *own = strdup(name);
  if (!own) return 1;
  if (f->image_count < IMAGES_SHOWN)
    f->image_count++;
  else
    free(f->images[IMAGES_SHOWN - 1].name);
  memmove(&f->images[at + 1], &f->images[at], (f->image_count - at - 1) * sizeof *image);
  f->images[at] = *image;
  f->images[at].name = own;
  return 0;
}

static int take_use(const checkrob_row *row, void *data) {
  features_view *v = data;
  int64_t index = checkrob_row_integer(row, "index"), number = checkrob_row_integer(row, "feature");
  const strong_image image = {.contribution = checkrob_row_number(row, "contribution"),
                              .x = checkrob_row_number(row, "x"),
                              .y = checkrob_row_number(row, "y")};
  if (checkrob_row_has(row, "control")) return 0; /* of another class */
  for (size_t i = 0; i < v->count && index >= 0 && number > 0; i++)
    if (v->items[i].index == index && v->items[i].number == number)
      return v->no_memory = offer_image(&v->items[i], &image, checkrob_row_text(row, "image"));
  return 0;
}

static int fail_reading(const features_view *v) {
  return v->no_memory ? fail(EXIT_FAILED, "out of memory") : fail_with_flags(EXIT_FAILED);
}

static int open_all(features_view *v) {
  const char *given = v->line->arguments[0];
  checkrob_status status = open_results(&v->results, given, v->line->options);
  if (!status) status = checkrob_results_table(v->results, "feature", take_feature, v);
  if (status) return fail_reading(v);
  if (v->examined > 0) return EXIT_OK;
  return fail(EXIT_FAILED,
              "%s has no features; score with --features, and of merged shards once more on the merged file; "
              "a class needs "
              "5 recognised images",
              given);
}

/* ---- the table ---- */

static const table_column feature_columns[] = {{"class", COLUMN_NAME, NULL},
                                               {"feature", COLUMN_NUMBER, NULL},
                                               {"recognised", COLUMN_TEXT, "surroundings"},
                                               {"without", COLUMN_NUMBER, "image"},
                                               {"object", COLUMN_NUMBER, "on"},
                                               {"area", COLUMN_NUMBER, NULL},
                                               {"kind", COLUMN_TEXT, NULL},
                                               {"place", COLUMN_TEXT, NULL}};

static void add_feature(table *t, const shown_feature *f) {
  char text[64];
  int is_both = strcmp(f->kind, "together") == 0;
  table_text(t, f->class_name);
  snprintf(text, sizeof text, "%lld", (long long)f->number);
  table_text(t, is_both ? "both" : text);
  snprintf(text, sizeof text, "%4.2f to %4.2f", f->from_surroundings, f->from_surroundings_without);
  table_text(t, text);
  table_number(t, f->without, 2);
  table_number(t, f->on_object, 2);
  table_number(t, f->area, 2);
  table_text(t, is_both ? "" : f->kind);
  table_text(t, f->place);
}

static int print_table(const features_view *v) {
  if (is_quiet()) return EXIT_OK;
  if (v->count == 0) {
    printf("None of %zu features is spurious.\n", v->examined);
    return finish_output();
  }
  table *t = table_new(feature_columns, sizeof feature_columns / sizeof feature_columns[0]);
  if (!t) return fail(EXIT_FAILED, "out of memory");
  for (size_t i = 0; i < v->count; i++) add_feature(t, &v->items[i]);
  int code = table_print(t, stdout, table_columns());
  table_free(t);
  return code == EXIT_OK ? finish_output() : code;
}

/* ---- contact sheets ---- */

static void find_sample(const checkrob_sample *sample, void *data) {
  features_view *v = data;
  for (size_t i = 0; i < v->count; i++)
    for (size_t k = 0; k < v->items[i].image_count; k++)
      sample_place_offer(&v->items[i].images[k].place, sample, v->items[i].images[k].name, v->items[i].index);
}

/* 1: drawn; 0: the image is gone, or cannot be read any more. */
static int draw_image(checkrob_sheet *sheet, const features_view *v, const strong_image *s) {
  checkrob_image *image = NULL;
  checkrob_image_limits limits = image_limits(v->spec);
  checkrob_sample *sample = inputs_sample(&v->in, &s->place);
  int drawn =
      sample && !checkrob_sample_open_image(&image, sample, &limits) &&
      !checkrob_sample_check_image(sample, image) &&
      !checkrob_sheet_add(sheet, image, v->in.preprocess, checkrob_sample_regions(sample), s->x, s->y);
  checkrob_image_free(image);
  checkrob_sample_free(sample);
  return drawn;
}

static int write_sheet(const checkrob_sheet *sheet, const features_view *v, const char *name) {
  checkrob_image *picture = NULL;
  char *path = join_path(command_line_text(v->line, "out"), name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  checkrob_status status = checkrob_sheet_image(&picture, sheet);
  if (!status) status = checkrob_image_write_png(picture, path);
  checkrob_image_free(picture);
  free(path);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

static int draw_feature(features_view *v, const shown_feature *f) {
  checkrob_sheet *sheet = NULL;
  char name[64];
  if (strcmp(f->kind, "together") == 0) return EXIT_OK;
  if (checkrob_sheet_new(&sheet, SHEET_COLUMNS, IMAGES_SHOWN / SHEET_COLUMNS, SHEET_SIDE))
    return fail_with_flags(EXIT_FAILED);
  for (size_t i = 0; i < f->image_count; i++) v->gone += !draw_image(sheet, v, &f->images[i]);
  snprintf(name, sizeof name, "class-%lld-feature-%lld.png", (long long)f->index, (long long)f->number);
  int code = checkrob_sheet_count(sheet) > 0 ? write_sheet(sheet, v, name) : EXIT_OK;
  v->sheets += checkrob_sheet_count(sheet) > 0;
  checkrob_sheet_free(sheet);
  return code;
}

static int draw_all(features_view *v) {
  const char *out = command_line_text(v->line, "out");
  if (!out || v->count == 0) return EXIT_OK;
  int code = make_folder(out);
  if (code == EXIT_OK) code = spare_folders(v->spec, out);
  if (code == EXIT_OK && checkrob_results_table(v->results, "feature_use", take_use, v))
    code = fail_reading(v);
  if (code == EXIT_OK) code = inputs_each_sample(&v->in, find_sample, v);
  for (size_t i = 0; i < v->count && code == EXIT_OK; i++) code = draw_feature(v, &v->items[i]);
  if (code != EXIT_OK) return code;
  if (v->gone > 0) warn("%zu images could not be drawn: they are gone, or not the same any more", v->gone);
  if (v->sheets == 0 && v->gone > 0)
    return fail(EXIT_FAILED, "no contact sheet could be drawn; where are the photos?");
  if (is_quiet()) return EXIT_OK;
  printf("\n%zu contact sheet%s in ", v->sheets, v->sheets == 1 ? "" : "s");
  put_text(stdout, out, 0);
  printf(": class-INDEX-feature-NUMBER.png\n");
  return finish_output();
}

int command_features(const command_line *line) {
  if (line->argument_count != 1) return fail_usage("features", "give one file of results");
  features_view v = {.line = line, .in = {.line = line}};
  int code = open_all(&v);
  if (code == EXIT_OK && command_line_text(line, "out"))
    code = inputs_open_run(&v.in, &v.spec, line->arguments[0]);
  if (code == EXIT_OK) warn_if_incomplete(v.results, line->arguments[0]);
  if (code == EXIT_OK) code = print_table(&v);
  if (code == EXIT_OK) code = draw_all(&v);
  view_free(&v);
  return code;
}
