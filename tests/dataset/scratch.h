/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of the test's own for the files that it writes, and what the dataset's tests ask again and again.
 * scratch_setup and scratch_teardown are a cmocka test's setup and teardown. */
#ifndef CHECKROB_TESTS_SCRATCH_H
#define CHECKROB_TESTS_SCRATCH_H

#include <checkrob/dataset.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/options.h"

static char scratch_root[256];

static inline int scratch_setup(void **state) {
  (void)state;
  const char *parent = getenv("TMPDIR");
  snprintf(scratch_root, sizeof scratch_root, "%s/checkrob-test-XXXXXX", parent ? parent : "/tmp");
  return mkdtemp(scratch_root) ? 0 : -1;
}

static inline void scratch_remove(const char *path) {
  if (remove(path) == 0) return;
  DIR *directory = opendir(path);
  if (!directory) return;
  for (const struct dirent *found; (found = readdir(directory));) {
    if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) continue;
    char inside[4096];
    if (snprintf(inside, sizeof inside, "%s/%s", path, found->d_name) < (int)sizeof inside)
      scratch_remove(inside);
  }
  closedir(directory);
  remove(path);
}

static inline int scratch_teardown(void **state) {
  (void)state;
  scratch_remove(scratch_root);
  return 0;
}

/* The path of a file in the folder; good until the eighth call after. */
static inline const char *scratch(const char *name) {
  static char paths[8][1024];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", scratch_root, name);
  return path;
}

static inline const char *scratch_folder(const char *name) {
  const char *path = scratch(name);
  char part[1024];
  for (size_t i = strlen(scratch_root) + 1; i <= strlen(path); i++) {
    if (path[i] != '/' && path[i] != '\0') continue;
    snprintf(part, sizeof part, "%.*s", (int)i, path);
    mkdir(part, 0755);
  }
  return path;
}

static inline const char *scratch_write_bytes(const char *name, const void *data, size_t bytes) {
  const char *slash = strrchr(name, '/');
  if (slash) {
    char folder[512];
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - name), name);
    scratch_folder(folder);
  }
  const char *path = scratch(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  assert_int_equal(fclose(file), 0);
  return path;
}

static inline const char *scratch_write(const char *name, const char *text) {
  return scratch_write_bytes(name, text, strlen(text));
}

static inline void assert_contains(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static inline void assert_sentence(const char *part) {
  assert_contains(checkrob_last_error(), part);
}

static inline checkrob_class_map *scratch_classes(const char *csv) {
  checkrob_class_map *classes = NULL;
  assert_int_equal(checkrob_class_map_open(&classes, scratch_write("classes.csv", csv)), CHECKROB_OK);
  return classes;
}

/* The dataset in images/ and annots/. */
static inline checkrob_dataset *scratch_dataset(const char *format, const checkrob_class_map *classes) {
  checkrob_dataset *dataset = NULL;
  checkrob_status status = open_dataset(
      &dataset,
      OPTIONS("dataset", format, "images", scratch_folder("images"), "annotations", scratch_folder("annots")),
      classes);
  if (status) fail_msg("%s", checkrob_last_error());
  return dataset;
}

/* A cursor over all of it. */
static inline checkrob_cursor *walk(const checkrob_dataset *dataset) {
  checkrob_cursor *cursor = NULL;
  assert_int_equal(checkrob_cursor_new(&cursor, dataset, 0, 0), CHECKROB_OK);
  return cursor;
}

static inline checkrob_sample *next_sample(checkrob_cursor *cursor) {
  checkrob_sample *sample = NULL;
  assert_int_equal(checkrob_cursor_next(&sample, cursor), CHECKROB_OK);
  assert_non_null(checkrob_sample_regions(sample));
  return sample;
}

/* The next sample: of an image whose name holds `image`, with a message or, if it is good, a class that holds
 * `what`.
 */
static inline void assert_next(checkrob_cursor *cursor, const char *image, checkrob_status status,
                               const char *what) {
  checkrob_sample *sample = next_sample(cursor);
  assert_contains(checkrob_sample_image(sample), image);
  assert_int_equal(checkrob_sample_status(sample), status);
  assert_contains(status ? checkrob_sample_message(sample) : checkrob_sample_class_name(sample), what);
  checkrob_sample_free(sample);
}

#define VOC_OBJECT(name, xmin, ymin, xmax, ymax)                                                  \
  "<object><name>" name "</name><bndbox><xmin>" #xmin "</xmin><ymin>" #ymin "</ymin><xmax>" #xmax \
  "</xmax><ymax>" #ymax "</ymax></bndbox></object>"
#define VOC_FILE(objects) \
  "<annotation><size><width>100</width><height>80</height></size>" objects "</annotation>"

#endif
