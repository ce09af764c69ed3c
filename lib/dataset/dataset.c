#include <checkrob/dataset.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/structure.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "dataset/formats/caller.h"
#include "dataset/formats/voc_tree.h"
#include "dataset/samples.h"
#include "region/regions.h"

static const dataset_format *const formats[] = {&dataset_format_voc,      &dataset_format_imagenet,
                                                &dataset_format_coco,     &dataset_format_yolo,
                                                &dataset_format_manifest, NULL};

struct checkrob_dataset {
  const dataset_format *format;
  sample_choice choice;
  int boxes_only;
  checkrob_mask_kind masks;
  void *state; /* the format's; only `open` and `close` change it */
};

checkrob_status checkrob_dataset_format_find(checkrob_dataset_format *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_format_find: out or name is NULL");
  char names[256] = "";
  for (size_t i = 0; formats[i]; i++) {
    if (strcmp(formats[i]->name, name) == 0) {
      *out = formats[i]->id;
      return CHECKROB_OK;
    }
    if (i > 0) strncat(names, ", ", sizeof names - strlen(names) - 1);
    strncat(names, formats[i]->name, sizeof names - strlen(names) - 1);
  }
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no dataset format '%s'; there are: %s", name, names);
}

static const dataset_format *format_of(checkrob_dataset_format id) {
  for (size_t i = 0; formats[i]; i++)
    if (formats[i]->id == id) return formats[i];
  return NULL;
}

static checkrob_status check_paths(const char *const *paths, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++)
    if (!paths || !paths[i]) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a path of %s is NULL", what);
  return CHECKROB_OK;
}

/* What only some formats have. */
static checkrob_status check_kind(const checkrob_dataset_options *o) {
  bool pairs = o->format == CHECKROB_DATASET_VOC || o->format == CHECKROB_DATASET_IMAGENET ||
               o->format == CHECKROB_DATASET_YOLO;
  if ((unsigned)o->masks > CHECKROB_MASKS_OBJECTS ||
      (o->masks != CHECKROB_MASKS_AUTO && o->format != CHECKROB_DATASET_VOC))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "masks whose pixels are numbers of classes or objects are read in the format voc alone");
  if (o->list_count > 0 && !pairs)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "lists choose images in the formats voc, imagenet and yolo alone; here the annotations' "
                     "file says which images there are");
  return CHECKROB_OK;
}

static checkrob_status check_options(const checkrob_dataset_options *o) {
  if (o->image_count == 0 || (o->annotation_count == 0 && o->format != CHECKROB_DATASET_VOC))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "a dataset needs images and annotations");
  checkrob_status status = check_paths(o->images, o->image_count, "images");
  if (!status) status = check_paths(o->annotations, o->annotation_count, "annotations");
  if (!status) status = check_paths(o->lists, o->list_count, "lists");
  if (!status) status = check_kind(o);
  return status;
}

static checkrob_status open_dataset(checkrob_dataset **out, const dataset_format *format,
                                    const checkrob_dataset_options *options,
                                    const checkrob_class_map *classes) {
  checkrob_dataset *dataset = calloc(1, sizeof *dataset);
  if (!dataset) return error_memory("a dataset");
  dataset->format = format;
  dataset->choice = (sample_choice){classes, options->ignored_flags, options->skip_unmapped != 0};
  dataset->boxes_only = options->boxes_only;
  dataset->masks = options->masks;
  checkrob_status status = format->open(&dataset->state, options);
  if (status) {
    free(dataset);
    return status;
  }
  *out = dataset;
  return CHECKROB_OK;
}

checkrob_status checkrob_dataset_open_with(checkrob_dataset **out, const checkrob_dataset_options *options,
                                           const checkrob_class_map *classes) {
  if (!out || !options || !classes)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_dataset_open: out, the options or the class map is NULL");
  checkrob_dataset_options complete = CHECKROB_DATASET_OPTIONS_INIT;
  checkrob_status status = structure_take(&complete, sizeof complete, options);
  if (!status) status = check_options(&complete);
  if (status) return status;
  if (complete.format == CHECKROB_DATASET_VOC) complete.masks = voc_tree_masks(&complete);
  const dataset_format *found = format_of(complete.format);
  if (!found)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%d is no checkrob_dataset_format",
                     (int)complete.format);
  return open_dataset(out, found, &complete, classes);
}

checkrob_status checkrob_dataset_open(checkrob_dataset **out, checkrob_dataset_format format,
                                      const char *images, const char *annotations,
                                      const checkrob_class_map *classes) {
  checkrob_dataset_options options = CHECKROB_DATASET_OPTIONS_INIT;
  options.format = format;
  options.images = &images;
  options.annotations = &annotations;
  options.image_count = options.annotation_count = 1;
  return checkrob_dataset_open_with(out, &options, classes);
}

checkrob_status checkrob_dataset_open_images(checkrob_dataset **out, const char *images) {
  if (!out || !images)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_open_images: NULL argument");
  checkrob_dataset_options options = CHECKROB_DATASET_OPTIONS_INIT;
  options.images = &images;
  options.image_count = 1;
  return open_dataset(out, &dataset_format_images, &options, NULL);
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
  *out = dataset;
  return CHECKROB_OK;
}

void checkrob_dataset_free(checkrob_dataset *dataset) {
  if (!dataset) return;
  dataset->format->close(dataset->state);
  free(dataset);
}

const checkrob_class_map *checkrob_dataset_classes(const checkrob_dataset *dataset) {
  return dataset->choice.classes;
}

size_t checkrob_dataset_input_count(const checkrob_dataset *dataset) {
  return dataset->format->input_count(dataset->state);
}

unsigned checkrob_dataset_ignored_flags(const checkrob_dataset *dataset) {
  return dataset->choice.ignored_flags;
}

int checkrob_dataset_boxes_only(const checkrob_dataset *dataset) {
  return dataset->boxes_only;
}

checkrob_mask_kind checkrob_dataset_masks(const checkrob_dataset *dataset) {
  return dataset->masks;
}

size_t checkrob_dataset_left_out(const checkrob_dataset *dataset) {
  return dataset->format->left_out ? dataset->format->left_out(dataset->state) : 0;
}

int checkrob_dataset_skips_unmapped(const checkrob_dataset *dataset) {
  return dataset->choice.skip_unmapped;
}

uint64_t checkrob_dataset_fingerprint(const checkrob_dataset *dataset) {
  const dataset_format *format = dataset->format;
  size_t count = format->input_count(dataset->state);
  uint64_t hash = hash_bytes(hash_text(HASH_START, format->name), &count, sizeof count);
  for (size_t i = 0; i < count && format->name_of; i++)
    hash = hash_text(hash, format->name_of(dataset->state, i));
  return hash;
}

static void reduce_to_boxes(checkrob_input *input) {
  for (size_t i = 0; i < input->count; i++)
    if (input->objects[i].shape) regions_reduce_to_boxes(input->objects[i].shape);
}

static checkrob_status read_samples(sample_list *out, const checkrob_dataset *dataset, size_t number) {
  checkrob_input input = {0};
  sample_list samples = {0};
  checkrob_status status = dataset->format->read(&input, dataset->state, number);
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

/* An error message gets from where something fails to the sample by way of the thread's last error; but for
 * the caller, who gets OK, nothing failed. */
checkrob_status dataset_read(sample_list *out, const checkrob_dataset *dataset, size_t number) {
  char *before = text_copy(checkrob_last_error());
  if (!before) return error_memory("a sample");
  checkrob_status status = read_samples(out, dataset, number);
  if (!status) error_store("%s", before);
  free(before);
  return status;
}
