/* SPDX-License-Identifier: Apache-2.0 */
#include "html/pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/part_file.h"
#include "base/text.h"
#include "html/base64.h"
#include "html/json_out.h"
#include "parallel/pool.h"

#define ITEMS_A_THREAD 8

/* A pass over some of the picks, in the order of their inputs. */
typedef struct drawing {
  pictures_pass *pass;
  const pick *all; /* a pick's number is its position in it */
  pick **order;
  size_t count, next; /* `next` is drawn next, by the pool's workers in turn */
  bool found;         /* moved images were searched: what is still elsewhere is gone */
  pick **moved;       /* those that are not where their numbers say */
  size_t moved_count;
} drawing;

typedef struct item {
  pick *of;
  picture made;
  bool elsewhere; /* another image has these numbers */
  char *problem;  /* why there is no picture; NULL: there is one */
  bool no_memory;
} item;

/* ---- one image, on a worker ---- */

static checkrob_status read_sample(checkrob_sample **out, const checkrob_dataset *dataset, const pick *p) {
  checkrob_cursor *cursor = NULL;
  checkrob_status status = checkrob_cursor_new(&cursor, dataset, 0, 0);
  if (!status) status = checkrob_cursor_seek(cursor, p->input, p->part);
  if (!status) status = checkrob_cursor_next(out, cursor);
  checkrob_cursor_free(cursor);
  return status;
}

static bool is_sample(const checkrob_sample *sample, const pick *p) {
  return p->image && strcmp(checkrob_sample_image(sample), p->image) == 0 &&
         (p->kind == PICK_POOL || checkrob_sample_class_index(sample) == p->index);
}

static void set_problem(item *it, const char *text) {
  it->problem = text_copy(text);
  if (!it->problem) it->no_memory = true;
}

static checkrob_status draw_next(bool *drawn, void *context, void *cell) {
  drawing *d = context;
  if (d->next == d->count) return CHECKROB_END;
  *(item *)cell = (item){.of = d->order[d->next++]};
  *drawn = true;
  return CHECKROB_OK;
}

static void work(void *context, void *cell, size_t worker) {
  drawing *d = context;
  item *it = cell;
  (void)worker;
  const checkrob_dataset *dataset = it->of->kind == PICK_POOL ? d->pass->pool : d->pass->dataset;
  checkrob_sample *sample = NULL;
  if (!dataset) {
    set_problem(it, "the data were not given");
    return;
  }
  checkrob_status status = read_sample(&sample, dataset, it->of);
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) {
    it->no_memory = true;
  } else if (status || !is_sample(sample, it->of)) {
    it->elsewhere = true;
    set_problem(it, "the image is not in the data any more");
  } else {
    status = picture_make(&it->made, &d->pass->style, sample);
    it->no_memory = status == CHECKROB_ERROR_OUT_OF_MEMORY;
    if (status) set_problem(it, checkrob_last_error());
  }
  checkrob_sample_free(sample);
}

static void clear(void *context, void *cell) {
  (void)context;
  item *it = cell;
  picture_clear(&it->made);
  free(it->problem);
  *it = (item){0};
}

/* ---- writing ---- */

static json_t *json_of_map(const byte_map *map) {
  char *text = base64(map->cells, map->height * map->width);
  if (!text) json_run_short();
  if (!text) return NULL;
  json_t *value = json_pack("{s:i, s:i, s:s}", "h", (int)map->height, "w", (int)map->width, "d", text);
  free(text);
  return value;
}

static json_t *json_of_integer(int64_t value) {
  return value >= 0 ? json_integer(value) : json_null();
}

static json_t *json_of_pick(const pick *p, size_t number) {
  static const char *const kinds[] = {"worst", "typical", "best", "missed", "feature", "pool"};
  json_t *object = json_object();
  json_object_set_new(object, "number", json_integer((json_int_t)number));
  json_object_set_new(object, "class", json_integer(p->index));
  json_object_set_new(object, "kind", json_string(kinds[p->kind]));
  json_object_set_new(object, "image", json_text(p->image ? p->image : ""));
  json_object_set_new(object, "rs", json_number(p->rs));
  json_object_set_new(object, "share", json_number(p->region_share));
  json_object_set_new(object, "probability", json_number(p->probability));
  json_object_set_new(object, "predicted", json_of_integer(p->predicted));
  json_object_set_new(object, "rank", json_of_integer(p->rank));
  if (p->feature > 0) json_object_set_new(object, "feature", json_integer(p->feature));
  if (isfinite(p->x) && isfinite(p->y)) json_object_set_new(object, "at", json_pack("[f, f]", p->x, p->y));
  if (p->map.cells) json_object_set_new(object, "map", json_of_map(&p->map));
  if (isfinite(p->rs_before)) json_object_set_new(object, "rs_before", json_real(p->rs_before));
  if (p->map_before.cells) json_object_set_new(object, "map_before", json_of_map(&p->map_before));
  return object;
}

static checkrob_status write_file(const char *folder, const char *name, const picture *made) {
  char *path = text_format("%s/%s", folder, name);
  if (!path) return error_memory("the report");
  checkrob_status status = file_write_whole(path, (const char *)made->webp, made->bytes);
  free(path);
  return status;
}

/* "FOLDER/NAME" as a relative URL: a path may have any bytes, and JSON has UTF-8 alone. NULL: out of memory.
 */
static json_t *url_of(const char *folder, const char *name) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  char *url = malloc(3 * strlen(folder) + strlen(name) + 2), *to = url;
  if (!url) return NULL;
  for (const char *c = folder; *c; c++) {
    if (strchr(plain, *c))
      *to++ = *c;
    else
      to += sprintf(to, "%%%02X", (unsigned char)*c);
  }
  sprintf(to, "/%s", name);
  json_t *value = json_string(url);
  free(url);
  return value;
}

/* The pixels: a file's name, or the file itself as base64. */
static checkrob_status add_pixels(json_t *object, const pictures_pass *pass, const picture *made,
                                  size_t number) {
  char name[32];
  snprintf(name, sizeof name, "%06zu.webp", number + 1);
  if (pass->folder) {
    checkrob_status status = write_file(pass->folder, name, made);
    if (!status && json_object_set_new(object, "file", url_of(pass->link, name)) != 0)
      status = error_memory("the report");
    return status;
  }
  char *text = base64(made->webp, made->bytes);
  if (!text) return error_memory("the report");
  json_object_set_new(object, "webp", json_string(text));
  free(text);
  return CHECKROB_OK;
}

static checkrob_status write_picture(drawing *d, const item *it) {
  size_t number = (size_t)(it->of - d->all);
  json_t *object = json_of_pick(it->of, number);
  checkrob_status status = CHECKROB_OK;
  if (it->problem) {
    json_object_set_new(object, "problem", json_text(it->problem));
    d->pass->missing++;
  } else {
    const double *view = it->made.view;
    json_object_set_new(object, "width", json_integer(it->made.width));
    json_object_set_new(object, "height", json_integer(it->made.height));
    json_object_set_new(object, "outline", json_text(it->made.outline));
    json_object_set_new(object, "view", json_pack("[f, f, f, f]", view[0], view[1], view[2], view[3]));
    status = add_pixels(object, d->pass, &it->made, number);
    d->pass->drawn++;
  }
  if (!status && d->pass->drawn + d->pass->missing > 1) fputs(",\n", d->pass->to);
  if (!status) return json_out(d->pass->to, object);
  json_decref(object);
  return status;
}

static checkrob_status take(drawing *d, const item *it, size_t total) {
  if (it->no_memory) return error_memory("a picture of the report");
  if (it->elsewhere && !d->found) {
    d->moved[d->moved_count++] = it->of;
    return CHECKROB_OK;
  }
  checkrob_status status = write_picture(d, it);
  size_t done = d->pass->drawn + d->pass->missing;
  if (!status && d->pass->on_progress && d->pass->on_progress(done, total, d->pass->user_data) != 0)
    status = error_set(CHECKROB_ERROR_INTERRUPTED, "the report was interrupted");
  return status;
}

static checkrob_status draw_all(drawing *d, size_t total) {
  const pool_options options = {.workers = d->pass->threads,
                                .capacity = d->pass->threads * ITEMS_A_THREAD,
                                .item_size = sizeof(item),
                                .context = d,
                                .draw = draw_next,
                                .work = work,
                                .clear = clear};
  pool *workers = NULL;
  checkrob_status status = pool_start(&workers, &options, "a decoding thread");
  for (size_t i = 0; !status; i++) {
    void *cell = NULL;
    bool pending = true;
    while (!status && !cell && pending) status = pool_peek(&cell, &pending, workers, i, 1000);
    if (status || !cell) break;
    status = take(d, cell, total);
    if (!status) pool_release(workers, 1);
  }
  pool_free(workers);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

/* ---- images that are elsewhere now ---- */

static int by_name(const void *left, const void *right) {
  const pick *a = *(pick *const *)left, *b = *(pick *const *)right;
  return strcmp(a->image ? a->image : "", b->image ? b->image : "");
}

static int name_of(const void *key, const void *cell) {
  const pick *p = *(pick *const *)cell;
  return strcmp(key, p->image ? p->image : "");
}

static bool any_moved(const drawing *d, bool in_pool) {
  for (size_t i = 0; i < d->moved_count; i++)
    if ((d->moved[i]->kind == PICK_POOL) == in_pool) return true;
  return false;
}

/* The numbers of an image change when another one is added before it. */
static checkrob_status find_moved(drawing *d, const checkrob_dataset *dataset, bool in_pool) {
  checkrob_cursor *cursor = NULL;
  checkrob_sample *sample = NULL;
  if (!dataset || !any_moved(d, in_pool)) return CHECKROB_OK;
  checkrob_status status = checkrob_cursor_new(&cursor, dataset, 0, 0);
  while (!status && !(status = checkrob_cursor_next(&sample, cursor))) {
    const char *image = checkrob_sample_image(sample);
    size_t at = array_lower_bound(image, d->moved, d->moved_count, sizeof *d->moved, name_of);
    for (; at < d->moved_count && name_of(image, &d->moved[at]) == 0; at++) {
      if ((d->moved[at]->kind == PICK_POOL) != in_pool || !is_sample(sample, d->moved[at])) continue;
      d->moved[at]->input = checkrob_sample_input(sample);
      d->moved[at]->part = checkrob_sample_part(sample);
    }
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

static checkrob_status draw_moved(drawing *d, size_t total) {
  qsort(d->moved, d->moved_count, sizeof *d->moved, by_name);
  checkrob_status status = find_moved(d, d->pass->dataset, false);
  if (!status) status = find_moved(d, d->pass->pool, true);
  drawing again = {.pass = d->pass, .all = d->all, .order = d->moved, .count = d->moved_count, .found = true};
  return status ? status : draw_all(&again, total);
}

static int by_input(const void *left, const void *right) {
  const pick *a = *(pick *const *)left, *b = *(pick *const *)right;
  if (a->kind != b->kind && (a->kind == PICK_POOL || b->kind == PICK_POOL))
    return a->kind == PICK_POOL ? 1 : -1;
  return (a->input > b->input) - (a->input < b->input);
}

checkrob_status pictures_write(pictures_pass *pass, pick_list *picks) {
  if (picks->count == 0) return CHECKROB_OK;
  drawing d = {.pass = pass, .all = picks->items, .count = picks->count};
  d.order = malloc(picks->count * sizeof *d.order);
  d.moved = malloc(picks->count * sizeof *d.moved);
  checkrob_status status = d.order && d.moved ? CHECKROB_OK : error_memory("the report");
  for (size_t i = 0; i < picks->count && !status; i++) d.order[i] = &picks->items[i];
  if (!status) qsort(d.order, d.count, sizeof *d.order, by_input);
  if (!status) status = draw_all(&d, picks->count);
  if (!status && d.moved_count > 0) status = draw_moved(&d, picks->count);
  free(d.order);
  free(d.moved);
  return status;
}
