/* SPDX-License-Identifier: Apache-2.0 */
/* Representations: the outputs of layers for each image, as features for other programs.
 *
 *    checkrob_options_set(options, "images", "photos");
 *    checkrob_options_set(options, "layer", "layer3,layer4");
 *    checkrob_dataset_open_images(&images, options);
 *    checkrob_extraction_new(&extraction, model, images, preprocess, options);
 *    checkrob_extraction_on_batch(extraction, write_rows, file);
 *    checkrob_extraction_execute(extraction);
 *
 * Worker threads decode images while the model computes. Memory does not depend on the number of images. An
 * image that fails is reported and omitted. Feature maps of any layout are converted to [rows, C, h, w], and
 * layers of one position, [N, C], to [rows, C, 1, 1].
 *
 * A run can read representations out in the same pass: checkrob_run_read_out() in run.h. */
#ifndef CHECKROB_EXTRACT_H
#define CHECKROB_EXTRACT_H

#include <checkrob/cut.h>
#include <checkrob/dataset.h>

CHECKROB_BEGIN_DECLS

/* How a map's positions are reduced. */
typedef enum checkrob_pooling {
  CHECKROB_POOLING_NONE = 1, /* not at all: [rows, C, h, w] */
  CHECKROB_POOLING_MEAN = 2, /* their mean, summed in double: [rows, C] */
  CHECKROB_POOLING_MAX = 3   /* the highest value: [rows, C] */
} checkrob_pooling;

/* "none", "mean" or "max", in upper or lower case. NOT_FOUND for any other name; the error message lists the
 * names. */
CHECKROB_API checkrob_status checkrob_pooling_find(checkrob_pooling *out, const char *name);
/* The name as above; NULL for an unknown number. */
CHECKROB_API const char *checkrob_pooling_name(checkrob_pooling pool);

/* Pools one layer of a capture (cut.h), with the number `layer`, from 0: writes [N, C], or for
 * CHECKROB_POOLING_NONE a copy, [N, C, h, w], to `out`, which has room for `capacity` floats.
 * checkrob_capture_shape() returns N, C, h, w. Errors: INVALID_ARGUMENT (also if there is no such layer, or
 * `out` is too small). */
CHECKROB_API checkrob_status checkrob_capture_pool(float *out, size_t capacity,
                                                   const checkrob_capture *capture, size_t layer,
                                                   checkrob_pooling pooling);

/* ---- a batch, as callbacks receive it: valid until they return ---- */

typedef struct checkrob_batch checkrob_batch;

/* Number of images. */
CHECKROB_API size_t checkrob_batch_rows(const checkrob_batch *batch);
/* The name of the image, as in all results; NULL past the end. */
CHECKROB_API const char *checkrob_batch_image(const checkrob_batch *batch, size_t row);
/* Number of layers. */
CHECKROB_API size_t checkrob_batch_layer_count(const checkrob_batch *batch);
/* The path of the layer; NULL past the end. */
CHECKROB_API const char *checkrob_batch_layer(const checkrob_batch *batch, size_t layer);
/* C, h, w of each row; C, 1, 1 if pooled. All batches have the same shape. Zeros past the end. */
CHECKROB_API void checkrob_batch_shape(size_t shape[3], const checkrob_batch *batch, size_t layer);
/* [rows, C, h, w], or [rows, C]; NULL past the end. */
CHECKROB_API const float *checkrob_batch_values(const checkrob_batch *batch, size_t layer);

/* Called for each batch, in the dataset's order, on the thread that executes. A value other than 0 interrupts
 * (INTERRUPTED). */
typedef int (*checkrob_batch_callback)(const checkrob_batch *batch, void *user_data);

/* ---- a folder of images ---- */

typedef struct checkrob_extraction checkrob_extraction;

/* Model, dataset and preprocessing are borrowed and must outlive the extraction. Each input of the dataset is
 * read once, for its image alone, whatever its annotations. Inputs that skip_unmapped or skip_unannotated
 * leaves out are not read. The options layer, pool, batch, threads, shard and image_max_... are copied.
 * `threads` 0 means the number that was set for the process (checkrob_model_set_threads), or all cores.
 * Errors: those of checkrob_cut_new; INVALID_ARGUMENT (also if the model was opened for an input size other
 * than that of the preprocessing). */
CHECKROB_API checkrob_status checkrob_extraction_new(checkrob_extraction **out, const checkrob_model *model,
                                                     const checkrob_dataset *dataset,
                                                     const checkrob_preprocess *preprocess,
                                                     const checkrob_options *options);
CHECKROB_API void checkrob_extraction_free(checkrob_extraction *extraction);

/* The layers' paths with commas between, never "auto". */
CHECKROB_API const char *checkrob_extraction_layers(const checkrob_extraction *extraction);

/* ---- before executing; INVALID_ARGUMENT while the extraction executes, that is in its callbacks ---- */

/* Called for each batch; NULL: none, which is the default of all callbacks. */
CHECKROB_API checkrob_status checkrob_extraction_on_batch(checkrob_extraction *extraction,
                                                          checkrob_batch_callback callback, void *user_data);

/* Called for each image that is omitted, in the dataset's order. A value other than 0 interrupts. */
typedef int (*checkrob_failure_callback)(const char *image, checkrob_status status, const char *message,
                                         void *user_data);
CHECKROB_API checkrob_status checkrob_extraction_on_failure(checkrob_extraction *extraction,
                                                            checkrob_failure_callback callback,
                                                            void *user_data);

/* Called from time to time, at least after each batch. `done` images of `total` are done. A value other than
 * 0 interrupts. */
typedef int (*checkrob_progress_callback)(size_t done, size_t total, void *user_data);
CHECKROB_API checkrob_status checkrob_extraction_on_progress(checkrob_extraction *extraction,
                                                             checkrob_progress_callback callback,
                                                             void *user_data);

/* Reads all images. May be called again. An image on which the model raises an error is omitted; but if it
 * does so on every image of the first batch, the extraction fails with ERROR. Errors: INTERRUPTED;
 * MODEL_UNSUPPORTED (a layer's shape differs from one image to the next); those of checkrob_cut_run;
 * OUT_OF_MEMORY; IO. */
CHECKROB_API checkrob_status checkrob_extraction_execute(checkrob_extraction *extraction);

/* Makes checkrob_extraction_execute stop after the current batch. A second call gives it up, as
 * checkrob_run_interrupt() says. A call that stopped nothing, because none was executing or it came too late,
 * stops the next execution at once. May be called from any thread, or from a signal handler. */
CHECKROB_API void checkrob_extraction_interrupt(checkrob_extraction *extraction);

/* Number of images that the last execution read out, and that it omitted. */
CHECKROB_API size_t checkrob_extraction_rows(const checkrob_extraction *extraction);
CHECKROB_API size_t checkrob_extraction_failed(const checkrob_extraction *extraction);
/* Of all its images, those that were turned upright, as their EXIF orientation says (image.h). */
CHECKROB_API size_t checkrob_extraction_turned(const checkrob_extraction *extraction);

CHECKROB_END_DECLS
#endif
