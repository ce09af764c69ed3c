/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/refit.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define MEMORY 8 /* pairs of steps that L-BFGS remembers */
#define HALVINGS 30
#define SMALLEST_GRADIENT 1e-5

void refit_clear(refit_layer *layer) {
  free(layer->weights);
  *layer = (refit_layer){0};
}

/* ---- vectors ---- */

/* Sums in eight lanes, which compilers turn into vector operations. */
static double dot(const double *a, const double *b, size_t count) {
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t k = 0; k < 8; k++) sums[k] += a[i + k] * b[i + k];
  for (; i < count; i++) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static double dot_row(const double *weights, const float *row, size_t count) {
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t k = 0; k < 8; k++) sums[k] += weights[i + k] * (double)row[i + k];
  for (; i < count; i++) sums[0] += weights[i] * (double)row[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static void add_scaled(double *out, double factor, const double *a, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] += factor * a[i];
}

static void add_row(double *out, double factor, const float *row, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] += factor * (double)row[i];
}

/* ---- the loss ---- */

typedef struct problem {
  const refit_data *data;
  double *row_weights; /* [classes]: of a row of each class */
  double *scores;      /* [classes] */
  size_t stride;       /* features + 1 */
  size_t numbers;      /* classes * stride */
} problem;

/* Turns logits into probabilities less the truth, and returns the cross-entropy. */
static double residuals(double *scores, size_t classes, size_t label) {
  double most = scores[0], sum = 0.0;
  for (size_t k = 1; k < classes; k++) most = fmax(most, scores[k]);
  double own = scores[label] - most;
  for (size_t k = 0; k < classes; k++) {
    scores[k] = exp(scores[k] - most);
    sum += scores[k];
  }
  for (size_t k = 0; k < classes; k++) scores[k] /= sum;
  scores[label] -= 1.0;
  return log(sum) - own;
}

static double loss_of(double *gradient, const double *weights, const problem *p) {
  const refit_data *d = p->data;
  double loss = 0.0;
  memset(gradient, 0, p->numbers * sizeof *gradient);
  for (size_t n = 0; n < d->count; n++) {
    double share = p->row_weights[d->labels[n]];
    for (size_t k = 0; k < d->classes; k++) {
      const double *w = weights + k * p->stride;
      p->scores[k] = dot_row(w, d->rows[n], d->features) + w[d->features];
    }
    loss += share * residuals(p->scores, d->classes, d->labels[n]);
    for (size_t k = 0; k < d->classes; k++) {
      double factor = share * p->scores[k];
      if (fabs(factor) < 1e-12) continue; /* most classes, once the rows are known */
      add_row(gradient + k * p->stride, factor, d->rows[n], d->features);
      gradient[k * p->stride + d->features] += factor;
    }
  }
  for (size_t k = 0; k < d->classes; k++) {
    const double *w = weights + k * p->stride;
    loss += REFIT_DECAY / 2.0 * dot(w, w, d->features);
    add_scaled(gradient + k * p->stride, REFIT_DECAY, w, d->features);
  }
  return loss;
}

/* ---- L-BFGS ---- */

typedef struct descent {
  double *weights, *gradient, *direction, *next, *next_gradient; /* [numbers] each */
  double *steps, *changes;                                       /* [MEMORY, numbers] each */
  double products[MEMORY];                                       /* of each step with its change */
  size_t pairs;                                                  /* that were stored in all */
  double loss;
} descent;

/* The pair that was stored `back` pairs ago. */
static size_t slot(const descent *d, size_t back) {
  return (d->pairs - 1 - back) % MEMORY;
}

/* Two loops over the pairs: the inverse Hessian's estimate times the gradient. */
static void find_direction(descent *d, size_t numbers) {
  double along[MEMORY];
  size_t known = d->pairs < MEMORY ? d->pairs : MEMORY;
  memcpy(d->direction, d->gradient, numbers * sizeof *d->direction);
  for (size_t back = 0; back < known; back++) {
    size_t i = slot(d, back);
    along[i] = dot(d->steps + i * numbers, d->direction, numbers) / d->products[i];
    add_scaled(d->direction, -along[i], d->changes + i * numbers, numbers);
  }
  double scale = 1.0;
  if (known > 0) {
    size_t i = slot(d, 0);
    scale = d->products[i] / dot(d->changes + i * numbers, d->changes + i * numbers, numbers);
  }
  for (size_t n = 0; n < numbers; n++) d->direction[n] *= scale;
  for (size_t back = known; back-- > 0;) {
    size_t i = slot(d, back);
    double other = dot(d->changes + i * numbers, d->direction, numbers) / d->products[i];
    add_scaled(d->direction, along[i] - other, d->steps + i * numbers, numbers);
  }
}

static void remember(descent *d, size_t numbers) {
  size_t i = d->pairs % MEMORY;
  double *step = d->steps + i * numbers, *change = d->changes + i * numbers;
  for (size_t n = 0; n < numbers; n++) {
    step[n] = d->next[n] - d->weights[n];
    change[n] = d->next_gradient[n] - d->gradient[n];
  }
  double product = dot(step, change, numbers);
  if (product <= 1e-12 * dot(change, change, numbers)) return; /* it would spoil the estimate */
  d->products[i] = product;
  d->pairs++;
}

static void swap(double **a, double **b) {
  double *other = *a;
  *a = *b;
  *b = other;
}

/* Goes down in the direction as far as the loss falls enough. False: no step does. */
static bool go_down(descent *d, const problem *p) {
  double slope = dot(d->gradient, d->direction, p->numbers);
  double length = d->pairs > 0 ? 1.0 : 1.0 / fmax(sqrt(dot(d->gradient, d->gradient, p->numbers)), 1.0);
  if (!(slope > 0.0)) return false;
  for (int i = 0; i < HALVINGS; i++) {
    memcpy(d->next, d->weights, p->numbers * sizeof *d->next);
    add_scaled(d->next, -length, d->direction, p->numbers);
    double loss = loss_of(d->next_gradient, d->next, p);
    if (!(loss <= d->loss - 1e-4 * length * slope)) {
      length /= 2.0;
      continue;
    }
    d->loss = loss;
    remember(d, p->numbers);
    swap(&d->weights, &d->next);
    swap(&d->gradient, &d->next_gradient);
    return true;
  }
  return false;
}

static double largest(const double *values, size_t count) {
  double most = 0.0;
  for (size_t i = 0; i < count; i++) most = fmax(most, fabs(values[i]));
  return most;
}

static void descend(descent *d, const problem *p, size_t steps) {
  d->loss = loss_of(d->gradient, d->weights, p);
  for (size_t i = 0; i < steps && largest(d->gradient, p->numbers) > SMALLEST_GRADIENT; i++) {
    if (p->data->interrupted && atomic_load(p->data->interrupted)) return;
    find_direction(d, p->numbers);
    if (!go_down(d, p)) return;
  }
}

/* ---- fitting ---- */

static bool weigh_classes(double *weights, const refit_data *data) {
  size_t classes = 0;
  memset(weights, 0, data->classes * sizeof *weights);
  for (size_t n = 0; n < data->count; n++) weights[data->labels[n]] += 1.0;
  for (size_t k = 0; k < data->classes; k++) classes += weights[k] > 0.0;
  for (size_t k = 0; k < data->classes; k++)
    weights[k] = weights[k] > 0.0 ? 1.0 / (weights[k] * (double)classes) : 0.0;
  return classes > 0;
}

static bool make_descent(descent *d, size_t numbers) {
  *d = (descent){.weights = calloc(numbers, sizeof *d->weights),
                 .gradient = malloc(numbers * sizeof *d->gradient),
                 .direction = malloc(numbers * sizeof *d->direction),
                 .next = malloc(numbers * sizeof *d->next),
                 .next_gradient = malloc(numbers * sizeof *d->next_gradient),
                 .steps = malloc(MEMORY * numbers * sizeof *d->steps),
                 .changes = malloc(MEMORY * numbers * sizeof *d->changes)};
  return d->weights && d->gradient && d->direction && d->next && d->next_gradient && d->steps && d->changes;
}

static void free_descent(descent *d) {
  free(d->weights);
  free(d->gradient);
  free(d->direction);
  free(d->next);
  free(d->next_gradient);
  free(d->steps);
  free(d->changes);
}

checkrob_status refit_fit(refit_layer *out, const refit_data *data, const refit_layer *start, size_t steps) {
  problem p = {.data = data,
               .row_weights = malloc((data->classes + 1) * sizeof *p.row_weights),
               .scores = malloc((data->classes + 1) * sizeof *p.scores),
               .stride = data->features + 1,
               .numbers = data->classes * (data->features + 1)};
  descent d = {0};
  *out = (refit_layer){0};
  bool good = p.row_weights && p.scores && make_descent(&d, p.numbers);
  if (good) {
    if (start) memcpy(d.weights, start->weights, p.numbers * sizeof *d.weights);
    if (weigh_classes(p.row_weights, data)) descend(&d, &p, steps);
    *out = (refit_layer){data->features, data->classes, d.weights};
    d.weights = NULL;
  }
  free_descent(&d);
  free(p.row_weights);
  free(p.scores);
  return good ? CHECKROB_OK : error_memory("a new last layer");
}

size_t refit_predict(const refit_layer *layer, const float *row) {
  size_t best = 0, stride = layer->features + 1;
  double most = -INFINITY;
  for (size_t k = 0; k < layer->classes; k++) {
    const double *w = layer->weights + k * stride;
    double score = dot_row(w, row, layer->features) + w[layer->features];
    if (score > most) {
      most = score;
      best = k;
    }
  }
  return best;
}
