/* SPDX-License-Identifier: Apache-2.0 */
/* For d_type: a folder of images may have a million files that are not trees. */
#define _DEFAULT_SOURCE
#include "dataset/formats/voc_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

static checkrob_status add_path(path_list *list, const char *folder, const char *name) {
  char *path = path_join(folder, name);
  checkrob_status status = path ? path_list_add(list, path) : error_memory("a list of folders");
  free(path);
  return status;
}

/* A folder with this one in it is a tree. */
static checkrob_status look_for_images(bool *found, const char *folder) {
  char *path = path_join(folder, VOC_IMAGES);
  if (!path) return error_memory("a list of folders");
  struct stat info;
  *found = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
  free(path);
  return CHECKROB_OK;
}

static checkrob_status add_if_tree(path_list *list, const char *folder, const char *name) {
  bool tree = false;
  char *path = path_join(folder, name);
  checkrob_status status = path ? look_for_images(&tree, path) : error_memory("a list of folders");
  free(path);
  return status || !tree ? status : add_path(list, folder, name);
}

static int compare_paths(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Trees directly below a folder. A folder that cannot be read has none; listing it fails later. */
static checkrob_status find_trees(path_list *out, const char *folder) {
  DIR *directory = opendir(folder);
  checkrob_status status = !directory && errno == ENOMEM ? error_errno("read", folder) : CHECKROB_OK;
  for (const struct dirent *found; directory && !status && (found = readdir(directory));)
    if (found->d_name[0] != '.' && found->d_type != DT_REG) status = add_if_tree(out, folder, found->d_name);
  if (directory) closedir(directory);
  if (out->count) qsort(out->items, out->count, sizeof *out->items, compare_paths);
  return status;
}

static bool is_called(const char *path, const char *name) {
  size_t bytes = strlen(path), wanted = strlen(name);
  while (bytes > 0 && path[bytes - 1] == '/') bytes--;
  if (bytes < wanted || strncmp(path + bytes - wanted, name, wanted) != 0) return false;
  return bytes == wanted || path[bytes - wanted - 1] == '/';
}

mask_kind voc_tree_masks(const dataset_choices *choices) {
  if (choices->masks != MASKS_AUTO) return choices->masks;
  for (size_t i = 0; i < choices->annotations.count; i++) {
    if (is_called(choices->annotations.items[i], VOC_CLASS_MASKS)) return MASKS_CLASSES;
    if (is_called(choices->annotations.items[i], VOC_OBJECT_MASKS)) return MASKS_OBJECTS;
  }
  return MASKS_AUTO;
}

static checkrob_status expand(path_list *out, bool *trees, const char *path, const char *inside) {
  bool tree = false;
  checkrob_status status = look_for_images(&tree, path);
  if (status) return status;
  if (tree) return add_path(out, path, inside);
  path_list below = {0};
  status = find_trees(&below, path);
  for (size_t i = 0; i < below.count && !status; i++) status = add_path(out, below.items[i], inside);
  if (!status && below.count == 0) {
    *trees = false;
    status = path_list_add(out, path);
  }
  path_list_clear(&below);
  return status;
}

checkrob_status voc_tree_expand(path_list *out, bool *trees, const path_list *paths, const char *inside) {
  checkrob_status status = CHECKROB_OK;
  *trees = true;
  for (size_t i = 0; i < paths->count && !status; i++) status = expand(out, trees, paths->items[i], inside);
  return status;
}
