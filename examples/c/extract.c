/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a representation out: the mean of each channel of a layer, for each image of a folder.
 *
 *   gcc extract.c -o extract $(pkg-config --cflags --libs checkrob)
 */
#include <checkrob/checkrob.h>
#include <stdio.h>
#include <stdlib.h>

static void check(checkrob_status status) {
  if (status == CHECKROB_OK) return;
  fprintf(stderr, "%s\n", checkrob_last_error());
  exit(1);
}

/* Called for every batch, in order. */
static int print_batch(const checkrob_batch *batch, void *user_data) {
  size_t *images = user_data, shape[3];
  const float *values = checkrob_batch_values(batch, 0);
  checkrob_batch_shape(shape, batch, 0);
  for (size_t row = 0; row < checkrob_batch_rows(batch); row++) {
    const float *channels = values + row * shape[0];
    if ((*images)++ < 3)
      printf("%s: %.3f, %.3f, %.3f and %zu more\n", checkrob_batch_image(batch, row), channels[0],
             channels[1], channels[2], shape[0] - 3);
  }
  return 0; /* continue */
}

static int print_failure(const char *image, checkrob_status status, const char *message, void *user_data) {
  (void)user_data;
  fprintf(stderr, "%s is left out (%s): %s\n", image, checkrob_status_name(status), message);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: extract MODEL PREPROCESS IMAGES LAYER\n");
    return 2;
  }

  checkrob_options *options;
  check(checkrob_options_new(&options));
  check(checkrob_options_set(options, "images", argv[3]));
  check(checkrob_options_set(options, "layer", argv[4]));
  check(checkrob_options_set(options, "pool", "mean"));

  checkrob_preprocess *preprocess;
  checkrob_dataset *images;
  checkrob_model *model;
  check(checkrob_preprocess_open(&preprocess, argv[2]));
  check(checkrob_dataset_open_images(&images, options));
  check(checkrob_model_open(&model, argv[1], checkrob_preprocess_height(preprocess),
                            checkrob_preprocess_width(preprocess), options));

  size_t count = 0;
  checkrob_extraction *extraction;
  check(checkrob_extraction_new(&extraction, model, images, preprocess, options));
  check(checkrob_extraction_on_batch(extraction, print_batch, &count));
  check(checkrob_extraction_on_failure(extraction, print_failure, NULL));
  check(checkrob_extraction_execute(extraction));
  printf("%zu images, layer %s\n", count, checkrob_extraction_layers(extraction));

  checkrob_extraction_free(extraction);
  checkrob_model_free(model);
  checkrob_dataset_free(images);
  checkrob_preprocess_free(preprocess);
  checkrob_options_free(options);
  return 0;
}
