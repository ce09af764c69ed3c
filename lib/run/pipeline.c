#include "run/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/cursor.h"

struct pipeline {
  pipeline_options options;
  /* Guards the cursor: its inputs may take long, and the consumer looks up meanwhile. */
  pthread_mutex_t drawing;
  sample_list rest;     /* of the input drawn last */
  pthread_mutex_t lock; /* guards all below; whoever draws takes it after the other */
  pthread_cond_t space; /* a slot became free, or it is over */
  pthread_cond_t filled;
  size_t drawn;    /* samples drawn so far */
  size_t released; /* of them, handed back by the consumer */
  int stopping;
  int exhausted; /* the dataset has no more, or failed */
  checkrob_status failure;
  char *failure_message;
  slot *slots; /* [options.slots]; sample i lies in slot i % options.slots */
  pthread_t *threads;
  size_t thread_count;
};

/* ---- filling a slot: no lock held ---- */

static checkrob_status allocate(float **array, size_t count, const char *purpose) {
  if (!*array) *array = malloc(count * sizeof **array);
  return *array ? CHECKROB_OK : error_memory(purpose);
}

static size_t input_pixels(const pipeline_options *options) {
  return (size_t)checkrob_preprocess_width(options->preprocess) *
         checkrob_preprocess_height(options->preprocess);
}

static checkrob_status cover(float *coverage, const checkrob_regions *regions, const slot *s,
                             const pipeline_options *options, const checkrob_image *image) {
  checkrob_status status =
      checkrob_regions_coverage(coverage, regions, options->preprocess, checkrob_image_width(image),
                                checkrob_image_height(image), options->geometry);
  return status ? error_set(status, "%s: %s", checkrob_sample_image(s->sample), checkrob_last_error())
                : status;
}

static checkrob_status cover_object(slot *s, const pipeline_options *options, const checkrob_image *image) {
  size_t pixels = input_pixels(options);
  checkrob_status status = allocate(&s->coverage, pixels, "a region");
  if (status == CHECKROB_OK)
    status = cover(s->coverage, checkrob_sample_regions(s->sample), s, options, image);
  /* The authors score such an image 0, which blames the model for what it was never shown. */
  if (status != CHECKROB_OK || options->geometry == CHECKROB_GEOMETRY_PAPER) return status;
  for (size_t i = 0; i < pixels; i++)
    if (s->coverage[i] > 0.0F) return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_NO_OBJECT,
      "%s: the object lies outside the centre crop, so the model never sees it; use a preprocessing with "
      "a wider crop, or leave the image out",
      checkrob_sample_image(s->sample));
}

static checkrob_status cover_ignored(slot *s, const pipeline_options *options, const checkrob_image *image) {
  const checkrob_regions *ignored = checkrob_sample_ignored(s->sample);
  s->has_ignored = checkrob_regions_count(ignored) > 0;
  if (!s->has_ignored) return CHECKROB_OK;
  checkrob_status status = allocate(&s->ignored, input_pixels(options), "a region");
  return status ? status : cover(s->ignored, ignored, s, options, image);
}

static checkrob_status cover_others(slot *s, const pipeline_options *options, const checkrob_image *image) {
  size_t count = checkrob_sample_other_count(s->sample), pixels = input_pixels(options);
  if (count > s->other_capacity) {
    float *grown = realloc(s->others, count * pixels * sizeof *grown);
    if (!grown) return error_memory("the regions of an image's other classes");
    s->others = grown;
    s->other_capacity = count;
  }
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++)
    status = cover(s->others + i * pixels, checkrob_sample_other_regions(s->sample, i), s, options, image);
  return status;
}

static checkrob_status prepare(slot *s, const pipeline_options *options, checkrob_image *image) {
  uint32_t width = checkrob_image_width(image), height = checkrob_image_height(image);
  checkrob_status status = CHECKROB_OK;
  if (!options->without_regions) {
    status = checkrob_sample_check_size(s->sample, width, height);
    if (status == CHECKROB_OK) status = cover_object(s, options, image);
    if (status == CHECKROB_OK) status = cover_ignored(s, options, image);
    if (status == CHECKROB_OK) status = cover_others(s, options, image);
  }
  if (status != CHECKROB_OK) return status;
  status = allocate(&s->tensor, 3 * input_pixels(options), "an input tensor");
  if (status == CHECKROB_OK) status = checkrob_preprocess_apply(s->tensor, options->preprocess, image);
  return status;
}

static void fill(slot *s, const pipeline_options *options) {
  s->status = checkrob_sample_status(s->sample);
  if (s->status != CHECKROB_OK) {
    s->message = text_copy(checkrob_sample_message(s->sample));
    return;
  }
  checkrob_image *image = NULL;
  s->status = checkrob_sample_open_image(&image, s->sample, &options->limits);
  if (s->status == CHECKROB_OK) s->status = prepare(s, options, image);
  if (s->status != CHECKROB_OK) s->message = text_copy(checkrob_last_error());
  checkrob_image_free(image);
}

/* ---- the workers ---- */

/* 0: it is over. */
static int wait_for_space(pipeline *line) {
  pthread_mutex_lock(&line->lock);
  while (!line->stopping && !line->exhausted && line->drawn - line->released == line->options.slots)
    pthread_cond_wait(&line->space, &line->lock);
  int goes_on = !line->stopping && !line->exhausted;
  pthread_mutex_unlock(&line->lock);
  return goes_on;
}

/* Gives the sample its slot; NULL: there is none. */
static slot *place(pipeline *line, checkrob_sample *sample, checkrob_status status) {
  pthread_mutex_lock(&line->lock);
  slot *s = NULL;
  if (status != CHECKROB_OK) {
    line->exhausted = 1;
    if (status != CHECKROB_END) {
      line->failure = status;
      line->failure_message = text_copy(checkrob_last_error());
    }
    pthread_cond_broadcast(&line->space);
    pthread_cond_broadcast(&line->filled);
  } else {
    s = &line->slots[line->drawn++ % line->options.slots];
    s->sample = sample;
    s->inputs_done = checkrob_cursor_inputs_done(line->options.cursor) - (line->rest.count > 0);
    s->skipped = checkrob_cursor_skipped(line->options.cursor);
    s->ready = 0;
  }
  pthread_mutex_unlock(&line->lock);
  return s;
}

/* One sample, or NULL where the next input is skipped. */
static checkrob_status draw_sample(checkrob_sample **out, pipeline *line) {
  if (line->rest.count == 0) {
    checkrob_status status = cursor_next_input(&line->rest, line->options.cursor);
    if (status || line->rest.count == 0) return status;
  }
  *out = sample_list_take(&line->rest);
  return CHECKROB_OK;
}

/* Draws the next sample into the next slot; NULL when there is nothing more to draw. */
static slot *draw(pipeline *line) {
  checkrob_sample *sample = NULL;
  checkrob_status status = CHECKROB_OK;
  slot *s = NULL;
  int goes_on = 1;
  pthread_mutex_lock(&line->drawing);
  while (!sample && !status && (goes_on = wait_for_space(line))) status = draw_sample(&sample, line);
  if (goes_on) s = place(line, sample, status);
  pthread_mutex_unlock(&line->drawing);
  return s;
}

static double clock_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static void *work(void *argument) {
  pipeline *line = argument;
  for (slot *s; (s = draw(line)) != NULL;) {
    double start = clock_milliseconds();
    fill(s, &line->options);
    s->milliseconds = clock_milliseconds() - start;
    pthread_mutex_lock(&line->lock);
    s->ready = 1;
    pthread_cond_broadcast(&line->filled);
    pthread_mutex_unlock(&line->lock);
  }
  return NULL;
}

/* ---- the consumer's side ---- */

static void empty(slot *s) {
  checkrob_sample_free(s->sample);
  free(s->message);
  s->sample = NULL;
  s->message = NULL;
}

static checkrob_status start_threads(pipeline *line) {
  for (; line->thread_count < line->options.workers; line->thread_count++) {
    int number = pthread_create(&line->threads[line->thread_count], NULL, work, line);
    if (number == 0) continue;
    if (line->thread_count > 0) break; /* fewer workers do the job too */
    errno = number;
    return error_errno("start", "a decoding thread");
  }
  return CHECKROB_OK;
}

checkrob_status pipeline_start(pipeline **out, const pipeline_options *options) {
  pipeline *line = calloc(1, sizeof *line);
  if (!line) return error_memory("the pipeline");
  line->options = *options;
  pthread_mutex_init(&line->drawing, NULL);
  pthread_mutex_init(&line->lock, NULL);
  pthread_cond_init(&line->space, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&line->filled, &attributes);
  pthread_condattr_destroy(&attributes);
  line->slots = calloc(options->slots, sizeof *line->slots);
  line->threads = calloc(options->workers, sizeof *line->threads);
  checkrob_status status = line->slots && line->threads ? CHECKROB_OK : error_memory("the pipeline's slots");
  if (status == CHECKROB_OK) status = start_threads(line);
  if (status != CHECKROB_OK) {
    pipeline_free(line);
    return status;
  }
  *out = line;
  return CHECKROB_OK;
}

void pipeline_free(pipeline *line) {
  if (!line) return;
  pthread_mutex_lock(&line->lock);
  line->stopping = 1;
  pthread_cond_broadcast(&line->space);
  pthread_mutex_unlock(&line->lock);
  for (size_t i = 0; i < line->thread_count; i++) pthread_join(line->threads[i], NULL);
  for (size_t i = 0; line->slots && i < line->options.slots; i++) {
    empty(&line->slots[i]);
    free(line->slots[i].tensor);
    free(line->slots[i].coverage);
    free(line->slots[i].ignored);
    free(line->slots[i].others);
  }
  sample_list_clear(&line->rest);
  pthread_cond_destroy(&line->filled);
  pthread_cond_destroy(&line->space);
  pthread_mutex_destroy(&line->lock);
  pthread_mutex_destroy(&line->drawing);
  free(line->failure_message);
  free(line->threads);
  free(line->slots);
  free(line);
}

static struct timespec deadline_in(int milliseconds) {
  struct timespec when;
  clock_gettime(CLOCK_MONOTONIC, &when);
  when.tv_sec += milliseconds / 1000;
  when.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
  if (when.tv_nsec >= 1000000000L) {
    when.tv_sec++;
    when.tv_nsec -= 1000000000L;
  }
  return when;
}

checkrob_status pipeline_peek(slot **out, int *pending, pipeline *line, size_t ahead, int milliseconds) {
  struct timespec deadline = deadline_in(milliseconds);
  checkrob_status status = CHECKROB_OK;
  int timed_out = 0;
  *out = NULL;
  *pending = 0;
  pthread_mutex_lock(&line->lock);
  size_t wanted = line->released + ahead;
  slot *s = &line->slots[wanted % line->options.slots];
  while (ahead < line->options.slots && !timed_out && (wanted < line->drawn ? !s->ready : !line->exhausted))
    timed_out = pthread_cond_timedwait(&line->filled, &line->lock, &deadline) == ETIMEDOUT;
  if (ahead >= line->options.slots) {
    /* the ring is full: the caller must release first */
  } else if (wanted < line->drawn && s->ready) {
    *out = s;
  } else if (wanted >= line->drawn && line->exhausted) {
    if (line->failure != CHECKROB_OK)
      status =
          error_set(line->failure, "%s", line->failure_message ? line->failure_message : "out of memory");
  } else {
    *pending = 1;
  }
  pthread_mutex_unlock(&line->lock);
  return status;
}

void pipeline_release(pipeline *line, size_t count) {
  pthread_mutex_lock(&line->lock);
  for (size_t i = 0; i < count; i++) empty(&line->slots[(line->released + i) % line->options.slots]);
  line->released += count;
  pthread_cond_broadcast(&line->space);
  pthread_mutex_unlock(&line->lock);
}
