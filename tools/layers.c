/* checkrob layers: what --layer may name. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static const char usage[] =
    "Usage: checkrob layers --model FILE [--preprocess NAME|FILE]\n"
    "Lists a TorchScript model's layers in the order in which they finish, with type and output shape, as "
    "one probing\n"
    "run finds them. Layers marked '+' give a feature map that --layer can name; '*' is what --layer auto "
    "picks.\n"
    "\n"
    "  --model FILE            TorchScript archive, scripted or traced\n"
    "  --preprocess NAME|FILE  imagenet (default), paper, or a JSON file: it says the size of the model's "
    "input\n"
    "  --help                  this text\n";

static void shape_text(char *text, size_t bytes, const checkrob_layer *layer) {
  snprintf(text, bytes, "-");
  size_t used = 0;
  for (size_t i = 0; i < layer->rank && used < bytes; i++)
    used += (size_t)snprintf(text + used, bytes - used, "%s%lld", i ? "x" : "", (long long)layer->shape[i]);
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
  printf("  %-*s  %-*s  shape\n", path_width, "layer", type_width, "type");
  for (size_t i = 0; i < count; i++) {
    char shape[256];
    if (checkrob_model_layer(&layer, model, i) != CHECKROB_OK) return fail_library();
    shape_text(shape, sizeof shape, &layer);
    char mark = layer.usable ? '+' : ' ';
    printf("%c ", layer.is_auto ? '*' : mark);
    put_text(stdout, layer.path, path_width);
    printf("  %-*s  %s\n", type_width, layer.type, shape);
  }
  printf("%zu layers, %lld outputs\n", count, (long long)checkrob_model_class_count(model));
  return fflush(stdout) == 0 ? EXIT_OK : fail(EXIT_FAILED, "cannot write to standard output");
}

static int list(const char *model_path, const char *preprocess_name) {
  checkrob_preprocess *preprocess = NULL;
  if (checkrob_preprocess_open(&preprocess, preprocess_name) != CHECKROB_OK) return fail_library();
  checkrob_model *model = NULL;
  int code = open_model(&model, model_path);
  if (code == EXIT_OK && checkrob_model_probe(model, checkrob_preprocess_height(preprocess),
                                              checkrob_preprocess_width(preprocess)) != CHECKROB_OK)
    code = fail_library();
  if (code == EXIT_OK) code = print_layers(model);
  checkrob_model_free(model);
  checkrob_preprocess_free(preprocess);
  return code;
}

int command_layers(int argc, char **argv) {
  static const struct option options[] = {{"model", required_argument, NULL, 'm'},
                                          {"preprocess", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  const char *model = NULL, *preprocess = "imagenet";
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) switch (option) {
      case 'm':
        model = optarg;
        break;
      case 'p':
        preprocess = optarg;
        break;
      case 'h':
        return fputs(usage, stdout) < 0 ? EXIT_FAILED : EXIT_OK;
      default:
        return fail_usage("layers", "the command line is wrong");
    }
  if (optind < argc) return fail_usage("layers", "'%s' is no option", argv[optind]);
  if (!model) return fail_usage("layers", "--model is missing");
  return list(model, preprocess);
}
