/* Folders laid out as VOCdevkit has them: JPEGImages, Annotations, SegmentationClass and SegmentationObject
 * side by side, in a folder for each year. */
#ifndef CHECKROB_LIB_VOC_TREE_H
#define CHECKROB_LIB_VOC_TREE_H

#include <checkrob/dataset.h>
#include <stdbool.h>

#define VOC_IMAGES "JPEGImages"
#define VOC_XML "Annotations"
#define VOC_CLASS_MASKS "SegmentationClass"
#define VOC_OBJECT_MASKS "SegmentationObject"

typedef struct path_list {
  char **items;
  size_t count, capacity;
} path_list;

/* Puts in the place of each tree its folder `inside`, in the place of a folder of trees that folder of each
 * of them, sorted; what is no tree stays as it is. *trees: all were. `out` is the caller's to clear also on
 * failure: IO, OUT_OF_MEMORY. */
checkrob_status voc_tree_expand(path_list *out, bool *trees, const char *const *paths, size_t count,
                                const char *inside);
void path_list_clear(path_list *list);

/* The options' masks; where they leave it open, those that a folder of annotations is called after. AUTO:
 * none but WebDataset's. */
checkrob_mask_kind voc_tree_masks(const checkrob_dataset_options *options);

#endif
