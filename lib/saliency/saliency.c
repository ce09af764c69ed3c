#include <checkrob/saliency.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "saliency/method.h"

static const struct {
  checkrob_method method;
  const char *name;
  const char *alias; /* for shells and file names that do without '+' */
  method_function function;
} methods[] = {
    {CHECKROB_METHOD_GRADCAM, "gradcam", "gradcam", method_gradcam},
    {CHECKROB_METHOD_GRADCAMPP, "gradcam++", "gradcampp", method_gradcampp},
    {CHECKROB_METHOD_XGRADCAM, "xgradcam", "xgradcam", method_xgradcam},
    {CHECKROB_METHOD_HIRESCAM, "hirescam", "hirescam", method_hirescam},
    {CHECKROB_METHOD_LAYERCAM, "layercam", "layercam", method_layercam},
};

#define METHOD_COUNT (sizeof methods / sizeof methods[0])

checkrob_status checkrob_method_find(checkrob_method *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_method_find: NULL argument");
  for (size_t i = 0; i < METHOD_COUNT; i++)
    if (strcasecmp(name, methods[i].name) == 0 || strcasecmp(name, methods[i].alias) == 0) {
      *out = methods[i].method;
      return CHECKROB_OK;
    }
  char list[256] = "";
  for (size_t i = 0, used = 0; i < METHOD_COUNT && used < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", methods[i].name);
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no saliency method '%s'; there are %s", name, list);
}

const char *checkrob_method_name(checkrob_method method) {
  for (size_t i = 0; i < METHOD_COUNT; i++)
    if (methods[i].method == method) return methods[i].name;
  return NULL;
}

static method_function function_of(checkrob_method method) {
  for (size_t i = 0; i < METHOD_COUNT; i++)
    if (methods[i].method == method) return methods[i].function;
  return NULL;
}

/* relu, then min-max to [0, 1]; all zeros where there is no finite range. */
static void normalise(float *map, const double *raw, size_t positions) {
  double low = INFINITY, high = -INFINITY;
  int finite = 1;
  for (size_t i = 0; i < positions; i++) {
    double value = raw[i] > 0.0 ? raw[i] : 0.0;
    if (!isfinite(raw[i])) finite = 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!finite || !(high > low)) {
    memset(map, 0, positions * sizeof *map);
    return;
  }
  for (size_t i = 0; i < positions; i++) {
    double value = raw[i] > 0.0 ? raw[i] : 0.0;
    map[i] = (float)((value - low) / (high - low));
  }
}

checkrob_status checkrob_saliency(float *map, checkrob_method method, const float *activation,
                                  const float *gradient, size_t channels, size_t height, size_t width) {
  method_function function = function_of(method);
  if (!map || !activation || !gradient || channels == 0 || height == 0 || width == 0 || !function)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_saliency: NULL argument, empty shape or unknown method");
  capture_view view = {activation, gradient, channels, height * width};
  double *raw = calloc(view.positions, sizeof *raw);
  if (!raw) return error_memory("a saliency map");
  function(raw, &view);
  normalise(map, raw, view.positions);
  free(raw);
  return CHECKROB_OK;
}
