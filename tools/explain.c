/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: a heat map over one photo, and its numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "inputs.h"

/* The objects of one explanation; freed together. */
typedef struct explaining {
  const command_line *line;
  inputs in;
  const char *path;            /* of the image */
  checkrob_regions *annotated; /* as in the file; NULL without annotations */
  checkrob_dataset *dataset;   /* the image with them, and its sample */
  checkrob_sample *sample;
  checkrob_image *image;
  const checkrob_regions *regions; /* on the image as it lies; NULL without annotations */
  checkrob_explainer *explainer;
  checkrob_explanation *explanation;
  checkrob_image *overlay;
  float *tensor, *upsampled, *coverage;
  uint32_t height, width; /* of the model's input */
  int64_t target;
} explaining;

static void explaining_free(explaining *e) {
  checkrob_image_free(e->overlay);
  checkrob_explanation_free(e->explanation);
  checkrob_explainer_free(e->explainer);
  checkrob_image_free(e->image);
  checkrob_sample_free(e->sample);
  checkrob_dataset_free(e->dataset);
  checkrob_regions_free(e->annotated);
  inputs_free(&e->in);
  free(e->tensor);
  free(e->upsampled);
  free(e->coverage);
}

/* ---- opening ---- */

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

static int read_annotations(explaining *e) {
  const char *given = command_line_text(e->line, "annotations");
  const char *class_name = command_line_text(e->line, "class");
  if (!given) return class_name ? fail_usage("explain", "--class needs --annotations") : EXIT_OK;
  char *path = is_folder(given) ? annotation_in(given, e->path) : strdup(given);
  if (!path) return fail(EXIT_FAILED, "out of memory");
  checkrob_status status = checkrob_regions_open_voc(&e->annotated, path, class_name);
  free(path);
  if (status) return fail_with_flags(EXIT_FAILED);
  if (checkrob_regions_count(e->annotated) == 0)
    warn("the annotations hold no object%s%s", class_name ? " of the class " : "",
         class_name ? class_name : "");
  return EXIT_OK;
}

static checkrob_status fill_input(checkrob_input *input, size_t number, void *data) {
  const explaining *e = data;
  (void)number;
  checkrob_status status = checkrob_input_set_name(input, e->path);
  if (!status) status = checkrob_input_set_path(input, e->path);
  if (!status && checkrob_regions_count(e->annotated) > 0)
    status = checkrob_input_add_object(input, "object", 0, e->annotated);
  return status;
}

/* As a dataset of one image, so that it lies as in a run, and the objects with it. */
static int read_image(explaining *e) {
  checkrob_image_limits limits = image_limits(e->line->options);
  checkrob_cursor *cursor = NULL;
  checkrob_status status = checkrob_dataset_new(&e->dataset, 1, fill_input, e, NULL);
  if (!status) status = checkrob_cursor_new(&cursor, e->dataset, 0, 0);
  if (!status) status = checkrob_cursor_next(&e->sample, cursor);
  if (!status) status = checkrob_sample_open_image(&e->image, e->sample, &limits);
  if (!status) status = checkrob_sample_check_image(e->sample, e->image);
  checkrob_cursor_free(cursor);
  if (status) return fail_with_flags(EXIT_FAILED);
  if (*checkrob_sample_message(e->sample)) warn("%s: %s", e->path, checkrob_sample_message(e->sample));
  e->regions = checkrob_sample_other_regions(e->sample, 0);
  return EXIT_OK;
}

static int open_explainer(explaining *e) {
  int64_t classes = checkrob_model_class_count(e->in.model);
  if (e->target >= classes)
    return fail(EXIT_FAILED, "--class-index %lld is out of range: the model has %lld outputs, 0 to %lld",
                (long long)e->target, (long long)classes, (long long)classes - 1);
  checkrob_status status = checkrob_explainer_new(&e->explainer, e->in.model, e->line->options);
  return status ? fail_about_layer(e->line, status) : EXIT_OK;
}

static int open_all(explaining *e) {
  int code = check_ending(e->line, "out", ".png");
  if (code == EXIT_OK) code = inputs_open_preprocess(&e->in);
  if (code == EXIT_OK) code = read_annotations(e);
  if (code == EXIT_OK) code = read_image(e);
  if (code == EXIT_OK) code = spare_inputs(e->line, command_line_text(e->line, "out"));
  if (code == EXIT_OK) code = inputs_open_model(&e->in);
  return code == EXIT_OK ? open_explainer(e) : code;
}

/* ---- computing ---- */

static int check_logits(const explaining *e) {
  const float *logits = checkrob_explanation_logits(e->explanation);
  for (int64_t i = 0; i < checkrob_model_class_count(e->in.model); i++)
    if (isnan(logits[i]) || (i == e->target && isinf(logits[i])))
      return fail(EXIT_FAILED,
                  "the model gave NaN or infinite logits for %s; check its weights and the preprocessing",
                  e->path);
  return EXIT_OK;
}

static int compute(explaining *e) {
  e->height = checkrob_preprocess_height(e->in.preprocess);
  e->width = checkrob_preprocess_width(e->in.preprocess);
  size_t pixels = (size_t)e->height * e->width;
  e->tensor = malloc(3 * pixels * sizeof(float));
  e->upsampled = malloc(pixels * sizeof(float));
  e->coverage = malloc(pixels * sizeof(float));
  if (!e->tensor || !e->upsampled || !e->coverage) return fail(EXIT_FAILED, "out of memory");
  if (checkrob_preprocess_apply(e->tensor, e->in.preprocess, e->image) ||
      checkrob_explainer_run(&e->explanation, e->explainer, e->tensor, 1, e->height, e->width, &e->target))
    return fail_with_flags(EXIT_FAILED);
  return check_logits(e);
}

static int draw(explaining *e) {
  size_t shape[2];
  const float *map = checkrob_explanation_map(shape, e->explanation, 0);
  if (checkrob_saliency_upsample(e->upsampled, e->height, e->width, map, shape[0], shape[1]) ||
      checkrob_overlay(&e->overlay, e->image, e->in.preprocess, map, shape[0], shape[1], e->regions) ||
      checkrob_image_write_png(e->overlay, command_line_text(e->line, "out")))
    return fail_with_flags(EXIT_FAILED);
  return EXIT_OK;
}

/* ---- numbers ---- */

static int print_score(explaining *e) {
  size_t objects = e->regions ? checkrob_regions_count(e->regions) : 0;
  if (objects == 0) return EXIT_OK;
  int is_paper = strcmp(checkrob_options_text(e->line->options, "geometry"), "paper") == 0;
  if (checkrob_regions_coverage(e->coverage, e->regions, e->in.preprocess, checkrob_image_width(e->image),
                                checkrob_image_height(e->image),
                                is_paper ? CHECKROB_GEOMETRY_PAPER : CHECKROB_GEOMETRY_STANDARD))
    return fail_with_flags(EXIT_FAILED);
  size_t pixels = (size_t)e->height * e->width;
  double covered = 0.0, saliency = 0.0;
  for (size_t i = 0; i < pixels; i++) {
    covered += (double)e->coverage[i];
    saliency += (double)e->upsampled[i];
  }
  if (covered <= 0.0) warn("the objects lie outside the centre crop: the model never sees them");
  if (saliency <= 0.0) warn("the saliency map is empty: nothing at this layer speaks for the class");
  printf("robustness score %.4f, of a flat map %.4f (%zu object%s)\n",
         checkrob_robustness_score(e->upsampled, e->coverage, pixels), covered / (double)pixels, objects,
         objects == 1 ? "" : "s");
  return EXIT_OK;
}

static int print_numbers(explaining *e) {
  const float *logits = checkrob_explanation_logits(e->explanation);
  size_t classes = (size_t)checkrob_model_class_count(e->in.model), k = classes < 5 ? classes : 5;
  int64_t top[5];
  if (checkrob_top_k(top, logits, classes, k)) return fail_with_flags(EXIT_FAILED);
  printf("layer %s\nmethod %s\nclass %lld logit %g\ntop %zu:", checkrob_explainer_layers(e->explainer),
         checkrob_options_text(e->line->options, "method"), (long long)e->target, (double)logits[e->target],
         k);
  for (size_t i = 0; i < k; i++) printf(" %lld (%g)", (long long)top[i], (double)logits[top[i]]);
  printf("\n");
  int code = print_score(e);
  if (code != EXIT_OK) return code;
  printf("overlay ");
  put_text(stdout, command_line_text(e->line, "out"), 0);
  putchar('\n');
  return finish_output();
}

int command_explain(const command_line *line) {
  explaining e = {.line = line,
                  .in = {.line = line},
                  .path = command_line_text(line, "image"),
                  .target = command_line_integer(line, "class_index")};
  int code = open_all(&e);
  if (code == EXIT_OK) code = compute(&e);
  if (code == EXIT_OK) code = draw(&e);
  if (code == EXIT_OK) code = print_numbers(&e);
  explaining_free(&e);
  return code;
}
