/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages and status names. */
#include <checkrob/status.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/test.h"

static void stores_the_last_sentence(void **state) {
  (void)state;
  assert_int_equal(error_set(CHECKROB_ERROR_LIMIT, "%s has %d pixels", "a.png", 7), CHECKROB_ERROR_LIMIT);
  assert_string_equal(checkrob_last_error(), "a.png has 7 pixels");
  assert_int_equal(error_set(CHECKROB_ERROR_IO, "b"), CHECKROB_ERROR_IO);
  assert_string_equal(checkrob_last_error(), "b");
}

/* "where" before "what": the old message is an argument of the new one. */
static void may_quote_itself(void **state) {
  (void)state;
  (void)error_set(CHECKROB_ERROR, "the box is inverted");
  (void)error_set(CHECKROB_ERROR, "a.xml:%d: %s; correct it", 12, checkrob_last_error());
  assert_string_equal(checkrob_last_error(), "a.xml:12: the box is inverted; correct it");
}

static void cuts_what_is_too_long(void **state) {
  (void)state;
  size_t bytes = 20000;
  char *text = malloc(bytes + 1);
  assert_non_null(text);
  memset(text, 'x', bytes);
  text[bytes] = '\0';
  assert_int_equal(error_set(CHECKROB_ERROR_BAD_INPUT, "%s", text), CHECKROB_ERROR_BAD_INPUT);
  size_t kept = strlen(checkrob_last_error());
  assert_true(kept > 1000 && kept < bytes);
  assert_memory_equal(checkrob_last_error(), text, kept);
  for (int i = 0; i < 20; i++) (void)error_set(CHECKROB_ERROR, "%s and %s", checkrob_last_error(), text);
  assert_int_equal(strlen(checkrob_last_error()), kept);
  free(text);
}

/* Messages are UTF-8, and paths in them may have any length: no character may be cut. */
static void cuts_between_characters(void **state) {
  (void)state;
  static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa6\xa2"};
  for (size_t c = 0; c < 3; c++)
    for (int shift = 0; shift < 4; shift++) {
      size_t length = strlen(characters[c]);
      char text[6000] = "";
      size_t used = (size_t)shift;
      memset(text, 'x', used);
      for (; used + length < sizeof text; used += length) memcpy(text + used, characters[c], length);
      text[used] = '\0';
      (void)error_set(CHECKROB_ERROR, "%s", text);
      assert_int_equal((strlen(checkrob_last_error()) - (size_t)shift) % length, 0);
    }
}

static void *fail_elsewhere(void *sentence_before) {
  strcpy(sentence_before, checkrob_last_error());
  (void)error_set(CHECKROB_ERROR, "the other thread's");
  return NULL;
}

static void each_thread_has_its_own(void **state) {
  (void)state;
  char before[64] = "not asked";
  pthread_t thread;
  (void)error_set(CHECKROB_ERROR, "this thread's");
  assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, before), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_string_equal(before, "");
  assert_string_equal(checkrob_last_error(), "this thread's");
}

static void tells_what_memory_was_for(void **state) {
  (void)state;
  assert_int_equal(error_memory("an overlay"), CHECKROB_ERROR_OUT_OF_MEMORY);
  assert_string_equal(checkrob_last_error(), "out of memory for an overlay");
}

static void sorts_system_errors(void **state) {
  (void)state;
  errno = ENOENT;
  assert_int_equal(error_errno("open", "x/y"), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_last_error(), "cannot open x/y: No such file or directory");
  errno = ENOTDIR;
  assert_int_equal(error_errno("open", "x/y"), CHECKROB_ERROR_NOT_FOUND);
  errno = EACCES;
  assert_int_equal(error_errno("read", "x/y"), CHECKROB_ERROR_IO);
  assert_string_equal(checkrob_last_error(), "cannot read x/y: Permission denied");
  errno = 99999; /* no such number */
  assert_int_equal(error_errno("read", "x/y"), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "99999"));
}

static void every_status_has_a_name(void **state) {
  (void)state;
  static const char *const names[] = {"ok",
                                      "error",
                                      "invalid_argument",
                                      "not_found",
                                      "bad_input",
                                      "unsupported",
                                      "limit",
                                      "io",
                                      "out_of_memory",
                                      "numeric",
                                      "no_object",
                                      "interrupted",
                                      "end",
                                      "other_options",
                                      "model_unsupported"};
  for (int i = 0; i < 15; i++) assert_string_equal(checkrob_status_name((checkrob_status)-i), names[i]);
  assert_string_equal(checkrob_status_name((checkrob_status)-15), "unknown");
  assert_string_equal(checkrob_status_name((checkrob_status)1), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stores_the_last_sentence), cmocka_unit_test(may_quote_itself),
      cmocka_unit_test(cuts_what_is_too_long),    cmocka_unit_test(cuts_between_characters),
      cmocka_unit_test(each_thread_has_its_own),  cmocka_unit_test(tells_what_memory_was_for),
      cmocka_unit_test(sorts_system_errors),      cmocka_unit_test(every_status_has_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
