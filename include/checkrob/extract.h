/* Representations: what layers give for each image, read out as it is.
 *
 *   checkrob_options_set(options, "images", "photos");
 *   checkrob_options_set(options, "layer", "layer3,layer4");
 *   checkrob_dataset_open_images(&images, options);
 *   checkrob_extraction_new(&extraction, model, images, preprocess, options);
 *   checkrob_extraction_on_batch(extraction, write_rows, file);
 *   checkrob_extraction_execute(extraction);
 *
 * Images are decoded on worker threads while the model computes; memory does not depend on their number. An
 * image that fails is reported and left out. Feature maps of any layout come as [rows, C, h, w]; layers of
 * one position, [N, C], as [rows, C, 1, 1].
 *
 * A run can read representations out in the same pass: checkrob_run_read_out() in run.h.
 */
#ifndef CHECKROB_EXTRACT_H
#define CHECKROB_EXTRACT_H

#include <checkrob/cut.h>
#include <checkrob/dataset.h>

CHECKROB_BEGIN_DECLS

/* What is done with a map's positions. */
typedef enum checkrob_pool {
  CHECKROB_POOL_NONE = 1, /* nothing: [rows, C, h, w] */
  CHECKROB_POOL_MEAN = 2, /* their mean, summed in double: [rows, C] */
  CHECKROB_POOL_MAX = 3   /* the highest: [rows, C] */
} checkrob_pool;

/* "none", "mean" or "max", in any case. NOT_FOUND for any other name; the message lists them. */
CHECKROB_API checkrob_status checkrob_pool_find(checkrob_pool *out, const char *name);
/* The name as above; NULL for a number that is no pool. */
CHECKROB_API const char *checkrob_pool_name(checkrob_pool pool);

/* One batch into the caller's buffer: input [batch, 3, height, width]; of the cut's `layer`-th layer, from 0,
 * `out` gets [batch, C, h, w], or [batch, C] when pooled. `capacity` floats are there, *count are written.
 * With capacity 0 `out` may be NULL, and *count says how many are needed. Errors: INVALID_ARGUMENT (also
 * where `out` is too small; *count then says how many are needed), those of checkrob_cut_run. */
CHECKROB_API checkrob_status checkrob_extract_batch(float *out, size_t capacity, size_t *count,
                                                    checkrob_cut *cut, const float *input, size_t batch,
                                                    uint32_t height, uint32_t width, size_t layer,
                                                    checkrob_pool pool);

/* ---- a batch as callbacks receive it: valid until they return ---- */

typedef struct checkrob_batch checkrob_batch;

/* Number of images. The image's name, as in all results; NULL past the end. */
CHECKROB_API size_t checkrob_batch_rows(const checkrob_batch *batch);
CHECKROB_API const char *checkrob_batch_image(const checkrob_batch *batch, size_t row);
/* Number of layers. The layer's path; NULL past the end. */
CHECKROB_API size_t checkrob_batch_layer_count(const checkrob_batch *batch);
CHECKROB_API const char *checkrob_batch_layer(const checkrob_batch *batch, size_t layer);
/* C, h, w of each row; pooled: C, 1, 1. The same in all batches. Zeros past the end. */
CHECKROB_API void checkrob_batch_shape(size_t shape[3], const checkrob_batch *batch, size_t layer);
/* [rows, C, h, w], or [rows, C]; NULL past the end. */
CHECKROB_API const float *checkrob_batch_values(const checkrob_batch *batch, size_t layer);

/* Called for every batch, in the dataset's order, on the thread that executes. Another value than 0
 * interrupts (INTERRUPTED). */
typedef int (*checkrob_batch_callback)(const checkrob_batch *batch, void *user_data);

/* ---- a folder of images ---- */

typedef struct checkrob_extraction checkrob_extraction;

/* Model, dataset and preprocessing are borrowed and must outlive the extraction; of the dataset's samples
 * only the images are read. Used options: layer, pool, batch, threads, shard, image_max_...; they are copied.
 * Errors: those of checkrob_cut_new; INVALID_ARGUMENT (also where the model was opened for another input size
 * than the preprocessing gives). */
CHECKROB_API checkrob_status checkrob_extraction_new(checkrob_extraction **out, const checkrob_model *model,
                                                     const checkrob_dataset *dataset,
                                                     const checkrob_preprocess *preprocess,
                                                     const checkrob_options *options);
CHECKROB_API void checkrob_extraction_free(checkrob_extraction *extraction);

/* The layers' paths with commas between, never "auto". */
CHECKROB_API const char *checkrob_extraction_layers(const checkrob_extraction *extraction);

CHECKROB_API void checkrob_extraction_on_batch(checkrob_extraction *extraction,
                                               checkrob_batch_callback callback, void *user_data);

/* Called for every image that is left out, in the dataset's order. Another value than 0 interrupts. */
typedef int (*checkrob_failure_callback)(const char *image, checkrob_status status, const char *message,
                                         void *user_data);
CHECKROB_API void checkrob_extraction_on_failure(checkrob_extraction *extraction,
                                                 checkrob_failure_callback callback, void *user_data);

/* Called now and then, at least after every batch, with images done and in all. Another value than 0
 * interrupts. */
typedef int (*checkrob_progress_callback)(size_t done, size_t total, void *user_data);
CHECKROB_API void checkrob_extraction_on_progress(checkrob_extraction *extraction,
                                                  checkrob_progress_callback callback, void *user_data);

/* From the first image to the last; may be called again. Errors: INTERRUPTED; MODEL_UNSUPPORTED (a layer's
 * shape changes from image to image); those of checkrob_cut_run; OUT_OF_MEMORY; IO. */
CHECKROB_API checkrob_status checkrob_extraction_execute(checkrob_extraction *extraction);

/* Asks checkrob_extraction_execute to stop after the current batch; where none is executing, the next one
 * stops at once. From any thread, or a signal handler. */
CHECKROB_API void checkrob_extraction_interrupt(checkrob_extraction *extraction);

/* Images read out, and images left out, in the last execution. */
CHECKROB_API size_t checkrob_extraction_rows(const checkrob_extraction *extraction);
CHECKROB_API size_t checkrob_extraction_failed(const checkrob_extraction *extraction);

CHECKROB_END_DECLS
#endif
