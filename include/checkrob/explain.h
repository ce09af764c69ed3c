/* SPDX-License-Identifier: Apache-2.0 */
/* Explainers: from images and classes to saliency maps, by any method. Some methods need one gradient, some
 * run the model many times, and some need no gradient.
 *
 *    checkrob_model_open(&model, "resnet50.pt", 224, 224, options);
 *    checkrob_options_set(options, "method", "scorecam");
 *    checkrob_explainer_new(&explainer, model, options);
 *    checkrob_explainer_run(&explanation, explainer, input, batch, 224, 224, targets);
 *    map = checkrob_explanation_map(shape, explanation, 0);
 *
 * Threads: only one thread may use an explainer at a time. Several explainers of one model may run on several
 * threads at the same time, because each has its own cut. */
#ifndef CHECKROB_EXPLAIN_H
#define CHECKROB_EXPLAIN_H

#include <checkrob/cut.h>
#include <checkrob/saliency.h>

CHECKROB_BEGIN_DECLS

/* How the maps of several layers are combined: each is upsampled to the input's size, then they are combined
 * position by position. The result is normalised again. */
typedef enum checkrob_combine { CHECKROB_COMBINE_MEAN = 1, CHECKROB_COMBINE_MAX = 2 } checkrob_combine;
/* "mean" or "max", in upper or lower case. NOT_FOUND for any other name. */
CHECKROB_API checkrob_status checkrob_combine_find(checkrob_combine *out, const char *name);
CHECKROB_API const char *checkrob_combine_name(checkrob_combine combine);

/* The activation that is subtracted from A. It applies to Grad-CAM, Grad-CAM++, HiResCAM and LayerCAM; other
 * methods ignore it. */
typedef enum checkrob_reference {
  /* Zero: the papers' formulas. */
  CHECKROB_REFERENCE_NONE = 1,
  /* A of a blank image. This is an input of zeros: the colour that the preprocessing calls mean. What the
   * layer outputs without any content, for example at the image's border, is then not attributed to the
   * image. Baselines: Sundararajan et al., Axiomatic Attribution for Deep Networks, ICML 2017. */
  CHECKROB_REFERENCE_BLANK = 2
} checkrob_reference;
/* "none" or "blank", in upper or lower case. NOT_FOUND for any other name. */
CHECKROB_API checkrob_status checkrob_reference_find(checkrob_reference *out, const char *name);
CHECKROB_API const char *checkrob_reference_name(checkrob_reference reference);

typedef struct checkrob_explainer checkrob_explainer;

/* Makes an explainer, which owns a cut of the model. The model is borrowed and must outlive the explainer.
 * The options are read once: an explainer never changes. For other options make another explainer.
 *
 * Options (NULL: the defaults, which are those of a run):
 *
 *   method         a name of saliency.h
 *   layer          as for checkrob_cut_new; for methods at the input "auto" or CHECKROB_LAYER_INPUT
 *   score          the score that is differentiated
 *   reference      for Grad-CAM, Grad-CAM++, HiResCAM and LayerCAM; "none": the papers' formulas
 *   combine        for several layers
 *   noise_samples  n of Smooth Grad-CAM++
 *   steps          m of integrated gradients
 *   seed           of random methods
 *   map_batch      images in a batch, for methods that run the model several times for each image
 *
 * Score-CAM ignores the score and uses the probability. CAM uses the logit. Eigen-CAM depends on no class.
 * The noise of an image depends on the seed and on the image's own pixels, not on its position in a batch or
 * a run: the same image always has the same noise.
 *
 * Errors: those of checkrob_cut_new; INVALID_ARGUMENT for a layer if the method has none. */
CHECKROB_API checkrob_status checkrob_explainer_new(checkrob_explainer **out, const checkrob_model *model,
                                                    const checkrob_options *options);
CHECKROB_API void checkrob_explainer_free(checkrob_explainer *explainer);

/* The layers' paths with commas between, never "auto". */
CHECKROB_API const char *checkrob_explainer_layers(const checkrob_explainer *explainer);

/* The results of one batch. */
typedef struct checkrob_explanation checkrob_explanation;

/* Explains a batch. input: [batch, 3, height, width], borrowed. targets: [batch], the output index of each
 * image's class. The size may differ from the size that the model was opened for. With the reference "blank"
 * the first run of each size also runs a blank image. Errors: INVALID_ARGUMENT (NULL, an empty batch, a
 * target out of range), MODEL_UNSUPPORTED (a gradient method on a quantised model; CAM, but the layers after
 * the cut are not global average pooling and one linear layer), INTERRUPTED, OUT_OF_MEMORY, ERROR. */
CHECKROB_API checkrob_status checkrob_explainer_run(checkrob_explanation **out, checkrob_explainer *explainer,
                                                    const float *input, size_t batch, uint32_t height,
                                                    uint32_t width, const int64_t *targets);
/* Makes checkrob_explainer_run return INTERRUPTED after the current run of the model, or without it, as
 * checkrob_cut_interrupt() says. */
CHECKROB_API void checkrob_explainer_interrupt(checkrob_explainer *explainer);
/* An explanation may outlive its explainer and its model. */
CHECKROB_API void checkrob_explanation_free(checkrob_explanation *explanation);

/* [batch, K]: the logits of the unchanged images. */
CHECKROB_API const float *checkrob_explanation_logits(const checkrob_explanation *explanation);
/* The normalised map of image n, [shape[0], shape[1]] = [h, w], in [0, 1]; all zeros if it is empty. It has
 * the layer's size, or the input's size for several layers and for methods that compute maps of that size.
 * NULL past the end. */
CHECKROB_API const float *checkrob_explanation_map(size_t shape[2], const checkrob_explanation *explanation,
                                                   size_t n);
/* The attribution of image n, [shape[0], shape[1]] = [h, w] of the layer: sum_k G_k (A_k - reference),
 * signed, not scaled, in units of the score function (nats for the log-odds). The sum over its positions is,
 * to first order, the change of the score from the reference to the image. NULL for methods without a
 * gradient at a layer, for several layers, and past the end. */
CHECKROB_API const float *checkrob_explanation_attribution(size_t shape[2],
                                                           const checkrob_explanation *explanation, size_t n);

CHECKROB_END_DECLS
#endif
