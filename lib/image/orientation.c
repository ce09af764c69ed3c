/* SPDX-License-Identifier: Apache-2.0 */
#include "image/orientation.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define TYPE_LONG 4
#define ENTRY_BYTES 12

orientation_turn orientation_to_upright(int orientation) {
  static const orientation_turn turns[9] = {
      [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
      [5] = {true, false, false}, [6] = {true, true, false}, [7] = {true, true, true},
      [8] = {true, false, true},
  };
  return turns[orientation >= 1 && orientation <= 8 ? orientation : ORIENTATION_UPRIGHT];
}

/* Only the two quarter turns are not their own opposites. */
orientation_turn orientation_to_stored(int orientation) {
  if (orientation == 6) return orientation_to_upright(8);
  if (orientation == 8) return orientation_to_upright(6);
  return orientation_to_upright(orientation);
}

typedef struct exif {
  const uint8_t *data;
  size_t bytes;
  bool big_endian;
} exif;

static uint32_t number_at(const exif *e, size_t at, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes; i++)
    value = value << 8 | e->data[e->big_endian ? at + i : at + bytes - 1 - i];
  return value;
}

/* Of the first directory's entries, the one with the orientation. Cameras write about ten. */
static int find_in_directory(const exif *e, size_t directory) {
  if (directory > e->bytes || e->bytes - directory < 2) return ORIENTATION_UPRIGHT;
  size_t count = number_at(e, directory, 2), room = (e->bytes - directory - 2) / ENTRY_BYTES;
  for (size_t i = 0; i < count && i < room; i++) {
    size_t entry = directory + 2 + i * ENTRY_BYTES;
    uint32_t type = number_at(e, entry + 2, 2);
    if (number_at(e, entry, 2) != TAG_ORIENTATION || (type != TYPE_SHORT && type != TYPE_LONG)) continue;
    uint32_t value = number_at(e, entry + 8, type == TYPE_SHORT ? 2 : 4);
    return value >= 1 && value <= 8 ? (int)value : ORIENTATION_UPRIGHT;
  }
  return ORIENTATION_UPRIGHT;
}

int orientation_in_exif(const uint8_t *data, size_t bytes) {
  static const char before[6] = "Exif\0";
  if (bytes >= sizeof before && memcmp(data, before, sizeof before) == 0) {
    data += sizeof before;
    bytes -= sizeof before;
  }
  if (bytes < 8) return ORIENTATION_UPRIGHT;
  exif e = {data, bytes, data[0] == 'M'};
  if (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0) return ORIENTATION_UPRIGHT;
  return find_in_directory(&e, number_at(&e, 4, 4));
}
