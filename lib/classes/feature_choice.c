/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/feature_choice.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

const char *const feature_kind_names[3] = {"channel", "component", "mean"};

/* More samples hardly change the components. */
#define COMPONENT_SAMPLES 256
/* Of the power iteration. Components whose variances are close need not be separated: they are mixed anyway.
 */
#define STEPS 100

typedef struct choosing {
  const class_contributions *of;
  double *whole, *surroundings; /* [channels]: means */
  float *centred;               /* [samples, channels] */
  double *gram;                 /* [samples, samples] */
  size_t samples;
  feature *out;
  size_t count;
} choosing;

/* ---- the list ---- */

static bool has_channel(const feature *f, size_t channel) {
  for (size_t k = 0; k < f->count; k++)
    if (f->channels[k] == channel) return true;
  return false;
}

/* In any order. */
static bool has_same_channels(const feature *a, const feature *b) {
  bool same = a->count == b->count;
  for (size_t k = 0; k < a->count && same; k++) same = has_channel(b, a->channels[k]);
  return same;
}

/* Adds a feature unless its channels are those of another one. */
static void add(choosing *c, const feature *candidate) {
  for (size_t i = 0; i < c->count; i++)
    if (has_same_channels(&c->out[i], candidate)) return;
  feature *f = &c->out[c->count++];
  *f = *candidate;
  f->whole = f->surroundings = 0.0;
  for (size_t k = 0; k < f->count; k++) {
    f->whole += c->whole[f->channels[k]];
    f->surroundings += c->surroundings[f->channels[k]];
  }
}

/* ---- channels ---- */

static void average(double *out, const float *values, size_t count, size_t channels) {
  memset(out, 0, channels * sizeof *out);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < channels; k++) out[k] += (double)values[i * channels + k];
  for (size_t k = 0; k < channels; k++) out[k] /= (double)count;
}

/* The places of the largest positive values, the largest first; of equal ones the first. Returns their
 * number. */
static size_t largest(size_t *out, const double *values, size_t count, size_t most) {
  size_t found = 0;
  for (size_t k = 0; k < count; k++) {
    if (!(values[k] > 0.0) || (found == most && values[k] <= values[out[found - 1]])) continue;
    size_t at = found < most ? found++ : found - 1;
    while (at > 0 && values[out[at - 1]] < values[k]) {
      out[at] = out[at - 1];
      at--;
    }
    out[at] = k;
  }
  return found;
}

static void add_channels(choosing *c, const double *means) {
  size_t places[FEATURE_CHANNELS];
  size_t count = largest(places, means, c->of->channels, FEATURE_CHANNELS);
  for (size_t i = 0; i < count; i++)
    add(c, &(feature){.kind = FEATURE_CHANNEL, .channels = {places[i]}, .count = 1});
}

/* ---- components ---- */

/* Evenly spread samples, less their mean. */
static void centre(choosing *c) {
  size_t channels = c->of->channels;
  for (size_t i = 0; i < c->samples; i++) {
    const float *row = c->of->surroundings + i * c->of->count / c->samples * channels;
    for (size_t k = 0; k < channels; k++)
      c->centred[i * channels + k] = (float)((double)row[k] - c->surroundings[k]);
  }
}

static void multiply_samples(choosing *c) {
  size_t n = c->samples, channels = c->of->channels;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0.0;
      for (size_t k = 0; k < channels; k++)
        sum += (double)c->centred[i * channels + k] * (double)c->centred[j * channels + k];
      c->gram[i * n + j] = c->gram[j * n + i] = sum;
    }
}

/* One step of the power iteration: out = gram * in, of length 1. Returns the length before; 0: gram is 0. */
static double step(double *out, const double *gram, const double *in, size_t n) {
  double squares = 0.0;
  for (size_t i = 0; i < n; i++) {
    out[i] = 0.0;
    for (size_t j = 0; j < n; j++) out[i] += gram[i * n + j] * in[j];
    squares += out[i] * out[i];
  }
  double length = sqrt(squares);
  for (size_t i = 0; i < n && length > 0.0; i++) out[i] /= length;
  return length;
}

/* Finds the leading eigenvector of `gram`, and takes it out of it. False if nothing is left. */
static bool next_component(double *vector, double *spare, choosing *c, double least) {
  size_t n = c->samples;
  double value = 0.0;
  for (size_t i = 0; i < n; i++) vector[i] = 1.0 + (double)(i * 37 % 101) / 101.0;
  for (int i = 0; i < STEPS; i++) {
    value = step(spare, c->gram, vector, n);
    if (!(value > least)) return false;
    memcpy(vector, spare, n * sizeof *vector);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) c->gram[i * n + j] -= value * vector[i] * vector[j];
  return true;
}

/* The channels with the largest entries that have half of the sum of all positive ones. */
static void add_set(choosing *c, const double *entries, feature_kind kind) {
  double positive = 0.0, taken = 0.0;
  for (size_t k = 0; k < c->of->channels; k++) positive += fmax(entries[k], 0.0);
  feature f = {.kind = kind};
  size_t most = largest(f.channels, entries, c->of->channels, FEATURE_SET);
  while (f.count < most && taken < 0.5 * positive) taken += entries[f.channels[f.count++]];
  for (size_t k = f.count; k < FEATURE_SET; k++) f.channels[k] = 0;
  if (f.count > 0) add(c, &f);
}

/* The entries of a component are the samples' rows, weighted with its eigenvector. */
static void add_component(choosing *c, double *entries, const double *vector) {
  size_t channels = c->of->channels;
  double sum = 0.0;
  memset(entries, 0, channels * sizeof *entries);
  for (size_t i = 0; i < c->samples; i++)
    for (size_t k = 0; k < channels; k++) entries[k] += vector[i] * (double)c->centred[i * channels + k];
  for (size_t k = 0; k < channels; k++) sum += entries[k];
  for (size_t k = 0; k < channels && sum < 0.0; k++) entries[k] = -entries[k];
  add_set(c, entries, FEATURE_COMPONENT);
}

static checkrob_status add_components(choosing *c) {
  size_t n = c->samples, channels = c->of->channels;
  double *vectors = malloc((2 * n + channels) * sizeof *vectors), total = 0.0;
  if (!vectors) return error_memory("the features of a class");
  centre(c);
  multiply_samples(c);
  for (size_t i = 0; i < n; i++) total += c->gram[i * n + i];
  for (int i = 0; i < FEATURE_COMPONENTS && next_component(vectors, vectors + n, c, 1e-6 * total); i++)
    add_component(c, vectors + 2 * n, vectors);
  free(vectors);
  return CHECKROB_OK;
}

/* ---- choosing ---- */

static bool all_finite(const class_contributions *c) {
  size_t count = c->count * c->channels;
  return floats_are_finite(c->whole, count) && floats_are_finite(c->surroundings, count);
}

checkrob_status feature_choose(feature out[FEATURES_MOST], size_t *count, const class_contributions *of) {
  *count = 0;
  if (of->count < FEATURE_SAMPLES || of->channels == 0 || !all_finite(of)) return CHECKROB_OK;
  size_t samples = of->count < COMPONENT_SAMPLES ? of->count : COMPONENT_SAMPLES;
  choosing c = {.of = of,
                .whole = malloc(of->channels * sizeof *c.whole),
                .surroundings = malloc(of->channels * sizeof *c.surroundings),
                .centred = malloc(samples * of->channels * sizeof *c.centred),
                .gram = malloc(samples * samples * sizeof *c.gram),
                .samples = samples,
                .out = out};
  bool good = c.whole && c.surroundings && c.centred && c.gram;
  checkrob_status status = good ? CHECKROB_OK : error_memory("the features of a class");
  if (good) {
    average(c.whole, of->whole, of->count, of->channels);
    average(c.surroundings, of->surroundings, of->count, of->channels);
    add_channels(&c, c.surroundings);
    add_channels(&c, c.whole);
    add_set(&c, c.surroundings, FEATURE_MEAN);
    status = add_components(&c);
  }
  free(c.whole);
  free(c.surroundings);
  free(c.centred);
  free(c.gram);
  *count = c.count;
  return status;
}
