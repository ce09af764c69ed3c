/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of the means of a class: bootstrap intervals, a permutation test, and a correction for many
 * classes. Random numbers depend on the seed only (base/random.h): equal calls return equal numbers. */
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

/* NaN for none. */
double statistics_mean(const double *values, size_t count);

#define STATISTICS_COLUMNS 4 /* largest number of columns */

/* BCa bootstrap intervals (Efron, Better Bootstrap Confidence Intervals, JASA 1987) at `level`, 0 to 1, of
 * several statistics of the means over n rows of `columns` [column_count][n]. All use the same `resamples`
 * resamples: number i of resample r is row random_index(stream, r n + i, n). Given the same resamples, the
 * intervals are those of SciPy's bootstrap(method="BCa"). Writes the bootstrap's standard errors to `sd`
 * [statistic_count], which may be NULL. If all resamples agree, low = high = the statistic, and sd = 0. NaN
 * for n < 2, without resamples, and if the statistic of the rows or of any resample is NaN. If the statistic
 * may be infinite, a bound may be infinite too, and sd is NaN.
 *
 * Two things differ from SciPy. Resamples that differ from the statistic by rounding only are equal to it;
 * for SciPy, the same pairs in another order are another resample, which moves the intervals of few pairs. If
 * all resamples are on one side of the statistic, half a resample is assumed on the other side; SciPy returns
 * NaN.
 *
 * Errors: INVALID_ARGUMENT (level, columns, or n above 2^32 - 1), OUT_OF_MEMORY. */
checkrob_status statistics_bootstrap(interval *out, double *sd, const mean_statistic *statistics,
                                     size_t statistic_count, const double *const *columns,
                                     size_t column_count, size_t n, size_t resamples, double level,
                                     uint64_t seed);

/* Monte Carlo p-value of exchange. `scores` [n, pool]: the score of object i's region with map j of another
 * class. `observed`: the mean score of the objects with their own maps. Permutation r draws the map
 * random_index(stream, r n + i, pool) for object i, and computes the mean. p = (1 + #{mean >= observed}) / (1
 * + permutations): Phipson and Smyth, Permutation P-values Should Never Be Zero, 2010. Means that differ by
 * rounding only are equal. NaN if a number is not finite, or if n or pool is 0 or above 2^32 - 1. */
double statistics_exchange(double observed, const double *scores, size_t n, size_t pool, size_t permutations,
                           uint64_t seed);

/* The interval of a share at `level`: `hits` of n. Wilson, Probable Inference, the Law of Succession, and
 * Statistical Inference, JASA 1927. NaN for n = 0. */
interval statistics_share(size_t hits, size_t n, double level);

/* The median; sorts the values. NaN for none. */
double statistics_median(double *values, size_t count);

/* The slope of a line through (x, y): the median of the slopes of all pairs that differ by more than 0.05 in
 * x; 0 without such pairs. Theil 1950; Sen, Estimates of the Regression Coefficient Based on Kendall's Tau,
 * JASA 1968. From 2048 points on, of the pairs of which one point is half of all points behind the other in
 * the order of x. OUT_OF_MEMORY. */
checkrob_status statistics_slope(double *slope, const double *x, const double *y, size_t count);

/* Adjusts p-values for their number: among all with q <= a, the expected share of false ones is at most a.
 * Benjamini and Hochberg, Controlling the False Discovery Rate, JRSS B 1995. NaN stays NaN and does not
 * count. `q` may be `p`. Errors: OUT_OF_MEMORY. */
checkrob_status statistics_adjust(double *q, const double *p, size_t count);

/* The z below which N(0, 1) is with probability p; -infinity for 0, infinity for 1, NaN outside. */
double statistics_normal_quantile(double p);

/* The same for Student's t with `freedom` degrees of freedom, by the expansion of Abramowitz and Stegun
 * 26.7.5: the error is below 0.3 % from 3 degrees and p of 0.005 to 0.995 on. Below 3 degrees it is the exact
 * quantile for 1 or 2, which is wider. NaN below 1. */
double statistics_t_quantile(double p, double freedom);

/* The probability of a mean difference so large by chance: Student's t, one-sided, for n paired differences,
 * from their sum and the sum of their squares. If they do not vary: 0 for positive ones, else 1. NaN for
 * fewer than STATISTICS_FEWEST. */
#define STATISTICS_FEWEST 5
double statistics_paired_chance(size_t n, double sum, double squares);

/* The probability of so many wins or more by chance, where each win and each loss is as likely: the sign
 * test, one-sided. 1 for none of both. */
double statistics_sign_test(size_t wins, size_t losses);

/* The probability that Student's t with `freedom` degrees of freedom is above t. NaN below 1. */
double statistics_t_tail(double t, double freedom);

#endif
