/* The options that say where the data is, for all sub-commands that read it. */
#ifndef CHECKROB_TOOLS_DATASET_OPTIONS_H
#define CHECKROB_TOOLS_DATASET_OPTIONS_H

#include <getopt.h>

#include "command.h"

#define ROOTS_LIMIT 4096

typedef struct dataset_options {
  const char *format_text, *classes, *names;
  const char *images[ROOTS_LIMIT], *annotations[ROOTS_LIMIT], *lists[ROOTS_LIMIT];
  size_t image_count, annotation_count, list_count;
  int skip_unannotated, skip_unmapped;
  const char *regions;      /* NULL: auto */
  const char *ignored_text; /* as given; NULL: nothing */
  int64_t shard, shards;    /* 0, 0: all */
} dataset_options;

/* getopt's numbers of these options. */
enum {
  OPTION_DATASET = 2000,
  OPTION_IMAGES,
  OPTION_ANNOTATIONS,
  OPTION_CLASSES,
  OPTION_NAMES,
  OPTION_REGIONS,
  OPTION_IGNORE,
  OPTION_SHARD,
  OPTION_LIST,
  OPTION_SKIP,
  OPTION_SKIP_UNMAPPED
};

/* Rows of getopt's table. */
#define DATASET_OPTION_ROWS                                                                                 \
  {"dataset", required_argument, NULL, OPTION_DATASET}, {"images", required_argument, NULL, OPTION_IMAGES}, \
      {"annotations", required_argument, NULL, OPTION_ANNOTATIONS},                                         \
      {"classes", required_argument, NULL, OPTION_CLASSES},                                                 \
      {"names", required_argument, NULL, OPTION_NAMES},                                                     \
      {"regions", required_argument, NULL, OPTION_REGIONS},                                                 \
      {"ignore", required_argument, NULL, OPTION_IGNORE}, {"list", required_argument, NULL, OPTION_LIST},   \
      {"skip-unannotated", no_argument, NULL, OPTION_SKIP},                                                 \
      {"skip-unmapped", no_argument, NULL, OPTION_SKIP_UNMAPPED}, {                                         \
    "shard", required_argument, NULL, OPTION_SHARD                                                          \
  }

/* Takes one option that getopt found; -1: done, -2: it is none of these, else the exit code. */
int dataset_options_take(dataset_options *options, const char *command, int option);
/* Is all there that is needed? -1, or the exit code. */
int dataset_options_check(dataset_options *options, const char *command);
/* The options' part of --help. Negative when it could not be written. */
int dataset_options_help(FILE *file);

/* The word of --regions. */
const char *dataset_options_regions(const dataset_options *options);

/* With the class map, which has to outlive it. What is left out of the dataset is said. */
checkrob_status dataset_options_open(checkrob_dataset **out, checkrob_class_map **classes,
                                     const dataset_options *options);

#endif
