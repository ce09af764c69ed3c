/* Cuts: a model, cut open at the layers that one wants to look at. A cut runs batches and captures the
 * outputs of its layers, and the gradient of a score with respect to them.
 *
 *   checkrob_cut_new(&cut, model, "layer4", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_GRADIENTS);
 *   checkrob_cut_run(&capture, cut, input, batch, 224, 224, targets);
 *   gradient = checkrob_capture_gradient(capture, 0);
 *
 *   checkrob_cut_new(&forward, model, NULL, CHECKROB_SCORE_LOGIT, 0);       logits alone
 *
 * The graph is frozen, and batch normalisation folded into convolutions where that does not touch the cut's
 * layers. The tape for the gradient begins at the first of them; parameters never require gradients.
 *
 * Threads: one cut is used by one thread at a time. Several cuts of one model may run on several threads at
 * the same time, and share the model's weights; each computes the same numbers as it does alone. Each cut has
 * its own copy of what a model writes to itself in a run, such as a counter.
 */
#ifndef CHECKROB_CUT_H
#define CHECKROB_CUT_H

#include <checkrob/model.h>

CHECKROB_BEGIN_DECLS

/* What the gradient is taken of, for class c and logits z. A verdict that depends on the choice deserves a
 * second look: the logit and the margin are of the same scale, and the margin takes out what all classes
 * share. */
typedef enum checkrob_score_function {
  CHECKROB_SCORE_LOGIT = 1, /* z_c: that of the papers */
  CHECKROB_SCORE_PROBABILITY =
      2, /* softmax(z)_c, computed in double; sigmoid(z_c) for a model that ends in sigmoid, z_c
            itself where z are probabilities. For a class that is certain, its gradient is
            next to nothing, which Grad-CAM++ (eps of 1e-7) feels, Grad-CAM does not. */
  CHECKROB_SCORE_MARGIN = 3,  /* z_c - max of z_j, j != c: what speaks for c against its nearest rival */
  CHECKROB_SCORE_LOG_ODDS = 4 /* log p_c - log(1 - p_c): z_c - log of the sum of exp z_j, j != c, what speaks
                                 for c against all others, in nats; z_c for a model that ends in sigmoid,
                                 and for one of a single class */
} checkrob_score_function;

/* "logit", "probability", "margin" or "log-odds", in any case. NOT_FOUND for any other name, with those that
 * exist. */
CHECKROB_API checkrob_status checkrob_score_function_find(checkrob_score_function *out, const char *name);
/* The name as above; NULL for a number that is no score function. */
CHECKROB_API const char *checkrob_score_function_name(checkrob_score_function function);

typedef struct checkrob_cut checkrob_cut;

/* The model's input as a layer: [N, 3, H, W]. */
#define CHECKROB_LAYER_INPUT "(input)"

/* What a cut captures. */
enum {
  CHECKROB_CUT_ACTIVATIONS =
      1, /* the layers' outputs; a layer of one position, [N, C] or [N, C, 1, 1], is allowed */
  CHECKROB_CUT_MAPS = 2, /* the same; the layers must be feature maps of more than one position */
  CHECKROB_CUT_GRADIENTS =
      4 /* the same as MAPS, and in runs with targets the gradient with respect to them */
};

/* layers: NULL or "" for a cut that only runs forward; else a path, several paths with commas between
 * ("layer3,layer4"), CHECKROB_LAYER_INPUT, or "auto": the last spatial feature map before pooling, or the
 * last tokens that the logits depend on.
 *
 * score: what gradients are taken of.
 *
 * capture: a sum of CHECKROB_CUT_...; 0 without layers, and only then.
 *
 * The model is borrowed and must outlive the cut. The function builds a graph and runs it a few times on one
 * image to check it, which takes seconds for a large model.
 *
 * Errors: NOT_FOUND (no such layer: the error message names the nearest paths), MODEL_UNSUPPORTED (the layer
 * outputs no feature map, was not called, or its memory is used under another name; there is no layer that
 * "auto" could mean), INVALID_ARGUMENT (NULL, an empty or repeated path, unknown numbers), OUT_OF_MEMORY,
 * ERROR. */
CHECKROB_API checkrob_status checkrob_cut_new(checkrob_cut **out, const checkrob_model *model,
                                              const char *layers, checkrob_score_function score,
                                              unsigned capture);
CHECKROB_API void checkrob_cut_free(checkrob_cut *cut);

/* The paths with commas between, never "auto"; "" for a cut that only runs forward. */
CHECKROB_API const char *checkrob_cut_layers(const checkrob_cut *cut);
/* Number of layers. */
CHECKROB_API size_t checkrob_cut_layer_count(const checkrob_cut *cut);

/* What one batch gave; the arrays belong to the capture. */
typedef struct checkrob_capture checkrob_capture;

/* Runs a batch: input [batch, 3, height, width], borrowed; targets [batch], each image's own output index, or
 * NULL for no gradients. Activations are captured with targets and without. Logits may hold NaN or infinity.
 * Errors: INVALID_ARGUMENT (NULL, an empty batch, a target out of range, targets for a cut without
 * CHECKROB_CUT_GRADIENTS, a size that the model refuses), MODEL_UNSUPPORTED (targets where there is no
 * gradient: int8, or a layer without influence on the logits; a layer that this input does not reach, or
 * whose output for it is no feature map), OUT_OF_MEMORY, ERROR. After an error the cut is as it was before.
 */
CHECKROB_API checkrob_status checkrob_cut_run(checkrob_capture **out, checkrob_cut *cut, const float *input,
                                              size_t batch, uint32_t height, uint32_t width,
                                              const int64_t *targets);
/* May outlive its cut and its model. */
CHECKROB_API void checkrob_capture_free(checkrob_capture *capture);

/* [N, K] */
CHECKROB_API const float *checkrob_capture_logits(const checkrob_capture *capture);
/* Layers captured, in the cut's order. */
CHECKROB_API size_t checkrob_capture_layer_count(const checkrob_capture *capture);
/* [N, C, h, w]: A of the formulas in saliency.h, whatever the layer's own layout; `layer` counts from 0. NULL
 * past the end. */
CHECKROB_API const float *checkrob_capture_activation(const checkrob_capture *capture, size_t layer);
/* [N, C, h, w]: G, the gradient of image n's score of class targets[n] by activation[n]; NULL without
 * targets. */
CHECKROB_API const float *checkrob_capture_gradient(const checkrob_capture *capture, size_t layer);
/* N, C, h, w; zeros past the end. */
CHECKROB_API void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture, size_t layer);

/* One array of a capture. */
typedef enum checkrob_capture_part {
  CHECKROB_CAPTURE_LOGITS = 1,     /* [N, K] */
  CHECKROB_CAPTURE_ACTIVATION = 2, /* [N, C, h, w] */
  CHECKROB_CAPTURE_GRADIENT = 3    /* [N, C, h, w] */
} checkrob_capture_part;

struct DLManagedTensor; /* <dlpack/dlpack.h>, DLPack 0.2 to 0.8: an ABI that NumPy, PyTorch, JAX and others
                           take */

/* Shares an array without copying it: float32, on the CPU, C order, read and write. The tensor holds the
 * capture's memory, also after checkrob_capture_free, until its own `deleter` is called: by the consumer,
 * once, on any thread. `layer` is not looked at for logits. INVALID_ARGUMENT for a part that the capture does
 * not have, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_capture_dlpack(struct DLManagedTensor **out, checkrob_capture *capture,
                                                     checkrob_capture_part part, size_t layer);

CHECKROB_END_DECLS
#endif
