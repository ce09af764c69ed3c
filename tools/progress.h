/* A progress bar with rate and time left, on a terminal; nothing in a pipe. */
#ifndef CHECKROB_TOOLS_PROGRESS_H
#define CHECKROB_TOOLS_PROGRESS_H

#include <stddef.h>

typedef struct progress {
  int shown;    /* stderr is a terminal */
  double start; /* seconds, monotonic: when the first input was done, so that loading a model is not counted
                   as slowness */
  size_t at_start; /* inputs done then */
  double last;     /* when the bar was last drawn */
  int drawn;
} progress;

void progress_begin(progress *bar);
void progress_update(progress *bar, size_t done, size_t total);
/* Removes the bar, so that what follows starts on an empty line. */
void progress_end(progress *bar);

#endif
