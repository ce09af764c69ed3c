/* SPDX-License-Identifier: Apache-2.0 */
/* Models: an unmodified TorchScript archive, scripted or traced, that accepts float32 [N, 3, H, W] and
 * returns logits [N, K], alone or among other values.
 *
 *    checkrob_options_set(options, "device", "cpu");
 *    checkrob_model_open(&model, "resnet50.pt", 224, 224, options);
 *    for (size_t i = 0; i < checkrob_model_layer_count(model); i++) checkrob_model_layer(&layer, model, i);
 *
 * A model is read-only once it is open. Several threads may call all functions below at the same time, except
 * checkrob_model_free. A cut (cut.h) runs the model; a model may have any number of cuts. */
#ifndef CHECKROB_MODEL_H
#define CHECKROB_MODEL_H

#include <checkrob/options.h>
#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_model checkrob_model;

/* Loads the archive and runs it on [1, 3, height, width]. If it was traced with a batch of several
 * images and accepts no other number, it is run on that many. This run determines the layers and their
 * shapes, K, how the model ends, and the layer that "auto" means. height and width are those of the images to
 * explain. Cuts also run on other sizes, if the model accepts them.
 *
 * The logits must depend on the image alone: two runs of one image, and the image alone and beside another,
 * must have equal logits. Operations in training mode, such as dropout, are computed in evaluation mode if
 * the graph shows them; other models that do not repeat their logits are refused.
 *
 * Options (NULL: the defaults): worker, worker_timeout (see below); device; layout; output; classes: among
 * several outputs, those with fewer classes than the class map needs are chosen last; threads: a number above
 * 0 is set for the process, as by checkrob_model_set_threads.
 *
 * Errors: NOT_FOUND (no such file, no such output, no such class map), BAD_INPUT (not a TorchScript archive),
 * UNSUPPORTED (this machine has no such device), MODEL_UNSUPPORTED (no [N, K] logits, further inputs, random
 * logits), INVALID_ARGUMENT (NULL, an empty size, a size that the model refuses), OUT_OF_MEMORY, ERROR.
 *
 * An archive contains code, which is executed: open only archives that you trust. */
CHECKROB_API checkrob_status checkrob_model_open(checkrob_model **out, const char *path, uint32_t height,
                                                 uint32_t width, const checkrob_options *options);
/* Free the cuts and explainers of the model first. */
CHECKROB_API void checkrob_model_free(checkrob_model *model);

/* ---- where the model runs ----
 *
 * libtorch is not part of this library. It is loaded when the first model is opened, or a worker process
 * loads it: the option `worker`. A worker is a program beside the library, checkrob/checkrob-worker; it ends
 * with the model, and with this process. Then this process has no libtorch, and may load another one.
 *
 * If a worker dies, or does not answer within worker_timeout seconds, what it ran is run again in a new one,
 * with no other run beside it. If that fails too, the call fails with ERROR, and the next one gets a new
 * worker. So of a run, exactly the images fail that the model crashes on. If no new worker can be started,
 * the call fails with IO, which stops a run: it can be resumed. */

/* The process number of the worker that runs the model; 0: this process runs it, a worker has just died, or
 * this process was forked from the one that opened the model. */
CHECKROB_API int64_t checkrob_model_worker(const checkrob_model *model);
/* How many workers of this model died and were replaced. */
CHECKROB_API size_t checkrob_model_restarts(const checkrob_model *model);

/* Which libtorch this process has loaded, this library's or that of a Python package. Two builds in one
 * process crash it. */
typedef enum checkrob_loaded_torch {
  CHECKROB_TORCH_NONE = 0,
  CHECKROB_TORCH_OWN = 1,  /* the build that this library uses */
  CHECKROB_TORCH_OTHER = 2 /* another build: models need a worker, as with the option's value "auto" */
} checkrob_loaded_torch;
CHECKROB_API checkrob_loaded_torch checkrob_model_loaded_torch(void);

/* ---- threads ---- */

/* Sets the number of libtorch's computing threads, for each thread that runs a model. There is one number for
 * the process. 0: all cores that the process may use. Returns the number in force. If the number was never
 * set, the first checkrob_model_open sets it to all cores. While a run or an extraction executes, it is that
 * of its option `threads`, if above 0. If several execute at once, the last to start decides. After the last
 * one has finished, the number is again the one that was set. */
CHECKROB_API int checkrob_model_set_threads(int threads);
/* The number in force. */
CHECKROB_API int checkrob_model_threads(void);
/* The number of cores that the process may use: those that the calling thread may run on, limited by the CPU
 * quota of its cgroups, rounded up. At least 1. A program that shares them among several runs sets their
 * `threads`. */
CHECKROB_API int checkrob_model_cores(void);

/* The order of channels and positions in a layer's output: the option `layout`. "auto" assumes that feature
 * maps have the input's aspect ratio. In four axes, 2 and 3 are the positions, unless 1 and 2 match the ratio
 * better. In three axes, the tokens are positions, except for the fewest leading ones, at most 16, that leave
 * a grid of exactly that ratio. "tokens:P" sets the number of leading tokens. */
typedef enum checkrob_layout {
  CHECKROB_LAYOUT_AUTO = 0,
  CHECKROB_LAYOUT_NCHW = 1, /* [N, C, h, w] */
  CHECKROB_LAYOUT_NHWC = 2, /* [N, h, w, C]: Swin, ConvNeXt's blocks */
  /* [N, P + h * w, C]: P class and register tokens, then the positions row by row: ViT, DeiT. */
  CHECKROB_LAYOUT_TOKENS = 3
} checkrob_layout;

/* "auto", "nchw", "nhwc" or "tokens", in upper or lower case. NOT_FOUND for any other name; the error message
 * lists the names. */
CHECKROB_API checkrob_status checkrob_layout_find(checkrob_layout *out, const char *name);
/* The name as above; NULL for an unknown number. */
CHECKROB_API const char *checkrob_layout_name(checkrob_layout layout);

/* The height and width that the model was opened for. */
CHECKROB_API void checkrob_model_input_size(uint32_t *height, uint32_t *width, const checkrob_model *model);

/* Number of classes, K. A model that returns one logit z for each image, [N] or [N, 1], has two: class 1 if z
 * is positive, class 0 otherwise. Their logits are z/2 and -z/2, whose softmax is the sigmoid of z. */
CHECKROB_API int64_t checkrob_model_class_count(const checkrob_model *model);

/* The most axes of a layer's output, or of a value that the model returns. */
#define CHECKROB_LAYER_MAX_RANK 8

/* One of the values that a model returns: its only one, or a member of a tuple, list or dictionary. */
typedef struct checkrob_output {
  size_t size;
  /* The key of a dictionary, the field of a named tuple, else its number from 0. Belongs to the model. */
  const char *name;
  /* Of a tensor, at most 8; 0 for anything else. */
  size_t rank;
  int64_t shape[CHECKROB_LAYER_MAX_RANK]; /* batch first; the first `rank` are set */
  int64_t class_count;                    /* K, if this could be the logits; else 0 */
  int is_taken;                           /* 1: these are the logits */
} checkrob_output;

#define CHECKROB_OUTPUT_INIT \
  { sizeof(checkrob_output), NULL, 0, {0}, 0, 0 }

CHECKROB_API size_t checkrob_model_output_count(const checkrob_model *model);
/* INVALID_ARGUMENT past the end. */
CHECKROB_API checkrob_status checkrob_model_output(checkrob_output *out, const checkrob_model *model,
                                                   size_t index);

/* How the model ends. If the graph shows that the last operation is softmax, log_softmax or sigmoid, a cut
 * omits this operation. Logits are then logits, and gradients do not vanish for classes that are certain. */
typedef enum checkrob_ending {
  CHECKROB_ENDING_LOGITS = 0,
  CHECKROB_ENDING_SOFTMAX = 1,     /* omitted */
  CHECKROB_ENDING_LOG_SOFTMAX = 2, /* omitted */
  /* Omitted. Several classes may be true at once (multi-label). */
  CHECKROB_ENDING_SIGMOID = 3,
  /* The outputs are probabilities, but the graph does not show which operation computes them. They are used
   * as logits, and the gradient is that of the probabilities. */
  CHECKROB_ENDING_PROBABILITIES = 4
} checkrob_ending;
CHECKROB_API checkrob_ending checkrob_model_ending(const checkrob_model *model);

/* A text about this model for its users, in complete sentences: an omitted last operation, half precision
 * computed in float32 ...; "" if there is nothing. */
CHECKROB_API const char *checkrob_model_remark(const checkrob_model *model);

/* One layer. Layers are listed in the order in which they finish. The strings belong to the model. */
typedef struct checkrob_layer {
  size_t size;
  /* Dotted, "layer4.2.conv3". If a module is called several times, "relu" is its last call, and "relu#1" its
   * first. */
  const char *path;
  const char *type; /* "Conv2d" */
  /* Of the output, at most 8; 0 if it is not a tensor. */
  size_t rank;
  /* Of the output, batch first; the first `rank` are set. */
  int64_t shape[CHECKROB_LAYER_MAX_RANK];
  /* 1: a feature map of more than one position, which can be explained. */
  int usable;
  /* 1: the layer that "auto" means. */
  int is_auto;
  /* 1: usable, or of one position, [N, C] or [N, C, 1, 1]. A representation can be read out. */
  int readable;
  /* Of a readable layer; never AUTO. */
  checkrob_layout layout;
  /* C, h, w of a readable layer, else 0. */
  size_t channels, height, width;
  size_t prefix_tokens; /* P, for TOKENS */
} checkrob_layer;

#define CHECKROB_LAYER_INIT \
  { sizeof(checkrob_layer), NULL, NULL, 0, {0}, 0, 0, 0, CHECKROB_LAYOUT_AUTO, 0, 0, 0, 0 }

CHECKROB_API size_t checkrob_model_layer_count(const checkrob_model *model);
/* INVALID_ARGUMENT past the end. */
CHECKROB_API checkrob_status checkrob_model_layer(checkrob_layer *out, const checkrob_model *model,
                                                  size_t index);

/* A warning if the libtorch installation is known to be slow (the reference BLAS), or NULL. */
CHECKROB_API const char *checkrob_model_installation_warning(void);

CHECKROB_END_DECLS
#endif
