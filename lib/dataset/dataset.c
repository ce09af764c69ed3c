/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/dataset.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "dataset/formats/caller.h"
#include "dataset/formats/voc_tree.h"
#include "dataset/samples.h"
#include "options/options.h"
#include "region/regions.h"

struct checkrob_dataset {
  const dataset_format *format;
  sample_choice choice;
  bool boxes_only;
  size_t limit;        /* inputs; 0: all of the format's */
  const char *regions; /* the value of the option */
  uint64_t contents;   /* see dataset_contents() */
  void *state;         /* the format's; only `open` and `close` change it */
};

/* Not every format has every feature. */
static checkrob_status check_features(const dataset_format *format, const dataset_choices *choices) {
  if (choices->masks != MASKS_AUTO && !(format->features & FORMAT_MASKS))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the format %s has no masks of classes or objects; only voc has", format->name);
  if (choices->lists.count > 0 && !(format->features & FORMAT_LISTS))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the format %s takes no lists of images, because its file of annotations names them; "
                     "voc, imagenet and yolo take lists",
                     format->name);
  if (choices->annotations.count == 0 && !(format->features & FORMAT_TREES))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the format %s needs annotations; set the option annotations", format->name);
  return CHECKROB_OK;
}

static checkrob_status open_format(checkrob_dataset **out, const dataset_format *format,
                                   const dataset_choices *choices, const checkrob_class_map *classes) {
  if (choices->images.count == 0)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a dataset needs images; set the option images");
  checkrob_dataset *dataset = calloc(1, sizeof *dataset);
  if (!dataset) return error_memory("a dataset");
  dataset->format = format;
  dataset->choice = (sample_choice){classes, choices->ignored_flags, choices->skip_unmapped};
  dataset->boxes_only = choices->boxes_only;
  dataset->limit = choices->limit;
  dataset->contents = HASH_START;
  dataset->regions = dataset_choices_regions(choices);
  checkrob_status status = format->open(&dataset->state, choices);
  if (status)
    free(dataset);
  else
    *out = dataset;
  return status;
}

/* Of voc, only masks of classes have names. */
static bool uses_names(const dataset_format *format, const dataset_choices *choices) {
  return choices->names && (format->features & FORMAT_NAMES || choices->masks == MASKS_CLASSES);
}

static checkrob_status hash_contents(uint64_t *hash, const dataset_format *format,
                                     const dataset_choices *choices) {
  checkrob_status status = CHECKROB_OK;
  if (uses_names(format, choices)) status = hash_file(hash, choices->names);
  for (size_t i = 0; format->features & FORMAT_FILE && i < choices->annotations.count && !status; i++)
    status = hash_file(hash, choices->annotations.items[i]);
  return status;
}

checkrob_status checkrob_dataset_open(checkrob_dataset **out, const checkrob_options *options,
                                      const checkrob_class_map *classes) {
  if (!out || !classes)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_open: out or classes is NULL");
  const dataset_format *format = format_find(checkrob_options_text(options, "dataset"));
  if (!format)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "the format of the dataset is not known; set the option dataset");
  dataset_choices choices;
  checkrob_status status = dataset_choices_take(&choices, options);
  if (!status) status = check_features(format, &choices);
  if (!status && format->features & FORMAT_MASKS) choices.masks = voc_tree_masks(&choices);
  checkrob_dataset *dataset = NULL;
  if (!status) status = open_format(&dataset, format, &choices, classes);
  if (!status) status = hash_contents(&dataset->contents, format, &choices);
  dataset_choices_clear(&choices);
  if (status)
    checkrob_dataset_free(dataset);
  else
    *out = dataset;
  return status;
}

checkrob_status checkrob_dataset_open_images(checkrob_dataset **out, const checkrob_options *options) {
  if (!out) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_open_images: out is NULL");
  dataset_choices choices;
  checkrob_status status = dataset_choices_take(&choices, options);
  if (!status) status = open_format(out, &dataset_format_images, &choices, NULL);
  dataset_choices_clear(&choices);
  return status;
}

/* Copies the items of a list to another option, which then has no others. */
static checkrob_status copy_list(checkrob_options *to, const char *name, const checkrob_options *from,
                                 const char *from_name) {
  checkrob_status status = checkrob_options_unset(to, name);
  for (size_t i = 0; i < checkrob_options_count(from, from_name) && !status; i++)
    status = checkrob_options_add(to, name, checkrob_options_item(from, from_name, i));
  return status;
}

/* The options with which the pool is opened: no image of it is left out, and no object ignored. */
static checkrob_status pool_options(checkrob_options **out, const checkrob_options *options) {
  static const char *const of_the_run[] = {
      "list", "dataset", "regions", "ignore", "skip_unannotated", "skip_unmapped", "limit"};
  checkrob_status status = checkrob_options_copy(out, options);
  for (size_t i = 0; i < sizeof of_the_run / sizeof *of_the_run && !status; i++)
    status = checkrob_options_unset(*out, of_the_run[i]);
  if (!status) status = copy_list(*out, "images", options, "attack_images");
  if (!status) status = copy_list(*out, "annotations", options, "attack_annotations");
  if (!status && checkrob_options_is_set(options, "attack_dataset"))
    status = checkrob_options_set(*out, "dataset", checkrob_options_text(options, "attack_dataset"));
  return status;
}

checkrob_status checkrob_dataset_open_pool(checkrob_dataset **out, const checkrob_options *options,
                                           const checkrob_class_map *classes) {
  if (!out || !classes)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_open_pool: out or classes is NULL");
  if (!checkrob_options_is_set(options, "attack_images"))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "there is no pool; set the option attack_images");
  checkrob_options *of_pool = NULL;
  checkrob_status status = checkrob_options_check(options);
  if (status) return status;
  if (options_is(options, "attack_images", "own")) return checkrob_dataset_open(out, options, classes);
  status = pool_options(&of_pool, options);
  if (!status && checkrob_options_is_set(options, "attack_dataset"))
    status = checkrob_dataset_open(out, of_pool, classes);
  else if (!status)
    status = checkrob_dataset_open_images(out, of_pool);
  checkrob_options_free(of_pool);
  return status ? error_set(status, "the pool of attack_images: %s", checkrob_last_error()) : CHECKROB_OK;
}

checkrob_status checkrob_dataset_new(checkrob_dataset **out, size_t input_count, checkrob_input_callback read,
                                     void *user_data, const checkrob_class_map *classes) {
  if (!out || !read)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_new: out or read is NULL");
  checkrob_dataset *dataset = calloc(1, sizeof *dataset);
  if (!dataset) return error_memory("a dataset");
  checkrob_status status = caller_open(&dataset->state, input_count, read, user_data);
  if (status) {
    free(dataset);
    return status;
  }
  dataset->format = &dataset_format_caller;
  dataset->choice.classes = classes;
  dataset->regions = "auto";
  *out = dataset;
  return CHECKROB_OK;
}

void checkrob_dataset_free(checkrob_dataset *dataset) {
  if (!dataset) return;
  dataset->format->close(dataset->state);
  free(dataset);
}

const checkrob_class_map *checkrob_dataset_classes(const checkrob_dataset *dataset) {
  return dataset ? dataset->choice.classes : NULL;
}

size_t checkrob_dataset_input_count(const checkrob_dataset *dataset) {
  if (!dataset) return 0;
  size_t all = dataset->format->input_count(dataset->state);
  return dataset->limit > 0 && dataset->limit < all ? dataset->limit : all;
}

/* The format's number of an input. With a limit they are spread evenly, because neighbours are often of one
 * class. Whole distances and what remains of them, because a product might overflow. */
static size_t number_in_format(const checkrob_dataset *dataset, size_t number) {
  size_t all = dataset->format->input_count(dataset->state), count = checkrob_dataset_input_count(dataset);
  if (count == all) return number;
  size_t distance = all / count, more = all % count;
  return number * distance + (size_t)((double)number * (double)more / (double)count);
}

unsigned checkrob_dataset_ignored_flags(const checkrob_dataset *dataset) {
  return dataset ? dataset->choice.ignored_flags : 0;
}

const char *checkrob_dataset_regions(const checkrob_dataset *dataset) {
  return dataset ? dataset->regions : "";
}

size_t checkrob_dataset_left_out(const checkrob_dataset *dataset) {
  return dataset && dataset->format->left_out ? dataset->format->left_out(dataset->state) : 0;
}

int checkrob_dataset_skips_unmapped(const checkrob_dataset *dataset) {
  return dataset ? dataset->choice.skip_unmapped : 0;
}

uint64_t checkrob_dataset_fingerprint(const checkrob_dataset *dataset) {
  if (!dataset) return 0;
  const dataset_format *format = dataset->format;
  size_t count = checkrob_dataset_input_count(dataset);
  uint64_t hash = hash_bytes(hash_text(HASH_START, format->name), &count, sizeof count);
  for (size_t i = 0; i < count && format->name_of; i++)
    hash = hash_text(hash, format->name_of(dataset->state, number_in_format(dataset, i)));
  return hash;
}

uint64_t dataset_contents(const checkrob_dataset *dataset) {
  return dataset->contents;
}

static void reduce_to_boxes(checkrob_input *input) {
  for (size_t i = 0; i < input->count; i++)
    if (input->objects[i].shape) regions_reduce_to_boxes(input->objects[i].shape);
}

static checkrob_status read_samples(sample_list *out, const checkrob_dataset *dataset, size_t number) {
  checkrob_input input = {0};
  sample_list samples = {0};
  checkrob_status status = dataset->format->read(&input, dataset->state, number_in_format(dataset, number));
  if (dataset->boxes_only) reduce_to_boxes(&input);
  status = samples_make(&samples, &input, status, &dataset->choice);
  input_clear(&input);
  if (status) {
    sample_list_clear(&samples);
    return status;
  }
  for (size_t i = 0; i < samples.count; i++) sample_set_position(samples.items[i], number, i);
  *out = samples;
  return CHECKROB_OK;
}

/* A failed sample's message travels in the thread's last error. The caller gets OK, so its own last error
 * must not change. */
checkrob_status dataset_read(sample_list *out, const checkrob_dataset *dataset, size_t number) {
  char *before = text_copy(checkrob_last_error());
  if (!before) return error_memory("a sample");
  checkrob_status status = read_samples(out, dataset, number);
  if (!status) error_store("%s", before);
  free(before);
  return status;
}
