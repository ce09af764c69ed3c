#include <checkrob/dataset.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "dataset/format.h"

static const dataset_format *const formats[] = {&dataset_format_voc, &dataset_format_imagenet, NULL};

struct checkrob_dataset {
  const dataset_format *format;
  const checkrob_class_map *classes;
  void *state; /* the format's */
  size_t input;
  sample_list samples; /* of `input`; empty until it has been read */
  size_t given;        /* of `samples` */
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

static checkrob_status open_dataset(checkrob_dataset **out, const dataset_format *format,
                                    const char *images_folder, const char *annotations_folder,
                                    const checkrob_class_map *classes) {
  checkrob_dataset *dataset = calloc(1, sizeof *dataset);
  if (!dataset) return error_memory("a dataset");
  dataset->format = format;
  dataset->classes = classes;
  checkrob_status status = format->open(&dataset->state, images_folder, annotations_folder);
  if (status)
    free(dataset);
  else
    *out = dataset;
  return status;
}

checkrob_status checkrob_dataset_open(checkrob_dataset **out, checkrob_dataset_format format,
                                      const char *images_folder, const char *annotations_folder,
                                      const checkrob_class_map *classes) {
  if (!out || !images_folder || !annotations_folder || !classes)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_dataset_open: out, a folder or the class map is NULL");
  const dataset_format *found = format_of(format);
  if (!found)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "%d is no checkrob_dataset_format", (int)format);
  return open_dataset(out, found, images_folder, annotations_folder, classes);
}

checkrob_status checkrob_dataset_open_images(checkrob_dataset **out, const char *images_folder) {
  if (!out || !images_folder)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_open_images: NULL argument");
  return open_dataset(out, &dataset_format_images, images_folder, NULL, NULL);
}

void checkrob_dataset_free(checkrob_dataset *dataset) {
  if (!dataset) return;
  checkrob_dataset_rewind(dataset);
  dataset->format->close(dataset->state);
  free(dataset);
}

const checkrob_class_map *checkrob_dataset_classes(const checkrob_dataset *dataset) {
  return dataset->classes;
}

size_t checkrob_dataset_input_count(const checkrob_dataset *dataset) {
  return dataset->format->input_count(dataset->state);
}

size_t checkrob_dataset_inputs_done(const checkrob_dataset *dataset) {
  return dataset->input;
}

static checkrob_status read_input(checkrob_dataset *dataset) {
  sample_list samples = {0};
  checkrob_status status = dataset->format->read(&samples, dataset->state, dataset->input, dataset->classes);
  if (status)
    sample_list_clear(&samples);
  else
    dataset->samples = samples;
  return status;
}

/* Sentences go from where a thing fails to the sample by way of the thread's last error; but for the caller,
 * who gets OK, nothing failed. */
static checkrob_status read_input_quietly(checkrob_dataset *dataset) {
  char *before = text_copy(checkrob_last_error());
  if (!before) return error_memory("a sample");
  checkrob_status status = read_input(dataset);
  if (!status) error_store("%s", before);
  free(before);
  return status;
}

checkrob_status checkrob_dataset_next(checkrob_sample **out, checkrob_dataset *dataset) {
  if (!out || !dataset)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_dataset_next: out or dataset is NULL");
  if (dataset->input == checkrob_dataset_input_count(dataset)) return CHECKROB_END;
  if (dataset->samples.count == 0) {
    checkrob_status status = read_input_quietly(dataset);
    if (status) return status;
  }
  *out = dataset->samples.items[dataset->given];
  dataset->samples.items[dataset->given++] = NULL; /* the caller's now */
  if (dataset->given == dataset->samples.count) {
    sample_list_clear(&dataset->samples);
    dataset->given = 0;
    dataset->input++;
  }
  return CHECKROB_OK;
}

void checkrob_dataset_rewind(checkrob_dataset *dataset) {
  sample_list_clear(&dataset->samples);
  dataset->given = 0;
  dataset->input = 0;
}
