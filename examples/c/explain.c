/* SPDX-License-Identifier: Apache-2.0 */
/* Explains one image in memory: which part of it supports a class?
 *
 *   gcc explain.c -o explain $(pkg-config --cflags --libs checkrob)
 */
#include <checkrob/checkrob.h>
#include <stdio.h>
#include <stdlib.h>

static void check(checkrob_status status) {
  if (status == CHECKROB_OK) return;
  fprintf(stderr, "%s\n", checkrob_last_error());
  exit(1);
}

/* The bytes of a file, such as a JPEG that came over the network. */
static void *read_bytes(const char *path, size_t *bytes) {
  static const size_t most = 16 << 20;
  FILE *file = fopen(path, "rb");
  void *data = malloc(most);
  if (!file || !data) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  *bytes = fread(data, 1, most, file);
  fclose(file);
  return data;
}

static void print_peak(const checkrob_explanation *explanation) {
  size_t shape[2], peak = 0;
  const float *map = checkrob_explanation_map(shape, explanation, 0);
  for (size_t i = 0; i < shape[0] * shape[1]; i++)
    if (map[i] > map[peak]) peak = i;
  printf("the map has %zu x %zu positions; the brightest is in row %zu, column %zu\n", shape[0], shape[1],
         peak / shape[1], peak % shape[1]);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: explain MODEL PREPROCESS IMAGE CLASS-INDEX\n");
    return 2;
  }
  int64_t target = atoll(argv[4]);

  checkrob_preprocess *preprocess;
  check(checkrob_preprocess_open(&preprocess, argv[2]));
  uint32_t height = checkrob_preprocess_height(preprocess);
  uint32_t width = checkrob_preprocess_width(preprocess);

  size_t bytes;
  void *data = read_bytes(argv[3], &bytes);
  checkrob_image *image;
  check(checkrob_image_decode(&image, data, bytes, NULL));
  float *input = malloc(sizeof(float) * 3 * height * width);
  if (!input) return 1;
  check(checkrob_preprocess_apply(input, preprocess, image));

  checkrob_model *model;
  checkrob_explainer *explainer;
  checkrob_explanation *explanation;
  check(checkrob_model_open(&model, argv[1], height, width, NULL));
  check(checkrob_explainer_new(&explainer, model, NULL)); /* NULL: Grad-CAM++ at the layer "auto" */
  check(checkrob_explainer_run(&explanation, explainer, input, 1, height, width, &target));

  printf("class %lld, logit %.3f, layer %s\n", (long long)target,
         checkrob_explanation_logits(explanation)[target], checkrob_explainer_layers(explainer));
  print_peak(explanation);

  checkrob_explanation_free(explanation);
  checkrob_explainer_free(explainer);
  checkrob_model_free(model);
  checkrob_image_free(image);
  checkrob_preprocess_free(preprocess);
  free(input);
  free(data);
  return 0;
}
