/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "classes/distinction.h"
#include "classes/places.h"
#include "classes/statistics.h"
#include "table/reader.h"
#include "table/sample.h"

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define TEXT CHECKROB_COLUMN_TEXT

/* ---- declarations ---- */

enum {
  CHOSEN_INDEX,
  CHOSEN_FEATURE,
  CHOSEN_KIND,
  CHOSEN_CHANNELS,
  CHOSEN_WHOLE,
  CHOSEN_SURROUNDINGS,
  CHOSEN_TOP_K,
  CHOSEN
};

static const column chosen_declared[CHOSEN] = {
    [CHOSEN_INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "output index of the class"},
    [CHOSEN_FEATURE] = {"feature", INTEGER, "", 1, INFINITY, 0, 0, "number of the feature"},
    [CHOSEN_KIND] = {"kind", TEXT, "", 0, 0, 0, 0, "`channel`, `component` or `mean`"},
    [CHOSEN_CHANNELS] = {"channels", TEXT, "", 0, 0, 0, 0, "the channels, with blanks between"},
    [CHOSEN_WHOLE] = {"contribution", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                      "mean contribution over the recognised samples"},
    [CHOSEN_SURROUNDINGS] = {"surroundings_contribution", NUMBER, "nats", -INFINITY, INFINITY, 6,
                             COLUMN_SIGNIFICANT, "the same without the object"},
    [CHOSEN_TOP_K] = {"top_k", INTEGER, "", 1, INFINITY, 0, 0,
                      "the option `top_k` by which samples were recognised"}};
static const column_list chosen_columns = {chosen_declared, CHOSEN};

/* Before the columns of a sample's child rows. */
enum { OF_INPUT, OF_PART, OF_IMAGE, OF_INDEX, OF_SAMPLE };

static const column of_sample[OF_SAMPLE] = {
    [OF_INPUT] = {"input", INTEGER, "", 0, INFINITY, 0, 0, "number of the image in the dataset"},
    [OF_PART] = {"part", INTEGER, "", 0, INFINITY, 0, 0, "number of the sample among those of its image"},
    [OF_IMAGE] = {"image", TEXT, "", 0, 0, 0, 0, "the image"},
    [OF_INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0,
                  "output index of the class; empty in a row that marks the end of a batch"}};

const column_list feature_sample_columns = {of_sample, OF_SAMPLE};

enum {
  CLASS,
  INDEX,
  TITLE,
  FEATURE,
  KIND,
  CHANNELS,
  SAMPLES,
  CONTRIBUTION,
  SURROUNDINGS,
  CONTROL,
  DISTINCTION,
  USUAL,
  ON_OBJECT,
  AREA,
  P,
  Q,
  WITHOUT,
  FROM_SURROUNDINGS,
  FROM_SURROUNDINGS_WITHOUT,
  P_SURROUNDINGS,
  PLACE,
  PLACE_SHARE,
  SPURIOUS,
  COLUMNS
};

static const column declared[COLUMNS] = {
    [CLASS] = {"class", TEXT, "", 0, 0, 0, 0, "name of the class"},
    [INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0, "its output index"},
    [TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS),
    [FEATURE] = {"feature", INTEGER, "", 1, INFINITY, 0, 0,
                 "number of the feature within the class; of `together` 14"},
    [KIND] = {"kind", TEXT, "", 0, 0, 0, 0,
              "`channel`: one of the layer; `component`: channels whose contributions vary together; `mean`: "
              "those "
              "that contribute most without the object; `together`: "
              "the two strongest spurious features of the class"},
    [CHANNELS] = {"channels", TEXT, "", 0, 0, 0, 0, "its channels, the most important first"},
    [SAMPLES] = {"samples", INTEGER, "samples", 0, INFINITY, 0, 0, "recognised samples that were asked"},
    [CONTRIBUTION] = {"contribution", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                      "mean contribution to the log-odds of the class; empty for `together`"},
    [SURROUNDINGS] = {"surroundings_contribution", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                      "the same with the object in middle gray"},
    [CONTROL] = {"control_contribution", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_SIGNIFICANT,
                 "the same in surroundings of other classes' samples, in which it says something about this "
                 "class"},
    [DISTINCTION] =
        {"distinction", NUMBER, "", -20, 20, 6, 0,
         "how much larger `surroundings_contribution` is than `control_contribution`, in standard "
         "deviations over the other classes' samples; empty with fewer than 5 of them"},
    [USUAL] = {"usual_distinction", NUMBER, "", 0, INFINITY, 6, 0,
               "what is usual for classes of such an object size in this dataset (method.md)"},
    [ON_OBJECT] = {"on_object", NUMBER, "", 0, 1, 6, 0,
                   "mean share of its contribution that is on the object"},
    [AREA] = {"area", NUMBER, "", 0, 1, 6, 0,
              "the same for a feature that is everywhere: share of the positions that the object covers"},
    [P] = {"p", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
           "of a smaller `on_object` by chance: Student's t, one-sided, paired with the area; empty with "
           "fewer "
           "than 5 samples"},
    [Q] = {"q", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT, "`p` adjusted for the number of features"},
    [WITHOUT] = {"recognised_without", NUMBER, "", 0, 1, 6, 0,
                 "share of the samples that are still recognised when it is switched off"},
    [FROM_SURROUNDINGS] = {"surroundings_recognised", NUMBER, "", 0, 1, 6, 0,
                           "share of the samples that are recognised with the object in middle gray"},
    [FROM_SURROUNDINGS_WITHOUT] = {"surroundings_recognised_without", NUMBER, "", 0, 1, 6, 0,
                                   "the same when it is switched off"},
    [P_SURROUNDINGS] = {"p_surroundings", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                        "of a larger fall of `surroundings_recognised` by chance: sign test, one-sided"},
    [PLACE] = {"place", TEXT, "", 0, 0, 0, 0,
               "the smallest of the places of `looked_at.csv` where it contributes most off the object in at "
               "least half of the samples; empty if there is none"},
    [PLACE_SHARE] = {"place_share", NUMBER, "", 0, 1, 6, 0, "the share of the samples in which it does"},
    [SPURIOUS] = {
        "spurious", INTEGER, "", 0, 1, 0, 0,
        "1: `distinction` is at least 2 and at least 1.5 times `usual_distinction`, and switching it off "
        "lowers `surroundings_recognised` by at least 0.1, with `p_surroundings` at most 0.05; 0: not; empty "
        "without `distinction`"}};

const column_list feature_columns = {declared, COLUMNS};

static const column declared_of_class[] = {
    {"features", TEXT, "", 0, 0, 0, 0,
     "its strongest spurious feature, with what it does; empty without features, and if none is spurious"}};
const column_list class_feature_columns = {declared_of_class, 1};

#define LARGEST_P 0.05
#define LEAST_FALL 0.1
#define LEAST_DISTINCTION 2.0
#define LEAST_UNUSUAL 1.5
/* Maps are coarse: what is beside the object seems to be on it in part. */
#define MOST_EXCESS 0.25

checkrob_status features_start_chosen(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, CHOSEN_TABLE, &chosen_columns, 1, NULL, 0);
}

checkrob_status features_start_use(row_list *list, const char *table) {
  const column_list parts[] = {{of_sample, OF_SAMPLE}, feature_use_columns};
  *list = (row_list){0};
  return row_layout_new(&list->layout, table, parts, 2, NULL, 0);
}

checkrob_status features_start(row_list *list) {
  *list = (row_list){0};
  return row_layout_new(&list->layout, FEATURE_TABLE, &feature_columns, 1, NULL, 0);
}

/* ---- the chosen features ---- */

static void write_channels(char *text, size_t bytes, const size_t *channels, size_t count) {
  size_t used = 0;
  *text = '\0';
  for (size_t i = 0; i < count && used < bytes; i++)
    used += (size_t)snprintf(text + used, bytes - used, "%s%zu", i > 0 ? " " : "", channels[i]);
}

static size_t read_channels(size_t *channels, size_t most, const char *text) {
  size_t count = 0;
  for (const char *c = text; c && *c && count < most;) {
    char *end = NULL;
    channels[count] = (size_t)strtoul(c, &end, 10);
    if (end == c) break;
    count++;
    c = *end == ' ' ? end + 1 : end;
  }
  return count;
}

checkrob_status features_add_chosen(row_list *list, int64_t class_index, size_t number, const feature *f,
                                    size_t top_k) {
  char channels[FEATURE_SET * 24];
  checkrob_row *row = NULL;
  write_channels(channels, sizeof channels, f->channels, f->count);
  checkrob_status status = row_list_add(&row, list);
  if (!status) status = row_set_text(row, CHOSEN_KIND, feature_kind_names[f->kind]);
  if (!status) status = row_set_text(row, CHOSEN_CHANNELS, channels);
  if (status) return status;
  row_set_integer(row, CHOSEN_INDEX, class_index);
  row_set_integer(row, CHOSEN_FEATURE, (int64_t)number);
  row_set_number(row, CHOSEN_WHOLE, f->whole);
  row_set_number(row, CHOSEN_SURROUNDINGS, f->surroundings);
  row_set_integer(row, CHOSEN_TOP_K, (int64_t)top_k);
  return CHECKROB_OK;
}

bool features_are_of(const row_list *chosen, size_t top_k) {
  for (size_t i = 0; i < chosen->count; i++)
    if (row_integer(chosen->rows[i], CHOSEN_TOP_K) != (int64_t)top_k) return false;
  return true;
}

size_t features_read_chosen(feature out[FEATURES_MOST], const row_list *chosen, int64_t class_index) {
  size_t count = 0;
  for (size_t i = 0; i < chosen->count && count < FEATURES_MOST; i++) {
    const checkrob_row *row = chosen->rows[i];
    if (row_integer(row, CHOSEN_INDEX) != class_index) continue;
    feature *f = &out[count++];
    *f = (feature){.whole = row_number(row, CHOSEN_WHOLE),
                   .surroundings = row_number(row, CHOSEN_SURROUNDINGS)};
    f->count = read_channels(f->channels, FEATURE_SET, row_text(row, CHOSEN_CHANNELS));
  }
  return count;
}

/* ---- what samples say ---- */

checkrob_status features_add_use(row_list *list, const checkrob_row *sample, const checkrob_row *use) {
  checkrob_row *row = NULL;
  checkrob_status status = row_list_add(&row, list);
  if (!status) status = row_set_text(row, OF_IMAGE, row_text(sample, SAMPLE_IMAGE));
  if (status) return status;
  row_set_integer(row, OF_INPUT, row_integer(sample, SAMPLE_INPUT));
  row_set_integer(row, OF_PART, row_integer(sample, SAMPLE_PART));
  row_set_integer(row, OF_INDEX, row_integer(sample, SAMPLE_INDEX));
  for (size_t i = 0; i < USE_COLUMNS; i++) {
    if (feature_use_columns.columns[i].type == INTEGER)
      row_set_integer(row, OF_SAMPLE + i, row_integer(use, i));
    else
      row_set_number(row, OF_SAMPLE + i, row_number(use, i));
  }
  return CHECKROB_OK;
}

checkrob_status features_each_use(store *s, const char *table,
                                  checkrob_status (*take)(const checkrob_row *row, void *data), void *data) {
  row_list list;
  checkrob_status status = features_start_use(&list, table);
  if (!status) status = row_list_each(list.layout, s, take, data);
  row_list_clear(&list);
  return status;
}

/* ---- assessing ---- */

/* Sums over the samples of a class, about one feature or, with the number 0, about nothing switched off. */
typedef struct feature_sums {
  size_t samples, kept, from_surroundings, located;
  size_t lost, gained; /* recognised from the surroundings: only with the feature, only without */
  size_t places[PLACES];
  size_t paired;
  double contribution, on_object, area, difference,
      squares;                      /* of the paired ones; the limit less on_object */
  value_sums surroundings, control; /* contributions without the object: own samples', others' */
} feature_sums;

typedef struct class_sums {
  int64_t index;
  feature_sums features[FEATURE_TOGETHER + 1];
} class_sums;

typedef struct assessing {
  class_sums *classes; /* [count], by rising index */
  size_t count, top_k;
  bool together; /* the table has been read that says what is switched off one by one */
  /* of the current sample */
  bool is_recognised, from_surroundings;
} assessing;

static int compare_class(const void *key, const void *item) {
  int64_t index = *(const int64_t *)key, found = ((const class_sums *)item)->index;
  return (index > found) - (index < found);
}

static class_sums *find_class(const assessing *a, int64_t index) {
  size_t at = array_lower_bound(&index, a->classes, a->count, sizeof *a->classes, compare_class);
  return at < a->count && a->classes[at].index == index ? &a->classes[at] : NULL;
}

static bool is_within(const checkrob_row *row, size_t which, size_t top_k) {
  int64_t rank = row_integer(row, OF_SAMPLE + which);
  return rank >= 1 && (uint64_t)rank <= top_k;
}

static void add_place(feature_sums *f, const checkrob_row *row) {
  double x = row_number(row, OF_SAMPLE + USE_X), y = row_number(row, OF_SAMPLE + USE_Y);
  if (isnan(x) || isnan(y)) return;
  f->located++;
  for (int p = 0; p < PLACES; p++) f->places[p] += place_contains((place)p, x, y);
}

static void add_use(feature_sums *f, const assessing *a, const checkrob_row *row) {
  bool from = is_within(row, USE_SURROUNDINGS_RANK, a->top_k);
  double on = row_number(row, OF_SAMPLE + USE_ON_OBJECT), area = row_number(row, OF_SAMPLE + USE_AREA);
  double limit = area + MOST_EXCESS * (1.0 - area);
  double contribution = row_number(row, OF_SAMPLE + USE_CONTRIBUTION);
  f->samples++;
  value_sums_add(&f->surroundings, row_number(row, OF_SAMPLE + USE_SURROUNDINGS_CONTRIBUTION));
  f->kept += is_within(row, USE_RANK, a->top_k);
  f->from_surroundings += from;
  f->lost += a->from_surroundings && !from;
  f->gained += !a->from_surroundings && from;
  if (!isnan(contribution)) f->contribution += contribution;
  add_place(f, row);
  if (isnan(on) || isnan(area)) return;
  f->paired++;
  f->on_object += on;
  f->area += area;
  f->difference += limit - on;
  f->squares += (limit - on) * (limit - on);
}

/* What a feature of another class says in a sample. */
static void take_control(const assessing *a, const checkrob_row *row) {
  class_sums *c = find_class(a, row_integer(row, OF_SAMPLE + USE_CONTROL));
  int64_t number = row_integer(row, OF_SAMPLE + USE_FEATURE);
  if (!c || number < 1 || number > FEATURES_MOST) return;
  value_sums_add(&c->features[number].control, row_number(row, OF_SAMPLE + USE_SURROUNDINGS_CONTRIBUTION));
}

static checkrob_status take_use(const checkrob_row *row, void *data) {
  assessing *a = data;
  if (row_has(row, OF_SAMPLE + USE_CONTROL)) {
    take_control(a, row);
    return CHECKROB_OK;
  }
  class_sums *c = find_class(a, row_integer(row, OF_INDEX));
  int64_t number = row_integer(row, OF_SAMPLE + USE_FEATURE);
  if (!c || number < 0 || number > FEATURE_TOGETHER) return CHECKROB_OK;
  if (number == 0) { /* the first one of a sample */
    a->is_recognised = is_within(row, USE_RANK, a->top_k);
    a->from_surroundings = is_within(row, USE_SURROUNDINGS_RANK, a->top_k);
  }
  bool counts = a->together ? number == FEATURE_TOGETHER : number < FEATURE_TOGETHER;
  if (a->is_recognised && counts) add_use(&c->features[number], a, row);
  return CHECKROB_OK;
}

/* The places are listed from small to large. */
static void set_place(checkrob_row *row, const feature_sums *f) {
  for (int p = 0; p < PLACES; p++) {
    if (f->located == 0 || 2 * f->places[p] < f->located) continue;
    row_set_number(row, PLACE_SHARE, (double)f->places[p] / (double)f->located);
    row_set_text(row, PLACE, place_names[p]);
    return;
  }
}

static checkrob_status add_row(row_list *list, const checkrob_row *of, size_t number, const char *kind,
                               const char *channels, const feature_sums *f, const feature_sums *nothing) {
  checkrob_row *row = NULL;
  checkrob_status status = row_list_add(&row, list);
  if (!status) status = row_set_text(row, CLASS, checkrob_row_text(of, "class"));
  if (!status) status = row_set_text(row, KIND, kind);
  if (!status) status = row_set_text(row, CHANNELS, channels);
  if (status) return status;
  double n = (double)f->samples, paired = (double)f->paired;
  row_set_integer(row, INDEX, checkrob_row_integer(of, "index"));
  row_set_integer(row, FEATURE, (int64_t)number);
  row_set_integer(row, SAMPLES, (int64_t)f->samples);
  row_set_number(row, CONTROL, value_sums_mean(&f->control));
  row_set_number(row, DISTINCTION, distinction_of(&f->surroundings, &f->control));
  row_set_number(row, ON_OBJECT, f->on_object / paired);
  row_set_number(row, AREA, f->area / paired);
  row_set_number(row, P, statistics_paired_chance(f->paired, f->difference, f->squares));
  row_set_number(row, WITHOUT, (double)f->kept / n);
  row_set_number(row, FROM_SURROUNDINGS, (double)nothing->from_surroundings / (double)nothing->samples);
  row_set_number(row, FROM_SURROUNDINGS_WITHOUT, (double)f->from_surroundings / n);
  row_set_number(row, P_SURROUNDINGS, f->samples > 0 ? statistics_sign_test(f->lost, f->gained) : NAN);
  if (number != FEATURE_TOGETHER) row_set_number(row, CONTRIBUTION, f->contribution / n);
  set_place(row, f);
  return CHECKROB_OK;
}

static checkrob_status add_class(row_list *list, const checkrob_row *of, const row_list *chosen,
                                 const class_sums *sums) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < chosen->count && !status; i++) {
    const checkrob_row *row = chosen->rows[i];
    int64_t number = row_integer(row, CHOSEN_FEATURE);
    if (row_integer(row, CHOSEN_INDEX) != sums->index || number < 1 || number > FEATURES_MOST) continue;
    status = add_row(list, of, (size_t)number, row_text(row, CHOSEN_KIND), row_text(row, CHOSEN_CHANNELS),
                     &sums->features[number], &sums->features[0]);
    if (!status)
      row_set_number(list->rows[list->count - 1], SURROUNDINGS, row_number(row, CHOSEN_SURROUNDINGS));
  }
  return status;
}

static double fall(const checkrob_row *row) {
  return row_number(row, FROM_SURROUNDINGS) - row_number(row, FROM_SURROUNDINGS_WITHOUT);
}

static void judge(checkrob_row *row) {
  double distinction = row_number(row, DISTINCTION);
  bool distinct = distinction >= LEAST_DISTINCTION && distinction >= LEAST_UNUSUAL * row_number(row, USUAL);
  bool needed = fall(row) >= LEAST_FALL - 1e-9 && row_number(row, P_SURROUNDINGS) <= LARGEST_P;
  if (row_has(row, DISTINCTION)) row_set_integer(row, SPURIOUS, distinct && needed);
}

/* Each class has its rows one behind the other; `start` has their first ones, and the end of the last. */
static checkrob_status set_usual(row_list *list, const size_t *start, size_t classes) {
  double *largest = calloc(3 * classes + 1, sizeof *largest);
  if (!largest) return error_memory("the features of the classes");
  double *area = largest + classes, *usual = area + classes;
  for (size_t c = 0; c < classes; c++) {
    largest[c] = area[c] = NAN;
    for (size_t i = start[c]; i < start[c + 1]; i++) {
      const checkrob_row *row = list->rows[i];
      if (isnan(area[c])) area[c] = row_number(row, AREA);
      largest[c] = fmax(largest[c], row_number(row, DISTINCTION));
    }
  }
  checkrob_status status = distinction_usual(usual, largest, area, classes);
  for (size_t c = 0; c < classes && !status; c++)
    for (size_t i = start[c]; i < start[c + 1]; i++) row_set_number(list->rows[i], USUAL, usual[c]);
  free(largest);
  return status;
}

static checkrob_status judge_all(row_list *list) {
  double *p = calloc(list->count + 1, sizeof *p);
  if (!p) return error_memory("the features of the classes");
  for (size_t i = 0; i < list->count; i++) p[i] = row_number(list->rows[i], P);
  checkrob_status status = statistics_adjust(p, p, list->count);
  for (size_t i = 0; i < list->count && !status; i++) {
    row_set_number(list->rows[i], Q, p[i]);
    judge(list->rows[i]);
  }
  free(p);
  return status;
}

/* What is switched off together follows a class's own features. Its numbers do not count for q. */
static checkrob_status add_together(row_list *list, const checkrob_row *of, const class_sums *sums) {
  size_t channels[2 * FEATURE_SET], count = features_together(channels, list, sums->index);
  const feature_sums *f = &sums->features[FEATURE_TOGETHER];
  char text[2 * FEATURE_SET * 24];
  if (count == 0 || f->samples == 0) return CHECKROB_OK;
  write_channels(text, sizeof text, channels, count);
  return add_row(list, of, FEATURE_TOGETHER, "together", text, f, &sums->features[0]);
}

/* By class, then by number. */
static int compare_rows(const void *left, const void *right) {
  const checkrob_row *a = *(checkrob_row *const *)left, *b = *(checkrob_row *const *)right;
  int64_t i = row_integer(a, INDEX), k = row_integer(b, INDEX);
  if (i == k) {
    i = row_integer(a, FEATURE);
    k = row_integer(b, FEATURE);
  }
  return (i > k) - (i < k);
}

static checkrob_status assess(row_list *list, assessing *a, checkrob_row *const *names,
                              const row_list *chosen) {
  size_t *start = calloc(a->count + 1, sizeof *start);
  checkrob_status status = start ? CHECKROB_OK : error_memory("the features of the classes");
  for (size_t i = 0; i < a->count && !status; i++) {
    status = add_class(list, names[i], chosen, &a->classes[i]);
    start[i + 1] = list->count;
  }
  if (!status) status = set_usual(list, start, a->count);
  free(start);
  if (!status) status = judge_all(list);
  for (size_t i = 0; i < a->count && !status; i++) status = add_together(list, names[i], &a->classes[i]);
  if (list->count > 0) qsort(list->rows, list->count, sizeof *list->rows, compare_rows);
  return status;
}

checkrob_status features_assess(row_list *list, checkrob_row *const *names, size_t count, store *s,
                                const verdict_rule *rule) {
  row_list chosen;
  bool found = false;
  checkrob_status status = features_start_chosen(&chosen);
  if (!status) status = row_list_read(&found, &chosen, s, SIZE_MAX);
  /* With another number of highest logits other samples are recognised, which were not asked. */
  found = found && features_are_of(&chosen, rule->top_k);
  assessing a = {.classes = calloc(count + 1, sizeof *a.classes), .count = count, .top_k = rule->top_k};
  if (!status && !a.classes) status = error_memory("the features of the classes");
  for (size_t i = 0; a.classes && i < count; i++)
    a.classes[i].index = checkrob_row_integer(names[i], "index");
  if (!status && found) status = features_each_use(s, FEATURE_USE_TABLE, take_use, &a);
  a.together = true;
  if (!status && found) status = features_each_use(s, TOGETHER_TABLE, take_use, &a);
  if (!status && found) status = assess(list, &a, names, &chosen);
  free(a.classes);
  row_list_clear(&chosen);
  return status;
}

/* ---- the strongest ---- */

static size_t strongest(const checkrob_row *out[2], const row_list *features, int64_t class_index) {
  size_t count = 0;
  for (size_t i = 0; i < features->count; i++) {
    const checkrob_row *row = features->rows[i];
    if (row_integer(row, INDEX) != class_index || row_integer(row, SPURIOUS) != 1) continue;
    size_t at = 0;
    while (at < count && fall(row) <= fall(out[at])) at++;
    if (at == 2) continue;
    if (at == 0 && count > 0) out[1] = out[0];
    out[at] = row;
    if (count < 2) count++;
  }
  return count;
}

size_t features_together(size_t channels[2 * FEATURE_SET], const row_list *features, int64_t class_index) {
  const checkrob_row *rows[2];
  size_t count = 0, found = strongest(rows, features, class_index);
  for (size_t i = 0; i < found; i++) {
    size_t own[FEATURE_SET], number = read_channels(own, FEATURE_SET, row_text(rows[i], CHANNELS));
    for (size_t k = 0; k < number; k++) {
      size_t at = 0;
      while (at < count && channels[at] != own[k]) at++;
      if (at == count) channels[count++] = own[k];
    }
  }
  return count;
}

size_t features_read_spurious(feature out[FEATURES_MOST], size_t numbers[FEATURES_MOST],
                              const row_list *features, int64_t class_index) {
  size_t count = 0;
  for (size_t i = 0; i < features->count && count < FEATURES_MOST; i++) {
    const checkrob_row *row = features->rows[i];
    if (row_integer(row, INDEX) != class_index || row_integer(row, SPURIOUS) != 1) continue;
    out[count].count = read_channels(out[count].channels, FEATURE_SET, row_text(row, CHANNELS));
    numbers[count++] = (size_t)row_integer(row, FEATURE);
  }
  return count;
}

static void write_feature(char text[512], const checkrob_row *row) {
  const char *where = row_text(row, PLACE);
  bool is_placed = *where != 0;
  snprintf(
      text, 512,
      "feature %lld (%.0f %% of it on the object, which covers %.0f %%%s%s): without it %.0f %% instead of "
      "%.0f %% are recognised from the surroundings alone",
      (long long)row_integer(row, FEATURE), 100.0 * row_number(row, ON_OBJECT), 100.0 * row_number(row, AREA),
      is_placed ? "; off it mostly " : "", is_placed ? where : "",
      100.0 * row_number(row, FROM_SURROUNDINGS_WITHOUT), 100.0 * row_number(row, FROM_SURROUNDINGS));
}

checkrob_status features_finish(const row_list *list, checkrob_row *const *classes, size_t count) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) {
    const checkrob_row *rows[2];
    char text[512];
    if (strongest(rows, list, checkrob_row_integer(classes[i], "index")) == 0) continue;
    write_feature(text, rows[0]);
    status = row_put_text(classes[i], "features", text);
  }
  return status;
}
