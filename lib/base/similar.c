/* SPDX-License-Identifier: Apache-2.0 */
#include "base/similar.h"

#include "base/hash.h"
#include "base/utf8.h"

/* The letters from U+00C0, and from U+1EA0, without their accents; '?' is no letter. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char vietnamese[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooo"
    "oooouuuuuuuuuuuuuuyyyyyyyy";

/* Greek and Cyrillic letters in lower case, and those without their accents. */
static const uint16_t accents[][2] = {
    {0x386, 0x3b1}, {0x388, 0x3b5}, {0x389, 0x3b7}, {0x38a, 0x3b9}, {0x38c, 0x3bf}, {0x38e, 0x3c5},
    {0x38f, 0x3c9}, {0x390, 0x3b9}, {0x3aa, 0x3b9}, {0x3ab, 0x3c5}, {0x3ac, 0x3b1}, {0x3ad, 0x3b5},
    {0x3ae, 0x3b7}, {0x3af, 0x3b9}, {0x3b0, 0x3c5}, {0x3c2, 0x3c3}, {0x3ca, 0x3b9}, {0x3cb, 0x3c5},
    {0x3cc, 0x3bf}, {0x3cd, 0x3c5}, {0x3ce, 0x3c9}, {0x439, 0x438}, {0x450, 0x435}, {0x451, 0x435},
    {0x453, 0x433}, {0x457, 0x456}, {0x45c, 0x43a}, {0x45d, 0x438}, {0x45e, 0x443}};

static uint32_t kana(uint32_t c) {
  uint32_t h = c >= 0x30a0 ? c - 0x60 : c; /* katakana as hiragana */
  if (h >= 0x304b && h <= 0x3062) h -= h % 2 == 0;
  if (h >= 0x3065 && h <= 0x3069 && h % 2 == 1) h--;
  if (h >= 0x306f && h <= 0x307d) h -= h % 3;
  return h == 0x3094 ? 0x3046 : h;
}

static uint32_t greek_or_cyrillic(uint32_t c) {
  if ((c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f)) c += 0x20;
  if (c >= 0x400 && c <= 0x40f) c += 0x50;
  for (size_t i = 0; i < sizeof accents / sizeof *accents; i++)
    if (accents[i][0] == c) return accents[i][1];
  return c;
}

/* A letter without accent in lower case; 0 for what does not count. */
static uint32_t fold(uint32_t c) {
  if (c == ' ' || c == '_' || c == '-' || c == '\t' || c == '\r' || c == 0xa0 || c == 0xfeff) return 0;
  if ((c >= 0x300 && c <= 0x36f) || c == 0x3099 || c == 0x309a || (c >= 0x200b && c <= 0x200f)) return 0;
  if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
  if (c >= 0xc0 && c < 0xc0 + sizeof latin - 1 && latin[c - 0xc0] != '?') return (uint32_t)latin[c - 0xc0];
  if (c >= 0x1ea0 && c < 0x1ea0 + sizeof vietnamese - 1) return (uint32_t)vietnamese[c - 0x1ea0];
  if (c >= 0x386 && c < 0x460) return greek_or_cyrillic(c);
  return c >= 0x3040 && c <= 0x30ff ? kana(c) : c;
}

typedef struct letters {
  const char *next, *end;
  uint32_t waiting[2]; /* the rest of a Korean syllable, last first */
  int waiting_count;
} letters;

static uint32_t code_point(letters *l) {
  unsigned char first = (unsigned char)*l->next;
  size_t bytes = utf8_sequence(l->next);
  if (bytes == 0 || bytes > (size_t)(l->end - l->next)) bytes = 1; /* Latin-1 */
  uint32_t c = bytes == 1 ? first : first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; i++) c = c << 6 | ((unsigned char)l->next[i] & 0x3f);
  l->next += bytes;
  return c;
}

/* A Korean syllable is a character, or two or three. */
static uint32_t first_of_syllable(letters *l, uint32_t c) {
  uint32_t number = c - 0xac00, last = number % 28;
  l->waiting_count = 0;
  if (last) l->waiting[l->waiting_count++] = 0x11a7 + last;
  l->waiting[l->waiting_count++] = 0x1161 + number / 28 % 21;
  return 0x1100 + number / 28 / 21;
}

/* 0 at the end. */
static uint32_t next_letter(letters *l) {
  if (l->waiting_count > 0) return l->waiting[--l->waiting_count];
  while (l->next < l->end) {
    uint32_t c = code_point(l);
    if (c >= 0xac00 && c <= 0xd7a3) return first_of_syllable(l, c);
    c = fold(c);
    if (c) return c;
  }
  return 0;
}

bool similar(const char *left, size_t left_bytes, const char *right, size_t right_bytes) {
  letters a = {.next = left, .end = left + left_bytes}, b = {.next = right, .end = right + right_bytes};
  uint32_t c;
  do {
    c = next_letter(&a);
    if (c != next_letter(&b)) return false;
  } while (c);
  return true;
}

uint64_t similar_hash(const char *name, size_t bytes) {
  letters l = {.next = name, .end = name + bytes};
  uint64_t hash = HASH_START;
  for (uint32_t c; (c = next_letter(&l)) != 0;) hash = hash_bytes(hash, &c, sizeof c);
  return hash;
}
