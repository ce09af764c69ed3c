/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/pairing.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"
#include "dataset/files/near_names.h"
#include "dataset/files/path.h"

static const char number_ending[] = ".cls";

/* The parts of a path. "a/b/c.jpg" has the place "a/b/c", which is the path without its ending, and the stem
 * "c". */
typedef struct file {
  const listed_file *listed;
  const char *path;
  size_t place_bytes;
  size_t stem_start;
  size_t rank;      /* of an annotation's ending; at one place the lowest counts */
  image_pair *pair; /* an image's own; an annotation's last one, NULL while it has none */
} file;

/* `endings` is NULL for an image, whose place ends before the last dot. */
static file take_apart(const listed_file *listed, const char *const *endings) {
  const char *path = listed->path;
  file f = {.listed = listed,
            .path = path,
            .place_bytes = (size_t)(strrchr(path, '.') - path),
            .stem_start = (size_t)(path_base(path) - path)};
  if (!endings) return f;
  while (!listing_ends_in(path, (const char *const[]){endings[f.rank], NULL})) f.rank++;
  f.place_bytes = strlen(path) - strlen(endings[f.rank]);
  return f;
}

static int compare_bytes(const char *left, size_t left_bytes, const char *right, size_t right_bytes) {
  int order = memcmp(left, right, left_bytes < right_bytes ? left_bytes : right_bytes);
  return order ? order : (left_bytes > right_bytes) - (left_bytes < right_bytes);
}

static int compare_places(const file *a, const file *b) {
  return compare_bytes(a->path, a->place_bytes, b->path, b->place_bytes);
}

static int by_place(const void *left, const void *right) {
  const file *a = left, *b = right;
  int order = compare_places(a, b);
  if (!order) order = (a->rank > b->rank) - (a->rank < b->rank);
  return order ? order : strcmp(a->path, b->path);
}

static int compare_stems(const file *a, const file *b) {
  return compare_bytes(a->path + a->stem_start, a->place_bytes - a->stem_start, b->path + b->stem_start,
                       b->place_bytes - b->stem_start);
}

static int by_stem(const void *left, const void *right) {
  const file *a = *(const file *const *)left, *b = *(const file *const *)right;
  int order = compare_stems(a, b);
  return order ? order : strcmp(a->path, b->path);
}

static bool in_one_folder(const file *a, const file *b) {
  return a->stem_start == b->stem_start && memcmp(a->path, b->path, a->stem_start) == 0;
}

/* All files sorted by place; and, sorted by stem, those of the second rule (`strays`): images without an
 * annotation at their own place, and all annotations. */
typedef struct file_index {
  file *all;
  file **strays;
  size_t count, stray_count;
} file_index;

/* Removes annotations that are at one place with another of a lower rank. */
static size_t remove_lower_ranks(file *all, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || all[i].rank == all[kept - 1].rank || compare_places(&all[i], &all[kept - 1]) != 0)
      all[kept++] = all[i];
  return kept;
}

static checkrob_status index_files(file_index *out, const listing *list, const char *const *endings) {
  out->all = malloc((list->count + 1) * sizeof *out->all);
  out->strays = malloc((list->count + 1) * sizeof(file *));
  if (!out->all || !out->strays) return error_memory("the list of images");
  for (size_t i = 0; i < list->count; i++) out->all[i] = take_apart(&list->files[i], endings);
  qsort(out->all, list->count, sizeof *out->all, by_place);
  out->count = remove_lower_ranks(out->all, list->count);
  return CHECKROB_OK;
}

/* First rule: the annotation at the image's own place. Both lists are sorted by place. */
static void match_places(file_index *images, file_index *annotations) {
  size_t a = 0;
  for (size_t i = 0; i < images->count; i++) {
    file *image = &images->all[i];
    while (a < annotations->count && compare_places(&annotations->all[a], image) < 0) a++;
    size_t end = a; /* the end of the annotations at this place: c.xml, and perhaps c.XML */
    while (end < annotations->count && compare_places(&annotations->all[end], image) == 0)
      annotations->all[end++].pair = image->pair;
    if (end == a) {
      images->strays[images->stray_count++] = image;
      continue;
    }
    image->pair->state = end - a == 1 ? PAIR_MATCHED : PAIR_SEVERAL_ANNOTATIONS;
    image->pair->annotation = annotations->all[a].listed;
    if (end - a > 1) image->pair->rival = annotations->all[a + 1].listed;
  }
}

/* Second rule, for the images of one stem: the annotation of that stem, if it is the only one and the images
 * are in one folder. Anything else could compare a photo with another photo's boxes, and nobody would notice.
 */
static void match_group(file **images, size_t image_count, file **annotations, size_t annotation_count) {
  bool shared = annotation_count == 1 && annotations[0]->pair != NULL;
  for (size_t i = 1; i < image_count; i++)
    if (!in_one_folder(images[0], images[i])) shared = true;
  for (size_t i = 0; i < image_count; i++) {
    image_pair *pair = images[i]->pair;
    pair->annotation = annotations[0]->listed;
    pair->state = annotation_count > 1 ? PAIR_SEVERAL_ANNOTATIONS
                  : shared             ? PAIR_ANNOTATION_SHARED
                                       : PAIR_MATCHED;
    if (annotation_count > 1) pair->rival = annotations[1]->listed;
  }
  for (size_t i = 0; i < annotation_count; i++) annotations[i]->pair = images[0]->pair;
}

static size_t group_end(file **files, size_t count, size_t start) {
  size_t end = start + 1;
  while (end < count && compare_stems(files[start], files[end]) == 0) end++;
  return end;
}

static void match_stems(file_index *images, file_index *annotations) {
  for (size_t i = 0; i < annotations->count; i++) annotations->strays[i] = &annotations->all[i];
  annotations->stray_count = annotations->count;
  qsort(images->strays, images->stray_count, sizeof(file *), by_stem);
  qsort(annotations->strays, annotations->stray_count, sizeof(file *), by_stem);
  size_t a = 0;
  for (size_t i = 0, end; i < images->stray_count; i = end) {
    end = group_end(images->strays, images->stray_count, i);
    while (a < annotations->stray_count && compare_stems(annotations->strays[a], images->strays[i]) < 0) a++;
    if (a == annotations->stray_count || compare_stems(annotations->strays[a], images->strays[i]) != 0)
      continue;
    size_t annotations_end = group_end(annotations->strays, annotations->stray_count, a);
    match_group(images->strays + i, end - i, annotations->strays + a, annotations_end - a);
  }
}

static const char *pair_name(const image_pair *pair) {
  if (pair->wanted) return pair->wanted->name;
  return pair->image ? pair->image->path : pair->annotation->path;
}

static int compare_pairs(const void *left, const void *right) {
  return strcmp(pair_name(left), pair_name(right));
}

static checkrob_status match(pairing *pairs, file_index *images, file_index *annotations) {
  checkrob_status status = index_files(images, &pairs->images, NULL);
  if (!status) status = index_files(annotations, &pairs->annotations, pairs->endings);
  if (status) return status;
  /* Space for the worst case, that nothing matches: the array must not move while files point into it. */
  pairs->pairs = malloc((images->count + annotations->count + 1) * sizeof *pairs->pairs);
  if (!pairs->pairs) return error_memory("the list of images");
  for (size_t i = 0; i < images->count; i++) {
    pairs->pairs[i] = (image_pair){.image = images->all[i].listed, .state = PAIR_NO_ANNOTATION};
    images->all[i].pair = &pairs->pairs[i];
  }
  pairs->count = images->count;
  match_places(images, annotations);
  match_stems(images, annotations);
  for (size_t i = 0; i < annotations->count; i++)
    if (!annotations->all[i].pair)
      pairs->pairs[pairs->count++] =
          (image_pair){.annotation = annotations->all[i].listed, .state = PAIR_NO_IMAGE};
  image_pair *fitted = realloc(pairs->pairs, (pairs->count + 1) * sizeof *pairs->pairs);
  if (fitted) pairs->pairs = fitted;
  return CHECKROB_OK;
}

/* Selects the requested pairs, and sorts them. */
static checkrob_status select_pairs(pairing *pairs, const pairing_request *request) {
  checkrob_status status = CHECKROB_OK;
  if (request->lists.count > 0) {
    status = image_lists_open(&pairs->lists, request->lists);
    if (!status) status = pairing_choose(pairs);
  }
  if (status) return status;
  size_t kept = 0;
  for (size_t i = 0; i < pairs->count; i++)
    if (request->skip_unannotated && pairs->pairs[i].state == PAIR_NO_ANNOTATION)
      pairs->left_out++;
    else
      pairs->pairs[kept++] = pairs->pairs[i];
  pairs->count = kept;
  if (kept == 0 && pairs->left_out > 0) /* a wrong path must not look like a correct dataset */
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "none of the %zu images below %s has an annotation (%s) below %s; check the paths",
                     pairs->left_out, pairs->images.roots[0].path, pairs->endings[0],
                     pairs->annotations.roots[0].path);
  qsort(pairs->pairs, pairs->count, sizeof *pairs->pairs, compare_pairs);
  return CHECKROB_OK;
}

static int by_number_place(const void *left, const void *right) {
  const file a = take_apart(left, NULL), b = take_apart(right, NULL);
  return compare_places(&a, &b);
}

/* 7.seg.png. Where any PNG may be an annotation, they are in other folders than the images. */
static bool looks_like_annotation(const pairing *pairs, const listed_file *listed) {
  return strcmp(pairs->endings[0], ".png") != 0 && listing_ends_in(listed->path, pairs->endings);
}

/* Moves the files with class numbers to the end of `images`, after its count, and removes annotations that
 * look like images. */
static checkrob_status separate_numbers(pairing *pairs) {
  static const char *const number_endings[] = {number_ending, NULL};
  listing *list = &pairs->images;
  listed_file *numbers = malloc((list->count + 1) * sizeof *numbers);
  if (!numbers) return error_memory("the list of images");
  size_t images = 0;
  for (size_t i = 0; i < list->count; i++)
    if (listing_ends_in(list->files[i].path, number_endings))
      numbers[pairs->number_count++] = list->files[i];
    else if (!looks_like_annotation(pairs, &list->files[i]))
      list->files[images++] = list->files[i];
  list->count = images;
  memcpy(list->files + images, numbers, pairs->number_count * sizeof *numbers);
  pairs->numbers = list->files + images;
  qsort(list->files + images, pairs->number_count, sizeof *numbers, by_number_place);
  free(numbers);
  return CHECKROB_OK;
}

static checkrob_status list_files(pairing *pairs, const pairing_request *request) {
  const char *endings[LISTING_MOST_ENDINGS + 1] = {
      number_ending}; /* in one walk, because there may be a million images */
  for (size_t i = 0; listing_image_endings[i]; i++) endings[i + 1] = listing_image_endings[i];
  checkrob_status status = listing_make(&pairs->images, request->images, endings, "images");
  if (!status) status = separate_numbers(pairs);
  if (!status)
    status = listing_make(&pairs->annotations, request->annotations, pairs->endings, "annotations");
  if (status || pairs->images.count + pairs->annotations.count > 0) return status;
  return error_set(
      CHECKROB_ERROR_NOT_FOUND,
      "there are no images (.jpg, .png, .webp, .bmp ...) below %s and no annotations (%s) below %s; check "
      "the two paths (a tar file's path is its own, not its folder's)",
      request->images.items[0], pairs->endings[0], request->annotations.items[0]);
}

checkrob_status pairing_open(pairing **out, const pairing_request *request, const char *const *endings) {
  pairing *pairs = calloc(1, sizeof *pairs);
  if (!pairs) return error_memory("the list of images");
  pairs->endings = endings;
  file_index images = {0}, annotations = {0};
  checkrob_status status = list_files(pairs, request);
  if (!status) status = match(pairs, &images, &annotations);
  free(images.all);
  free(images.strays);
  free(annotations.all);
  free(annotations.strays);
  if (!status) status = select_pairs(pairs, request);
  if (!status) status = pairing_find_near(pairs);
  if (status)
    pairing_free(pairs);
  else
    *out = pairs;
  return status;
}

void pairing_free(pairing *pairs) {
  if (!pairs) return;
  listing_clear(&pairs->images);
  listing_clear(&pairs->annotations);
  image_lists_clear(&pairs->lists);
  free(pairs->pairs);
  free(pairs);
}

const char *pairing_name(const pairing *pairs, size_t i) {
  return pair_name(&pairs->pairs[i]);
}

static int compare_name(const void *name, const void *pair) {
  return strcmp(name, pair_name(pair));
}

const image_pair *pairing_find(const pairing *pairs, const char *name) {
  return bsearch(name, pairs->pairs, pairs->count, sizeof *pairs->pairs, compare_name);
}

const listed_file *pairing_number_file(const pairing *pairs, const listed_file *image) {
  return array_find(image, pairs->numbers, pairs->number_count, sizeof *pairs->numbers, by_number_place);
}

static checkrob_status wanted_error(const pairing *pairs, const image_pair *pair) {
  const list_entry *wanted = pair->wanted;
  const char *below = pairs->images.roots[0].path;
  if (pair->state == PAIR_WANTED)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "%s:%zu: there is no image %s below %s; correct the line, or add the image%s",
                     wanted->list, wanted->line, wanted->name, below, near_names_hint(pair->near).text);
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "%s:%zu: several images below %s match %s; add its folder to the name", wanted->list,
                   wanted->line, below, wanted->name);
}

checkrob_status pairing_error(const pairing *pairs, const image_pair *pair) {
  if (pair->wanted) return wanted_error(pairs, pair);
  const char *below = pairs->annotations.roots[0].path;
  if (pair->state == PAIR_NO_IMAGE)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "annotation %s has no image below %s; add the image or remove the annotation%s",
                     pair->annotation->path, pairs->images.roots[0].path, near_names_hint(pair->near).text);
  file image = take_apart(pair->image, NULL);
  int place_bytes = (int)image.place_bytes;
  int stem_bytes = (int)(image.place_bytes - image.stem_start);
  const char *stem = image.path + image.stem_start, *ending = pairs->endings[0];
  if (pair->state == PAIR_NO_ANNOTATION)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "image %s has no annotation %.*s%s anywhere below %s; add it or remove the image%s",
                     image.path, stem_bytes, stem, ending, below, near_names_hint(pair->near).text);
  if (pair->state == PAIR_SEVERAL_ANNOTATIONS)
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "image %s could belong to %s or to %s below %s; save the right one as %.*s%s",
                     image.path, pair->annotation->path, pair->rival->path, below, place_bytes, image.path,
                     ending);
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "image %s has the same stem as an image in another folder, but below %s there is only %s "
                   "for both; save this image's annotation as %.*s%s",
                   image.path, below, pair->annotation->path, place_bytes, image.path, ending);
}
