/* SPDX-License-Identifier: Apache-2.0 */
/* The number of libtorch's computing threads. libtorch has one number for the whole process. */
#include <pthread.h>

#include "base/cpu.h"
#include "model/handle.h"
#include "model/model.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static int chosen;                                       /* for the process; 0: all cores */
static int in_force;                                     /* 0: never set */
static size_t passes;                                    /* that are executing */

static int number(int threads) {
  return threads > 0 ? threads : (int)cpu_count();
}

static int use(int threads) {
  in_force = shim_set_threads(threads);
  return in_force;
}

int checkrob_model_set_threads(int threads) {
  pthread_mutex_lock(&lock);
  chosen = threads > 0 ? threads : 0;
  int result = use(number(chosen));
  pthread_mutex_unlock(&lock);
  return result;
}

int checkrob_model_cores(void) {
  return (int)cpu_count();
}

int checkrob_model_threads(void) {
  pthread_mutex_lock(&lock);
  int result = in_force > 0 ? in_force : number(0);
  pthread_mutex_unlock(&lock);
  return result;
}

/* The default of libtorch may be one thread. Convolutions are then many times slower. */
void model_threads_default(void) {
  pthread_mutex_lock(&lock);
  if (in_force == 0) use(number(0));
  pthread_mutex_unlock(&lock);
}

int model_process_threads(void) {
  pthread_mutex_lock(&lock);
  int result = number(chosen);
  pthread_mutex_unlock(&lock);
  return result;
}

void model_begin_pass(int threads) {
  pthread_mutex_lock(&lock);
  passes++;
  use(threads);
  pthread_mutex_unlock(&lock);
}

void model_end_pass(void) {
  pthread_mutex_lock(&lock);
  if (--passes == 0) use(number(chosen));
  pthread_mutex_unlock(&lock);
}

void model_limit_threads(int threads) {
  shim_limit_threads(threads);
}
