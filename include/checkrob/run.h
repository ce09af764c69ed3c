/* The main job: a model and a dataset in, a row for each sample and each class out.
 *
 *   checkrob_options_set(options, "dataset", "voc");        // options.h: every option by its name
 *   checkrob_options_set(options, "images", "photos");
 *   checkrob_options_set(options, "annotations", "xml");
 *   checkrob_class_map_open(&classes, "map.csv");
 *   checkrob_dataset_open(&dataset, options, classes);
 *   checkrob_preprocess_open(&preprocess, "imagenet");
 *   checkrob_model_open(&model, "model.pt", 224, 224, options);
 *   checkrob_run_new(&run, model, dataset, preprocess, options);
 *   checkrob_run_execute(run);
 *   for (size_t i = 0; i < checkrob_run_class_count(run); i++)
 *     puts(checkrob_row_text(checkrob_run_class(run, i), "verdict"));
 *
 * Images are decoded and preprocessed on worker threads while the model computes; rows come in the order of
 * the dataset, on the thread that called checkrob_run_execute. One bad image never stops a run: it gets a row
 * with a status and an error message, and is counted. An image with several classes is decoded once.
 *
 * Several runs of one model and one dataset may execute at once, on a thread each.
 */
#ifndef CHECKROB_RUN_H
#define CHECKROB_RUN_H

#include <checkrob/explain.h>
#include <checkrob/extract.h>
#include <checkrob/row.h>
#include <checkrob/score.h>
#include <checkrob/verdict.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_run checkrob_run;

/* Model, dataset and preprocessing are borrowed and must outlive the run; the options (NULL: the defaults)
 * are copied. Everything that can be checked before the first image is checked here: the layer, the method,
 * and the class map against the model's outputs. Used options: those of checkrob_explainer_new, and geometry,
 * batch, threads, top_k, shard, image_max_..., verdict_.... Errors: INVALID_ARGUMENT (a class index that the
 * model does not have; a model that was opened for another input size than the preprocessing gives), those of
 * checkrob_explainer_new. */
CHECKROB_API checkrob_status checkrob_run_new(checkrob_run **out, const checkrob_model *model,
                                              const checkrob_dataset *dataset,
                                              const checkrob_preprocess *preprocess,
                                              const checkrob_options *options);
CHECKROB_API void checkrob_run_free(checkrob_run *run);

/* The options that the run was made with. */
CHECKROB_API const checkrob_options *checkrob_run_options(const checkrob_run *run);
/* The layers' paths with commas between, never "auto". */
CHECKROB_API const char *checkrob_run_layers(const checkrob_run *run);

/* ---- before executing; INVALID_ARGUMENT while the run executes, that is from its callbacks ---- */

/* Stores the results in a file (results.h), batch by batch while the run goes on. If the file exists, and its
 * results were made with the same options, the next execution resumes where that one stopped, and its totals
 * and classes count both. With other options it fails with OTHER_OPTIONS, and the message says which differ.
 * Batch, threads, top_k and the verdict options may differ: they change rounding at most, or are applied to
 * the stored rows anew. A run that was killed and resumed ends with the same results as one that was not.
 * NULL: no file, the default. The row callback is called for new samples alone. */
CHECKROB_API checkrob_status checkrob_run_store(checkrob_run *run, const char *path);
/* Stores a text with the results, such as a path; it does not decide whether a run can be resumed. Both are
 * copied; a name may be given once. */
CHECKROB_API checkrob_status checkrob_run_note(checkrob_run *run, const char *name, const char *value);

/* Reads representations out in the same pass: each image with an evaluated sample once. `layers` as in
 * checkrob_cut_new. A resumed run reads out what it evaluates itself. Errors: those of checkrob_cut_new. */
CHECKROB_API checkrob_status checkrob_run_read_out(checkrob_run *run, const char *layers, checkrob_pool pool,
                                                   checkrob_batch_callback callback, void *user_data);
/* The paths of the layers that are read out with commas between, never "auto"; "" where none is. */
CHECKROB_API const char *checkrob_run_read_out_layers(const checkrob_run *run);

/* Called for every sample, in order, on the thread that called checkrob_run_execute, before object-blind
 * scores are known. docs/files.md lists the columns of the table "sample". Another value than 0 interrupts
 * the run (INTERRUPTED). */
CHECKROB_API checkrob_status checkrob_run_on_row(checkrob_run *run, checkrob_row_callback callback,
                                                 void *user_data);

/* Called now and then, at least after every batch, with input files done and in all. Another value than 0
 * interrupts the run. */
CHECKROB_API checkrob_status checkrob_run_on_progress(checkrob_run *run, checkrob_progress_callback callback,
                                                      void *user_data);

/* ---- executing ---- */

/* Runs from the dataset's first sample to its last, or resumes. May be called again. Results that were
 * computed before a failure or an interruption were given to the callback, are stored and are counted in the
 * classes. Errors: INTERRUPTED, OTHER_OPTIONS, MODEL_UNSUPPORTED, OUT_OF_MEMORY, IO, BAD_INPUT (the results
 * file), ERROR. */
CHECKROB_API checkrob_status checkrob_run_execute(checkrob_run *run);

/* Asks checkrob_run_execute to stop after the current batch; where none is executing, the next one stops at
 * once, so that a signal that comes just before it starts is not lost. From any thread, or a signal handler.
 */
CHECKROB_API void checkrob_run_interrupt(checkrob_run *run);

/* ---- results; rows are valid until the next execution, or the run's end ---- */

/* The classes met in the last execution, the least robust first: by rising robustness, then those without one
 * by rising CRS, then those without an evaluated sample; equal ones by index. Rows of the table "class"; NULL
 * past the end. */
CHECKROB_API size_t checkrob_run_class_count(const checkrob_run *run);
CHECKROB_API const checkrob_row *checkrob_run_class(const checkrob_run *run, size_t rank);

/* A row of the table "totals". */
CHECKROB_API const checkrob_row *checkrob_run_totals(const checkrob_run *run);

CHECKROB_END_DECLS
#endif
