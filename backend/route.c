/* SPDX-License-Identifier: Apache-2.0 */
/* shim/shim.h for the library: passes each call on to where the model is. */
#include <stdlib.h>

#include "backend/backend.h"
#include "backend/failure.h"
#include "backend/loaded.h"
#include "backend/place.h"
#include "backend/process.h"
#include "backend/remote.h"
#include "backend/threads.h"

/* One of the two is not NULL. The loaded shim's objects have the same names, and are others. */
struct shim_model {
  const loaded_shim *shim; /* NULL: in a worker */
  shim_model *loaded;
  remote_model *remote;
};

struct shim_cut {
  const loaded_shim *shim;
  shim_cut *loaded;
  remote_cut *remote;
};

/* ---- the process ---- */

int shim_interface(void) {
  return SHIM_INTERFACE;
}

int shim_set_threads(int threads) {
  threads_set_process(threads); /* first: a shim that is loaded meanwhile finds it */
  const loaded_shim *shim = loaded_if_open();
  return shim ? shim->shim_set_threads(threads) : threads;
}

void shim_limit_threads(int threads) {
  threads_set_limit(threads);
}

const char *shim_torch_version(void) {
  const loaded_shim *shim = loaded_if_open();
  return shim ? shim->shim_torch_version() : process_torch_version();
}

const char *shim_installation_warning(void) {
  const loaded_shim *shim = loaded_if_open();
  return shim ? shim->shim_installation_warning() : process_installation_warning();
}

int backend_loaded_torch(void) {
  static const int found[] = {[TORCH_NONE] = BACKEND_TORCH_NONE,
                              [TORCH_OF_SHIM] = BACKEND_TORCH_OF_SHIM,
                              [TORCH_OTHER] = BACKEND_TORCH_OTHER};
  char path[1024];
  return found[place_loaded_torch(path, sizeof path)];
}

/* ---- models ---- */

static int needs_worker(const shim_opening *opening) {
  char path[4096];
  if (opening->worker != SHIM_WORKER_AUTO) return opening->worker == SHIM_WORKER_ALWAYS;
  return !loaded_if_open() &&
         (place_loaded_torch(path, sizeof path) == TORCH_OTHER || !place_shim(path, sizeof path));
}

static int open_loaded(shim_model *model, const shim_opening *opening, shim_error *error) {
  model->shim = loaded_open(error);
  return model->shim ? model->shim->shim_model_open(&model->loaded, opening, error) : error->code;
}

int shim_model_open(shim_model **out, const shim_opening *opening, shim_error *error) {
  shim_model *model = calloc(1, sizeof *model);
  if (!model) return backend_fail_memory(error);
  int code = needs_worker(opening) ? remote_model_open(&model->remote, opening, error)
                                   : open_loaded(model, opening, error);
  if (code == SHIM_OK)
    *out = model;
  else
    free(model);
  return code;
}

void shim_model_free(shim_model *model) {
  if (!model) return;
  if (model->shim) model->shim->shim_model_free(model->loaded);
  remote_model_free(model->remote);
  free(model);
}

int64_t backend_worker(const shim_model *model) {
  return model->remote ? remote_model_process(model->remote) : 0;
}

size_t backend_restarts(const shim_model *model) {
  return model->remote ? remote_model_restarts(model->remote) : 0;
}

size_t shim_model_output_count(const shim_model *model) {
  return model->shim ? model->shim->shim_model_output_count(model->loaded)
                     : remote_model_description(model->remote)->output_count;
}

void shim_model_output(const shim_model *model, size_t index, shim_output *out) {
  if (model->shim)
    model->shim->shim_model_output(model->loaded, index, out);
  else
    *out = remote_model_description(model->remote)->outputs[index];
}

size_t shim_model_layer_count(const shim_model *model) {
  return model->shim ? model->shim->shim_model_layer_count(model->loaded)
                     : remote_model_description(model->remote)->layer_count;
}

void shim_model_layer(const shim_model *model, size_t index, shim_layer *out) {
  if (model->shim)
    model->shim->shim_model_layer(model->loaded, index, out);
  else
    *out = remote_model_description(model->remote)->layers[index];
}

int shim_model_channels(const shim_model *model) {
  return model->shim ? model->shim->shim_model_channels(model->loaded)
                     : remote_model_description(model->remote)->channels;
}

int64_t shim_model_class_count(const shim_model *model) {
  return model->shim ? model->shim->shim_model_class_count(model->loaded)
                     : remote_model_description(model->remote)->classes;
}

size_t shim_model_auto_layer(const shim_model *model) {
  return model->shim ? model->shim->shim_model_auto_layer(model->loaded)
                     : remote_model_description(model->remote)->auto_layer;
}

int shim_model_ending(const shim_model *model) {
  return model->shim ? model->shim->shim_model_ending(model->loaded)
                     : remote_model_description(model->remote)->ending;
}

const char *shim_model_remark(const shim_model *model) {
  return model->shim ? model->shim->shim_model_remark(model->loaded)
                     : remote_model_description(model->remote)->remark;
}

/* ---- cuts ---- */

int shim_cut_new(shim_cut **out, const shim_model *model, const char *const *paths, size_t count, int maps,
                 int score, shim_error *error) {
  shim_cut *cut = calloc(1, sizeof *cut);
  if (!cut) return backend_fail_memory(error);
  cut->shim = model->shim;
  int code = cut->shim
                 ? cut->shim->shim_cut_new(&cut->loaded, model->loaded, paths, count, maps, score, error)
                 : remote_cut_new(&cut->remote, model->remote, paths, count, maps, score, error);
  if (code == SHIM_OK)
    *out = cut;
  else
    free(cut);
  return code;
}

void shim_cut_free(shim_cut *cut) {
  if (!cut) return;
  if (cut->shim) cut->shim->shim_cut_free(cut->loaded);
  remote_cut_free(cut->remote);
  free(cut);
}

int shim_cut_run(shim_capture *out, shim_cut *cut, const float *input, const int64_t shape[4],
                 const int64_t *targets, int activations, shim_error *error) {
  if (!cut->shim) return remote_cut_run(out, cut->remote, input, shape, targets, activations, error);
  cut->shim->shim_limit_threads(threads_now().limit);
  return cut->shim->shim_cut_run(out, cut->loaded, input, shape, targets, activations, error);
}

int shim_cut_ablate(float **out, shim_cut *cut, const float *input, const int64_t shape[4], size_t layer,
                    const unsigned char *removed, int64_t rows, int64_t channels, int64_t batch,
                    shim_error *error) {
  if (!cut->shim)
    return remote_cut_ablate(out, cut->remote, input, shape, layer, removed, rows, channels, batch, error);
  cut->shim->shim_limit_threads(threads_now().limit);
  return cut->shim->shim_cut_ablate(out, cut->loaded, input, shape, layer, removed, rows, channels, batch,
                                    error);
}
