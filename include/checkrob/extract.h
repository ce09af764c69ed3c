/* Representations: what a layer gives for each image, read out as it is.
 *
 *   checkrob_dataset_open_images(&images, "photos");
 *   checkrob_extraction_new(&extraction, model, images, preprocess);
 *   checkrob_extraction_set_layer(extraction, "layer3,layer4");
 *   checkrob_extraction_on_batch(extraction, write_rows, file);
 *   checkrob_extraction_execute(extraction);
 *
 * Images are decoded on worker threads while the model computes; memory does not depend on their number. An
 * image that fails is told and left out. Feature maps of any layout come as [rows, C, h, w]; layers of one
 * position, [N, C], as [rows, C, 1, 1].
 */
#ifndef CHECKROB_EXTRACT_H
#define CHECKROB_EXTRACT_H

#include <checkrob/dataset.h>
#include <checkrob/model.h>

CHECKROB_BEGIN_DECLS

/* What becomes of a map's positions. */
typedef enum checkrob_pool {
  CHECKROB_POOL_NONE = 1, /* they are kept: [rows, C, h, w] */
  CHECKROB_POOL_MEAN = 2, /* [rows, C], summed in double */
  CHECKROB_POOL_MAX = 3   /* [rows, C] */
} checkrob_pool;

/* "none", "mean" or "max", in any case. NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_pool_find(checkrob_pool *out, const char *name);
/* The name as above; NULL for a number that is no pool. */
CHECKROB_API const char *checkrob_pool_name(checkrob_pool pool);

/* One batch into the caller's buffer: input [batch, 3, height, width]; of the model's `layer`-th chosen
 * layer, from 0 (checkrob_model_select_representation), `out` gets [batch, C, h, w], or [batch, C] when
 * pooled: `capacity` floats are there, *count are written. With capacity 0 `out` may be NULL, and *count
 * tells how many are needed. Errors: INVALID_ARGUMENT (also where `out` is too small; *count then tells the
 * need), those of checkrob_model_run. */
CHECKROB_API checkrob_status checkrob_extract_batch(float *out, size_t capacity, size_t *count,
                                                    checkrob_model *model, const float *input, size_t batch,
                                                    uint32_t height, uint32_t width, size_t layer,
                                                    checkrob_pool pool);

typedef struct checkrob_extraction checkrob_extraction;

/* The three are borrowed and must outlive the extraction. Of the dataset's samples only the images are looked
 * at. */
CHECKROB_API checkrob_status checkrob_extraction_new(checkrob_extraction **out, checkrob_model *model,
                                                     const checkrob_dataset *dataset,
                                                     const checkrob_preprocess *preprocess);
CHECKROB_API void checkrob_extraction_free(checkrob_extraction *extraction);

typedef enum checkrob_extraction_option {
  CHECKROB_EXTRACTION_POOL = 1,  /* a checkrob_pool; default CHECKROB_POOL_NONE */
  CHECKROB_EXTRACTION_BATCH = 2, /* images in a batch, 1 to 4096; default 16 */
  CHECKROB_EXTRACTION_THREADS =
      3 /* computing threads, and as many decoding threads; 0, the default: all cores */
} checkrob_extraction_option;

/* INVALID_ARGUMENT for an unknown option or a value out of its range. Not from the extraction's own
 * callbacks, like all functions below but checkrob_extraction_cancel. */
CHECKROB_API checkrob_status checkrob_extraction_set(checkrob_extraction *extraction,
                                                     checkrob_extraction_option option, int64_t value);

/* The layers, as checkrob_model_select_representation takes them; copied. Default "auto". */
CHECKROB_API checkrob_status checkrob_extraction_set_layer(checkrob_extraction *extraction,
                                                           const char *paths);

/* One layer's part of a batch. Borrowed until the callback returns. */
typedef struct checkrob_representation {
  size_t size;
  const char *layer;   /* its path */
  size_t rows;         /* images */
  size_t shape[3];     /* C, h, w; pooled: C, 1, 1 */
  const float *values; /* [rows, C, h, w], or [rows, C] */
} checkrob_representation;

/* Called for every batch, in the dataset's order, on the thread that called checkrob_extraction_execute:
 * `images` [layers[0].rows] names each row's image, layers [layer_count]. The shapes are the same in all
 * batches. Non-zero stops the extraction (CANCELLED). */
typedef int (*checkrob_batch_callback)(const checkrob_representation *layers, size_t layer_count,
                                       const char *const *images, void *user_data);
CHECKROB_API void checkrob_extraction_on_batch(checkrob_extraction *extraction,
                                               checkrob_batch_callback callback, void *user_data);

/* Called for every image that is left out, before the batch that it would have been in. Non-zero stops. */
typedef int (*checkrob_failure_callback)(const char *image, checkrob_status status, const char *message,
                                         void *user_data);
CHECKROB_API void checkrob_extraction_on_failure(checkrob_extraction *extraction,
                                                 checkrob_failure_callback callback, void *user_data);

/* Called now and then, at least after every batch, with images done and in all. Non-zero stops. */
CHECKROB_API void checkrob_extraction_on_progress(checkrob_extraction *extraction,
                                                  int (*callback)(size_t done, size_t total, void *user_data),
                                                  void *user_data);

/* Checks all that can be checked before the first image: probes the model and selects the layers.
 * checkrob_extraction_execute does it where it was not done. Errors: those of checkrob_model_probe and
 * checkrob_model_select_representation. */
CHECKROB_API checkrob_status checkrob_extraction_prepare(checkrob_extraction *extraction);

/* From the first image to the last; may be called again. Errors: CANCELLED; those of
 * checkrob_extraction_prepare; UNSUPPORTED (a layer's shape changes from batch to batch); OUT_OF_MEMORY;
 * ERROR. */
CHECKROB_API checkrob_status checkrob_extraction_execute(checkrob_extraction *extraction);

/* As checkrob_run_cancel. */
CHECKROB_API void checkrob_extraction_cancel(checkrob_extraction *extraction);

/* Images read out, and images left out, in the last execution. */
CHECKROB_API size_t checkrob_extraction_rows(const checkrob_extraction *extraction);
CHECKROB_API size_t checkrob_extraction_failed(const checkrob_extraction *extraction);

CHECKROB_END_DECLS
#endif
