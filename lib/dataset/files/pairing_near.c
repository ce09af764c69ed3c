/* SPDX-License-Identifier: Apache-2.0 */
/* Images without annotation, annotations without image, and names in lists, beside what looks like them. */
#include "dataset/files/near_names.h"
#include "dataset/files/pairing.h"

static size_t count_state(const pairing *pairs, pair_state state) {
  size_t count = 0;
  for (size_t i = 0; i < pairs->count; i++) count += pairs->pairs[i].state == state;
  return count;
}

static const char *path_of(const image_pair *pair) {
  return pair->wanted ? pair->wanted->name : pair->image ? pair->image->path : pair->annotation->path;
}

static void look_up(pairing *pairs, pair_state state, const near_names *names) {
  for (size_t i = 0; i < pairs->count; i++)
    if (pairs->pairs[i].state == state)
      pairs->pairs[i].near = near_names_find(names, path_of(&pairs->pairs[i]));
}

/* Pairs of one state look for those of another. */
static checkrob_status look_among(pairing *pairs, pair_state state, pair_state among) {
  near_names names;
  checkrob_status status = near_names_new(&names, count_state(pairs, among));
  if (status) return status;
  for (size_t i = 0; i < pairs->count; i++)
    if (pairs->pairs[i].state == among) near_names_add(&names, path_of(&pairs->pairs[i]));
  near_names_sort(&names);
  look_up(pairs, state, &names);
  near_names_clear(&names);
  return CHECKROB_OK;
}

static checkrob_status look_among_images(pairing *pairs) {
  near_names names;
  checkrob_status status = near_names_new(&names, pairs->images.count);
  if (status) return status;
  for (size_t i = 0; i < pairs->images.count; i++) near_names_add(&names, pairs->images.files[i].path);
  near_names_sort(&names);
  look_up(pairs, PAIR_WANTED, &names);
  near_names_clear(&names);
  return CHECKROB_OK;
}

checkrob_status pairing_find_near(pairing *pairs) {
  checkrob_status status = CHECKROB_OK;
  if (count_state(pairs, PAIR_WANTED) > 0) status = look_among_images(pairs);
  if (status || count_state(pairs, PAIR_NO_IMAGE) == 0) return status;
  status = look_among(pairs, PAIR_NO_ANNOTATION, PAIR_NO_IMAGE);
  return status ? status : look_among(pairs, PAIR_NO_IMAGE, PAIR_NO_ANNOTATION);
}
