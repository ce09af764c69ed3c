/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/saliency.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/structure.h"
#include "saliency/method.h"

enum { NO_GRADIENT = 0, GRADIENT = 1 };
enum { AT_LAYER = 0, AT_INPUT = 1 };
enum { EXACT = 0, RANDOM = 1 };

/* The methods, in the order of a list for users. The library and the command both use this table. */
static const struct {
  const char *name, *summary, *source;
  /* NULL: the method runs the model; it is in explain/ */
  method_function function;
  checkrob_method method;
  int needs_gradient, at_input, is_random;
} methods[] = {
    {"gradcam", "channels weighted by their mean gradient", "Selvaraju et al., Grad-CAM, ICCV 2017",
     method_gradcam, CHECKROB_METHOD_GRADCAM, GRADIENT, AT_LAYER, EXACT},
    {"gradcam++", "channels weighted by their positive gradients",
     "Chattopadhay et al., Grad-CAM++, WACV 2018", method_gradcampp, CHECKROB_METHOD_GRADCAMPP, GRADIENT,
     AT_LAYER, EXACT},
    {"smoothgradcam++", "mean of gradcam++ over noisy copies of the image",
     "Omeiza et al., Smooth Grad-CAM++, 2019", NULL, CHECKROB_METHOD_SMOOTHGRADCAMPP, GRADIENT, AT_LAYER,
     RANDOM},
    {"xgradcam", "channels weighted by gradient times activation, normalised",
     "Fu et al., Axiom-based Grad-CAM, BMVC 2020", method_xgradcam, CHECKROB_METHOD_XGRADCAM, GRADIENT,
     AT_LAYER, EXACT},
    {"hirescam", "gradient times activation, position by position",
     "Draelos and Carin, Use HiResCAM instead of Grad-CAM, 2020", method_hirescam, CHECKROB_METHOD_HIRESCAM,
     GRADIENT, AT_LAYER, EXACT},
    {"layercam", "positive gradient times activation, position by position",
     "Jiang et al., LayerCAM, IEEE TIP 2021", method_layercam, CHECKROB_METHOD_LAYERCAM, GRADIENT, AT_LAYER,
     EXACT},
    {"cam", "channels weighted by the last linear layer, which must follow a pooling",
     "Zhou et al., Class activation mapping, CVPR 2016", method_cam, CHECKROB_METHOD_CAM, GRADIENT, AT_LAYER,
     EXACT},
    {"scorecam", "channels weighted by the probability that remains with them alone (slow)",
     "Wang et al., Score-CAM, CVPR Workshops 2020", NULL, CHECKROB_METHOD_SCORECAM, NO_GRADIENT, AT_LAYER,
     EXACT},
    {"ablationcam", "channels weighted by the loss of the score without them (slow)",
     "Desai and Ramaswamy, Ablation-CAM, WACV 2020", NULL, CHECKROB_METHOD_ABLATIONCAM, NO_GRADIENT, AT_LAYER,
     EXACT},
    {"eigencam", "first principal component of the activations, whatever the class",
     "Muhammad and Yeasin, Eigen-CAM, IJCNN 2020", method_eigencam, CHECKROB_METHOD_EIGENCAM, NO_GRADIENT,
     AT_LAYER, EXACT},
    {"integrated-gradients", "gradient by the pixels themselves, integrated from the mean colour",
     "Sundararajan et al., Axiomatic attribution, ICML 2017", NULL, CHECKROB_METHOD_INTEGRATED_GRADIENTS,
     GRADIENT, AT_INPUT, EXACT},
};

#define METHOD_COUNT (sizeof methods / sizeof methods[0])

/* "pp" stands for "++", for shells and file names without '+'. */
static int is_called(const char *method, const char *name) {
  size_t length = strlen(method);
  if (strcasecmp(name, method) == 0) return 1;
  return length > 2 && strcmp(method + length - 2, "++") == 0 && strlen(name) == length &&
         strncasecmp(name, method, length - 2) == 0 && strcasecmp(name + length - 2, "pp") == 0;
}

checkrob_status checkrob_method_find(checkrob_method *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_method_find: NULL argument");
  for (size_t i = 0; i < METHOD_COUNT; i++)
    if (is_called(methods[i].name, name)) {
      *out = methods[i].method;
      return CHECKROB_OK;
    }
  char list[512] = "";
  for (size_t i = 0, used = 0; i < METHOD_COUNT && used < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", methods[i].name);
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no saliency method '%s'; the methods are %s", name,
                   list);
}

size_t checkrob_method_count(void) {
  return METHOD_COUNT;
}

checkrob_status checkrob_method_at(checkrob_method_info *out, size_t index) {
  if (!out || index >= METHOD_COUNT)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_method_at: no method %zu", index);
  checkrob_method_info full = CHECKROB_METHOD_INFO_INIT;
  full.method = methods[index].method;
  full.name = methods[index].name;
  full.summary = methods[index].summary;
  full.source = methods[index].source;
  full.needs_gradient = methods[index].needs_gradient;
  full.at_input = methods[index].at_input;
  full.is_pure = methods[index].function != NULL;
  full.is_random = methods[index].is_random;
  return structure_give(out, &full, sizeof full);
}

static size_t row_of(checkrob_method method) {
  size_t row = 0;
  while (row < METHOD_COUNT && methods[row].method != method) row++;
  return row;
}

const char *checkrob_method_name(checkrob_method method) {
  size_t row = row_of(method);
  return row < METHOD_COUNT ? methods[row].name : NULL;
}

void saliency_normalise(float *map, const double *raw, size_t positions) {
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
  size_t row = row_of(method);
  if (!map || !activation || channels == 0 || height == 0 || width == 0 || row == METHOD_COUNT)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_saliency: NULL argument, empty shape or unknown method");
  if (!methods[row].function)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_saliency: %s needs the model; use checkrob_explainer_run", methods[row].name);
  if (!gradient && methods[row].needs_gradient)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_saliency: %s needs the gradient",
                     methods[row].name);
  capture_view view = {activation, gradient, channels, height * width};
  double *raw = calloc(view.positions, sizeof *raw);
  if (!raw) return error_memory("a saliency map");
  checkrob_status status = methods[row].function(raw, &view);
  if (status == CHECKROB_OK) saliency_normalise(map, raw, view.positions);
  free(raw);
  return status;
}
