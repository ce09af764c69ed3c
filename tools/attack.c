/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob attack: images that fool the model. Some are made from what probes found: the surroundings of one
 * class with the object of another. Others are found in a pool: attack_pool.c. */
#include <stdlib.h>
#include <string.h>

#include "attack_pool.h"
#include "files.h"
#include "table.h"
#include "terminal.h"

#define PAIRS_SHOWN 20

/* A pasted image that fools the model. */
typedef struct fooling_image {
  char *image, *donor, *class_name;
  int64_t index, object;
  double evidence; /* relative logit of the class in the pasted image */
  sample_place place, donor_place;
} fooling_image;

typedef struct attacking {
  const command_line *line;
  inputs in;
  checkrob_options *spec;
  checkrob_results *results;
  fooling_image *items; /* by class, the strongest first */
  size_t count, capacity;
  size_t most;    /* of each class */
  int keeps_size; /* objects were pasted at their own size */
  second_model second;
  attack_pool pool;
  int has_pairs;
  size_t written, gone, second_fooled;
} attacking;

static void attacking_free(attacking *a) {
  for (size_t i = 0; i < a->count; i++) {
    free(a->items[i].image);
    free(a->items[i].donor);
    free(a->items[i].class_name);
  }
  free(a->items);
  second_model_free(&a->second);
  attack_pool_free(&a->pool);
  checkrob_results_free(a->results);
  inputs_free(&a->in);
  checkrob_options_free(a->spec);
}

/* ---- the table of pairs ---- */

typedef struct pair {
  char class_name[128], object[128]; /* as much as is shown */
  double images, fooled, low;
} pair;

typedef struct pair_list {
  pair pairs[PAIRS_SHOWN]; /* the most certain first: the larger the lower end of the share's interval */
  size_t shown, count, images, fooled;
} pair_list;

static int take_pair(const checkrob_row *row, void *data) {
  pair_list *list = data;
  pair p = {.images = checkrob_row_number(row, "images"),
            .fooled = checkrob_row_number(row, "fooled"),
            .low = checkrob_row_number(row, "share_low")};
  snprintf(p.class_name, sizeof p.class_name, "%s", class_shown(row));
  snprintf(p.object, sizeof p.object, "%s",
           checkrob_row_text(row, checkrob_row_has(row, "object_title") ? "object_title" : "object"));
  list->count++;
  list->images += (size_t)p.images;
  list->fooled += (size_t)p.fooled;
  size_t at = list->shown;
  while (at > 0 && p.low > list->pairs[at - 1].low) at--;
  if (!(p.fooled > 0.0) || at == PAIRS_SHOWN) return 0;
  if (list->shown < PAIRS_SHOWN) list->shown++;
  memmove(&list->pairs[at + 1], &list->pairs[at], (list->shown - at - 1) * sizeof p);
  list->pairs[at] = p;
  return 0;
}

static int print_pair_table(const pair_list *list) {
  static const table_column columns[] = {{"surroundings of", COLUMN_NAME, NULL},
                                         {"object of", COLUMN_NAME, NULL},
                                         {"images", COLUMN_NUMBER, NULL},
                                         {"fooled", COLUMN_NUMBER, NULL}};
  if (list->shown == 0) return finish_output();
  table *t = table_new(columns, sizeof columns / sizeof columns[0]);
  if (!t) return fail(EXIT_FAILED, "out of memory");
  for (size_t i = 0; i < list->shown; i++) {
    table_text(t, list->pairs[i].class_name);
    table_text(t, list->pairs[i].object);
    table_number(t, list->pairs[i].images, 0);
    table_number(t, list->pairs[i].fooled, 0);
  }
  putchar('\n');
  int code = table_print(t, stdout, table_columns());
  table_free(t);
  return code == EXIT_OK ? finish_output() : code;
}

static int print_pairs(attacking *a) {
  pair_list list = {.shown = 0};
  if (checkrob_results_table(a->results, "pasted", take_pair, &list)) return fail_with_flags(EXIT_FAILED);
  a->has_pairs = list.count > 0;
  if (list.count == 0 && a->pool.all > 0) return EXIT_OK;
  if (list.count == 0)
    return fail(
        EXIT_FAILED,
        "%s has no pasted images and no pool; score with --advice or --probe verdict, on data of two classes "
        "or "
        "more, or with --features and --attack-images",
        a->line->arguments[0]);
  const char *k = checkrob_results_option(a->results, "top_k");
  int one = !k || strcmp(k, "1") == 0;
  if (is_quiet()) return EXIT_OK;
  put_line("%zu of %zu pasted images are still taken for the class of their surroundings%s%s%s.", list.fooled,
           list.images, one ? "" : " (among the ", one ? "" : k,
           one ? "" : " highest; images are of the highest alone)");
  if (list.shown < list.count)
    printf("The most certain pairs of %zu (export --as pasted.csv has all):\n", list.count);
  return print_pair_table(&list);
}

/* ---- the images ---- */

static int compare_images(const void *left, const void *right) {
  const fooling_image *a = left, *b = right;
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  return (a->evidence < b->evidence) - (a->evidence > b->evidence);
}

/* The columns of what was pasted: by `score --advice` at its own size, or else by the probe. */
typedef struct pasted_names {
  const char *rank, *image, *index, *logit;
} pasted_names;

static pasted_names names_of(const attacking *a) {
  return a->keeps_size
             ? (pasted_names){"pasted_rank", "pasted_image", "pasted_index", "pasted_relative_logit"}
             : (pasted_names){"rank_transplanted", "donor", "donor_index", "relative_logit_transplanted"};
}

static int take_sample(const checkrob_row *row, void *data) {
  attacking *a = data;
  const pasted_names names = names_of(a);
  if (checkrob_row_integer(row, "hit") != 1 || checkrob_row_integer(row, names.rank) != 1 ||
      !*checkrob_row_text(row, names.image))
    return 0;
  if (a->count == a->capacity) {
    size_t capacity = a->capacity ? 2 * a->capacity : 64;
    fooling_image *grown = realloc(a->items, capacity * sizeof *grown);
    if (!grown) return 1;
    a->items = grown;
    a->capacity = capacity;
  }
  fooling_image *item = &a->items[a->count++];
  *item = (fooling_image){.image = strdup(checkrob_row_text(row, "image")),
                          .donor = strdup(checkrob_row_text(row, names.image)),
                          .class_name = strdup(checkrob_row_text(row, "class")),
                          .index = checkrob_row_integer(row, "index"),
                          .object = checkrob_row_integer(row, names.index),
                          .evidence = checkrob_row_number(row, names.logit)};
  return !item->image || !item->donor || !item->class_name;
}

/* Keeps the strongest of each class. */
static void keep_strongest(attacking *a) {
  size_t kept = 0, of_class = 0;
  if (a->count > 0) qsort(a->items, a->count, sizeof *a->items, compare_images);
  for (size_t i = 0; i < a->count; i++) {
    of_class = i > 0 && kept > 0 && a->items[i].index == a->items[kept - 1].index ? of_class + 1 : 0;
    if (of_class < a->most) {
      fooling_image item = a->items[i];
      a->items[i] = (fooling_image){0};
      a->items[kept++] = item;
      continue;
    }
    free(a->items[i].image);
    free(a->items[i].donor);
    free(a->items[i].class_name);
    a->items[i] = (fooling_image){0};
  }
  a->count = kept;
}

/* Photos are found by their names and classes: their numbers change when one is added. */
static void find_in(const checkrob_sample *sample, void *data) {
  attacking *a = data;
  for (size_t i = 0; i < a->count; i++) {
    fooling_image *item = &a->items[i];
    sample_place_offer(&item->place, sample, item->image, item->index);
    sample_place_offer(&item->donor_place, sample, item->donor, item->object);
  }
}

/* NULL: one of the images is gone, or not the same any more. */
static checkrob_image *paste(float *input, const attacking *a, const fooling_image *item) {
  checkrob_image_limits limits = image_limits(a->spec);
  checkrob_image *first = NULL, *second = NULL, *pasted = NULL;
  checkrob_sample *own = inputs_sample(&a->in, &item->place);
  checkrob_sample *donor = inputs_sample(&a->in, &item->donor_place);
  int is_paper = strcmp(checkrob_options_text(a->spec, "geometry"), "paper") == 0;
  if (own && donor && !checkrob_sample_open_image(&first, own, &limits) &&
      !checkrob_sample_open_image(&second, donor, &limits) && !checkrob_sample_check_image(own, first) &&
      !checkrob_sample_check_image(donor, second)) {
    checkrob_pasted_image into = CHECKROB_PASTED_IMAGE_INIT, from = CHECKROB_PASTED_IMAGE_INIT;
    into.image = first;
    into.regions = checkrob_sample_regions(own);
    into.ignored = checkrob_sample_ignored(own);
    from.image = second;
    from.regions = checkrob_sample_regions(donor);
    from.keeps_size = a->keeps_size;
    checkrob_paste(&pasted, input, a->in.preprocess, &into, &from,
                   is_paper ? CHECKROB_GEOMETRY_PAPER : CHECKROB_GEOMETRY_STANDARD,
                   checkrob_options_number(a->spec, "probe_margin"));
  }
  checkrob_image_free(first);
  checkrob_image_free(second);
  checkrob_sample_free(own);
  checkrob_sample_free(donor);
  return pasted;
}

static void list_image(FILE *list, const fooling_image *item, const char *file, int64_t second) {
  fprintf(list, "%s,", file);
  put_quoted(list, item->class_name);
  fprintf(list, ",%lld,%lld,", (long long)item->index, (long long)item->object);
  put_quoted(list, item->image);
  fputc(',', list);
  put_quoted(list, item->donor);
  fprintf(list, ",%.6g,", item->evidence);
  if (second >= 0) fprintf(list, "%lld", (long long)second);
  fputc('\n', list);
}

/* `number`: of the image among those of its class. */
static int write_image(attacking *a, FILE *list, float *input, const fooling_image *item, size_t number) {
  char name[96];
  checkrob_image *pasted = paste(input, a, item);
  if (!pasted) {
    a->gone++;
    return EXIT_OK;
  }
  snprintf(name, sizeof name, "class-%lld-%02zu-object-%lld.png", (long long)item->index, number,
           (long long)item->object);
  char *path = join_path(command_line_text(a->line, "out"), name);
  int code = path ? EXIT_OK : fail(EXIT_FAILED, "out of memory");
  if (path && checkrob_image_write_png(pasted, path)) code = fail_with_flags(EXIT_FAILED);
  int64_t second = second_model_ask(&a->second, input);
  a->second_fooled += second == item->index;
  a->written += code == EXIT_OK;
  if (code == EXIT_OK) list_image(list, item, name, second);
  checkrob_image_free(pasted);
  free(path);
  return code;
}

static int write_all(attacking *a, FILE *list) {
  size_t numbers =
      (size_t)3 * checkrob_preprocess_height(a->in.preprocess) * checkrob_preprocess_width(a->in.preprocess);
  float *input = malloc(numbers * sizeof *input);
  int code = input ? EXIT_OK : fail(EXIT_FAILED, "out of memory");
  fputs("file,class,index,object_index,image,donor,relative_logit,second\n", list);
  for (size_t i = 0, number = 0; i < a->count && code == EXIT_OK; i++) {
    number = i > 0 && a->items[i].index == a->items[i - 1].index ? number + 1 : 1;
    code = write_image(a, list, input, &a->items[i], number);
  }
  free(input);
  return code;
}

static int write_list(FILE *list, void *data) {
  return write_all(data, list);
}

static int write_files(attacking *a) {
  const char *out = command_line_text(a->line, "out");
  int code = make_folder(out);
  if (code == EXIT_OK) code = spare_folders(a->spec, out);
  char *path = join_path(out, "attack.csv");
  if (code == EXIT_OK) code = path ? spare_recorded(a->results, path) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK) code = whole_file_write(path, write_list, a);
  free(path);
  return code;
}

/* ---- all of it ---- */

static int draw(attacking *a) {
  const char *out = command_line_text(a->line, "out");
  if (checkrob_results_each(a->results, take_sample, a)) return fail_with_flags(EXIT_FAILED);
  keep_strongest(a);
  int code = inputs_each_sample(&a->in, find_in, a);
  if (code == EXIT_OK) code = write_files(a);
  if (code != EXIT_OK) return code;
  if (a->gone > 0)
    warn("%zu images could not be made: their photos are gone, or not the same any more", a->gone);
  if (!is_quiet()) {
    putchar('\n');
    put_line("%zu image%s in %s, listed in attack.csv", a->written, a->written == 1 ? "" : "s", out);
  }
  if (a->written == 0 && a->count > 0)
    return fail(EXIT_FAILED, "no image could be made; where are the photos?");
  code = second_model_report(&a->second, a->second_fooled, a->written);
  a->second.failed = 0; /* the pool has a count of its own */
  return code == EXIT_OK ? finish_output() : code;
}

static int print_all(attacking *a) {
  int code = attack_pool_read(&a->pool, a->results);
  if (code == EXIT_OK) code = print_pairs(a);
  if (code != EXIT_OK || a->pool.all == 0) return code;
  if (a->has_pairs) putchar('\n');
  return attack_pool_print(&a->pool);
}

static int open_all(attacking *a) {
  if (open_results(&a->results, a->line->arguments[0], NULL)) return fail_with_flags(EXIT_FAILED);
  a->keeps_size = results_have(a->results, "advice");
  return EXIT_OK;
}

int command_attack(const command_line *line) {
  if (line->argument_count != 1) return fail_usage("attack", "give one file of results");
  size_t most = (size_t)command_line_integer(line, "most");
  const char *out = command_line_text(line, "out");
  attacking a = {.line = line, .in = {.line = line}, .most = most, .pool = {.most = most}};
  int code = open_all(&a);
  if (code == EXIT_OK) warn_if_incomplete(a.results, line->arguments[0]);
  if (code == EXIT_OK && out) code = inputs_open_run(&a.in, &a.spec, line->arguments[0]);
  if (code == EXIT_OK) code = second_model_open(&a.second, line, a.in.preprocess);
  if (code == EXIT_OK) code = print_all(&a);
  if (code == EXIT_OK && out && a.has_pairs) code = draw(&a);
  if (code == EXIT_OK && out) code = attack_pool_draw(&a.pool, &a.in, a.spec, a.results, &a.second, out);
  attacking_free(&a);
  return code;
}
