/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/advice.h"

#include <checkrob/verdict.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "classes/advice_samples.h"
#include "classes/refit.h"
#include "classes/statistics.h"

/* ---- declarations ---- */

typedef enum advice_kind { ELSEWHERE, OTHERS, DROP, UNIQUE, MORE, KINDS } advice_kind;
static const char *const kind_names[KINDS] = {"elsewhere", "others", "drop", "duplicates", "more"};

enum {
  CLASS,
  INDEX,
  TITLE,
  KIND,
  IMAGES,
  SHARE,
  WITH,
  CUE,
  OUTCOME,
  TESTED,
  FOUND,
  FOUND_WITH,
  FOOLED,
  FOOLED_WITH,
  ACCURACY,
  ACCURACY_WITH,
  OTHERS_ACCURACY,
  OTHERS_ACCURACY_WITH,
  MODEL_ACCURACY,
  P,
  Q,
  COLUMNS
};

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT
#define IS_SHARE NUMBER, "", 0, 1, 6, 0

static const column declared[COLUMNS] = {
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class"},
    [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
    [KIND] =
        {"kind", TEXT, "", 0, 0, 0, 0,
         "`elsewhere`: add images of the class in the surroundings of others; `others`: add images of "
         "other classes in its surroundings, with its cue; `drop`: drop its images that the model "
         "recognises without the object (`surroundings_rank` 1 in `images.csv`); `duplicates`: of images "
         "with almost the same surroundings keep one (`duplicates.csv`); `more`: its images are too few "
         "for a verdict"},
    [IMAGES] = {"images", INTEGER, "images", 0, INFINITY, 0, 0,
                "how many to add or drop, for as many images of the class as were scored"},
    [SHARE] = {"share", NUMBER, "", 0, INFINITY, 6, 0, "the same as a share of the class's images"},
    [WITH] = {"with", TEXT, "", 0, 0, 0, 0,
              "the classes whose surroundings, or whose objects, go wrong most often, at most three; empty "
              "for other kinds"},
    [CUE] = {"cue", TEXT, "", 0, 0, 0, 0,
             "what is known about the cue: the strongest spurious feature, what else the model looks at, and "
             "what in the data predicts the class"},
    [OUTCOME] =
        {"outcome", TEXT, "", 0, 0, 0, 0,
         "of the fitted layers: `helps` (`q` at most 0.05, and `found` rises and `fooled` falls by 0.1 "
         "together at least), `costs accuracy` (the same, but an accuracy falls by more than 0.05), "
         "`no gain shown` (they change by less), or `not enough data to say`; empty for `more`"},
    [TESTED] = {"tested", INTEGER, "images", 0, INFINITY, 0, 0,
                "pasted images of the class that a layer was asked about and not fitted to"},
    [FOUND] = {"found", IS_SHARE,
               "of those that show its object in others' surroundings, the share that a layer without the "
               "advice takes for the class"},
    [FOUND_WITH] = {"found_with", IS_SHARE, "the same with the advice"},
    [FOOLED] = {"fooled", IS_SHARE,
                "of those that show another class's object in its surroundings, the share that a layer "
                "without the advice takes for the class"},
    [FOOLED_WITH] = {"fooled_with", IS_SHARE, "the same with the advice"},
    [ACCURACY] = {"accuracy", IS_SHARE, "the same of the class's own images, as they are"},
    [ACCURACY_WITH] = {"accuracy_with", IS_SHARE, "the same with the advice"},
    [OTHERS_ACCURACY] = {"others_accuracy", IS_SHARE, "`accuracy` of the other classes, their mean"},
    [OTHERS_ACCURACY_WITH] = {"others_accuracy_with", IS_SHARE, "the same with the advice"},
    [MODEL_ACCURACY] = {"model_accuracy", IS_SHARE,
                        "share of the same images that the model itself takes for the class; if `accuracy` "
                        "is far below it, the fitted layers say little about the model"},
    [P] = {"p", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
           "of so many pasted images that go right with the advice and not without, rather than the other "
           "way round, by chance: sign test, one-sided; with all pasted images that there are, whatever "
           "`images` says"},
    [Q] = {"q", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT, "`p` adjusted for the number of rows"}};

const column_list advice_columns = {declared, COLUMNS};

checkrob_status advice_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, ADVICE_TABLE, &advice_columns, 1, NULL, 0);
}

/* ---- variants of the data ---- */

/* Of all pasted images of a class, the share that is added, in quarters. */
typedef struct variant {
  advice_kind kind; /* KINDS: without advice */
  size_t quarters;
} variant;

static const variant variants[] = {{KINDS, 0},  {ELSEWHERE, 1}, {ELSEWHERE, 2}, {ELSEWHERE, 4}, {OTHERS, 1},
                                   {OTHERS, 2}, {OTHERS, 4},    {DROP, 4},      {UNIQUE, 4}};
#define VARIANTS (sizeof variants / sizeof variants[0])

/* What a fitted layer says about a sample: bits. */
enum { RIGHT = 1, OBJECT_FOUND = 2, IS_FOOLED = 4 };

#define FIRST_STEPS 200  /* of a fit */
#define FURTHER_STEPS 60 /* of one that starts from the layer without advice */
#define FEWEST_TESTED 10
#define LARGEST_Q 0.05
#define LEAST_GAIN 0.1 /* a smaller one is not worth the images */
#define MOST_COST 0.05
#define MOST_BELOW_MODEL 0.15 /* a layer that is worse says nothing about the model */
#define ENOUGH 0.8            /* of the gain of the whole advice: smaller advice will do */
#define FEWEST_LEFT 5         /* images of a class, in each fold, when others are dropped */

typedef struct advising {
  const advice_samples *samples;
  const atomic_int *interrupted;
  bool wanted[ADVICE_CLASSES];            /* advice is wanted for the class */
  bool may_drop[ADVICE_CLASSES];          /* enough images are left */
  size_t *turn_of_object, *turn_of_label; /* [samples]: of its pasted image, among those of the class */
  unsigned char *answers[VARIANTS];       /* [samples] */
  size_t all[ADVICE_CLASSES], right[VARIANTS][ADVICE_CLASSES];
  const float **rows; /* [2 samples], of one fit */
  size_t *labels;
} advising;

static bool is_pasted(const advice_sample *s) {
  return s->pasted && s->object != ADVICE_NONE && !s->is_apart;
}

static bool is_dropped(const advising *a, const advice_sample *s, const variant *v) {
  if (v->kind == DROP) return a->may_drop[s->label] && s->recognised_without;
  return v->kind == UNIQUE && a->wanted[s->label] && s->is_repeated;
}

static bool is_added(const advising *a, size_t i, const variant *v) {
  const advice_sample *s = &a->samples->items[i];
  if (!is_pasted(s)) return false;
  if (v->kind == ELSEWHERE) return a->wanted[s->object] && a->turn_of_object[i] % 4 < v->quarters;
  return v->kind == OTHERS && a->wanted[s->label] && a->turn_of_label[i] % 4 < v->quarters;
}

/* The numbers of the samples that change: of a class and a kind, how many of how many. */
static void count_changed(size_t *changed, size_t *all, const advising *a, const variant *v, size_t label) {
  *changed = *all = 0;
  for (size_t i = 0; i < a->samples->count; i++) {
    const advice_sample *s = &a->samples->items[i];
    *all += s->label == label;
    size_t of = v->kind == ELSEWHERE ? s->object : s->label;
    if (of == label) *changed += is_dropped(a, s, v) || is_added(a, i, v);
  }
}

/* ---- fitting ---- */

static checkrob_status check_interrupted(const advising *a) {
  if (!a->interrupted || !atomic_load(a->interrupted)) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INTERRUPTED, "the search for advice was interrupted");
}

static refit_data collect(const advising *a, const variant *v, size_t fold) {
  const advice_samples *s = a->samples;
  refit_data data = {.rows = a->rows,
                     .labels = a->labels,
                     .features = s->features,
                     .classes = s->class_count,
                     .interrupted = a->interrupted};
  for (size_t i = 0; i < s->count; i++) {
    const advice_sample *item = &s->items[i];
    if (item->fold != fold) continue;
    if (!is_dropped(a, item, v)) {
      a->rows[data.count] = item->whole;
      a->labels[data.count++] = item->label;
    }
    if (is_added(a, i, v)) {
      a->rows[data.count] = item->pasted;
      a->labels[data.count++] = item->object;
    }
  }
  return data;
}

static void answer(unsigned char *answers, const advising *a, const refit_layer *layer, size_t fold) {
  for (size_t i = 0; i < a->samples->count; i++) {
    const advice_sample *s = &a->samples->items[i];
    if (s->fold == fold) continue; /* the layer was fitted to it */
    answers[i] = refit_predict(layer, s->whole) == s->label ? RIGHT : 0;
    if (!is_pasted(s)) continue;
    size_t said = refit_predict(layer, s->pasted);
    if (said == s->object) answers[i] |= OBJECT_FOUND;
    if (said == s->label) answers[i] |= IS_FOOLED;
  }
}

static bool changes_anything(const advising *a, const variant *v) {
  for (size_t i = 0; i < a->samples->count; i++)
    if (is_dropped(a, &a->samples->items[i], v) || is_added(a, i, v)) return true;
  return false;
}

static checkrob_status fit_fold(advising *a, size_t fold) {
  refit_layer plain = {0};
  refit_data data = collect(a, &variants[0], fold);
  checkrob_status status = refit_fit(&plain, &data, NULL, FIRST_STEPS);
  /* The layer without advice gets the further steps too. */
  for (size_t v = 0; v < VARIANTS && !status; v++) {
    refit_layer layer = {0};
    if (v > 0 && !changes_anything(a, &variants[v])) continue;
    data = collect(a, &variants[v], fold);
    status = refit_fit(&layer, &data, &plain, FURTHER_STEPS);
    if (!status) status = check_interrupted(a);
    if (!status) answer(a->answers[v], a, &layer, fold);
    refit_clear(&layer);
  }
  refit_clear(&plain);
  return status;
}

/* ---- what it gains ---- */

typedef struct gain {
  size_t gained, lost; /* pasted images that go right with the advice alone, or without it alone */
  size_t shown, found[2], pasted, fooled[2], own, right[2], recognised; /* [0]: without, [1]: with */
  double others[2];
} gain;

static void add_answers(gain *g, const advice_sample *s, size_t label, unsigned before, unsigned after) {
  if (s->label == label) {
    g->own++;
    g->right[0] += before & RIGHT ? 1 : 0;
    g->right[1] += after & RIGHT ? 1 : 0;
    g->recognised += s->recognised;
  }
  if (!is_pasted(s) || (s->object != label && s->label != label)) return;
  /* Its own object should be found; in its surroundings the other's should not fool. */
  bool shows = s->object == label;
  unsigned bit = shows ? OBJECT_FOUND : IS_FOOLED;
  bool was = (before & bit) != 0, is = (after & bit) != 0;
  g->shown += shows;
  g->pasted += !shows;
  g->found[0] += shows && was;
  g->found[1] += shows && is;
  g->fooled[0] += !shows && was;
  g->fooled[1] += !shows && is;
  g->gained += shows ? !was && is : was && !is;
  g->lost += shows ? was && !is : !was && is;
}

/* Of each class, how many samples are recognised with each variant. */
static void count_right(advising *a) {
  for (size_t i = 0; i < a->samples->count; i++) {
    size_t label = a->samples->items[i].label;
    a->all[label]++;
    for (size_t v = 0; v < VARIANTS; v++) a->right[v][label] += (a->answers[v][i] & RIGHT) != 0;
  }
}

/* The mean accuracy of the other classes. */
static double accuracy_of_others(const advising *a, size_t label, size_t v) {
  double sum = 0.0;
  size_t classes = 0;
  for (size_t k = 0; k < a->samples->class_count; k++) {
    if (k == label || a->all[k] == 0) continue;
    sum += (double)a->right[v][k] / (double)a->all[k];
    classes++;
  }
  return classes > 0 ? sum / (double)classes : NAN;
}

static gain find_gain(const advising *a, size_t label, size_t v) {
  gain g = {.others = {accuracy_of_others(a, label, 0), accuracy_of_others(a, label, v)}};
  for (size_t i = 0; i < a->samples->count; i++)
    add_answers(&g, &a->samples->items[i], label, a->answers[0][i], a->answers[v][i]);
  return g;
}

static double net(const gain *g) {
  return (double)g->gained - (double)g->lost;
}

/* All of the advice. */
static size_t last_variant(advice_kind kind) {
  size_t last = 0;
  for (size_t v = 1; v < VARIANTS; v++)
    if (variants[v].kind == kind) last = v;
  return last;
}

/* The smallest advice of a kind that gains nearly as much as all of it. */
static size_t choose_variant(const advising *a, advice_kind kind, size_t label) {
  size_t last = last_variant(kind);
  gain all = find_gain(a, label, last);
  for (size_t v = 1; v < last; v++) {
    if (variants[v].kind != kind) continue;
    gain some = find_gain(a, label, v);
    if (net(&some) >= ENOUGH * net(&all)) return v;
  }
  return last;
}

/* ---- rows ---- */

static double share(size_t some, size_t all) {
  return all > 0 ? (double)some / (double)all : NAN;
}

/* What goes wrong with pasted images, by the other class in them: the names of at most three. */
static checkrob_status name_others(checkrob_row *row, const advising *a, advice_kind kind, size_t label) {
  size_t wrong[ADVICE_CLASSES] = {0};
  const advice_samples *samples = a->samples;
  char *names = text_copy("");
  for (size_t i = 0; i < samples->count; i++) {
    const advice_sample *s = &samples->items[i];
    if (!s->pasted || s->object == ADVICE_NONE) continue;
    if (kind == ELSEWHERE && s->object == label) wrong[s->label] += !s->object_recognised;
    if (kind == OTHERS && s->label == label) wrong[s->object] += s->fooled;
  }
  for (int n = 0; n < 3 && names; n++) {
    size_t most = 0;
    for (size_t k = 1; k < samples->class_count; k++)
      if (wrong[k] > wrong[most]) most = k;
    if (wrong[most] == 0) break;
    wrong[most] = 0;
    char *longer =
        text_format("%s%s%s", names, n > 0 ? ", " : "", checkrob_row_text(samples->classes[most], "class"));
    free(names);
    names = longer;
  }
  checkrob_status status = names ? row_set_text(row, WITH, *names ? names : NULL) : error_memory("advice");
  free(names);
  return status;
}

/* The row of the cue that predicts the class best; first those that the model follows. NULL: there is none.
 */
static const checkrob_row *best_cue(const row_list *cues, int64_t index) {
  const checkrob_row *best = NULL;
  double most = 0.0;
  for (size_t i = 0; i < cues->count; i++) {
    const checkrob_row *row = cues->rows[i];
    if (checkrob_row_integer(row, "index") != index || checkrob_row_integer(row, "predicts") != 1) continue;
    double value = fabs(checkrob_row_number(row, "auc") - 0.5);
    if (checkrob_row_integer(row, "followed") == 1) value += 1.0;
    if (value > most) {
      most = value;
      best = row;
    }
  }
  return best;
}

/* "property corner is higher than in other classes' images (AUC 0.90)". The caller frees; NULL: out of
 * memory.
 */
static char *say_cue(const checkrob_row *cue) {
  double auc = checkrob_row_number(cue, "auc");
  bool is_class = strcmp(checkrob_row_text(cue, "kind"), "class") == 0, more = auc > 0.5;
  const char *what = is_class ? (more ? "is beside it more often than" : "is beside it less often than")
                              : (more ? "is higher than" : "is lower than");
  return text_format("%s %s %s in other classes' images (AUC %.2f)%s", checkrob_row_text(cue, "kind"),
                     checkrob_row_text(cue, "name"), what, auc,
                     checkrob_row_integer(cue, "followed") == 1 ? ", and the logit follows it" : "");
}

static checkrob_status describe_cue(checkrob_row *row, const checkrob_row *of, const row_list *cues) {
  const char *features = checkrob_row_has(of, "features") ? checkrob_row_text(of, "features") : "",
             *looked_at = checkrob_row_has(of, "looked_at") ? checkrob_row_text(of, "looked_at") : "";
  const checkrob_row *cue = best_cue(cues, checkrob_row_integer(of, "index"));
  char *known = cue ? say_cue(cue) : text_copy("");
  if (!known) return error_memory("advice");
  char *text = text_format("%s%s%s%s%s", features, *features && *looked_at ? "; " : "", looked_at,
                           (*features || *looked_at) && *known ? "; " : "", known);
  checkrob_status status = text ? row_set_text(row, CUE, *text ? text : NULL) : error_memory("advice");
  free(known);
  free(text);
  return status;
}

static void set_gain(checkrob_row *row, const gain *g) {
  row_set_integer(row, TESTED, (int64_t)(g->shown + g->pasted));
  row_set_number(row, FOUND, share(g->found[0], g->shown));
  row_set_number(row, FOUND_WITH, share(g->found[1], g->shown));
  row_set_number(row, FOOLED, share(g->fooled[0], g->pasted));
  row_set_number(row, FOOLED_WITH, share(g->fooled[1], g->pasted));
  row_set_number(row, ACCURACY, share(g->right[0], g->own));
  row_set_number(row, ACCURACY_WITH, share(g->right[1], g->own));
  row_set_number(row, OTHERS_ACCURACY, g->others[0]);
  row_set_number(row, OTHERS_ACCURACY_WITH, g->others[1]);
  row_set_number(row, MODEL_ACCURACY, share(g->recognised, g->own));
}

static checkrob_status start_row(checkrob_row **out, row_list *list, const checkrob_row *of,
                                 advice_kind kind) {
  checkrob_status status = row_list_add(out, list);
  if (!status) status = row_set_text(*out, CLASS, checkrob_row_text(of, "class"));
  if (!status) status = row_set_text(*out, KIND, kind_names[kind]);
  if (!status) row_set_integer(*out, INDEX, checkrob_row_integer(of, "index"));
  return status;
}

static checkrob_status add_row(row_list *out, const advising *a, size_t label, advice_kind kind,
                               const row_list *cues) {
  size_t v = choose_variant(a, kind, label), changed = 0, all = 0;
  const checkrob_row *of = a->samples->classes[label];
  checkrob_row *row = NULL;
  count_changed(&changed, &all, a, &variants[v], label);
  if (changed == 0 || all == 0) return CHECKROB_OK;
  checkrob_status status = start_row(&row, out, of, kind);
  if (!status) status = name_others(row, a, kind, label);
  if (!status) status = describe_cue(row, of, cues);
  if (status) return status;
  gain g = find_gain(a, label, v), whole = find_gain(a, label, last_variant(kind));
  row_set_number(row, P, statistics_sign_test(whole.gained, whole.lost));
  row_set_integer(row, IMAGES, llround(share(changed, all) * (double)checkrob_row_integer(of, "images")));
  row_set_number(row, SHARE, share(changed, all));
  set_gain(row, &g);
  return CHECKROB_OK;
}

/* A class whose images are too few for a verdict. */
static checkrob_status add_more(row_list *out, const checkrob_row *of, const verdict_rule *rule) {
  double needed = checkrob_row_has(of, "needed") ? checkrob_row_number(of, "needed") : 0.0;
  double missing = fmax(needed, (double)rule->min_images) - (double)checkrob_row_integer(of, "images");
  checkrob_row *row = NULL;
  if (!(missing >= 1.0)) return CHECKROB_OK;
  checkrob_status status = start_row(&row, out, of, MORE);
  if (status) return status;
  row_set_integer(row, IMAGES, (int64_t)missing);
  row_set_number(row, SHARE, missing / fmax((double)checkrob_row_integer(of, "images"), 1.0));
  return CHECKROB_OK;
}

/* 0 if one of them has no value. */
static double change(const checkrob_row *row, size_t from, size_t to) {
  return row_has(row, from) && row_has(row, to) ? row_number(row, to) - row_number(row, from) : 0.0;
}

static const char *outcome_of(const checkrob_row *row) {
  if (row_integer(row, TESTED) < FEWEST_TESTED ||
      row_number(row, ACCURACY) < row_number(row, MODEL_ACCURACY) - MOST_BELOW_MODEL)
    return "not enough data to say";
  double gained = change(row, FOUND, FOUND_WITH) + change(row, FOOLED_WITH, FOOLED);
  if (gained < LEAST_GAIN - 1e-9) return "no gain shown";
  if (!(row_number(row, Q) <= LARGEST_Q)) return "not enough data to say";
  bool costs = row_number(row, ACCURACY_WITH) < row_number(row, ACCURACY) - MOST_COST ||
               row_number(row, OTHERS_ACCURACY_WITH) < row_number(row, OTHERS_ACCURACY) - MOST_COST;
  return costs ? "costs accuracy" : "helps";
}

static checkrob_status judge(row_list *list) {
  double *p = calloc(list->count + 1, sizeof *p);
  if (!p) return error_memory("advice");
  for (size_t i = 0; i < list->count; i++) p[i] = row_number(list->rows[i], P);
  checkrob_status status = statistics_adjust(p, p, list->count);
  for (size_t i = 0; i < list->count && !status; i++) {
    checkrob_row *row = list->rows[i];
    row_set_number(row, Q, p[i]);
    if (strcmp(row_text(row, KIND), kind_names[MORE]) != 0)
      status = row_set_text(row, OUTCOME, outcome_of(row));
  }
  free(p);
  return status;
}

/* ---- all of it ---- */

static bool has_verdict(const checkrob_row *row, checkrob_verdict verdict) {
  return strcmp(checkrob_row_text(row, "verdict"), checkrob_verdict_name(verdict)) == 0;
}

/* The classes that take part: first those that are not to be trusted. Returns the number of these. */
static size_t choose_classes(const checkrob_row *out[ADVICE_CLASSES], size_t *count,
                             checkrob_row *const *classes, size_t class_count) {
  size_t wanted = 0;
  *count = 0;
  for (int turn = 0; turn < 3; turn++) {
    for (size_t i = 0; i < class_count && *count < ADVICE_CLASSES; i++) {
      const checkrob_row *row = classes[i];
      bool worst = has_verdict(row, CHECKROB_VERDICT_NON_ROBUST),
           bad = has_verdict(row, CHECKROB_VERDICT_DOUBTFUL);
      if (checkrob_row_integer(row, "index") < 0 || (turn == 0 ? !worst : turn == 1 ? !bad : worst || bad))
        continue;
      out[(*count)++] = row;
    }
    if (turn == 1) wanted = *count;
  }
  return wanted;
}

static void number_turns(advising *a) {
  size_t objects[ADVICE_CLASSES] = {0}, labels[ADVICE_CLASSES] = {0};
  for (size_t i = 0; i < a->samples->count; i++) {
    const advice_sample *s = &a->samples->items[i];
    if (!is_pasted(s)) continue;
    a->turn_of_object[i] = objects[s->object]++;
    a->turn_of_label[i] = labels[s->label]++;
  }
}

static void find_droppable(advising *a) {
  for (size_t k = 0; k < a->samples->class_count; k++) {
    size_t all[2] = {0}, left[2] = {0};
    for (size_t i = 0; i < a->samples->count; i++) {
      const advice_sample *s = &a->samples->items[i];
      if (s->label != k) continue;
      all[s->fold]++;
      left[s->fold] += !s->recognised_without;
    }
    a->may_drop[k] = a->wanted[k];
    for (int fold = 0; fold < 2; fold++)
      if (left[fold] < FEWEST_LEFT || 5 * left[fold] < all[fold]) a->may_drop[k] = false;
  }
}

static void advising_clear(advising *a) {
  free(a->turn_of_object);
  free(a->turn_of_label);
  free(a->rows);
  free(a->labels);
  for (size_t v = 0; v < VARIANTS; v++) free(a->answers[v]);
}

static checkrob_status advising_start(advising *a, const advice_samples *samples, size_t wanted,
                                      const atomic_int *interrupted) {
  size_t count = samples->count + 1;
  *a = (advising){.samples = samples,
                  .interrupted = interrupted,
                  .turn_of_object = calloc(count, sizeof *a->turn_of_object),
                  .turn_of_label = calloc(count, sizeof *a->turn_of_label),
                  .rows = malloc(2 * count * sizeof *a->rows),
                  .labels = malloc(2 * count * sizeof *a->labels)};
  bool good = a->turn_of_object && a->turn_of_label && a->rows && a->labels;
  for (size_t v = 0; v < VARIANTS; v++) {
    a->answers[v] = calloc(count, 1);
    good = good && a->answers[v];
  }
  if (!good) return error_memory("advice");
  for (size_t k = 0; k < wanted; k++) a->wanted[k] = true;
  number_turns(a);
  find_droppable(a);
  return CHECKROB_OK;
}

static checkrob_status advise(row_list *out, const advice_samples *samples, size_t wanted,
                              const row_list *cues, const atomic_int *interrupted) {
  advising a;
  checkrob_status status = advising_start(&a, samples, wanted, interrupted);
  for (size_t fold = 0; fold < 2 && !status; fold++) status = fit_fold(&a, fold);
  if (!status) count_right(&a);
  for (size_t k = 0; k < wanted && !status; k++)
    for (int kind = 0; kind < MORE && !status; kind++) status = add_row(out, &a, k, (advice_kind)kind, cues);
  advising_clear(&a);
  return status;
}

checkrob_status advice_find(row_list *out, row_list *duplicates, checkrob_row *const *classes, size_t count,
                            const row_list *cues, store *s, const verdict_rule *rule,
                            const atomic_int *interrupted) {
  const checkrob_row *chosen[ADVICE_CLASSES];
  size_t chosen_count = 0, wanted = choose_classes(chosen, &chosen_count, classes, count);
  advice_samples samples;
  checkrob_status status =
      advice_samples_read(&samples, duplicates, chosen, chosen_count, classes, count, s, interrupted);
  bool any = !status && samples.count > 0;
  if (any && wanted > 0) status = advise(out, &samples, wanted, cues, interrupted);
  for (size_t i = 0; i < count && any && !status; i++)
    if (has_verdict(classes[i], CHECKROB_VERDICT_NOT_ENOUGH_DATA)) status = add_more(out, classes[i], rule);
  if (!status) status = judge(out);
  advice_samples_clear(&samples);
  return status;
}
