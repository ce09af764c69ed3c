/* SPDX-License-Identifier: Apache-2.0 */
/* The interface between the C core and libtorch.
 *
 * Pure C: no C++ symbol, no libtorch type and no exception crosses this header. It has three implementations.
 * shim/ is the one on libtorch, a library of its own, libcheckrob-shim.so. backend/ is the one in
 * libcheckrob.so: it loads that library, or starts a worker process that does. tests/fake/fake_shim.c is a
 * fake model, so that everything else can be tested without libtorch. In the core, lib/model alone calls it.
 *
 * Threads: a shim_model is read-only once it is open, and any number of threads may use it at the same time.
 * Only one thread may use a shim_cut at a time. Several cuts, of one model or of several, may run on several
 * threads at the same time. Each thread that runs a cut has its own computing threads, in the number that
 * shim_set_threads sets.
 *
 * Errors: a function that can fail returns SHIM_OK or a negative code and fills *error, which the caller
 * provides and which must not be NULL. A failed call does not change its out-parameters. */
#ifndef CHECKROB_SHIM_H
#define CHECKROB_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* libcheckrob-shim.so exports these functions, and no others */

/* Changes with everything in this header: a library and a shim of different builds must not meet. */
#define SHIM_INTERFACE 1
/* The SHIM_INTERFACE that the implementation was compiled with. */
int shim_interface(void);

enum {
  SHIM_OK = 0,
  /* libtorch failed; the message has the step, and the first line of libtorch's message */
  SHIM_ERROR = -1,
  SHIM_NOT_FOUND = -2,   /* no such file, no such layer */
  SHIM_BAD_ARCHIVE = -3, /* the file exists, but is not a TorchScript archive */
  /* the model is valid, but has no [N,K] logits, the layer no [N,C,h,w] output ... */
  SHIM_UNSUPPORTED = -4,
  SHIM_NO_MEMORY = -5,
  SHIM_BAD_ARGUMENT = -6, /* target out of range, a shape that the model refuses */
  SHIM_NO_DEVICE = -7     /* this machine, or this libtorch, has no such device */
};

typedef struct shim_error {
  int code;
  char message[2048]; /* one or two sentences, UTF-8, no trailing newline */
} shim_error;

typedef struct shim_model shim_model;
typedef struct shim_cut shim_cut;

#define SHIM_MAX_RANK 8

/* The order of channels and positions in a layer's output. */
enum {
  SHIM_LAYOUT_AUTO = 0,  /* by its shape */
  SHIM_LAYOUT_NCHW = 1,  /* [N,C,h,w] */
  SHIM_LAYOUT_NHWC = 2,  /* [N,h,w,C] */
  SHIM_LAYOUT_TOKENS = 3 /* [N,P+h*w,C]: P class and register tokens, then the positions row by row */
};

/* The path of the model's input as a layer: no module can have this path. Its gradient covers the whole
 * network. */
#define SHIM_INPUT_LAYER "(input)"

/* One call of one module, in order of completion in the probing run. The strings belong to the model. */
typedef struct shim_layer {
  /* Dotted path, "layer4.2.conv3". A module that is called several times has "relu" for its last call, and
   * "relu#1", "relu#2" ... for each call. */
  const char *path;
  const char *type;                /* unqualified class name, "Conv2d" */
  int rank;                        /* of the output tensor; -1: the output is not a tensor */
  int64_t shape[SHIM_MAX_RANK];    /* in the probing run, batch first */
  int usable;                      /* 1: a feature map with h*w > 1, and a cut is possible here */
  int readable;                    /* 1: usable, or a representation of one position, [N,C] or [N,C,1,1] */
  int layout;                      /* SHIM_LAYOUT_..., never AUTO; 0 if not readable */
  int64_t channels, height, width; /* C, h, w; 0 if not readable */
  int64_t prefix_tokens;           /* P */
} shim_layer;

/* One layer's part of a capture, whatever the layer's own layout. Contiguous, row-major. */
typedef struct shim_map {
  int64_t channels;  /* C */
  int64_t height;    /* h */
  int64_t width;     /* w */
  float *activation; /* [N, C, h, w]: the layer's output, before any later in-place operation; or NULL */
  float *gradient;   /* [N, C, h, w]: d score(n, targets[n]) / d activation[n]; NULL without targets */
} shim_map;

/* The results of one batch. shim_cut_run fills it; shim_capture_free clears it. The arrays are malloc()'s. */
typedef struct shim_capture {
  int64_t batch;   /* N */
  int64_t classes; /* K */
  float *logits;   /* [N, K] */
  size_t layers;   /* number of maps, in the order of the paths of shim_cut_new; 0 without layers */
  shim_map *maps;
} shim_capture;

/* Sets the number of computing threads, at least 1, for all models in the process. Returns the number in
 * force. */
int shim_set_threads(int threads);

/* Limits the number of computing threads for the calling thread alone; 0: no limit. Matrix products use the
 * number of the process all the same: with another number OpenBLAS rounds differently. */
void shim_limit_threads(int threads);

/* Version of the libtorch in use, e.g. "1.13.1"; static storage. */
const char *shim_torch_version(void);

/* A warning if the libtorch installation is known to be slow or broken (the reference BLAS), or NULL; static
 * storage. */
const char *shim_installation_warning(void);

/* Where the model is: in this process, or in a worker process. backend/ decides; others ignore it. */
enum {
  SHIM_WORKER_AUTO = 0, /* in this process, unless it has loaded another libtorch, or there is no shim */
  SHIM_WORKER_NEVER = 1,
  SHIM_WORKER_ALWAYS = 2
};

/* How a model is opened. */
typedef struct shim_opening {
  const char *path;
  int64_t height, width; /* of the images in the probing run */
  const char *device;    /* "cpu", "cuda" or "cuda:N" */
  int layout;            /* SHIM_LAYOUT_...: how the layers' outputs are read */
  int64_t prefix_tokens; /* P of SHIM_LAYOUT_TOKENS; -1: found from the shape */
  /* Which of several outputs has the logits: its name, or its number from 0; NULL: chosen. */
  const char *output;
  int64_t least_classes;  /* outputs with fewer classes are chosen last; 0: not known */
  int gray;               /* 1: the images are gray, their channels equal; a model may take one channel */
  int worker;             /* SHIM_WORKER_... */
  int64_t worker_timeout; /* seconds after which a worker that runs a batch is given up; 0: never */
} shim_opening;

/* Loads the archive and runs it once, without gradients, on a deterministic, non-constant input
 * [1,3,height,width] (on more images if the archive accepts no other number). This finds the shape of each
 * layer's output, K, how the model ends, and the layer that "auto" means. Nothing changes the model after
 * this. Two more runs check that the logits depend on the image alone. SHIM_NOT_FOUND or SHIM_BAD_ARCHIVE for
 * the file, SHIM_NOT_FOUND for an output that does not exist, SHIM_UNSUPPORTED for a model without [N,K]
 * logits or one that does not repeat them, SHIM_NO_DEVICE if the machine has no such device,
 * SHIM_BAD_ARGUMENT for an invalid device name and for a size that the model refuses. */
int shim_model_open(shim_model **out, const shim_opening *opening, shim_error *error);
/* Free its cuts first. NULL is allowed. */
void shim_model_free(shim_model *model);

/* One of the values that the model returns. The string belongs to the model. */
typedef struct shim_output {
  const char *name; /* key of a dictionary, field of a named tuple, else its number from 0 */
  int rank;         /* -1: not a tensor */
  int64_t shape[SHIM_MAX_RANK];
  int64_t classes; /* K; 0: cannot be logits */
  int taken;       /* 1: these are the logits */
} shim_output;
size_t shim_model_output_count(const shim_model *model);
void shim_model_output(const shim_model *model, size_t index, shim_output *out);

size_t shim_model_layer_count(const shim_model *model);
void shim_model_layer(const shim_model *model, size_t index, shim_layer *out);
/* Of the images that the model takes: 3, or 1 if it was opened for gray images. It is given 3 channels in any
 * case, and then uses the first. */
int shim_model_channels(const shim_model *model);
/* K. A model that returns one logit for each image, [N] or [N,1], has two classes: 1 if the logit z is
 * positive, 0 otherwise, with the logits z/2 and -z/2. */
int64_t shim_model_class_count(const shim_model *model);
/* Index of the last spatial feature map before pooling: the outermost module that returns it; layer_count if
 * there is none. */
size_t shim_model_auto_layer(const shim_model *model);

/* How the model ends. If the graph shows softmax, log_softmax or sigmoid as the last operation, it is
 * omitted, so the logits are true logits. */
enum {
  SHIM_ENDING_LOGITS = 0,
  SHIM_ENDING_SOFTMAX = 1,     /* omitted */
  SHIM_ENDING_LOG_SOFTMAX = 2, /* omitted */
  SHIM_ENDING_SIGMOID = 3,     /* omitted; a multi-label model */
  SHIM_ENDING_PROBABILITIES =
      4 /* the outputs are probabilities, by an operation that the graph does not show */
};
int shim_model_ending(const shim_model *model);

/* What a user should know about this model (how it ends, its number type ...), in whole sentences, or "";
 * belongs to the model. */
const char *shim_model_remark(const shim_model *model);

/* The score that is differentiated, for target c and logits z. */
enum {
  SHIM_SCORE_LOGIT = 1,       /* z_c */
  SHIM_SCORE_PROBABILITY = 2, /* softmax(z)_c, in double */
  SHIM_SCORE_MARGIN = 3,      /* z_c - the largest z_j, j != c */
  /* log p_c - log(1 - p_c), in double; z_c if the model ends in sigmoid or has a single class */
  SHIM_SCORE_LOG_ODDS = 4
};
/* Lower limits of p and 1 - p for probabilities that were rounded to 0 or 1. */
#define SHIM_LEAST_PROBABILITY 1.17549435e-38
#define SHIM_LEAST_REST 1e-12

/* Makes the frozen graph with a cut after each of `count` different layers; count 0: without cuts, for logits
 * only. `maps` 1: the layers must be usable; 0: they must be readable. `score`: SHIM_SCORE_..., the score
 * that is differentiated. The model is borrowed and must outlive the cut. The cuts of a model share its
 * weights. Each cut has its own copy of what the model writes to (a counter, for example), in the state after
 * opening. Errors: SHIM_NOT_FOUND if there is no such layer (the core adds suggestions to the message),
 * SHIM_UNSUPPORTED if a cut is not possible there. */
int shim_cut_new(shim_cut **out, const shim_model *model, const char *const *paths, size_t count, int maps,
                 int score, shim_error *error);
void shim_cut_free(shim_cut *cut); /* NULL is allowed */

/* Runs a batch. input: [N,3,H,W] float32, borrowed for the call. targets: [N], each in [0,K), or NULL for no
 * tape and no gradient. activations 0: logits only; the arrays of the maps stay NULL (and targets must be
 * NULL). Logits may contain NaN or infinity: the caller must check them. */
int shim_cut_run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
                 const int64_t *targets, int activations, shim_error *error);

/* Runs one image, [1,3,H,W], `rows` times: the logits when those channels of layer number `layer` of the cut
 * (from 0) are set to zero whose byte in `removed` [rows,channels] is not 0: *out [rows,K]. The caller frees
 * *out by free(). `channels` is the layer's number of channels. At most `batch` rows are computed at once. */
int shim_cut_ablate(float **out, shim_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                    const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                    shim_error *error);
void shim_capture_free(shim_capture *capture);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
