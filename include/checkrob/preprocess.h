/* SPDX-License-Identifier: Apache-2.0 */
/* From an image to the model's input: resize, centre crop, normalise.
 *
 * Geometry: the shorter side is resized to `resize`, the longer one to int(resize * long / short), with
 * Pillow's filter; then a centre crop to `crop`, at offset int(round((size - crop) / 2)), rounding halves to
 * even like Python (torchvision's CenterCrop). The image is never padded: a crop larger than the resized
 * image is an error when the preprocessing is read.
 * Values: x = (v / 255 - mean) / std for each channel, float32, channels first.
 *
 * Presets:
 *   imagenet  resize 256, crop 224, bilinear, mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225)
 *   paper     resize 224, crop 224, bilinear, mean (0.4914, 0.4822, 0.4465), std (0.2023, 0.1994, 0.2010),
 *             as in Szyc et al., ECML PKDD 2021
 * Others come from a JSON file:
 *   {"resize": 256, "crop": 224, "filter": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
 *   resize  the shorter side, or [height, width] exactly; left out: no resize, and then "crop" is needed
 *   crop    a side, or [height, width]; left out: "resize" on both sides
 *   Sides have at most 8192 pixels, and the model's input at most 4096 x 4096 = 16777216 in all.
 *   filter  "bilinear" (default) or "bicubic"
 *   mean, std  three numbers on the scale 0 to 1, std above 0; default 0 and 1
 *   channels  "rgb" (default), or "gray": the image becomes gray before it is resized, by Pillow's
 * convert("L") (ITU-R BT.601); mean and std are then one number or a list of one. All three channels are
 * equal, and a model of one channel receives one of them An unknown key is an error: a spelling mistake would
 * otherwise change results silently.
 */
#ifndef CHECKROB_PREPROCESS_H
#define CHECKROB_PREPROCESS_H

#include <checkrob/image.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_preprocess checkrob_preprocess;

/* A preset's name, JSON text that begins with '{', or the path of a JSON file. Errors: NOT_FOUND,
 * BAD_INPUT, LIMIT (the model's input is too large), IO, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_preprocess_open(checkrob_preprocess **out, const char *name_or_path);

/* The same from JSON text of `bytes` bytes. */
CHECKROB_API checkrob_status checkrob_preprocess_parse(checkrob_preprocess **out, const char *json,
                                                       size_t bytes);

CHECKROB_API void checkrob_preprocess_free(checkrob_preprocess *preprocess);

/* Size of the model's input, in pixels. */
CHECKROB_API uint32_t checkrob_preprocess_width(const checkrob_preprocess *preprocess);
CHECKROB_API uint32_t checkrob_preprocess_height(const checkrob_preprocess *preprocess);

/* The whole preprocessing as a line of JSON in the format above: what a run writes to its summary. */
CHECKROB_API const char *checkrob_preprocess_json(const checkrob_preprocess *preprocess);

/* Writes [3, height, width] floats to `tensor`. Safe from several threads on one preprocess.
 * Errors: BAD_INPUT (the image is too small for a crop without resize), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_preprocess_apply(float *tensor, const checkrob_preprocess *preprocess,
                                                       const checkrob_image *image);

CHECKROB_END_DECLS
#endif
