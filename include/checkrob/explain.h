/* From images and classes to saliency maps, by any method: those that need one gradient, those that run the
 * model again and again, and those that need no gradient at all.
 *
 *   checkrob_model_probe(model, 224, 224);
 *   checkrob_explainer_new(&explainer, model);
 *   checkrob_explainer_set(explainer, CHECKROB_EXPLAINER_METHOD, CHECKROB_METHOD_SCORECAM);
 *   checkrob_explainer_select_layer(explainer, "auto");
 *   checkrob_explainer_run(&explanation, explainer, input, batch, 224, 224, targets);
 *   map = checkrob_explanation_map(explanation, 0, shape);
 *
 * One explainer, with its model, is used by one thread at a time.
 */
#ifndef CHECKROB_EXPLAIN_H
#define CHECKROB_EXPLAIN_H

#include <checkrob/model.h>
#include <checkrob/saliency.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_explainer checkrob_explainer;

/* The model is borrowed and must outlive the explainer. */
CHECKROB_API checkrob_status checkrob_explainer_new(checkrob_explainer **out, checkrob_model *model);
CHECKROB_API void checkrob_explainer_free(checkrob_explainer *explainer);

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

typedef enum checkrob_explainer_option {
  CHECKROB_EXPLAINER_METHOD = 1, /* a checkrob_method; default CHECKROB_METHOD_GRADCAMPP */
  CHECKROB_EXPLAINER_SCORE_FUNCTION =
      2,                           /* a checkrob_score_function; default the logit, as the papers have it (a
                                      checkrob_run's default is the log-odds). Not asked by Score-CAM
                                      (always the probability), Eigen-CAM (no class at all) and CAM (logit) */
  CHECKROB_EXPLAINER_COMBINE = 3,  /* a checkrob_combine; default the mean */
  CHECKROB_EXPLAINER_SAMPLES = 4,  /* n of Smooth Grad-CAM++, 1 to 10000; default 25 */
  CHECKROB_EXPLAINER_STEPS = 5,    /* m of integrated gradients, 1 to 10000; default 32 */
  CHECKROB_EXPLAINER_SEED = 6,     /* of random methods, 0 to 2^63 - 1; default 0. An image's noise depends on
                                      the seed and on the image's own pixels, not on its place in a batch or a
                                      run: the same image always gets the same noise. */
  CHECKROB_EXPLAINER_BATCH = 7,    /* images at once where a method runs the model more often than there are
                                      images, 1 to 4096; default 32 */
  CHECKROB_EXPLAINER_REFERENCE = 8 /* a checkrob_reference; default none, as the papers have it (a
                                      checkrob_run's default is blank) */
} checkrob_explainer_option;

/* INVALID_ARGUMENT for an unknown option or a value out of its range. */
CHECKROB_API checkrob_status checkrob_explainer_set(checkrob_explainer *explainer,
                                                    checkrob_explainer_option option, int64_t value);

/* checkrob_model_select_layer for the method that is set: methods at the input take CHECKROB_LAYER_INPUT, and
 * "auto" or that as `paths`. Once after the model's probe and a change of method. Errors: those, and
 * INVALID_ARGUMENT for a layer where the method has none. */
CHECKROB_API checkrob_status checkrob_explainer_select_layer(checkrob_explainer *explainer,
                                                             const char *paths);

/* What one batch gave. */
typedef struct checkrob_explanation checkrob_explanation;

/* input [batch, 3, height, width], borrowed; targets [batch], each image's class, an output index. The
 * model's own score function (checkrob_model_set_score_function) is set to the explainer's, and stays so.
 * Errors: INVALID_ARGUMENT (no layer selected, a target out of range), UNSUPPORTED (a gradient method on a
 * quantised model; CAM on a head that is not global average pooling and one linear layer), OUT_OF_MEMORY,
 * ERROR. */
CHECKROB_API checkrob_status checkrob_explainer_run(checkrob_explanation **out, checkrob_explainer *explainer,
                                                    const float *input, size_t batch, uint32_t height,
                                                    uint32_t width, const int64_t *targets);
CHECKROB_API void checkrob_explanation_free(checkrob_explanation *explanation);

/* [batch, K], of the images as they are */
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
