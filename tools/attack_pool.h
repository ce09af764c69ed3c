/* SPDX-License-Identifier: Apache-2.0 */
/* The part of checkrob attack about a pool of images: which of them are taken for a class by its spurious
 * features. */
#ifndef CHECKROB_TOOLS_ATTACK_POOL_H
#define CHECKROB_TOOLS_ATTACK_POOL_H

#include "inputs.h"
#include "second_model.h"

/* An image that is taken for a class without showing it, as far as anybody said. */
typedef struct pool_image {
  char *name;
  double probability, relative_logit, x, y;
  int64_t shows, rank_without;
  sample_place place; /* in the pool */
} pool_image;

/* The images that are taken for a class by one of its features. */
typedef struct pool_group {
  char *class_name, *shown; /* its name in the class map, and for people */
  int64_t index, feature;
  size_t images, unknown, stopped; /* `stopped`: not taken for it without the feature */
  pool_image *items;               /* [count]: the surest first, at most `most` */
  size_t count;
} pool_group;

/* Starts as zeros. */
typedef struct attack_pool {
  size_t most;        /* of each group */
  pool_group *groups; /* by class and feature */
  size_t count, capacity;
  size_t all, failed, shown;
  size_t images, unknown; /* in the groups */
  char *failure;          /* about the first failed image */
  size_t written, gone, sheets, fooled;
} attack_pool;

/* Reads the table "pool"; `all` is then 0 if the results have none. EXIT_OK or EXIT_FAILED. */
int attack_pool_read(attack_pool *p, checkrob_results *results);
void attack_pool_free(attack_pool *p);

/* Prints the groups. */
int attack_pool_print(const attack_pool *p);

/* Writes the surest images of each group, a contact sheet of them, and their list, to the folder `out`. The
 * pool is that of `spec`. EXIT_OK, or the exit code after it printed an error message. */
int attack_pool_draw(attack_pool *p, const inputs *in, const checkrob_options *spec,
                     const checkrob_results *results, second_model *second, const char *out);

#endif
