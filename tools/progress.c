/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "activity.h"
#include "terminal.h"

#define BAR_CELLS 30
#define SECONDS_BETWEEN 0.1

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- signals ---- */

static struct {
  interrupt_function function;
  void *subject;
} watched; /* set before the handlers, and not changed while they are set */

static void on_signal(int number) {
  (void)number;
  watched.function(watched.subject);
}

static void handle_signals(void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C stops the process at once */
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

/* ---- the bar ---- */

void progress_begin(progress *bar, interrupt_function interrupt, void *subject) {
  memset(bar, 0, sizeof *bar);
  bar->shown = can_redraw(stderr) && !is_quiet();
  activity_begin("setting up", ""); /* until the first input is done */
  watched.function = interrupt;
  watched.subject = subject;
  if (interrupt) handle_signals(on_signal);
}

static void time_text(char *text, size_t bytes, double seconds) {
  unsigned long whole = (unsigned long)(seconds + 0.5);
  if (whole >= 3600)
    snprintf(text, bytes, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
  else
    snprintf(text, bytes, "%lu:%02lu", whole / 60, whole % 60);
}

static void draw(const progress *bar, size_t done, size_t total, double time) {
  char cells[BAR_CELLS + 1];
  size_t full = done * BAR_CELLS / total;
  for (size_t i = 0; i < BAR_CELLS; i++) cells[i] = i < full ? '#' : '.';
  cells[BAR_CELLS] = '\0';
  fprintf(stderr, "\r\033[K[%s] %zu/%zu %3zu %%", cells, done, total, done * 100 / total);
  double elapsed = time - bar->start;
  if (done > bar->at_start && elapsed > 0.0) {
    double rate = (double)(done - bar->at_start) / elapsed;
    char left[32];
    time_text(left, sizeof left, (double)(total - done) / rate);
    fprintf(stderr, "  %.1f images/s  %s left", rate, left);
  }
  fflush(stderr);
}

int progress_update(size_t done, size_t total, void *user_data) {
  progress *bar = user_data;
  if (!bar->shown || total == 0) return 0;
  double time = now();
  activity_end();
  if (done < bar->done) bar->start = 0.0; /* another pass over the data */
  bar->done = done;
  if (bar->start <= 0.0 && done > 0) {
    bar->start = time;
    bar->at_start = done;
  }
  if (bar->drawn && time - bar->last < SECONDS_BETWEEN && done < total) return 0;
  bar->last = time;
  bar->drawn = 1;
  draw(bar, done, total, time);
  return 0;
}

void progress_clear(progress *bar) {
  if (!bar->drawn) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  bar->drawn = 0;
}

void progress_end(progress *bar) {
  activity_end();
  if (watched.function) handle_signals(SIG_DFL);
  progress_clear(bar);
}
