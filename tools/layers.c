/* checkrob layers: what --layer may name. */
#include <stdio.h>
#include <string.h>

#include "model_options.h"

static const char usage[] =
    "Usage: checkrob layers --model FILE [OPTION]...\n"
    "Lists a TorchScript model's layers in the order in which they finish, with type and output shape, as "
    "one probing\n"
    "run finds them, and how the output is read. Layers marked '+' give a feature map that --layer can name; "
    "'*' is\n"
    "what --layer auto picks; '-' can be read out by 'checkrob extract' alone.\n"
    "\n"
    "  --model FILE              TorchScript archive, scripted or traced\n"
    "  --preprocess NAME|FILE    imagenet (default), paper, or a JSON file: it says the size of the model's "
    "input\n";

static void shape_text(char *text, size_t bytes, const checkrob_layer *layer) {
  snprintf(text, bytes, "-");
  size_t used = 0;
  for (size_t i = 0; i < layer->rank && used < bytes; i++)
    used += (size_t)snprintf(text + used, bytes - used, "%s%lld", i ? "x" : "", (long long)layer->shape[i]);
}

/* "nchw", "tokens+1" with one class token before the positions; "" where nothing can be read. */
static void layout_text(char *text, size_t bytes, const checkrob_layer *layer) {
  text[0] = '\0';
  if (layer->usable)
    snprintf(text, bytes, layer->prefix_tokens ? "%s+%zu" : "%s", checkrob_layout_name(layer->layout),
             layer->prefix_tokens);
}

static int print_layers(checkrob_model *model) {
  size_t count = checkrob_model_layer_count(model);
  int path_width = 5, type_width = 4;
  checkrob_layer layer = CHECKROB_LAYER_INIT;
  for (size_t i = 0; i < count; i++) {
    if (checkrob_model_layer(&layer, model, i) != CHECKROB_OK) return fail_library();
    if ((int)strlen(layer.path) > path_width) path_width = (int)strlen(layer.path);
    if ((int)strlen(layer.type) > type_width) type_width = (int)strlen(layer.type);
  }
  printf("  %-*s  %-*s  %-16s  layout\n", path_width, "layer", type_width, "type", "shape");
  for (size_t i = 0; i < count; i++) {
    char shape[256], layout[32];
    if (checkrob_model_layer(&layer, model, i) != CHECKROB_OK) return fail_library();
    shape_text(shape, sizeof shape, &layer);
    layout_text(layout, sizeof layout, &layer);
    char readable = layer.readable ? '-' : ' ';
    char mark = layer.usable ? '+' : ' ';
    if (!layer.usable) mark = readable;
    printf("%c ", layer.is_auto ? '*' : mark);
    put_text(stdout, layer.path, path_width);
    printf("  %-*s  %-*s%s%s\n", type_width, layer.type, *layout ? 16 : 0, shape, *layout ? "  " : "",
           layout);
  }
  printf("%zu layers, %lld outputs\n", count, (long long)checkrob_model_class_count(model));
  return fflush(stdout) == 0 ? EXIT_OK : fail(EXIT_FAILED, "cannot write to standard output");
}

static int list(const model_options *options, const char *preprocess_name) {
  checkrob_preprocess *preprocess = NULL;
  if (checkrob_preprocess_open(&preprocess, preprocess_name) != CHECKROB_OK) return fail_library();
  checkrob_model *model = NULL;
  int code = model_options_open(&model, options, preprocess);
  if (code == EXIT_OK) model_options_note(model);
  if (code == EXIT_OK) code = print_layers(model);
  checkrob_model_free(model);
  checkrob_preprocess_free(preprocess);
  return code;
}

static int help(void) {
  int bad = fputs(usage, stdout) < 0 || model_options_help(stdout, 0) < 0 ||
            fputs("  --help                    this text\n", stdout) < 0;
  return bad ? EXIT_FAILED : EXIT_OK;
}

int command_layers(int argc, char **argv) {
  static const struct option options[] = {MODEL_OPTION_ROWS,
                                          {"preprocess", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  model_options model = MODEL_OPTIONS_INIT;
  const char *preprocess = "imagenet";
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    int code = -1;
    if (option == 'h') return help();
    if (option == 'p')
      preprocess = optarg;
    else
      code = model_options_take(&model, "layers", option);
    if (code >= 0) return code;
  }
  if (optind < argc)
    return fail_usage("layers", "'%s' is no option; a model is given by --model FILE", argv[optind]);
  if (!model.model) return fail_usage("layers", "--model is missing");
  return list(&model, preprocess);
}
