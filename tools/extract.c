/* checkrob extract: what layers give for a folder of images, as NumPy arrays. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model_options.h"
#include "npy.h"
#include "progress.h"

static const char usage[] =
    "Usage: checkrob extract --model FILE --images DIR --out FILE.npy [OPTION]...\n"
    "Reads the representation out: what a layer gives for each image of a folder, as a NumPy array "
    "[N,C,h,w], or [N,C]\n"
    "with --pool. Beside FILE.npy, FILE.csv tells each row's image. Images that fail are left out of the "
    "array, named\n"
    "with the reason in FILE.failed.csv, and counted. Memory does not depend on the number of images.\n"
    "\n"
    "  --model FILE              TorchScript archive, scripted or traced\n"
    "  --images DIR|TAR          the images, JPEG or PNG, anywhere below or inside\n"
    "  --out FILE.npy            the array; of several layers, FILE.LAYER.npy for each\n"
    "  --layer auto|PATH[,...]   layer to read, or several in one pass (default: auto; 'checkrob layers' "
    "lists them)\n"
    "  --pool none|mean|max      what becomes of a map's positions (default: none, they are kept)\n"
    "  --dtype f32|f16           numbers in the file (default: f32)\n"
    "  --preprocess NAME|FILE    imagenet (default), paper, or a JSON file\n"
    "  --batch N                 images in a batch, 1 to 4096 (default: 16)\n";

static const char ending[] =
    "  --help                    this text\n"
    "\n"
    "Exit codes: 0 done (images that failed are warned about), 1 failed, 2 wrong command line, 3 not one "
    "image could\n"
    "be read, 4 interrupted (the files hold what was read until then).\n";

typedef struct choices {
  model_options model;
  const char *images, *out, *preprocess, *dtype;
  checkrob_pool pool;
  int64_t batch;
} choices;

#define FAILURES_SHOWN 5

/* What is written, and what the callbacks need for it. */
typedef struct output {
  const choices *choices;
  npy_file *arrays; /* [count], one a layer */
  size_t count;
  FILE *rows, *failures;
  char *rows_path, *failures_path;
  size_t row_count;
  size_t shown;
  int error; /* errno of the first failed write; 0: none */
  const char *error_path;
  progress bar;
} output;

/* FILE.npy with `part` in front of its ending replaced: "FILE" + part. The caller frees. */
static char *beside(const char *out, const char *part) {
  size_t stem = strlen(out) - strlen(".npy"), bytes = stem + strlen(part) + 1;
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%.*s%s", (int)stem, out, part);
  return path;
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

static int spare_inputs(const output *o, const char *path) {
  const char *const inputs[] = {o->choices->model.model, o->choices->preprocess};
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
    if (same_file(path, inputs[i]))
      return fail(EXIT_FAILED, "%s would be replaced, but it is an input; give another name with --out",
                  path);
  return EXIT_OK;
}

static int open_array(output *o, size_t layer, const char *name, int several) {
  size_t bytes = strlen(name) + sizeof "..npy";
  char *part = malloc(bytes);
  if (part) snprintf(part, bytes, "%s%s.npy", several ? "." : "", several ? name : "");
  char *path = part ? beside(o->choices->out, part) : NULL;
  free(part);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  for (char *c = path + strlen(o->choices->out) - strlen(".npy"); *c; c++)
    if (*c == '/') *c = '_';
  int code = spare_inputs(o, path);
  int error = code == EXIT_OK ? npy_open(&o->arrays[layer], path, strcmp(o->choices->dtype, "f16") == 0) : 0;
  if (error) code = fail(EXIT_FAILED, "%s.part: cannot be written: %s", path, strerror(error));
  free(path);
  return code;
}

static int open_arrays(output *o, const checkrob_model *model) {
  o->count = checkrob_model_selected_count(model);
  o->arrays = calloc(o->count, sizeof *o->arrays);
  char *paths = o->arrays ? strdup(checkrob_model_selected_layer(model)) : NULL;
  if (!paths) return fail(EXIT_FAILED, "out of memory");
  int code = EXIT_OK;
  char *name = paths;
  for (size_t i = 0; i < o->count && code == EXIT_OK; i++) {
    char *next = name + strcspn(name, ",");
    if (*next) *next++ = '\0';
    code = open_array(o, i, name, o->count > 1);
    name = next;
  }
  free(paths);
  return code;
}

static int output_open(output *o, const checkrob_model *model) {
  o->rows_path = beside(o->choices->out, ".csv");
  o->failures_path = beside(o->choices->out, ".failed.csv");
  if (!o->rows_path || !o->failures_path) return fail(EXIT_FAILED, "out of memory");
  int code = spare_inputs(o, o->rows_path);
  if (code == EXIT_OK) code = spare_inputs(o, o->failures_path);
  if (code == EXIT_OK) code = open_arrays(o, model);
  if (code != EXIT_OK) return code;
  /* An earlier extraction's: its rows are not those of the CSV that begins here. */
  remove(o->failures_path);
  for (size_t i = 0; i < o->count; i++)
    if (o->arrays[i].path) unlink(o->arrays[i].path);
  o->rows = fopen(o->rows_path, "w");
  if (!o->rows) return fail(EXIT_FAILED, "%s: cannot be written: %s", o->rows_path, strerror(errno));
  fputs("row,image\n", o->rows);
  return EXIT_OK;
}

static void note_error(output *o, int error, const char *path) {
  if (error && !o->error) {
    o->error = error;
    o->error_path = path;
  }
}

static int on_batch(const checkrob_representation *layers, size_t layer_count, const char *const *images,
                    void *user_data) {
  output *o = user_data;
  size_t rank = o->choices->pool == CHECKROB_POOL_NONE ? 3 : 1;
  for (size_t i = 0; i < layer_count; i++) {
    size_t axes = layers[i].shape[1] * layers[i].shape[2] == 1 ? 1 : rank;
    note_error(o, npy_append(&o->arrays[i], layers[i].values, layers[i].rows, layers[i].shape, axes),
               o->choices->out);
  }
  for (size_t n = 0; n < layers[0].rows; n++) {
    fprintf(o->rows, "%zu,", o->row_count++);
    write_field(o->rows, images[n]);
    fputc('\n', o->rows);
  }
  if (ferror(o->rows)) note_error(o, EIO, o->rows_path);
  return o->error != 0;
}

static int on_failure(const char *image, checkrob_status status, const char *message, void *user_data) {
  output *o = user_data;
  progress_end(&o->bar);
  if (o->shown++ < FAILURES_SHOWN) warn("%s is left out: %s", image, message);
  if (!o->failures) {
    o->failures = fopen(o->failures_path, "w");
    if (!o->failures) {
      note_error(o, errno, o->failures_path);
      return 1;
    }
    fputs("image,status,message\n", o->failures);
  }
  write_field(o->failures, image);
  fprintf(o->failures, ",%s,", checkrob_status_name(status));
  write_field(o->failures, message);
  fputc('\n', o->failures);
  if (ferror(o->failures)) note_error(o, EIO, o->failures_path);
  return o->error != 0;
}

static int on_progress(size_t done, size_t total, void *user_data) {
  output *o = user_data;
  progress_update(&o->bar, done, total);
  return 0;
}

/* ---- the whole ---- */

static checkrob_extraction *running; /* for the signal handler */

static void on_signal(int number) {
  (void)number;
  checkrob_extraction_cancel(running);
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

static checkrob_status execute(checkrob_extraction *extraction, output *o) {
  progress_begin(&o->bar);
  checkrob_extraction_on_batch(extraction, on_batch, o);
  checkrob_extraction_on_failure(extraction, on_failure, o);
  checkrob_extraction_on_progress(extraction, on_progress, o);
  running = extraction;
  handle_signals(on_signal);
  checkrob_status status = checkrob_extraction_execute(extraction);
  handle_signals(SIG_DFL);
  running = NULL;
  progress_end(&o->bar);
  return status;
}

static void print_arrays(const output *o, size_t *overflows) {
  for (size_t i = 0; i < o->count; i++) {
    const npy_file *npy = &o->arrays[i];
    *overflows += npy->overflows;
    if (npy->rows == 0) continue;
    printf("%s  %zu", npy->path, npy->rows);
    for (size_t axis = 0; axis < npy->row_rank; axis++) printf(" x %zu", npy->row_shape[axis]);
    printf("  %s\n", npy->half ? "float16" : "float32");
  }
}

/* Keeps what was read, however it ended. */
static int output_finish(output *o) {
  size_t overflows = 0;
  print_arrays(o, &overflows);
  if (overflows)
    warn("%zu numbers are too large for float16 and became infinite; take --dtype f32", overflows);
  for (size_t i = 0; i < o->count; i++) note_error(o, npy_close(&o->arrays[i]), o->choices->out);
  if (o->rows && fclose(o->rows) != 0) note_error(o, EIO, o->rows_path);
  if (o->failures && fclose(o->failures) != 0) note_error(o, EIO, o->failures_path);
  o->rows = o->failures = NULL;
  if (!o->error) return EXIT_OK;
  return fail(EXIT_FAILED, "%s: cannot be written: %s", o->error_path, strerror(o->error));
}

static void output_free(output *o) {
  for (size_t i = 0; o->arrays && i < o->count; i++) npy_discard(&o->arrays[i]);
  if (o->rows) fclose(o->rows);
  if (o->failures) fclose(o->failures);
  free(o->arrays);
  free(o->rows_path);
  free(o->failures_path);
}

static int conclude(output *o, const checkrob_extraction *extraction, checkrob_status status) {
  int code = status == CHECKROB_OK || status == CHECKROB_ERROR_CANCELLED ? EXIT_OK : fail_library();
  int written = output_finish(o);
  if (code == EXIT_OK) code = written;
  size_t failed = checkrob_extraction_failed(extraction), rows = checkrob_extraction_rows(extraction);
  if (failed)
    warn("%zu of %zu images failed and are left out: %s names each", failed, failed + rows, o->failures_path);
  if (code == EXIT_OK && status == CHECKROB_ERROR_CANCELLED)
    code = fail(EXIT_INTERRUPTED, "interrupted: the files hold the %zu images read until then", rows);
  if (code == EXIT_OK && rows == 0) code = fail(EXIT_NONE, "not one image could be read");
  return code;
}

typedef struct inputs {
  checkrob_preprocess *preprocess;
  checkrob_dataset *images;
  checkrob_model *model;
  checkrob_extraction *extraction;
} inputs;

static checkrob_status open_images(checkrob_dataset **out, const char *path) {
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = checkrob_options_add(options, "images", path);
  if (!status) status = checkrob_dataset_open_images(out, options);
  checkrob_options_free(options);
  return status;
}

static int inputs_open(inputs *in, const choices *c) {
  if (checkrob_preprocess_open(&in->preprocess, c->preprocess) != CHECKROB_OK ||
      open_images(&in->images, c->images) != CHECKROB_OK)
    return fail_library();
  int code = model_options_open(&in->model, &c->model);
  if (code != EXIT_OK) return code;
  if (checkrob_extraction_new(&in->extraction, in->model, in->images, in->preprocess) != CHECKROB_OK ||
      checkrob_extraction_set_layer(in->extraction, c->model.layer) != CHECKROB_OK ||
      checkrob_extraction_set(in->extraction, CHECKROB_EXTRACTION_POOL, c->pool) != CHECKROB_OK ||
      checkrob_extraction_set(in->extraction, CHECKROB_EXTRACTION_BATCH, c->batch) != CHECKROB_OK ||
      checkrob_extraction_set(in->extraction, CHECKROB_EXTRACTION_THREADS, c->model.threads) != CHECKROB_OK ||
      checkrob_extraction_prepare(in->extraction) != CHECKROB_OK)
    return fail_library();
  model_options_note(in->model);
  return EXIT_OK;
}

static int extract(const choices *c) {
  inputs in = {NULL, NULL, NULL, NULL};
  output o = {.choices = c};
  int code = inputs_open(&in, c);
  if (code == EXIT_OK) code = output_open(&o, in.model);
  if (code == EXIT_OK) code = conclude(&o, in.extraction, execute(in.extraction, &o));
  output_free(&o);
  checkrob_extraction_free(in.extraction);
  checkrob_model_free(in.model);
  checkrob_dataset_free(in.images);
  checkrob_preprocess_free(in.preprocess);
  return code;
}

static int check(const choices *c) {
  const struct {
    const char *name, *value;
  } needed[] = {{"--model", c->model.model}, {"--images", c->images}, {"--out", c->out}};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!needed[i].value || !*needed[i].value) return fail_usage("extract", "%s is missing", needed[i].name);
  size_t length = strlen(c->out);
  if (length <= 4 || strcmp(c->out + length - 4, ".npy") != 0)
    return fail_usage("extract", "--out '%s' does not end in .npy, which is what is written", c->out);
  if (strcmp(c->dtype, "f32") != 0 && strcmp(c->dtype, "f16") != 0)
    return fail_usage("extract", "there is no --dtype '%s': it is f32 or f16", c->dtype);
  return -1;
}

static int help(void) {
  int bad = fputs(usage, stdout) < 0 || model_options_help(stdout, 0) < 0 || fputs(ending, stdout) < 0;
  return bad ? EXIT_FAILED : EXIT_OK;
}

/* Takes one option; -1: go on, else the exit code. */
static int take(choices *c, int option) {
  switch (option) {
    case 'i':
      c->images = optarg;
      return -1;
    case 'o':
      c->out = optarg;
      return -1;
    case 'p':
      c->preprocess = optarg;
      return -1;
    case 'd':
      c->dtype = optarg;
      return -1;
    case 'q':
      return checkrob_pool_find(&c->pool, optarg) == CHECKROB_OK
                 ? -1
                 : fail_usage("extract", "%s", checkrob_last_error());
    case 'b':
      return parse_integer(&c->batch, optarg, 1, 4096)
                 ? -1
                 : fail_usage("extract", "--batch '%s' is not a whole number from 1 to 4096", optarg);
    case 'h':
      return help();
    default:
      return model_options_take(&c->model, "extract", option);
  }
}

int command_extract(int argc, char **argv) {
  static const struct option options[] = {MODEL_OPTION_ROWS,
                                          LAYER_OPTION_ROW,
                                          {"images", required_argument, NULL, 'i'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"pool", required_argument, NULL, 'q'},
                                          {"dtype", required_argument, NULL, 'd'},
                                          {"preprocess", required_argument, NULL, 'p'},
                                          {"batch", required_argument, NULL, 'b'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  choices c = {.model = MODEL_OPTIONS_INIT,
               .preprocess = "imagenet",
               .dtype = "f32",
               .pool = CHECKROB_POOL_NONE,
               .batch = 16};
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    int code = take(&c, option);
    if (code >= 0) return code;
  }
  if (optind < argc) return fail_usage("extract", "'%s' is no option", argv[optind]);
  int code = check(&c);
  return code >= 0 ? code : extract(&c);
}
