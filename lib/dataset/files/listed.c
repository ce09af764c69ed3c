/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/listed.h"

#include <string.h>
#include <strings.h>

const char *const listing_image_endings[] = {".jpg", ".jpeg", ".png", NULL};

bool listing_ends_in(const char *name, const char *const *endings) {
  size_t length = strlen(name);
  for (; *endings; endings++) {
    size_t ending = strlen(*endings);
    if (length > ending && strcasecmp(name + length - ending, *endings) == 0) return true;
  }
  return false;
}
