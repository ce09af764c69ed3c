/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/location.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "image/decode.h"

static checkrob_status read_whole(char *data, int file, const file_location *location) {
  for (size_t done = 0; done < location->bytes;) {
    ssize_t got = pread(file, data + done, location->bytes - done, (off_t)(location->offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_errno("read", location->path);
    if (got == 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s ends inside the file that begins at byte %llu; it is truncated, or was changed "
                       "after it was listed",
                       location->path, (unsigned long long)location->offset);
    done += (size_t)got;
  }
  return CHECKROB_OK;
}

static checkrob_status read_part(char **data, size_t *bytes, const file_location *location, uint64_t limit) {
  if (location->bytes > limit)
    return error_set(CHECKROB_ERROR_LIMIT, "%s: the file in it has %llu bytes; the limit is %llu",
                     location->path, (unsigned long long)location->bytes, (unsigned long long)limit);
  char *text = malloc((size_t)location->bytes + 1);
  if (!text) return error_memory("a file's contents");
  int file = open(location->path, O_RDONLY | O_CLOEXEC);
  checkrob_status status = file < 0 ? error_errno("open", location->path) : read_whole(text, file, location);
  if (file >= 0) close(file);
  if (status) {
    free(text);
    return status;
  }
  text[location->bytes] = '\0';
  *data = text;
  *bytes = (size_t)location->bytes;
  return CHECKROB_OK;
}

checkrob_status location_read(char **data, size_t *bytes, const file_location *location, uint64_t limit) {
  return location->part ? read_part(data, bytes, location, limit)
                        : file_read(data, bytes, location->path, limit);
}

checkrob_status location_decode_mask(checkrob_image **out, const file_location *location) {
  checkrob_image_limits limits = CHECKROB_IMAGE_LIMITS_INIT;
  limits.orientation = CHECKROB_ORIENTATION_STORED;
  char *data = NULL;
  size_t bytes = 0;
  checkrob_status status = location_read(&data, &bytes, location, limits.max_file_bytes);
  if (!status) status = checkrob_image_decode(out, data, bytes, &limits);
  free(data);
  return status;
}

checkrob_status location_decode_indices(index_image **out, const file_location *location, const char *name) {
  image_source source = {.name = name, .limits = CHECKROB_IMAGE_LIMITS_INIT};
  char *data = NULL;
  checkrob_status status = location_read(&data, &source.bytes, location, source.limits.max_file_bytes);
  source.data = (const uint8_t *)data;
  if (!status) status = image_decode_indices(out, &source);
  free(data);
  return status;
}

void location_clear(file_location *location) {
  free(location->path);
  *location = (file_location){0};
}
