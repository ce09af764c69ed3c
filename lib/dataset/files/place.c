#include "dataset/files/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/structure.h"
#include "base/text.h"
#include "image/decode.h"

static checkrob_status read_whole(char *data, int file, const file_place *place) {
  for (size_t done = 0; done < place->bytes;) {
    ssize_t got = pread(file, data + done, place->bytes - done, (off_t)(place->offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_errno("read", place->path);
    if (got == 0)
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s ends inside the file that begins at byte %llu; it is truncated, or was changed "
                       "after it was listed",
                       place->path, (unsigned long long)place->offset);
    done += (size_t)got;
  }
  return CHECKROB_OK;
}

static checkrob_status read_part(char **data, size_t *bytes, const file_place *place, uint64_t limit) {
  if (place->bytes > limit)
    return error_set(CHECKROB_ERROR_LIMIT, "%s: the file in it has %llu bytes; the limit is %llu",
                     place->path, (unsigned long long)place->bytes, (unsigned long long)limit);
  char *text = malloc((size_t)place->bytes + 1);
  if (!text) return error_memory("a file's contents");
  int file = open(place->path, O_RDONLY | O_CLOEXEC);
  checkrob_status status = file < 0 ? error_errno("open", place->path) : read_whole(text, file, place);
  if (file >= 0) close(file);
  if (status) {
    free(text);
    return status;
  }
  text[place->bytes] = '\0';
  *data = text;
  *bytes = (size_t)place->bytes;
  return CHECKROB_OK;
}

checkrob_status place_read(char **data, size_t *bytes, const file_place *place, uint64_t limit) {
  return place->part ? read_part(data, bytes, place, limit) : file_read(data, bytes, place->path, limit);
}

checkrob_status place_decode(checkrob_image **out, const file_place *place,
                             const checkrob_image_limits *limits) {
  checkrob_image_limits full = CHECKROB_IMAGE_LIMITS_INIT;
  checkrob_status status = limits ? structure_take(&full, sizeof full, limits) : CHECKROB_OK;
  char *data = NULL;
  size_t bytes = 0;
  if (!status) status = place_read(&data, &bytes, place, full.max_file_bytes);
  if (!status) status = checkrob_image_decode(out, data, bytes, &full);
  free(data);
  return status;
}

checkrob_status place_decode_indices(index_image **out, const file_place *place, const char *name) {
  image_source source = {.name = name, .limits = CHECKROB_IMAGE_LIMITS_INIT};
  char *data = NULL;
  checkrob_status status = place_read(&data, &source.bytes, place, source.limits.max_file_bytes);
  source.data = (const uint8_t *)data;
  if (!status) status = image_decode_indices(out, &source);
  free(data);
  return status;
}

void place_clear(file_place *place) {
  free(place->path);
  *place = (file_place){0};
}
