/* The wall between the C core and libtorch.
 *
 * Pure C: no C++ symbol, no libtorch type and no exception crosses this header. The core (lib/model)
 * is its only caller; the tests put a fake model behind it (tests/fake/fake_shim.c), so that everything
 * else runs without libtorch.
 *
 * Threads: a shim_model is read-only once it is open, and any number of threads may use it at the same
 * time. A shim_cut is used by one thread at a time; several cuts, of one model or of several, may run on
 * several threads at the same time. Each thread that runs a cut has its own computing threads, as many as
 * shim_set_threads says.
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
  SHIM_BAD_ARGUMENT = -6, /* target out of range, shape the model refuses */
  SHIM_NO_DEVICE = -7     /* this machine, or this libtorch, has no such device */
};

typedef struct shim_error {
  int code;
  char message[2048]; /* one sentence or two, UTF-8, no trailing newline */
} shim_error;

typedef struct shim_model shim_model;
typedef struct shim_cut shim_cut;

#define SHIM_MAX_RANK 8

/* Where a layer's channels and positions lie in its output. */
enum {
  SHIM_LAYOUT_AUTO = 0,  /* as the shape says */
  SHIM_LAYOUT_NCHW = 1,  /* [N,C,h,w] */
  SHIM_LAYOUT_NHWC = 2,  /* [N,h,w,C] */
  SHIM_LAYOUT_TOKENS = 3 /* [N,P+h*w,C]: P class and register tokens, then the positions row by row */
};

/* The path that stands for the model's input itself: no module can have it. Its gradient covers the whole
 * network. */
#define SHIM_INPUT_LAYER "(input)"

/* One call of one module, in order of completion in the probing run. The strings belong to the model. */
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

/* What one batch gave. Filled by shim_cut_run, emptied by shim_capture_free. */
typedef struct shim_capture {
  int64_t batch;   /* N */
  int64_t classes; /* K */
  float *logits;   /* [N, K] */
  size_t layers;   /* maps, in the order of shim_cut_new's paths; 0 when no layer is cut */
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

/* How a model is opened. */
typedef struct shim_opening {
  const char *path;
  int64_t height, width; /* of the images that the model is probed with */
  const char *device;    /* "cpu", "cuda" or "cuda:N" */
  int layout;            /* SHIM_LAYOUT_...: how the layers' outputs are read */
  int64_t prefix_tokens; /* P of SHIM_LAYOUT_TOKENS, or -1: found by shape */
} shim_opening;

/* Loads the archive and runs it once, without gradients, on a deterministic, non-constant input
 * [1,3,height,width] (on more images where the archive takes no other number): this finds the shape of every
 * layer's output, K, how the model ends and the layer that "auto" means. Nothing changes the model after
 * this. SHIM_NOT_FOUND or SHIM_BAD_ARCHIVE for the file, SHIM_UNSUPPORTED for a model without [N,K] logits,
 * SHIM_NO_DEVICE for a device that is not there, SHIM_BAD_ARGUMENT for a word that is no device's name and
 * for a size that the model refuses. */
int shim_model_open(shim_model **out, const shim_opening *opening, shim_error *error);
/* After its cuts. NULL is fine. */
void shim_model_free(shim_model *model);

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

/* What a user should know of this model (its ending, its number type ...), whole sentences, or ""; belongs to
 * the model. */
const char *shim_model_remark(const shim_model *model);

/* What the gradient is taken of, for target c and logits z. */
enum {
  SHIM_SCORE_LOGIT = 1,       /* z_c */
  SHIM_SCORE_PROBABILITY = 2, /* softmax(z)_c, in double */
  SHIM_SCORE_MARGIN = 3,      /* z_c - the largest z_j, j != c */
  SHIM_SCORE_LOG_ODDS = 4 /* log p_c - log(1 - p_c), in double; z_c where the model ends in sigmoid, and where
                             it has one class alone */
};
/* Probabilities that were rounded to 0 or 1 count as these: p, and 1 - p. */
#define SHIM_LEAST_PROBABILITY 1.17549435e-38
#define SHIM_LEAST_REST 1e-12

/* The frozen graph with a cut behind each of `count` different layers; count 0: without a cut, for logits
 * alone. `maps` 1: the layers have to be usable, 0: readable is enough. `score`: SHIM_SCORE_..., what
 * gradients are taken of. The model is borrowed and must outlive the cut; the cuts of a model share its
 * weights. Each cut has its own copy of what the model writes to (a counter, say), as it was after opening.
 * Errors: SHIM_NOT_FOUND when there is no such layer (the core words the suggestion of near names),
 * SHIM_UNSUPPORTED when it cannot be cut there. */
int shim_cut_new(shim_cut **out, const shim_model *model, const char *const *paths, size_t count, int maps,
                 int score, shim_error *error);
void shim_cut_free(shim_cut *cut); /* NULL is fine */

/* input [N,3,H,W] float32, borrowed for the call. targets [N], each in [0,K), or NULL: then neither
 * tape nor gradient. activations 0: logits alone, the maps' arrays stay NULL (targets must be NULL too).
 * Logits may hold NaN or infinity: that is the caller's to judge. */
int shim_cut_run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
                 const int64_t *targets, int activations, shim_error *error);

/* One image, [1,3,H,W]: the logits when channel k of the layer that is cut `layer`-th (from 0) is set to
 * zero, for each k: *out [C,K], *channels C; the caller frees *out by free(). At most `batch` channels at
 * once. */
int shim_cut_ablate(float **out, int64_t *channels, shim_cut *cut, const float *input, const int64_t shape[4],
                    size_t layer, int64_t batch, shim_error *error);
void shim_capture_free(shim_capture *capture);

#ifdef __cplusplus
}
#endif
#endif
