/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dataset/formats/format.h"

static const dataset_format *const formats[] = {&dataset_format_voc,      &dataset_format_imagenet,
                                                &dataset_format_coco,     &dataset_format_yolo,
                                                &dataset_format_manifest, NULL};

const dataset_format *format_find(const char *name) {
  for (size_t i = 0; formats[i]; i++)
    if (strcmp(formats[i]->name, name) == 0) return formats[i];
  return NULL;
}
