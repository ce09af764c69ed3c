/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between the library and its worker: integers and texts, one after another. Both sides run on one
 * machine, so the bytes are the machine's own.
 *
 * Reading never leaves the message: a value that is not there marks the message as damaged, and is 0 or NULL.
 * So a reader reads all values first, and then asks message_is_sound() once. */
#ifndef CHECKROB_BACKEND_MESSAGE_H
#define CHECKROB_BACKEND_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct message {
  unsigned char *bytes;
  size_t size, capacity;
  size_t at;       /* of the next value to read */
  bool is_damaged; /* out of memory while writing, or a value that is not there */
} message;

/* The most bytes that a message may have: an archive of a hundred thousand layers needs a tenth. */
#define MESSAGE_LIMIT ((size_t)256 << 20)

/* All bytes 0 is an empty message. */
void message_free(message *m);
/* Empties it, and keeps its memory. */
void message_clear(message *m);
/* Makes room for `size` bytes, which the caller writes to `bytes`; false: out of memory. */
bool message_resize(message *m, size_t size);

void message_put(message *m, int64_t value);
/* NULL is not the same as "". */
void message_put_text(message *m, const char *text);

int64_t message_get(message *m);
/* From low to high; any other value damages the message, and is `low`. */
int64_t message_get_within(message *m, int64_t low, int64_t high);
/* Belongs to the message. */
const char *message_get_text(message *m);
/* All values were there, and nothing follows them. */
bool message_is_sound(const message *m);

#endif
