/* SPDX-License-Identifier: Apache-2.0 */
/* Selecting pairs by lists of images. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/files/pairing.h"
#include "dataset/files/path.h"

/* A pair with the path of its image, or else of its annotation: "a/b/c.jpg" has the place "a/b/c" and the
 * stem "c". */
typedef struct candidate {
  const char *path;
  size_t place_bytes, stem_start;
  const listed_file *file;
  image_pair *pair;
} candidate;

typedef struct choice {
  pairing *pairs;
  candidate *candidates; /* by stem, then by path */
  bool *chosen;          /* by pair */
  image_pair *missing;
  size_t missing_count;
} choice;

static candidate candidate_of(image_pair *pair) {
  const listed_file *file = pair->image ? pair->image : pair->annotation;
  return (candidate){.path = file->path,
                     .place_bytes = (size_t)(strrchr(file->path, '.') - file->path),
                     .stem_start = (size_t)(path_base(file->path) - file->path),
                     .file = file,
                     .pair = pair};
}

typedef struct stem {
  const char *text;
  size_t bytes;
} stem;

static stem stem_of(const candidate *c) {
  return (stem){c->path + c->stem_start, c->place_bytes - c->stem_start};
}

static int compare_stem(const void *key, const void *item) {
  const stem *a = key, b = stem_of(item);
  int order = memcmp(a->text, b.text, a->bytes < b.bytes ? a->bytes : b.bytes);
  return order ? order : (a->bytes > b.bytes) - (a->bytes < b.bytes);
}

static int by_stem(const void *left, const void *right) {
  const candidate *a = left, *b = right;
  const stem key = stem_of(a);
  int order = compare_stem(&key, b);
  return order ? order : strcmp(a->path, b->path);
}

/* A list's names may begin above the images folder: images/train/7.jpg. */
static checkrob_status fits(bool *out, const choice *c, const candidate *of, const char *name, bool ending) {
  size_t cut = ending ? 0 : strlen(of->path) - of->place_bytes;
  *out = path_ends_in(of->path, strlen(of->path) - cut, name);
  if (*out || !strchr(name, '/')) return CHECKROB_OK;
  const listing *list = of->pair->image ? &c->pairs->images : &c->pairs->annotations;
  const listing_root *root = &list->roots[of->file->root];
  char *whole = path_join(root->path, of->path + root->prefix_bytes);
  if (!whole) return error_memory("a list of images");
  *out = path_ends_in(whole, strlen(whole) - cut, name);
  free(whole);
  return CHECKROB_OK;
}

static bool in_one_folder(const candidate *a, const candidate *b) {
  return a->stem_start == b->stem_start && memcmp(a->path, b->path, a->stem_start) == 0;
}

/* What a name may mean: the candidates of its stem that match. An image counts more than an annotation
 * without image, and an exact match counts most. */
typedef struct meaning {
  const candidate *first;
  size_t rank;
  bool doubtful; /* they are in several folders */
} meaning;

static void add_meaning(meaning *m, const candidate *fitting, bool exact) {
  size_t rank = fitting->pair->image ? 1 + (exact ? 1 : 0) : 0;
  if (!m->first || rank > m->rank)
    *m = (meaning){.first = fitting, .rank = rank};
  else if (rank == m->rank && !in_one_folder(m->first, fitting))
    m->doubtful = true;
}

/* Looks the name up, with its ending or without, and selects what it means. */
static checkrob_status look_up(meaning *out, choice *c, const char *name, bool ending) {
  const char *base = path_base(name);
  const char *dot = ending ? strrchr(base, '.') : NULL;
  const stem key = {base, dot ? (size_t)(dot - base) : strlen(base)};
  size_t first = array_lower_bound(&key, c->candidates, c->pairs->count, sizeof *c->candidates, compare_stem);
  size_t end = first;
  *out = (meaning){0};
  for (; end < c->pairs->count && compare_stem(&key, &c->candidates[end]) == 0; end++) {
    bool fit = false;
    checkrob_status status = fits(&fit, c, &c->candidates[end], name, ending);
    if (status) return status;
    size_t own = ending ? strlen(c->candidates[end].path) : c->candidates[end].place_bytes;
    if (fit) add_meaning(out, &c->candidates[end], own == strlen(name));
  }
  if (!out->first || out->doubtful) return CHECKROB_OK;
  for (size_t i = first; i < end; i++) { /* "7" means both 7.jpg and 7.png in one folder */
    const candidate *other = &c->candidates[i];
    if (other == out->first ||
        (!ending && in_one_folder(other, out->first) && !other->pair->image == !out->first->pair->image))
      c->chosen[other->pair - c->pairs->pairs] = true;
  }
  return CHECKROB_OK;
}

static checkrob_status look_up_both(meaning *out, choice *c, const char *name) {
  checkrob_status status = CHECKROB_OK;
  *out = (meaning){0};
  if (listing_ends_in(path_base(name), listing_image_endings)) status = look_up(out, c, name, true);
  return status || out->first ? status : look_up(out, c, name, false);
}

/* Without "../", and without the "data/" that Darknet's lists begin with, wherever the images are. Not
 * without other folders: another one may have an image of the same name. */
static const char *without_front(const char *name) {
  while (strncmp(name, "../", 3) == 0) name += 3;
  return strncmp(name, "data/", 5) == 0 && strchr(name + 5, '/') ? name + 5 : name;
}

/* As it is, else with Windows' slashes, else without what is in front. */
static checkrob_status look_up_loosely(meaning *out, choice *c, const char *given) {
  checkrob_status status = look_up_both(out, c, given);
  if (status || out->first || !strpbrk(given, "/\\")) return status;
  char *name = path_from_windows(given);
  if (!name) return error_memory("a list of images");
  const char *inner = without_front(name);
  if (strcmp(name, given) != 0) status = look_up_both(out, c, name);
  if (!status && !out->first && inner != name) status = look_up_both(out, c, inner);
  free(name);
  return status;
}

static checkrob_status choose(choice *c, const list_entry *entry) {
  meaning found;
  checkrob_status status = look_up_loosely(&found, c, entry->name);
  if (status || (found.first && !found.doubtful)) return status;
  c->missing[c->missing_count++] =
      (image_pair){.wanted = entry, .state = found.first ? PAIR_WANTED_SEVERAL : PAIR_WANTED};
  return CHECKROB_OK;
}

static int by_wanted_name(const void *left, const void *right) {
  const list_entry *a = ((const image_pair *)left)->wanted, *b = ((const image_pair *)right)->wanted;
  int order = strcmp(a->name, b->name);
  return order ? order : (a > b) - (a < b); /* of one array */
}

/* Moves the selected pairs to the front, then adds each missing name once. */
static void gather(choice *c) {
  pairing *pairs = c->pairs;
  size_t kept = 0;
  for (size_t i = 0; i < pairs->count; i++)
    if (c->chosen[i]) pairs->pairs[kept++] = pairs->pairs[i];
  if (c->missing_count) qsort(c->missing, c->missing_count, sizeof *c->missing, by_wanted_name);
  for (size_t i = 0; i < c->missing_count; i++)
    if (i == 0 || strcmp(c->missing[i].wanted->name, c->missing[i - 1].wanted->name) != 0)
      pairs->pairs[kept++] = c->missing[i];
  pairs->count = kept;
}

checkrob_status pairing_choose(pairing *pairs) {
  size_t wanted = pairs->lists.count;
  choice c = {.pairs = pairs,
              .candidates = malloc((pairs->count + 1) * sizeof *c.candidates),
              .chosen = calloc(pairs->count + 1, sizeof *c.chosen),
              .missing = malloc((wanted + 1) * sizeof *c.missing)};
  image_pair *grown = realloc(pairs->pairs, (pairs->count + wanted + 1) * sizeof *grown);
  if (grown) pairs->pairs = grown;
  bool good = c.candidates && c.chosen && c.missing && grown;
  checkrob_status status = good ? CHECKROB_OK : error_memory("a list of images");
  if (!status) {
    for (size_t i = 0; i < pairs->count; i++) c.candidates[i] = candidate_of(&pairs->pairs[i]);
    qsort(c.candidates, pairs->count, sizeof *c.candidates, by_stem);
  }
  for (size_t i = 0; i < wanted && !status; i++) status = choose(&c, &pairs->lists.entries[i]);
  if (!status) gather(&c);
  free(c.candidates);
  free(c.chosen);
  free(c.missing);
  return status;
}
