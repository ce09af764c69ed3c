/* SPDX-License-Identifier: Apache-2.0 */
/* A model that needs no libtorch: what shim/shim.h promises, computed by hand, and failing on demand.
 *
 * Its one feature map P is the input averaged over cells of 8 x 8 pixels: 3 channels (red, green, blue),
 * h = H / 8, w = W / 8, both at least 1. The layers can be cut at
 *
 *   (input)     A = x        stem.conv   A = P        stem.relu, stem   A = 2 P
 *   pool        A = mean of 2 P, [N, 3, 1, 1]
 *
 * (2 P + fake.bias instead of 2 P, if that is set)
 *
 * and the logits are z_j = sum over channels k of fake_weight(j, k) * s_k with
 *
 *   s_k = mean(2 P_k)           the gradient is the same at every position of a channel
 *   s_k = mean((2 P_k)^2) / 2   (fake.squared) the gradient follows the activation
 *
 * An image whose first pixel is (1, 0, 1) gets NaN logits. As with the shim itself, cuts may run on several
 * threads at once; `fake` may not change meanwhile, and `fake_seen` is read when they are done. */
#ifndef FAKE_SHIM_H
#define FAKE_SHIM_H

#include <stddef.h>
#include <stdint.h>

#define FAKE_CELL 8

/* What the model is to do. All zeros: a sound model of 4 classes. */
typedef struct fake_behaviour {
  int64_t classes; /* K; 0: 4 */
  int squared;
  float bias; /* is added to 2 P: also the output for an image of zeros */
  int no_auto_layer, no_usable_layer;
  int no_gradient;    /* runs with targets are SHIM_UNSUPPORTED */
  int ending;         /* SHIM_ENDING_...; the logits stay what they are */
  const char *remark; /* NULL: none */
  int one_channel;    /* takes gray images, if it is opened for them */
  int two_outputs;    /* returns ("features" [1,6], "logits"); else one output */
  int64_t worker;     /* the process that runs the model; 0: this one */
  size_t restarts;    /* of workers that died */
  int loaded_torch;   /* BACKEND_TORCH_... */
  int any_device;     /* opens on every device; else on "cpu" alone */
  /* A SHIM_ code other than SHIM_OK is what that function fails with. */
  int open_code, cut_code;
  size_t failing_run;     /* the run that fails, counted from 1, ... */
  int run_code;           /* ... and what with */
  float raises_at;        /* a run with an image whose first number is this is SHIM_ERROR; 0: none */
  size_t growing_run;     /* the first run whose feature map has twice as many rows as it should; 0: none */
  int64_t lost_classes;   /* a run returns so many logits fewer than the model has classes */
  int delay_microseconds; /* each run takes up to this long, differently each time */
  void (*before_open)(void);
  void (*on_image)(const float *image); /* each that a run gets, [3,H,W] */
  void (*before_run)(void *data);       /* on the thread that runs, without a lock */
  void *before_run_data;
  void *(*allocate)(size_t count, size_t bytes); /* for what a run returns; NULL: calloc() */
} fake_behaviour;

#define FAKE_RUNS_KEPT 256

/* What the model was asked. */
typedef struct fake_record {
  size_t opened, freed; /* models */
  size_t cuts, runs, ablations;
  size_t live_cuts, most_cuts;    /* cuts not yet freed, and the most at once */
  size_t batches[FAKE_RUNS_KEPT]; /* images in each run */
  float first[FAKE_RUNS_KEPT];    /* and the first number of the first of them */
  int with_targets;               /* 1: the last run had targets */
  int maps_wanted;                /* 1: the last cut wanted maps, 0: representations */
  int with_activations;           /* 1: and it asked for activations */
  int64_t size[2];                /* height and width that the last model was opened for */
  int layout;                     /* SHIM_LAYOUT_..., as it was opened */
  int64_t prefix_tokens;          /* the same */
  char output[32];                /* the same; "" for none */
  int64_t least_classes;          /* the same */
  int gray;                       /* the same */
  int worker;                     /* SHIM_WORKER_..., as it was opened */
  int64_t worker_timeout;         /* the same */
  int score;                      /* SHIM_SCORE_... of the last run's cut; 0: none ran */
  int threads;                    /* as last set */
  int run_threads;                /* the same when the last run started */
  size_t threads_set;             /* how often */
  size_t captures;                /* not yet freed */
} fake_record;

extern fake_behaviour fake;
extern fake_record fake_seen;

/* Both back to zeros. */
void fake_reset(void);

/* The weight of channel k in logit j: 1 where k = j mod 3, else -0.25. */
float fake_weight(int64_t class_index, int64_t channel);

#endif
