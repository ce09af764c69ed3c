/* Models: an unmodified TorchScript archive, scripted or traced.
 *
 * Takes float32 [N, 3, H, W], gives logits [N, K]. The graph is frozen, batch normalisation folded into
 * convolutions where that does not touch the layer under observation, and cut open behind one layer: the tape
 * for the gradient covers only what lies behind that layer. Parameters never require gradients.
 */
#ifndef CHECKROB_MODEL_H
#define CHECKROB_MODEL_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_model checkrob_model;

/* Loads the archive; runs nothing yet. Errors: NOT_FOUND, BAD_INPUT (not an archive), UNSUPPORTED,
 * OUT_OF_MEMORY, ERROR. An archive holds code that runs: open only archives that you trust. */
CHECKROB_API checkrob_status checkrob_model_open(checkrob_model **out, const char *path);
CHECKROB_API void checkrob_model_free(checkrob_model *model);

/* Computing threads of libtorch, for all models of the process; 0: all cores that the process may use, which
 * is what the first checkrob_model_open sets. Returns the number in force. */
CHECKROB_API int checkrob_model_set_threads(int threads);

/* Runs the model once on [1, 3, height, width] and lists its layers. Every function below needs it.
 * Errors: UNSUPPORTED (no [N, K] logits), INVALID_ARGUMENT, ERROR. */
CHECKROB_API checkrob_status checkrob_model_probe(checkrob_model *model, uint32_t height, uint32_t width);

/* Number of outputs, K. */
CHECKROB_API int64_t checkrob_model_class_count(const checkrob_model *model);

#define CHECKROB_LAYER_MAX_RANK 8

/* One layer, in the order in which they finish. The strings belong to the model and live until the next
 * probe. */
typedef struct checkrob_layer {
  size_t size;
  const char *path; /* dotted, "layer4.2.conv3"; "relu" is the last call of a module called several
                       times, "relu#1" its first */
  const char *type; /* "Conv2d" */
  size_t rank;      /* of the output, at most 8; 0 if it is not a tensor */
  int64_t shape[CHECKROB_LAYER_MAX_RANK]; /* of the output, batch first; the first `rank` hold */
  int usable;  /* 1: a feature map [N, C, h, w], h * w > 1, that can be looked at */
  int is_auto; /* 1: this is what "auto" picks */
} checkrob_layer;

#define CHECKROB_LAYER_INIT \
  { sizeof(checkrob_layer), NULL, NULL, 0, {0}, 0, 0 }

CHECKROB_API size_t checkrob_model_layer_count(const checkrob_model *model);
CHECKROB_API checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model,
                                                  size_t index);

/* Chooses the layer to look at: a path, or "auto" for the last spatial feature map before pooling. Errors:
 * NOT_FOUND (the sentence names the nearest paths), UNSUPPORTED. */
CHECKROB_API checkrob_status checkrob_model_select_layer(checkrob_model *model, const char *path);
/* The chosen layer's path; NULL before. */
CHECKROB_API const char *checkrob_model_selected_layer(const checkrob_model *model);

/* What the gradient is taken of, for class c and logits z. A verdict that depends on the choice deserves a
 * second look: the logit and the margin are of the same scale, and the margin takes out what all classes
 * share. */
typedef enum checkrob_score_function {
  CHECKROB_SCORE_LOGIT = 1, /* z_c: that of the papers; the default */
  CHECKROB_SCORE_PROBABILITY =
      2,                    /* softmax(z)_c, computed in double. For a class that is certain, its gradient is
                               next to nothing, which Grad-CAM++ (eps of 1e-7) feels, Grad-CAM does not. */
  CHECKROB_SCORE_MARGIN = 3 /* z_c - max of z_j, j != c: what speaks for c against its nearest rival */
} checkrob_score_function;

/* "logit", "probability" or "margin", in any case. NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_score_function_find(checkrob_score_function *out, const char *name);
/* The name as above; NULL for a number that is no score function. */
CHECKROB_API const char *checkrob_score_function_name(checkrob_score_function function);
/* Holds for the runs after it, whatever the layer. INVALID_ARGUMENT for a number that is no score function.
 */
CHECKROB_API checkrob_status checkrob_model_set_score_function(checkrob_model *model,
                                                               checkrob_score_function function);

/* What one batch gave; the arrays belong to the capture. */
typedef struct checkrob_capture checkrob_capture;

/* Runs a batch: input [batch, 3, height, width], borrowed; targets [batch], each image's own output index, or
 * NULL for no gradients. The chosen layer's activations come with targets and without. The logits are handed
 * over as they are, NaN included. Errors: INVALID_ARGUMENT (a target out of range, no layer chosen),
 * OUT_OF_MEMORY, ERROR. */
CHECKROB_API checkrob_status checkrob_model_run(checkrob_capture **out, checkrob_model *model,
                                                const float *input, size_t batch, uint32_t height,
                                                uint32_t width, const int64_t *targets);
CHECKROB_API void checkrob_capture_free(checkrob_capture *capture);

/* [N, K] */
CHECKROB_API const float *checkrob_capture_logits(const checkrob_capture *capture);
/* [N, C, h, w]: A of the formulas in saliency.h */
CHECKROB_API const float *checkrob_capture_activation(const checkrob_capture *capture);
/* [N, C, h, w]: G, the gradient of image n's score (targets[n]'s logit, or as set) by activation[n]; NULL
 * without targets */
CHECKROB_API const float *checkrob_capture_gradient(const checkrob_capture *capture);
/* N, C, h, w */
CHECKROB_API void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture);

/* A sentence about the libtorch installation where it is known to be slow (the reference BLAS), or NULL. */
CHECKROB_API const char *checkrob_model_installation_warning(void);

CHECKROB_END_DECLS
#endif
