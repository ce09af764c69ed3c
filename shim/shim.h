/* The wall between the C core and libtorch.
 *
 * Pure C: no C++ symbol, no libtorch type and no exception crosses this header. The core (lib/model)
 * is its only caller; the tests put a fake model behind it (tests/fake/fake_shim.c), so that everything
 * else runs without libtorch.
 *
 * Threads: one shim_model is used by one thread at a time. Different models may be used by different
 * threads, but share libtorch's pool of computing threads.
 *
 * Errors: a function that can fail returns SHIM_OK or a negative code and fills *error, which the
 * caller provides and which may not be NULL. A failed call leaves its out-parameters as they were.
 */
#ifndef CHECKROB_SHIM_H
#define CHECKROB_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SHIM_OK = 0,
  SHIM_ERROR = -1,       /* libtorch failed: the message says in which step, and libtorch's first line */
  SHIM_NOT_FOUND = -2,   /* no such file, no such layer */
  SHIM_BAD_ARCHIVE = -3, /* the file is there, but it is not a TorchScript archive */
  SHIM_UNSUPPORTED = -4, /* the model is fine, but has no [N,K] logits, the layer no [N,C,h,w] output ... */
  SHIM_NO_MEMORY = -5,
  SHIM_BAD_ARGUMENT = -6 /* target out of range, shape the model refuses */
};

typedef struct shim_error {
  int code;
  char message[2048]; /* one sentence or two, UTF-8, no trailing newline */
} shim_error;

typedef struct shim_model shim_model;

#define SHIM_MAX_RANK 8

/* Where a layer's channels and positions lie in its output. */
enum {
  SHIM_LAYOUT_AUTO = 0,  /* as the shape says */
  SHIM_LAYOUT_NCHW = 1,  /* [N,C,h,w] */
  SHIM_LAYOUT_NHWC = 2,  /* [N,h,w,C] */
  SHIM_LAYOUT_TOKENS = 3 /* [N,P+h*w,C]: P class and register tokens, then the positions row by row */
};

/* How shim_model_probe reads the layers' outputs; holds from the next probe on. prefix_tokens: P, or -1:
 * found by shape. */
void shim_model_set_layout(shim_model *model, int layout, int64_t prefix_tokens);

/* The path that stands for the model's input itself: no module can have it. Its gradient covers the whole
 * network. */
#define SHIM_INPUT_LAYER "(input)"

/* One call of one module, in order of completion in the probing run. Strings belong to the model and
 * live until the next probe or its end. */
typedef struct shim_layer {
  const char *path;                /* dotted path, "layer4.2.conv3"; a module called several times gets
                                      "relu" for its last call and "relu#1", "relu#2" ... for each call */
  const char *type;                /* unqualified class name, "Conv2d" */
  int rank;                        /* of the output tensor; -1: the output is not a tensor */
  int64_t shape[SHIM_MAX_RANK];    /* as the probing run gave it, batch first */
  int usable;                      /* 1: a feature map with h*w > 1, and a cut can be made here */
  int readable;                    /* 1: usable, or a representation of one position, [N,C] or [N,C,1,1] */
  int layout;                      /* SHIM_LAYOUT_..., never AUTO; 0 where it is not readable */
  int64_t channels, height, width; /* C, h, w; 0 where it is not readable */
  int64_t prefix_tokens;           /* P */
} shim_layer;

/* One layer's part of a capture, whatever the layer's own layout. Contiguous, row-major. */
typedef struct shim_map {
  int64_t channels;  /* C */
  int64_t height;    /* h */
  int64_t width;     /* w */
  float *activation; /* [N, C, h, w]: the layer's true output, before any later in-place op; or NULL */
  float *gradient;   /* [N, C, h, w]: d score(n, targets[n]) / d activation[n]; NULL without targets */
} shim_map;

/* What one batch gave. Filled by shim_model_run, emptied by shim_capture_free. */
typedef struct shim_capture {
  int64_t batch;   /* N */
  int64_t classes; /* K */
  float *logits;   /* [N, K] */
  size_t layers;   /* maps, in the order of shim_model_cut's paths; 0 when no layer is cut */
  shim_map *maps;
} shim_capture;

/* Number of computing threads for all models in the process; 0 = all cores this process may use.
 * Returns the number in force. */
int shim_set_threads(int threads);

/* Version of the libtorch in use, e.g. "1.13.1"; static storage. */
const char *shim_torch_version(void);

/* A sentence about a libtorch installation that is known to be slow or broken (the reference BLAS), or
 * NULL where nothing is known against it; static storage. */
const char *shim_installation_warning(void);

int shim_model_open(shim_model **out, const char *path, shim_error *error);
void shim_model_free(shim_model *model); /* NULL is fine */

/* One run without gradients on a deterministic non-constant input of this shape [N,3,H,W], which finds
 * every layer's output shape, K, and the layer that "auto" means. */
int shim_model_probe(shim_model *model, const int64_t shape[4], shim_error *error);

/* All valid after a successful probe. */
size_t shim_model_layer_count(const shim_model *model);
void shim_model_layer(const shim_model *model, size_t index, shim_layer *out);
int64_t shim_model_class_count(const shim_model *model);
/* Index of the last spatial feature map before pooling, the outermost module that gives it;
 * layer_count when there is none. */
size_t shim_model_auto_layer(const shim_model *model);

/* How the model ends. Where the graph shows it, softmax, log_softmax or sigmoid at its end is left out, so
 * that "logits" are logits. */
enum {
  SHIM_ENDING_LOGITS = 0,
  SHIM_ENDING_SOFTMAX = 1,      /* left out */
  SHIM_ENDING_LOG_SOFTMAX = 2,  /* left out */
  SHIM_ENDING_SIGMOID = 3,      /* left out: a multi-label model */
  SHIM_ENDING_PROBABILITIES = 4 /* the outputs are probabilities, but the graph does not show whence */
};
int shim_model_ending(const shim_model *model);

/* What a user should know of this model (its ending, its number type ...), whole sentences, or ""; lives
 * until the next probe. */
const char *shim_model_remark(const shim_model *model);

/* Where the model computes: "cpu", "cuda" or "cuda:N". Before the probe. SHIM_UNSUPPORTED where there is no
 * such device, SHIM_BAD_ARGUMENT for another word. */
int shim_model_set_device(shim_model *model, const char *device, shim_error *error);

/* Builds the frozen graph with a cut behind each of `count` different layers, replacing an earlier one; count
 * 0: the frozen graph without a cut, for logits alone. `maps` 1: the layers have to be usable, 0: readable is
 * enough. Needs a probe before. SHIM_NOT_FOUND when there is no
 * such layer (the core words the suggestion of near names), SHIM_UNSUPPORTED when it is not usable. */
int shim_model_cut(shim_model *model, const char *const *paths, size_t count, int maps, shim_error *error);

/* What the gradient is taken of, for target c and logits z. */
enum {
  SHIM_SCORE_LOGIT = 1,       /* z_c; the default */
  SHIM_SCORE_PROBABILITY = 2, /* softmax(z)_c, in double */
  SHIM_SCORE_MARGIN = 3,      /* z_c - the largest z_j, j != c */
  SHIM_SCORE_LOG_ODDS = 4 /* log p_c - log(1 - p_c), in double; z_c where the model ends in sigmoid, and where
                             it has one class alone */
};
/* Probabilities that were rounded to 0 or 1 count as these: p, and 1 - p. */
#define SHIM_LEAST_PROBABILITY 1.17549435e-38
#define SHIM_LEAST_REST 1e-12
void shim_model_set_score(shim_model *model, int score);

/* input [N,3,H,W] float32, borrowed for the call. targets [N], each in [0,K), or NULL: then neither
 * tape nor gradient. activations 0: logits alone, the maps' arrays stay NULL (targets must be NULL too).
 * Logits may hold NaN or infinity: that is the caller's to judge. */
int shim_model_run(shim_capture *out, shim_model *model, const float *input, const int64_t shape[4],
                   const int64_t *targets, int activations, shim_error *error);

/* One image, [1,3,H,W]: the logits when channel k of the layer that is cut `layer`-th (from 0) is set to
 * zero, for each k: *out [C,K], *channels C; the caller frees *out by free(). At most `batch` channels at
 * once. */
int shim_model_ablate(float **out, int64_t *channels, shim_model *model, const float *input,
                      const int64_t shape[4], size_t layer, int64_t batch, shim_error *error);
void shim_capture_free(shim_capture *capture);

#ifdef __cplusplus
}
#endif
#endif
