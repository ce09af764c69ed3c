/* SPDX-License-Identifier: Apache-2.0 */
/* A running computation: a progress bar with rate and remaining time, on a terminal; and an interruption by
 * SIGINT or SIGTERM that loses no results. */
#ifndef CHECKROB_TOOLS_PROGRESS_H
#define CHECKROB_TOOLS_PROGRESS_H

#include <stddef.h>

typedef struct progress {
  int shown;       /* stderr is a terminal */
  double start;    /* seconds, monotonic: when the first input was done, so that setting up does not count */
  size_t at_start; /* inputs done then */
  size_t done;     /* of the last call */
  double last;     /* when the bar was last drawn */
  int drawn;
} progress;

/* Asks the computation to stop soon; called by a signal handler. */
typedef void (*interrupt_function)(void *subject);

/* `interrupt`: called with `subject` at the first SIGINT or SIGTERM until progress_end(); a second one
 * stops the process at once. NULL: signals have their default effect. One computation at a time. */
void progress_begin(progress *bar, interrupt_function interrupt, void *subject);
/* A checkrob_progress_callback, whose user_data is the bar; returns 0. */
int progress_update(size_t done, size_t total, void *bar);
/* Removes the bar, so that a message starts on an empty line. */
void progress_clear(progress *bar);
void progress_end(progress *bar);

#endif
