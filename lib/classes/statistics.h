/* How sure the means of a class are: bootstrap intervals, a permutation test, and its correction for many
 * classes. Random numbers come from the seed alone (base/random.h): equal calls give equal numbers. */
#ifndef CHECKROB_LIB_STATISTICS_H
#define CHECKROB_LIB_STATISTICS_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct interval {
  double low, high;
} interval;

/* A statistic of the means of several columns. */
typedef double (*mean_statistic)(const double *means);

#define STATISTICS_COLUMNS 4 /* at most */

/* BCa bootstrap intervals (Efron, Better Bootstrap Confidence Intervals, JASA 1987) at `level`, 0 to 1, of
 * several statistics of the means over n rows of `columns` [column_count][n], all from the same `resamples`
 * resamples: number i of resample r is row random_index(stream, r n + i, n). Given the same resamples, the
 * intervals are those of SciPy's bootstrap(method="BCa"). Writes to `sd` [statistic_count] the bootstrap's
 * standard errors; it may be NULL.
 *
 * Where all resamples agree, low = high = the statistic, and sd = 0. NaN for n < 2, without resamples, and
 * where the statistic of the rows or of any resample is NaN; where it may be infinite, so may an end, and sd
 * is NaN. Two things differ from SciPy: resamples that differ from the statistic by rounding alone are equal
 * to it (SciPy takes the same pairs in another order for another resample, which moves intervals of a few
 * pairs), and where all lie on one side of it, half a resample is taken to lie on the other (SciPy has NaN).
 * Errors: INVALID_ARGUMENT (level, columns, or n above 2^32 - 1), OUT_OF_MEMORY. */
checkrob_status statistics_bootstrap(interval *out, double *sd, const mean_statistic *statistics,
                                     size_t statistic_count, const double *const *columns,
                                     size_t column_count, size_t n, size_t resamples, double level,
                                     uint64_t seed);

/* Monte Carlo p-value of exchange: `scores` [n, pool] is what object i's region gets from foreign map j, and
 * `observed` the mean of what the objects get from their own. Permutation r draws for object i the foreign
 * map random_index(stream, r n + i, pool), and takes the mean; p = (1 + #{mean >= observed}) / (1 +
 * permutations): Phipson and Smyth, Permutation P-values Should Never Be Zero, 2010. Means that differ by
 * rounding alone count as equal. NaN where a number is not finite, or n or pool is 0 or above 2^32 - 1. */
double statistics_exchange(double observed, const double *scores, size_t n, size_t pool, size_t permutations,
                           uint64_t seed);

/* p-values adjusted for their number, so that among all with q <= a the expected share of false ones is at
 * most a: Benjamini and Hochberg, Controlling the False Discovery Rate, JRSS B 1995. NaN stays NaN and does
 * not count. `q` may be `p`. Errors: OUT_OF_MEMORY. */
checkrob_status statistics_adjust(double *q, const double *p, size_t count);

/* The z below which N(0, 1) lies with probability p; -infinity for 0, infinity for 1, NaN outside. */
double statistics_normal_quantile(double p);

#endif
