/* checkrob export, merge, compare: what is done with results later. */
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

static const char export_usage[] =
    "Usage: checkrob export RESULTS --as WHAT [--out FILE]\n"
    "Writes results (of 'checkrob score': its folder, or the results.sqlite in it) as text for other "
    "programs.\n"
    "\n"
    "  --as images.csv|classes.csv      the tables that score writes\n"
    "  --as images.jsonl|classes.jsonl  JSON, an object a line; of a sample with all that is kept\n"
    "  --as authors.csv                 the class table of Szyc et al. 2021: id;acc;crs;name\n"
    "  --out FILE                       default: the name after --as\n"
    "  --help                           this text\n";

static const char merge_usage[] =
    "Usage: checkrob merge RESULTS... --out FILE\n"
    "Joins the parts of one run ('checkrob score --shard 1/64' and so on) to one file of results, exactly as "
    "one\n"
    "run would have made it.\n"
    "\n"
    "  --out FILE  must not be there yet\n"
    "  --help      this text\n";

static const char compare_usage[] =
    "Usage: checkrob compare BEFORE AFTER\n"
    "Compares two results (files, or folders of 'checkrob score') class by class, such as two models' or "
    "two\n"
    "trainings': from the class whose CRS fell most to the one whose CRS rose most. 'paired' is the mean "
    "change\n"
    "of the robustness score (RS) over the images that both have, with its standard error: a change within\n"
    "twice the error may be chance. 'robust.' is what the verdict goes by; where two verdicts stand, it\n"
    "changed.\n"
    "\n"
    "  --help      this text\n";

static int help(const char *text) {
  return fputs(text, stdout) < 0 ? EXIT_FAILED : EXIT_OK;
}

/* What the three have in common; -1: go on. */
typedef struct choices {
  const char *as, *out;
} choices;

static int parse(choices *c, const char *command, const char *usage, int argc, char **argv) {
  static const struct option options[] = {{"as", required_argument, NULL, 'a'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    if (option == 'h') return help(usage);
    if (option != 'a' && option != 'o') return fail_usage(command, "the command line is wrong");
    *(option == 'a' ? &c->as : &c->out) = optarg;
  }
  return -1;
}

/* score says "results in DIR": then DIR stands for the file in it. To be freed; NULL: memory is out. */
static char *results_file(const char *given) {
  struct stat info;
  int is_folder = stat(given, &info) == 0 && S_ISDIR(info.st_mode);
  size_t bytes = strlen(given) + sizeof "/results.sqlite";
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%s%s", given, is_folder ? "/results.sqlite" : "");
  return path;
}

static checkrob_status open_results(checkrob_results **out, const char *given) {
  char *path = results_file(given);
  checkrob_status status = checkrob_results_open(out, path ? path : given);
  free(path);
  return status;
}

static void warn_if_incomplete(const checkrob_results *results, const char *given) {
  if (!checkrob_results_complete(results))
    warn("%s is not complete: the run was stopped, is still going on, or shards are missing", given);
}

int command_export(int argc, char **argv) {
  choices c = {NULL, NULL};
  int code = parse(&c, "export", export_usage, argc, argv);
  if (code >= 0) return code;
  if (argc - optind != 1) return fail_usage("export", "give one file of results");
  if (!c.as) return fail_usage("export", "--as is missing");
  checkrob_export what;
  if (checkrob_export_find(&what, c.as) != CHECKROB_OK)
    return fail_usage("export", "%s", checkrob_last_error());
  const char *out = c.out ? c.out : c.as;
  char *path = results_file(argv[optind]);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  checkrob_results *results = NULL;
  if (same_file(out, path)) {
    code = fail(EXIT_FAILED, "%s would be replaced, but it is an input; give another file with --out", out);
  } else if (checkrob_results_open(&results, path) != CHECKROB_OK ||
             checkrob_results_export(results, what, out) != CHECKROB_OK) {
    code = fail_library();
  } else {
    code = EXIT_OK;
    warn_if_incomplete(results, argv[optind]);
  }
  checkrob_results_free(results);
  free(path);
  return code;
}

static int merge(const char *out, char *const *given, size_t count) {
  char **paths = calloc(count, sizeof *paths);
  if (!paths) return fail(EXIT_FAILED, "out of memory");
  size_t made = 0;
  while (made < count && (paths[made] = results_file(given[made]))) made++;
  int code = EXIT_OK;
  if (made < count)
    code = fail(EXIT_FAILED, "out of memory");
  else if (checkrob_results_merge(out, (const char *const *)paths, count) != CHECKROB_OK)
    code = fail_library();
  for (size_t i = 0; i < made; i++) free(paths[i]);
  free(paths);
  return code;
}

int command_merge(int argc, char **argv) {
  choices c = {NULL, NULL};
  int code = parse(&c, "merge", merge_usage, argc, argv);
  if (code >= 0) return code;
  if (optind == argc) return fail_usage("merge", "give the files of results to be joined");
  if (!c.out || c.as) return fail_usage("merge", c.out ? "merge takes no --as" : "--out is missing");
  code = merge(c.out, argv + optind, (size_t)(argc - optind));
  if (code != EXIT_OK) return code;
  checkrob_results *merged = NULL;
  if (checkrob_results_open(&merged, c.out) != CHECKROB_OK) return fail_library();
  checkrob_run_totals totals = CHECKROB_RUN_TOTALS_INIT;
  checkrob_results_totals(&totals, merged);
  printf("%zu samples of %zu classes in %s\n", totals.samples, checkrob_results_class_count(merged), c.out);
  if (!checkrob_results_complete(merged))
    warn("%s is not complete: shards are missing, or were stopped before their end", c.out);
  checkrob_results_free(merged);
  return EXIT_OK;
}

/* ---- compare ---- */

/* Two passes: the first finds the names' width. */
typedef struct table {
  int width, printing;
  size_t better, worse, other_verdicts;
} table;

static void print_cell(const char *format, double value) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  char text[32] = "-";
  if (isfinite(value)) snprintf(text, sizeof text, format, value);
#pragma GCC diagnostic pop
  printf("  %8s", text);
}

/* One, where it stayed what it was; nothing is said of a class that one of the two does not have. */
static void print_verdicts(const checkrob_class_comparison *row, table *t) {
  const char *before = row->images[0] > 0 ? checkrob_verdict_name(row->verdict[0]) : "-";
  const char *after = row->images[1] > 0 ? checkrob_verdict_name(row->verdict[1]) : "-";
  if (strcmp(before, after) == 0)
    printf("  %s", before);
  else
    printf("  %s, then %s", before, after);
  t->other_verdicts += row->images[0] > 0 && row->images[1] > 0 && row->verdict[0] != row->verdict[1];
}

static int print_row(const checkrob_class_comparison *row, void *user_data) {
  table *t = user_data;
  if (!t->printing) {
    if ((int)strlen(row->name) > t->width) t->width = (int)strlen(row->name);
    return 0;
  }
  put_text(stdout, row->name, t->width);
  printf("  %8zu  %8zu", row->images[0], row->images[1]);
  print_cell("%.3f", row->accuracy[0]);
  print_cell("%.3f", row->accuracy[1]);
  print_cell("%.3f", row->crs[0]);
  print_cell("%.3f", row->crs[1]);
  print_cell("%+.3f", row->crs[1] - row->crs[0]);
  print_cell("%+.3f", row->rs_change);
  print_cell("%.3f", row->rs_change_error);
  print_cell("%.2f", row->robustness[0]);
  print_cell("%.2f", row->robustness[1]);
  print_verdicts(row, t);
  putchar('\n');
  if (fabs(row->rs_change) > 2 * row->rs_change_error) ++*(row->rs_change > 0 ? &t->better : &t->worse);
  return 0;
}

static int compare(checkrob_results *before, checkrob_results *after) {
  table t = {.width = 5};
  if (checkrob_results_compare(before, after, print_row, &t) != CHECKROB_OK) return fail_library();
  printf("%-*s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %8s  %s\n", t.width, "class", "images",
         "then", "accuracy", "then", "CRS", "then", "change", "paired", "error", "robust.", "then",
         "verdict");
  t.printing = 1;
  if (checkrob_results_compare(before, after, print_row, &t) != CHECKROB_OK) return fail_library();
  printf("RS by more than twice the error: better in %zu, worse in %zu; another verdict in %zu\n", t.better,
         t.worse, t.other_verdicts);
  return EXIT_OK;
}

static int differ_in(const char *name, const checkrob_results *before, const checkrob_results *after) {
  const char *a = checkrob_results_option(before, name), *b = checkrob_results_option(after, name);
  return a && b && strcmp(a, b) != 0;
}

static void warn_of_differences(const checkrob_results *before, const checkrob_results *after) {
  static const struct {
    const char *name, *meaning; /* NULL: the values tell */
  } options[] = {{"method", NULL},
                 {"layer", NULL},
                 {"score", NULL},
                 {"reference", NULL},
                 {"geometry", NULL},
                 {"top_k", NULL},
                 {"preprocess", "the preprocessing"},
                 {"dataset_names", "the images (more, fewer, or under other names)"},
                 {"verdict_rule", "the rule of verdicts"}};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    const char *name = options[i].name, *meaning = options[i].meaning;
    if (!differ_in(name, before, after)) continue;
    if (meaning)
      warn("the two differ in %s: a change may come from that alone", meaning);
    else
      warn("the two differ in %s (%.200s, then %.200s): a change may come from that alone", name,
           checkrob_results_option(before, name), checkrob_results_option(after, name));
  }
  if (!differ_in("whole_input_count", before, after) &&
      (differ_in("first_input", before, after) || differ_in("input_count", before, after)))
    warn("the two differ in the part of the images (--shard)");
}

int command_compare(int argc, char **argv) {
  choices c = {NULL, NULL};
  int code = parse(&c, "compare", compare_usage, argc, argv);
  if (code >= 0) return code;
  if (c.as || c.out) return fail_usage("compare", "compare takes two files of results and no options");
  if (argc - optind != 2) return fail_usage("compare", "give two files of results");
  checkrob_results *before = NULL, *after = NULL;
  if (open_results(&before, argv[optind]) != CHECKROB_OK ||
      open_results(&after, argv[optind + 1]) != CHECKROB_OK) {
    code = fail_library();
  } else {
    warn_if_incomplete(before, argv[optind]);
    warn_if_incomplete(after, argv[optind + 1]);
    warn_of_differences(before, after);
    code = compare(before, after);
  }
  checkrob_results_free(before);
  checkrob_results_free(after);
  return code;
}
