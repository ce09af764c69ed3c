/* From images and classes to saliency maps, by any method: those that need one gradient, those that run the
 * model again and again, and those that need no gradient at all.
 *
 *   checkrob_model_open(&model, "resnet50.pt", 224, 224, options);
 *   checkrob_options_set(options, "method", "scorecam");
 *   checkrob_explainer_new(&explainer, model, options);
 *   checkrob_explainer_run(&explanation, explainer, input, batch, 224, 224, targets);
 *   map = checkrob_explanation_map(explanation, 0, shape);
 *
 * Threads: one explainer is used by one thread at a time. Several explainers of one model may run on several
 * threads at the same time, as cuts may: each has a cut of its own.
 */
#ifndef CHECKROB_EXPLAIN_H
#define CHECKROB_EXPLAIN_H

#include <checkrob/cut.h>
#include <checkrob/saliency.h>

CHECKROB_BEGIN_DECLS

/* How the maps of several layers become one: each is upsampled to the input's size, then position by
 * position; the result is normalised again. */
typedef enum checkrob_combine { CHECKROB_COMBINE_MEAN = 1, CHECKROB_COMBINE_MAX = 2 } checkrob_combine;
/* "mean" or "max", in any case. NOT_FOUND for any other name. */
CHECKROB_API checkrob_status checkrob_combine_find(checkrob_combine *out, const char *name);
CHECKROB_API const char *checkrob_combine_name(checkrob_combine combine);

/* What the layer's activation is measured from. */
typedef enum checkrob_reference {
  CHECKROB_REFERENCE_NONE = 1, /* zero: the papers' formulas as they are */
  CHECKROB_REFERENCE_BLANK = 2 /* A of a blank image (an input of zeros: the colour that the preprocessing
                                  calls mean) is taken off A first. What the layer gives for nothing at all,
                                  such as at the image's rim, is then no evidence. Of Grad-CAM, Grad-CAM++,
                                  HiResCAM and LayerCAM; other methods are what they are. Baselines:
                                  Sundararajan et al., Axiomatic Attribution for Deep Networks, ICML 2017 */
} checkrob_reference;
/* "none" or "blank", in any case. NOT_FOUND for any other name. */
CHECKROB_API checkrob_status checkrob_reference_find(checkrob_reference *out, const char *name);
CHECKROB_API const char *checkrob_reference_name(checkrob_reference reference);

typedef struct checkrob_explainer checkrob_explainer;

/* Makes a cut of the model, which is borrowed and must outlive the explainer. An explainer never changes: the
 * options are read once, and for other options one makes another explainer.
 *
 * Options (NULL: their defaults, which are those of a run):
 *
 *   method         a name of saliency.h
 *   layer          as for checkrob_cut_new; for methods at the input "auto" or CHECKROB_LAYER_INPUT
 *   score          what gradients are taken of
 *   reference      for Grad-CAM, Grad-CAM++, HiResCAM and LayerCAM; "none": the papers' formulas
 *   combine        for several layers
 *   noise_samples  n of Smooth Grad-CAM++
 *   steps          m of integrated gradients
 *   seed           of random methods
 *   map_batch      images at once where a method runs the model more often than there are images
 *
 * Score-CAM ignores the score and takes the probability, CAM takes the logit, and Eigen-CAM depends on no
 * class. The noise of an image depends on the seed and on the image's own pixels, not on its position in a
 * batch or a run: the same image always gets the same noise.
 *
 * Errors: those of checkrob_cut_new, and INVALID_ARGUMENT for a layer where the method has none. */
CHECKROB_API checkrob_status checkrob_explainer_new(checkrob_explainer **out, const checkrob_model *model,
                                                    const checkrob_options *options);
CHECKROB_API void checkrob_explainer_free(checkrob_explainer *explainer);

/* The layers' paths with commas between, never "auto". */
CHECKROB_API const char *checkrob_explainer_layers(const checkrob_explainer *explainer);

/* What one batch gave. */
typedef struct checkrob_explanation checkrob_explanation;

/* input [batch, 3, height, width], borrowed; targets [batch], each image's class, an output index. The size
 * need not be the model's. With the reference "blank" the first run of each size also runs a blank image.
 * Errors: INVALID_ARGUMENT (NULL, an empty batch, a target out of range), MODEL_UNSUPPORTED (a gradient
 * method on a quantised model; CAM on a head that is not global average pooling and one linear layer),
 * OUT_OF_MEMORY, ERROR. */
CHECKROB_API checkrob_status checkrob_explainer_run(checkrob_explanation **out, checkrob_explainer *explainer,
                                                    const float *input, size_t batch, uint32_t height,
                                                    uint32_t width, const int64_t *targets);
/* May outlive its explainer and its model. */
CHECKROB_API void checkrob_explanation_free(checkrob_explanation *explanation);

/* [batch, K], of the images as they are. */
CHECKROB_API const float *checkrob_explanation_logits(const checkrob_explanation *explanation);
/* The normalised map of image n, [shape[0], shape[1]] = [h, w], in [0, 1], all zeros where it is empty: of
 * the layer's size, or of the input's (methods that give that, and several layers). NULL past the end. */
CHECKROB_API const float *checkrob_explanation_map(const checkrob_explanation *explanation, size_t n,
                                                   size_t shape[2]);
/* The evidence of image n, [shape[0], shape[1]] = [h, w] of the layer: sum_k G_k (A_k - reference), signed,
 * not scaled, in units of the score function (nats for the log-odds). What its positions add up to is, to
 * first order, by how much the score changes from the reference to the image. NULL for methods without a
 * gradient at a layer, for several layers, and past the end. */
CHECKROB_API const float *checkrob_explanation_evidence(const checkrob_explanation *explanation, size_t n,
                                                        size_t shape[2]);

CHECKROB_END_DECLS
#endif
