#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "results/results.h"
#include "score/evidence.h"

typedef struct reader {
  store *from;
  const class_tally *blind; /* NULL: object-blind scores are not wanted, or not known yet */
  sqlite3_stmt *samples, *others;
  checkrob_other_class *list; /* of the row at hand, with names of their own */
  size_t count, capacity;
} reader;

static double real(sqlite3_stmt *s, int column) {
  return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

static int64_t whole(sqlite3_stmt *s, int column, int64_t none) {
  return sqlite3_column_type(s, column) == SQLITE_NULL ? none : sqlite3_column_int64(s, column);
}

static const char *text(sqlite3_stmt *s, int column) {
  const unsigned char *found = sqlite3_column_text(s, column);
  return found ? (const char *)found : "";
}

static checkrob_status status_of(const char *name) {
  for (int code = CHECKROB_OK; code >= CHECKROB_END; code--)
    if (strcmp(checkrob_status_name((checkrob_status)code), name) == 0) return (checkrob_status)code;
  return CHECKROB_ERROR;
}

static void forget_others(reader *r) {
  for (size_t i = 0; i < r->count; i++) free((void *)r->list[i].name);
  r->count = 0;
}

static checkrob_status read_others(reader *r, int64_t sample) {
  forget_others(r);
  sqlite3_bind_int64(r->others, 1, sample);
  int code;
  checkrob_status status = CHECKROB_OK;
  while (!status && (code = sqlite3_step(r->others)) == SQLITE_ROW) {
    checkrob_other_class *list = array_grow(r->list, &r->capacity, r->count, sizeof *list);
    if (list) r->list = list;
    char *name = text_copy(text(r->others, 0));
    if (list && name)
      list[r->count++] = (checkrob_other_class){name, whole(r->others, 1, -1), real(r->others, 2)};
    else
      free(name), status = error_memory("the results");
  }
  if (!status && code != SQLITE_DONE) status = store_error(r->from, "read");
  sqlite3_reset(r->others);
  return status;
}

/* What the sample's region gets from the object-blind map of its class. */
static double blind_score(const reader *r, int64_t class_index, int region_column, int counted_column) {
  const class_total *total = r->blind ? tally_find(r->blind, class_index) : NULL;
  const class_assessment *a = total ? total->assessed : NULL;
  if (!a || !a->blind) return NAN;
  size_t bytes = a->cells * sizeof(float);
  const float *region = sqlite3_column_blob(r->samples, region_column);
  const float *counted = sqlite3_column_blob(r->samples, counted_column);
  if (!region || (size_t)sqlite3_column_bytes(r->samples, region_column) != bytes) return NAN;
  if (counted && (size_t)sqlite3_column_bytes(r->samples, counted_column) != bytes) return NAN;
  return evidence_share(a->blind, region, counted, a->cells);
}

/* The columns of `query` below. */
static checkrob_image_result read_row(const reader *r) {
  sqlite3_stmt *s = r->samples;
  int64_t index = whole(s, 4, -1);
  return (checkrob_image_result){
      .size = sizeof(checkrob_image_result),
      .input = (size_t)sqlite3_column_int64(s, 1),
      .part = (size_t)sqlite3_column_int64(s, 2),
      .image = text(s, 3),
      .class_index = index,
      .status = status_of(text(s, 5)),
      .message = text(s, 6),
      .rs = real(s, 7),
      .contrast = real(s, 8),
      .region_share = real(s, 9),
      .empty_map = sqlite3_column_int(s, 10),
      .logit = real(s, 11),
      .probability = real(s, 12),
      .rank = whole(s, 13, 0),
      .hit = (int)whole(s, 14, -1),
      .predicted = whole(s, 15, -1),
      .localisation = {sizeof(checkrob_localisation), real(s, 16), real(s, 17), real(s, 18), real(s, 19),
                       real(s, 20), real(s, 21)},
      .milliseconds = sqlite3_column_double(s, 22),
      .class_name = text(s, 23),
      .rs0 = blind_score(r, index, 24, 25),
      .others = r->list,
      .other_count = r->count};
}

static const char query[] =
    "SELECT sample.id, " STORE_SAMPLE_COLUMNS
    ", name, region, counted FROM sample LEFT JOIN class ON class.id = sample.class"
    " LEFT JOIN evidence ON evidence.sample = sample.id ORDER BY input, part";

checkrob_status results_rows(store *s, bool others, const class_tally *blind,
                             checkrob_result_callback callback, void *user_data) {
  reader r = {.from = s, .blind = blind};
  checkrob_status status = store_prepare(&r.samples, s, query);
  if (!status) /* Those in the class map by index, then the others by name: as samples have them. */
    status = store_prepare(&r.others, s,
                           "SELECT name, class, share FROM other WHERE sample = ?"
                           " ORDER BY class IS NULL, class, name");
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(r.samples)) == SQLITE_ROW) {
    if (others) status = read_others(&r, sqlite3_column_int64(r.samples, 0));
    if (status) break;
    checkrob_image_result row = read_row(&r);
    if (callback(&row, user_data) != 0)
      status = error_set(CHECKROB_ERROR_CANCELLED, "stopped by the result callback");
  }
  if (!status && code != SQLITE_DONE) status = store_error(s, "read");
  sqlite3_finalize(r.samples);
  sqlite3_finalize(r.others);
  forget_others(&r);
  free(r.list);
  return status;
}
