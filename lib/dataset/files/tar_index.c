/* SPDX-License-Identifier: Apache-2.0 */
/* The format is that of POSIX (pax, "Interchange Format") and of GNU tar's manual ("Basic Tar Format"). */
#include "dataset/files/tar_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define BLOCK 512
#define EXTRA_LIMIT (1U << 20)
/* Linux opens no longer path. Without a limit one name, meant for all files that follow, takes a megabyte for
 * each. */
#define NAME_LIMIT 4096

/* A header's fields: offsets and sizes in bytes. All are text. */
enum {
  NAME_AT = 0,
  NAME_BYTES = 100,
  SIZE_AT = 124,
  SIZE_BYTES = 12,
  SUM_AT = 148,
  SUM_BYTES = 8,
  TYPE_AT = 156,
  MAGIC_AT = 257,
  PREFIX_AT = 345,
  PREFIX_BYTES = 155
};

/* Values for the next file, or for all files that follow, which override those in the file's own header. */
typedef struct extras {
  char *name; /* NULL: not overridden */
  bool sized, sparse;
  uint64_t bytes;
} extras;

typedef struct reader {
  const char *path;
  int file;
  uint64_t size;     /* of the tar file */
  uint64_t position; /* of the current header */
  unsigned char block[BLOCK];
  extras all, next;
} reader;

/* ---- the file ---- */

static checkrob_status cut_off(const reader *r, const char *what, uint64_t at) {
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s ends at byte %llu, inside %s that begins at byte %llu: it is truncated; copy or create it again",
      r->path, (unsigned long long)r->size, what, (unsigned long long)at);
}

/* All bytes are within the size that the file had when it was opened. */
static checkrob_status read_at(const reader *r, void *to, size_t bytes, uint64_t at) {
  for (size_t done = 0; done < bytes;) {
    ssize_t got = pread(r->file, (char *)to + done, bytes - done, (off_t)(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_errno("read", r->path);
    if (got == 0)
      return error_set(CHECKROB_ERROR_IO,
                       "%s became shorter while it was read; wait until it is written completely", r->path);
    done += (size_t)got;
  }
  return CHECKROB_OK;
}

static checkrob_status open_file(reader *r) {
  /* O_NONBLOCK: opening a named pipe must not block. */
  r->file = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (r->file < 0) return error_errno("open", r->path);
  struct stat info;
  if (fstat(r->file, &info) != 0) return error_errno("read", r->path);
  if (!S_ISREG(info.st_mode))
    return error_set(CHECKROB_ERROR_IO, "cannot read %s: it is not a file", r->path);
  r->size = (uint64_t)info.st_size;
  /* Only a hint: without it the system would read ahead, into the contents after each header. */
  (void)posix_fadvise(r->file, 0, 0, POSIX_FADV_RANDOM);
  return CHECKROB_OK;
}

/* ---- a header's fields ---- */

/* Octal digits after spaces and before a space or NUL; or, for large values, a binary number whose first bit
 * is set. */
static bool parse_number(uint64_t *out, const unsigned char *field, size_t bytes) {
  uint64_t value = 0;
  size_t i = 0;
  if (field[0] & 0x80) {
    value = field[0] & 0x7f; /* a negative number has the next bit set too, so it is refused as too large */
    for (i = 1; i < bytes; i++) {
      if (value >> 55) return false;
      value = value << 8 | field[i];
    }
    *out = value;
    return value <= INT64_MAX;
  }
  while (i < bytes && field[i] == ' ') i++;
  for (; i < bytes && field[i] >= '0' && field[i] <= '7'; i++)
    value = value << 3 | (uint64_t)(field[i] - '0');
  *out = value; /* 12 digits at most */
  return i == bytes || field[i] == ' ' || field[i] == '\0';
}

/* The sum of the header's bytes, with spaces in place of the sum itself. Some old tar programs added signed
 * bytes. */
static bool sum_holds(const unsigned char *block) {
  uint64_t written;
  if (!parse_number(&written, block + SUM_AT, SUM_BYTES)) return false;
  int64_t sum = 0, signed_sum = 0;
  for (size_t i = 0; i < BLOCK; i++) {
    int byte = i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : block[i];
    sum += byte;
    signed_sum += byte < 128 ? byte : byte - 256;
  }
  return (int64_t)written == sum || (int64_t)written == signed_sum;
}

static bool is_zero(const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (bytes[i]) return false;
  return true;
}

/* The name in the header itself; POSIX splits a long name in two. NULL if out of memory. */
static char *own_name(const unsigned char *block) {
  const char *name = (const char *)block + NAME_AT, *prefix = (const char *)block + PREFIX_AT;
  if (memcmp(block + MAGIC_AT, "ustar", 6) == 0 && prefix[0])
    return text_format("%.*s/%.*s", PREFIX_BYTES, prefix, NAME_BYTES, name);
  return text_format("%.*s", NAME_BYTES, name);
}

/* Removes empty parts and "." from a path: "./a//b" becomes "a/b". */
static void normalise_name(char *name) {
  char *to = name;
  if (*name == '/') to++;
  for (const char *from = name; *from;) {
    size_t bytes = strcspn(from, "/");
    if (bytes > 0 && !(bytes == 1 && *from == '.')) {
      if (to > name && to[-1] != '/') *to++ = '/';
      memmove(to, from, bytes);
      to += bytes;
    }
    from += bytes;
    if (*from) from++;
  }
  *to = '\0';
}

/* ---- headers about the next file ---- */

static void clear(extras *e) {
  free(e->name);
  *e = (extras){0};
}

static checkrob_status set_name(const reader *r, extras *e, const char *name, size_t bytes) {
  size_t length = strnlen(name, bytes);
  if (length > NAME_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s: the name in the extended header at byte %llu has %zu bytes; the limit is %d",
                     r->path, (unsigned long long)r->position, length, NAME_LIMIT);
  free(e->name);
  e->name = text_format("%.*s", (int)bytes, name);
  return e->name ? CHECKROB_OK : error_memory("a file's name");
}

static bool is_key(const char *key, size_t bytes, const char *wanted) {
  return bytes == strlen(wanted) && memcmp(key, wanted, bytes) == 0;
}

static checkrob_status bad_record(const reader *r) {
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s: the extended header at byte %llu is damaged; copy or create the file again", r->path,
                   (unsigned long long)r->position);
}

static checkrob_status take_record(const reader *r, extras *to, const char *key, const char *end) {
  const char *equals = memchr(key, '=', (size_t)(end - key));
  if (!equals) return bad_record(r);
  size_t key_bytes = (size_t)(equals - key);
  const char *value = equals + 1;
  if (is_key(key, key_bytes, "path")) return set_name(r, to, value, (size_t)(end - value));
  if (key_bytes > 10 && memcmp(key, "GNU.sparse", 10) == 0) to->sparse = true;
  if (!is_key(key, key_bytes, "size")) return CHECKROB_OK;
  to->bytes = 0;
  to->sized = value < end;
  for (; value < end; value++) {
    if (*value < '0' || *value > '9' || to->bytes > INT64_MAX / 10 - 1) return bad_record(r);
    to->bytes = to->bytes * 10 + (uint64_t)(*value - '0');
  }
  return CHECKROB_OK;
}

/* Records of the form "LENGTH KEY=VALUE\n"; the length counts the whole record. */
static checkrob_status take_records(const reader *r, extras *to, const char *text, size_t bytes) {
  const char *end = text + bytes;
  while (text < end && *text) {
    const char *digit = text;
    size_t length = 0;
    for (; digit < end && *digit >= '0' && *digit <= '9' && length <= bytes; digit++)
      length = length * 10 + (size_t)(*digit - '0');
    if (digit == text || digit == end || *digit != ' ' || length > (size_t)(end - text) ||
        length < (size_t)(digit - text) + 2 || text[length - 1] != '\n')
      return bad_record(r);
    checkrob_status status = take_record(r, to, digit + 1, text + length - 1);
    if (status) return status;
    text += length;
  }
  return CHECKROB_OK;
}

/* 'L': the next file's name. 'x': its records. 'g': records of all files that follow. */
static checkrob_status take_extra(reader *r, char type, uint64_t bytes) {
  if (bytes > EXTRA_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT,
                     "%s: the extended header at byte %llu has %llu bytes; the limit is %u", r->path,
                     (unsigned long long)r->position, (unsigned long long)bytes, EXTRA_LIMIT);
  char *text = malloc((size_t)bytes + 1);
  if (!text) return error_memory("a tar file's header");
  checkrob_status status = read_at(r, text, (size_t)bytes, r->position + BLOCK);
  text[bytes] = '\0';
  if (status == CHECKROB_OK)
    status = type == 'L' ? set_name(r, &r->next, text, (size_t)bytes)
                         : take_records(r, type == 'g' ? &r->all : &r->next, text, (size_t)bytes);
  free(text);
  return status;
}

/* ---- members ---- */

static bool is_set(const char *name) {
  return name && *name;
}

/* Calls back for a file or link. Changes `name`. */
static checkrob_status report_member(reader *r, char *name, uint64_t bytes, bool link, tar_callback found,
                                     void *user_data) {
  normalise_name(name);
  if (!link && (r->block[TYPE_AT] == 'S' || r->next.sparse || r->all.sparse))
    return error_set(CHECKROB_ERROR_UNSUPPORTED,
                     "%s: the file '%.200s' at byte %llu is stored as a sparse file; create the tar file "
                     "without tar's option --sparse",
                     r->path, name, (unsigned long long)r->position);
  const tar_member member = {name, r->position + BLOCK, bytes, link};
  return *name ? found(&member, user_data) : CHECKROB_OK;
}

static checkrob_status take_file(reader *r, char type, uint64_t bytes, tar_callback found, void *user_data) {
  const char *better = is_set(r->next.name) ? r->next.name : is_set(r->all.name) ? r->all.name : NULL;
  char *name = better ? text_copy(better) : own_name(r->block);
  if (!name) return error_memory("a file's name");
  bool link = type == '1' || type == '2';
  bool folder = *name && name[strlen(name) - 1] == '/'; /* how old tar programs mark a folder */
  bool regular = !folder && (type == '\0' || type == '0' || type == '7' || type == 'S');
  checkrob_status status = CHECKROB_OK;
  if (link || regular) status = report_member(r, name, bytes, link, found, user_data);
  free(name);
  clear(&r->next);
  return status;
}

/* Bytes of contents after the current header. Links, devices and folders have none, whatever their size field
 * says. */
static checkrob_status content_bytes(uint64_t *out, const reader *r, bool extra) {
  char type = (char)r->block[TYPE_AT];
  if (!parse_number(out, r->block + SIZE_AT, SIZE_BYTES))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s: the header at byte %llu has no size; copy or create the file again", r->path,
                     (unsigned long long)r->position);
  const extras *better = r->next.sized ? &r->next : r->all.sized ? &r->all : NULL;
  if (better && !extra) *out = better->bytes;
  if (type >= '1' && type <= '6') *out = 0;
  uint64_t start = r->position + BLOCK;
  return *out <= r->size - start ? CHECKROB_OK : cut_off(r, "a file", r->position);
}

static checkrob_status take_member(reader *r, tar_callback found, void *user_data) {
  char type = (char)r->block[TYPE_AT];
  bool extra = type && strchr("LKxXg", type);
  uint64_t bytes;
  checkrob_status status = content_bytes(&bytes, r, extra);
  if (status) return status;
  if (!extra)
    status = take_file(r, type, bytes, found, user_data);
  else if (type != 'K') /* a link's long target */
    status = take_extra(r, type, bytes);
  /* Rounded up, it may be past the file's end; then the next header is missing. */
  r->position += BLOCK + (bytes + BLOCK - 1) / BLOCK * BLOCK;
  return status;
}

/* ---- the walk ---- */

static checkrob_status no_header(const reader *r) {
  static const struct {
    const char *name, *unpack, *magic;
    size_t bytes;
  } packers[] = {{"gzip", "gunzip", "\x1f\x8b", 2},
                 {"xz", "unxz",
                  "\xfd"
                  "7zXZ",
                  5},
                 {"bzip2", "bunzip2", "BZh", 3},
                 {"zstd", "unzstd", "\x28\xb5\x2f\xfd", 4},
                 {"lz4", "unlz4", "\x04\x22\x4d\x18", 4}};
  for (size_t i = 0; i < sizeof packers / sizeof packers[0] && r->position == 0; i++)
    if (memcmp(r->block, packers[i].magic, packers[i].bytes) == 0)
      return error_set(CHECKROB_ERROR_UNSUPPORTED,
                       "%s is compressed with %s, so the files in it cannot be read one by one; decompress "
                       "it first: %s <'%s' >FILE.tar",
                       r->path, packers[i].name, packers[i].unpack, r->path);
  if (r->position == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is neither a folder nor a tar file; check the path",
                     r->path);
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s is damaged: there is no header at byte %llu, where one must be; copy or create it again", r->path,
      (unsigned long long)r->position);
}

/* Skips to the next block that is not zero, or to the end. */
static checkrob_status skip_zeros(reader *r) {
  unsigned char chunk[64 * BLOCK];
  while (r->position < r->size) {
    uint64_t rest = r->size - r->position;
    size_t bytes = rest < sizeof chunk ? (size_t)rest : sizeof chunk;
    checkrob_status status = read_at(r, chunk, bytes, r->position);
    if (status) return status;
    if (!is_zero(chunk, bytes)) {
      for (size_t i = 0; is_zero(chunk + i, BLOCK); i += BLOCK) r->position += BLOCK;
      return CHECKROB_OK;
    }
    r->position += bytes;
  }
  return CHECKROB_OK;
}

/* A tar file ends with two blocks of zeros. Without them files may be missing. */
static checkrob_status missing_end(const reader *r) {
  if (r->size == 0)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s is empty; copy or create it again", r->path);
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s ends at byte %llu without the zeros at a tar file's end: it is truncated or incomplete; copy or "
      "create it again, or, if no file is missing: truncate -s %%512 '%s' && truncate -s +1024 '%s'",
      r->path, (unsigned long long)r->size, r->path, r->path);
}

static checkrob_status walk(reader *r, tar_callback found, void *user_data) {
  bool ended = false;
  while (r->position < r->size) {
    if (r->size - r->position < BLOCK && !ended && r->position > 0)
      return cut_off(r, "a header", r->position);
    memset(r->block, 0, BLOCK);
    size_t bytes = r->size - r->position < BLOCK ? (size_t)(r->size - r->position) : BLOCK;
    checkrob_status status = read_at(r, r->block, bytes, r->position);
    if (status) return status;
    ended = is_zero(r->block, BLOCK);
    if (ended)
      status = skip_zeros(r);
    else
      status = bytes == BLOCK && sum_holds(r->block) ? take_member(r, found, user_data) : no_header(r);
    if (status) return status;
  }
  return ended ? CHECKROB_OK : missing_end(r);
}

checkrob_status tar_index_read(const char *path, tar_callback found, void *user_data) {
  reader r = {.path = path, .file = -1};
  checkrob_status status = open_file(&r);
  if (!status) status = walk(&r, found, user_data);
  if (r.file >= 0) close(r.file);
  clear(&r.next);
  clear(&r.all);
  return status;
}
