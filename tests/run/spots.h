/* SPDX-License-Identifier: Apache-2.0 */
/* A world of two classes, of which one is recognised by its object and the other by what is beside it. */
#ifndef RUN_SPOTS_H
#define RUN_SPOTS_H

#include "run/stored.h"

/* A cell of the fake's map: less than 12 % of the image. */
static const rectangle on_object = {8, 8, 16, 16}, off_object = {24, 8, 32, 16};

/* Ten images with a green spot on the object, and ten with a blue one beside it. */
static inline void spots_open(void) {
  for (int i = 0; i < 20; i++) {
    char name[16];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, i < 10 ? "green" : "blue", i < 10 ? on_object : off_object,
                 i < 10 ? green : blue, left_half);
  }
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 2);
}

#endif
