/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob layers: the layers that --layer accepts. */
#include <stdio.h>
#include <string.h>

#include "inputs.h"

static void shape_text(char *text, size_t bytes, const int64_t *shape, size_t rank) {
  snprintf(text, bytes, "-");
  size_t used = 0;
  for (size_t i = 0; i < rank && used < bytes; i++)
    used += (size_t)snprintf(text + used, bytes - used, "%s%lld", i ? "x" : "", (long long)shape[i]);
}

/* "nchw", "tokens+1" with one class token before the positions; "" if the output cannot be read. */
static void layout_text(char *text, size_t bytes, const checkrob_layer *layer) {
  text[0] = '\0';
  if (layer->usable)
    snprintf(text, bytes, layer->prefix_tokens ? "%s+%zu" : "%s", checkrob_layout_name(layer->layout),
             layer->prefix_tokens);
}

/* Of a model with several. */
static int print_outputs(const checkrob_model *model) {
  size_t count = checkrob_model_output_count(model);
  checkrob_output output = CHECKROB_OUTPUT_INIT;
  if (count > 1) printf("\n  output\n");
  for (size_t i = 0; i < count && count > 1; i++) {
    char shape[256];
    if (checkrob_model_output(&output, model, i) != CHECKROB_OK) return fail_library();
    shape_text(shape, sizeof shape, output.shape, output.rank);
    printf("%c ", output.is_taken ? '*' : output.class_count > 0 ? '+' : ' ');
    put_text(stdout, output.name, 16);
    printf("  %s\n", shape);
  }
  return EXIT_OK;
}

static int print_layers(const checkrob_model *model) {
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
    shape_text(shape, sizeof shape, layer.shape, layer.rank);
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
  int code = print_outputs(model);
  return code == EXIT_OK ? finish_output() : code;
}

int command_layers(const command_line *line) {
  inputs in = {.line = line};
  int code = inputs_open_preprocess(&in);
  if (code == EXIT_OK) code = inputs_open_model(&in);
  if (code == EXIT_OK) code = print_layers(in.model);
  inputs_free(&in);
  return code;
}
