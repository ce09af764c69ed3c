/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations that the files of this room share. Each family of methods below computes the maps of all
 * layers for a batch. explainer.c chooses the family and combines the maps of several layers. */
#ifndef CHECKROB_LIB_EXPLAIN_H
#define CHECKROB_LIB_EXPLAIN_H

#include <checkrob/explain.h>
#include <stdbool.h>

/* The activations of a blank image of one size. */
typedef struct blank_image {
  checkrob_capture *capture; /* NULL: not run yet */
  uint32_t height, width;
} blank_image;

/* The settings do not change. Findings of earlier runs are stored for the next one. */
struct checkrob_explainer {
  const checkrob_model *model;
  checkrob_cut *cut;
  checkrob_method_info method;
  checkrob_score_function score;
  checkrob_combine combine;
  checkrob_reference reference;
  size_t noise_samples, steps, map_batch;
  uint64_t seed;

  bool head_is_linear; /* cam has verified this */
  blank_image blank;   /* for the last input size */
};

/* The images to explain. */
typedef struct image_batch {
  const float *input; /* [count, 3, height, width] */
  size_t count;
  uint32_t height, width;
  const int64_t *targets; /* [count] */
} image_batch;

/* One layer's normalised maps, [count, height, width]. */
typedef struct layer_maps {
  size_t height, width;
  float *maps;
} layer_maps;

/* The result of a family. */
typedef struct batch_maps {
  float *logits; /* [count, K] */
  size_t classes;
  size_t layer_count;
  layer_maps *layers;
  float *attribution; /* [count, height, width] of the only layer, or NULL */
} batch_maps;

/* Copies the logits of a capture, and allocates the list of layers. */
checkrob_status batch_maps_start(batch_maps *maps, const checkrob_explainer *explainer,
                                 const checkrob_capture *capture, size_t count);
/* Allocates the maps of one layer. */
checkrob_status layer_maps_start(layer_maps *layer, size_t count, size_t height, size_t width);

void batch_maps_clear(batch_maps *maps);

static inline size_t pixels_of(const image_batch *batch) {
  return (size_t)batch->height * batch->width;
}

/* The score function of one image's logits [classes], in double, with regard to how the model ends. */
double score_of(const checkrob_model *model, checkrob_score_function function, const float *logits,
                size_t classes, int64_t target);

typedef checkrob_status (*method_family)(batch_maps *maps, checkrob_explainer *explainer,
                                         const image_batch *batch);
checkrob_status explain_at_once(batch_maps *maps, checkrob_explainer *explainer, const image_batch *batch);
checkrob_status explain_smoothly(batch_maps *maps, checkrob_explainer *explainer, const image_batch *batch);
checkrob_status explain_by_masking(batch_maps *maps, checkrob_explainer *explainer, const image_batch *batch);
checkrob_status explain_by_ablation(batch_maps *maps, checkrob_explainer *explainer,
                                    const image_batch *batch);
checkrob_status explain_by_integration(batch_maps *maps, checkrob_explainer *explainer,
                                       const image_batch *batch);

#endif
