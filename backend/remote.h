/* SPDX-License-Identifier: Apache-2.0 */
/* A model in a worker process, and its cuts: the functions of shim/shim.h over a channel.
 *
 * If the worker dies or does not answer, what ran in it is run again in a new one, alone (turns.h). If that
 * fails too, it is at fault: the call returns SHIM_ERROR, and the next one gets a new worker. A worker that
 * was perhaps killed from outside gets two more tries.
 *
 * Threads: as in shim/shim.h. */
#ifndef CHECKROB_BACKEND_REMOTE_H
#define CHECKROB_BACKEND_REMOTE_H

#include <sys/types.h>

#include "backend/description.h"
#include "shim/shim.h"

typedef struct remote_model remote_model;
typedef struct remote_cut remote_cut;

int remote_model_open(remote_model **out, const shim_opening *opening, shim_error *error);
void remote_model_free(remote_model *model);
const description *remote_model_description(const remote_model *model);
/* The worker's process; 0 while there is none, and in a process that was forked since. */
pid_t remote_model_process(const remote_model *model);
/* How many workers died before this one. */
size_t remote_model_restarts(const remote_model *model);

int remote_cut_new(remote_cut **out, remote_model *model, const char *const *paths, size_t count, int maps,
                   int score, shim_error *error);
void remote_cut_free(remote_cut *cut);
int remote_cut_run(shim_capture *out, remote_cut *cut, const float *input, const int64_t shape[4],
                   const int64_t *targets, int activations, shim_error *error);
int remote_cut_ablate(float **out, remote_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                      const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                      shim_error *error);

#endif
