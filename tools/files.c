/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* realpath */
#include "files.h"
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

char *join_path(const char *folder, const char *name) {
  size_t bytes = strlen(folder) + strlen(name) + 2;
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%s/%s", folder, name);
  return path;
}

int is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int make_folder(const char *folder) {
  char *path = join_path(folder, "");
  if (!path) return fail(EXIT_FAILED, "out of memory");
  int made = 1;
  for (char *slash = strchr(path + 1, '/'); slash && made; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    made = mkdir(path, 0777) == 0 || errno == EEXIST;
    *slash = '/';
  }
  free(path);
  if (made && is_folder(folder)) return EXIT_OK;
  return fail(EXIT_FAILED, "cannot make the output folder %s: %s; give another one with --out", folder,
              strerror(made ? ENOTDIR : errno));
}

int same_file(const char *path, const char *other) {
  struct stat one, two;
  return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}

int is_file_of(const char *path, const char *folder, const char *name) {
  const char *slash = strrchr(path, '/');
  char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  char *file = join_path(folder, name);
  int is_same = parent && strcmp(slash ? slash + 1 : path, name) == 0 && same_file(parent, folder);
  if (!is_same && file) is_same = same_file(path, file);
  free(parent);
  free(file);
  return is_same;
}

static int spare(const char *path, const char *input) {
  if (!input || !same_file(path, input)) return EXIT_OK;
  return fail(EXIT_FAILED, "%s would be replaced, but it is an input (%s); give another path with --out",
              path, input);
}

static int spare_option(const checkrob_options *options, const checkrob_option_info *info, const char *path) {
  if (!info->is_list) return spare(path, checkrob_options_text(options, info->name));
  int code = EXIT_OK;
  for (size_t i = 0; i < checkrob_options_count(options, info->name) && code == EXIT_OK; i++)
    code = spare(path, checkrob_options_item(options, info->name, i));
  return code;
}

/* Options of the command that name what it writes. */
static int is_output(const char *name) {
  static const char *const names[] = {"out", "extract", "junit", "sarif", "json"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return 1;
  return 0;
}

int spare_inputs(const command_line *line, const char *path) {
  int code = EXIT_OK;
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; i < checkrob_option_count() && code == EXIT_OK; i++)
    if (checkrob_option_at(&info, i) == CHECKROB_OK && info.type == CHECKROB_OPTION_PATH)
      code = spare_option(line->options, &info, path);
  for (size_t i = 0; i < line->usage->own_count && code == EXIT_OK; i++) {
    const checkrob_option_info *own = &line->usage->own[i];
    if (own->type == CHECKROB_OPTION_PATH && !is_output(own->name)) code = spare(path, line->own[i]);
  }
  for (size_t i = 0; i < line->item_count && code == EXIT_OK; i++)
    if (line->usage->own[line->items[i].option].type == CHECKROB_OPTION_PATH)
      code = spare(path, line->items[i].value);
  return code;
}

int spare_recorded(const checkrob_results *results, const char *path) {
  int code = EXIT_OK;
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; i < checkrob_option_count() && code == EXIT_OK; i++)
    if (checkrob_option_at(&info, i) == CHECKROB_OK && info.type == CHECKROB_OPTION_PATH)
      code = spare(path, checkrob_results_option(results, info.name));
  return code;
}

static int spare_file_of(const char *path, const char *given) {
  char *file = given ? results_file(given) : NULL;
  if (given && !file) return fail(EXIT_FAILED, "out of memory");
  int is_same = file && same_file(path, file);
  free(file);
  return is_same ? fail(EXIT_FAILED, "%s would be replaced, but it is an input; give another file", path)
                 : EXIT_OK;
}

int spare_results(const command_line *line, const char *path) {
  int code = EXIT_OK;
  for (int i = 0; i < line->argument_count && code == EXIT_OK; i++)
    code = spare_file_of(path, line->arguments[i]);
  return code == EXIT_OK ? spare_file_of(path, command_line_text(line, "baseline")) : code;
}

static int ends_in(const char *path, const char *ending) {
  size_t length = strlen(path), bytes = strlen(ending);
  return length > bytes && strcasecmp(path + length - bytes, ending) == 0;
}

/* What a link names in the end, if that is a file; the caller frees it. */
static char *linked_file(const char *path) {
  struct stat here, there;
  int is_link = lstat(path, &here) == 0 && S_ISLNK(here.st_mode);
  return is_link && stat(path, &there) == 0 && S_ISREG(there.st_mode) ? realpath(path, NULL) : NULL;
}

int check_ending(const command_line *line, const char *name, const char *ending) {
  const char *path = command_line_text(line, name);
  if (!ends_in(path, ending))
    return fail_usage(line->usage->name, "--%s '%s' does not end in %s, which is what is written", name, path,
                      ending);
  char *file = linked_file(path);
  int code = EXIT_OK;
  if (file && !ends_in(file, ending))
    code = fail_usage(line->usage->name, "--%s '%s' is a link to %s, which does not end in %s", name, path,
                      file, ending);
  free(file);
  return code;
}

char *results_file(const char *given) {
  return is_folder(given) ? join_path(given, "results.sqlite") : strdup(given);
}

checkrob_status open_results(checkrob_results **out, const char *given, const checkrob_options *options) {
  char *path = results_file(given);
  checkrob_status status = checkrob_results_open(out, path ? path : given, options);
  free(path);
  return status;
}

int results_have(const checkrob_results *results, const char *flag) {
  const char *value = checkrob_results_option(results, flag);
  return value && strcmp(value, "true") == 0;
}

void warn_if_incomplete(const checkrob_results *results, const char *given) {
  if (!checkrob_results_complete(results))
    warn("%s is not complete: the run was interrupted, is still executing, or shards are missing", given);
  const char *limit = checkrob_results_option(results, "limit");
  if (limit && *limit)
    note("%s is a quick look at %s images (--limit), not at the whole dataset", given, limit);
}

void warn_if_shard(const checkrob_results *results, const char *given) {
  const char *shard = checkrob_results_option(results, "shard");
  if (shard && *shard) warn("%s is shard %s alone: merge the shards to see all", given, shard);
}

/* Lists of paths are recorded with the first one alone; options of the run have all. */
int spare_folders(const checkrob_options *options, const char *folder) {
  static const char *const names[] = {"images", "annotations", "attack_images", "attack_annotations"};
  for (size_t n = 0; n < sizeof names / sizeof *names; n++)
    for (size_t i = 0; i < checkrob_options_count(options, names[n]); i++)
      if (same_file(folder, checkrob_options_item(options, names[n], i)))
        return fail(EXIT_FAILED, "%s has the run's %s, which would be replaced; give another folder", folder,
                    n == 2   ? "pool of images"
                    : n == 3 ? "pool of annotations"
                             : names[n]);
  return EXIT_OK;
}

void put_quoted(FILE *file, const char *text) {
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

const char *output_path(const command_line *line) {
  const char *out = command_line_text(line, "out");
  if (!out) return command_line_text(line, "as");
  return strcmp(out, "-") == 0 ? "/dev/stdout" : out; /* which write_target.c takes for standard output */
}

int check_output(const command_line *line) {
  if (!command_line_text(line, "out") || command_line_text(line, "as")) return EXIT_OK;
  return fail_usage(line->usage->name, "--out needs --as, which says what is written");
}

int whole_file_write(const char *path, int (*write)(FILE *file, void *data), void *data) {
  whole_file w;
  int error = whole_file_open(&w, path), code = EXIT_OK;
  if (!error) {
    code = write(w.file, data);
    if (code == EXIT_OK)
      error = whole_file_close(&w);
    else
      whole_file_discard(&w);
  }
  return error ? fail(EXIT_FAILED, "cannot write %s: %s", path, whole_file_reason(error)) : code;
}
