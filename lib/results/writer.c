#include "results/writer.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

#define BATCHES_WAITING 64

/* A row with strings of its own, and its evidence's three arrays one behind the other. */
typedef struct written_row {
  checkrob_image_result result;
  size_t height, cells;
  bool has_counted;
  float *arrays; /* NULL without evidence */
} written_row;

typedef struct batch {
  written_row *rows;
  size_t count, capacity;
} batch;

struct writer {
  store to;
  sqlite3_stmt *insert_sample, *insert_other, *insert_evidence;
  batch filling; /* the run's thread's alone */
  pthread_t thread;
  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t changed;
  batch waiting[BATCHES_WAITING]; /* a ring */
  size_t first, count;
  bool stopping;
  checkrob_status failure;
  char *failure_message;
};

/* ---- rows ---- */

/* Its strings are const for those who get rows; these are ours. */
static void free_row(written_row *written) {
  checkrob_image_result *row = &written->result;
  for (size_t i = 0; row->others && i < row->other_count; i++) free((void *)row->others[i].name);
  free((void *)row->others);
  free((void *)row->image);
  free((void *)row->class_name);
  free((void *)row->message);
  free(written->arrays);
}

static void batch_clear(batch *b) {
  for (size_t i = 0; i < b->count; i++) free_row(&b->rows[i]);
  free(b->rows);
  *b = (batch){0};
}

static bool copy_others(checkrob_image_result *row, const checkrob_image_result *from) {
  checkrob_other_class *others = calloc(from->other_count + 1, sizeof *others);
  row->others = others;
  if (!others) return false;
  for (size_t i = 0; i < from->other_count; i++) {
    others[i] = from->others[i];
    others[i].name = text_copy(from->others[i].name);
    if (!others[i].name) return false;
  }
  return true;
}

static bool copy_evidence(written_row *row, const evidence *from) {
  if (!from) return true;
  size_t cells = from->height * from->width;
  row->height = from->height;
  row->cells = cells;
  row->has_counted = from->counted != NULL;
  row->arrays = malloc((3 * cells + 1) * sizeof *row->arrays);
  if (!row->arrays) return false;
  memcpy(row->arrays, from->map, cells * sizeof *row->arrays);
  memcpy(row->arrays + cells, from->region, cells * sizeof *row->arrays);
  if (from->counted) memcpy(row->arrays + 2 * cells, from->counted, cells * sizeof *row->arrays);
  return true;
}

checkrob_status writer_add(writer *w, const checkrob_image_result *result, const evidence *kept) {
  written_row *rows = array_grow(w->filling.rows, &w->filling.capacity, w->filling.count, sizeof *rows);
  if (!rows) return error_memory("the results");
  w->filling.rows = rows;
  written_row row = {.result = *result};
  row.result.image = text_copy(result->image);
  row.result.class_name = text_copy(result->class_name);
  row.result.message = text_copy(result->message);
  if (!copy_others(&row.result, result) || !copy_evidence(&row, kept) || !row.result.image ||
      !row.result.class_name || !row.result.message) {
    free_row(&row);
    return error_memory("the results");
  }
  rows[w->filling.count++] = row;
  return CHECKROB_OK;
}

/* ---- the thread ---- */

/* Numbers below `low` mean that there is none. */
static void bind_whole(sqlite3_stmt *statement, int place, int64_t value, int64_t low) {
  if (value >= low)
    sqlite3_bind_int64(statement, place, value);
  else
    sqlite3_bind_null(statement, place);
}

static checkrob_status step(writer *w, sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  checkrob_status status =
      code == SQLITE_DONE ? CHECKROB_OK
      : code == SQLITE_CONSTRAINT
          ? error_set(CHECKROB_ERROR_IO,
                      "cannot write the results to %s: a row is there already; is another "
                      "run writing to it?",
                      w->to.path)
          : store_error(&w->to, "write the results to");
  sqlite3_reset(statement);
  return status;
}

static checkrob_status write_others(writer *w, const checkrob_image_result *row, sqlite3_int64 sample) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < row->other_count && !status; i++) {
    sqlite3_bind_int64(w->insert_other, 1, sample);
    sqlite3_bind_text(w->insert_other, 2, row->others[i].name, -1, SQLITE_STATIC);
    bind_whole(w->insert_other, 3, row->others[i].index, 0);
    store_bind_real(w->insert_other, 4, row->others[i].share);
    status = step(w, w->insert_other);
  }
  return status;
}

/* SQLite's blobs hold at most 2 GiB, and these a kilobyte. */
static void bind_floats(sqlite3_stmt *statement, int place, const float *values, size_t count) {
  sqlite3_bind_blob(statement, place, values, (int)(count * sizeof *values), SQLITE_STATIC);
}

static checkrob_status write_evidence(writer *w, const written_row *row, sqlite3_int64 sample) {
  if (!row->arrays) return CHECKROB_OK;
  sqlite3_stmt *s = w->insert_evidence;
  sqlite3_bind_int64(s, 1, sample);
  sqlite3_bind_int64(s, 2, (sqlite3_int64)row->height);
  bind_floats(s, 3, row->arrays, row->cells);
  bind_floats(s, 4, row->arrays + row->cells, row->cells);
  if (row->has_counted)
    bind_floats(s, 5, row->arrays + 2 * row->cells, row->cells);
  else
    sqlite3_bind_null(s, 5);
  return step(w, s);
}

static checkrob_status write_row(writer *w, const written_row *written) {
  const checkrob_image_result *row = &written->result;
  sqlite3_stmt *s = w->insert_sample;
  bool good = row->status == CHECKROB_OK;
  sqlite3_bind_int64(s, 1, (sqlite3_int64)row->input);
  sqlite3_bind_int64(s, 2, (sqlite3_int64)row->part);
  sqlite3_bind_text(s, 3, row->image, -1, SQLITE_STATIC);
  bind_whole(s, 4, row->class_index, 0);
  sqlite3_bind_text(s, 5, checkrob_status_name(row->status), -1, SQLITE_STATIC);
  sqlite3_bind_text(s, 6, row->message, -1, SQLITE_STATIC);
  store_bind_real(s, 7, good ? row->rs : NAN);
  store_bind_real(s, 8, good ? row->contrast : NAN);
  store_bind_real(s, 9, good ? row->region_share : NAN);
  sqlite3_bind_int(s, 10, row->empty_map);
  store_bind_real(s, 11, row->logit);
  store_bind_real(s, 12, row->probability);
  bind_whole(s, 13, row->rank, 1);
  bind_whole(s, 14, row->hit, 0);
  bind_whole(s, 15, row->predicted, 0);
  store_bind_real(s, 16, row->localisation.pointing_game);
  store_bind_real(s, 17, row->localisation.rank_accuracy);
  store_bind_real(s, 18, row->localisation.top_k_intersection);
  store_bind_real(s, 19, row->localisation.attribution_localisation);
  store_bind_real(s, 20, row->localisation.auc);
  store_bind_real(s, 21, row->localisation.iou);
  sqlite3_bind_double(s, 22, row->milliseconds);
  checkrob_status status = step(w, s);
  sqlite3_int64 sample = sqlite3_last_insert_rowid(w->to.db);
  if (!status) status = write_others(w, row, sample);
  return status ? status : write_evidence(w, written, sample);
}

static checkrob_status write_batch(writer *w, const batch *b) {
  checkrob_status status = store_run(&w->to, "BEGIN IMMEDIATE", "write the results to");
  for (size_t i = 0; i < b->count && !status; i++) status = write_row(w, &b->rows[i]);
  if (!status) status = store_run(&w->to, "COMMIT", "write the results to");
  if (status) sqlite3_exec(w->to.db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* The oldest batch that waits; false when there will be none any more. Called with the lock held. */
static bool take(writer *w, batch *out) {
  while (w->count == 0 && !w->stopping) pthread_cond_wait(&w->changed, &w->lock);
  if (w->count == 0) return false;
  *out = w->waiting[w->first];
  w->first = (w->first + 1) % BATCHES_WAITING;
  w->count--;
  pthread_cond_broadcast(&w->changed);
  return true;
}

static void *work(void *argument) {
  writer *w = argument;
  batch b;
  pthread_mutex_lock(&w->lock);
  while (take(w, &b)) {
    bool failed = w->failure != CHECKROB_OK; /* a gap in the rows would be worse than an early end */
    pthread_mutex_unlock(&w->lock);
    checkrob_status status = failed ? CHECKROB_OK : write_batch(w, &b);
    char *message = status ? text_copy(checkrob_last_error()) : NULL;
    batch_clear(&b);
    pthread_mutex_lock(&w->lock);
    if (status) {
      w->failure = status;
      w->failure_message = message;
    }
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

/* ---- the run's side ---- */

/* Called with the lock held. */
static checkrob_status tell_failure(const writer *w) {
  if (!w->failure) return CHECKROB_OK;
  return error_set(w->failure, "%s", w->failure_message ? w->failure_message : "out of memory");
}

checkrob_status writer_commit(writer *w) {
  if (w->filling.count == 0) return CHECKROB_OK;
  pthread_mutex_lock(&w->lock);
  while (w->count == BATCHES_WAITING) pthread_cond_wait(&w->changed, &w->lock);
  checkrob_status status = tell_failure(w);
  if (!status) {
    w->waiting[(w->first + w->count++) % BATCHES_WAITING] = w->filling;
    w->filling = (batch){0};
    pthread_cond_broadcast(&w->changed);
  }
  pthread_mutex_unlock(&w->lock);
  return status;
}

static checkrob_status prepare_inserts(writer *w) {
  checkrob_status status =
      store_prepare(&w->insert_sample, &w->to,
                    "INSERT INTO sample (" STORE_SAMPLE_COLUMNS
                    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!status)
    status = store_prepare(&w->insert_other, &w->to,
                           "INSERT INTO other (sample, name, class, share) VALUES (?, ?, ?, ?)");
  if (!status)
    status =
        store_prepare(&w->insert_evidence, &w->to,
                      "INSERT INTO evidence (sample, height, map, region, counted) VALUES (?, ?, ?, ?, ?)");
  return status;
}

static void destroy(writer *w) {
  sqlite3_finalize(w->insert_sample);
  sqlite3_finalize(w->insert_other);
  sqlite3_finalize(w->insert_evidence);
  batch_clear(&w->filling);
  pthread_cond_destroy(&w->changed);
  pthread_mutex_destroy(&w->lock);
  store_close(&w->to);
  free(w->failure_message);
  free(w);
}

checkrob_status writer_start(writer **out, store *taken) {
  writer *w = calloc(1, sizeof *w);
  if (!w) {
    store_close(taken);
    return error_memory("the results");
  }
  w->to = *taken;
  *taken = (store){0};
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->changed, NULL);
  checkrob_status status = prepare_inserts(w);
  if (!status && pthread_create(&w->thread, NULL, work, w) != 0)
    status = error_set(CHECKROB_ERROR, "cannot start a thread that writes the results");
  if (status)
    destroy(w);
  else
    *out = w;
  return status;
}

checkrob_status writer_finish(writer *w, store *out) {
  pthread_mutex_lock(&w->lock);
  w->stopping = true;
  pthread_cond_broadcast(&w->changed);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
  checkrob_status status = tell_failure(w);
  *out = w->to;
  w->to = (store){0};
  destroy(w);
  return status;
}
