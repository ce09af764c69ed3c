/* SPDX-License-Identifier: Apache-2.0 */
/* The shim in this process: a library that is loaded when it is first needed, with the libtorch that it was
 * linked with. */
#ifndef CHECKROB_BACKEND_LOADED_H
#define CHECKROB_BACKEND_LOADED_H

#include "shim/shim.h"

/* The functions of shim/shim.h in the loaded library. */
typedef struct loaded_shim {
#define LOADED_FUNCTION(name) __typeof__(&name) name
  LOADED_FUNCTION(shim_interface);
  LOADED_FUNCTION(shim_set_threads);
  LOADED_FUNCTION(shim_limit_threads);
  LOADED_FUNCTION(shim_torch_version);
  LOADED_FUNCTION(shim_installation_warning);
  LOADED_FUNCTION(shim_model_open);
  LOADED_FUNCTION(shim_model_free);
  LOADED_FUNCTION(shim_model_output_count);
  LOADED_FUNCTION(shim_model_output);
  LOADED_FUNCTION(shim_model_layer_count);
  LOADED_FUNCTION(shim_model_layer);
  LOADED_FUNCTION(shim_model_channels);
  LOADED_FUNCTION(shim_model_class_count);
  LOADED_FUNCTION(shim_model_auto_layer);
  LOADED_FUNCTION(shim_model_ending);
  LOADED_FUNCTION(shim_model_remark);
  LOADED_FUNCTION(shim_cut_new);
  LOADED_FUNCTION(shim_cut_free);
  LOADED_FUNCTION(shim_cut_run);
  LOADED_FUNCTION(shim_cut_ablate);
#undef LOADED_FUNCTION
} loaded_shim;

/* Loads it, once. NULL: it cannot be loaded, or another libtorch is loaded already; *error says so. */
const loaded_shim *loaded_open(shim_error *error);
/* NULL: it has not been loaded. */
const loaded_shim *loaded_if_open(void);

#endif
