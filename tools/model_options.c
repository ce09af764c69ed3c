#include "model_options.h"

#include <string.h>

/* "tokens" or "tokens:5". */
static int take_layout(model_options *options, const char *command, const char *text) {
  char name[16];
  const char *colon = strchr(text, ':');
  size_t length = colon ? (size_t)(colon - text) : strlen(text);
  snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), text);
  options->layout_text = text;
  options->prefix_tokens = -1;
  if (checkrob_layout_find(&options->layout, name) != CHECKROB_OK)
    return fail_usage(command, "%s", checkrob_last_error());
  if (!colon) return -1;
  if (options->layout == CHECKROB_LAYOUT_TOKENS && parse_integer(&options->prefix_tokens, colon + 1, 0, 4096))
    return -1;
  return fail_usage(
      command, "--layout '%s': only tokens take a number, of class and register tokens, 0 to 4096", text);
}

static int take_number(int64_t *out, const char *command, const char *name, int64_t low, int64_t high) {
  if (parse_integer(out, optarg, low, high)) return -1;
  return fail_usage(command, "%s '%s' is not a whole number from %lld to %lld", name, optarg, (long long)low,
                    (long long)high);
}

static int take_name(const char *command, checkrob_status status) {
  return status == CHECKROB_OK ? -1 : fail_usage(command, "%s", checkrob_last_error());
}

int model_options_take(model_options *options, const char *command, int option) {
  switch (option) {
    case OPTION_MODEL:
      options->model = optarg;
      return -1;
    case OPTION_LAYER:
      options->layer = optarg;
      return *optarg ? -1 : fail_usage(command, "--layer is empty; leave it out for auto");
    case OPTION_LAYOUT:
      return take_layout(options, command, optarg);
    case OPTION_DEVICE:
      options->device = optarg;
      return -1;
    case OPTION_THREADS:
      return take_number(&options->threads, command, "--threads", 0, 1024);
    case OPTION_METHOD:
      return take_name(command, checkrob_method_find(&options->method, optarg));
    case OPTION_SCORE:
      return take_name(command, checkrob_score_function_find(&options->score_function, optarg));
    case OPTION_REFERENCE:
      return take_name(command, checkrob_reference_find(&options->reference, optarg));
    case OPTION_COMBINE:
      return take_name(command, checkrob_combine_find(&options->combine, optarg));
    case OPTION_SAMPLES:
      return take_number(&options->samples, command, "--samples", 1, 10000);
    case OPTION_STEPS:
      return take_number(&options->steps, command, "--steps", 1, 10000);
    case OPTION_SEED:
      return take_number(&options->seed, command, "--seed", 0, INT64_MAX);
    default:
      return fail_usage(command, "the command line is wrong");
  }
}

void model_options_resolve(model_options *options, int paper) {
  if (!options->score_function)
    options->score_function = paper ? CHECKROB_SCORE_LOGIT : CHECKROB_SCORE_LOG_ODDS;
  if (!options->reference) options->reference = paper ? CHECKROB_REFERENCE_NONE : CHECKROB_REFERENCE_BLANK;
}

/* ---- help ---- */

static const char model_help[] =
    "  --layout NAME             how layers' outputs are read: auto (default: as their shape says), nchw, "
    "nhwc,\n"
    "                            tokens, or tokens:P with P class and register tokens\n"
    "  --device NAME             where the model computes: cpu (default), cuda or cuda:N\n"
    "  --threads N               computing threads, and as many decoding threads (default: 0, all cores)\n";

static const char score_help[] =
    "  --score NAME              what the map explains: log-odds (default), logit, probability, or margin "
    "(to "
    "the best\n"
    "                            other class)\n"
    "  --reference blank|none    what activations are measured from: a blank image's (default), or zero\n"
    "  --combine mean|max        how the maps of several layers become one (default: mean)\n"
    "  --samples N               noisy copies of smoothgradcam++ (default: 25)\n"
    "  --steps N                 steps of integrated-gradients (default: 32)\n"
    "  --seed N                  of random methods: the same seed repeats a run (default: 0)\n";

/* Names from the library's table, so many to a line. */
static int method_help(FILE *file) {
  int column = fprintf(file, "  --method NAME             gradcam++ (default)");
  for (size_t i = 0; i < checkrob_method_count(); i++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    if (checkrob_method_at(&info, i) != CHECKROB_OK || info.method == CHECKROB_METHOD_GRADCAMPP) continue;
    if (column + (int)strlen(info.name) > 108) {
      fprintf(file, ",\n%28s", "");
      column = 28;
    } else {
      column += fprintf(file, ", ");
    }
    column += fprintf(file, "%s", info.name);
  }
  return fprintf(file, "\n%28s('checkrob methods' says what they do)\n", "");
}

int model_options_help(FILE *file, int methods) {
  if (methods && (method_help(file) < 0 || fputs(score_help, file) < 0)) return -1;
  return fputs(model_help, file);
}

/* ---- opening ---- */

static int fill(checkrob_options *options, const model_options *from) {
  if (checkrob_options_set(options, "device", from->device) != CHECKROB_OK)
    return fail(EXIT_USAGE, "--device: there is no device \"%s\": it is cpu, cuda or cuda:N", from->device);
  return checkrob_options_set(options, "layout", from->layout_text) == CHECKROB_OK ? EXIT_OK : fail_library();
}

int model_options_open(checkrob_model **out, const model_options *options,
                       const checkrob_preprocess *preprocess) {
  checkrob_options *opening = NULL;
  if (checkrob_options_new(&opening) != CHECKROB_OK) return fail_library();
  checkrob_model_set_threads((int)options->threads);
  int code = fill(opening, options);
  if (code == EXIT_OK && checkrob_model_open(out, options->model, checkrob_preprocess_height(preprocess),
                                             checkrob_preprocess_width(preprocess), opening) != CHECKROB_OK)
    code = fail_library();
  checkrob_options_free(opening);
  if (code == EXIT_OK && checkrob_model_installation_warning())
    warn("%s", checkrob_model_installation_warning());
  return code;
}

int model_options_fail(const model_options *options, checkrob_status status) {
  int code = fail_library();
  if (status == CHECKROB_ERROR_NOT_FOUND)
    note("'checkrob layers --model %s' lists all layers", options->model);
  return code;
}

void model_options_note(const checkrob_model *model) {
  if (*checkrob_model_remark(model)) note("%s", checkrob_model_remark(model));
}
