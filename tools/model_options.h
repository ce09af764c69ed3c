/* The options that several sub-commands share: how a model is opened, which layer is looked at, and how. */
#ifndef CHECKROB_TOOLS_MODEL_OPTIONS_H
#define CHECKROB_TOOLS_MODEL_OPTIONS_H

#include <getopt.h>

#include "command.h"

typedef struct model_options {
  const char *model, *layer, *layout_text, *device;
  checkrob_layout layout;
  int64_t prefix_tokens; /* -1: found by shape */
  int64_t threads;
  checkrob_method method;
  checkrob_score_function score_function; /* 0: not given */
  checkrob_reference reference;           /* 0: not given */
  checkrob_combine combine;
  int64_t samples, steps, seed;
} model_options;

#define MODEL_OPTIONS_INIT                                                                      \
  {                                                                                             \
    .layer = "auto", .layout_text = "auto", .device = "cpu", .layout = CHECKROB_LAYOUT_AUTO,    \
    .prefix_tokens = -1, .method = CHECKROB_METHOD_GRADCAMPP, .combine = CHECKROB_COMBINE_MEAN, \
    .samples = 25, .steps = 32                                                                  \
  }

/* getopt's numbers of these options; a sub-command's own are letters. */
enum {
  OPTION_MODEL = 1000,
  OPTION_LAYER,
  OPTION_LAYOUT,
  OPTION_DEVICE,
  OPTION_THREADS,
  OPTION_METHOD,
  OPTION_SCORE,
  OPTION_REFERENCE,
  OPTION_COMBINE,
  OPTION_SAMPLES,
  OPTION_STEPS,
  OPTION_SEED
};

/* Rows of getopt's table: for all who open a model ... */
#define MODEL_OPTION_ROWS                                                                               \
  {"model", required_argument, NULL, OPTION_MODEL}, {"layout", required_argument, NULL, OPTION_LAYOUT}, \
      {"device", required_argument, NULL, OPTION_DEVICE}, {                                             \
    "threads", required_argument, NULL, OPTION_THREADS                                                  \
  }
/* ... who choose a layer ... */
#define LAYER_OPTION_ROW \
  { "layer", required_argument, NULL, OPTION_LAYER }
/* ... and who make maps. */
#define METHOD_OPTION_ROWS                                                                              \
  {"method", required_argument, NULL, OPTION_METHOD}, {"score", required_argument, NULL, OPTION_SCORE}, \
      {"reference", required_argument, NULL, OPTION_REFERENCE},                                         \
      {"combine", required_argument, NULL, OPTION_COMBINE},                                             \
      {"samples", required_argument, NULL, OPTION_SAMPLES},                                             \
      {"steps", required_argument, NULL, OPTION_STEPS}, {                                               \
    "seed", required_argument, NULL, OPTION_SEED                                                        \
  }

/* Takes one option that getopt found; -1: done, else the exit code: it is none of these, or its value is
 * wrong. */
int model_options_take(model_options *options, const char *command, int option);

/* Fills what was not given: as the verdicts' rule was made for, or as the paper has it. */
void model_options_resolve(model_options *options, int paper);

/* The options' part of --help: `methods` 1: of those who make maps too. Negative when it could not be
 * written. */
int model_options_help(FILE *file, int methods);

/* Opens the model on its device, for the preprocessing's input size; warns of a slow installation. EXIT_OK,
 * or the exit code after the error is printed. */
int model_options_open(checkrob_model **out, const model_options *options,
                       const checkrob_preprocess *preprocess);
/* Prints the library's error; where a layer was not found, also how to list them. The exit code. */
int model_options_fail(const model_options *options, checkrob_status status);
/* Notes what is special about the model. */
void model_options_note(const checkrob_model *model);

#endif
