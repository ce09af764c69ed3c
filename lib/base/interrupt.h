/* SPDX-License-Identifier: Apache-2.0 */
/* How urgently somebody asked a computation to stop. Lock-free, because a signal handler may ask. */
#ifndef CHECKROB_BASE_INTERRUPT_H
#define CHECKROB_BASE_INTERRUPT_H

#include <stdatomic.h>

enum {
  INTERRUPT_NONE = 0,
  INTERRUPT_STOP = 1,   /* after the current batches */
  INTERRUPT_GIVE_UP = 2 /* without them: they are computed when the run is resumed */
};

/* The first call asks to stop, each further one to give up. Any thread may call it. */
static inline void interrupt_ask(atomic_int *interrupted) {
  int none = INTERRUPT_NONE;
  if (!atomic_compare_exchange_strong(interrupted, &none, INTERRUPT_STOP))
    atomic_store(interrupted, INTERRUPT_GIVE_UP);
}

#endif
