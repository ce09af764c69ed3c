/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"

/* ---- the normal distribution ---- */

static double polynomial(const double *coefficients, double x) {
  double sum = 0.0;
  for (size_t i = 8; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

/* Wichura, Algorithm AS 241, Applied Statistics 37, 1988: PPND16, to about 16 digits. */
double statistics_normal_quantile(double p) {
  static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                             1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                             3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double b[] = {1.0,
                             4.2313330701600911252e+1,
                             6.8718700749205790830e+2,
                             5.3941960214247511077e+3,
                             2.1213794301586595867e+4,
                             3.9307895800092710610e+4,
                             2.8729085735721942674e+4,
                             5.2264952788528545610e+3};
  static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                             3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[] = {1.0,
                             2.05319162663775882187e0,
                             1.67638483018380384940e0,
                             6.89767334985100004550e-1,
                             1.48103976427480074590e-1,
                             1.51986665636164571966e-2,
                             5.47593808499534494600e-4,
                             1.05075007164441684324e-9};
  static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                             2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[] = {1.0,
                             5.99832206555887937690e-1,
                             1.36929880922735805310e-1,
                             1.48753612908506148525e-2,
                             7.86869131145613259100e-4,
                             1.84631831751005468180e-5,
                             1.42151175831644588870e-7,
                             2.04426310338993978564e-15};
  double q = p - 0.5;
  if (fabs(q) <= 0.425) {
    double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double tail = q < 0.0 ? p : 1.0 - p;
  if (!(tail > 0.0)) return tail < 0.0 || isnan(p) ? NAN : copysign(INFINITY, q);
  double r = sqrt(-log(tail));
  double z = r <= 5.0 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
                      : polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
  return copysign(z, q);
}

static double normal_probability(double z) {
  return 0.5 * erfc(-z * 0.70710678118654752440);
}

/* ---- bootstrap ---- */

/* Hoare's quickselect: moves the k-th smallest value, from 0, to index k, larger values after it, and smaller
 * ones before it. */
static double smallest(double *values, size_t count, size_t k) {
  ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)k;
  while (low < high) {
    double pivot = values[wanted];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (pivot < values[j]) j--;
      if (i > j) break;
      double kept = values[i];
      values[i++] = values[j];
      values[j--] = kept;
    }
    if (j < wanted) low = i;
    if (wanted < i) high = j;
  }
  return values[k];
}

/* Interpolates between the two nearest values, as SciPy and NumPy do. Changes the order of `values`. */
static double quantile(double *values, size_t count, double probability) {
  double position = probability * (double)(count - 1);
  size_t k = (size_t)position;
  double before = smallest(values, count, k), after = before, weight = position - (double)k;
  if (k + 1 < count) {
    after = values[k + 1];
    for (size_t i = k + 2; i < count; i++) after = fmin(after, values[i]);
  }
  /* Equal values are returned unchanged. Interpolation could round them, and then the bounds of an interval
   * of width 0 would differ. */
  return weight > 0.0 && before < after ? (1.0 - weight) * before + weight * after : before;
}

/* The rows for which a statistic is computed. */
typedef struct table {
  const double *const *columns;
  size_t column_count, n;
} table;

static void add_row(double *sums, const table *rows, size_t i) {
  for (size_t c = 0; c < rows->column_count; c++) sums[c] += rows->columns[c][i];
}

static double of_sums(mean_statistic statistic, const double *sums, size_t column_count, size_t n) {
  double means[STATISTICS_COLUMNS];
  for (size_t c = 0; c < column_count; c++) means[c] = sums[c] / (double)n;
  return statistic(means);
}

/* The acceleration, from the jackknife: the change of the spread of the statistic with the statistic. */
static double acceleration(double *left_out, mean_statistic statistic, const double *sums,
                           const table *rows) {
  double mean = 0.0, squares = 0.0, cubes = 0.0;
  for (size_t i = 0; i < rows->n; i++) {
    double rest[STATISTICS_COLUMNS];
    for (size_t c = 0; c < rows->column_count; c++) rest[c] = sums[c] - rows->columns[c][i];
    left_out[i] = of_sums(statistic, rest, rows->column_count, rows->n - 1);
    mean += left_out[i] / (double)rows->n;
  }
  for (size_t i = 0; i < rows->n; i++) {
    double influence = mean - left_out[i];
    squares += influence * influence;
    cubes += influence * influence * influence;
  }
  double a = cubes / (6.0 * squares * sqrt(squares));
  return isfinite(a) ? a : 0.0;
}

/* The quantile of the resamples that is one bound of the BCa interval. */
static double corrected(double bias, double a, double z) {
  double shifted = bias + z, room = 1.0 - a * shifted;
  if (room <= 0.0) return shifted < 0.0 ? 0.0 : 1.0; /* the correction would be infinite */
  return normal_probability(bias + shifted / room);
}

/* The standard error. Computed from differences to the statistic, so it is exactly 0 if all resamples
 * agree. */
static double spread(const double *values, size_t count, double statistic) {
  double mean = 0.0, squares = 0.0;
  for (size_t i = 0; i < count; i++) mean += (values[i] - statistic) / (double)count;
  for (size_t i = 0; i < count; i++) {
    double deviation = values[i] - statistic - mean;
    squares += deviation * deviation;
  }
  return sqrt(squares / (double)(count - 1));
}

/* The share of the resamples below the statistic, plus half of those equal to it. A resample that differs
 * only by rounding is equal: the same pairs in another order are the same resample. */
static double share_below(const double *values, size_t count, double statistic, double sd) {
  double tie = isfinite(sd) ? 1e-9 * sd : 0.0;
  size_t below = 0, above = 0;
  for (size_t i = 0; i < count; i++) {
    below += values[i] < statistic - tie;
    above += values[i] > statistic + tie;
  }
  double share = 0.5 + 0.5 * ((double)below - (double)above) / (double)count;
  double least = 0.5 / (double)count;
  return fmin(fmax(share, least), 1.0 - least);
}

static bool any_nan(const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i])) return true;
  return false;
}

/* Computes the interval and the standard error of one statistic from its resamples. */
static interval bca(double *sd, double *values, size_t resamples, double statistic, double a, double level) {
  *sd = NAN;
  if (isnan(statistic) || resamples == 0 || any_nan(values, resamples)) return (interval){NAN, NAN};
  *sd = spread(values, resamples, statistic);
  double bias = statistics_normal_quantile(share_below(values, resamples, statistic, *sd));
  double z = statistics_normal_quantile((1.0 - level) / 2.0);
  return (interval){quantile(values, resamples, corrected(bias, a, z)),
                    quantile(values, resamples, corrected(bias, a, -z))};
}

static void resample(double *values, const mean_statistic *statistics, size_t statistic_count,
                     const table *rows, size_t resamples, uint64_t seed) {
  uint64_t stream = random_stream(seed), counter = 0;
  for (size_t r = 0; r < resamples; r++) {
    double sums[STATISTICS_COLUMNS] = {0};
    for (size_t i = 0; i < rows->n; i++)
      add_row(sums, rows, random_index(stream, counter++, (uint32_t)rows->n));
    for (size_t s = 0; s < statistic_count; s++)
      values[s * resamples + r] = of_sums(statistics[s], sums, rows->column_count, rows->n);
  }
}

double statistics_mean(const double *values, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  return count > 0 ? sum / (double)count : NAN;
}

checkrob_status statistics_bootstrap(interval *out, double *sd, const mean_statistic *statistics,
                                     size_t statistic_count, const double *const *columns,
                                     size_t column_count, size_t n, size_t resamples, double level,
                                     uint64_t seed) {
  if (!(level > 0.0 && level < 1.0) || n > UINT32_MAX || column_count > STATISTICS_COLUMNS)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "bootstrap: level %g, %zu values, %zu columns: the level must be between 0 and 1, and "
                     "the sizes within limits",
                     level, n, column_count);
  for (size_t s = 0; s < statistic_count; s++) {
    out[s] = (interval){NAN, NAN};
    if (sd) sd[s] = NAN;
  }
  if (n < 2 || resamples == 0 || statistic_count == 0) return CHECKROB_OK;
  double *values = resamples <= SIZE_MAX / sizeof *values / statistic_count
                       ? malloc(statistic_count * resamples * sizeof *values)
                       : NULL;
  double *left_out = malloc(n * sizeof *left_out);
  table rows = {columns, column_count, n};
  double sums[STATISTICS_COLUMNS] = {0};
  for (size_t i = 0; i < n; i++) add_row(sums, &rows, i);
  if (values && left_out) {
    resample(values, statistics, statistic_count, &rows, resamples, seed);
    for (size_t s = 0; s < statistic_count; s++) {
      double error = NAN, a = acceleration(left_out, statistics[s], sums, &rows);
      double statistic = of_sums(statistics[s], sums, column_count, n);
      out[s] = bca(&error, values + s * resamples, resamples, statistic, a, level);
      if (sd) sd[s] = error;
    }
  }
  checkrob_status status = values && left_out ? CHECKROB_OK : error_memory("a bootstrap's resamples");
  free(left_out);
  free(values);
  return status;
}

/* ---- exchange ---- */

/* Number of permutations that are summed together. The scores of an object then stay in the cache. */
#define SIDE_BY_SIDE 256

static size_t count_reaching(double least, const double *scores, size_t n, size_t pool, size_t first,
                             size_t count, uint64_t stream) {
  double sums[SIDE_BY_SIDE] = {0};
  for (size_t i = 0; i < n; i++)
    for (size_t r = 0; r < count; r++)
      sums[r] += scores[i * pool + random_index(stream, (first + r) * n + i, (uint32_t)pool)];
  size_t reaching = 0;
  for (size_t r = 0; r < count; r++) reaching += sums[r] >= least;
  return reaching;
}

double statistics_exchange(double observed, const double *scores, size_t n, size_t pool, size_t permutations,
                           uint64_t seed) {
  if (n == 0 || pool == 0 || n > UINT32_MAX || pool > UINT32_MAX) return NAN;
  double magnitude = 0.0;
  for (size_t i = 0; i < n * pool; i++) magnitude += fabs(scores[i]) / (double)pool;
  if (!isfinite(observed) || !isfinite(magnitude)) return NAN;
  double least = (double)n * observed;
  least -= 1e-9 * (fabs(least) + magnitude); /* a sum in another order is equal */
  uint64_t stream = random_stream(seed);
  size_t reaching = 0;
  for (size_t first = 0; first < permutations; first += SIDE_BY_SIDE) {
    size_t count = permutations - first < SIDE_BY_SIDE ? permutations - first : SIDE_BY_SIDE;
    reaching += count_reaching(least, scores, n, pool, first, count, stream);
  }
  return (1.0 + (double)reaching) / (1.0 + (double)permutations);
}

/* ---- many classes ---- */

typedef struct ranked {
  double p;
  size_t index;
} ranked;

static int compare(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  return (a->p > b->p) - (a->p < b->p);
}

checkrob_status statistics_adjust(double *q, const double *p, size_t count) {
  ranked *order = count <= SIZE_MAX / sizeof *order ? malloc((count ? count : 1) * sizeof *order) : NULL;
  if (!order) return error_memory("the classes' p-values");
  size_t tests = 0;
  for (size_t i = 0; i < count; i++) {
    q[i] = p[i];
    if (!isnan(p[i])) order[tests++] = (ranked){p[i], i};
  }
  qsort(order, tests, sizeof *order, compare);
  double least = 1.0;
  for (size_t rank = tests; rank > 0; rank--) {
    least = fmin(least, order[rank - 1].p * ((double)tests / (double)rank));
    q[order[rank - 1].index] = least;
  }
  free(order);
  return CHECKROB_OK;
}

double statistics_t_quantile(double p, double freedom) {
  if (!(freedom >= 1.0)) return NAN;
  if (freedom < 2.0) return tan(acos(-1.0) * (p - 0.5));
  if (freedom < 3.0) return (2.0 * p - 1.0) / sqrt(2.0 * p * (1.0 - p));
  double z = statistics_normal_quantile(p), z2 = z * z, n = freedom;
  if (!isfinite(z) || isinf(n)) return z;
  double first = z * (z2 + 1.0) / 4.0;
  double second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
  double third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
  double fourth = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0;
  return z + (first + (second + (third + fourth / n) / n) / n) / n;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method;
 * it converges fast for x below (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x) {
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0), value;
  if (fabs(d) < 1e-300) d = 1e-300;
  value = d = 1.0 / d;
  for (int i = 1; i <= 1000; i++) {
    double m = (double)i, step = 0.0;
    for (int odd = 0; odd < 2; odd++) {
      double term = odd ? -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
                        : m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
      d = 1.0 + term * d;
      c = 1.0 + term / c;
      if (fabs(d) < 1e-300) d = 1e-300;
      if (fabs(c) < 1e-300) c = 1e-300;
      d = 1.0 / d;
      step = c * d;
      value *= step;
    }
    if (fabs(step - 1.0) < 1e-15) break;
  }
  return value;
}

/* The regularised incomplete beta function I_x(a, b). */
static double beta_share(double a, double b, double x) {
  if (x <= 0.0 || x >= 1.0) return x <= 0.0 ? 0.0 : 1.0;
  double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double statistics_t_tail(double t, double freedom) {
  if (!(freedom >= 1.0) || isnan(t)) return NAN;
  double tail = 0.5 * beta_share(0.5 * freedom, 0.5, freedom / (freedom + t * t));
  return t >= 0.0 ? tail : 1.0 - tail;
}

double statistics_paired_chance(size_t n, double sum, double squares) {
  double count = (double)n, mean = sum / count;
  if (n < STATISTICS_FEWEST || isnan(mean)) return NAN;
  double variance = (squares - count * mean * mean) / (count - 1.0);
  if (variance > 0.0) return statistics_t_tail(mean / sqrt(variance / count), count - 1.0);
  return mean > 0.0 ? 0.0 : 1.0;
}

interval statistics_share(size_t hits, size_t n, double level) {
  if (n == 0) return (interval){NAN, NAN};
  double count = (double)n, share = (double)hits / count, z = statistics_normal_quantile(0.5 + 0.5 * level);
  double middle = (share + z * z / (2.0 * count)) / (1.0 + z * z / count);
  double half =
      z / (1.0 + z * z / count) * sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count));
  /* Rounding may lead past a share of exactly 0 or 1. */
  return (interval){.low = fmax(middle - half, 0.0), .high = fmin(middle + half, 1.0)};
}

static int compare_numbers(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double statistics_median(double *values, size_t count) {
  if (count == 0) return NAN;
  qsort(values, count, sizeof *values, compare_numbers);
  return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

#define ALL_PAIRS 2048
#define APART 0.05

typedef struct point {
  double x, y;
} point;

/* The memory that `slopes` of these points takes; see statistics_slope(). */
static size_t pair_count(size_t points) {
  return points < ALL_PAIRS ? points * (points - 1) / 2 : points / 2;
}

static size_t add_slope(double *slopes, size_t count, point a, point b) {
  if (!(fabs(b.x - a.x) > APART)) return count;
  slopes[count] = (b.y - a.y) / (b.x - a.x);
  return count + 1;
}

checkrob_status statistics_slope(double *slope, const double *x, const double *y, size_t count) {
  size_t known = 0;
  *slope = 0.0;
  if (count < 2) return CHECKROB_OK;
  point *points = malloc(count * sizeof *points);
  double *slopes = malloc(pair_count(count) * sizeof *slopes);
  for (size_t i = 0; i < count && points; i++) points[i] = (point){x[i], y[i]};
  if (points && slopes) {
    qsort(points, count, sizeof *points, compare_numbers); /* by x, the first member */
    for (size_t i = 0; i < count; i++) {
      size_t first = count < ALL_PAIRS ? i + 1 : i + (count + 1) / 2,
             last = count < ALL_PAIRS ? count : first + 1;
      for (size_t j = first; j < last && j < count; j++)
        known = add_slope(slopes, known, points[i], points[j]);
    }
    if (known > 0) *slope = statistics_median(slopes, known);
  }
  checkrob_status status = points && slopes ? CHECKROB_OK : error_memory("the classes' slope");
  free(points);
  free(slopes);
  return status;
}

double statistics_sign_test(size_t wins, size_t losses) {
  size_t n = wins + losses;
  double sum = 0.0, term = -(double)n * log(2.0); /* log of choose(n, k) / 2^n, from k = n down */
  if (n == 0) return 1.0;
  for (size_t k = n; k >= wins; k--) {
    sum += exp(term);
    if (k == 0) break;
    term += log((double)k) - log((double)(n - k + 1));
  }
  return fmin(sum, 1.0);
}
