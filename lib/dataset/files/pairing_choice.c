/* SPDX-License-Identifier: Apache-2.0 */
/* Selecting pairs by lists of images. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/files/pairing.h"
#include "dataset/files/path.h"
#include "dataset/files/path_tail.h"

/* A pair with the path of its image, or else of its annotation: "a/b/c.jpg" has the place "a/b/c". */
typedef struct candidate {
  const char *path;
  size_t place_bytes;
  const listing_root *root;
  image_pair *pair;
} candidate;

typedef struct choice {
  pairing *pairs;
  /* By their places, read from the end: those that end in one name follow each other, and others of its stem
   * are not looked at. Also with the root in front of the place, because a list's names may begin above the
   * images folder: images/train/7.jpg. */
  candidate *by_place, *by_whole;
  bool *chosen; /* by pair */
  image_pair *missing;
  size_t missing_count;
} choice;

static candidate candidate_of(const pairing *pairs, image_pair *pair) {
  const listed_file *file = pair->image ? pair->image : pair->annotation;
  const listing *list = pair->image ? &pairs->images : &pairs->annotations;
  return (candidate){.path = file->path,
                     .place_bytes = (size_t)(strrchr(file->path, '.') - file->path),
                     .root = &list->roots[file->root],
                     .pair = pair};
}

/* ---- places, read from the end ---- */

static path_tail place_of(const candidate *c) {
  return (path_tail){.text = c->path, .bytes = c->place_bytes};
}

static path_tail whole_of(const candidate *c) {
  const char *root = c->root->path;
  size_t bytes = strlen(root), skipped = c->root->prefix_bytes;
  if (bytes > 0 && root[bytes - 1] == '/') bytes--;
  return (path_tail){c->path + skipped, root[0] ? root : NULL, c->place_bytes - skipped, bytes};
}

static int places_in_order(const void *left, const void *right) {
  return path_tail_compare(place_of(left), place_of(right));
}

static int wholes_in_order(const void *left, const void *right) {
  return path_tail_compare(whole_of(left), whole_of(right));
}

static int name_and_place(const void *name, const void *item) {
  return path_tail_compare_name(*(const path_tail *)name, place_of(item));
}

static int name_and_whole(const void *name, const void *item) {
  return path_tail_compare_name(*(const path_tail *)name, whole_of(item));
}

/* ---- a name's meaning ---- */

static bool in_one_folder(const candidate *a, const candidate *b) {
  size_t bytes = (size_t)(path_base(a->path) - a->path);
  return bytes == (size_t)(path_base(b->path) - b->path) && memcmp(a->path, b->path, bytes) == 0;
}

/* What a name may mean: the candidates that match. An image counts more than an annotation without image, and
 * an exact match counts most. */
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

/* `dot`: where the name's ending begins; NULL: it has none. */
static void add_meanings(meaning *m, const candidate *items, size_t count, array_compare compare,
                         const char *name, const char *dot) {
  const path_tail key = {.text = name, .bytes = dot ? (size_t)(dot - name) : strlen(name)};
  size_t i = array_lower_bound(&key, items, count, sizeof *items, compare);
  for (; i < count && compare(&key, &items[i]) == 0; i++) {
    const char *own_dot = items[i].path + items[i].place_bytes;
    size_t bytes = dot ? strlen(items[i].path) : items[i].place_bytes;
    if (!dot || strcmp(own_dot, dot) == 0) add_meaning(m, &items[i], bytes == strlen(name));
  }
}

/* "7" means both 7.jpg and 7.png in one folder. */
static void select_place(choice *c, const candidate *first) {
  const path_tail place = place_of(first);
  size_t count = c->pairs->count;
  size_t i = array_lower_bound(&place, c->by_place, count, sizeof *c->by_place, name_and_place);
  for (; i < count && path_tail_compare(place, place_of(&c->by_place[i])) == 0; i++) {
    const image_pair *other = c->by_place[i].pair;
    if (!other->image == !first->pair->image) c->chosen[other - c->pairs->pairs] = true;
  }
}

/* Looks the name up, with its ending or without, and selects what it means. */
static meaning look_up(choice *c, const char *name, bool ending) {
  const char *dot = ending ? strrchr(path_base(name), '.') : NULL;
  meaning m = {0};
  add_meanings(&m, c->by_place, c->pairs->count, name_and_place, name, dot);
  if (strchr(name, '/')) add_meanings(&m, c->by_whole, c->pairs->count, name_and_whole, name, dot);
  if (!m.first || m.doubtful) return m;
  if (dot)
    c->chosen[m.first->pair - c->pairs->pairs] = true;
  else
    select_place(c, m.first);
  return m;
}

static meaning look_up_both(choice *c, const char *name) {
  meaning m = {0};
  if (listing_ends_in(path_base(name), listing_image_endings)) m = look_up(c, name, true);
  return m.first ? m : look_up(c, name, false);
}

/* Without "../", and without the "data/" that Darknet's lists begin with, wherever the images are. Not
 * without other folders: another one may have an image of the same name. */
static const char *without_front(const char *name) {
  while (strncmp(name, "../", 3) == 0) name += 3;
  return strncmp(name, "data/", 5) == 0 && strchr(name + 5, '/') ? name + 5 : name;
}

/* As it is, else with Windows' slashes, else without what is in front. */
static checkrob_status look_up_loosely(meaning *out, choice *c, const char *given) {
  *out = look_up_both(c, given);
  if (out->first || !strpbrk(given, "/\\")) return CHECKROB_OK;
  char *name = path_from_windows(given);
  if (!name) return error_memory("a list of images");
  const char *inner = without_front(name);
  if (strcmp(name, given) != 0) *out = look_up_both(c, name);
  if (!out->first && inner != name) *out = look_up_both(c, inner);
  free(name);
  return CHECKROB_OK;
}

static checkrob_status choose(choice *c, const list_entry *entry) {
  meaning found;
  checkrob_status status = look_up_loosely(&found, c, entry->name);
  if (status || (found.first && !found.doubtful)) return status;
  c->missing[c->missing_count++] =
      (image_pair){.wanted = entry, .state = found.first ? PAIR_WANTED_SEVERAL : PAIR_WANTED};
  return CHECKROB_OK;
}

static int by_name(const void *left, const void *right) {
  const list_entry *a = *(const list_entry *const *)left, *b = *(const list_entry *const *)right;
  int order = strcmp(a->name, b->name);
  return order ? order : (a > b) - (a < b); /* of one array */
}

/* Each name once, in their order: a list may have one name a million times. */
static checkrob_status choose_all(choice *c, const image_lists *lists) {
  const list_entry **entries = malloc((lists->count + 1) * sizeof *entries);
  if (!entries) return error_memory("a list of images");
  for (size_t i = 0; i < lists->count; i++) entries[i] = &lists->entries[i];
  if (lists->count) qsort(entries, lists->count, sizeof *entries, by_name);
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < lists->count && !status; i++)
    if (i == 0 || strcmp(entries[i]->name, entries[i - 1]->name) != 0) status = choose(c, entries[i]);
  free(entries);
  return status;
}

/* Moves the selected pairs to the front, then adds the missing names. */
static void gather(choice *c) {
  pairing *pairs = c->pairs;
  size_t kept = 0;
  for (size_t i = 0; i < pairs->count; i++)
    if (c->chosen[i]) pairs->pairs[kept++] = pairs->pairs[i];
  for (size_t i = 0; i < c->missing_count; i++) pairs->pairs[kept++] = c->missing[i];
  pairs->count = kept;
}

static void sort_candidates(choice *c) {
  size_t count = c->pairs->count;
  for (size_t i = 0; i < count; i++)
    c->by_place[i] = c->by_whole[i] = candidate_of(c->pairs, &c->pairs->pairs[i]);
  qsort(c->by_place, count, sizeof *c->by_place, places_in_order);
  qsort(c->by_whole, count, sizeof *c->by_whole, wholes_in_order);
}

checkrob_status pairing_choose(pairing *pairs) {
  size_t wanted = pairs->lists.count;
  choice c = {.pairs = pairs,
              .by_place = malloc((pairs->count + 1) * sizeof *c.by_place),
              .by_whole = malloc((pairs->count + 1) * sizeof *c.by_whole),
              .chosen = calloc(pairs->count + 1, sizeof *c.chosen),
              .missing = malloc((wanted + 1) * sizeof *c.missing)};
  image_pair *grown = realloc(pairs->pairs, (pairs->count + wanted + 1) * sizeof *grown);
  if (grown) pairs->pairs = grown;
  bool good = c.by_place && c.by_whole && c.chosen && c.missing && grown;
  checkrob_status status = good ? CHECKROB_OK : error_memory("a list of images");
  if (!status) {
    sort_candidates(&c);
    status = choose_all(&c, &pairs->lists);
  }
  if (!status) gather(&c);
  free(c.by_place);
  free(c.by_whole);
  free(c.chosen);
  free(c.missing);
  return status;
}
