/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/message.h"

#include <stdlib.h>
#include <string.h>

#define NO_TEXT (-1) /* the length of NULL */

void message_free(message *m) {
  free(m->bytes);
  *m = (message){0};
}

void message_clear(message *m) {
  m->size = m->at = 0;
  m->is_damaged = false;
}

static bool reserve(message *m, size_t size) {
  if (size <= m->capacity) return true;
  if (size > MESSAGE_LIMIT) return false;
  size_t capacity = m->capacity > 0 ? m->capacity : 256;
  while (capacity < size) capacity *= 2;
  unsigned char *bytes = realloc(m->bytes, capacity);
  if (!bytes) return false;
  m->bytes = bytes;
  m->capacity = capacity;
  return true;
}

bool message_resize(message *m, size_t size) {
  message_clear(m);
  if (!reserve(m, size)) return false;
  m->size = size;
  return true;
}

static void put_bytes(message *m, const void *bytes, size_t size) {
  if (m->is_damaged || !reserve(m, m->size + size)) {
    m->is_damaged = true;
    return;
  }
  memcpy(m->bytes + m->size, bytes, size);
  m->size += size;
}

void message_put(message *m, int64_t value) {
  put_bytes(m, &value, sizeof value);
}

void message_put_text(message *m, const char *text) {
  message_put(m, text ? (int64_t)strlen(text) : NO_TEXT);
  if (text) put_bytes(m, text, strlen(text) + 1);
}

int64_t message_get(message *m) {
  int64_t value = 0;
  if (m->is_damaged || m->size - m->at < sizeof value) {
    m->is_damaged = true;
    return 0;
  }
  memcpy(&value, m->bytes + m->at, sizeof value);
  m->at += sizeof value;
  return value;
}

int64_t message_get_within(message *m, int64_t low, int64_t high) {
  int64_t value = message_get(m);
  if (value >= low && value <= high) return value;
  m->is_damaged = true;
  return low;
}

const char *message_get_text(message *m) {
  int64_t length = message_get(m);
  if (m->is_damaged || length == NO_TEXT) return NULL;
  const char *text = (const char *)m->bytes + m->at;
  size_t rest = m->size - m->at;
  if (length < 0 || (uint64_t)length >= rest || text[length] != '\0' || strlen(text) != (size_t)length) {
    m->is_damaged = true;
    return NULL;
  }
  m->at += (size_t)length + 1;
  return text;
}

bool message_is_sound(const message *m) {
  return !m->is_damaged && m->at == m->size;
}
