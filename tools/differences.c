/* SPDX-License-Identifier: Apache-2.0 */
/* In what two results differ besides their numbers. */
#include <string.h>

#include "files.h"

static int differ_in(const char *name, const checkrob_results *before, const checkrob_results *after) {
  const char *a = checkrob_results_option(before, name), *b = checkrob_results_option(after, name);
  return a && b && strcmp(a, b) != 0;
}

/* Whether another value of the option may change a class's numbers. Paths do not; the images are compared by
 * their names. */
static int changes_classes(const checkrob_option_info *info) {
  int is_judging = strcmp(info->group, "verdict") == 0 || strcmp(info->name, "top_k") == 0;
  int is_of_regions = strcmp(info->name, "regions") == 0 || strcmp(info->name, "ignore") == 0;
  int is_of_data = strcmp(info->group, "data") == 0;
  return is_judging || is_of_regions ||
         (info->changes_results && info->type != CHECKROB_OPTION_PATH && !is_of_data);
}

static void warn_of_option(const char *name, const checkrob_results *before, const checkrob_results *after) {
  const char *a = checkrob_results_option(before, name), *b = checkrob_results_option(after, name);
  char flag[FLAG_BYTES];
  write_flag(flag, name);
  warn("the two differ in %s (%.200s, then %.200s): a change may come from that alone", flag,
       *a ? a : "not set", *b ? b : "not set");
}

void warn_of_differences(const checkrob_results *before, const checkrob_results *after) {
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; i < checkrob_option_count() && checkrob_option_at(&info, i) == CHECKROB_OK; i++)
    if (changes_classes(&info) && differ_in(info.name, before, after))
      warn_of_option(info.name, before, after);
  if (differ_in("preprocess", before, after))
    warn("the two differ in the preprocessing: a change may come from that alone");
  if (differ_in("dataset_names", before, after))
    warn(
        "the two differ in the images (more, fewer, or under other names): a change may come from that "
        "alone");
  if (differ_in("dataset_contents", before, after))
    warn(
        "the two differ in the file of annotations or of the classes' names: a change may come from that "
        "alone");
  if (!differ_in("whole_input_count", before, after) &&
      (differ_in("first_input", before, after) || differ_in("input_count", before, after)))
    warn("the two differ in the part of the images (--shard)");
}
