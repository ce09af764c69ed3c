/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob explain: photos that are in no dataset. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "files.h"

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

static checkrob_status add_annotation(checkrob_input *input, const explaining *e, const char *image) {
  char *path = is_folder(e->annotations) ? annotation_in(e->annotations, image) : strdup(e->annotations);
  if (!path) return CHECKROB_ERROR_OUT_OF_MEMORY;
  checkrob_regions *regions = NULL;
  checkrob_status status = checkrob_regions_open_voc(&regions, path, e->object_name);
  if (!status && checkrob_regions_count(regions) > 0)
    status = checkrob_input_add_object(input, "object", 0, regions);
  checkrob_regions_free(regions);
  free(path);
  return status;
}

static checkrob_status fill_input(checkrob_input *input, size_t number, void *data) {
  const explaining *e = data;
  const char *path = command_line_item(e->line, "image", number);
  checkrob_status status = checkrob_input_set_name(input, path);
  if (!status) status = checkrob_input_set_path(input, path);
  return !status && e->annotations ? add_annotation(input, e, path) : status;
}

/* As a dataset, so that an image lies as in a run, and its objects with it. */
int open_loose(explaining *e) {
  size_t count = 0;
  while (command_line_item(e->line, "image", count)) count++;
  checkrob_dataset_free(e->in.dataset);
  e->in.dataset = NULL;
  e->is_loose = 1;
  return checkrob_dataset_new(&e->in.dataset, count, fill_input, e, NULL) ? fail_with_flags(EXIT_FAILED)
                                                                          : EXIT_OK;
}
