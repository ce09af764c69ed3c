/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob gate, and the gate of other commands. */
#include "gate.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "terminal.h"

/* The files that a gate writes. */
static const struct {
  const char *option;
  checkrob_gate_format format;
} formats[] = {{"junit", CHECKROB_GATE_JUNIT}, {"sarif", CHECKROB_GATE_SARIF}, {"json", CHECKROB_GATE_JSON}};

#define FORMATS (sizeof formats / sizeof *formats)

static int is_dash(const char *path) {
  return path && strcmp(path, "-") == 0;
}

/* The option whose file is standard output, or NULL. */
static const char *printed(const gate *g) {
  for (size_t i = 0; i < FORMATS; i++)
    if (is_dash(command_line_text(g->line, formats[i].option))) return formats[i].option;
  return NULL;
}

/* Whether what the command itself writes goes to standard output: the table of compare --as. */
static int prints_table(const gate *g) {
  return command_line_text(g->line, "as") && is_dash(command_line_text(g->line, "out"));
}

/* ---- reading the options ---- */

/* The library's message has no flags, and its names are those of columns. */
static int refuse(const gate *g, checkrob_status status, const char *flag) {
  if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return fail_library();
  return fail_usage(g->line->usage->name, "%s: %s", flag, checkrob_last_error());
}

static int read_conditions(gate *g) {
  const char *verdicts = command_line_text(g->line, "fail_on");
  const char *limit = command_line_text(g->line, "max_failures"), *condition = NULL;
  checkrob_status status = checkrob_gate_new(&g->conditions);
  if (status) return fail_library();
  status = verdicts ? checkrob_gate_fail_on(g->conditions, verdicts) : CHECKROB_OK;
  if (status) return refuse(g, status, "--fail-on");
  for (size_t i = 0; !status && (condition = command_line_item(g->line, "fail_if", i)); i++)
    status = checkrob_gate_fail_if(g->conditions, condition);
  if (status) return refuse(g, status, "--fail-if");
  status = limit ? checkrob_gate_max_failures(g->conditions, limit) : CHECKROB_OK;
  return status ? refuse(g, status, "--max-failures") : EXIT_OK;
}

/* Without a condition the other options would do nothing. */
static int check_conditions(gate *g) {
  static const char *const others[] = {"baseline", "only_new", "junit", "sarif", "json", "annotate"};
  char flag[FLAG_BYTES];
  if (checkrob_gate_condition_count(g->conditions) > 0) return EXIT_OK;
  checkrob_gate_free(g->conditions);
  g->conditions = NULL;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (!command_line_text(g->line, others[i])) continue;
    write_flag(flag, others[i]);
    return fail_usage(g->line->usage->name, "%s needs a condition: --fail-on, --fail-if or --max-failures",
                      flag);
  }
  return EXIT_OK;
}

static int check_files(const gate *g) {
  int dashes = (command_line_text(g->line, "annotate") != NULL) + prints_table(g);
  if (dashes > 1)
    return fail_usage(g->line->usage->name, "--annotate prints to standard output, and so does --out '-'");
  for (size_t i = 0; i < FORMATS; i++) {
    const char *path = command_line_text(g->line, formats[i].option);
    if (is_dash(path) && !g->prints_files)
      return fail_usage(
          g->line->usage->name,
          "--%s '-': standard output has the table already; name a file, or use 'checkrob gate'",
          formats[i].option);
    if (is_dash(path) && dashes++)
      return fail_usage(g->line->usage->name,
                        "only one of --junit, --sarif, --json and --annotate can go to "
                        "standard output");
    for (size_t k = 0; k < i; k++) {
      const char *other = command_line_text(g->line, formats[k].option);
      if (path && other && (strcmp(path, other) == 0 || same_file(path, other)))
        return fail_usage(g->line->usage->name, "--%s and --%s name the same file, %s", formats[k].option,
                          formats[i].option, path);
    }
  }
  return EXIT_OK;
}

/* Before hours of computing: a baseline that cannot be opened, or is not complete. */
static int check_baseline(const gate *g) {
  const char *given = command_line_text(g->line, "baseline");
  checkrob_results *baseline = NULL;
  if (!given || !g->conditions) return EXIT_OK;
  if (open_results(&baseline, given, g->line->options)) return fail_with_flags(EXIT_FAILED);
  int code = EXIT_OK;
  if (!checkrob_results_complete(baseline))
    code = fail(EXIT_FAILED, "--baseline: %s is not complete: resume its run, or merge all shards", given);
  checkrob_results_free(baseline);
  return code;
}

int gate_open(gate *g, const command_line *line) {
  *g = (gate){.line = line, .prints_files = strcmp(line->usage->name, "gate") == 0};
  int code = read_conditions(g);
  if (code == EXIT_OK) code = check_conditions(g);
  if (code == EXIT_OK && g->conditions) code = check_files(g);
  return code == EXIT_OK ? check_baseline(g) : code;
}

void gate_free(gate *g) {
  checkrob_gate_free(g->conditions);
  g->conditions = NULL;
}

int gate_spare(const gate *g, const char *folder) {
  static const char *const names[] = {"results.sqlite", "images.csv", "classes.csv", "looked_at.csv",
                                      "summary.json"};
  for (size_t i = 0; i < FORMATS && g->conditions; i++) {
    const char *path = command_line_text(g->line, formats[i].option);
    if (!path) continue;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
      if (is_file_of(path, folder, names[k]))
        return fail(EXIT_FAILED, "--%s would write %s, which is a file of the results; give another name",
                    formats[i].option, path);
    if (spare_inputs(g->line, path) != EXIT_OK) return EXIT_FAILED;
  }
  return EXIT_OK;
}

/* ---- printing ---- */

/* A line for each: on a terminal it is wrapped. */
static void print_violation(FILE *file, const checkrob_violation *v) {
  if (!v->is_new) return;
  const char *name = *v->title ? v->title : v->class_name, *between = *name ? ": " : "";
  size_t bytes = strlen(name) + strlen(v->message) + sizeof ": ";
  char *line = malloc(bytes);
  if (line) snprintf(line, bytes, "%s%s%s", name, between, v->message);
  put_wrapped(file, line ? line : "(out of memory)", 0, 2, line_columns(file));
  free(line);
}

static const char *plural(size_t count) {
  return count == 1 ? "" : "s";
}

static void print_outcome(FILE *file, const checkrob_gate *conditions, int has_baseline) {
  checkrob_gate_counts n = CHECKROB_GATE_COUNTS_INIT;
  checkrob_gate_count(&n, conditions);
  int is_closed = checkrob_gate_is_closed(conditions);
  fprintf(file, "gate %s: ", is_closed ? "closed" : "passed");
  if (has_baseline)
    fprintf(file, "%zu new violation%s, %zu old one%s remain%s, %zu fixed", n.new_violations,
            plural(n.new_violations), n.old_violations, plural(n.old_violations),
            n.old_violations == 1 ? "s" : "", n.fixed_violations);
  else
    fprintf(file, "%zu violation%s", n.violations, plural(n.violations));
  fprintf(file, "; %zu of %zu classes passed\n", n.passed, n.classes);
}

static void print_findings(const gate *g, int has_baseline) {
  FILE *file = printed(g) || prints_table(g) ? stderr : stdout;
  checkrob_violation v = CHECKROB_VIOLATION_INIT;
  for (size_t i = 0; i < checkrob_gate_violation_count(g->conditions); i++)
    if (checkrob_gate_violation(&v, g->conditions, i) == CHECKROB_OK) print_violation(file, &v);
  fflush(stdout);
  for (size_t i = 0; i < checkrob_gate_remark_count(g->conditions); i++)
    note("%s", checkrob_gate_remark(g->conditions, i));
  if (!is_quiet()) print_outcome(file, g->conditions, has_baseline);
}

/* ---- files ---- */

static int put_report(FILE *file, void *text) {
  fputs(text, file);
  return EXIT_OK;
}

static int write_report(const gate *g, checkrob_gate_format format, const char *path) {
  char *text = NULL;
  int code = EXIT_OK;
  if (checkrob_gate_report(&text, g->conditions, format)) return fail_with_flags(EXIT_FAILED);
  if (is_dash(path))
    fputs(text, stdout);
  else
    code = whole_file_write(path, put_report, text);
  checkrob_gate_report_free(text);
  return code;
}

static int write_reports(const gate *g, const checkrob_results *results) {
  int code = EXIT_OK;
  for (size_t i = 0; i < FORMATS && code == EXIT_OK; i++) {
    const char *path = command_line_text(g->line, formats[i].option);
    if (!path) continue;
    if (!is_dash(path)) code = spare_results(g->line, path);
    if (code == EXIT_OK && !is_dash(path)) code = spare_recorded(results, path);
    if (code == EXIT_OK) code = write_report(g, formats[i].format, path);
  }
  if (code == EXIT_OK && command_line_text(g->line, "annotate"))
    code = write_report(g, CHECKROB_GATE_GITHUB, "-");
  return code;
}

/* ---- judging ---- */

static int open_baseline(checkrob_results **out, const gate *g, const char *given) {
  const char *old = command_line_text(g->line, "baseline");
  char *now = results_file(given), *then = old ? results_file(old) : NULL;
  int code = EXIT_OK;
  if (!now || (old && !then))
    code = fail(EXIT_FAILED, "out of memory");
  else if (old && same_file(now, then))
    code = fail(EXIT_FAILED, "--baseline is %s, the results themselves: no violation would be new", old);
  else if (old && open_results(out, old, g->line->options))
    code = fail_with_flags(EXIT_FAILED);
  free(now);
  free(then);
  return code;
}

int gate_judge(const gate *g, checkrob_results *results, const char *given, checkrob_results *before) {
  checkrob_results *opened = NULL;
  if (!g->conditions) return EXIT_OK;
  int code = before ? EXIT_OK : open_baseline(&opened, g, given);
  checkrob_results *baseline = before ? before : opened;
  if (code == EXIT_OK && checkrob_gate_judge(g->conditions, results, baseline)) code = fail_library();
  if (code == EXIT_OK) {
    if (opened) warn_of_differences(opened, results); /* compare has warned already */
    print_findings(g, baseline != NULL);
    code = write_reports(g, results);
  }
  checkrob_results_free(opened);
  if (code == EXIT_OK) code = finish_output();
  return code == EXIT_OK && checkrob_gate_is_closed(g->conditions) ? EXIT_GATE : code;
}

/* ---- checkrob gate ---- */

static int judge_file(const gate *g, const char *given) {
  checkrob_results *results = NULL;
  if (open_results(&results, given, g->line->options)) return fail_with_flags(EXIT_FAILED);
  int code = gate_judge(g, results, given, NULL);
  checkrob_results_free(results);
  return code;
}

int command_gate(const command_line *line) {
  gate g = {0};
  if (line->argument_count != 1) return fail_usage("gate", "give one file of results");
  int code = gate_open(&g, line);
  if (code == EXIT_OK && !g.conditions)
    code = fail_usage("gate", "there is no condition; give --fail-on, --fail-if or --max-failures");
  if (code == EXIT_OK) code = judge_file(&g, line->arguments[0]);
  gate_free(&g);
  return code;
}
