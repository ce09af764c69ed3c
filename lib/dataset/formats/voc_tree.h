/* Folders laid out as VOCdevkit has them: JPEGImages, Annotations, SegmentationClass and SegmentationObject
 * side by side, in a folder for each year. */
#ifndef CHECKROB_LIB_VOC_TREE_H
#define CHECKROB_LIB_VOC_TREE_H

#include "dataset/choices.h"

#define VOC_IMAGES "JPEGImages"
#define VOC_XML "Annotations"
#define VOC_CLASS_MASKS "SegmentationClass"
#define VOC_OBJECT_MASKS "SegmentationObject"

/* Puts in the place of each tree its folder `inside`, in the place of a folder of trees that folder of each
 * of them, sorted; what is no tree stays as it is. *trees: all were. `out` is the caller's to clear also on
 * failure: IO, OUT_OF_MEMORY. */
checkrob_status voc_tree_expand(path_list *out, bool *trees, const path_list *paths, const char *inside);

/* The masks that are chosen; where that is left open, those that a folder of annotations is named after.
 * MASKS_AUTO: none but WebDataset's. */
mask_kind voc_tree_masks(const dataset_choices *choices);

#endif
