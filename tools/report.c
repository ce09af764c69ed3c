/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob report: an HTML page of results. */
#define _DEFAULT_SOURCE /* realpath */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "gate.h"
#include "inputs.h"
#include "progress.h"

typedef struct reporting {
  const command_line *line;
  inputs in;
  checkrob_options *spec; /* of the run; NULL: without pictures */
  checkrob_results *results, *before;
  checkrob_dataset *pool;
  checkrob_html *report;
  gate gate;
  progress bar;
  volatile sig_atomic_t is_interrupted;
} reporting;

static void reporting_free(reporting *r) {
  gate_free(&r->gate);
  checkrob_html_free(r->report);
  checkrob_dataset_free(r->pool);
  checkrob_results_free(r->before);
  checkrob_results_free(r->results);
  inputs_free(&r->in);
  checkrob_options_free(r->spec);
}

/* ---- opening ---- */

static int open_both(reporting *r) {
  const command_line *line = r->line;
  if (open_results(&r->results, line->arguments[0], line->options) ||
      (line->argument_count > 1 && open_results(&r->before, line->arguments[1], line->options)))
    return fail_with_flags(EXIT_FAILED);
  warn_if_incomplete(r->results, line->arguments[0]);
  if (r->before) warn_if_incomplete(r->before, line->arguments[1]);
  int code = spare_results(line, command_line_text(line, "out"));
  if (code == EXIT_OK) code = spare_recorded(r->results, command_line_text(line, "out"));
  return code == EXIT_OK && checkrob_html_new(&r->report, r->results) ? fail_with_flags(EXIT_FAILED) : code;
}

static int open_pictures(reporting *r) {
  if (command_line_integer(r->line, "pictures_per_class") == 0) return EXIT_OK;
  int code = inputs_open_run(&r->in, &r->spec, r->line->arguments[0]);
  if (code != EXIT_OK) {
    note(
        "where the data are elsewhere now, name them: --images, --annotations and so on; "
        "--pictures-per-class 0 writes the report without pictures");
    return code;
  }
  if (checkrob_html_set_data(r->report, r->in.dataset, r->in.preprocess, r->spec))
    return fail_with_flags(EXIT_FAILED);
  if (*checkrob_options_text(r->spec, "attack_images") &&
      (checkrob_dataset_open_pool(&r->pool, r->spec, r->in.classes) ||
       checkrob_html_set_pool(r->report, r->pool)))
    warn("the report has no pictures of the pool: %s", error_with_flags());
  return EXIT_OK;
}

/* ---- the folder of pictures ---- */

/* The real path of a folder; of the folder of a file if `is_file`. The caller frees; NULL: there is none. */
static char *real_folder(const char *path, int is_file) {
  const char *slash = is_file ? strrchr(path, '/') : NULL;
  char *folder = !is_file ? strdup(path) : slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  char *real = folder ? realpath(folder, NULL) : NULL;
  free(folder);
  return real;
}

/* How a page in the folder `from` names the folder `to`; both are real paths. */
static char *relative_link(const char *from, const char *to) {
  size_t same = 0; /* bytes of the common folders */
  for (size_t i = 0;; i++) {
    int ends_from = from[i] == '\0' || from[i] == '/', ends_to = to[i] == '\0' || to[i] == '/';
    if (ends_from && ends_to) same = i;
    if (from[i] == '\0' || to[i] == '\0' || from[i] != to[i]) break;
  }
  size_t up = 0;
  for (const char *c = from + same; *c; c++) up += *c == '/' && c[1] != '\0';
  char *link = malloc(3 * up + strlen(to) + 3);
  if (!link) return NULL;
  char *end = link;
  for (size_t i = 0; i < up; i++) end = stpcpy(end, "../");
  const char *rest = to + same + (to[same] == '/');
  stpcpy(end, *rest ? rest : ".");
  return link;
}

static int set_folder(reporting *r) {
  const char *folder = command_line_text(r->line, "pictures");
  if (!folder || !r->spec) return EXIT_OK;
  int code = spare_folders(r->spec, folder);
  if (code == EXIT_OK) code = make_folder(folder);
  if (code != EXIT_OK) return code;
  char *page = real_folder(command_line_text(r->line, "out"), 1), *pictures = real_folder(folder, 0);
  char *link = page && pictures ? relative_link(page, pictures) : NULL;
  if (!link)
    code =
        fail(EXIT_FAILED, "cannot find the folder of %s; make it first", command_line_text(r->line, "out"));
  else if (checkrob_html_set_folder(r->report, folder, link))
    code = fail_with_flags(EXIT_FAILED);
  free(link);
  free(pictures);
  free(page);
  return code;
}

static int set_up(reporting *r) {
  int64_t images = command_line_integer(r->line, "pictures_per_class");
  if (images >= 0 && checkrob_html_set_images(r->report, (uint32_t)images))
    return fail_with_flags(EXIT_FAILED);
  if (r->before && checkrob_html_set_before(r->report, r->before)) return fail_with_flags(EXIT_FAILED);
  return set_folder(r);
}

/* ---- writing ---- */

static void interrupt(void *data) {
  ((reporting *)data)->is_interrupted = 1;
}

static int on_progress(size_t done, size_t total, void *data) {
  reporting *r = data;
  progress_update(done, total, &r->bar);
  return r->is_interrupted;
}

static int write_page(reporting *r) {
  const char *out = command_line_text(r->line, "out");
  if (checkrob_html_on_progress(r->report, on_progress, r)) return fail_with_flags(EXIT_FAILED);
  progress_begin(&r->bar, interrupt, r);
  checkrob_status status = checkrob_html_write(r->report, out);
  progress_end(&r->bar);
  if (status == CHECKROB_ERROR_INTERRUPTED)
    return fail(EXIT_INTERRUPTED, "interrupted: %s was not written", out);
  return status ? fail_with_flags(EXIT_FAILED) : EXIT_OK;
}

static int print_done(const reporting *r) {
  size_t missing = checkrob_html_missing(r->report), drawn = checkrob_html_pictures(r->report);
  struct stat page = {0};
  if (missing > 0)
    warn("%zu of %zu images are gone or cannot be read; the report names them", missing, missing + drawn);
  printf("report of %zu classes with %zu pictures", checkrob_results_class_count(r->results), drawn);
  if (stat(command_line_text(r->line, "out"), &page) == 0 && S_ISREG(page.st_mode))
    printf(" (%.1f MB)", (double)page.st_size / 1e6);
  printf(": ");
  put_text(stdout, command_line_text(r->line, "out"), 0);
  putchar('\n');
  return finish_output();
}

/* The page is written whatever the gate says. */
static int judge(const reporting *r) {
  int is_only_new = command_line_flag(r->line, "only_new");
  return gate_judge(&r->gate, r->results, r->line->arguments[0], is_only_new ? r->before : NULL);
}

int command_report(const command_line *line) {
  if (line->argument_count < 1 || line->argument_count > 2)
    return fail_usage("report", "give one or two results (files, or folders of 'checkrob score')");
  if (command_line_flag(line, "only_new") && line->argument_count < 2)
    return fail_usage("report", "--only-new needs the results before, which are the baseline");
  reporting r = {.line = line, .in = {.line = line}};
  int code = check_ending(line, "out", ".html");
  if (code == EXIT_OK) code = gate_open(&r.gate, line);
  if (code == EXIT_OK) code = open_both(&r);
  if (code == EXIT_OK) code = open_pictures(&r);
  if (code == EXIT_OK) code = set_up(&r);
  if (code == EXIT_OK) code = write_page(&r);
  if (code == EXIT_OK) code = print_done(&r);
  if (code == EXIT_OK) code = judge(&r);
  reporting_free(&r);
  return code;
}
