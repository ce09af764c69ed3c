/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are not UTF-8, encodings of text files, and names that look the same. */
#include <checkrob/status.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/similar.h"
#include "base/utf8.h"
#include "support/test.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_escaped(const char *text, const char *expected) {
  char *escaped = utf8_escaped(text);
  assert_string_equal(escaped, expected);
  assert_true(utf8_is_valid(escaped));
  char *again = utf8_escaped(escaped);
  assert_string_equal(again, expected); /* an escape is not escaped */
  free(again);
  utf8_unescape(escaped);
  assert_string_equal(escaped, text);
  free(escaped);
}

static void other_bytes_are_escaped(void **state) {
  (void)state;
  assert_escaped("", "");
  assert_escaped("caf\xc3\xa9", "caf\xc3\xa9");
  assert_escaped("caf\xe9.jpg", "caf\\xE9.jpg");
  assert_escaped("\xff\xfe", "\\xFF\\xFE");
  assert_escaped("a\xc3", "a\\xC3");
  assert_escaped("\xed\xa0\x80", "\\xED\\xA0\\x80"); /* a surrogate */
  char literal[] = "\\x41 \\xe9 \\xG0 \\x";          /* only what the function writes is an escape */
  utf8_unescape(literal);
  assert_string_equal(literal, "\\x41 \\xe9 \\xG0 \\x");
}

static void a_short_buffer_gets_whole_characters(void **state) {
  (void)state;
  char out[8];
  assert_int_equal(checkrob_text_escape(NULL, 0, "a\xe9z"), 6);
  assert_int_equal(checkrob_text_escape(out, 5, "a\xe9z"), 6);
  assert_string_equal(out, "a"); /* no z behind the gap */
  assert_int_equal(checkrob_text_escape(out, 3, "a\xc3\xa9"), 3);
  assert_string_equal(out, "a");
  assert_int_equal(checkrob_text_escape(out, 4, "a\xc3\xa9"), 3);
  assert_string_equal(out, "a\xc3\xa9");
  assert_int_equal(checkrob_text_escape(out, 8, NULL), 0);
  assert_string_equal(out, "");
}

static void an_error_message_is_utf8(void **state) {
  (void)state;
  error_store("cannot open caf\xe9.jpg");
  assert_string_equal(checkrob_last_error(), "cannot open caf\\xE9.jpg");
}

static void an_error_message_is_one_line(void **state) {
  (void)state;
  error_store("there is no class 'a\nb\x1b[2J\x7f' in caf\xe9.csv");
  assert_string_equal(checkrob_last_error(), "there is no class 'a\\x0Ab\\x1B[2J\\x7F' in caf\\xE9.csv");
}

static void other_encodings_are_named(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t bytes;
    const char *name;
  } all[] = {{"\xff\xfe"
              "a\0",
              4, "UTF-16"},
             {"\xfe\xff\0a", 4, "UTF-16"},
             {"a\0b\0", 4, "UTF-16"},
             {"\0a\0b", 4, "UTF-16"},
             {"\xff\xfe\0\0", 4, "UTF-32"},
             {"\0\0\xfe\xff", 4, "UTF-32"},
             {"\xff\xfe", 2, "UTF-16"},
             {"\xef\xbb\xbf{", 4, NULL},
             {"name", 4, NULL},
             {"", 0, NULL}};
  for (size_t i = 0; i < COUNT(all); i++) {
    const char *name = utf8_other_encoding(all[i].text, all[i].bytes);
    if (all[i].name ? !name || strcmp(name, all[i].name) != 0 : name != NULL) fail_msg("text %zu", i);
  }
  const char *text =
      "\xef\xbb\xbf"
      "abc";
  size_t bytes = 6;
  must(utf8_start_strict(&text, &bytes, "a.txt"));
  assert_string_equal(text, "abc");
  assert_int_equal(bytes, 3);
  text = "a\nb\xe9";
  bytes = 4;
  must(utf8_start(&text, &bytes, "a.txt"));
  assert_int_equal(utf8_start_strict(&text, &bytes, "a.txt"), CHECKROB_ERROR_BAD_INPUT);
  assert_string_equal(checkrob_last_error(), "a.txt:2: not UTF-8 text; save the file as UTF-8");
  text = "abc\n\0";
  bytes = 5;
  assert_int_equal(utf8_start(&text, &bytes, "a.txt"), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "a.txt:2: a byte is 0"));
}

static void names_are_similar(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"kangaroo", "Kangaroo "},
      {"traffic light", "traffic_light"},
      {"caf\xc3\xa9", "cafe\xcc\x81"}, /* NFC, NFD */
      {"caf\xc3\xa9", "CAF\xe9"},      /* Latin-1 */
      {"\xc3\x85ngstr\xc3\xb6m", "angstrom"},
      {"\xe1\xba\xbf", "e\xcc\x82\xcc\x81"},                    /* Vietnamese */
      {"\xed\x95\x9c", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"}, /* Korean */
      {"\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1"},             /* without a last consonant */
      {"\xe3\x81\x8c", "\xe3\x81\x8b\xe3\x82\x99"},             /* Japanese */
      {"\xe3\x83\x9d", "\xe3\x83\x9b\xe3\x82\x9a"},
      {"\xd0\x99", "\xd0\xb8\xcc\x86"},  /* Cyrillic */
      {"\xce\x86", "\xce\xb1\xcc\x81"}}; /* Greek */
  for (size_t i = 0; i < COUNT(pairs); i++) {
    const char *a = pairs[i][0], *b = pairs[i][1];
    if (!similar(a, strlen(a), b, strlen(b))) fail_msg("'%s' and '%s'", a, b);
    assert_true(similar_hash(a, strlen(a)) == similar_hash(b, strlen(b)));
  }
  assert_false(similar("cat", 3, "car", 3));
  assert_false(similar("cat", 3, "cats", 4));
  assert_true(similar("cat.jpg", 3, "cat.png", 3));
  assert_false(similar("\xe3\x81\xa3", 3, "\xe3\x81\xa2", 3)); /* a small letter is another one */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_bytes_are_escaped),   cmocka_unit_test(a_short_buffer_gets_whole_characters),
      cmocka_unit_test(an_error_message_is_utf8),  cmocka_unit_test(an_error_message_is_one_line),
      cmocka_unit_test(other_encodings_are_named), cmocka_unit_test(names_are_similar),
  };
  return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
