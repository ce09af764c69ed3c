/* Models: an unmodified TorchScript archive, scripted or traced, that takes float32 [N, 3, H, W] and
 * returns logits [N, K].
 *
 *   checkrob_options_set(options, "device", "cpu");
 *   checkrob_model_open(&model, "resnet50.pt", 224, 224, options);
 *   for (size_t i = 0; i < checkrob_model_layer_count(model); i++) checkrob_model_layer(&layer, model, i);
 *
 * A model is read-only once it is open: all functions below but checkrob_model_free may be called from
 * several threads at the same time. A cut (cut.h) runs it; a model may have any number of cuts.
 */
#ifndef CHECKROB_MODEL_H
#define CHECKROB_MODEL_H

#include <checkrob/options.h>
#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_model checkrob_model;

/* Loads the archive and runs it once on [1, 3, height, width]; on more images if it was traced with a batch
 * of them and takes no other number. This run determines the layers and their shapes, K, how the model ends,
 * and the layer that "auto" means. height and width are those of the images that will be explained; cuts run
 * on other sizes too, where the model takes them.
 *
 * Options (NULL: their defaults): device; layout; threads, as checkrob_model_set_threads, for the process.
 *
 * Errors: NOT_FOUND (no such file), BAD_INPUT (not a TorchScript archive), UNSUPPORTED (no such device here),
 * MODEL_UNSUPPORTED (no [N, K] logits, further inputs), INVALID_ARGUMENT (NULL, an empty size, a size that
 * the model refuses), OUT_OF_MEMORY, ERROR.
 *
 * An archive holds code that runs: open only archives that you trust. */
CHECKROB_API checkrob_status checkrob_model_open(checkrob_model **out, const char *path, uint32_t height,
                                                 uint32_t width, const checkrob_options *options);
/* After its cuts and explainers. */
CHECKROB_API void checkrob_model_free(checkrob_model *model);

/* Computing threads of libtorch, for each thread that runs a model; 0: all cores that the process may use,
 * which the first checkrob_model_open sets unless the number was set before. Returns the number in force. */
CHECKROB_API int checkrob_model_set_threads(int threads);

/* Where channels and positions lie in a layer's output: the option `layout`. With "auto" feature maps are
 * taken to have the input's aspect ratio: of four axes, 2 and 3 are the positions unless 1 and 2 match it
 * better; of three, the tokens are positions but for the fewest leading ones, at most 16, that leave a grid
 * of exactly that ratio. "tokens:P" says how many lead. */
typedef enum checkrob_layout {
  CHECKROB_LAYOUT_AUTO = 0,
  CHECKROB_LAYOUT_NCHW = 1,  /* [N, C, h, w] */
  CHECKROB_LAYOUT_NHWC = 2,  /* [N, h, w, C]: Swin, ConvNeXt's blocks */
  CHECKROB_LAYOUT_TOKENS = 3 /* [N, P + h * w, C]: P class and register tokens, then the positions row by row:
                                ViT, DeiT */
} checkrob_layout;

/* "auto", "nchw", "nhwc" or "tokens", in any case. NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_layout_find(checkrob_layout *out, const char *name);
/* The name as above; NULL for a number that is no layout. */
CHECKROB_API const char *checkrob_layout_name(checkrob_layout layout);

/* Height and width that the model was opened for. */
CHECKROB_API void checkrob_model_input_size(uint32_t *height, uint32_t *width, const checkrob_model *model);

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
 * computed in float32 ...; "" where there is nothing. */
CHECKROB_API const char *checkrob_model_remark(const checkrob_model *model);

#define CHECKROB_LAYER_MAX_RANK 8

/* One layer, in the order in which they finish. The strings belong to the model. */
typedef struct checkrob_layer {
  size_t size;
  const char *path; /* dotted, "layer4.2.conv3"; "relu" is the last call of a module called several
                       times, "relu#1" its first */
  const char *type; /* "Conv2d" */
  size_t rank;      /* of the output, at most 8; 0 if it is not a tensor */
  int64_t shape[CHECKROB_LAYER_MAX_RANK]; /* of the output, batch first; the first `rank` hold */
  int usable;                     /* 1: a feature map of more than one position, which can be looked at */
  int is_auto;                    /* 1: this is what "auto" picks */
  int readable;                   /* 1: usable, or of one position, [N, C] or [N, C, 1, 1]: can be read out */
  checkrob_layout layout;         /* where it is readable; never AUTO */
  size_t channels, height, width; /* C, h, w where it is readable, else 0 */
  size_t prefix_tokens;           /* P, for TOKENS */
} checkrob_layer;

#define CHECKROB_LAYER_INIT \
  { sizeof(checkrob_layer), NULL, NULL, 0, {0}, 0, 0, 0, CHECKROB_LAYOUT_AUTO, 0, 0, 0, 0 }

CHECKROB_API size_t checkrob_model_layer_count(const checkrob_model *model);
/* INVALID_ARGUMENT past the end. */
CHECKROB_API checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model,
                                                  size_t index);

/* A sentence about the libtorch installation where it is known to be slow (the reference BLAS), or NULL. */
CHECKROB_API const char *checkrob_model_installation_warning(void);

CHECKROB_END_DECLS
#endif
