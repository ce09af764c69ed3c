#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "results/results.h"
#include "score/evidence.h"

#define REGION_COLUMN 24 /* of `query_with_evidence` below */
#define COUNTED_COLUMN 25

typedef struct reader {
  store *from;
  const class_tally *blind; /* NULL: object-blind scores are not wanted, or not known yet */
  float *region, *counted;  /* [cells]: of the row at hand */
  size_t cells;
  sqlite3_stmt *samples, *others;
  checkrob_other_class *list; /* of the row at hand, with names of their own */
  size_t count, capacity;
} reader;

static int64_t whole(sqlite3_stmt *s, int column, int64_t none) {
  return sqlite3_column_type(s, column) == SQLITE_NULL ? none : sqlite3_column_int64(s, column);
}

static const char *text(sqlite3_stmt *s, int column) {
  const unsigned char *found = sqlite3_column_text(s, column);
  return found ? (const char *)found : "";
}

static checkrob_status status_of(const char *name) {
  for (int code = CHECKROB_OK; code >= CHECKROB_ERROR_MODEL_UNSUPPORTED; code--)
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
      list[r->count++] = (checkrob_other_class){name, whole(r->others, 1, -1), store_real(r->others, 2)};
    else
      free(name), status = error_memory("the results");
  }
  if (!status && code != SQLITE_DONE) status = store_error(r->from, "read");
  sqlite3_reset(r->others);
  return status;
}

static checkrob_status make_room(reader *r, size_t cells) {
  if (cells <= r->cells) return CHECKROB_OK;
  float *region = realloc(r->region, cells * sizeof *region);
  if (region) r->region = region;
  float *counted = realloc(r->counted, cells * sizeof *counted);
  if (counted) r->counted = counted;
  if (!region || !counted) return error_memory("the results");
  r->cells = cells;
  return CHECKROB_OK;
}

/* What the sample's region gets from the object-blind map of its class; NaN where there is none. */
static checkrob_status read_blind_score(double *out, reader *r) {
  sqlite3_stmt *s = r->samples;
  const class_total *total = r->blind ? tally_find(r->blind, whole(s, 4, -1)) : NULL;
  const class_assessment *a = total ? total->assessed : NULL;
  *out = NAN;
  if (!a || !a->blind) return CHECKROB_OK;
  checkrob_status status = make_room(r, a->cells);
  if (status || !store_floats(r->region, s, REGION_COLUMN, a->cells)) return status;
  bool all = sqlite3_column_type(s, COUNTED_COLUMN) == SQLITE_NULL;
  if (all || store_floats(r->counted, s, COUNTED_COLUMN, a->cells))
    *out = evidence_share(a->blind, r->region, all ? NULL : r->counted, a->cells);
  return CHECKROB_OK;
}

/* The columns of `query` below. */
static checkrob_image_result read_row(const reader *r, double rs0) {
  sqlite3_stmt *s = r->samples;
  return (checkrob_image_result){
      .size = sizeof(checkrob_image_result),
      .input = (size_t)sqlite3_column_int64(s, 1),
      .part = (size_t)sqlite3_column_int64(s, 2),
      .image = text(s, 3),
      .class_index = whole(s, 4, -1),
      .status = status_of(text(s, 5)),
      .message = text(s, 6),
      .rs = store_real(s, 7),
      .contrast = store_real(s, 8),
      .region_share = store_real(s, 9),
      .empty_map = sqlite3_column_int(s, 10),
      .logit = store_real(s, 11),
      .probability = store_real(s, 12),
      .rank = whole(s, 13, 0),
      .hit = (int)whole(s, 14, -1),
      .predicted = whole(s, 15, -1),
      .localisation = {sizeof(checkrob_localisation), store_real(s, 16), store_real(s, 17), store_real(s, 18),
                       store_real(s, 19), store_real(s, 20), store_real(s, 21)},
      .milliseconds = sqlite3_column_double(s, 22),
      .class_name = text(s, 23),
      .rs0 = rs0,
      .others = r->list,
      .other_count = r->count};
}

#define QUERY(more_columns, more_tables)                          \
  "SELECT sample.id, " STORE_SAMPLE_COLUMNS ", name" more_columns \
  " FROM sample LEFT JOIN class ON class.id = sample.class" more_tables " ORDER BY input, part"

/* The evidence is by far the most of a store: it is read where it is asked for alone. */
static const char query[] = QUERY("", "");
static const char query_with_evidence[] =
    QUERY(", region, counted", " LEFT JOIN evidence ON evidence.sample = sample.id");

checkrob_status results_rows(store *s, bool others, const class_tally *blind,
                             checkrob_result_callback callback, void *user_data) {
  reader r = {.from = s, .blind = blind};
  checkrob_status status = store_prepare(&r.samples, s, blind ? query_with_evidence : query);
  if (!status) /* Those in the class map by index, then the others by name: as samples have them. */
    status = store_prepare(&r.others, s,
                           "SELECT name, class, share FROM other WHERE sample = ?"
                           " ORDER BY class IS NULL, class, name");
  int code = SQLITE_DONE;
  while (!status && (code = sqlite3_step(r.samples)) == SQLITE_ROW) {
    if (others) status = read_others(&r, sqlite3_column_int64(r.samples, 0));
    if (status) break;
    double rs0 = NAN;
    status = read_blind_score(&rs0, &r);
    if (status) break;
    checkrob_image_result row = read_row(&r, rs0);
    if (callback(&row, user_data) != 0)
      status = error_set(CHECKROB_ERROR_CANCELLED, "stopped by the result callback");
  }
  if (!status && code != SQLITE_DONE) status = store_error(s, "read");
  sqlite3_finalize(r.samples);
  sqlite3_finalize(r.others);
  forget_others(&r);
  free(r.list);
  free(r.region);
  free(r.counted);
  return status;
}
