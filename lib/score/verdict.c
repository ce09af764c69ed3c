#include "score/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/structure.h"
#include "base/text.h"

const char *checkrob_verdict_name(checkrob_verdict verdict) {
  switch (verdict) {
    case CHECKROB_VERDICT_NOT_ENOUGH_DATA:
      return "not enough data";
    case CHECKROB_VERDICT_NON_ROBUST:
      return "non-robust";
    case CHECKROB_VERDICT_DOUBTFUL:
      return "doubtful";
    case CHECKROB_VERDICT_ROBUST:
      return "robust";
    case CHECKROB_VERDICT_NOT_SUSPICIOUS:
      return "not suspicious";
  }
  return "";
}

/* ---- the rule ---- */

/* What the interval must lie above for the best verdict, be that "robust" or "not suspicious". */
static double upper_threshold(const checkrob_verdict_rule *rule) {
  return isnan(rule->robust) ? 0.0 : rule->robust;
}

checkrob_status verdict_rule_check(const checkrob_verdict_rule *r) {
  const char *wrong = NULL;
  if (r->min_images < 2 || r->min_images > 1000000)
    wrong = "min_images must be from 2 to 1000000";
  else if (!(r->min_accuracy >= 0.0 && r->min_accuracy <= 1.0))
    wrong = "min_accuracy must be from 0 to 1";
  else if (isinf(r->robust) || !isfinite(r->non_robust))
    wrong = "robust and non_robust must be finite numbers";
  else if (r->non_robust > upper_threshold(r))
    wrong = "non_robust must not be above robust, or above 0 where robust is not set";
  else if (!(r->level > 0.0 && r->level < 1.0))
    wrong = "level must lie between 0 and 1";
  else if (r->resamples < 100 || r->resamples > 1000000 || r->permutations < 99 || r->permutations > 10000000)
    wrong = "resamples must be from 100 to 1000000 and permutations from 99 to 10000000";
  return wrong ? error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the rule of verdicts: %s", wrong) : CHECKROB_OK;
}

checkrob_status checkrob_verdict_rule_check(const checkrob_verdict_rule *rule) {
  if (!rule)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_verdict_rule_check: the rule is NULL");
  checkrob_verdict_rule complete = CHECKROB_VERDICT_RULE_INIT;
  checkrob_status status = structure_take(&complete, sizeof complete, rule);
  return status ? status : verdict_rule_check(&complete);
}

/* The rule's numbers by name. */
static const struct {
  const char *name;
  size_t offset;
  enum { REAL, COUNT, SEED } kind;
} fields[] = {{"min_images", offsetof(checkrob_verdict_rule, min_images), COUNT},
              {"min_accuracy", offsetof(checkrob_verdict_rule, min_accuracy), REAL},
              {"robust", offsetof(checkrob_verdict_rule, robust), REAL},
              {"non_robust", offsetof(checkrob_verdict_rule, non_robust), REAL},
              {"level", offsetof(checkrob_verdict_rule, level), REAL},
              {"resamples", offsetof(checkrob_verdict_rule, resamples), COUNT},
              {"permutations", offsetof(checkrob_verdict_rule, permutations), COUNT},
              {"seed", offsetof(checkrob_verdict_rule, seed), SEED}};

#define FIELD_COUNT (sizeof fields / sizeof *fields)

static bool set_field(checkrob_verdict_rule *rule, size_t field, const char *value) {
  void *place = (char *)rule + fields[field].offset;
  if (fields[field].kind == REAL) return number_parse(place, value);
  int64_t whole = 0;
  if (!number_parse_index(&whole, value)) return false;
  if (fields[field].kind == COUNT)
    *(size_t *)place = (size_t)whole;
  else
    *(uint64_t *)place = (uint64_t)whole;
  return true;
}

checkrob_status checkrob_verdict_rule_set(checkrob_verdict_rule *rule, const char *name, const char *value) {
  if (!rule || !name || !value)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_verdict_rule_set: NULL argument");
  checkrob_verdict_rule changed = CHECKROB_VERDICT_RULE_INIT;
  checkrob_status status = structure_take(&changed, sizeof changed, rule);
  if (status) return status;
  size_t field = 0;
  while (field < FIELD_COUNT && strcmp(fields[field].name, name) != 0) field++;
  if (field == FIELD_COUNT)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "the rule of verdicts has no '%s'; it has min_images, min_accuracy, robust, non_robust, "
                     "level, resamples, permutations and seed",
                     name);
  if (!set_field(&changed, field, value))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "the rule of verdicts: %s '%s' is not a number%s", name,
                     value, fields[field].kind == REAL ? "" : " of digits alone");
  return structure_give(rule, &changed, sizeof changed);
}

/* As short as reads back the same: 0.95 is no 0.94999999999999996. */
static number_text write_real(double value) {
  double back = 0.0;
  for (int digits = 15; digits < 17; digits++) {
    number_text n = number_write(value, digits, true);
    if (number_parse(&back, n.text) && back == value) return n;
  }
  return number_write(value, 17, true);
}

void verdict_rule_write(char text[VERDICT_RULE_TEXT], const checkrob_verdict_rule *rule) {
  *text = '\0';
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    const void *place = (const char *)rule + fields[i].offset;
    if (fields[i].kind == REAL && isnan(*(const double *)place)) continue; /* not set */
    size_t used = strlen(text);
    char *end = text + used;
    number_text value;
    if (fields[i].kind == REAL)
      value = write_real(*(const double *)place);
    else
      snprintf(value.text, sizeof value.text, "%" PRIu64,
               fields[i].kind == COUNT ? (uint64_t) * (const size_t *)place : *(const uint64_t *)place);
    snprintf(end, VERDICT_RULE_TEXT - used, "%s%s=%s", used > 0 ? " " : "", fields[i].name, value.text);
  }
}

void verdict_rule_read(checkrob_verdict_rule *out, const char *text) {
  *out = (checkrob_verdict_rule)CHECKROB_VERDICT_RULE_INIT;
  while (text && *text) {
    char name[32], value[64];
    int used = 0;
    if (sscanf(text, " %31[a-z_]=%63[^ ]%n", name, value, &used) != 2) return;
    checkrob_verdict_rule_set(out, name, value);
    text += used;
  }
}

/* ---- the decision ---- */

/* How many images it would take for the interval to lie on one side of a threshold: widths shrink with the
 * root of their number. NaN between the thresholds: there more images don't help. */
static double images_needed(const checkrob_class_result *c, const checkrob_verdict_rule *rule) {
  double width = (c->robustness_high - c->robustness_low) / 2.0;
  double room = fmax(c->robustness - upper_threshold(rule), rule->non_robust - c->robustness);
  if (!isfinite(width) || !(room > 0.0)) return NAN;
  double needed = ceil((double)c->recognised * (width / room) * (width / room));
  return fmax(needed, (double)rule->min_images);
}

static checkrob_verdict decide(const checkrob_class_result *c, const checkrob_verdict_rule *rule) {
  double upper = upper_threshold(rule);
  bool few = c->images < rule->min_images, hardly = c->recognised < rule->min_images;
  /* Of a class that is recognised well enough, more images would do. */
  if (few || (hardly && c->accuracy >= rule->min_accuracy)) return CHECKROB_VERDICT_NOT_ENOUGH_DATA;
  if (c->recognised < 2) return CHECKROB_VERDICT_DOUBTFUL;
  if (!isfinite(c->robustness_low) || !isfinite(c->robustness_high)) return CHECKROB_VERDICT_NOT_ENOUGH_DATA;
  if (c->robustness_low < rule->non_robust && c->robustness_high > upper)
    return CHECKROB_VERDICT_NOT_ENOUGH_DATA; /* it may be either */
  if (hardly) return CHECKROB_VERDICT_DOUBTFUL;
  if (c->robustness_high < rule->non_robust) return CHECKROB_VERDICT_NON_ROBUST;
  if (!(c->robustness_low > upper && c->accuracy >= rule->min_accuracy)) return CHECKROB_VERDICT_DOUBTFUL;
  return isnan(rule->robust) ? CHECKROB_VERDICT_NOT_SUSPICIOUS : CHECKROB_VERDICT_ROBUST;
}

/* ---- the reason ---- */

/* With so many digits behind the point, as far as that says anything. A reason is kept and exported: it must
 * not change with the program's locale. */
static number_text fixed(double value, int digits) {
  return number_write(value, digits, fabs(value) >= 1e6);
}

static number_text plain(double value) {
  return number_write(value, 9, true);
}

/* "12 %", "under 1 %", or "no known share" where a run was stopped before anything was kept. */
static void percent(char text[16], double share) {
  if (isnan(share))
    snprintf(text, 16, "no known share");
  else if (share > 0.0 && share < 0.005)
    snprintf(text, 16, "under 1 %%");
  else
    snprintf(text, 16, "%.0f %%", 100.0 * share);
}

static void tell_contrast(char text[128], double contrast) {
  const char *where = contrast >= 0.0 ? "there" : "elsewhere";
  if (!isfinite(contrast))
    *text = '\0';
  else if (fabs(contrast) < 0.05)
    snprintf(text, 128, "; the evidence is as strong elsewhere");
  else
    snprintf(text, 128, "; %s the evidence is stronger by %s nats", where,
             fixed(fabs(contrast), fabs(contrast) < 9.95).text);
}

/* What the verdict rests on. */
static char *describe(const checkrob_class_result *c, double level) {
  char accuracy[16], crs[16], area[16], blind[16], object_blind[64] = "", contrast[128], robustness[320] = "";
  percent(accuracy, c->accuracy);
  percent(crs, c->crs);
  percent(area, c->area);
  percent(blind, c->rs0);
  if (!isnan(c->rs0)) snprintf(object_blind, sizeof object_blind, "an object-blind map has %s and ", blind);
  tell_contrast(contrast, c->contrast);
  if (isfinite(c->robustness_low) && isfinite(c->robustness_high))
    snprintf(robustness, sizeof robustness, "; robustness %s (%s %%: %s to %s)", fixed(c->robustness, 2).text,
             plain(100.0 * level).text, fixed(c->robustness_low, 2).text, fixed(c->robustness_high, 2).text);
  return text_format("%s accuracy, %s of the evidence on the object, where %sa flat map has %s%s%s", accuracy,
                     crs, object_blind, area, contrast, robustness);
}

/* Where the interval lies that is clear of neither threshold. */
static void tell_interval(char *text, size_t bytes, const checkrob_class_result *c,
                          const checkrob_verdict_rule *rule) {
  double upper = upper_threshold(rule);
  if (c->robustness_low < rule->non_robust)
    snprintf(text, bytes, "perhaps not below %s: ", plain(rule->non_robust).text);
  else if (c->robustness_high > upper)
    snprintf(text, bytes, "perhaps not above %s: ", plain(upper).text);
  else
    snprintf(text, bytes, "between %s and %s: ", plain(rule->non_robust).text, plain(upper).text);
}

/* Of fewer images than a verdict takes. */
static void tell_recognised(char *text, size_t bytes, const checkrob_class_result *c,
                            const checkrob_verdict_rule *rule) {
  size_t hits = c->accuracy > 0.0 ? (size_t)lround(c->accuracy * (double)c->images) : 0;
  bool overflown = c->recognised < hits; /* the others have no finite contrast */
  size_t used = (size_t)snprintf(text, bytes, "%s in %zu of %zu images",
                                 overflown ? "recognised, by evidence that is a number," : "recognised",
                                 c->recognised, c->images);
  if (c->verdict == CHECKROB_VERDICT_NOT_ENOUGH_DATA)
    snprintf(text + used, bytes - used, ", and a verdict takes %zu: ", rule->min_images);
  else
    snprintf(text + used, bytes - used, ": ");
}

/* What keeps the class from a clear verdict; "" for none. */
static void tell_doubt(char *text, size_t bytes, const checkrob_class_result *c,
                       const checkrob_verdict_rule *rule) {
  *text = '\0';
  if (c->images < rule->min_images)
    snprintf(text, bytes, "%zu images, and a verdict takes %zu: ", c->images, rule->min_images);
  else if (c->recognised < rule->min_images)
    tell_recognised(text, bytes, c, rule);
  else if (c->verdict == CHECKROB_VERDICT_NOT_ENOUGH_DATA && isfinite(c->needed))
    snprintf(text, bytes, "it may be either, and about %.0f recognised images would tell: ", c->needed);
  else if (c->verdict == CHECKROB_VERDICT_DOUBTFUL && c->accuracy < rule->min_accuracy)
    snprintf(text, bytes, "recognised in less than %s %%: ", plain(100.0 * rule->min_accuracy).text);
  else if (c->verdict == CHECKROB_VERDICT_DOUBTFUL && !(c->robustness_low > upper_threshold(rule)))
    tell_interval(text, bytes, c, rule);
}

bool verdict_is_measured(const char *score, const char *reference) {
  return score && reference && strcmp(score, checkrob_score_function_name(CHECKROB_SCORE_LOG_ODDS)) == 0 &&
         strcmp(reference, checkrob_reference_name(CHECKROB_REFERENCE_BLANK)) == 0;
}

/* Where the user set no upper threshold, and 0 was not measured with this contrast: there spurious classes
 * reach beyond it. */
static bool is_unmeasured(const checkrob_class_result *c, const checkrob_verdict_rule *rule, bool measured) {
  return isnan(rule->robust) && c->recognised > 0 && !(measured && isfinite(c->contrast));
}

checkrob_status verdict_decide(checkrob_class_result *c, char **reason, const checkrob_verdict_rule *rule,
                               bool measured) {
  bool unmeasured = is_unmeasured(c, rule, measured);
  c->verdict = decide(c, rule);
  if (unmeasured && c->verdict == CHECKROB_VERDICT_NOT_SUSPICIOUS) c->verdict = CHECKROB_VERDICT_DOUBTFUL;
  c->needed = images_needed(c, rule);
  char doubt[160];
  tell_doubt(doubt, sizeof doubt, c, rule);
  char *basis = c->images > 0 ? describe(c, rule->level) : text_copy("no image could be evaluated");
  const char *warning = unmeasured ? "; the thresholds were not measured with these options" : "";
  *reason = basis ? text_format("%s%s%s", c->images > 0 ? doubt : "", basis, warning) : NULL;
  free(basis);
  return *reason ? CHECKROB_OK : error_memory("a verdict's reason");
}
