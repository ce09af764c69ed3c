/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of VOCdevkit: JPEGImages, Annotations, SegmentationClass and SegmentationObject in a folder for
 * each year (a tree). */
#ifndef CHECKROB_LIB_VOC_TREE_H
#define CHECKROB_LIB_VOC_TREE_H

#include "dataset/choices.h"

#define VOC_IMAGES "JPEGImages"
#define VOC_XML "Annotations"
#define VOC_CLASS_MASKS "SegmentationClass"
#define VOC_OBJECT_MASKS "SegmentationObject"

/* Replaces each tree by its folder `inside`, and a folder of trees by those of all of them, sorted; other
 * folders do not change. *trees: all were trees. The caller clears `out`, also after a failure: IO,
 * OUT_OF_MEMORY. */
checkrob_status voc_tree_expand(path_list *out, bool *trees, const path_list *paths, const char *inside);

/* The masks that were chosen; for MASKS_AUTO those that a folder of annotations is named after. MASKS_AUTO:
 * none, except WebDataset's. */
mask_kind voc_tree_masks(const dataset_choices *choices);

#endif
