/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a worker with the fake model (fake_shim.h) misbehave, as environment variables say:
 *
 *   FAKE_ABORT_AT    a number: a run with an image whose first number it is aborts
 *   FAKE_HANG_AT     the same; such a run never ends
 *   FAKE_KILL_AT     the same; such a run kills its own process, as somebody from outside would
 *   FAKE_ONCE        the path of a file: the above happens only while there is none, and makes it
 *   FAKE_OPENING     "abort", "fail" or "hang": when a model is opened; the latter makes that file, too
 *   FAKE_PRINTS      a text: is printed when a model is opened
 *   FAKE_GREETING    "exit" or "other": instead of a greeting; "interrupt": SIGINT comes before it
 *   FAKE_RAISES_AT, FAKE_SQUARED, FAKE_LOST_CLASSES
 *                    as fake.raises_at, fake.squared and fake.lost_classes */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake/fake_shim.h"
#include "shim/shim.h"

static int is_first(void) {
  const char *path = getenv("FAKE_ONCE");
  if (!path) return 1;
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (file >= 0) close(file);
  return file >= 0;
}

static int is_at(const char *variable, float number) {
  const char *value = getenv(variable);
  return value && fabsf(strtof(value, NULL) - number) < 1e-6F && is_first();
}

static void hang(void) {
  for (;;) pause();
}

static void hang_opening(void) {
  is_first(); /* makes the file that says so */
  hang();
}

static void misbehave(const float *image) {
  if (is_at("FAKE_ABORT_AT", *image)) abort();
  if (is_at("FAKE_KILL_AT", *image)) raise(SIGKILL);
  if (is_at("FAKE_HANG_AT", *image)) hang();
}

static int is_set_to(const char *variable, const char *wanted) {
  const char *value = getenv(variable);
  return value && strcmp(value, wanted) == 0;
}

static void print_text(void) {
  printf("%s\n", getenv("FAKE_PRINTS"));
}

static void abort_opening(void) {
  if (is_first()) abort();
}

__attribute__((constructor)) static void prepare(void) {
  if (is_set_to("FAKE_GREETING", "exit")) _exit(3);
  if (is_set_to("FAKE_GREETING", "other")) {
    const char text[64] = "a program of another kind, which says what it says";
    ssize_t written = write(3, text, sizeof text);
    _exit(written == (ssize_t)sizeof text ? 0 : 1);
  }
  if (is_set_to("FAKE_GREETING", "interrupt")) raise(SIGINT);
  fake.on_image = misbehave;
  if (getenv("FAKE_PRINTS")) fake.before_open = print_text;
  if (is_set_to("FAKE_OPENING", "abort")) fake.before_open = abort_opening;
  if (is_set_to("FAKE_OPENING", "hang")) fake.before_open = hang_opening;
  if (is_set_to("FAKE_OPENING", "fail")) fake.open_code = SHIM_BAD_ARCHIVE;
  if (getenv("FAKE_RAISES_AT")) fake.raises_at = strtof(getenv("FAKE_RAISES_AT"), NULL);
  fake.squared = getenv("FAKE_SQUARED") != NULL;
  fake.lost_classes = getenv("FAKE_LOST_CLASSES") ? atoi(getenv("FAKE_LOST_CLASSES")) : 0;
}
