/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: pictures, contact sheets, and the numbers beside them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "class_choice.h"
#include "explain.h"
#include "files.h"
#include "table.h"
#include "terminal.h"

#define TILE_SIDE 224

/* A picture never replaces a photo. */
static int spare_photo(const explained *x, const char *path) {
  if (!same_file(path, x->path)) return EXIT_OK;
  return fail(EXIT_FAILED, "%s would be replaced, but it is an input (%s); give another path with --out",
              path, x->path);
}

static checkrob_status make_overlay(checkrob_image **out, const explaining *e, const explained *x,
                                    const checkrob_overlay_style *style) {
  return checkrob_overlay_styled(out, x->image, e->in.preprocess, x->map, x->shape[0], x->shape[1],
                                 x->regions, style);
}

static int write_picture(const explaining *e, const explained *x, const char *path) {
  checkrob_image *overlay = NULL;
  int code = spare_photo(x, path);
  if (code == EXIT_OK && (make_overlay(&overlay, e, x, &e->style) || checkrob_image_write_png(overlay, path)))
    code = fail_with_flags(EXIT_FAILED);
  checkrob_image_free(overlay);
  return code;
}

/* ---- one picture ---- */

static int print_numbers(const explaining *e, const explained *x) {
  size_t classes = (size_t)checkrob_model_class_count(e->in.model), k = classes < 5 ? classes : 5;
  size_t objects = x->regions ? checkrob_regions_count(x->regions) : 0;
  int64_t top[5];
  if (checkrob_top_k(top, x->logits, classes, k)) return fail_with_flags(EXIT_FAILED);
  printf("layer %s\nmethod %s\nclass %lld logit %g\ntop %zu:", checkrob_explainer_layers(e->explainer),
         checkrob_options_text(e->options, "method"), (long long)x->item->target, x->item->logit, k);
  for (size_t i = 0; i < k; i++) printf(" %lld (%g)", (long long)top[i], (double)x->logits[top[i]]);
  printf("\n");
  if (objects > 0)
    printf("robustness score %.4f, of a flat map %.4f (%zu object%s)\n", x->item->score, x->item->flat,
           objects, objects == 1 ? "" : "s");
  return EXIT_OK;
}

static int take_picture(explaining *e, const explained *x, void *data) {
  const char *out = data;
  if (e->annotations && !x->regions)
    warn("the annotations hold no object%s%s", e->object_name ? " of the class " : "",
         e->object_name ? e->object_name : "");
  int code = write_picture(e, x, out);
  if (code == EXIT_OK && !is_quiet()) code = print_numbers(e, x);
  if (code != EXIT_OK || is_quiet()) return code;
  printf("overlay ");
  put_text(stdout, out, 0);
  putchar('\n');
  return finish_output();
}

int draw_picture(explaining *e) {
  char *out = strdup(command_line_text(e->line, "out"));
  int code = out ? explain_items(e, take_picture, out) : fail(EXIT_FAILED, "out of memory");
  free(out);
  return code;
}

/* ---- several ---- */

typedef struct pictures {
  const char *folder; /* NULL: the contact sheet alone */
  char *sheet_path;
  checkrob_sheet *sheet;
} pictures;

static void name_picture(char *name, size_t bytes, const explained_item *item) {
  snprintf(name, bytes, "class-%lld-%03zu.png", (long long)item->target, item->tile);
}

static int add_to_folder(const explaining *e, const explained *x, const char *folder) {
  char name[64];
  name_picture(name, sizeof name, x->item);
  char *path = join_path(folder, name);
  int code = path ? spare_inputs(e->line, path) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK) code = write_picture(e, x, path);
  free(path);
  return code;
}

/* The photo with its objects, and beside it the same under the map. */
static checkrob_status add_tile(explaining *e, const explained *x, checkrob_sheet *sheet) {
  checkrob_overlay_style style = e->style;
  checkrob_image *photo = NULL, *overlay = NULL;
  style.longest_side = TILE_SIDE;
  checkrob_status status = make_overlay(&overlay, e, x, &style);
  style.alpha = 0.0;
  if (!status) status = make_overlay(&photo, e, x, &style);
  if (!status) status = checkrob_sheet_add_pictures(sheet, photo, overlay);
  checkrob_image_free(photo);
  checkrob_image_free(overlay);
  return status;
}

static int take_one(explaining *e, const explained *x, void *data) {
  pictures *p = data;
  int code = spare_photo(x, p->sheet_path);
  if (code == EXIT_OK && add_tile(e, x, p->sheet)) code = fail_with_flags(EXIT_FAILED);
  if (code != EXIT_OK) return code;
  x->item->tile = checkrob_sheet_count(p->sheet);
  return p->folder ? add_to_folder(e, x, p->folder) : EXIT_OK;
}

static int write_sheet(const pictures *p) {
  checkrob_image *picture = NULL;
  checkrob_status status = checkrob_sheet_image(&picture, p->sheet);
  if (!status) status = checkrob_image_write_png(picture, p->sheet_path);
  checkrob_image_free(picture);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

/* ---- the table ---- */

static const char *title_of(char number[32], const explaining *e, int64_t index) {
  const char *title = e->in.classes ? class_title(e->in.classes, index) : "";
  snprintf(number, 32, "%lld", (long long)index);
  return *title ? title : number;
}

static const table_column shown[] = {{"tile", COLUMN_NUMBER, NULL}, {"image", COLUMN_PATH, NULL},
                                     {"RS", COLUMN_NUMBER, NULL},   {"flat", COLUMN_NUMBER, NULL},
                                     {"rank", COLUMN_NUMBER, NULL}, {"taken for", COLUMN_NAME, NULL},
                                     {"class", COLUMN_NAME, NULL}};

/* In the order of the tiles. */
static int print_table(const explaining *e) {
  table *t = table_new(shown, sizeof shown / sizeof *shown);
  char number[32];
  if (!t) return fail(EXIT_FAILED, "out of memory");
  for (size_t i = 0; i < e->count; i++) {
    const explained_item *item = &e->items[i];
    if (item->tile == 0) continue;
    table_number(t, (double)item->tile, 0);
    table_text(t, item->name);
    table_number(t, item->score, 4);
    table_number(t, item->flat, 4);
    table_number(t, (double)item->rank, 0);
    table_text(t, title_of(number, e, item->predicted));
    table_text(t, title_of(number, e, item->target));
  }
  int code = table_print(t, stdout, table_columns());
  table_free(t);
  return code;
}

static void list_number(FILE *list, double value) {
  if (isfinite(value))
    fprintf(list, ",%.9g", value);
  else
    fputc(',', list);
}

static int write_list(FILE *list, void *data) {
  const explaining *e = data;
  fputs("file,image,class,index,rs,region_share,logit,rank,predicted\n", list);
  for (size_t i = 0; i < e->count; i++) {
    const explained_item *item = &e->items[i];
    const char *class_name = e->in.classes ? checkrob_class_map_name_of(e->in.classes, item->target) : NULL;
    char name[64];
    if (item->tile == 0) continue;
    name_picture(name, sizeof name, item);
    fprintf(list, "%s,", name);
    put_quoted(list, item->name);
    fputc(',', list);
    put_quoted(list, class_name ? class_name : "");
    fprintf(list, ",%lld", (long long)item->target);
    list_number(list, item->score);
    list_number(list, item->flat);
    list_number(list, item->logit);
    fprintf(list, ",%lld,%lld\n", (long long)item->rank, (long long)item->predicted);
  }
  return EXIT_OK;
}

/* ---- all of it ---- */

static int open_pictures(explaining *e, pictures *p) {
  const char *out = command_line_text(e->line, "out");
  uint32_t columns = e->count <= 1 ? 1 : e->count <= 6 ? 2 : e->count <= 24 ? 3 : 4;
  uint32_t rows = (uint32_t)((e->count + columns - 1) / columns);
  int code = p->folder ? make_folder(out) : EXIT_OK;
  if (code == EXIT_OK && p->folder) code = spare_folders(e->options, out);
  if (code != EXIT_OK) return code;
  p->sheet_path = p->folder ? join_path(out, "sheet.png") : strdup(out);
  if (!p->sheet_path) return fail(EXIT_FAILED, "out of memory");
  code = spare_inputs(e->line, p->sheet_path);
  if (code == EXIT_OK && checkrob_sheet_new(&p->sheet, columns, rows, TILE_SIDE))
    code = fail_with_flags(EXIT_FAILED);
  return code;
}

static int write_all(explaining *e, const pictures *p) {
  int code = write_sheet(p);
  if (code != EXIT_OK || !p->folder) return code;
  char *path = join_path(p->folder, "pictures.csv");
  code = path ? spare_inputs(e->line, path) : fail(EXIT_FAILED, "out of memory");
  if (code == EXIT_OK) code = whole_file_write(path, write_list, e);
  free(path);
  return code;
}

static int print_all(const explaining *e, const pictures *p) {
  size_t count = checkrob_sheet_count(p->sheet);
  printf("layer %s\nmethod %s\n", checkrob_explainer_layers(e->explainer),
         checkrob_options_text(e->options, "method"));
  int code = print_table(e);
  printf("%zu image%s, row by row, on ", count, count == 1 ? "" : "s");
  put_text(stdout, p->sheet_path, 0);
  if (p->folder) printf("; a picture of each is beside it, listed in pictures.csv");
  putchar('\n');
  return code;
}

static int report(const explaining *e, const pictures *p) {
  int code = is_quiet() ? EXIT_OK : print_all(e, p);
  if (e->failed > 0) warn("%zu of %zu images could not be explained", e->failed, e->count);
  if (code == EXIT_OK) code = finish_output();
  return code == EXIT_OK && e->is_interrupted ? EXIT_INTERRUPTED : code;
}

int draw_pictures(explaining *e, int is_folder) {
  pictures p = {.folder = is_folder ? command_line_text(e->line, "out") : NULL};
  int code = open_pictures(e, &p);
  e->failed = 0;
  if (code == EXIT_OK) code = explain_items(e, take_one, &p);
  if (code == EXIT_OK && checkrob_sheet_count(p.sheet) == 0)
    code = e->is_interrupted ? EXIT_INTERRUPTED
                             : fail(EXIT_NONE, "not one of %zu images could be explained", e->count);
  if (code == EXIT_OK) code = write_all(e, &p);
  if (code == EXIT_OK) code = report(e, &p);
  checkrob_sheet_free(p.sheet);
  free(p.sheet_path);
  return code;
}
