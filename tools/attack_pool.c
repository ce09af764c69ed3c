/* SPDX-License-Identifier: Apache-2.0 */
#include "attack_pool.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "table.h"
#include "terminal.h"

#define GROUPS_SHOWN 20 /* on a terminal, without --wide */
#define SHEET_COLUMNS 2
#define SHEET_ROWS 64
#define SHEET_SIDE 192

/* ---- reading ---- */

void attack_pool_free(attack_pool *p) {
  for (size_t g = 0; g < p->count; g++) {
    for (size_t i = 0; i < p->groups[g].count; i++) free(p->groups[g].items[i].name);
    free(p->groups[g].items);
    free(p->groups[g].class_name);
    free(p->groups[g].shown);
  }
  free(p->groups);
  free(p->failure);
}

static int make_room(attack_pool *p) {
  if (p->count < p->capacity) return 1;
  size_t capacity = p->capacity ? 2 * p->capacity : 16;
  pool_group *grown = realloc(p->groups, capacity * sizeof *grown);
  if (!grown) return 0;
  p->groups = grown;
  p->capacity = capacity;
  return 1;
}

/* Rows come by class and feature. NULL: out of memory. */
static pool_group *group_of(attack_pool *p, const checkrob_row *row) {
  int64_t index = checkrob_row_integer(row, "index"), feature = checkrob_row_integer(row, "feature");
  pool_group *last = p->count > 0 ? &p->groups[p->count - 1] : NULL;
  if (last && last->index == index && last->feature == feature) return last;
  if (!make_room(p) || !p->groups) return NULL;
  pool_group *g = &p->groups[p->count++];
  *g = (pool_group){.class_name = strdup(checkrob_row_text(row, "class")),
                    .shown = strdup(class_shown(row)),
                    .items = calloc(p->most, sizeof *g->items),
                    .index = index,
                    .feature = feature};
  return g->class_name && g->shown && g->items ? g : NULL;
}

static int take_attack(attack_pool *p, const checkrob_row *row) {
  pool_group *g = group_of(p, row);
  if (!g) return 1;
  int is_known = checkrob_row_has(row, "shows");
  p->images++;
  p->unknown += !is_known;
  g->images++;
  g->unknown += !is_known;
  g->stopped += checkrob_row_integer(row, "rank_without") > 1;
  if (g->count == p->most) return 0;
  pool_image *image = &g->items[g->count++];
  *image = (pool_image){.name = strdup(checkrob_row_text(row, "image")),
                        .probability = checkrob_row_number(row, "probability"),
                        .relative_logit = checkrob_row_number(row, "relative_logit"),
                        .x = checkrob_row_number(row, "x"),
                        .y = checkrob_row_number(row, "y"),
                        .shows = is_known ? 0 : -1,
                        .rank_without = checkrob_row_integer(row, "rank_without")};
  return !image->name;
}

/* 1: out of memory. */
static int take_image(const checkrob_row *row, void *data) {
  attack_pool *p = data;
  p->all++;
  if (!checkrob_row_has(row, "index")) {
    if (p->failed++ == 0)
      p->failure = line_about(checkrob_row_text(row, "image"), checkrob_row_text(row, "message"));
    return !p->failure;
  }
  int shows = checkrob_row_integer(row, "shows") == 1, has_feature = checkrob_row_has(row, "feature");
  p->shown += shows && has_feature;
  return shows || !has_feature ? 0 : take_attack(p, row);
}

int attack_pool_read(attack_pool *p, checkrob_results *results) {
  checkrob_status status = checkrob_results_table(results, "pool", take_image, p);
  if (status == CHECKROB_ERROR_INTERRUPTED) return fail(EXIT_FAILED, "out of memory");
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

/* ---- the table ---- */

/* First those that stop without the feature: they are proof. */
static int compare_groups(const void *left, const void *right) {
  const pool_group *a = *(const pool_group *const *)left, *b = *(const pool_group *const *)right;
  if (a->stopped != b->stopped) return a->stopped > b->stopped ? -1 : 1;
  if (a->images != b->images) return a->images > b->images ? -1 : 1;
  return (a > b) - (a < b);
}

static void add_group(table *t, const pool_group *g) {
  table_text(t, g->shown);
  table_number(t, (double)g->feature, 0);
  table_number(t, (double)g->images, 0);
  table_number(t, (double)g->stopped, 0);
  table_number(t, g->items[0].probability, 3);
  table_text(t, g->items[0].name);
}

static int print_table(const pool_group *const *groups, size_t count) {
  static const table_column columns[] = {
      {"taken for", COLUMN_NAME, NULL}, {"feature", COLUMN_NUMBER, NULL},
      {"images", COLUMN_NUMBER, NULL},  {"stop", COLUMN_NUMBER, NULL},
      {"surely", COLUMN_NUMBER, NULL},  {"surest image", COLUMN_PATH, NULL}};
  if (count == 0) return EXIT_OK;
  table *t = table_new(columns, sizeof columns / sizeof columns[0]);
  if (!t) return fail(EXIT_FAILED, "out of memory");
  for (size_t g = 0; g < count; g++) add_group(t, groups[g]);
  putchar('\n');
  int code = table_print(t, stdout, table_columns());
  table_free(t);
  return code;
}

static int print_groups(const attack_pool *p) {
  const pool_group **order = malloc((p->count + 1) * sizeof *order);
  if (!order) return fail(EXIT_FAILED, "out of memory");
  size_t shown = p->count > GROUPS_SHOWN && table_columns() > 0 ? GROUPS_SHOWN : p->count;
  for (size_t g = 0; g < p->count; g++) order[g] = &p->groups[g];
  if (p->count > 0) qsort(order, p->count, sizeof *order, compare_groups);
  if (shown < p->count)
    put_line("The strongest %zu of %zu features (--wide prints all, export --as pool.csv has all):", shown,
             p->count);
  int code = print_table((const pool_group *const *)order, shown);
  free(order);
  return code;
}

int attack_pool_print(const attack_pool *p) {
  if (is_quiet()) return EXIT_OK;
  printf("%zu of %zu images of the pool are taken for a class by a spurious feature%s.\n", p->images, p->all,
         p->unknown < p->images || p->images == 0 ? ",\nwithout showing it" : "");
  if (p->unknown > 0) printf("Nobody said what %zu of them show: they may show the class.\n", p->unknown);
  if (p->shown > 0) printf("%zu more show the class, and are no attack.\n", p->shown);
  int code = print_groups(p);
  if (p->images > 0) puts("\n'stop': so many are not taken for it when the feature is switched off.");
  if (code == EXIT_OK) code = finish_output();
  if (p->failed > 0)
    warn("%zu of %zu images of the pool could not be asked, such as %s", p->failed, p->all, p->failure);
  return code;
}

/* ---- the images ---- */

typedef struct drawing {
  attack_pool *p;
  const checkrob_options *spec;
  inputs in; /* with the pool in place of the run's data */
  second_model *second;
  const char *out;
  FILE *list;
  float *input; /* [3, H, W] */
} drawing;

static void find_sample(const checkrob_sample *sample, void *data) {
  attack_pool *p = data;
  for (size_t g = 0; g < p->count; g++)
    for (size_t i = 0; i < p->groups[g].count; i++)
      sample_place_offer(&p->groups[g].items[i].place, sample, p->groups[g].items[i].name, -1);
}

static int write_picture(const drawing *d, const checkrob_image *picture, const char *name) {
  char *path = join_path(d->out, name);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  checkrob_status status = checkrob_image_write_png(picture, path);
  free(path);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

static void list_image(drawing *d, const pool_group *g, const pool_image *image, const char *name) {
  int64_t second = second_model_ask(d->second, d->input);
  d->p->fooled += second == g->index;
  fprintf(d->list, "%s,", name);
  put_quoted(d->list, g->class_name);
  fprintf(d->list, ",%lld,%lld,", (long long)g->index, (long long)g->feature);
  put_quoted(d->list, image->name);
  fputs(image->shows == 0 ? ",0," : ",,", d->list);
  fprintf(d->list, "%.9g,%.6g,", image->probability, image->relative_logit);
  if (image->rank_without > 0) fprintf(d->list, "%lld", (long long)image->rank_without);
  fputc(',', d->list);
  if (second >= 0) fprintf(d->list, "%lld", (long long)second);
  fputc('\n', d->list);
}

/* As the model sees it. */
static int write_image(drawing *d, const pool_group *g, size_t i, const checkrob_image *image) {
  char name[96];
  checkrob_image *picture = NULL;
  snprintf(name, sizeof name, "pool-class-%lld-feature-%lld-%02zu.png", (long long)g->index,
           (long long)g->feature, i + 1);
  if (checkrob_preprocess_apply(d->input, d->in.preprocess, image) ||
      checkrob_preprocess_picture(&picture, d->in.preprocess, d->input))
    return fail_with_flags(EXIT_FAILED);
  int code = write_picture(d, picture, name);
  checkrob_image_free(picture);
  if (code != EXIT_OK) return code;
  list_image(d, g, &g->items[i], name);
  d->p->written++;
  return EXIT_OK;
}

/* The pool is one of images: where the annotation is missing or does not fit, no objects are drawn. 0: memory
 * is short. */
static int match_objects(checkrob_sample *sample, const checkrob_image *image) {
  return checkrob_sample_check_image(sample, image) != CHECKROB_ERROR_OUT_OF_MEMORY;
}

/* An image that is gone is left out, and counted. */
static int draw_image(drawing *d, checkrob_sheet *sheet, const pool_group *g, size_t i) {
  const pool_image *item = &g->items[i];
  checkrob_image_limits limits = image_limits(d->spec);
  checkrob_image *image = NULL;
  int code = EXIT_OK;
  checkrob_sample *sample = inputs_sample(&d->in, &item->place);
  if (!sample || checkrob_sample_open_image(&image, sample, &limits) || !match_objects(sample, image)) {
    d->p->gone++;
  } else {
    code = write_image(d, g, i, image);
    if (code == EXIT_OK && checkrob_sheet_count(sheet) < (size_t)SHEET_COLUMNS * SHEET_ROWS &&
        checkrob_sheet_add(sheet, image, d->in.preprocess, checkrob_sample_regions(sample), item->x, item->y))
      code = fail_with_flags(EXIT_FAILED);
  }
  checkrob_image_free(image);
  checkrob_sample_free(sample);
  return code;
}

static int write_sheet(drawing *d, const checkrob_sheet *sheet, const pool_group *g) {
  checkrob_image *picture = NULL;
  char name[96];
  if (checkrob_sheet_count(sheet) == 0) return EXIT_OK;
  snprintf(name, sizeof name, "pool-class-%lld-feature-%lld.png", (long long)g->index, (long long)g->feature);
  if (checkrob_sheet_image(&picture, sheet)) return fail_with_flags(EXIT_FAILED);
  int code = write_picture(d, picture, name);
  checkrob_image_free(picture);
  d->p->sheets += code == EXIT_OK;
  return code;
}

static int draw_group(drawing *d, const pool_group *g) {
  checkrob_sheet *sheet = NULL;
  size_t rows = (g->count + SHEET_COLUMNS - 1) / SHEET_COLUMNS;
  if (checkrob_sheet_new(&sheet, SHEET_COLUMNS, (uint32_t)(rows < SHEET_ROWS ? rows : SHEET_ROWS),
                         SHEET_SIDE))
    return fail_with_flags(EXIT_FAILED);
  int code = EXIT_OK;
  for (size_t i = 0; i < g->count && code == EXIT_OK; i++) code = draw_image(d, sheet, g, i);
  if (code == EXIT_OK) code = write_sheet(d, sheet, g);
  checkrob_sheet_free(sheet);
  return code;
}

static int draw_groups(drawing *d) {
  int code = EXIT_OK;
  fputs("file,class,index,feature,image,shows,probability,relative_logit,rank_without,second\n", d->list);
  for (size_t g = 0; g < d->p->count && code == EXIT_OK; g++) code = draw_group(d, &d->p->groups[g]);
  return code;
}

static int write_list(FILE *list, void *data) {
  drawing *d = data;
  d->list = list;
  return draw_groups(d);
}

static int write_files(drawing *d, const checkrob_results *results) {
  int code = make_folder(d->out);
  if (code == EXIT_OK) code = spare_folders(d->spec, d->out);
  char *path = join_path(d->out, "attack_pool.csv");
  if (code == EXIT_OK) code = path ? spare_recorded(results, path) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK) code = whole_file_write(path, write_list, d);
  free(path);
  return code;
}

static int open_pool(drawing *d, const inputs *in) {
  d->in = (inputs){.line = in->line, .preprocess = in->preprocess};
  if (!checkrob_options_is_set(d->spec, "attack_images"))
    return fail_usage("attack",
                      "summary.json does not record where the pool of %s is; name it: --attack-images",
                      in->line->arguments[0]);
  if (checkrob_dataset_open_pool(&d->in.dataset, d->spec, in->classes)) return fail_with_flags(EXIT_FAILED);
  size_t numbers =
      (size_t)3 * checkrob_preprocess_height(in->preprocess) * checkrob_preprocess_width(in->preprocess);
  d->input = malloc(numbers * sizeof *d->input);
  return d->input ? inputs_each_sample(&d->in, find_sample, d->p) : fail(EXIT_FAILED, "out of memory");
}

static int report(const attack_pool *p, const second_model *second, const char *out) {
  if (p->gone > 0)
    warn("%zu images of the pool could not be drawn: they are gone, or not the same any more", p->gone);
  if (p->written == 0) return fail(EXIT_FAILED, "no image of the pool could be drawn; where are they?");
  if (is_quiet()) return EXIT_OK;
  printf("\n%zu image%s of the pool and %zu contact sheet%s in ", p->written, p->written == 1 ? "" : "s",
         p->sheets, p->sheets == 1 ? "" : "s");
  put_text(stdout, out, 0);
  printf(",\nlisted in attack_pool.csv\n");
  int code = second_model_report(second, p->fooled, p->written);
  return code == EXIT_OK ? finish_output() : code;
}

int attack_pool_draw(attack_pool *p, const inputs *in, const checkrob_options *spec,
                     const checkrob_results *results, second_model *second, const char *out) {
  drawing d = {.p = p, .spec = spec, .second = second, .out = out};
  if (p->count == 0) return EXIT_OK;
  int code = open_pool(&d, in);
  if (code == EXIT_OK) code = write_files(&d, results);
  free(d.input);
  checkrob_dataset_free(d.in.dataset);
  return code == EXIT_OK ? report(p, second, out) : code;
}
