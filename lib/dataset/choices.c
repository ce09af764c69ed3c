/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/choices.h"

#include <checkrob/dataset.h>

#include "options/options.h"

static checkrob_status take_list(path_list *out, const checkrob_options *options, const char *name) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < checkrob_options_count(options, name) && !status; i++)
    status = path_list_add(out, checkrob_options_item(options, name, i));
  return status;
}

static unsigned take_flags(const checkrob_options *options) {
  unsigned flags = 0;
  if (options_includes(options, "ignore", "difficult")) flags |= CHECKROB_OBJECT_DIFFICULT;
  if (options_includes(options, "ignore", "truncated")) flags |= CHECKROB_OBJECT_TRUNCATED;
  if (options_includes(options, "ignore", "crowd")) flags |= CHECKROB_OBJECT_CROWD;
  return flags;
}

checkrob_status dataset_choices_take(dataset_choices *out, const checkrob_options *options) {
  bool classes = options_is(options, "regions", "class-masks");
  bool objects = options_is(options, "regions", "object-masks");
  const char *names = checkrob_options_text(options, "names");
  *out = (dataset_choices){.names = *names ? names : NULL,
                           .ignored_flags = take_flags(options),
                           .masks = classes   ? MASKS_CLASSES
                                    : objects ? MASKS_OBJECTS
                                              : MASKS_AUTO,
                           .limit = checkrob_options_is_set(options, "limit")
                                        ? (size_t)checkrob_options_integer(options, "limit")
                                        : 0,
                           .boxes_only = options_is(options, "regions", "boxes"),
                           .skip_unannotated = checkrob_options_integer(options, "skip_unannotated") == 1,
                           .skip_unmapped = checkrob_options_integer(options, "skip_unmapped") == 1};
  checkrob_status status = take_list(&out->images, options, "images");
  if (!status) status = take_list(&out->annotations, options, "annotations");
  return status ? status : take_list(&out->lists, options, "list");
}

void dataset_choices_clear(dataset_choices *choices) {
  path_list_clear(&choices->images);
  path_list_clear(&choices->annotations);
  path_list_clear(&choices->lists);
}

const char *dataset_choices_regions(const dataset_choices *choices) {
  if (choices->boxes_only) return "boxes";
  if (choices->masks == MASKS_AUTO) return "auto";
  return choices->masks == MASKS_CLASSES ? "class-masks" : "object-masks";
}
