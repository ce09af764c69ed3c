/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed number of permits to compute. Threads that hold one each, or several for the threads that they
 * start, are together never more than a machine's share has cores.
 *
 * Two kinds of threads share a budget. Those that call budget_take() are served first. Those that call
 * budget_take_spare() take one permit, and only while nobody waits in budget_take(). A thread that holds
 * permits must not wait for another thread that needs some. Then every wait is as short as what the others
 * compute. */
#ifndef CHECKROB_LIB_BUDGET_H
#define CHECKROB_LIB_BUDGET_H

#include <checkrob/status.h>
#include <stddef.h>

typedef struct budget budget;

/* `permits` is at least 1. OUT_OF_MEMORY. */
checkrob_status budget_new(budget **out, size_t permits);

/* No thread may hold permits or wait. NULL is allowed. */
void budget_free(budget *b);

/* Waits for `count` permits, at most all of the budget, and takes them together. In all three functions NULL
 * is a budget without a limit. */
void budget_take(budget *b, size_t count);
void budget_take_spare(budget *b);

/* The calling thread does not need these permits any more. */
void budget_return(budget *b, size_t count);

/* The number of threads that wait in budget_take() now. For tests. */
size_t budget_waiting(budget *b);

#endif
