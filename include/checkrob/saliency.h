/* SPDX-License-Identifier: Apache-2.0 */
/* Saliency maps: which positions of a feature map increase the score of the target class.
 *
 * The input is one image's activation A and gradient G = d z_c / d A, both [channels, height, width]. The
 * output is the map L [height, width], normalised by its minimum and maximum to [0, 1]. Means and sums below
 * run over the height * width positions, relu(x) = max(x, 0), k counts channels. These methods need A and G
 * once, or A alone:
 *
 *   gradcam    a_k = mean(G_k);  L = relu(sum_k a_k A_k)
 *              Selvaraju et al., Grad-CAM, ICCV 2017, eq. 1 and 2
 *   gradcam++  alpha = G^2 / (2 G^2 + sum(A * G^3) + 1e-7), a zero denominator replaced by 1;
 *              w_k = sum(alpha * relu(G));  L = relu(sum_k w_k A_k)
 *              Chattopadhay et al., Grad-CAM++, WACV 2018, eq. 7 and 19. The published factor exp(z_c) is
 *              one positive constant for the whole map: it cancels in the normalisation and overflows for
 *              logits above 88, so it is omitted.
 *   xgradcam   a_k = sum(G_k * A_k) / (sum(A_k) + 1e-7);  L = relu(sum_k a_k A_k)
 *              Fu et al., Axiom-based Grad-CAM, BMVC 2020
 *   hirescam   L = relu(sum_k G_k * A_k)
 *              Draelos and Carin, Use HiResCAM instead of Grad-CAM, 2020
 *   layercam   L = relu(sum_k relu(G_k) * A_k)
 *              Jiang et al., LayerCAM, IEEE TIP 2021
 *   cam        L = relu(sum_k w_ck A_k), w the last linear layer. Needs global average pooling and one
 *              linear layer after A: then G_k is w_ck / (h w) at every position, for every image.
 *              Zhou et al., Learning deep features for discriminative localization, CVPR 2016
 *   eigencam   L = relu(projection of A on its first principal component): positions are observations,
 *              channels are variables, centred. The sign is the one that correlates with sum_k A_k.
 *              No gradient, and no class. Muhammad and Yeasin, Eigen-CAM, IJCNN 2020
 *
 * Others run the model on changed inputs x. Only <checkrob/explain.h> computes them:
 *
 *   smoothgradcam++
 *              mean of the normalised gradcam++ maps of n noisy copies of x, noise N(0, s^2),
 *              s = 0.15 (max(x) - min(x)). Omeiza et al., Smooth Grad-CAM++, 2019
 *   scorecam   channel maps relu(A_k), upsampled to [H, W] and divided by their range (max - min, 1 if that
 *              is 0), are masks m_k; L = relu(sum_k softmax(f(x * m_k))_c m_k), of the input's size.
 *              Wang et al., Score-CAM, CVPR Workshops 2020, in the form of Szyc et al. 2021
 *   ablationcam
 *              w_k = (s - s with A_k := 0) / s, s the score of the class, or its magnitude for the scores
 *              that may be negative by definition (margin, log-odds);  L = relu(sum_k w_k A_k)
 *              Desai and Ramaswamy, Ablation-CAM, WACV 2020
 *   integrated-gradients
 *              L = relu(sum over colours of x * mean over i of the gradient at (i - 1/2) / m x), i = 1 to m,
 *              of the input's size. The baseline is 0, the colour that the preprocessing calls mean.
 *              Sundararajan et al., Axiomatic attribution for deep networks, ICML 2017, eq. 3
 *
 * Pure functions: no state, safe from any thread.
 */
#ifndef CHECKROB_SALIENCY_H
#define CHECKROB_SALIENCY_H

#include <checkrob/status.h>
#include <stddef.h>

CHECKROB_BEGIN_DECLS

typedef enum checkrob_method {
  CHECKROB_METHOD_GRADCAM = 1,
  CHECKROB_METHOD_GRADCAMPP = 2,
  CHECKROB_METHOD_XGRADCAM = 3,
  CHECKROB_METHOD_HIRESCAM = 4,
  CHECKROB_METHOD_LAYERCAM = 5,
  CHECKROB_METHOD_EIGENCAM = 6,
  CHECKROB_METHOD_CAM = 7,
  CHECKROB_METHOD_SMOOTHGRADCAMPP = 8,
  CHECKROB_METHOD_SCORECAM = 9,
  CHECKROB_METHOD_ABLATIONCAM = 10,
  CHECKROB_METHOD_INTEGRATED_GRADIENTS = 11
} checkrob_method;

/* A name as above, or with "pp" for "++", in upper or lower case. NOT_FOUND for any other name; the error
 * message lists the names. */
CHECKROB_API checkrob_status checkrob_method_find(checkrob_method *out, const char *name);
/* The method's name as above; NULL for an unknown number. */
CHECKROB_API const char *checkrob_method_name(checkrob_method method);

/* A row of the table of methods. The strings are static. */
typedef struct checkrob_method_info {
  size_t size;
  checkrob_method method;
  const char *name;
  const char *summary; /* one line, for a list */
  const char *source;  /* the paper */
  int needs_gradient;  /* 0: works on models without gradients too, such as quantised ones */
  int at_input;        /* 1: explains the input itself, and has no layer */
  int is_pure;         /* 1: checkrob_saliency computes it from A and G */
  int is_random;       /* 1: depends on the seed */
} checkrob_method_info;

#define CHECKROB_METHOD_INFO_INIT \
  { sizeof(checkrob_method_info), (checkrob_method)0, NULL, NULL, NULL, 0, 0, 0, 0 }

CHECKROB_API size_t checkrob_method_count(void);
/* Row `index`, from 0, in the order of a list for users. INVALID_ARGUMENT past the end. */
CHECKROB_API checkrob_status checkrob_method_at(checkrob_method_info *out, size_t index);

/* Writes [height, width] to `map`: L - min, divided by its maximum. If L is constant, or contains NaN or
 * infinity, the map is empty: all zeros. `gradient` may be NULL if the method needs none. Errors:
 * INVALID_ARGUMENT (also for a method that is not pure), MODEL_UNSUPPORTED (cam: G is not the same at all
 * positions), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_saliency(float *map, checkrob_method method, const float *activation,
                                               const float *gradient, size_t channels, size_t height,
                                               size_t width);

/* Computes M of the score: upsamples `map` [height, width] bilinearly to `out` [out_height, out_width], with
 * half-pixel centres and repeated edges (align_corners=False), clamped at 1. INVALID_ARGUMENT if a size is
 * 0. */
CHECKROB_API checkrob_status checkrob_saliency_upsample(float *out, size_t out_height, size_t out_width,
                                                        const float *map, size_t height, size_t width);

CHECKROB_END_DECLS
#endif
