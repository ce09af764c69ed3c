/* SPDX-License-Identifier: Apache-2.0 */
#include "html/notes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "html/json_out.h"
#include "results/results.h"

/* The classes, counted. */
typedef struct counts {
  size_t classes, undecided, rare, uncertain, probed, unprobed;
  double hits, images;
} counts;

static counts count_classes(const checkrob_results *results) {
  counts c = {.classes = checkrob_results_class_count(results)};
  for (size_t i = 0; i < c.classes; i++) {
    const checkrob_row *row = checkrob_results_class(results, i);
    const char *code = checkrob_row_text(row, "reason_code");
    c.undecided += strcmp(checkrob_row_text(row, "verdict"), "not enough data") == 0;
    c.rare += strcmp(code, "low_accuracy") == 0 || strcmp(code, "few_recognised") == 0;
    c.uncertain += strncmp(code, "interval_spans", strlen("interval_spans")) == 0 ||
                   strcmp(code, "suspicion_spans") == 0 || strcmp(code, "may_depend") == 0;
    bool probed = checkrob_row_has(row, "suspicion_low");
    c.probed += probed;
    c.unprobed += !probed && checkrob_row_integer(row, "recognised") > 0;
    if (!checkrob_row_has(row, "acc")) continue;
    c.images += checkrob_row_number(row, "images");
    c.hits += checkrob_row_number(row, "acc") * checkrob_row_number(row, "images");
  }
  return c;
}

__attribute__((format(printf, 2, 3))) static void say(json_t *notes, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json_array_append_new(notes, json_text(text));
}

static const char *option(const checkrob_results *results, const char *name) {
  const char *value = checkrob_results_option(results, name);
  return value ? value : "";
}

static void say_about_run(json_t *notes, const checkrob_results *results) {
  if (*option(results, "shard"))
    say(notes, "These are the results of shard %s alone. Merge the shards to see all classes.",
        option(results, "shard"));
  if (!checkrob_results_complete(results))
    say(notes,
        "The results are not complete: the run was interrupted, is still executing, or shards are missing. "
        "Verdicts may change.");
  const checkrob_row *totals = checkrob_results_totals(results);
  long long failed = (long long)checkrob_row_integer(totals, "failed"),
            empty = (long long)checkrob_row_integer(totals, "empty_maps");
  if (failed > 0)
    say(notes, "%lld sample%s could not be evaluated and %s in no mean: see the list of failures.", failed,
        failed == 1 ? "" : "s", failed == 1 ? "is" : "are");
  if (empty > 0)
    say(notes, "%lld sample%s an empty saliency map: nothing at the layer speaks for the class. It scores 0.",
        empty, empty == 1 ? " has" : "s have");
}

static void say_about_verdicts(json_t *notes, const checkrob_results *results, const counts *c) {
  bool own = *option(results, "verdict_robust") != '\0';
  if (c->undecided > 0)
    say(notes, "Of %zu of the %zu classes there are too few recognised images for a verdict.", c->undecided,
        c->classes);
  if (c->uncertain > 0)
    say(notes, "The interval of %zu class%s contains a threshold: more images would decide.", c->uncertain,
        c->uncertain == 1 ? "" : "es");
  if (c->rare > 0)
    say(notes, "%zu class%s seldom recognised: the recognised images say little.", c->rare,
        c->rare == 1 ? " is" : "es are");
  if (!results->rule.measured && !own && c->unprobed > 0)
    say(notes,
        "The thresholds of the robustness were measured with the method Grad-CAM++, the score log-odds, the "
        "blank reference and one layer. These results have others: compare classes with each other.");
  if (own)
    say(notes, "The threshold of the verdict robust was set by the user: %s.",
        option(results, "verdict_robust"));
}

static void say_about_method(json_t *notes, const counts *c) {
  if (c->images >= 10.0 && c->hits < 0.5 * c->images)
    say(notes,
        "Only %.0f %% of the samples are recognised. If the model is known to be better, its preprocessing "
        "or the indices of the class map are wrong, and this report says nothing.",
        100.0 * c->hits / c->images);
  if (c->unprobed > 0)
    say(notes,
        "%s judged by the saliency alone, which is a correlation. Not suspicious does not mean robust: on "
        "real photos 37 %% of the classes that were recognised by a planted cue were not suspicious "
        "(AUROC 0.67). Probes ask the network itself.",
        c->probed > 0 ? "Some classes are" : "The classes are");
  if (c->probed > 0)
    say(notes,
        "Probes miss some cues, and find some in classes in which nothing was planted: on worlds of real "
        "photos that they were not tuned on, 11 %% of the classes with a planted cue had no dependence "
        "found, "
        "and 5 %% of 120 classes of worlds without any cue were non-robust.");
  say(notes,
      "The CRS grows with the object's size. The map is coarse: a part of a small object's saliency lies "
      "outside its box. A box is no outline: background inside it counts as object.");
}

json_t *notes_about(const checkrob_results *results) {
  json_t *notes = json_array();
  const counts c = count_classes(results);
  say_about_run(notes, results);
  say_about_verdicts(notes, results, &c);
  say_about_method(notes, &c);
  return notes;
}
