/* Saliency maps: which positions of a feature map speak for the target class.
 *
 * Input is one image's activation A and gradient G = d z_c / d A, both [channels, height, width]; output is
 * the map L [height, width], min-max normalised to [0, 1]. Means and sums below run over the height * width
 * positions, relu(x) = max(x, 0), k counts channels.
 *
 *   gradcam    a_k = mean(G_k);  L = relu(sum_k a_k A_k)
 *              Selvaraju et al., Grad-CAM, ICCV 2017, eq. 1 and 2
 *   gradcam++  alpha = G^2 / (2 G^2 + sum(A * G^3) + 1e-7), a zero denominator replaced by 1;
 *              w_k = sum(alpha * relu(G));  L = relu(sum_k w_k A_k)
 *              Chattopadhay et al., Grad-CAM++, WACV 2018, eq. 7 and 19. The published factor exp(z_c) is one
 * positive constant for the whole map: it cancels in the normalisation and overflows for logits above 88, so
 *              it is left out.
 *   xgradcam   a_k = sum(G_k * A_k) / (sum(A_k) + 1e-7);  L = relu(sum_k a_k A_k)
 *              Fu et al., Axiom-based Grad-CAM, BMVC 2020
 *   hirescam   L = relu(sum_k G_k * A_k)
 *              Draelos and Carin, Use HiResCAM instead of Grad-CAM, 2020
 *   layercam   L = relu(sum_k relu(G_k) * A_k)
 *              Jiang et al., LayerCAM, IEEE TIP 2021
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
  CHECKROB_METHOD_LAYERCAM = 5
} checkrob_method;

/* A name as above, or "gradcampp", in any case. NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_method_find(checkrob_method *out, const char *name);
/* The method's name as above; NULL for a number that is no method. */
CHECKROB_API const char *checkrob_method_name(checkrob_method method);

/* Writes [height, width] to `map`: L - min, divided by its maximum. A constant or all-zero L, or one with
 * NaN or infinity, gives all zeros: an empty map. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_saliency(float *map, checkrob_method method, const float *activation,
                                               const float *gradient, size_t channels, size_t height,
                                               size_t width);

/* M of the score: `map` [height, width] upsampled bilinearly to `out` [out_height, out_width], half-pixel
 * centres, edges repeated (align_corners=False), clamped at 1. INVALID_ARGUMENT when a size is 0. */
CHECKROB_API checkrob_status checkrob_saliency_upsample(float *out, size_t out_height, size_t out_width,
                                                        const float *map, size_t height, size_t width);

CHECKROB_END_DECLS
#endif
