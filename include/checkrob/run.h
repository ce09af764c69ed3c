/* The main job: a model and a dataset in, a row for each image and each class out.
 *
 *   checkrob_run_new(&run, model, dataset, preprocess);
 *   checkrob_run_set(run, CHECKROB_RUN_BATCH, 16);
 *   checkrob_run_execute(run);
 *   for (size_t i = 0; i < checkrob_run_class_count(run); i++) {
 *     checkrob_class_result result = CHECKROB_CLASS_RESULT_INIT;
 *     checkrob_run_class(&result, run, i);
 *     ...
 *
 * Images are decoded and preprocessed on worker threads while the model computes; results come in the order
 * of the inputs, on the thread that called checkrob_run_execute. One bad image never stops a run: it gets a
 * row with a status and a sentence, and is counted.
 */
#ifndef CHECKROB_RUN_H
#define CHECKROB_RUN_H

#include <checkrob/dataset.h>
#include <checkrob/explain.h>
#include <checkrob/score.h>
#include <checkrob/verdict.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_run checkrob_run;

/* The three are borrowed and must outlive the run. */
CHECKROB_API checkrob_status checkrob_run_new(checkrob_run **out, checkrob_model *model,
                                              const checkrob_dataset *dataset,
                                              const checkrob_preprocess *preprocess);
CHECKROB_API void checkrob_run_free(checkrob_run *run);

typedef enum checkrob_run_option {
  CHECKROB_RUN_METHOD = 1,   /* a checkrob_method; default CHECKROB_METHOD_GRADCAMPP */
  CHECKROB_RUN_GEOMETRY = 2, /* a checkrob_geometry; default CHECKROB_GEOMETRY_STANDARD */
  CHECKROB_RUN_BATCH = 3,    /* images in a batch, 1 to 4096; default 16 */
  CHECKROB_RUN_THREADS = 4,  /* computing threads, and as many decoding threads; 0: all cores; default 0.
                                libtorch's are the process's: the last value that was set counts for all */
  CHECKROB_RUN_TOP_K = 5,    /* k of the accuracy, at least 1; default 1. One larger than K counts as K. */
  CHECKROB_RUN_SCORE_FUNCTION = 6, /* a checkrob_score_function; default the log-odds */
  CHECKROB_RUN_COMBINE = 7,        /* a checkrob_combine, for several layers; default CHECKROB_COMBINE_MEAN */
  CHECKROB_RUN_SAMPLES = 8,        /* noisy copies of Smooth Grad-CAM++, 1 to 10000; default 25 */
  CHECKROB_RUN_STEPS = 9,          /* of integrated gradients, 1 to 10000; default 32 */
  CHECKROB_RUN_SEED = 10,          /* of random methods, from 0; default 0. See explain.h. */
  CHECKROB_RUN_REFERENCE = 11      /* a checkrob_reference; default CHECKROB_REFERENCE_BLANK */
} checkrob_run_option;

/* INVALID_ARGUMENT for an unknown option or a value out of its range. While the run is being executed, that
 * is from its callbacks, neither the options nor the layer nor the limits can change, and it can be neither
 * prepared nor executed: INVALID_ARGUMENT too. */
CHECKROB_API checkrob_status checkrob_run_set(checkrob_run *run, checkrob_run_option option, int64_t value);

/* Which part of the dataset is scored: the shard-th of `shards` parts, as checkrob_cursor_new has it; 0, 0
 * (the default): all. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_run_set_shard(checkrob_run *run, uint32_t shard, uint32_t shards);

/* The layer, a path or "auto" (the default), or several with commas between; copied. Checked when the run
 * starts. */
CHECKROB_API checkrob_status checkrob_run_set_layer(checkrob_run *run, const char *layer);

/* How verdicts are come to, from the next execution on; copied. It may differ from that of an execution that
 * is gone on with: with kept results (checkrob_run_keep) the next execution judges them by the new rule and
 * computes nothing anew; without, it begins from the start. Errors: INVALID_ARGUMENT (a number out of its
 * range). */
CHECKROB_API checkrob_status checkrob_run_set_verdict_rule(checkrob_run *run,
                                                           const checkrob_verdict_rule *rule);

/* Limits for the images; copied. */
CHECKROB_API checkrob_status checkrob_run_set_image_limits(checkrob_run *run,
                                                           const checkrob_image_limits *limits);

/* Keeps the results in a file (results.h), written while the run goes on, batch by batch. If the file is
 * there already, with the same options, the next execution goes on where that one stopped, and its totals and
 * classes count both; with other options it fails with INVALID_ARGUMENT, and its sentence says which differ.
 * Batch and threads may differ: they change rounding at most. A run that was killed ends in the same results
 * as one that was not. NULL: not kept, the default. The result callback is called for new samples alone. */
CHECKROB_API checkrob_status checkrob_run_keep(checkrob_run *run, const char *path);
/* Something worth keeping with the results, such as a path; it does not decide whether a run may go on. Both
 * are copied; a name may be given once. */
CHECKROB_API checkrob_status checkrob_run_note(checkrob_run *run, const char *name, const char *value);

/* Another class that is annotated in the sample's image. */
typedef struct checkrob_other_class {
  const char *name;
  int64_t index; /* -1: not in the class map */
  double share;  /* of the saliency on that class's regions, 0 to 1; regions of two classes may overlap. NaN
                    unless  the sample is OK */
} checkrob_other_class;

/* What became of one sample. The strings live until the callback returns. */
typedef struct checkrob_image_result {
  size_t size;
  const char *image;      /* path relative to the images folder */
  const char *class_name; /* "" where it is unknown */
  int64_t class_index;    /* -1 where it is unknown */
  checkrob_status
      status; /* OK: the numbers below hold. Besides the codes of the dataset and the decoder: NO_OBJECT where
                 the object lies outside the centre crop (paper geometry: OK with an rs of 0, as the authors
                 have it), NUMERIC for NaN among the logits or an infinite logit of the class */
  const char *message; /* the sentence for a failure; for OK a remark, or "" */
  double rs;           /* robustness score, 0 to 1; NaN unless OK */
  double logit;        /* of the class; NaN unless the model ran */
  int hit;             /* 1: the class is among the top k; 0: not; -1 unless OK */
  int empty_map;       /* 1: the map held no saliency, so rs is 0 */
  size_t input, part;  /* checkrob_sample_input and checkrob_sample_part */
  double region_share; /* of the model's input that the object's regions cover, 0 to 1: what a flat map would
                          score; NaN unless OK */
  double probability;  /* of the class: softmax of the logits, or the model's own ending; NaN unless OK */
  int64_t rank;        /* of the class among the logits, from 1; 0 unless OK */
  int64_t predicted;   /* the index of the highest logit; -1 unless OK */
  const checkrob_other_class *others; /* [other_count] */
  size_t other_count;
  double milliseconds;                /* of decoding, and its part of its batch's time in the model */
  checkrob_localisation localisation; /* other metrics of the same map and region (score.h); NaN unless OK */
  double contrast; /* evidence on the object less that elsewhere (verdict.h), in units of the score function;
                      NaN unless OK, and where checkrob_explanation_evidence is NULL */
  double rs0; /* object-blind score: what it gets from the mean map of the images of other classes. NaN unless
                 OK, without other classes, and in the result callback, which comes before all maps are known:
                 checkrob_results_each has it */
} checkrob_image_result;

/* Called for every sample, in order, on the thread that called checkrob_run_execute. Non-zero stops the run
 * (CANCELLED). */
typedef int (*checkrob_result_callback)(const checkrob_image_result *result, void *user_data);
CHECKROB_API void checkrob_run_on_result(checkrob_run *run, checkrob_result_callback callback,
                                         void *user_data);

/* Called now and then, at least after every batch, with inputs done and in all. Non-zero stops the run. */
typedef int (*checkrob_progress_callback)(size_t done, size_t total, void *user_data);
CHECKROB_API void checkrob_run_on_progress(checkrob_run *run, checkrob_progress_callback callback,
                                           void *user_data);

/* Checks all that can be checked before the first image: probes the model, selects the layer, holds the class
 * map against the model's outputs. checkrob_run_execute does it where it was not done; a program that writes
 * files calls it before it replaces old ones. The model must not be probed or given another layer between
 * this and the end of the run. Errors: INVALID_ARGUMENT (a class index that the model does not have), those
 * of checkrob_model_probe and checkrob_model_select_layer. */
CHECKROB_API checkrob_status checkrob_run_prepare(checkrob_run *run);

/* Runs from the dataset's first sample to its last; may be called again and then starts anew. Results that
 * were computed before a failure or a cancellation have been given to the callback and are counted in the
 * classes. Errors: CANCELLED; those of checkrob_run_prepare; OUT_OF_MEMORY; ERROR. */
CHECKROB_API checkrob_status checkrob_run_execute(checkrob_run *run);

/* Asks checkrob_run_execute to stop after the batch at hand; where none is running, the next one stops at
 * once, so that a signal that comes just before it starts is not lost. From any thread, or a signal handler.
 */
CHECKROB_API void checkrob_run_cancel(checkrob_run *run);

typedef struct checkrob_class_result {
  size_t size;
  const char *name; /* belongs to the run, until its next execution */
  int64_t index;
  size_t images;   /* samples evaluated */
  size_t failed;   /* samples that could not be evaluated */
  double accuracy; /* top-k, 0 to 1; NaN without images */
  double crs;      /* mean RS, 0 to 1; NaN without images */
  /* What follows is known when all maps are: at the end. NaN where it can't be said: without images, or, of
   * what compares with maps of other classes, without those. */
  double crs_low, crs_high;      /* bootstrap interval (BCa, Efron 1987) of the mean */
  double area;                   /* mean share of the image that the regions cover */
  double rs0;                    /* mean object-blind score (verdict.h) */
  double ers, ers_low, ers_high; /* excess robustness, and its interval */
  double lift;                   /* log-odds lift */
  size_t recognised; /* of images: with the class among the top k, and a finite contrast where the method
                        gives any. The rest is of these alone: what the model looks at where it is wrong is
                        not what it is right by */
  double contrast;   /* mean evidence contrast */
  double robustness; /* what the verdict goes by (verdict.h), log-odds */
  double robustness_low, robustness_high;
  double p;      /* of maps of other classes scoring as high: exchange, Phipson and Smyth 2010 */
  double q;      /* the same adjusted for the number of classes: Benjamini and Hochberg 1995 */
  double needed; /* recognised images that a verdict on one side of the thresholds would take, at this spread;
                    at least the rule's min_images, NaN between the thresholds */
  checkrob_localisation localisation; /* means over the images */
  checkrob_verdict verdict;
  /* Of the verdict, a sentence; belongs to the run, until its next execution. "": nothing is assessed. */
  const char *reason;
} checkrob_class_result;

#define CHECKROB_CLASS_RESULT_INIT                                                                          \
  {                                                                                                         \
    sizeof(checkrob_class_result), NULL, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0, \
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, CHECKROB_LOCALISATION_INIT, CHECKROB_VERDICT_NOT_ENOUGH_DATA, ""      \
  }

/* The classes met in the last execution, 0 before its end, the least robust first: by rising robustness, then
 * those without one by rising CRS, then those without an evaluated image; equal ones by index. */
CHECKROB_API size_t checkrob_run_class_count(const checkrob_run *run);
CHECKROB_API checkrob_status checkrob_run_class(checkrob_class_result *out, const checkrob_run *run,
                                                size_t rank);

typedef struct checkrob_run_totals {
  size_t size;
  size_t inputs;     /* images and annotations without image */
  size_t samples;    /* rows */
  size_t evaluated;  /* rows with a score */
  size_t failed;     /* rows without one */
  size_t empty_maps; /* evaluated rows whose map was empty */
  double seconds;    /* wall time of checkrob_run_execute, and of checkrob_run_prepare if that was called */
  double setup_seconds; /* of it, before the first image: probing run, cut and freeze */
  double model_seconds; /* of it, in the model: forward and gradient */
  double wait_seconds;  /* of it, waiting for decoded images */
  size_t resumed;       /* of the samples: found in the file that the run went on with */
  size_t skipped;       /* of the inputs: left without a sample by the dataset's skip_unmapped */
} checkrob_run_totals;

#define CHECKROB_RUN_TOTALS_INIT \
  { sizeof(checkrob_run_totals), 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 0 }

CHECKROB_API checkrob_status checkrob_run_totals_get(checkrob_run_totals *out, const checkrob_run *run);

CHECKROB_END_DECLS
#endif
