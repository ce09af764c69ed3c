/* checkrob explain: a heat map over one photo, and the numbers behind it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "model_options.h"

static const char usage[] =
    "Usage: checkrob explain --model FILE --image FILE --class-index K --out FILE.png [OPTION]...\n"
    "Draws what the model looks at when it computes the logit of class K: a heat map over the photo, bright "
    "where the\n"
    "saliency is. Parts that the centre crop cuts away are darkened. With annotations the objects are drawn "
    "too, and the\n"
    "robustness score (the share of the saliency inside them) is printed.\n"
    "\n"
    "  --model FILE              TorchScript archive, scripted or traced\n"
    "  --image FILE              JPEG or PNG\n"
    "  --class-index K           index of the class in the model's output\n"
    "  --out FILE.png            the picture\n"
    "  --annotations FILE|DIR    Pascal VOC XML, or a folder that holds one of the image's name; or a PNG "
    "mask of "
    "classes\n"
    "  --class NAME              only the objects of this name (default: all in the file)\n"
    "  --layer auto|PATH[,...]   layer to look at, or several (default: auto; 'checkrob layers' lists them)\n"
    "  --profile standard|paper  as for score: preprocessing and geometry of the boxes\n"
    "  --preprocess NAME|FILE    imagenet, paper, or a JSON file (default: imagenet, or the profile's)\n";

typedef struct choices {
  model_options model;
  const char *image, *out, *annotations, *class_name;
  int64_t class_index;
  profile profile;
} choices;

/* Everything one explanation holds; freed together. */
typedef struct explanation {
  checkrob_preprocess *preprocess;
  checkrob_image *image;
  checkrob_regions *regions; /* NULL without annotations */
  checkrob_model *model;
  checkrob_explainer *explainer;
  checkrob_explanation *explained;
  checkrob_image *overlay;
  float *tensor, *upsampled, *coverage;
} explanation;

static void explanation_free(explanation *e) {
  checkrob_image_free(e->overlay);
  checkrob_explanation_free(e->explained);
  checkrob_explainer_free(e->explainer);
  checkrob_model_free(e->model);
  checkrob_regions_free(e->regions);
  checkrob_image_free(e->image);
  checkrob_preprocess_free(e->preprocess);
  free(e->tensor);
  free(e->upsampled);
  free(e->coverage);
}

/* FOLDER/stem.xml for an image of that stem; the caller frees. */
static char *annotation_in(const char *folder, const char *image) {
  const char *slash = strrchr(image, '/');
  const char *name = slash ? slash + 1 : image;
  const char *dot = strrchr(name, '.');
  size_t stem = dot && dot != name ? (size_t)(dot - name) : strlen(name);
  size_t bytes = strlen(folder) + 1 + stem + sizeof ".xml";
  char *path = malloc(bytes);
  if (path) snprintf(path, bytes, "%s/%.*s.xml", folder, (int)stem, name);
  return path;
}

static int read_annotations(explanation *e, const choices *c) {
  struct stat info;
  int is_folder = stat(c->annotations, &info) == 0 && S_ISDIR(info.st_mode);
  char *path = is_folder ? annotation_in(c->annotations, c->image) : NULL;
  if (is_folder && !path) return fail(EXIT_FAILED, "out of memory");
  checkrob_status status =
      checkrob_regions_open_voc(&e->regions, path ? path : c->annotations, c->class_name);
  free(path);
  if (status != CHECKROB_OK) return fail_library();
  if (checkrob_regions_count(e->regions) == 0)
    warn("the annotations hold no object%s%s", c->class_name ? " of the class " : "",
         c->class_name ? c->class_name : "");
  return EXIT_OK;
}

static int spare_inputs(const choices *c) {
  const char *const inputs[] = {c->image, c->model.model, c->annotations, c->profile.preprocess};
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
    if (inputs[i] && same_file(c->out, inputs[i]))
      return fail(EXIT_FAILED, "%s would be replaced, but it is an input (%s); give another name with --out",
                  c->out, inputs[i]);
  return EXIT_OK;
}

static int open_explainer(explanation *e, const model_options *m) {
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = checkrob_options_set(options, "method", checkrob_method_name(m->method));
  if (!status) status = checkrob_options_set(options, "layer", m->layer);
  if (!status)
    status = checkrob_options_set(options, "score", checkrob_score_function_name(m->score_function));
  if (!status) status = checkrob_options_set(options, "reference", checkrob_reference_name(m->reference));
  if (!status) status = checkrob_options_set(options, "combine", checkrob_combine_name(m->combine));
  if (!status) status = checkrob_options_set_integer(options, "noise_samples", m->samples);
  if (!status) status = checkrob_options_set_integer(options, "steps", m->steps);
  if (!status) status = checkrob_options_set_integer(options, "seed", m->seed);
  if (!status) status = checkrob_explainer_new(&e->explainer, e->model, options);
  checkrob_options_free(options);
  return status ? model_options_fail(m, status) : EXIT_OK;
}

static int open_inputs(explanation *e, const choices *c) {
  if (checkrob_preprocess_open(&e->preprocess, c->profile.preprocess) != CHECKROB_OK) return fail_library();
  if (checkrob_image_open(&e->image, c->image, NULL) != CHECKROB_OK) return fail_library();
  int code = c->annotations ? read_annotations(e, c) : EXIT_OK;
  if (code != EXIT_OK) return code;
  code = spare_inputs(c);
  if (code != EXIT_OK) return code;
  code = model_options_open(&e->model, &c->model, e->preprocess);
  if (code != EXIT_OK) return code;
  model_options_note(e->model);
  code = open_explainer(e, &c->model);
  if (code != EXIT_OK) return code;
  int64_t classes = checkrob_model_class_count(e->model);
  if (c->class_index >= classes)
    return fail(EXIT_FAILED, "--class-index %lld is out of range: the model has %lld outputs, 0 to %lld",
                (long long)c->class_index, (long long)classes, (long long)classes - 1);
  return EXIT_OK;
}

static int compute(explanation *e, const choices *c) {
  uint32_t height = checkrob_preprocess_height(e->preprocess),
           width = checkrob_preprocess_width(e->preprocess);
  size_t pixels = (size_t)height * width, shape[2];
  e->tensor = malloc(3 * pixels * sizeof(float));
  e->upsampled = malloc(pixels * sizeof(float));
  e->coverage = malloc(pixels * sizeof(float));
  if (!e->tensor || !e->upsampled || !e->coverage) return fail(EXIT_FAILED, "out of memory");
  if (checkrob_preprocess_apply(e->tensor, e->preprocess, e->image) != CHECKROB_OK ||
      checkrob_explainer_run(&e->explained, e->explainer, e->tensor, 1, height, width, &c->class_index) !=
          CHECKROB_OK)
    return fail_library();
  const float *logits = checkrob_explanation_logits(e->explained);
  for (int64_t i = 0; i < checkrob_model_class_count(e->model); i++)
    if (isnan(logits[i]) || (i == c->class_index && isinf(logits[i])))
      return fail(EXIT_FAILED,
                  "the model gave NaN or infinite logits for %s; check its weights and the preprocessing",
                  c->image);
  const float *map = checkrob_explanation_map(e->explained, 0, shape);
  if (checkrob_saliency_upsample(e->upsampled, height, width, map, shape[0], shape[1]) != CHECKROB_OK ||
      checkrob_overlay(&e->overlay, e->image, e->preprocess, map, shape[0], shape[1], e->regions) !=
          CHECKROB_OK ||
      checkrob_image_write_png(e->overlay, c->out) != CHECKROB_OK)
    return fail_library();
  return EXIT_OK;
}

static int print_score(explanation *e, const choices *c) {
  if (!e->regions || checkrob_regions_count(e->regions) == 0) return EXIT_OK;
  if (checkrob_regions_coverage(e->coverage, e->regions, e->preprocess, checkrob_image_width(e->image),
                                checkrob_image_height(e->image), c->profile.geometry) != CHECKROB_OK)
    return fail_library();
  size_t pixels =
      (size_t)checkrob_preprocess_height(e->preprocess) * checkrob_preprocess_width(e->preprocess);
  double covered = 0.0, saliency = 0.0;
  for (size_t i = 0; i < pixels; i++) {
    covered += (double)e->coverage[i];
    saliency += (double)e->upsampled[i];
  }
  if (covered <= 0.0) warn("the objects lie outside the centre crop: the model never sees them");
  if (saliency <= 0.0) warn("the saliency map is empty: nothing at this layer speaks for the class");
  printf("robustness score %.4f, of a flat map %.4f (%zu object%s)\n",
         checkrob_robustness_score(e->upsampled, e->coverage, pixels), covered / (double)pixels,
         checkrob_regions_count(e->regions), checkrob_regions_count(e->regions) == 1 ? "" : "s");
  return EXIT_OK;
}

static int print_numbers(explanation *e, const choices *c) {
  const float *logits = checkrob_explanation_logits(e->explained);
  size_t classes = (size_t)checkrob_model_class_count(e->model), k = classes < 5 ? classes : 5;
  int64_t top[5];
  if (checkrob_top_k(top, logits, classes, k) != CHECKROB_OK) return fail_library();
  printf("layer %s\nmethod %s\nclass %lld logit %g\ntop %zu:", checkrob_explainer_layers(e->explainer),
         checkrob_method_name(c->model.method), (long long)c->class_index, (double)logits[c->class_index], k);
  for (size_t i = 0; i < k; i++) printf(" %lld (%g)", (long long)top[i], (double)logits[top[i]]);
  printf("\n");
  int code = print_score(e, c);
  if (code == EXIT_OK) printf("overlay %s\n", c->out);
  return code;
}

static int explain(const choices *c) {
  explanation e = {0};
  int code = open_inputs(&e, c);
  if (code == EXIT_OK) code = compute(&e, c);
  if (code == EXIT_OK) code = print_numbers(&e, c);
  explanation_free(&e);
  return code;
}

static int help(void) {
  int bad = fputs(usage, stdout) < 0 || model_options_help(stdout, 1) < 0 ||
            fputs("  --help                    this text\n", stdout) < 0;
  return bad ? EXIT_FAILED : EXIT_OK;
}

/* Takes the options; -1: go on, else the exit code. */
static int parse(choices *c, int argc, char **argv) {
  static const struct option options[] = {MODEL_OPTION_ROWS,
                                          LAYER_OPTION_ROW,
                                          METHOD_OPTION_ROWS,
                                          {"image", required_argument, NULL, 'i'},
                                          {"class-index", required_argument, NULL, 'k'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"annotations", required_argument, NULL, 'a'},
                                          {"class", required_argument, NULL, 'c'},
                                          {"profile", required_argument, NULL, 'P'},
                                          {"preprocess", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) switch (option) {
      case 'i':
        c->image = optarg;
        break;
      case 'o':
        c->out = optarg;
        break;
      case 'a':
        c->annotations = optarg;
        break;
      case 'c':
        c->class_name = optarg;
        break;
      case 'P':
        c->profile.name = optarg;
        break;
      case 'p':
        c->profile.preprocess = optarg;
        break;
      case 'k':
        if (!parse_integer(&c->class_index, optarg, 0, INT32_MAX))
          return fail_usage("explain", "--class-index '%s' is not a whole number from 0", optarg);
        break;
      case 'h':
        return help();
      default: {
        int code = model_options_take(&c->model, "explain", option);
        if (code >= 0) return code;
      }
    }
  if (optind < argc) return fail_usage("explain", "'%s' is no option", argv[optind]);
  const struct {
    const char *name, *value;
  } needed[] = {{"--model", c->model.model}, {"--image", c->image}, {"--out", c->out}};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!needed[i].value || !*needed[i].value) return fail_usage("explain", "%s is missing", needed[i].name);
  size_t length = strlen(c->out);
  if (length < 4 || strcasecmp(c->out + length - 4, ".png") != 0)
    return fail_usage("explain", "--out '%s' does not end in .png, which is what is written", c->out);
  if (c->class_name && !c->annotations) return fail_usage("explain", "--class needs --annotations");
  if (c->class_index < 0) return fail_usage("explain", "--class-index is missing");
  if (!profile_resolve(&c->profile))
    return fail_usage("explain", "there is no profile '%s': it is standard or paper", c->profile.name);
  model_options_resolve(&c->model, c->profile.is_paper);
  return -1;
}

int command_explain(int argc, char **argv) {
  choices c = {.model = MODEL_OPTIONS_INIT, .class_index = -1};
  int code = parse(&c, argc, argv);
  return code >= 0 ? code : explain(&c);
}
