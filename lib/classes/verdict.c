/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/verdict.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/named.h"
#include "base/number.h"
#include "base/text.h"

static const column declared[] = {
    {"needed", CHECKROB_COLUMN_NUMBER, "samples", 2, INFINITY, 6, 0,
     "estimated number of recognised samples for an interval on one side of the thresholds, at least the "
     "option `verdict_min_images`; empty between the thresholds"},
    {"verdict", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
     "of a class with a suspicion `non-robust`, `doubtful`, `no dependence found` or `not enough data`; of "
     "others `doubtful`, `not suspicious` or `not enough data`, and `robust` instead of `not suspicious` if "
     "the option `verdict_robust` is set"},
    {"reason_code", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "reason for the verdict, as a word for programs"},
    {"reason", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
     "reason for the verdict, as text for users, with the numbers that it depends on"}};

const column_list class_verdict_columns = {declared, sizeof declared / sizeof *declared};

static const named_value verdicts[] = {{CHECKROB_VERDICT_NOT_ENOUGH_DATA, "not enough data"},
                                       {CHECKROB_VERDICT_NON_ROBUST, "non-robust"},
                                       {CHECKROB_VERDICT_DOUBTFUL, "doubtful"},
                                       {CHECKROB_VERDICT_ROBUST, "robust"},
                                       {CHECKROB_VERDICT_NOT_SUSPICIOUS, "not suspicious"},
                                       {CHECKROB_VERDICT_NO_DEPENDENCE_FOUND, "no dependence found"}};

#define VERDICT_COUNT (sizeof verdicts / sizeof *verdicts)

const char *checkrob_verdict_name(checkrob_verdict verdict) {
  const char *name = named_name(verdicts, VERDICT_COUNT, (int)verdict);
  return name ? name : "";
}

checkrob_status checkrob_verdict_find(checkrob_verdict *out, const char *name) {
  int found = 0;
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_verdict_find: NULL argument");
  if (!named_find(&found, verdicts, VERDICT_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "there is no verdict '%s'; the verdicts are not enough data, non-robust, doubtful, "
                     "robust, not suspicious and no dependence found",
                     name);
  *out = (checkrob_verdict)found;
  return CHECKROB_OK;
}

/* ---- reasons ---- */

typedef enum reason {
  NO_IMAGES,
  FEW_IMAGES,
  FEW_RECOGNISED,
  LOW_ACCURACY,
  NOT_DISTINGUISHED,
  NO_INTERVAL,
  INTERVAL_SPANS,
  INTERVAL_SPANS_LOWER,
  INTERVAL_SPANS_UPPER,
  BETWEEN_THRESHOLDS,
  BELOW_THRESHOLD,
  STRONGER_ELSEWHERE,
  ABOVE_THRESHOLD,
  NOT_MEASURED,
  DEPENDS_OFF_OBJECT,
  MAY_DEPEND,
  SUSPICION_SPANS,
  SALIENCY_OFF_OBJECT,
  NO_DEPENDENCE,
  NO_SURROUNDINGS,
  OFTEN_ELSEWHERE,
  NETWORK_AT_CHANCE,
  ONE_CLASS,
  REASONS
} reason;

/* docs/files.md lists these. */
static const struct {
  const char *code, *description;
} reasons[REASONS] = {
    [NO_IMAGES] = {"no_images", "no sample of the class could be evaluated"},
    [FEW_IMAGES] = {"few_images", "fewer samples than `verdict_min_images` could be evaluated"},
    [FEW_RECOGNISED] = {"few_recognised",
                        "the model recognises the class, but in fewer samples than `verdict_min_images`"},
    [LOW_ACCURACY] = {"low_accuracy",
                      "the accuracy is below `verdict_min_accuracy`: if a class is seldom recognised, "
                      "the recognised samples say little about it"},
    [NOT_DISTINGUISHED] =
        {"not_distinguished",
         "the class is not predicted certainly more often in its own samples than in those of "
         "other classes: a network that always answers the same has this accuracy too"},
    [NO_INTERVAL] = {"no_interval", "the robustness has no interval"},
    [INTERVAL_SPANS] = {"interval_spans",
                        "the interval of the robustness contains both thresholds: more images would narrow "
                        "it"},
    [INTERVAL_SPANS_LOWER] =
        {"interval_spans_lower",
         "the interval contains `verdict_off_object`: the saliency may be off the object"},
    [INTERVAL_SPANS_UPPER] = {"interval_spans_upper",
                              "the interval contains the upper threshold: `verdict_robust`, or 0 if that is "
                              "not set"},
    [BETWEEN_THRESHOLDS] = {"between_thresholds", "the interval is between the thresholds"},
    [BELOW_THRESHOLD] = {"below_threshold",
                         "the interval is below `verdict_off_object`, but no probe shows that the class "
                         "depends on what is off the object"},
    [STRONGER_ELSEWHERE] = {"stronger_elsewhere",
                            "the contrast is negative on average or in most of the recognised samples: the "
                            "positive attribution is stronger off the object"},
    [ABOVE_THRESHOLD] = {"above_threshold", "the interval is above the upper threshold"},
    [NOT_MEASURED] = {"not_measured",
                      "the interval is above 0, but the thresholds were not measured with these "
                      "options, and `verdict_robust` is not set"},
    [DEPENDS_OFF_OBJECT] = {"depends_off_object",
                            "the interval of the suspicion is above `verdict_suspicion`: probes show that "
                            "the class depends on what is off the object"},
    [SUSPICION_SPANS] =
        {"suspicion_spans",
         "the interval of the suspicion contains 0 and `verdict_suspicion`: more images would "
         "narrow it"},
    [MAY_DEPEND] = {"may_depend", "the interval of the suspicion contains `verdict_suspicion`"},
    [SALIENCY_OFF_OBJECT] = {"saliency_off_object",
                             "the probes found no dependence, but the interval of the robustness is below "
                             "`verdict_off_object`"},
    [NO_DEPENDENCE] = {"no_dependence", "the interval of the suspicion is below `verdict_suspicion`"},
    [NO_SURROUNDINGS] = {"no_surroundings",
                         "the object covers more than 95 % of the images on average: nothing off it can be "
                         "examined"},
    [OFTEN_ELSEWHERE] = {"often_elsewhere",
                         "nothing speaks against the class, but it is predicted in samples of other classes "
                         "more than half as often as in its own"},
    [NETWORK_AT_CHANCE] =
        {"network_at_chance",
         "nothing speaks against the class, but over all classes of the data the network is "
         "hardly more often right than by chance: on average a class is predicted in its own "
         "samples by less than 0.2 more often than in others"},
    [ONE_CLASS] = {
        "one_class",
        "nothing speaks against the class, but the data have no samples of other classes: a network "
        "that always answers the same would look like this"}};

size_t checkrob_verdict_reason_count(void) {
  return REASONS;
}

const char *checkrob_verdict_reason_code(size_t i) {
  return i < REASONS ? reasons[i].code : NULL;
}

const char *checkrob_verdict_reason_description(size_t i) {
  return i < REASONS ? reasons[i].description : NULL;
}

/* ---- the decision ---- */

/* The columns of the class that the verdict depends on. */
typedef struct class_numbers {
  size_t images, recognised, negative; /* negative: with a negative contrast */
  double accuracy, predicted, predicted_elsewhere, crs, area, rs0, contrast, robustness, low, high;
  double needed; /* see images_needed() */
  bool is_probed;
  size_t probed; /* with all that the suspicion needs */
  double suspicion, suspicion_low, suspicion_high;
  double context, object, blur, hot_spot, colour; /* parts of the suspicion */
  const char *looked_at, *features;               /* what else; "" for nothing */
} class_numbers;

typedef struct decision {
  checkrob_verdict verdict;
  reason why;
} decision;

static size_t count_of(const checkrob_row *row, const char *name) {
  int64_t value = checkrob_row_integer(row, name);
  return value > 0 ? (size_t)value : 0;
}

static class_numbers numbers_of(const checkrob_row *row) {
  return (class_numbers){.images = count_of(row, "images"),
                         .recognised = count_of(row, "recognised"),
                         .negative = count_of(row, "contrast_negative"),
                         .accuracy = checkrob_row_number(row, "acc"),
                         .predicted = checkrob_row_number(row, "predicted"),
                         .predicted_elsewhere = checkrob_row_number(row, "predicted_elsewhere"),
                         .crs = checkrob_row_number(row, "crs"),
                         .area = checkrob_row_number(row, "area"),
                         .rs0 = checkrob_row_number(row, "rs0"),
                         .contrast = checkrob_row_number(row, "contrast"),
                         .robustness = checkrob_row_number(row, "robustness"),
                         .low = checkrob_row_number(row, "robustness_low"),
                         .high = checkrob_row_number(row, "robustness_high"),
                         .is_probed = checkrob_row_has(row, "probed"),
                         .probed = count_of(row, "probed"),
                         .suspicion = checkrob_row_number(row, "suspicion"),
                         .suspicion_low = checkrob_row_number(row, "suspicion_low"),
                         .suspicion_high = checkrob_row_number(row, "suspicion_high"),
                         .context = checkrob_row_number(row, "context_evidence"),
                         .object = checkrob_row_number(row, "object_evidence"),
                         .blur = checkrob_row_number(row, "drawn_by_blur"),
                         .hot_spot = checkrob_row_number(row, "hot_spot_loss"),
                         .colour = checkrob_row_number(row, "colour_loss"),
                         .looked_at = checkrob_row_text(row, "looked_at"),
                         .features = checkrob_row_text(row, "features")};
}

/* The best verdict, "robust" or "not suspicious", needs an interval above this. */
static double upper_threshold(const verdict_rule *rule) {
  return isnan(rule->robust) ? 0.0 : rule->robust;
}

static bool is_judged_by_probes(const class_numbers *c, const verdict_rule *rule) {
  return c->recognised >= rule->min_images && isfinite(c->suspicion_low);
}

/* The number of images for an interval on one side of a threshold. The width is proportional to 1 /
 * sqrt(images). NaN between the thresholds, where more images do not help. */
static double images_needed(const class_numbers *c, const verdict_rule *rule) {
  bool by_probes = is_judged_by_probes(c, rule);
  double width = by_probes ? (c->suspicion_high - c->suspicion_low) / 2.0 : (c->high - c->low) / 2.0;
  double room = by_probes ? fabs(c->suspicion - rule->suspicion)
                          : fmax(c->robustness - upper_threshold(rule), rule->off_object - c->robustness);
  if (!isfinite(width) || !(room > 0.0)) return NAN;
  double needed = ceil((double)c->recognised * (width / room) * (width / room));
  return fmax(needed, (double)rule->min_images);
}

/* The user set no upper threshold, and 0 was not measured with this contrast: robustness values of spurious
 * classes may then be above 0. */
static bool is_unmeasured(const class_numbers *c, const verdict_rule *rule) {
  return isnan(rule->robust) && c->recognised > 0 && !(rule->measured && isfinite(c->contrast));
}

/* For an interval between the thresholds, or one that contains one of them. */
static reason where_interval_lies(const class_numbers *c, const verdict_rule *rule) {
  if (c->low < rule->off_object) return INTERVAL_SPANS_LOWER;
  return c->high > upper_threshold(rule) ? INTERVAL_SPANS_UPPER : BETWEEN_THRESHOLDS;
}

/* Whether the share of the class's own samples that are predicted as the class is above that of the others'
 * by less than two standard errors. False if there are no others. */
static bool is_not_distinguished(const class_numbers *c) {
  if (isnan(c->predicted) || isnan(c->predicted_elsewhere)) return false;
  double error = sqrt(c->predicted_elsewhere * (1.0 - c->predicted_elsewhere) / (double)c->images);
  return c->predicted <= c->predicted_elsewhere + 2.0 * error;
}

/* Of a class with enough recognised samples. The probes show what the model needs; the saliency alone
 * convicts nobody. */
static decision decide_by_probes(const class_numbers *c, const verdict_rule *rule) {
  if (c->suspicion_low > rule->suspicion) return (decision){CHECKROB_VERDICT_NON_ROBUST, DEPENDS_OFF_OBJECT};
  if (!(c->accuracy >= rule->min_accuracy)) return (decision){CHECKROB_VERDICT_DOUBTFUL, LOW_ACCURACY};
  if (c->suspicion_low < fmin(0.0, rule->suspicion) && c->suspicion_high > fmax(0.0, rule->suspicion))
    return (decision){CHECKROB_VERDICT_NOT_ENOUGH_DATA, SUSPICION_SPANS};
  if (!(c->suspicion_high < rule->suspicion)) return (decision){CHECKROB_VERDICT_DOUBTFUL, MAY_DEPEND};
  if (c->high < rule->off_object) return (decision){CHECKROB_VERDICT_DOUBTFUL, SALIENCY_OFF_OBJECT};
  return (decision){CHECKROB_VERDICT_NO_DEPENDENCE_FOUND, NO_DEPENDENCE};
}

static decision decide_from_class(const class_numbers *c, const verdict_rule *rule) {
  const checkrob_verdict not_enough = CHECKROB_VERDICT_NOT_ENOUGH_DATA, doubtful = CHECKROB_VERDICT_DOUBTFUL;
  double upper = upper_threshold(rule);
  bool hardly = c->recognised < rule->min_images, accurate = c->accuracy >= rule->min_accuracy;
  if (c->images == 0) return (decision){not_enough, NO_IMAGES};
  if (c->images < rule->min_images) return (decision){not_enough, FEW_IMAGES};
  /* The class is recognised often enough: more images would decide. */
  if (hardly && accurate) return (decision){not_enough, FEW_RECOGNISED};
  if (c->recognised < 2) return (decision){doubtful, LOW_ACCURACY};
  if (is_not_distinguished(c)) return (decision){doubtful, NOT_DISTINGUISHED};
  if (c->area > 0.95) return (decision){doubtful, NO_SURROUNDINGS};
  if (is_judged_by_probes(c, rule)) return decide_by_probes(c, rule);
  if (!isfinite(c->low) || !isfinite(c->high))
    return (decision){not_enough, hardly ? FEW_RECOGNISED : NO_INTERVAL};
  if (c->low < rule->off_object && c->high > upper) /* contains both thresholds */
    return (decision){not_enough, hardly ? FEW_RECOGNISED : INTERVAL_SPANS};
  if (hardly) return (decision){doubtful, LOW_ACCURACY};
  if (c->high < rule->off_object) return (decision){doubtful, BELOW_THRESHOLD};
  if (!accurate) return (decision){doubtful, LOW_ACCURACY};
  if (!(c->low > upper)) return (decision){doubtful, where_interval_lies(c, rule)};
  if (c->contrast < 0.0 || 2 * c->negative > c->recognised) return (decision){doubtful, STRONGER_ELSEWHERE};
  if (is_unmeasured(c, rule)) return (decision){doubtful, NOT_MEASURED};
  return (decision){isnan(rule->robust) ? CHECKROB_VERDICT_NOT_SUSPICIOUS : CHECKROB_VERDICT_ROBUST,
                    ABOVE_THRESHOLD};
}

/* ---- networks that know nothing ---- */

network_numbers network_numbers_of(checkrob_row *const *classes, size_t count) {
  network_numbers network = {0};
  for (size_t i = 0; i < count; i++) {
    if (count_of(classes[i], "images") == 0) continue;
    network.predicted += checkrob_row_number(classes[i], "predicted");
    network.elsewhere += checkrob_row_number(classes[i], "predicted_elsewhere");
    network.classes++;
  }
  network.predicted /= (double)network.classes;
  network.elsewhere /= (double)network.classes;
  return network;
}

/* How much more often a class is predicted in its own samples than in others: 0 for a network that guesses or
 * always answers the same, 1 for one that is always right. For classes of equal size it is Cohen's kappa.
 * Random networks have up to about 0.1, because any features tell something. */
#define LEAST_DIFFERENCE 0.2

static bool is_at_chance(const network_numbers *network) {
  return network->predicted - network->elsewhere < LEAST_DIFFERENCE;
}

static bool is_good(checkrob_verdict verdict) {
  return verdict == CHECKROB_VERDICT_ROBUST || verdict == CHECKROB_VERDICT_NOT_SUSPICIOUS ||
         verdict == CHECKROB_VERDICT_NO_DEPENDENCE_FOUND;
}

/* Saliency, contrast and probes examine the samples that are recognised. A network that answers at random
 * recognises some too, and looks at something in them. */
static decision decide(const class_numbers *c, const network_numbers *network, const verdict_rule *rule) {
  decision d = decide_from_class(c, rule);
  if (!is_good(d.verdict)) return d;
  if (network && network->classes == 1) return (decision){CHECKROB_VERDICT_DOUBTFUL, ONE_CLASS};
  if (network && is_at_chance(network)) return (decision){CHECKROB_VERDICT_DOUBTFUL, NETWORK_AT_CHANCE};
  if (2.0 * c->predicted_elsewhere > c->predicted)
    return (decision){CHECKROB_VERDICT_DOUBTFUL, OFTEN_ELSEWHERE};
  return d;
}

/* ---- the reason as text ---- */

/* With this number of decimals, unless the number is too large for them. A reason is stored and exported, so
 * it must not depend on the program's locale. */
static number_text fixed(double value, int digits) {
  return number_write(value, digits, fabs(value) >= 1e6);
}

static number_text plain(double value) {
  return number_write(value, 9, true);
}

/* "12 %", "under 1 %", or "no known share" if a run was stopped before any row was stored. */
static void percent(char text[16], double share) {
  if (isnan(share))
    snprintf(text, 16, "no known share");
  else if (share > 0.0 && share < 0.005)
    snprintf(text, 16, "under 1 %%");
  else
    snprintf(text, 16, "%.0f %%", 100.0 * share);
}

static void write_contrast(char text[128], double contrast) {
  const char *where = contrast >= 0.0 ? "on the object" : "elsewhere";
  if (!isfinite(contrast))
    *text = '\0';
  else if (fabs(contrast) < 0.05)
    snprintf(text, 128, "; positive attribution equal on the object and elsewhere");
  else
    snprintf(text, 128, "; positive attribution stronger %s by %s nats", where,
             fixed(fabs(contrast), fabs(contrast) < 9.95).text);
}

/* "suspicion 0.90 (95 %: 0.71 to 1.09); ", or "". */
static void write_suspicion(char text[320], const class_numbers *c, double level) {
  *text = '\0';
  if (isfinite(c->suspicion_low))
    snprintf(text, 320, "suspicion %s (%s %%: %s to %s); ", fixed(c->suspicion, 2).text,
             plain(100.0 * level).text, fixed(c->suspicion_low, 2).text, fixed(c->suspicion_high, 2).text);
}

/* What speaks most against a probed class. */
static const char *strongest_part(const class_numbers *c) {
  static const char *const words[] = {"its surroundings make the network see it, whatever object is in them",
                                      "images of other classes resemble it when their background is blurred",
                                      "it needs the hottest place off its object more than that on it",
                                      "it needs the colour of its surroundings"};
  const double parts[] = {c->context - c->object / 2.0, c->blur, 1.5 * c->hot_spot, 0.75 * c->colour};
  size_t strongest = 0;
  for (size_t i = 1; i < sizeof parts / sizeof *parts; i++)
    if (parts[i] > parts[strongest]) strongest = i;
  return words[strongest];
}

/* The numbers that the verdict depends on. */
static char *describe(const class_numbers *c, double level) {
  char suspicion[320];
  write_suspicion(suspicion, c, level);
  char accuracy[16], crs[16], area[16], blind[16], object_blind[64] = "", contrast[128], robustness[320] = "";
  percent(accuracy, c->accuracy);
  percent(crs, c->crs);
  percent(area, c->area);
  percent(blind, c->rs0);
  if (!isnan(c->rs0)) snprintf(object_blind, sizeof object_blind, "object-blind map: %s, ", blind);
  write_contrast(contrast, c->contrast);
  if (isfinite(c->low) && isfinite(c->high))
    snprintf(robustness, sizeof robustness, "; robustness %s (%s %%: %s to %s)", fixed(c->robustness, 2).text,
             plain(100.0 * level).text, fixed(c->low, 2).text, fixed(c->high, 2).text);
  return text_format("%saccuracy %s, %s of the saliency on the object (%sflat map: %s)%s%s", suspicion,
                     accuracy, crs, object_blind, area, contrast, robustness);
}

/* Too few recognised images for a verdict, or for a better one. */
static void write_recognised(char *text, size_t bytes, const class_numbers *c, const verdict_rule *rule,
                             bool enough) {
  size_t hits = c->accuracy > 0.0 ? (size_t)lround(c->accuracy * (double)c->images) : 0;
  bool overflown = c->recognised < hits; /* the others have no finite contrast */
  const char *how = overflown ? " with a finite contrast" : "";
  if (enough)
    snprintf(text, bytes, "%zu of %zu images recognised%s: ", c->recognised, c->images, how);
  else
    snprintf(text, bytes, "%zu of %zu images recognised%s, but a verdict needs %zu: ", c->recognised,
             c->images, how, rule->min_images);
}

/* The text before the numbers: what prevents a clear verdict; "" for nothing. */
static void write_reason(char *text, size_t bytes, reason why, const class_numbers *c,
                         const network_numbers *network, const verdict_rule *rule) {
  number_text lower = plain(rule->off_object), upper = plain(upper_threshold(rule));
  *text = '\0';
  switch (why) {
    case FEW_IMAGES:
      snprintf(text, bytes, "%zu images, but a verdict needs %zu: ", c->images, rule->min_images);
      return;
    case FEW_RECOGNISED:
      write_recognised(text, bytes, c, rule, false);
      return;
    case LOW_ACCURACY:
      if (c->recognised < rule->min_images)
        write_recognised(text, bytes, c, rule, true);
      else
        snprintf(text, bytes,
                 "less than %s %% of the images recognised: ", plain(100.0 * rule->min_accuracy).text);
      return;
    case INTERVAL_SPANS:
      if (isfinite(c->needed))
        snprintf(text, bytes,
                 "the interval contains %s and %s, and about %.0f recognised images would decide: ",
                 lower.text, upper.text, c->needed);
      return;
    case INTERVAL_SPANS_LOWER:
      snprintf(text, bytes, "the interval contains %s: ", lower.text);
      return;
    case INTERVAL_SPANS_UPPER:
      snprintf(text, bytes, "the interval contains %s: ", upper.text);
      return;
    case OFTEN_ELSEWHERE:
    case NOT_DISTINGUISHED:
      snprintf(text, bytes,
               "predicted in %.0f %% of its own images and in %.0f %% of the others': ", 100.0 * c->predicted,
               100.0 * c->predicted_elsewhere);
      return;
    case DEPENDS_OFF_OBJECT:
      snprintf(text, bytes, "%s: ", strongest_part(c));
      return;
    case NO_SURROUNDINGS:
      snprintf(text, bytes, "the object covers nearly all of the images: ");
      return;
    case SUSPICION_SPANS:
    case MAY_DEPEND:
      if (isfinite(c->needed))
        snprintf(text, bytes,
                 "the interval of the suspicion contains %s, and about %.0f recognised images would decide: ",
                 plain(rule->suspicion).text, c->needed);
      return;
    case SALIENCY_OFF_OBJECT:
      snprintf(text, bytes, "no dependence found, but the saliency is off the object: ");
      return;
    case BELOW_THRESHOLD:
      snprintf(text, bytes, "the saliency is off the object, without evidence of cause: ");
      return;
    case STRONGER_ELSEWHERE:
      if (c->contrast < 0.0)
        snprintf(text, bytes, "the positive attribution is stronger off the object: ");
      else
        snprintf(text, bytes,
                 "the positive attribution is stronger off the object in %zu of %zu recognised images: ",
                 c->negative, c->recognised);
      return;
    case NETWORK_AT_CHANCE:
      snprintf(
          text, bytes,
          "the network hardly knows the %zu classes: one is predicted in %.0f %% of its own images and in "
          "%.0f %% of the others': ",
          network->classes, 100.0 * network->predicted, 100.0 * network->elsewhere);
      return;
    case ONE_CLASS:
      snprintf(text, bytes,
               "the data have no images of other classes, so nothing shows that the network tells "
               "them apart: ");
      return;
    case BETWEEN_THRESHOLDS:
      snprintf(text, bytes, "the interval is between %s and %s: ", lower.text, upper.text);
      return;
    default:
      return; /* the numbers are the reason */
  }
}

/* The caller frees. */
static char *make_reason(reason why, const class_numbers *c, const network_numbers *network,
                         const verdict_rule *rule) {
  if (why == NO_IMAGES) return text_copy("no image could be evaluated");
  char before[320];
  write_reason(before, sizeof before, why, c, network, rule);
  char *numbers = describe(c, rule->level);
  /* The hot spots depend on the method. */
  bool unmeasured = is_judged_by_probes(c, rule) ? !rule->measured : is_unmeasured(c, rule);
  char few[96] = "";
  if (c->is_probed && !is_judged_by_probes(c, rule))
    snprintf(few, sizeof few, "; not judged by probes: %zu of %zu recognised images have them", c->probed,
             c->recognised);
  const char *warning = unmeasured ? "; the thresholds were not measured with these options" : "";
  bool looked = c->looked_at && *c->looked_at, featured = c->features && *c->features;
  char *text = numbers ? text_format("%s%s%s%s%s%s%s%s", before, numbers, looked ? "; also looked at: " : "",
                                     looked ? c->looked_at : "", featured ? "; " : "",
                                     featured ? c->features : "", few, warning)
                       : NULL;
  free(numbers);
  return text;
}

checkrob_status verdict_decide(checkrob_row *row, const network_numbers *network, const verdict_rule *rule) {
  class_numbers c = numbers_of(row);
  c.needed = images_needed(&c, rule);
  decision d = decide(&c, network, rule);
  char *text = make_reason(d.why, &c, network, rule);
  checkrob_status status = text ? row_put_text(row, "reason", text) : error_memory("a verdict's reason");
  free(text);
  row_put_number(row, "needed", c.needed);
  if (!status) status = row_put_text(row, "verdict", checkrob_verdict_name(d.verdict));
  return status ? status : row_put_text(row, "reason_code", reasons[d.why].code);
}
