/* For the number of cores that the process may use. */
#define _GNU_SOURCE
#include <checkrob/check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/cursor.h"

#define THREAD_LIMIT 1024
/* Images that wait for one that takes longer. They are decoded, but not kept. */
#define SLOTS_A_THREAD 16

/* One input: all samples of an image, which is decoded once for them. */
typedef struct checked_input {
  sample_list samples;
  checkrob_status image_status;
  char *image_message;
  uint32_t width, height;
  uint64_t pixels;
  int ready;
} checked_input;

/* As in a run's pipeline: under one lock a worker draws the next input into the next slot, so that slots are
 * in the dataset's order; outside of it it decodes. */
typedef struct checking {
  checkrob_cursor *cursor;
  pthread_mutex_t lock; /* guards all below, and the cursor */
  pthread_cond_t changed;
  checked_input *slots; /* input i lies in slot i % slot_count */
  size_t slot_count;
  size_t drawn, released;
  int stopping, exhausted;
  checkrob_status failure;
  char *failure_message;
  pthread_t *threads;
  size_t thread_count;
} checking;

/* ---- the workers ---- */

static void empty(checked_input *in) {
  sample_list_clear(&in->samples);
  free(in->image_message);
  *in = (checked_input){0};
}

/* Without memory for the sentence there is none. */
static void keep_failure(checked_input *in, checkrob_status status) {
  in->image_status = status;
  in->image_message = text_copy(checkrob_last_error());
}

static void decode(checked_input *in) {
  checkrob_image *image = NULL;
  checkrob_status status = checkrob_sample_open_image(&image, in->samples.items[0], NULL);
  if (status) {
    keep_failure(in, status);
    return;
  }
  in->width = checkrob_image_width(image);
  in->height = checkrob_image_height(image);
  in->pixels = hash_bytes(HASH_START, &in->width, sizeof in->width);
  in->pixels = hash_bytes(in->pixels, checkrob_image_pixels(image), (size_t)3 * in->width * in->height);
  checkrob_image_free(image);
  for (size_t i = 0; i < in->samples.count; i++)
    if (checkrob_sample_status(in->samples.items[i]) == CHECKROB_OK &&
        checkrob_sample_check_size(in->samples.items[i], in->width, in->height) ==
            CHECKROB_ERROR_OUT_OF_MEMORY)
      keep_failure(in, CHECKROB_ERROR_OUT_OF_MEMORY);
}

/* All samples of the next input that has one; END after the last. */
static checkrob_status draw_samples(checked_input *in, checkrob_cursor *cursor) {
  checkrob_status status = CHECKROB_OK;
  while (!status && in->samples.count == 0) status = cursor_next_input(&in->samples, cursor);
  return status;
}

/* Called with the lock held; NULL when there is nothing more to draw. */
static checked_input *draw(checking *c) {
  while (!c->stopping && !c->exhausted && c->drawn - c->released == c->slot_count)
    pthread_cond_wait(&c->changed, &c->lock);
  if (c->stopping || c->exhausted) return NULL;
  checked_input *in = &c->slots[c->drawn % c->slot_count];
  checkrob_status status = draw_samples(in, c->cursor);
  if (status) {
    c->exhausted = 1;
    if (status != CHECKROB_END) {
      c->failure = status;
      c->failure_message = text_copy(checkrob_last_error());
    }
    pthread_cond_broadcast(&c->changed);
    return NULL;
  }
  c->drawn++;
  return in;
}

static void *work(void *argument) {
  checking *c = argument;
  pthread_mutex_lock(&c->lock);
  for (checked_input *in; (in = draw(c)) != NULL;) {
    pthread_mutex_unlock(&c->lock);
    decode(in);
    pthread_mutex_lock(&c->lock);
    in->ready = 1;
    pthread_cond_broadcast(&c->changed);
  }
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

/* ---- the calling thread ---- */

/* The oldest input, finished; NULL behind the last. */
static checked_input *take(checking *c) {
  pthread_mutex_lock(&c->lock);
  checked_input *in = &c->slots[c->released % c->slot_count];
  while (c->released < c->drawn ? !in->ready : !c->exhausted) pthread_cond_wait(&c->changed, &c->lock);
  if (c->released == c->drawn) in = NULL;
  pthread_mutex_unlock(&c->lock);
  return in;
}

static void release(checking *c, checked_input *in) {
  empty(in);
  pthread_mutex_lock(&c->lock);
  c->released++;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
}

static checkrob_status give(const checked_input *in, checkrob_check_callback on_sample, void *user_data) {
  if (in->image_status == CHECKROB_ERROR_OUT_OF_MEMORY) return error_memory("an image");
  for (size_t i = 0; i < in->samples.count; i++) {
    const checkrob_checked_sample checked = {.size = sizeof checked,
                                             .sample = in->samples.items[i],
                                             .image_status = in->image_status,
                                             .image_message = in->image_message ? in->image_message : "",
                                             .width = in->width,
                                             .height = in->height,
                                             .pixels = in->pixels};
    if (on_sample(&checked, user_data) != 0)
      return error_set(CHECKROB_ERROR_CANCELLED, "stopped by the check's callback");
  }
  return CHECKROB_OK;
}

static checkrob_status give_all(checking *c, checkrob_check_callback on_sample, void *user_data) {
  checkrob_status status = CHECKROB_OK;
  for (checked_input *in; !status && (in = take(c)) != NULL;) {
    status = give(in, on_sample, user_data);
    release(c, in);
  }
  if (status || !c->failure) return status;
  return error_set(c->failure, "%s", c->failure_message ? c->failure_message : "out of memory");
}

/* ---- beginning and end ---- */

static size_t usable_cores(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (size_t)CPU_COUNT(&cores) : 1;
}

static checkrob_status start(checking *c, size_t threads) {
  c->slot_count = threads * SLOTS_A_THREAD;
  c->slots = calloc(c->slot_count, sizeof *c->slots);
  c->threads = calloc(threads, sizeof *c->threads);
  if (!c->slots || !c->threads) return error_memory("a check's threads");
  for (; c->thread_count < threads; c->thread_count++) {
    int number = pthread_create(&c->threads[c->thread_count], NULL, work, c);
    if (number == 0) continue;
    if (c->thread_count > 0) break; /* fewer do the job too */
    errno = number;
    return error_errno("start", "a decoding thread");
  }
  return CHECKROB_OK;
}

static void finish(checking *c) {
  pthread_mutex_lock(&c->lock);
  c->stopping = 1;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
  for (size_t i = 0; i < c->thread_count; i++) pthread_join(c->threads[i], NULL);
  for (size_t i = 0; c->slots && i < c->slot_count; i++) empty(&c->slots[i]);
  free(c->slots);
  free(c->threads);
  free(c->failure_message);
  pthread_cond_destroy(&c->changed);
  pthread_mutex_destroy(&c->lock);
}

checkrob_status checkrob_dataset_check(checkrob_cursor *cursor, int threads,
                                       checkrob_check_callback on_sample, void *user_data) {
  if (!cursor || !on_sample || threads < 0 || threads > THREAD_LIMIT)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_dataset_check: NULL argument, or threads is not 0 to %d", THREAD_LIMIT);
  checking c = {.cursor = cursor};
  pthread_mutex_init(&c.lock, NULL);
  pthread_cond_init(&c.changed, NULL);
  checkrob_status status = start(&c, threads ? (size_t)threads : usable_cores());
  if (!status) status = give_all(&c, on_sample, user_data);
  finish(&c);
  return status;
}
