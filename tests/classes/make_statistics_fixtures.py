#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints statistics_fixtures.h: what SciPy makes of the draws that lib/base/random.h makes. Needs SciPy 1.11 or newer.

    python3 make_statistics_fixtures.py > statistics_fixtures.h

The generator is written here once more, in NumPy, and SciPy's bootstrap and Monte Carlo test are fed with it.
"""
import itertools

import numpy as np
import scipy
from scipy import special, stats

STEP = np.uint64(0x9E3779B97F4A7C15)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class Draws(np.random.Generator):
    """Indices as random_index() gives them, for SciPy, which asks for them by integers()."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(0))
        self.stream = mix(np.array([seed], np.uint64) + STEP)
        self.counter = 0

    def integers(self, low, high=None, size=None, dtype=np.int64, endpoint=False):
        assert low == 0 and not endpoint
        count, bound = int(np.prod(size)), np.uint64(high)
        counters = np.arange(self.counter, self.counter + count, dtype=np.uint64)
        self.counter += count
        bits = mix(self.stream + (counters + np.uint64(1)) * STEP)
        threshold = np.uint64(2**32 % high)
        while True:
            product = (bits >> np.uint64(32)) * bound
            rejected = (product & np.uint64(0xFFFFFFFF)) < threshold
            if not rejected.any():
                return (product >> np.uint64(32)).astype(np.int64).reshape(size)
            bits = np.where(rejected, mix(bits + STEP), bits)


def mean(x, y, axis):
    return x.mean(axis)


def excess(x, y, axis):
    x, y = x.mean(axis), y.mean(axis)
    return (x - y) / (1 - y)


def lift(x, y, axis):
    x, y = x.mean(axis), y.mean(axis)
    return np.log(x / (1 - x)) - np.log(y / (1 - y))


def number(value):
    return "NAN" if np.isnan(value) else "%.17g" % value


def array(name, values):
    print("static const double %s[] = {%s};" % (name, ", ".join(map(number, values))))


def bootstraps(rng):
    """Values are multiples of 1/1024, whose sums are exact: SciPy takes the same pairs in another order for another
    resample where rounding makes them differ, checkrob never."""
    cases = []
    for i, (n, resamples, level, kind) in enumerate([
            (2, 300, 0.95, "any"), (3, 1000, 0.95, "any"), (5, 999, 0.9, "any"), (12, 2000, 0.95, "skewed"),
            (12, 2000, 0.95, "coarse"), (50, 2000, 0.95, "any"), (50, 2000, 0.99, "skewed"), (50, 500, 0.5, "any"),
            (200, 1999, 0.95, "outlier")]):
        x, y = rng.beta(2, 3, n), rng.beta(2, 6, n)
        if kind == "skewed":
            x = x**6
        if kind == "coarse":
            x = np.round(x * 3) / 3
        if kind == "outlier":
            x, x[0] = x / 100, 1
        x, y = (np.maximum(np.round(values * 1024), 1) / 1024 for values in (x, y))
        array("bootstrap_x_%d" % i, x)
        array("bootstrap_y_%d" % i, y)
        row = []
        for statistic in (mean, excess, lift):
            result = stats.bootstrap((x, y), statistic, paired=True, vectorized=True, n_resamples=resamples,
                                     confidence_level=level, method="BCa", random_state=Draws(40 + i))
            row.append("{%s, %s, %s}" % tuple(map(number, (*result.confidence_interval, result.standard_error))))
        cases.append("    {bootstrap_x_%d, bootstrap_y_%d, %d, %d, %s, %d, {%s}}," % (
            i, i, n, resamples, level, 40 + i, ", ".join(row)))
    print("static const bootstrap_case bootstrap_cases[] = {\n%s\n};\n" % "\n".join(cases))


def exchanges(rng):
    cases = []
    for i, (n, pool, permutations) in enumerate([(1, 3, 99), (4, 5, 999), (12, 16, 9999), (12, 16, 300), (7, 1, 50),
                                                 (3, 7, 256), (3, 7, 257)]):
        scores = rng.beta(2, 4, (n, pool))
        own = scores.mean(1) + rng.normal(0.05, 0.05, n)
        draws = Draws(70 + i)

        def foreign(size):
            """SciPy asks for a sample of n scores for each permutation."""
            drawn = draws.integers(0, pool, size)
            return scores[np.arange(n), drawn]

        result = stats.monte_carlo_test(own, foreign, lambda x, axis: x.mean(axis), vectorized=True,
                                        n_resamples=permutations, alternative="greater")
        again = Draws(70 + i).integers(0, pool, (permutations, n))
        means = np.array([scores[np.arange(n), row].sum() / n for row in again])
        assert result.pvalue == (1 + np.sum(means >= own.mean())) / (1 + permutations)
        array("exchange_scores_%d" % i, scores.flatten())
        cases.append("    {exchange_scores_%d, %d, %d, %s, %d, %d, %s}," % (
            i, n, pool, number(own.mean()), permutations, 70 + i, number(result.pvalue)))
    print("static const exchange_case exchange_cases[] = {\n%s\n};\n" % "\n".join(cases))


def exact_exchanges(rng):
    """All draws, one by one. With a pool of two, own and foreign, SciPy's permutation test of pairs takes the same."""
    cases = []
    for i, (n, pool) in enumerate([(4, 5), (5, 4), (9, 2)]):
        scores = rng.beta(2, 4, (n, pool))
        observed = scores[:, 0].mean() if pool == 2 else scores.mean() + 0.05
        means = np.array([np.mean([scores[i, j] for i, j in enumerate(drawn)])
                          for drawn in itertools.product(range(pool), repeat=n)])
        p = np.mean(means >= observed * (1 - 1e-12))
        if pool == 2:
            result = stats.permutation_test((scores[:, 0], scores[:, 1]), lambda x, y, axis: x.mean(axis),
                                            permutation_type="samples", vectorized=True, alternative="greater",
                                            n_resamples=np.inf)
            assert abs(result.pvalue - p) < 1e-12
        array("exact_scores_%d" % i, scores.flatten())
        cases.append("    {exact_scores_%d, %d, %d, %s, %s}," % (i, n, pool, number(observed), number(p)))
    print("static const exact_case exact_cases[] = {\n%s\n};\n" % "\n".join(cases))


def adjustments(rng):
    cases = []
    for i, p in enumerate([[0.03], [0.01, 0.04, 0.03, 0.02], [0.5, 0.5, 0.01, 0.01, 1.0, 0.0], rng.random(40) ** 3,
                           np.where(rng.random(30) < 0.3, np.nan, rng.random(30) ** 2), [np.nan, 0.2, np.nan],
                           (1 + rng.integers(0, 20, 25)) / 10000]):
        p = np.array(p, float)
        q, known = np.full(len(p), np.nan), ~np.isnan(p)
        q[known] = stats.false_discovery_control(p[known], method="bh")
        array("adjust_p_%d" % i, p)
        array("adjust_q_%d" % i, q)
        cases.append("    {adjust_p_%d, adjust_q_%d, %d}," % (i, i, len(p)))
    print("static const adjust_case adjust_cases[] = {\n%s\n};\n" % "\n".join(cases))


def quantiles():
    ps = [1e-300, 1e-100, 1e-20, 1e-12, 1e-10, 1e-5, 0.0005, 0.01, 0.025, 0.0749, 0.0751, 0.3, 0.5, 0.5000001, 0.9,
          0.925, 0.9251, 0.975, 0.9995, 1 - 1e-10]
    rows = ["    {%s, %s}," % (number(p), number(special.ndtri(p))) for p in ps]
    print("static const struct {\n  double p, z;\n} normal_quantiles[] = {\n%s\n};" % "\n".join(rows))


def main():
    rng = np.random.default_rng(5)
    print("/* clang-format off */")
    print("/* Written by make_statistics_fixtures.py with SciPy %s; not to be edited by hand. */" % scipy.__version__)
    print("""#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bootstrap_case {
  const double *x, *y;
  size_t n, resamples;
  double level;
  uint64_t seed;
  struct {
    double low, high, sd;
  } expected[3]; /* of the mean of x, the excess and the lift */
} bootstrap_case;

typedef struct exchange_case {
  const double *scores;
  size_t n, pool;
  double observed;
  size_t permutations;
  uint64_t seed;
  double p;
} exchange_case;

typedef struct exact_case {
  const double *scores;
  size_t n, pool;
  double observed, p;
} exact_case;

typedef struct adjust_case {
  const double *p, *q;
  size_t count;
} adjust_case;
""")
    bootstraps(rng)
    exchanges(rng)
    exact_exchanges(rng)
    adjustments(rng)
    quantiles()


main()
