/* For d_type, which spares a stat() for every file: minutes, for a million files on a network drive. */
#define _DEFAULT_SOURCE
#include "dataset/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

/* A folder that was met. They stay until the walk is over: its sub-folders look here for a loop. */
typedef struct met_folder {
  char *path;    /* relative to the root, "" for the root itself */
  size_t parent; /* itself for the root */
  dev_t device;
  ino_t inode;
} met_folder;

typedef struct walk {
  const char *root, *what;
  const char *const *endings;
  met_folder *folders; /* the first `visited` have been read, the others are to be */
  size_t visited, folder_count, folder_capacity;
  char *text; /* the files' paths, each with its NUL */
  size_t bytes, byte_capacity;
  size_t *starts; /* where they begin: `text` still moves as it grows */
  size_t count, capacity;
} walk;

char *path_join(const char *folder, const char *name) {
  if (folder[0] == '\0') return text_copy(name);
  const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
  return text_format("%s%s%s", folder, slash, name);
}

static bool has_ending(const char *name, const char *const *endings) {
  size_t length = strlen(name);
  for (; *endings; endings++) {
    size_t ending = strlen(*endings);
    if (length > ending && strcasecmp(name + length - ending, *endings) == 0) return true;
  }
  return false;
}

static checkrob_status add_folder(walk *w, const char *parent_path, size_t parent, const char *name) {
  met_folder *folders = array_grow(w->folders, &w->folder_capacity, w->folder_count, sizeof *folders);
  if (!folders) return error_memory(w->what);
  w->folders = folders;
  char *path = path_join(parent_path, name);
  if (!path) return error_memory(w->what);
  folders[w->folder_count++] = (met_folder){.path = path, .parent = parent};
  return CHECKROB_OK;
}

static checkrob_status add_text(walk *w, const char *text, size_t bytes) {
  while (w->byte_capacity < w->bytes + bytes) {
    char *grown = array_grow(w->text, &w->byte_capacity, w->byte_capacity, 1);
    if (!grown) return error_memory(w->what);
    w->text = grown;
  }
  memcpy(w->text + w->bytes, text, bytes);
  w->bytes += bytes;
  return CHECKROB_OK;
}

static checkrob_status add_file(walk *w, const char *folder_path, const char *name) {
  size_t *starts = array_grow(w->starts, &w->capacity, w->count, sizeof *starts);
  if (!starts) return error_memory(w->what);
  w->starts = starts;
  starts[w->count++] = w->bytes;
  checkrob_status status = CHECKROB_OK;
  if (folder_path[0] != '\0') {
    status = add_text(w, folder_path, strlen(folder_path));
    if (!status) status = add_text(w, "/", 1);
  }
  if (!status) status = add_text(w, name, strlen(name) + 1);
  return status;
}

typedef enum entry_kind { KIND_OTHER, KIND_FILE, KIND_FOLDER } entry_kind;

/* What stands behind a link, or where the file system does not tell. */
static checkrob_status look_at(entry_kind *out, const walk *w, const char *folder_path, const char *name) {
  char *inside = path_join(folder_path, name);
  char *path = inside ? path_join(w->root, inside) : NULL;
  free(inside);
  if (!path) return error_memory(w->what);
  struct stat info;
  checkrob_status status = CHECKROB_OK;
  if (stat(path, &info) == 0)
    *out = S_ISDIR(info.st_mode) ? KIND_FOLDER : S_ISREG(info.st_mode) ? KIND_FILE : KIND_OTHER;
  else if (errno == ENOENT || errno == ELOOP)
    *out = KIND_FILE; /* a dangling link: if its name is that of an image, opening it tells the user */
  else
    status = error_errno("look at", path);
  free(path);
  return status;
}

static checkrob_status add_found(walk *w, size_t at, const struct dirent *found) {
  /* By value: the array of folders moves when one is added, the path does not. */
  const char *path = w->folders[at].path;
  const char *name = found->d_name;
  if (name[0] == '.') return CHECKROB_OK;
  entry_kind kind = KIND_OTHER;
  if (found->d_type == DT_DIR) {
    kind = KIND_FOLDER;
  } else if (found->d_type == DT_REG) {
    kind = KIND_FILE;
  } else if (found->d_type == DT_LNK || found->d_type == DT_UNKNOWN) {
    checkrob_status status = look_at(&kind, w, path, name);
    if (status) return status;
  }
  if (kind == KIND_FOLDER) return add_folder(w, path, at, name);
  return kind == KIND_FILE && has_ending(name, w->endings) ? add_file(w, path, name) : CHECKROB_OK;
}

static bool inside_itself(const walk *w, size_t at) {
  const met_folder *self = &w->folders[at];
  for (size_t i = at; i != w->folders[i].parent;) {
    i = w->folders[i].parent;
    if (w->folders[i].inode == self->inode && w->folders[i].device == self->device) return true;
  }
  return false;
}

static checkrob_status open_error(const walk *w, const char *path, bool is_root) {
  if (is_root && errno == ENOENT)
    return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no %s folder %s; check the path", w->what, path);
  if (is_root && errno == ENOTDIR)
    return error_set(CHECKROB_ERROR_NOT_FOUND, "%s is not a folder; give the folder that holds the %s", path,
                     w->what);
  return error_errno("list the folder", path);
}

static checkrob_status read_entries(walk *w, size_t at, DIR *directory, const char *path) {
  struct stat info;
  if (fstat(dirfd(directory), &info) != 0) return error_errno("list the folder", path);
  w->folders[at].device = info.st_dev;
  w->folders[at].inode = info.st_ino;
  if (inside_itself(w, at)) return CHECKROB_OK;
  for (;;) {
    errno = 0;
    const struct dirent *found = readdir(directory);
    if (!found) return errno ? error_errno("list the folder", path) : CHECKROB_OK;
    checkrob_status status = add_found(w, at, found);
    if (status) return status;
  }
}

static checkrob_status visit(walk *w, size_t at) {
  const char *inside = w->folders[at].path;
  char *path = inside[0] ? path_join(w->root, inside) : text_copy(w->root);
  if (!path) return error_memory(w->what);
  DIR *directory = opendir(path);
  checkrob_status status =
      directory ? read_entries(w, at, directory, path) : open_error(w, path, inside[0] == '\0');
  if (directory) closedir(directory);
  free(path);
  return status;
}

static int compare_paths(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static checkrob_status finish(listing *out, walk *w) {
  const char **paths = malloc((w->count + 1) * sizeof *paths);
  if (!paths) return error_memory(w->what);
  for (size_t i = 0; i < w->count; i++) paths[i] = w->text + w->starts[i];
  qsort(paths, w->count, sizeof *paths, compare_paths);
  *out = (listing){.paths = paths, .count = w->count, .text = w->text};
  w->text = NULL;
  return CHECKROB_OK;
}

checkrob_status listing_make(listing *out, const char *folder, const char *const *endings, const char *what) {
  walk w = {.root = folder, .what = what, .endings = endings};
  checkrob_status status = add_folder(&w, "", 0, "");
  while (!status && w.visited < w.folder_count) status = visit(&w, w.visited++);
  if (!status) status = finish(out, &w);
  for (size_t i = 0; i < w.folder_count; i++) free(w.folders[i].path);
  free(w.folders);
  free(w.starts);
  free(w.text);
  return status;
}

void listing_clear(listing *list) {
  free(list->paths);
  free(list->text);
  *list = (listing){0};
}
