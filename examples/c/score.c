/* SPDX-License-Identifier: Apache-2.0 */
/* Scores a model on a folder of annotated images, and prints its classes, the least robust first.
 *
 *   gcc score.c -o score $(pkg-config --cflags --libs checkrob)
 */
#include <checkrob/checkrob.h>
#include <stdio.h>
#include <stdlib.h>

static void check(checkrob_status status) {
  if (status == CHECKROB_OK) return;
  fprintf(stderr, "%s\n", checkrob_last_error());
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: score MODEL PREPROCESS IMAGES ANNOTATIONS CLASSES\n");
    return 2;
  }

  checkrob_options *options;
  check(checkrob_options_new(&options));
  check(checkrob_options_set(options, "dataset", "voc"));
  check(checkrob_options_set(options, "images", argv[3]));
  check(checkrob_options_set(options, "annotations", argv[4]));

  checkrob_preprocess *preprocess;
  checkrob_class_map *classes;
  checkrob_dataset *dataset;
  checkrob_model *model;
  check(checkrob_preprocess_open(&preprocess, argv[2]));
  check(checkrob_class_map_open(&classes, argv[5]));
  check(checkrob_dataset_open(&dataset, options, classes));
  check(checkrob_model_open(&model, argv[1], checkrob_preprocess_height(preprocess),
                            checkrob_preprocess_width(preprocess), options));

  checkrob_run *run;
  check(checkrob_run_new(&run, model, dataset, preprocess, options));
  check(checkrob_run_execute(run));
  for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
    const checkrob_row *row = checkrob_run_class(run, i);
    printf("%s: accuracy %.3f, CRS %.3f, %s\n", checkrob_row_text(row, "class"),
           checkrob_row_number(row, "acc"), checkrob_row_number(row, "crs"),
           checkrob_row_text(row, "verdict"));
  }

  checkrob_run_free(run);
  checkrob_model_free(model);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  checkrob_preprocess_free(preprocess);
  checkrob_options_free(options);
  return 0;
}
