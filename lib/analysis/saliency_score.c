#include "analysis/saliency_score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <checkrob/score.h>

#include "analysis/evidence.h"
#include "analysis/sample_row.h"
#include "base/error.h"
#include "explain/explain.h"
#include "saliency/localisation.h"

/* ---- what it declares ---- */

enum {
  RS,
  REGION_SHARE,
  LOGIT,
  PROBABILITY,
  RANK,
  HIT,
  PREDICTED,
  RS0,
  ERS,
  LIFT,
  CONTRAST,
  POINTING_GAME,
  RANK_ACCURACY,
  TOP_K_INTERSECTION,
  ATTRIBUTION_LOCALISATION,
  AUC,
  IOU,
  COLUMNS
};

static const column columns[COLUMNS] = {
    [RS] = {"rs", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
            "robustness score: share of the saliency on the object's regions"},
    [REGION_SHARE] = {"region_share", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
                      "share of the model's input that the object's regions cover: what a flat map scores"},
    [LOGIT] = {"logit", CHECKROB_COLUMN_NUMBER, "", -INFINITY, INFINITY, 9, COLUMN_SIGNIFICANT,
               "logit of the class; missing where the model did not run or gave no finite number"},
    [PROBABILITY] = {"probability", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                     "probability of the class: softmax of the logits, or the model's own ending"},
    [RANK] = {"rank", CHECKROB_COLUMN_INTEGER, "", 1, INFINITY, 0, 0,
              "position of the class among the logits, 1 for the highest"},
    [HIT] = {"hit", CHECKROB_COLUMN_INTEGER, "", 0, 1, 0, COLUMN_DERIVED,
             "1: the class is among the top k, 0: it is not"},
    [PREDICTED] = {"predicted", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0,
                   "output index of the highest logit"},
    [RS0] = {"rs0", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, COLUMN_DERIVED,
             "object-blind score: what the region gets from the mean map of the images of other classes"},
    [ERS] = {"ers", CHECKROB_COLUMN_NUMBER, "", -INFINITY, 1, 6, COLUMN_DERIVED,
             "excess robustness, (rs - rs0) / (1 - rs0)"},
    [LIFT] = {"lift", CHECKROB_COLUMN_NUMBER, "log-odds", -INFINITY, INFINITY, 6, COLUMN_DERIVED,
              "logit(rs) - logit(rs0)"},
    [CONTRAST] =
        {"contrast", CHECKROB_COLUMN_NUMBER, "of the score function", -INFINITY, INFINITY, 6, 0,
         "evidence on the object minus evidence elsewhere; missing for methods without gradients and "
         "for several layers"},
    [POINTING_GAME] = {"pointing_game", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
                       "1: a pixel of the highest value lies on the region"},
    [RANK_ACCURACY] = {"rank_accuracy", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0, "relevance rank accuracy"},
    [TOP_K_INTERSECTION] = {"top_k_intersection", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
                            "share of the 1000 highest pixels on the region"},
    [ATTRIBUTION_LOCALISATION] = {"attribution_localisation", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
                                  "rs with a region of whole pixels"},
    [AUC] = {"auc", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
             "area under the ROC curve of the map as a score for lying on the region"},
    [IOU] = {"iou", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
             "highest intersection over union of the region with the pixels above a threshold"},
};

enum { OTHER_CLASS, OTHER_INDEX, OTHER_SHARE, OTHER_COLUMNS };

static const column other_columns[OTHER_COLUMNS] = {
    [OTHER_CLASS] = {"class", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "another class annotated in the image"},
    [OTHER_INDEX] = {"index", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0,
                     "its output index; missing where the class map does not have it"},
    [OTHER_SHARE] = {"share", CHECKROB_COLUMN_NUMBER, "", 0, 1, 6, 0,
                     "share of the saliency on that class's regions; regions of two classes may overlap"},
};

enum { EVIDENCE_HEIGHT, EVIDENCE_MAP, EVIDENCE_REGION, EVIDENCE_COUNTED, EVIDENCE_COLUMNS };

static const column evidence_columns[EVIDENCE_COLUMNS] = {
    [EVIDENCE_HEIGHT] = {"height", CHECKROB_COLUMN_INTEGER, "", 1, EVIDENCE_SIDE, 0, COLUMN_HIDDEN,
                         "rows of the grid"},
    [EVIDENCE_MAP] = {"map", CHECKROB_COLUMN_FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                      "the map on the grid; its sum over the image is 1, or 0 where it is empty"},
    [EVIDENCE_REGION] = {"region", CHECKROB_COLUMN_FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                         "what each cell weighs in a sum over the object's regions"},
    [EVIDENCE_COUNTED] =
        {"counted", CHECKROB_COLUMN_FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
         "what each cell weighs in a sum over all that counts; missing where everything does"},
};

static const child_table other_table = {"other", other_columns, OTHER_COLUMNS, 0,
                                        "the other annotated classes of the sample's image"};
static const child_table evidence_table = {"evidence", evidence_columns, EVIDENCE_COLUMNS,
                                           CHILD_ONE | CHILD_HIDDEN,
                                           "what is stored of a sample's map and region"};
enum { OTHER, EVIDENCE };
static const child_table *const children[] = {[OTHER] = &other_table, [EVIDENCE] = &evidence_table};

/* ---- state ---- */

typedef struct scorer {
  checkrob_explainer *explainer;
  size_t top_k;
  analysis_setup setup;
  size_t classes;    /* K */
  int64_t *targets;  /* [batch] */
  float *upsampled;  /* [H, W] */
  uint32_t *sorting; /* [2, H, W] */
  evidence_maker evidence;
} scorer;

static checkrob_status begin(void *self, const analysis_setup *setup) {
  scorer *s = self;
  size_t pixels = (size_t)setup->height * setup->width;
  s->setup = *setup;
  s->classes = (size_t)checkrob_model_class_count(s->explainer->model);
  s->targets = calloc(setup->batch, sizeof *s->targets);
  s->upsampled = malloc(pixels * sizeof *s->upsampled);
  s->sorting = malloc(2 * pixels * sizeof *s->sorting);
  if (!s->targets || !s->upsampled || !s->sorting) return error_memory("a batch; use a smaller one");
  return evidence_maker_init(&s->evidence, setup->height, setup->width);
}

static void end(void *self) {
  scorer *s = self;
  evidence_maker_clear(&s->evidence);
  free(s->targets);
  free(s->upsampled);
  free(s->sorting);
  s->targets = NULL;
  s->upsampled = NULL;
  s->sorting = NULL;
}

/* ---- one sample ---- */

static bool has_nan(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i])) return true;
  return false;
}

static double mean(const float *values, size_t count) {
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)values[i];
  return sum / (double)count;
}

static void set_localisation(checkrob_row *row, size_t base, const checkrob_localisation *l) {
  row_set_number(row, base + POINTING_GAME, l->pointing_game);
  row_set_number(row, base + RANK_ACCURACY, l->rank_accuracy);
  row_set_number(row, base + TOP_K_INTERSECTION, l->top_k_intersection);
  row_set_number(row, base + ATTRIBUTION_LOCALISATION, l->attribution_localisation);
  row_set_number(row, base + AUC, l->auc);
  row_set_number(row, base + IOU, l->iou);
}

/* The upsampled map against the sample's own regions. */
static checkrob_status score_map(scorer *s, const analysis_sample *sample) {
  size_t base = s->setup.column, pixels = (size_t)s->setup.height * s->setup.width;
  checkrob_localisation localisation = CHECKROB_LOCALISATION_INIT;
  bool empty = true;
  for (size_t i = 0; i < pixels && empty; i++) empty = !(s->upsampled[i] > 0.0F);
  row_set_number(sample->row, base + RS,
                 checkrob_robustness_score_ignoring(s->upsampled, sample->coverage, sample->ignored, pixels));
  row_set_number(sample->row, base + REGION_SHARE, mean(sample->coverage, pixels));
  localise(&localisation, s->upsampled, sample->coverage, sample->ignored, pixels, s->sorting);
  set_localisation(sample->row, base, &localisation);
  return empty ? sample_row_set_empty_map(sample->row) : CHECKROB_OK;
}

/* A row for each other annotated class; without shares where there is no map. */
static checkrob_status add_others(scorer *s, const analysis_sample *sample, bool scored) {
  size_t pixels = (size_t)s->setup.height * s->setup.width;
  for (size_t i = 0; i < checkrob_sample_other_count(sample->sample); i++) {
    checkrob_row *row = NULL;
    checkrob_status status = row_add_child(&row, sample->row, s->setup.child + OTHER);
    if (!status) status = row_set_text(row, OTHER_CLASS, checkrob_sample_other_name(sample->sample, i));
    if (status) return status;
    row_set_integer(row, OTHER_INDEX, checkrob_sample_other_index(sample->sample, i));
    if (scored)
      row_set_number(
          row, OTHER_SHARE,
          checkrob_robustness_score_ignoring(s->upsampled, sample->others[i], sample->ignored, pixels));
  }
  return CHECKROB_OK;
}

static checkrob_status store_evidence(scorer *s, const analysis_sample *sample, const evidence *made) {
  checkrob_row *row = NULL;
  size_t cells = made->height * made->width;
  checkrob_status status = row_add_child(&row, sample->row, s->setup.child + EVIDENCE);
  if (status) return status;
  row_set_integer(row, EVIDENCE_HEIGHT, (int64_t)made->height);
  status = row_set_floats(row, EVIDENCE_MAP, made->map, cells);
  if (!status) status = row_set_floats(row, EVIDENCE_REGION, made->region, cells);
  if (!status && made->counted) status = row_set_floats(row, EVIDENCE_COUNTED, made->counted, cells);
  return status;
}

/* What the sample's map on the layer's own grid says: the stored evidence, and the contrast. */
static checkrob_status weigh_evidence(scorer *s, const analysis_sample *sample,
                                      const checkrob_explanation *explanation, size_t n, const float *map,
                                      const size_t shape[2]) {
  evidence made = {0};
  checkrob_status status = evidence_make(&made, &s->evidence, map, shape[0], shape[1], s->upsampled,
                                         sample->coverage, sample->ignored);
  if (!status) status = store_evidence(s, sample, &made);
  size_t of_values[2];
  const float *values = checkrob_explanation_evidence(explanation, n, of_values);
  if (status || !values) return status;
  double contrast = NAN;
  status = evidence_contrast(&contrast, &s->evidence, &made, values, of_values[0], of_values[1],
                             sample->coverage, sample->ignored);
  row_set_number(sample->row, s->setup.column + CONTRAST, contrast);
  return status;
}

static checkrob_status score_logits(scorer *s, const analysis_sample *sample, const float *logits,
                                    int64_t target) {
  size_t base = s->setup.column;
  int64_t rank = checkrob_rank(logits, s->classes, target), predicted = 0;
  checkrob_status status = checkrob_top_k(&predicted, logits, s->classes, 1);
  row_set_number(sample->row, base + PROBABILITY,
                 score_of(s->explainer->model, CHECKROB_SCORE_PROBABILITY, logits, s->classes, target));
  row_set_integer(sample->row, base + RANK, rank);
  row_set_integer(sample->row, base + HIT, (uint64_t)rank <= s->top_k);
  row_set_integer(sample->row, base + PREDICTED, predicted);
  return status;
}

static checkrob_status score(scorer *s, const analysis_sample *sample,
                             const checkrob_explanation *explanation, size_t n) {
  int64_t target = checkrob_sample_class_index(sample->sample);
  const float *logits = checkrob_explanation_logits(explanation) + n * s->classes;
  row_set_number(sample->row, s->setup.column + LOGIT, (double)logits[target]);
  if (has_nan(logits, s->classes) || !isfinite(logits[target])) {
    checkrob_status status = sample_row_fail(sample->row, CHECKROB_ERROR_NUMERIC,
                                             "the model gave NaN or infinite logits for this image; check "
                                             "the model's weights and the preprocessing");
    return status ? status : add_others(s, sample, false);
  }
  size_t shape[2];
  const float *map = checkrob_explanation_map(explanation, n, shape);
  checkrob_status status =
      checkrob_saliency_upsample(s->upsampled, s->setup.height, s->setup.width, map, shape[0], shape[1]);
  if (!status) status = score_map(s, sample);
  if (!status) status = add_others(s, sample, true);
  if (!status) status = score_logits(s, sample, logits, target);
  return status ? status : weigh_evidence(s, sample, explanation, n, map, shape);
}

/* ---- a batch ---- */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static checkrob_status explain(checkrob_explanation **out, scorer *s, analysis_batch *batch) {
  for (size_t n = 0; n < batch->count; n++)
    s->targets[n] = checkrob_sample_class_index(batch->samples[n].sample);
  double start = now();
  checkrob_status status = checkrob_explainer_run(out, s->explainer, batch->input, batch->count,
                                                  s->setup.height, s->setup.width, s->targets);
  batch->model_seconds += now() - start;
  if (status == CHECKROB_OK) return CHECKROB_OK;
  /* A device that is short of memory gives an ERROR. */
  bool may_be_memory = status == CHECKROB_ERROR_OUT_OF_MEMORY || status == CHECKROB_ERROR;
  return error_set(status, "on a batch of %zu images: %s%s", batch->count, checkrob_last_error(),
                   may_be_memory ? " (where memory is short, use a smaller batch)" : "");
}

static checkrob_status score_batch(void *self, analysis_batch *batch) {
  scorer *s = self;
  checkrob_explanation *explanation = NULL;
  checkrob_status status = explain(&explanation, s, batch);
  for (size_t n = 0; n < batch->count && !status; n++) status = score(s, &batch->samples[n], explanation, n);
  checkrob_explanation_free(explanation);
  return status;
}

checkrob_status saliency_score_new(analysis *out, checkrob_explainer *explainer, size_t top_k) {
  scorer *s = calloc(1, sizeof *s);
  if (!s) return error_memory("an analysis");
  s->explainer = explainer;
  s->top_k = top_k;
  *out = (analysis){.name = "saliency_score",
                    .columns = {columns, COLUMNS},
                    .children = children,
                    .child_count = sizeof children / sizeof *children,
                    .needs = ANALYSIS_TENSOR | ANALYSIS_REGIONS,
                    .self = s,
                    .begin = begin,
                    .batch = score_batch,
                    .end = end,
                    .destroy = free};
  return CHECKROB_OK;
}
