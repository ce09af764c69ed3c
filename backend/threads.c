/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/threads.h"

#include <stdatomic.h>

static atomic_int of_process;
static _Thread_local int limit;

void threads_set_process(int threads) {
  atomic_store(&of_process, threads);
}

void threads_set_limit(int threads) {
  limit = threads;
}

protocol_threads threads_now(void) {
  return (protocol_threads){atomic_load(&of_process), limit};
}

void threads_put(message *m) {
  protocol_threads threads = threads_now();
  message_put(m, threads.process);
  message_put(m, threads.limit);
}
