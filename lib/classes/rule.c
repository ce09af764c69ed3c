/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/rule.h"

#include <string.h>

#include "base/error.h"
#include "options/options.h"

/* docs/score.md describes the measurement. These three decide together: cam replaces the score function, and
 * only some methods have the reference. */
static bool is_measured(const checkrob_options *options) {
  return options_is(options, "method", "gradcam++") && options_is(options, "score", "log-odds") &&
         options_is(options, "reference", "blank");
}

checkrob_status verdict_rule_from_options(verdict_rule *out, const checkrob_options *options) {
  checkrob_status status = checkrob_options_check(options);
  if (status) return status;
  *out = (verdict_rule){.top_k = (size_t)checkrob_options_integer(options, "top_k"),
                        .min_images = (size_t)checkrob_options_integer(options, "verdict_min_images"),
                        .min_accuracy = checkrob_options_number(options, "verdict_min_accuracy"),
                        .robust = checkrob_options_number(options, "verdict_robust"),
                        .off_object = checkrob_options_number(options, "verdict_off_object"),
                        .suspicion = checkrob_options_number(options, "verdict_suspicion"),
                        .level = checkrob_options_number(options, "verdict_level"),
                        .resamples = (size_t)checkrob_options_integer(options, "verdict_resamples"),
                        .permutations = (size_t)checkrob_options_integer(options, "verdict_permutations"),
                        .seed = (uint64_t)checkrob_options_integer(options, "verdict_seed"),
                        .measured = is_measured(options)};
  return CHECKROB_OK;
}

/* ---- the options of a results file ---- */

static bool is_judging(const char *name) {
  return strncmp(name, "verdict_", strlen("verdict_")) == 0 || strcmp(name, "top_k") == 0;
}

/* These decide about the samples, but the rule depends on them too. */
static bool is_about_measuring(const char *name) {
  return strcmp(name, "method") == 0 || strcmp(name, "score") == 0 || strcmp(name, "reference") == 0;
}

checkrob_status judging_options_add(store_options *out, const checkrob_options *options) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < checkrob_option_count() && !status; i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    status = checkrob_option_at(&info, i);
    if (!status && is_judging(info.name))
      status = store_options_add(out, info.name, checkrob_options_text(options, info.name), false);
  }
  return status;
}

static checkrob_status read_stored(checkrob_options *out, const store_options *stored, const char *path) {
  for (size_t i = 0; i < stored->count; i++) {
    const store_option *o = &stored->items[i];
    if (!is_judging(o->name) && !is_about_measuring(o->name)) continue;
    if (!o->value[0]) continue; /* it was not set */
    checkrob_status status = checkrob_options_set(out, o->name, o->value);
    if (status == CHECKROB_ERROR_OUT_OF_MEMORY) return status;
    if (status)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s was made by another version of checkrob, or is damaged: its options: %s", path,
                       checkrob_last_error());
  }
  return CHECKROB_OK;
}

static checkrob_status set_wanted(checkrob_options *out, const checkrob_options *wanted) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < checkrob_option_count() && !status; i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    status = checkrob_option_at(&info, i);
    if (!status && is_judging(info.name) && checkrob_options_is_set(wanted, info.name))
      status = checkrob_options_set(out, info.name, checkrob_options_text(wanted, info.name));
  }
  return status;
}

checkrob_status judging_options_read(checkrob_options **out, const store_options *stored,
                                     const checkrob_options *wanted, const char *path) {
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = read_stored(options, stored, path);
  if (!status && wanted) status = set_wanted(options, wanted);
  if (status)
    checkrob_options_free(options);
  else
    *out = options;
  return status;
}

checkrob_status judging_options_compare(const store_options *stored, const store_options *wanted,
                                        const char *path, const char *wanted_path) {
  store_options judging = {0};
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < wanted->count && !status; i++)
    if (is_judging(wanted->items[i].name))
      status = store_options_add(&judging, wanted->items[i].name, wanted->items[i].value, true);
  if (!status) status = store_options_compare(stored, &judging, path, wanted_path);
  store_options_clear(&judging);
  if (status != CHECKROB_ERROR_OTHER_OPTIONS) return status;
  return error_set(
      status,
      "%s; only one verdict rule can apply to the merged results; resume each shard with the same verdict "
      "options, which computes no sample again",
      checkrob_last_error());
}
