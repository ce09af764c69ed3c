/* Models: an unmodified TorchScript archive, scripted or traced.
 *
 * Takes float32 [N, 3, H, W], gives logits [N, K]. The graph is frozen, batch normalisation folded into
 * convolutions where that does not touch the layers under observation, and cut open behind them: the tape
 * for the gradient covers only what lies behind the first of them. Parameters never require gradients.
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

/* Where the model computes: "cpu" (the default), "cuda" or "cuda:N". Before checkrob_model_probe. Errors:
 * UNSUPPORTED (there is no such device), INVALID_ARGUMENT (another word). */
CHECKROB_API checkrob_status checkrob_model_set_device(checkrob_model *model, const char *device);

/* Where channels and positions lie in a layer's output. */
typedef enum checkrob_layout {
  CHECKROB_LAYOUT_AUTO = 0,  /* as the shape says: see below */
  CHECKROB_LAYOUT_NCHW = 1,  /* [N, C, h, w] */
  CHECKROB_LAYOUT_NHWC = 2,  /* [N, h, w, C]: Swin, ConvNeXt's blocks */
  CHECKROB_LAYOUT_TOKENS = 3 /* [N, P + h * w, C]: P class and register tokens, then the positions row by row:
                                ViT, DeiT */
} checkrob_layout;

/* "auto", "nchw", "nhwc" or "tokens", in any case. NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_layout_find(checkrob_layout *out, const char *name);
/* The name as above; NULL for a number that is no layout. */
CHECKROB_API const char *checkrob_layout_name(checkrob_layout layout);

/* How the next probe reads the layers' outputs. With AUTO, the default, feature maps are taken to have the
 * input's aspect ratio: of four axes, 2 and 3 are the positions unless 1 and 2 match it better; of three, the
 * tokens are positions but for the fewest leading ones, at most 16, that leave a grid of exactly that ratio.
 * prefix_tokens: P, 0 to 4096, or -1: found by shape. INVALID_ARGUMENT for other numbers. */
CHECKROB_API checkrob_status checkrob_model_set_layout(checkrob_model *model, checkrob_layout layout,
                                                       int64_t prefix_tokens);

/* Runs the model once on [1, 3, height, width] and lists its layers; on more images, if it was traced with a
 * batch of them and takes no other. Every function below needs it.
 * Errors: UNSUPPORTED (no [N, K] logits), INVALID_ARGUMENT, ERROR. */
CHECKROB_API checkrob_status checkrob_model_probe(checkrob_model *model, uint32_t height, uint32_t width);

/* Number of outputs, K. */
CHECKROB_API int64_t checkrob_model_class_count(const checkrob_model *model);

/* How the model ends. Where the graph shows that it ends in softmax, log_softmax or sigmoid, that operation
 * is left out, so that logits are logits and gradients do not vanish for classes that are certain. */
typedef enum checkrob_ending {
  CHECKROB_ENDING_LOGITS = 0,
  CHECKROB_ENDING_SOFTMAX = 1,      /* left out */
  CHECKROB_ENDING_LOG_SOFTMAX = 2,  /* left out */
  CHECKROB_ENDING_SIGMOID = 3,      /* left out: several classes may hold at once (multi-label) */
  CHECKROB_ENDING_PROBABILITIES = 4 /* the outputs are probabilities, but the graph does not show whence: they
                                       stand for the logits, and the gradient is theirs */
} checkrob_ending;
CHECKROB_API checkrob_ending checkrob_model_ending(const checkrob_model *model);

/* What a user should know of this model, whole sentences: an ending that was left out, half precision
 * computed in float32 ...; "" where there is nothing. Lives until the next probe. */
CHECKROB_API const char *checkrob_model_remark(const checkrob_model *model);

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
  int usable;                     /* 1: a feature map of more than one position, that can be looked at */
  int is_auto;                    /* 1: this is what "auto" picks */
  int readable;                   /* 1: usable, or of one position, [N, C] or [N, C, 1, 1]: can be read out */
  checkrob_layout layout;         /* where it is readable; never AUTO */
  size_t channels, height, width; /* C, h, w where it is readable, else 0 */
  size_t prefix_tokens;           /* P, for TOKENS */
} checkrob_layer;

#define CHECKROB_LAYER_INIT \
  { sizeof(checkrob_layer), NULL, NULL, 0, {0}, 0, 0, 0, CHECKROB_LAYOUT_AUTO, 0, 0, 0, 0 }

CHECKROB_API size_t checkrob_model_layer_count(const checkrob_model *model);
CHECKROB_API checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model,
                                                  size_t index);

/* The model's input as a layer: [N, 3, H, W]. */
#define CHECKROB_LAYER_INPUT "(input)"

/* Chooses the layers to look at: a path, several paths with commas between ("layer3,layer4"), "auto" for the
 * last spatial feature map before pooling or the last tokens that the logits depend on, or
 * CHECKROB_LAYER_INPUT. Errors: NOT_FOUND (the sentence names the nearest paths), UNSUPPORTED,
 * INVALID_ARGUMENT (an empty or repeated path). */
CHECKROB_API checkrob_status checkrob_model_select_layer(checkrob_model *model, const char *paths);
/* The same for reading activations out alone: takes readable layers too, as [N, C, 1, 1], of which no map can
 * be made. */
CHECKROB_API checkrob_status checkrob_model_select_representation(checkrob_model *model, const char *paths);
/* The chosen paths, with commas between, never "auto"; NULL before. */
CHECKROB_API const char *checkrob_model_selected_layer(const checkrob_model *model);
/* How many were chosen; 0 before. */
CHECKROB_API size_t checkrob_model_selected_count(const checkrob_model *model);

/* What the gradient is taken of, for class c and logits z. A verdict that depends on the choice deserves a
 * second look: the logit and the margin are of the same scale, and the margin takes out what all classes
 * share. */
typedef enum checkrob_score_function {
  CHECKROB_SCORE_LOGIT = 1, /* z_c: that of the papers; the default of models and explainers, not of runs */
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
/* Holds for the runs after it, whatever the layer, until checkrob_explainer_run or checkrob_run_execute sets
 * its own. INVALID_ARGUMENT for a number that is no score function. */
CHECKROB_API checkrob_status checkrob_model_set_score_function(checkrob_model *model,
                                                               checkrob_score_function function);

/* What one batch gave; the arrays belong to the capture. */
typedef struct checkrob_capture checkrob_capture;

/* Runs a batch: input [batch, 3, height, width], borrowed; targets [batch], each image's own output index, or
 * NULL for no gradients. The chosen layer's activations come with targets and without. The logits are handed
 * over as they are, NaN included. Errors: INVALID_ARGUMENT (a target out of range, no layer chosen, a size
 * that the model refuses), UNSUPPORTED (targets where there is no gradient: int8, or a layer without
 * influence on the logits; a layer that this input does not reach, or of which it gives no feature map),
 * OUT_OF_MEMORY, ERROR. */
CHECKROB_API checkrob_status checkrob_model_run(checkrob_capture **out, checkrob_model *model,
                                                const float *input, size_t batch, uint32_t height,
                                                uint32_t width, const int64_t *targets);
CHECKROB_API void checkrob_capture_free(checkrob_capture *capture);

/* [N, K] */
CHECKROB_API const float *checkrob_capture_logits(const checkrob_capture *capture);
/* Layers captured, in the order in which they were chosen. */
CHECKROB_API size_t checkrob_capture_layer_count(const checkrob_capture *capture);
/* [N, C, h, w]: A of the formulas in saliency.h, whatever the layer's own layout; `layer` counts from 0. NULL
 * past the end. */
CHECKROB_API const float *checkrob_capture_activation(const checkrob_capture *capture, size_t layer);
/* [N, C, h, w]: G, the gradient of image n's score (targets[n]'s logit, or as set) by activation[n]; NULL
 * without targets */
CHECKROB_API const float *checkrob_capture_gradient(const checkrob_capture *capture, size_t layer);
/* N, C, h, w; zeros past the end */
CHECKROB_API void checkrob_capture_shape(size_t shape[4], const checkrob_capture *capture, size_t layer);

/* What of a capture is handed over. */
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

/* A sentence about the libtorch installation where it is known to be slow (the reference BLAS), or NULL. */
CHECKROB_API const char *checkrob_model_installation_warning(void);

CHECKROB_END_DECLS
#endif
