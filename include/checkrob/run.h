/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: from a model and a dataset to a row for each sample and each class.
 *
 *    checkrob_options_set(options, "dataset", "voc");        // options.h: every option by its name
 *    checkrob_options_set(options, "images", "photos");
 *    checkrob_options_set(options, "annotations", "xml");
 *    checkrob_class_map_open(&classes, "map.csv");
 *    checkrob_dataset_open(&dataset, options, classes);
 *    checkrob_preprocess_open(&preprocess, "imagenet");
 *    checkrob_model_open(&model, "model.pt", 224, 224, options);
 *    checkrob_run_new(&run, model, dataset, preprocess, options);
 *    checkrob_run_execute(run);
 *    for (size_t i = 0; i < checkrob_run_class_count(run); i++)
 *      puts(checkrob_row_text(checkrob_run_class(run, i), "verdict"));
 *
 * Worker threads decode and preprocess images while the model computes. Rows are emitted in the dataset's
 * order, on the thread that called checkrob_run_execute. One bad image never stops a run: its row has a
 * status and an error message, and it is counted. This includes an image on which the model raises an error;
 * but if it does so on every sample of the first batch, the run stops. An image with several classes is
 * decoded once.
 *
 * Several runs of one model and one dataset may execute at the same time, each on its own thread. */
#ifndef CHECKROB_RUN_H
#define CHECKROB_RUN_H

#include <checkrob/explain.h>
#include <checkrob/extract.h>
#include <checkrob/row.h>
#include <checkrob/score.h>
#include <checkrob/verdict.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_run checkrob_run;

/* Model, dataset and preprocessing are borrowed and must outlive the run. The options (NULL: the defaults)
 * are copied. The function checks all that can be checked before the first image: the layer, the method, and
 * the class map against the model's outputs. Options: those of checkrob_explainer_new, and geometry, batch,
 * threads, top_k, shard, features, attack_..., image_max_..., verdict_.... `threads` 0 means the number that
 * was set for the process (checkrob_model_set_threads), or all cores. `device` and `layout` are those that
 * the model was opened with, whatever the options say. Errors: INVALID_ARGUMENT (a class index that the model
 * does not have; a model that was opened for an input size other than that of the preprocessing), those of
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

/* ---- before executing; INVALID_ARGUMENT while the run executes, that is in its callbacks ---- */

/* Stores the results in a file (results.h), batch by batch during the run. If the file exists and its results
 * were computed with the same options, the next execution resumes it: it continues after the last stored
 * sample, and its totals and classes count both. With other options it fails with OTHER_OPTIONS, and the
 * error message names them. batch, threads, top_k and the verdict options may differ: they change rounding at
 * most, or are applied to the stored rows. A run that was killed and then resumed has the same results as a
 * run that was not. NULL: no file, the default. An empty path is INVALID_ARGUMENT. The row callback is called
 * for new samples only. */
CHECKROB_API checkrob_status checkrob_run_store(checkrob_run *run, const char *path);
/* Stores a text with the results, such as a path: checkrob_results_option reads it. It does not affect
 * whether a run can be resumed; a resumed file keeps the notes of the execution that began it, and no others
 * are added. Both strings are copied. INVALID_ARGUMENT for a name that is used already, is empty, or is that
 * of an option or of something else that the library stores. */
CHECKROB_API checkrob_status checkrob_run_note(checkrob_run *run, const char *name, const char *value);

/* Reads representations out in the same pass: once for each image of which at least one sample could be
 * prepared, that is decoded, with regions in view. `layers` as in checkrob_cut_new. A resumed run reads out
 * only the images that it evaluates itself. Errors: those of checkrob_cut_new. */
CHECKROB_API checkrob_status checkrob_run_read_out(checkrob_run *run, const char *layers,
                                                   checkrob_pooling pool, checkrob_batch_callback callback,
                                                   void *user_data);
/* The paths of the layers that are read out, with commas between, never "auto"; "" if none are read out. */
CHECKROB_API const char *checkrob_run_read_out_layers(const checkrob_run *run);

/* Called for each sample, in order, on the thread that called checkrob_run_execute, before object-blind
 * scores are known. docs/files.md lists the columns of the table "sample". A value other than 0 interrupts
 * the run (INTERRUPTED). The rest of the current batch is then still stored and counted, but the callback is
 * not called for it, nor when the run is resumed. */
CHECKROB_API checkrob_status checkrob_run_on_row(checkrob_run *run, checkrob_row_callback callback,
                                                 void *user_data);

/* Called from time to time, at least after each batch. `done` input files of `total` are done. A value other
 * than 0 interrupts the run. */
CHECKROB_API checkrob_status checkrob_run_on_progress(checkrob_run *run, checkrob_progress_callback callback,
                                                      void *user_data);

/* ---- executing ---- */

/* Runs over the whole dataset or shard, or resumes. May be called again. If the run fails or is interrupted,
 * the rows of all batches that were complete by then are stored, and are counted in the classes. Errors:
 * INTERRUPTED, OTHER_OPTIONS, MODEL_UNSUPPORTED, OUT_OF_MEMORY, IO, NOT_FOUND (the folder of the results
 * file), BAD_INPUT (the results file), ERROR. */
CHECKROB_API checkrob_status checkrob_run_execute(checkrob_run *run);

/* Makes checkrob_run_execute stop after the current batches: with one thread there is one. A second call
 * gives them up, and the run that is resumed computes them: the model does not run again, and a worker
 * process (the option `worker`) that runs it is killed. The classes are still assessed; this can take a
 * while, and another call stops it: then the rows are stored and counted, but only the classes' counts, acc
 * and crs are known. A call after the last batch does the same. A call that stopped nothing, because none was
 * executing or it came too late, stops the next execution at once: a signal that arrives just before the
 * start is not lost. May be called from any thread, or from a signal handler. */
CHECKROB_API void checkrob_run_interrupt(checkrob_run *run);

/* ---- results; rows are valid until the next execution, or until the run is freed ---- */

/* The classes of the last execution: rows of the table "class". First those with an interval of their
 * suspicion, by falling suspicion; then by rising robustness; then classes without a robustness by rising
 * CRS; then classes without an evaluated sample; equal ones by index. NULL past the end. */
CHECKROB_API size_t checkrob_run_class_count(const checkrob_run *run);
CHECKROB_API const checkrob_row *checkrob_run_class(const checkrob_run *run, size_t rank);

/* A row of the table "totals". It has no values if the execution failed before its results file was open. */
CHECKROB_API const checkrob_row *checkrob_run_totals(const checkrob_run *run);

CHECKROB_END_DECLS
#endif
