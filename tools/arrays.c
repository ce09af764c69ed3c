/* SPDX-License-Identifier: Apache-2.0 */
#include "arrays.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "terminal.h"

/* ---- opening ---- */

/* FILE.npy with PART instead of ".npy". The caller frees. */
static char *beside(const char *out, const char *part) {
  size_t stem = strlen(out) - strlen(".npy"), bytes = stem + strlen(part) + 1;
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%.*s%s", (int)stem, out, part);
  return path;
}

char *arrays_rows_path(const char *out) {
  return beside(out, ".csv");
}

/* FILE.LAYER.npy; a slash in the layer's name would be a folder. */
static char *path_of_layer(const arrays *a, const char *layer) {
  size_t bytes = strlen(layer) + sizeof "..npy";
  char *part = malloc(bytes);
  if (!part) return NULL;
  if (a->count > 1)
    snprintf(part, bytes, ".%s.npy", layer);
  else
    snprintf(part, bytes, ".npy");
  for (char *c = part; *c; c++)
    if (*c == '/') *c = '_';
  char *path = beside(a->out, part);
  free(part);
  return path;
}

static int open_array(arrays *a, size_t i, const char *layer) {
  char *path = path_of_layer(a, layer);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int code = spare_inputs(a->line, path);
  int is_half = strcmp(command_line_text(a->line, "dtype"), "f16") == 0;
  int error = code == EXIT_OK ? npy_open(&a->files[i], path, is_half) : 0;
  if (error) code = fail(EXIT_FAILED, "%s: cannot be written: %s", path, whole_file_reason(error));
  free(path);
  return code;
}

static int open_arrays(arrays *a, const char *layers) {
  a->count = 1;
  for (const char *c = layers; *c; c++) a->count += *c == ',';
  a->files = calloc(a->count, sizeof *a->files);
  char *paths = a->files ? strdup(layers) : NULL;
  if (!paths) return fail(EXIT_FAILED, "out of memory");
  int code = EXIT_OK;
  char *rest = NULL, *layer = strtok_r(paths, ",", &rest);
  for (size_t i = 0; layer && code == EXIT_OK; i++, layer = strtok_r(NULL, ",", &rest))
    code = open_array(a, i, layer);
  free(paths);
  return code;
}

int arrays_open(arrays *a, const command_line *line, const char *out, const char *layers) {
  *a = (arrays){.line = line, .out = out};
  a->rows_path = arrays_rows_path(out);
  a->failures_path = beside(out, ".failed.csv");
  if (!a->rows_path || !a->failures_path) return fail(EXIT_FAILED, "out of memory");
  int code = spare_inputs(line, a->rows_path);
  if (code == EXIT_OK) code = spare_inputs(line, a->failures_path);
  if (code == EXIT_OK) code = open_arrays(a, layers);
  if (code != EXIT_OK) return code;
  /* The rows of an earlier extraction are not those of the CSV that begins here. */
  write_target_remove(a->failures_path);
  for (size_t i = 0; i < a->count; i++) write_target_remove(a->files[i].to.path);
  int error = whole_file_open(&a->rows, a->rows_path);
  if (error) return fail(EXIT_FAILED, "%s: cannot be written: %s", a->rows_path, whole_file_reason(error));
  fputs("row,image\n", a->rows.file);
  return EXIT_OK;
}

/* ---- writing ---- */

static void write_field(FILE *file, const char *text) {
  if (!strpbrk(text, "\",\r\n")) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

static void note_error(arrays *a, int error, const char *path) {
  if (!error || a->error) return;
  a->error = error;
  a->error_path = path;
}

int arrays_add(const checkrob_batch *batch, void *user_data) {
  arrays *a = user_data;
  size_t rows = checkrob_batch_rows(batch);
  for (size_t i = 0; i < a->count; i++) {
    size_t shape[3];
    checkrob_batch_shape(shape, batch, i);
    size_t axes = shape[1] * shape[2] == 1 ? 1 : 3;
    note_error(a, npy_append(&a->files[i], checkrob_batch_values(batch, i), rows, shape, axes), a->out);
  }
  for (size_t n = 0; n < rows; n++) {
    fprintf(a->rows.file, "%zu,", a->row_count++);
    write_field(a->rows.file, checkrob_batch_image(batch, n));
    fputc('\n', a->rows.file);
  }
  if (ferror(a->rows.file)) note_error(a, EIO, a->rows_path);
  return a->error != 0;
}

int arrays_add_failure(arrays *a, const char *image, checkrob_status status, const char *message) {
  FILE *file = a->failures.file;
  if (!file) {
    int error = whole_file_open(&a->failures, a->failures_path);
    note_error(a, error, a->failures_path);
    if (error) return 1;
    file = a->failures.file;
    fputs("image,status,message\n", file);
  }
  write_field(file, image);
  fprintf(file, ",%s,", checkrob_status_name(status));
  write_field(file, message);
  fputc('\n', file);
  if (ferror(file)) note_error(a, EIO, a->failures_path);
  return a->error != 0;
}

/* ---- completing and freeing ---- */

static void print_array(FILE *to, const npy_file *npy) {
  if (npy->rows == 0) return;
  put_text(to, npy->to.path, 0);
  fprintf(to, "  %zu", npy->rows);
  for (size_t axis = 0; axis < npy->row_rank; axis++) fprintf(to, " x %zu", npy->row_shape[axis]);
  fprintf(to, "  %s\n", npy->half ? "float16" : "float32");
}

static void flush_table(arrays *a, const whole_file *table, const char *path) {
  if (table->file && fflush(table->file) != 0) note_error(a, errno, path);
}

static void close_table(arrays *a, whole_file *table, const char *path) {
  if (table->file) note_error(a, whole_file_close(table), path);
}

/* Writes everything but the names of the files. */
static void complete(arrays *a) {
  for (size_t i = 0; i < a->count; i++) note_error(a, npy_complete(&a->files[i]), a->out);
  flush_table(a, &a->rows, a->rows_path);
  flush_table(a, &a->failures, a->failures_path);
}

/* Without the arrays the tables would describe nothing. */
static int discard(arrays *a) {
  for (size_t i = 0; i < a->count; i++) npy_discard(&a->files[i]);
  whole_file_discard(&a->rows);
  whole_file_discard(&a->failures);
  return fail(EXIT_FAILED, "%s: cannot be written: %s", a->error_path, whole_file_reason(a->error));
}

static void close_arrays(arrays *a) {
  size_t bytes = 0;
  char *text = NULL;
  FILE *lines = open_memstream(&text, &bytes);
  for (size_t i = 0; i < a->count; i++) {
    if (lines) print_array(lines, &a->files[i]);
    note_error(a, npy_close(&a->files[i]), a->out);
  }
  if (!a->error) close_table(a, &a->rows, a->rows_path);
  if (!a->error) close_table(a, &a->failures, a->failures_path);
  int is_written = lines && fclose(lines) == 0 && text; /* without memory at last, text is NULL */
  if (!is_written) note_error(a, ENOMEM, a->out);
  if (!a->error && !is_quiet()) fputs(text, stdout);
  free(text);
}

int arrays_finish(arrays *a) {
  size_t overflows = 0;
  for (size_t i = 0; i < a->count; i++) overflows += a->files[i].overflows;
  complete(a);
  if (!a->error) close_arrays(a);
  if (a->error) return discard(a);
  if (overflows)
    warn("%zu numbers are too large for float16 and became infinite; take --dtype f32", overflows);
  return EXIT_OK;
}

void arrays_free(arrays *a) {
  for (size_t i = 0; i < a->count; i++) npy_discard(&a->files[i]);
  whole_file_discard(&a->rows);
  whole_file_discard(&a->failures);
  free(a->files);
  free(a->rows_path);
  free(a->failures_path);
}
