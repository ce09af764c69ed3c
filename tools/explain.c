/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: heat maps over photos, and their numbers. */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "class_choice.h"
#include "files.h"
#include "overlay_style.h"

static void explaining_free(explaining *e) {
  items_free(e);
  checkrob_explainer_free(e->explainer);
  inputs_free(&e->in);
  checkrob_options_free(e->spec);
}

/* ---- photos without a dataset ---- */

/* Annotations of single photos: Pascal VOC alone, a file or a folder. */
static int take_annotations(explaining *e) {
  size_t count = checkrob_options_count(e->options, "annotations");
  const char *class_name = command_line_text(e->line, "class");
  if (count == 0 && class_name && !e->in.classes)
    return fail_usage("explain", "--class needs --annotations, or --classes");
  if (count == 0) return EXIT_OK;
  e->annotations = checkrob_options_text(e->options, "annotations");
  e->object_name = class_name;
  if (class_name && e->in.classes) e->object_name = checkrob_class_map_name_of(e->in.classes, e->target);
  if (count > 1 || (command_line_item(e->line, "image", 1) && !is_folder(e->annotations)))
    return fail_usage(
        "explain",
        "--annotations must be one file for one image, or one folder; other formats need --dataset");
  return EXIT_OK;
}

static int take_target(explaining *e) {
  const char *class_name = command_line_text(e->line, "class"),
             *classes = checkrob_options_text(e->options, "classes");
  e->target = command_line_integer(e->line, "class_index");
  if (*classes && checkrob_class_map_open(&e->in.classes, classes)) return fail_with_flags(EXIT_FAILED);
  if (e->target >= 0 && !(class_name && e->in.classes)) return EXIT_OK;
  if (class_name && e->in.classes) {
    int64_t named = -1;
    int code = choose_class(&named, e->in.classes, class_name);
    if (code == EXIT_OK && e->target < 0) e->target = named;
    return code;
  }
  return fail_usage("explain", "--class-index is missing");
}

static int open_photos(explaining *e) {
  int code = take_target(e);
  if (code == EXIT_OK) code = take_annotations(e);
  if (code != EXIT_OK) return code;
  if (command_line_item(e->line, "image", 0)) return open_loose(e);
  e->is_loose = 1;
  return inputs_open_images(&e->in);
}

/* ---- a dataset ---- */

static int choose_classes(explaining *e) {
  const char *class_name = command_line_text(e->line, "class");
  int64_t given = command_line_integer(e->line, "class_index");
  if (class_name) {
    e->target = given;
    return choose_class(&e->class_index, e->in.classes, class_name);
  }
  if (command_line_item(e->line, "image", 0) || given < 0) {
    e->target = given;
    return EXIT_OK;
  }
  e->class_index = given;
  return checkrob_class_map_name_of(e->in.classes, given)
             ? EXIT_OK
             : fail(EXIT_FAILED, "--class-index %lld is not in the class map", (long long)given);
}

static int check_results(const char *given) {
  char *file = results_file(given);
  int code = file ? EXIT_OK : fail(EXIT_FAILED, "out of memory");
  if (file && access(file, R_OK) != 0)
    code = fail(EXIT_FAILED, "cannot open the results %s: %s", file, strerror(errno));
  free(file);
  return code;
}

static int open_dataset(explaining *e) {
  if (e->line->argument_count == 1) {
    int code = check_results(e->line->arguments[0]);
    if (code == EXIT_OK) code = inputs_open_run(&e->in, &e->spec, e->line->arguments[0]);
    if (code != EXIT_OK) return code;
    e->options = e->spec;
  } else {
    if (!*checkrob_options_text(e->options, "classes")) return fail_usage("explain", "--classes is missing");
    int code = inputs_open_data(&e->in);
    if (code != EXIT_OK) return code;
  }
  return choose_classes(e);
}

/* ---- what is asked for ---- */

static int check_arguments(const explaining *e, const top_choice *top) {
  const command_line *line = e->line;
  const checkrob_options *options = line->options;
  int has_results = line->argument_count == 1, has_images = command_line_item(line, "image", 0) != NULL;
  int has_data = *checkrob_options_text(options, "dataset") != '\0';
  if (line->argument_count > 1) return fail_usage("explain", "give one file of results");
  if (!has_results && !*checkrob_options_text(options, "model"))
    return fail_usage("explain", "--model is missing");
  if (!has_results && !has_images && !has_data && !checkrob_options_is_set(options, "images"))
    return fail_usage("explain", "--image is missing; or give results, or a --dataset and a --class");
  int is_chosen = has_images || command_line_text(line, "class") || command_line_text(line, "class_index") ||
                  top->kind != TOP_NONE || checkrob_options_is_set(options, "list");
  if (!is_chosen)
    return fail_usage("explain", "nothing says which images are drawn; set --class, --image or --top");
  return EXIT_OK;
}

/* A folder of pictures, or one PNG. A name with another ending is a mistake. */
static int read_out(int *is_pictures, const command_line *line) {
  const char *out = command_line_text(line, "out"), *slash = strrchr(out, '/');
  const char *name = slash ? slash + 1 : out;
  *is_pictures = is_folder(out) || !strchr(name, '.');
  return *is_pictures ? EXIT_OK : check_ending(line, "out", ".png");
}

static int check_targets(const explaining *e) {
  int64_t classes = checkrob_model_class_count(e->in.model);
  for (size_t i = 0; i < e->count; i++)
    if (e->items[i].target >= classes)
      return fail(EXIT_FAILED, "%s %lld is out of range: the model has %lld outputs, 0 to %lld",
                  e->target >= 0 ? "--class-index" : "the class map's index", (long long)e->items[i].target,
                  (long long)classes, (long long)classes - 1);
  return EXIT_OK;
}

static int open_model(explaining *e) {
  int code = e->in.preprocess ? EXIT_OK : inputs_open_preprocess(&e->in);
  if (code == EXIT_OK) code = inputs_open_model_of(&e->in, e->options);
  if (code != EXIT_OK) return code;
  e->height = checkrob_preprocess_height(e->in.preprocess);
  e->width = checkrob_preprocess_width(e->in.preprocess);
  code = check_targets(e);
  if (code != EXIT_OK) return code;
  checkrob_status status = checkrob_explainer_new(&e->explainer, e->in.model, e->options);
  return status ? fail_about_layer(e->line, status) : EXIT_OK;
}

/* Without results, the scores are computed first. */
static int choose_top(explaining *e, const top_choice *top) {
  if (top->kind == TOP_NONE || e->spec) return EXIT_OK;
  int code = explain_items(e, NULL, NULL);
  if (code != EXIT_OK) return code;
  keep_top(e, top);
  if (e->is_interrupted) return EXIT_INTERRUPTED;
  return e->count > 0
             ? EXIT_OK
             : fail(EXIT_NONE, "no image has a score for --top; it needs images with annotated objects");
}

static int execute(explaining *e) {
  top_choice top;
  int is_pictures = 0;
  int code = top_choice_read(&top, e->line);
  if (code == EXIT_OK) code = check_arguments(e, &top);
  if (code == EXIT_OK) code = read_out(&is_pictures, e->line);
  if (code == EXIT_OK) code = overlay_style_read(&e->style, e->line);
  int has_data = *checkrob_options_text(e->options, "dataset") != '\0' || e->line->argument_count == 1;
  if (code == EXIT_OK) code = has_data ? open_dataset(e) : open_photos(e);
  if (code == EXIT_OK) code = choose_items(e, &top);
  if (code == EXIT_OK && !is_pictures) code = spare_inputs(e->line, command_line_text(e->line, "out"));
  if (code == EXIT_OK) code = open_model(e);
  if (code == EXIT_OK) code = choose_top(e, &top);
  if (code != EXIT_OK) return code;
  return e->count == 1 && !is_pictures ? draw_picture(e) : draw_pictures(e, is_pictures);
}

int command_explain(const command_line *line) {
  explaining e = {
      .line = line, .in = {.line = line}, .options = line->options, .class_index = -1, .target = -1};
  int code = execute(&e);
  explaining_free(&e);
  return code;
}
