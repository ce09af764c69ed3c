/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs in a worker at the same time. Runs share it. One that is tried again, after the worker has died,
 * has it to itself: if the worker dies again, there is no doubt what killed it. */
#ifndef CHECKROB_BACKEND_TURNS_H
#define CHECKROB_BACKEND_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct turns {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t running, waiting_alone;
  bool is_alone;
} turns;

bool turns_start(turns *t);
void turns_stop(turns *t);
/* Waits for the turn. Those who want to be alone come first. */
void turns_enter(turns *t, bool alone);
void turns_leave(turns *t);

#endif
