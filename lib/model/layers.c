/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of layers: lists of them, "auto", and suggestions for misspelt paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/text.h"
#include "model/handle.h"

/* ---- lists ---- */

static checkrob_status auto_path(const char **path, const checkrob_model *model) {
  size_t index = shim_model_auto_layer(model->shim);
  if (index >= shim_model_layer_count(model->shim))
    return error_set(
        CHECKROB_ERROR_MODEL_UNSUPPORTED,
        "%s has no spatial feature map before a pooling, so 'auto' finds no layer; choose a layer by "
        "its path (checkrob_model_layer lists them)",
        model->path);
  shim_layer layer;
  shim_model_layer(model->shim, index, &layer);
  *path = layer.path;
  return CHECKROB_OK;
}

void layer_list_free(layer_list *list) {
  free(list->text);
  free(list->paths);
}

static checkrob_status add_path(layer_list *list, const checkrob_model *model, const char *path,
                                const char *layers) {
  checkrob_status status = strcmp(path, "auto") == 0 ? auto_path(&path, model) : CHECKROB_OK;
  if (status != CHECKROB_OK) return status;
  if (!*path)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "'%s' contains an empty layer path; write a,b,c",
                     layers);
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->paths[i], path) == 0)
      return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "layer '%s' is chosen twice; remove one of them",
                       path);
  list->paths[list->count++] = path;
  return CHECKROB_OK;
}

checkrob_status layer_list_split(layer_list *list, const checkrob_model *model, const char *layers) {
  size_t commas = 0;
  for (const char *c = layers; *c; c++) commas += *c == ',';
  list->count = 0;
  list->text = text_copy(layers);
  list->paths = calloc(commas + 1, sizeof *list->paths);
  if (!list->text || !list->paths) return error_memory("the layers' paths");
  checkrob_status status = CHECKROB_OK;
  for (char *next = list->text; next && status == CHECKROB_OK;) {
    char *path = next, *comma = strchr(path, ',');
    next = comma ? comma + 1 : NULL;
    if (comma) *comma = '\0';
    status = add_path(list, model, path, layers);
  }
  return status;
}

char *layer_list_join(const layer_list *list) {
  size_t bytes = 1;
  for (size_t i = 0; i < list->count; i++) bytes += strlen(list->paths[i]) + 1;
  char *text = malloc(bytes);
  if (!text) return NULL;
  char *end = text;
  for (size_t i = 0; i < list->count; i++) {
    size_t length = strlen(list->paths[i]);
    if (i > 0) *end++ = ',';
    memcpy(end, list->paths[i], length);
    end += length;
  }
  *end = '\0';
  return text;
}

/* ---- layers that do not exist ---- */

/* "relu" is the last call of a module. If it is called three times, "relu#3" names the same call. */
static bool is_last_call(const checkrob_model *model, const char *path, const char *mark) {
  size_t length = (size_t)(mark - path), calls = 0;
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    calls += strncmp(layer.path, path, length) == 0 && (!layer.path[length] || layer.path[length] == '#');
  }
  char number[24];
  snprintf(number, sizeof number, "%zu", calls);
  return calls > 0 && strcmp(mark + 1, number) == 0;
}

static bool has_layer(const checkrob_model *model, const char *path) {
  if (strcmp(path, SHIM_INPUT_LAYER) == 0) return true;
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    if (strcmp(layer.path, path) == 0) return true;
  }
  const char *mark = strrchr(path, '#');
  return mark && is_last_call(model, path, mark);
}

checkrob_status layer_list_missing(const layer_list *list, const checkrob_model *model, bool maps) {
  size_t missing = 0;
  while (missing + 1 < list->count && has_layer(model, list->paths[missing])) missing++;
  const char *path = list->paths[missing];
  nearest_names near;
  nearest_start(&near, path);
  for (size_t i = 0; i < shim_model_layer_count(model->shim); i++) {
    shim_layer layer;
    shim_model_layer(model->shim, i, &layer);
    if (maps ? layer.usable : layer.readable) nearest_offer(&near, layer.path);
  }
  char names[512];
  nearest_list(names, sizeof names, &near);
  if (!names[0])
    return error_set(
        CHECKROB_ERROR_NOT_FOUND,
        "%s has no layer '%s', nor any other with a feature map (checkrob_model_layer lists all)",
        model->path, path);
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "%s has no layer '%s'; the nearest names are %s (checkrob_model_layer lists all)",
                   model->path, path, names);
}
