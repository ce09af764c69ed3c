/* SPDX-License-Identifier: Apache-2.0 */
/* For d_type, which saves a stat() for each file: minutes, for a million files on a network drive. */
#define _DEFAULT_SOURCE
#include "dataset/files/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/files/shard.h"
#include "dataset/files/tar_index.h"

/* A folder that was found. All are stored until the walk ends, because each new folder is compared with those
 * above it. */
typedef struct met_folder {
  char *path;    /* relative to the root, "" for the root itself */
  size_t parent; /* itself for the root */
  dev_t device;
  ino_t inode;
} met_folder;

/* A file that was found. Its path is an offset in the walk's text, because the text moves when it grows. */
typedef struct found_file {
  size_t start;
  uint32_t root;
  uint64_t offset, bytes;
} found_file;

typedef struct walk {
  const char *root, *what;
  uint32_t root_number;
  const char *prefix; /* "" or "name/" */
  const char *const *endings;
  met_folder *folders; /* the first `visited` were read */
  size_t visited, folder_count, folder_capacity;
  char *text; /* the files' paths, each with its NUL */
  size_t bytes, byte_capacity;
  found_file *files;
  size_t count, capacity;
} walk;

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
  found_file *files = array_grow(w->files, &w->capacity, w->count, sizeof *files);
  if (!files) return error_memory(w->what);
  w->files = files;
  files[w->count++] = (found_file){.start = w->bytes, .root = w->root_number};
  checkrob_status status = w->prefix[0] ? add_text(w, w->prefix, strlen(w->prefix)) : CHECKROB_OK;
  if (!status && folder_path[0] != '\0') {
    status = add_text(w, folder_path, strlen(folder_path));
    if (!status) status = add_text(w, "/", 1);
  }
  if (!status) status = add_text(w, name, strlen(name) + 1);
  return status;
}

typedef enum entry_kind { KIND_OTHER, KIND_FILE, KIND_FOLDER } entry_kind;

/* The kind of a link's target, or of an entry whose kind the file system does not report. */
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
    *out = KIND_FILE; /* a dangling link: if its name is an image's, opening it fails later */
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
  return kind == KIND_FILE && listing_ends_in(name, w->endings) ? add_file(w, path, name) : CHECKROB_OK;
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
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "%s is neither a folder nor a tar file; use the folder or the tar file with the %s",
                     path, w->what);
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

/* ---- shards ---- */

static checkrob_status add_member(const tar_member *member, void *user_data) {
  walk *w = user_data;
  if (shard_hides(member->name) || !listing_ends_in(member->name, w->endings)) return CHECKROB_OK;
  if (member->link)
    return error_set(CHECKROB_ERROR_UNSUPPORTED,
                     "%s: the file '%s' in it is a link to another file; create the tar file with tar's "
                     "options --dereference --hard-dereference",
                     w->root, member->name);
  checkrob_status status = add_file(w, "", member->name);
  if (status) return status;
  w->files[w->count - 1].offset = member->offset;
  w->files[w->count - 1].bytes = member->bytes;
  return CHECKROB_OK;
}

static checkrob_status walk_folders(walk *w) {
  checkrob_status status = add_folder(w, "", 0, "");
  while (!status && w->visited < w->folder_count) status = visit(w, w->visited++);
  for (size_t i = 0; i < w->folder_count; i++) free(w->folders[i].path);
  w->folder_count = w->visited = 0;
  return status;
}

/* ---- roots ---- */

static checkrob_status walk_root(walk *w, const listing_root *root, uint32_t number) {
  char *prefix = root->prefix_bytes > 0 ? text_format("%s/", root->name) : text_copy("");
  if (!prefix) return error_memory(w->what);
  w->root = root->path;
  w->root_number = number;
  w->prefix = prefix;
  checkrob_status status = root->shard ? tar_index_read(root->path, add_member, w) : walk_folders(w);
  free(prefix);
  return status;
}

static int compare_files(const void *left, const void *right) {
  return strcmp(((const listed_file *)left)->path, ((const listed_file *)right)->path);
}

/* The files are still grouped by root. */
static size_t select_in_shards(listing *list, size_t count) {
  size_t kept = 0;
  for (size_t i = 0, end; i < count; i = end) {
    uint32_t root = list->files[i].root;
    for (end = i + 1; end < count && list->files[end].root == root;) end++;
    size_t staying = list->roots[root].shard ? shard_select(list->files + i, end - i) : end - i;
    memmove(list->files + kept, list->files + i, staying * sizeof *list->files);
    kept += staying;
  }
  return kept;
}

static bool is_unread_image(const listed_file *file) {
  return listing_ends_in(file->path, listing_image_endings) && !listing_is_read(file->path);
}

/* The files are sorted, so those of one stem are near: between them are only names with the stem and a dot.
 */
static bool has_read_twin(const listing *list, size_t at) {
  const char *path = list->files[at].path;
  size_t stem = path_stem_bytes(path);
  for (int step = -1; step <= 1; step += 2)
    for (size_t i = at + (size_t)step; i < list->count; i += (size_t)step) {
      const listed_file *other = &list->files[i];
      if (strncmp(other->path, path, stem + 1) != 0) break;
      if (path_stem_bytes(other->path) == stem && listing_is_read(other->path)) return true;
    }
  return false;
}

static checkrob_status drop_other_forms(listing *list, const char *what) {
  size_t kept = 0;
  bool *dropped = calloc(list->count + 1, sizeof *dropped);
  if (!dropped) return error_memory(what);
  for (size_t i = 0; i < list->count; i++)
    dropped[i] = is_unread_image(&list->files[i]) && has_read_twin(list, i);
  for (size_t i = 0; i < list->count; i++)
    if (!dropped[i]) list->files[kept++] = list->files[i];
  list->count = kept;
  free(dropped);
  return CHECKROB_OK;
}

static checkrob_status finish(listing *out, walk *w) {
  out->files = malloc((w->count + 1) * sizeof *out->files);
  if (!out->files) return error_memory(w->what);
  for (size_t i = 0; i < w->count; i++) {
    const found_file *f = &w->files[i];
    out->files[i] = (listed_file){w->text + f->start, f->root, f->offset, f->bytes};
  }
  out->text = w->text;
  w->text = NULL;
  out->count = select_in_shards(out, w->count);
  qsort(out->files, out->count, sizeof *out->files, compare_files);
  return drop_other_forms(out, w->what);
}

static char *base_name(const listing_root *root) {
  static const char *const ending[] = {".tar", NULL};
  const char *base = path_base(root->path);
  size_t cut = root->shard && listing_ends_in(base, ending) ? strlen(".tar") : 0;
  return text_format("%.*s", (int)(strlen(base) - cut), base);
}

/* The name of the folder that contains the root; "" if its path has none. */
static char *name_above(const listing_root *root) {
  const char *base = path_base(root->path), *end = base;
  while (end > root->path && end[-1] == '/') end--;
  const char *start = end;
  while (start > root->path && start[-1] != '/') start--;
  size_t bytes = (size_t)(end - start);
  bool says_nothing = strspn(start, ".") >= bytes; /* ".", "..": not a name */
  return text_format("%.*s", says_nothing ? 0 : (int)bytes, start);
}

static checkrob_status name_all(listing *list, char *(*name_of)(const listing_root *), const char *what) {
  for (size_t i = 0; i < list->root_count; i++) {
    free(list->roots[i].name);
    list->roots[i].name = name_of(&list->roots[i]);
    if (!list->roots[i].name) return error_memory(what);
  }
  return CHECKROB_OK;
}

/* A root whose name is "" or the name of another root, *other; NULL if all names differ. */
static const listing_root *find_ambiguous(const listing_root **other, const listing *list) {
  for (size_t i = 0; i < list->root_count; i++)
    for (size_t k = 0; k < list->root_count; k++)
      if (i != k && (!list->roots[i].name[0] || strcmp(list->roots[i].name, list->roots[k].name) == 0)) {
        *other = &list->roots[k];
        return &list->roots[i];
      }
  return NULL;
}

static bool all_of_one_name(const listing *list) {
  for (size_t i = 1; i < list->root_count; i++)
    if (strcmp(list->roots[i].name, list->roots[0].name) != 0) return false;
  return true;
}

static checkrob_status name_roots(listing *list, const char *what) {
  checkrob_status status = name_all(list, base_name, what);
  if (status || list->root_count < 2) return status;
  if (all_of_one_name(list)) status = name_all(list, name_above, what);
  if (status) return status;
  for (size_t i = 0; i < list->root_count; i++) list->roots[i].prefix_bytes = strlen(list->roots[i].name) + 1;
  const listing_root *second = NULL, *first = find_ambiguous(&second, list);
  if (!first) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                   "%s and %s have the same name, so their %s would have the same names; rename one%s",
                   first->path, second->path, what,
                   first->shard || second->shard ? "" : ", or use the folder that holds both");
}

/* Without the slashes at its end, after which a root would have no base name. */
static char *copy_root(const char *path) {
  size_t bytes = strlen(path);
  while (bytes > 1 && path[bytes - 1] == '/') bytes--;
  return text_format("%.*s", (int)bytes, path);
}

static checkrob_status take_roots(listing *out, path_span roots, const char *what) {
  out->roots = calloc(roots.count + 1, sizeof *out->roots);
  if (!out->roots) return error_memory(what);
  for (size_t i = 0; i < roots.count; i++) {
    out->roots[i].path = copy_root(roots.items[i]);
    if (!out->roots[i].path) return error_memory(what);
    out->root_count++;
    struct stat info;
    out->roots[i].shard = stat(out->roots[i].path, &info) == 0 && S_ISREG(info.st_mode);
  }
  return name_roots(out, what);
}

checkrob_status listing_make(listing *out, path_span roots, const char *const *endings, const char *what) {
  walk w = {.what = what, .endings = endings};
  listing made = {0};
  checkrob_status status = take_roots(&made, roots, what);
  for (size_t i = 0; i < roots.count && !status; i++) status = walk_root(&w, &made.roots[i], (uint32_t)i);
  if (!status) status = finish(&made, &w);
  free(w.folders);
  free(w.files);
  free(w.text);
  if (status)
    listing_clear(&made);
  else
    *out = made;
  return status;
}

void listing_clear(listing *list) {
  for (size_t i = 0; i < list->root_count; i++) {
    free(list->roots[i].path);
    free(list->roots[i].name);
  }
  free(list->roots);
  free(list->files);
  free(list->text);
  *list = (listing){0};
}

checkrob_status listing_locate(file_location *out, const listing *list, const listed_file *file) {
  const listing_root *root = &list->roots[file->root];
  file_location location = {.part = root->shard, .offset = file->offset, .bytes = file->bytes};
  location.path =
      root->shard ? text_copy(root->path) : path_join(root->path, file->path + root->prefix_bytes);
  if (!location.path) return error_memory("a file's path");
  *out = location;
  return CHECKROB_OK;
}

char *listing_describe(const listing *list, const listed_file *file) {
  const listing_root *root = &list->roots[file->root];
  const char *inside = file->path + root->prefix_bytes;
  return root->shard ? text_format("%s(%s)", root->path, inside) : path_join(root->path, inside);
}
