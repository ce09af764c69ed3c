/* SPDX-License-Identifier: Apache-2.0 */
#include "support/golden_data.h"

#include "support/test.h"

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *golden_folder(void) {
  const char *folder = getenv("CHECKROB_SHARED");
  char path[4096];
  struct stat info;
  if (!folder || !*folder) return NULL;
  snprintf(path, sizeof path, "%s/golden", folder);
  return stat(path, &info) == 0 ? folder : NULL;
}

static void read_rows(golden_data *data, const char *path) {
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char line[512];
  assert_non_null(fgets(line, sizeof line, file));
  line[strcspn(line, "\r\n")] = '\0'; /* Python's csv module ends lines with CRLF */
  assert_string_equal(line, "image,width,height,boxes,logit,top5,rs");
  data->rows = calloc(1000, sizeof *data->rows);
  assert_non_null(data->rows);
  while (fgets(line, sizeof line, file)) {
    assert_true(data->count < 1000);
    golden_row *r = &data->rows[data->count++];
    long long top[5];
    int got = sscanf(line, "%63[^,],%u,%u,%u,%lf,%lld %lld %lld %lld %lld,%lf", r->image, &r->width,
                     &r->height, &r->boxes, &r->logit, &top[0], &top[1], &top[2], &top[3], &top[4], &r->rs);
    assert_int_equal(got, 11);
    for (size_t i = 0; i < 5; i++) r->top5[i] = top[i];
  }
  fclose(file);
}

/* A NumPy file of version 1: magic, the header's length in two bytes, a Python dict as text, the numbers. */
static void read_maps(golden_data *data, const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  unsigned char head[10];
  char dict[1024];
  assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
  assert_memory_equal(head, "\x93NUMPY\x01\x00", 8);
  size_t length = head[8] + 256U * head[9];
  assert_true(length < sizeof dict);
  assert_int_equal(fread(dict, 1, length, file), length);
  dict[length] = '\0';
  assert_non_null(strstr(dict, "'descr': '<f4', 'fortran_order': False"));
  size_t count = 0;
  const char *shape = strstr(dict, "'shape': (");
  assert_non_null(shape);
  assert_int_equal(sscanf(shape, "'shape': (%zu, %zu, %zu)", &count, &data->height, &data->width), 3);
  assert_int_equal(count, data->count);
  size_t floats = count * data->height * data->width;
  data->maps = malloc(floats * sizeof *data->maps);
  assert_non_null(data->maps);
  assert_int_equal(fread(data->maps, sizeof *data->maps, floats, file), floats);
  fclose(file);
}

void golden_read(golden_data *data, const char *stem) {
  char path[4096];
  memset(data, 0, sizeof *data);
  snprintf(path, sizeof path, "%s/golden/%s.csv", golden_folder(), stem);
  read_rows(data, path);
  snprintf(path, sizeof path, "%s/golden/%s__maps.npy", golden_folder(), stem);
  read_maps(data, path);
}

void golden_free(golden_data *data) {
  free(data->rows);
  free(data->maps);
}
