/* checkrob score: the main job. */
#include "score.h"

#include <signal.h>
#include <string.h>

#include "progress.h"

static const char heading[] =
    "Usage: checkrob score --model FILE --dataset FORMAT --images DIR... --annotations DIR...\n"
    "                      --classes FILE|imagenet --out DIR [OPTION]...\n"
    "Scores a TorchScript classifier on annotated images and prints its classes from the least to the most "
    "robust.\n"
    "CRS is the mean share of the saliency that lies on the object: a class with a high accuracy and a low "
    "CRS is\n"
    "recognised from something else.\n"
    "'Not suspicious' means that this correlational score found nothing; it does not mean robust. On real\n"
    "photos 37 % of the classes that were recognised by a spurious cue were 'not suspicious' (AUROC 0.67).\n"
    "\n";

static const char usage[] =
    "  --model FILE              TorchScript archive, scripted or traced\n"
    "  --out DIR                 results: results.sqlite, and from it images.csv, classes.csv, summary.json. "
    "Where an\n"
    "                            earlier run with the same options was stopped there, it goes on\n"
    "\n"
    "  --restart                 throw an earlier run's results in --out away\n"
    "  --strict                  stop at the first sample that can't be evaluated\n"
    "  --layer auto|PATH[,...]   layer to look at, or several (default: auto; 'checkrob layers' lists them)\n"
    "  --verdict NAME=N[,...]    how verdicts are decided: min_images (default: 10), min_accuracy (0.5),\n"
    "                            robust (not set: the best verdict is 'not suspicious'), non_robust "
    "(-1.25),\n"
    "                            level (0.95), resamples (2000), permutations (9999), seed (0)\n"
    "  --profile standard|paper  paper: preprocessing, box geometry, k, score and reference of Szyc et al. "
    "2021\n"
    "                            (default: standard)\n"
    "  --preprocess NAME|FILE    imagenet, paper, or a JSON file (default: imagenet, or the profile's)\n"
    "  --top-k K                 the accuracy counts a class among the K highest logits (default: 1, or the "
    "profile's)\n"
    "  --batch N                 images in a batch, 1 to 4096 (default: 16)\n";

static const char ending[] =
    "  --help                    this text\n"
    "\n"
    "Exit codes: 0 done (images that could not be evaluated are warned about), 1 failed, 2 wrong command "
    "line,\n"
    "3 not one image could be evaluated, 4 interrupted.\n";

/* What the callbacks need. */
typedef struct watch {
  int strict;
  int failed; /* strict, and a sample failed: the sentence is printed */
  progress bar;
} watch;

static checkrob_run *running; /* for the signal handler; set before the handlers are, and cleared after */

static void on_signal(int number) {
  (void)number;
  checkrob_run_cancel(running);
}

static void handle_signals(void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends the process at once */
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

static int on_result(const checkrob_image_result *result, void *user_data) {
  watch *w = user_data;
  if (!w->strict || result->status == CHECKROB_OK) return 0;
  progress_end(&w->bar);
  w->failed = 1;
  fail(EXIT_FAILED, "--strict: %s: %s", result->image, result->message);
  return 1;
}

static int on_progress(size_t done, size_t total, void *user_data) {
  watch *w = user_data;
  progress_update(&w->bar, done, total);
  return 0;
}

/* What the run borrows; freed together. */
typedef struct inputs {
  checkrob_preprocess *preprocess;
  checkrob_class_map *classes;
  checkrob_dataset *dataset;
  checkrob_model *model;
  checkrob_run *run;
} inputs;

static void inputs_free(inputs *in) {
  checkrob_run_free(in->run);
  checkrob_model_free(in->model);
  checkrob_dataset_free(in->dataset);
  checkrob_class_map_free(in->classes);
  checkrob_preprocess_free(in->preprocess);
}

/* Cheap checks first: a misspelt path should not cost the loading of a model. */
static int inputs_open(inputs *in, const score_choices *c) {
  if (checkrob_preprocess_open(&in->preprocess, c->profile.preprocess) != CHECKROB_OK ||
      dataset_options_open(&in->dataset, &in->classes, &c->data) != CHECKROB_OK)
    return fail_library();
  int code = model_options_open(&in->model, &c->model);
  if (code != EXIT_OK) return code;
  if (checkrob_run_new(&in->run, in->model, in->dataset, in->preprocess) != CHECKROB_OK ||
      checkrob_run_set_shard(in->run, (uint32_t)c->data.shard, (uint32_t)c->data.shards) != CHECKROB_OK ||
      checkrob_run_set_layer(in->run, c->model.layer) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_METHOD, c->model.method) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_SCORE_FUNCTION, c->model.score_function) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_REFERENCE, c->model.reference) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_COMBINE, c->model.combine) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_SAMPLES, c->model.samples) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_STEPS, c->model.steps) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_SEED, c->model.seed) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_GEOMETRY, c->profile.geometry) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_TOP_K, c->profile.top_k) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_BATCH, c->batch) != CHECKROB_OK ||
      checkrob_run_set(in->run, CHECKROB_RUN_THREADS, c->model.threads) != CHECKROB_OK ||
      checkrob_run_set_verdict_rule(in->run, &c->rule) != CHECKROB_OK ||
      checkrob_run_prepare(in->run) != CHECKROB_OK) /* before --restart takes older results away */
    return fail_library();
  model_options_note(in->model);
  return EXIT_OK;
}

/* What the results are of, for those who find them later. */
static checkrob_status note_inputs(checkrob_run *run, const score_choices *c) {
  checkrob_status status = checkrob_run_note(run, "model", c->model.model);
  if (!status) status = checkrob_run_note(run, "dataset", c->data.format_text);
  if (!status) status = checkrob_run_note(run, "images", c->data.images[0]);
  const char *annotations = c->data.annotation_count > 0 ? c->data.annotations[0] : c->data.images[0];
  if (!status) status = checkrob_run_note(run, "annotations", annotations);
  return status ? status : checkrob_run_note(run, "classes", c->data.classes);
}

static checkrob_status execute(checkrob_run *run, watch *w) {
  progress_begin(&w->bar);
  checkrob_run_on_result(run, on_result, w);
  checkrob_run_on_progress(run, on_progress, w);
  running = run;
  handle_signals(on_signal);
  checkrob_status status = checkrob_run_execute(run);
  handle_signals(SIG_DFL);
  running = NULL;
  progress_end(&w->bar);
  return status;
}

/* Writes and prints whatever the run came to, however it ended. A run is cancelled by a signal, or by
 * --strict. */
static int conclude(inputs *in, score_output *output, const score_choices *c, checkrob_status status,
                    int strict_failure) {
  int code = status == CHECKROB_OK || status == CHECKROB_ERROR_CANCELLED ? EXIT_OK : fail_library();
  int written = output_finish(output, in->run, c, checkrob_model_selected_layer(in->model),
                              checkrob_preprocess_json(in->preprocess), status == CHECKROB_OK);
  if (strict_failure) return EXIT_FAILED;
  if (code == EXIT_OK) code = written;
  if (code == EXIT_OK && status == CHECKROB_ERROR_CANCELLED)
    code =
        fail(EXIT_INTERRUPTED,
             "interrupted: what was computed until then is in %s; the same command line goes on from there",
             c->out);
  if (code == EXIT_OK && c->strict && output->failures > 0) /* which an earlier run without it left */
    code = fail(EXIT_FAILED, "--strict: %s", output->shown[0] ? output->shown[0] : "a sample failed");
  if (code == EXIT_OK) code = output_print(output, in->run, c);
  if (code != EXIT_OK) return code;
  checkrob_run_totals totals = CHECKROB_RUN_TOTALS_INIT;
  if (checkrob_run_totals_get(&totals, in->run) != CHECKROB_OK) return fail_library();
  if (totals.evaluated > 0) return EXIT_OK;
  /* Of many shards one may have no image, or none that counts. */
  if (totals.inputs == 0 || (c->data.shards > 1 && totals.skipped == totals.inputs)) return EXIT_OK;
  if (totals.samples == 0 && totals.skipped > 0)
    return fail(EXIT_NONE,
                "not one image has an object that counts; does %s name the classes as the annotations do? "
                "Without --skip-unmapped images.csv says what each has",
                c->data.classes);
  return fail(EXIT_NONE, "not one image could be evaluated");
}

/* Nothing is written over results of other options: they are somebody's hours. */
static int refuse(const score_choices *c) {
  return fail(EXIT_FAILED, "%s; give another folder with --out, or throw those in %s away with --restart",
              checkrob_last_error(), c->out);
}

static int score(const score_choices *c) {
  inputs in = {0};
  score_output output = {0};
  watch w = {.strict = c->strict};
  int code = inputs_open(&in, c);
  if (code == EXIT_OK) code = output_open(&output, c);
  if (code == EXIT_OK &&
      (checkrob_run_keep(in.run, output.store_path) != CHECKROB_OK || note_inputs(in.run, c) != CHECKROB_OK))
    code = fail_library();
  if (code == EXIT_OK) {
    checkrob_status status = execute(in.run, &w);
    code =
        status == CHECKROB_ERROR_INVALID_ARGUMENT ? refuse(c) : conclude(&in, &output, c, status, w.failed);
  }
  output_close(&output);
  inputs_free(&in);
  return code;
}

static int check(score_choices *c) {
  if (!c->model.model || !*c->model.model) return fail_usage("score", "--model is missing");
  int code = dataset_options_check(&c->data, "score");
  if (code >= 0) return code;
  if (!c->out || !*c->out) return fail_usage("score", "--out is missing");
  if (!profile_resolve(&c->profile))
    return fail_usage("score", "there is no profile '%s': it is standard or paper", c->profile.name);
  model_options_resolve(&c->model, c->profile.is_paper);
  /* Together, when all are given: robust=-2 is right where non_robust=-3 follows. */
  if (checkrob_verdict_rule_check(&c->rule) != CHECKROB_OK)
    return fail_usage("score", "--verdict: %s", checkrob_last_error());
  return -1;
}

static int take_number(int64_t *out, const char *name, int64_t low, int64_t high) {
  if (parse_integer(out, optarg, low, high)) return -1;
  return fail_usage("score", "%s '%s' is not a whole number from %lld to %lld", name, optarg, (long long)low,
                    (long long)high);
}

/* "robust=0.8,min_images=20" */
static int take_rule(checkrob_verdict_rule *rule, const char *text) {
  do {
    char name[32], value[32];
    size_t length = strcspn(text, ",");
    const char *equals = memchr(text, '=', length);
    size_t before = equals ? (size_t)(equals - text) : 0, after = equals ? length - before - 1 : 0;
    if (before == 0 || before >= sizeof name || after == 0 || after >= sizeof value)
      return fail_usage("score", "--verdict '%.*s' is not NAME=NUMBER", (int)length, text);
    snprintf(name, sizeof name, "%.*s", (int)before, text);
    snprintf(value, sizeof value, "%.*s", (int)after, equals + 1);
    if (checkrob_verdict_rule_set(rule, name, value) != CHECKROB_OK)
      return fail_usage("score", "--verdict: %s", checkrob_last_error());
    text += length;
    if (*text == ',') text++;
  } while (*text);
  return -1;
}

static int help(void) {
  int bad = fputs(heading, stdout) < 0 || dataset_options_help(stdout) < 0 || fputs(usage, stdout) < 0 ||
            model_options_help(stdout, 1) < 0 || fputs(ending, stdout) < 0;
  return bad ? EXIT_FAILED : EXIT_OK;
}

/* Takes the options; -1: go on, else the exit code. */
static int parse(score_choices *c, int argc, char **argv) {
  static const struct option options[] = {MODEL_OPTION_ROWS,
                                          LAYER_OPTION_ROW,
                                          METHOD_OPTION_ROWS,
                                          DATASET_OPTION_ROWS,
                                          {"out", required_argument, NULL, 'o'},
                                          {"profile", required_argument, NULL, 'P'},
                                          {"preprocess", required_argument, NULL, 'p'},
                                          {"top-k", required_argument, NULL, 'k'},
                                          {"batch", required_argument, NULL, 'b'},
                                          {"verdict", required_argument, NULL, 'v'},
                                          {"strict", no_argument, NULL, 't'},
                                          {"restart", no_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    int code = -1;
    switch (option) {
      case 'o':
        c->out = optarg;
        break;
      case 'P':
        c->profile.name = optarg;
        break;
      case 'p':
        c->profile.preprocess = optarg;
        break;
      case 'k':
        code = take_number(&c->profile.top_k, "--top-k", 1, INT32_MAX);
        break;
      case 'b':
        code = take_number(&c->batch, "--batch", 1, 4096);
        break;
      case 'v':
        code = take_rule(&c->rule, optarg);
        break;
      case 't':
        c->strict = 1;
        break;
      case 'r':
        c->restart = 1;
        break;
      case 'h':
        return help();
      default:
        code = dataset_options_take(&c->data, "score", option);
        if (code == -2) code = model_options_take(&c->model, "score", option);
    }
    if (code >= 0) return code;
  }
  if (optind < argc) return fail_usage("score", "'%s' is no option", argv[optind]);
  return check(c);
}

int command_score(int argc, char **argv) {
  static score_choices c = {.model = MODEL_OPTIONS_INIT,
                            .batch = 16,
                            .rule = CHECKROB_VERDICT_RULE_INIT}; /* long lists: not on the stack */
  int code = parse(&c, argc, argv);
  return code >= 0 ? code : score(&c);
}
