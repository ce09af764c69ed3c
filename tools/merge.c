/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob merge: joins the shards of a run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "table.h"
#include "terminal.h"

typedef struct path_list {
  char **paths;
  size_t count, capacity;
} path_list;

static void clear(path_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
  free(list->paths);
}

/* Adds the results file of what the user gave. */
static int add(path_list *list, const char *given) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 64;
    char **paths = realloc(list->paths, capacity * sizeof *paths);
    if (!paths) return fail(EXIT_FAILED, "out of memory");
    list->paths = paths;
    list->capacity = capacity;
  }
  char *path = results_file(given);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  list->paths[list->count++] = path;
  return EXIT_OK;
}

/* Adds the file of a line, which has to be there: in a list of many it is not seen which line is wrong. */
static int add_line(path_list *list, const char *line, size_t number, const char *shown) {
  int code = add(list, line);
  if (code == EXIT_OK && access(list->paths[list->count - 1], F_OK) != 0)
    code = fail(EXIT_FAILED, "--from: %s, line %zu: there is no '%s'", shown, number,
                list->paths[list->count - 1]);
  return code;
}

/* Adds each line that is not empty. */
static int add_lines(path_list *list, FILE *file, const char *shown) {
  char *line = NULL;
  size_t bytes = 0, number = 0;
  int code = EXIT_OK;
  ssize_t length = 0;
  errno = 0;
  while (code == EXIT_OK && (length = getline(&line, &bytes, file)) >= 0) {
    if (memchr(line, '\0', (size_t)length)) {
      code = fail(EXIT_FAILED, "--from: %s is not a text, but has to have a path in each line", shown);
      break;
    }
    line[strcspn(line, "\r\n")] = '\0';
    number++;
    if (*line) code = add_line(list, line, number, shown);
  }
  if (code == EXIT_OK && !feof(file))
    code = fail(EXIT_FAILED, "--from: cannot read %s: %s", shown, strerror(errno));
  free(line);
  return code;
}

/* There may be more shards than a command line can name. */
static int add_listed(path_list *list, const char *from) {
  if (strcmp(from, "-") == 0) return add_lines(list, stdin, "standard input");
  FILE *file = fopen(from, "r");
  if (!file) return fail(EXIT_FAILED, "--from: cannot open %s: %s", from, strerror(errno));
  int code = add_lines(list, file, from);
  fclose(file);
  return code;
}

static int choose_files(path_list *list, const command_line *line) {
  const char *from = command_line_text(line, "from");
  int code = EXIT_OK;
  for (int i = 0; i < line->argument_count && code == EXIT_OK; i++) code = add(list, line->arguments[i]);
  if (code == EXIT_OK && from) code = add_listed(list, from);
  if (code != EXIT_OK || list->count > 0) return code;
  return from ? fail(EXIT_FAILED, "--from: %s names no file of results", from)
              : fail_usage("merge", "give the files of results to be joined, or a list of them with --from");
}

static int print_merged(const char *out) {
  checkrob_results *merged = NULL;
  if (checkrob_results_open(&merged, out, NULL)) return fail_with_flags(EXIT_FAILED);
  if (!is_quiet())
    put_line("%lld samples of %zu classes in %s",
             (long long)checkrob_row_integer(checkrob_results_totals(merged), "samples"),
             checkrob_results_class_count(merged), out);
  if (!checkrob_results_complete(merged))
    warn("%s is not complete: shards are missing, or were interrupted", out);
  checkrob_results_free(merged);
  return finish_output();
}

int command_merge(const command_line *line) {
  const char *out = command_line_text(line, "out");
  path_list list = {0};
  int code = choose_files(&list, line);
  if (code == EXIT_OK && checkrob_results_merge(out, (const char *const *)list.paths, list.count))
    code = fail_with_flags(EXIT_FAILED);
  clear(&list);
  return code == EXIT_OK ? print_merged(out) : code;
}
