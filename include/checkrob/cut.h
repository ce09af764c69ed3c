/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts: a model prepared for certain layers. A cut runs batches. It captures the outputs of its layers, and
 * the gradient of a score with respect to them.
 *
 *    checkrob_cut_new(&cut, model, "layer4", CHECKROB_SCORE_LOGIT, CHECKROB_CUT_GRADIENTS);
 *    checkrob_cut_run(&capture, cut, input, batch, 224, 224, targets);
 *    gradient = checkrob_capture_gradient(capture, 0);
 *
 *    checkrob_cut_new(&forward, model, NULL, CHECKROB_SCORE_LOGIT, 0);       logits alone
 *
 * The graph of a cut is frozen. Batch normalisation is folded into convolutions, except where that would
 * change the output of the cut's layers. Automatic differentiation starts at the first of these layers.
 * Parameters never require gradients.
 *
 * Threads: only one thread may use a cut at a time. Several cuts of one model may run on several threads at
 * the same time. They share the model's weights, and each computes the same numbers as it does alone. Each
 * cut has its own copy of the buffers that the model changes during a run, such as a counter. */
#ifndef CHECKROB_CUT_H
#define CHECKROB_CUT_H

#include <checkrob/model.h>

CHECKROB_BEGIN_DECLS

/* The score that is differentiated, for class c and logits z. If a verdict depends on this choice, examine
 * the class more closely. The logit and the margin have the same scale; the margin removes what all classes
 * share. */
typedef enum checkrob_score_function {
  /* z_c, as in the papers. */
  CHECKROB_SCORE_LOGIT = 1,
  /* softmax(z)_c, computed in double. sigmoid(z_c) if the model ends in sigmoid; z_c itself if the z are
   * probabilities. If the class is certain, the gradient is almost zero. This affects Grad-CAM++ (because of
   * its eps of 1e-7), but not Grad-CAM. */
  CHECKROB_SCORE_PROBABILITY = 2,
  /* z_c - max of z_j, j != c: the class against its nearest rival. */
  CHECKROB_SCORE_MARGIN = 3,
  /* log p_c - log(1 - p_c) = z_c - log of the sum of exp z_j, j != c, in nats: the class against all others.
   * z_c if the model ends in sigmoid, or has a single class. */
  CHECKROB_SCORE_LOG_ODDS = 4
} checkrob_score_function;

/* "logit", "probability", "margin" or "log-odds", in upper or lower case. NOT_FOUND for any other name; the
 * error message lists the names. */
CHECKROB_API checkrob_status checkrob_score_function_find(checkrob_score_function *out, const char *name);
/* The name as above; NULL for an unknown number. */
CHECKROB_API const char *checkrob_score_function_name(checkrob_score_function function);

typedef struct checkrob_cut checkrob_cut;

/* The model's input as a layer: [N, 3, H, W]. */
#define CHECKROB_LAYER_INPUT "(input)"

/* What a cut captures. */
enum {
  /* The layers' outputs. A layer may have a single position: [N, C] or [N, C, 1, 1]. */
  CHECKROB_CUT_ACTIVATIONS = 1,
  /* The same, but the layers must be feature maps of more than one position. */
  CHECKROB_CUT_MAPS = 2,
  /* The same as MAPS. A run with targets also captures the gradient with respect to these outputs. */
  CHECKROB_CUT_GRADIENTS = 4
};

/* layers: NULL or "" for a cut that only runs forward; else a path, several paths with commas between
 * ("layer3,layer4"), CHECKROB_LAYER_INPUT, or "auto": the last spatial feature map before pooling, or the
 * last tokens that the logits depend on.
 *
 * score: the score that is differentiated.
 *
 * capture: a sum of CHECKROB_CUT_... for a cut with layers; 0 for a cut without layers.
 *
 * The model is borrowed and must outlive the cut. The function builds a graph, and runs it a few times on one
 * image to validate it. This takes seconds for a large model.
 *
 * Errors: NOT_FOUND (no such layer; the error message lists the nearest paths), MODEL_UNSUPPORTED (the layer
 * outputs no feature map, was not called, or shares its memory with another value; no layer fits "auto"),
 * INVALID_ARGUMENT (NULL, an empty or repeated path, unknown numbers), OUT_OF_MEMORY, ERROR. */
CHECKROB_API checkrob_status checkrob_cut_new(checkrob_cut **out, const checkrob_model *model,
                                              const char *layers, checkrob_score_function score,
                                              unsigned capture);
CHECKROB_API void checkrob_cut_free(checkrob_cut *cut);

/* The paths of the layers with commas between, never "auto"; "" for a cut that only runs forward. */
CHECKROB_API const char *checkrob_cut_layers(const checkrob_cut *cut);
/* Number of layers. */
CHECKROB_API size_t checkrob_cut_layer_count(const checkrob_cut *cut);

/* The results of one batch. The arrays belong to the capture. */
typedef struct checkrob_capture checkrob_capture;

/* Runs a batch. input: [batch, 3, height, width], borrowed. targets: [batch], the output index of each
 * image's class, or NULL for no gradients. Activations are captured with and without targets. Logits may
 * contain NaN or infinity. Errors: INVALID_ARGUMENT (NULL, an empty batch, one of more than 2^31 - 1 images,
 * a target out of range, targets for a cut without CHECKROB_CUT_GRADIENTS, a size that the model refuses),
 * MODEL_UNSUPPORTED (targets, but there is no gradient: int8, or a layer without influence on the logits; for
 * this input the layer is not called, or its output is no feature map), INTERRUPTED, OUT_OF_MEMORY, ERROR. An
 * error leaves the cut unchanged. */
CHECKROB_API checkrob_status checkrob_cut_run(checkrob_capture **out, checkrob_cut *cut, const float *input,
                                              size_t batch, uint32_t height, uint32_t width,
                                              const int64_t *targets);
/* Makes a run of the cut return INTERRUPTED: one that a worker process computes (the option `worker`) within
 * about 100 ms, because the worker is killed and the next run gets another one; one of this process once the
 * model has returned. A call while none runs stops the next one. May be called from any thread, or from a
 * signal handler. */
CHECKROB_API void checkrob_cut_interrupt(checkrob_cut *cut);
/* A capture may outlive its cut and its model. */
CHECKROB_API void checkrob_capture_free(checkrob_capture *capture);

/* N: the number of images. */
CHECKROB_API size_t checkrob_capture_count(const checkrob_capture *capture);
/* K: the number of the model's outputs. */
CHECKROB_API int64_t checkrob_capture_class_count(const checkrob_capture *capture);
/* [N, K] */
CHECKROB_API const float *checkrob_capture_logits(const checkrob_capture *capture);
/* Number of captured layers, in the order of the cut. */
CHECKROB_API size_t checkrob_capture_layer_count(const checkrob_capture *capture);
/* [N, C, h, w]: the activation A of the formulas in saliency.h, whatever the layer's own layout. `layer`
 * counts from 0. NULL past the end. */
CHECKROB_API const float *checkrob_capture_activation(const checkrob_capture *capture, size_t layer);
/* [N, C, h, w]: the gradient G, the derivative of image n's score of class targets[n] with respect to
 * activation[n]. NULL without targets. */
CHECKROB_API const float *checkrob_capture_gradient(const checkrob_capture *capture, size_t layer);
/* N, C, h, w; zeros past the end. */
CHECKROB_API void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture, size_t layer);

/* One array of a capture. */
typedef enum checkrob_capture_part {
  CHECKROB_CAPTURE_LOGITS = 1,     /* [N, K] */
  CHECKROB_CAPTURE_ACTIVATION = 2, /* [N, C, h, w] */
  CHECKROB_CAPTURE_GRADIENT = 3    /* [N, C, h, w] */
} checkrob_capture_part;

/* <dlpack/dlpack.h>, DLPack 0.2 to 0.8. NumPy, PyTorch, JAX and others accept this ABI. */
struct DLManagedTensor;

/* Shares an array without copying it: float32, on the CPU, in C order, readable and writable. The tensor
 * holds the capture's memory, also after checkrob_capture_free, until the consumer calls the tensor's
 * `deleter`. The consumer calls it once, on any thread. For logits `layer` is ignored. Errors:
 * INVALID_ARGUMENT (the capture does not have this part), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_capture_dlpack(struct DLManagedTensor **out, checkrob_capture *capture,
                                                     checkrob_capture_part part, size_t layer);

CHECKROB_END_DECLS
#endif
