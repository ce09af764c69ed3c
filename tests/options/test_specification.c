/* SPDX-License-Identifier: Apache-2.0 */
/* Run specifications: options as JSON, written and read. */
#include <checkrob/options.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

static char *folder;

static int make_folder(void **state) {
  (void)state;
  folder = folder_new();
  return 0;
}

static int drop_folder(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

static checkrob_options *parse(const char *json) {
  checkrob_options *options = NULL;
  must(checkrob_options_parse(&options, json, strlen(json)));
  return options;
}

/* The text, which is valid until the second next call. */
static const char *json_of(const checkrob_options *options, int in_force) {
  static char texts[2][1 << 14];
  static int next;
  char *json = NULL;
  must(in_force ? checkrob_options_json_in_force(&json, options) : checkrob_options_json(&json, options));
  next = !next;
  snprintf(texts[next], sizeof texts[next], "%s", json);
  checkrob_options_json_free(json);
  return texts[next];
}

static void assert_refused(const char *json, const char *message) {
  checkrob_options *options = NULL;
  assert_int_equal(checkrob_options_parse(&options, json, strlen(json)), CHECKROB_ERROR_BAD_INPUT);
  assert_null(options);
  if (!strstr(checkrob_last_error(), message)) fail_msg("%s", checkrob_last_error());
}

/* ---- both ways ---- */

static const char *a_value(const checkrob_option_info *info) {
  if (strcmp(info->name, "shard") == 0) return "3/64";
  switch (info->type) {
    case CHECKROB_OPTION_INTEGER:
      return "123";
    case CHECKROB_OPTION_NUMBER:
      return "0.25";
    case CHECKROB_OPTION_FLAG:
      return "true";
    default:
      return info->default_text && *info->default_text ? info->default_text
             : info->choices                           ? strrchr(info->choices, '|') + 1
                                                       : "a \"path\"\\with\n\xc3\xa4ll/of it";
  }
}

static void every_option_comes_back(void **state) {
  (void)state;
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    must(checkrob_option_at(&info, i));
    checkrob_options *before = NULL;
    must(checkrob_options_new(&before));
    must(checkrob_options_set(before, info.name, a_value(&info)));
    if (info.is_list) must(checkrob_options_add(before, info.name, "b"));
    checkrob_options *after = parse(json_of(before, 0));
    assert_string_equal(checkrob_options_text(after, info.name), a_value(&info));
    assert_int_equal(checkrob_options_count(after, info.name), info.is_list ? 2 : 0);
    assert_string_equal(json_of(after, 0), json_of(before, 0));
    checkrob_options_free(after);
    checkrob_options_free(before);
  }
}

static void numbers_come_back_bit_for_bit(void **state) {
  (void)state;
  static const double values[] = {0.1,       0.1 + 0.2,
                                  1.0 / 3.0, -1e-30,
                                  5e-324,    1e300,
                                  1e22,      123456.75,
                                  0.95,      -0.000012345678901234,
                                  1.0e-7,    2.0 / 3e9,
                                  1e15,      9007199254740993.0};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    checkrob_options *before = NULL;
    must(checkrob_options_new(&before));
    must(checkrob_options_set_number(before, "verdict_robust", values[i]));
    checkrob_options *after = parse(json_of(before, 0));
    assert_true(checkrob_options_number(after, "verdict_robust") == values[i]);
    checkrob_options_free(after);
    checkrob_options_free(before);
  }
}

static void only_what_is_set_is_written(void **state) {
  (void)state;
  checkrob_options *o = NULL;
  must(checkrob_options_new(&o));
  assert_string_equal(json_of(o, 0), "{}");
  must(checkrob_options_set(o, "verdict_level", "0.95"));
  must(checkrob_options_add(o, "images", "a"));
  must(checkrob_options_add(o, "images", "b"));
  must(checkrob_options_set(o, "model", "resnet50.pt"));
  must(checkrob_options_set(o, "skip_unmapped", "true"));
  must(checkrob_options_set_integer(o, "seed", INT64_MAX));
  assert_string_equal(json_of(o, 0),
                      "{\n"
                      "  \"model\": \"resnet50.pt\",\n"
                      "  \"images\": [\"a\", \"b\"],\n"
                      "  \"skip_unmapped\": true,\n"
                      "  \"seed\": 9223372036854775807,\n"
                      "  \"verdict_level\": 0.95\n"
                      "}");
  checkrob_options_free(o);
}

/* All that has a value, so that other defaults change nothing. */
static void what_is_in_force_is_written(void **state) {
  (void)state;
  checkrob_options *o = parse("{\"profile\": \"paper\", \"batch\": 7}");
  checkrob_options *all = parse(json_of(o, 1));
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    must(checkrob_option_at(&info, i));
    assert_int_equal(checkrob_options_is_set(all, info.name), info.default_text != NULL);
    assert_string_equal(checkrob_options_text(all, info.name), checkrob_options_text(o, info.name));
  }
  assert_int_equal(checkrob_options_integer(all, "top_k"), 5);
  assert_string_equal(json_of(all, 0), json_of(o, 1));
  checkrob_options_free(all);
  checkrob_options_free(o);
}

/* ---- reading ---- */

static void types_are_taken_as_they_are(void **state) {
  (void)state;
  checkrob_options *o = parse(
      "{\"batch\": 8.0, \"verdict_robust\": 1, \"images\": \"one\", \"list\": [],"
      " \"ignore\": [\"crowd\", \"difficult\"], \"skip_unmapped\": false}");
  assert_int_equal(checkrob_options_integer(o, "batch"), 8);
  assert_true(checkrob_options_number(o, "verdict_robust") == 1.0);
  assert_int_equal(checkrob_options_count(o, "images"), 1);
  assert_int_equal(checkrob_options_is_set(o, "list"), 0);
  assert_string_equal(checkrob_options_text(o, "ignore"), "difficult,crowd");
  assert_int_equal(checkrob_options_is_set(o, "skip_unmapped"), 1);
  checkrob_options_free(o);
}

static void a_summary_holds_options(void **state) {
  (void)state;
  checkrob_options *o = parse("{\"versions\": {}, \"options\": {\"batch\": 4}, \"complete\": true}");
  assert_int_equal(checkrob_options_integer(o, "batch"), 4);
  checkrob_options_free(o);
}

static void a_preprocessing_may_be_an_object(void **state) {
  (void)state;
  checkrob_options *o =
      parse("{\"preprocess\": {\"crop\": 224, \"mean\": [0.485, 0.1, 0.30000000000000004]}}");
  json_t *object = json_loads(checkrob_options_text(o, "preprocess"), 0, NULL);
  assert_int_equal(json_integer_value(json_object_get(object, "crop")), 224);
  assert_true(json_real_value(json_array_get(json_object_get(object, "mean"), 2)) == 0.1 + 0.2);
  json_decref(object);
  checkrob_options *again = parse(json_of(o, 0));
  assert_string_equal(checkrob_options_text(again, "preprocess"), checkrob_options_text(o, "preprocess"));
  checkrob_options_free(again);
  must(checkrob_options_set(o, "preprocess", "{\"crop\": 224, \"mean\": [0.485, 0.456, 0.406]}"));
  assert_string_equal(json_of(o, 0),
                      "{\n  \"preprocess\": {\"crop\": 224, \"mean\": [0.485, 0.456, 0.406]}\n}");
  must(checkrob_options_set(o, "preprocess", "{a file}")); /* may be called so */
  assert_string_equal(json_of(o, 0), "{\n  \"preprocess\": \"{a file}\"\n}");
  checkrob_options_free(o);
}

static void what_is_wrong_is_said(void **state) {
  (void)state;
  assert_refused("{\"batch\": 8", "the specification:1: not valid JSON");
  assert_refused("[]", "must be a JSON object");
  assert_refused("{\"options\": 3}", "must be a JSON object");
  assert_refused("{\"batch\": 8, \"batch\": 9}", "duplicate");
  assert_refused("{\"topk\": 8}", "the specification: there is no option 'topk'; the nearest are 'top_k'");
  assert_refused("{\"batch\": 0}", "the specification: batch is 0, but must be from 1 to 4096");
  assert_refused("{\"batch\": 8.5}", "batch is '8.5', but must be a whole number, from 1 to 4096");
  assert_refused("{\"batch\": \"8\"}", "\"batch\" must be a whole number");
  assert_refused("{\"verdict_robust\": null}", "\"verdict_robust\" must be a number");
  assert_refused("{\"method\": 3}", "\"method\" must be a string");
  assert_refused("{\"method\": \"lime\"}", "method is 'lime', but must be gradcam, gradcam++");
  assert_refused("{\"method\": {}}", "\"method\" must be a string");
  assert_refused("{\"preprocess\": []}", "\"preprocess\" must be a string or an object");
  assert_refused("{\"skip_unmapped\": 1}", "\"skip_unmapped\" must be true or false");
  assert_refused("{\"images\": [1]}", "\"images\" must be a list of strings");
  assert_refused("{\"images\": {}}", "\"images\" must be a string or a list of strings");
  assert_refused("{\"ignore\": [true]}", "\"ignore\" must be a list of strings");
  assert_refused("{\"ignore\": [\"big\"]}", "ignore is 'big'");
  assert_refused("{\"model\": \"a\\u0000b\"}", "not valid JSON");
  assert_refused("{\"seed\": 9223372036854775808}", "not valid JSON");
}

/* ---- files ---- */

/* Some editors write one, and class maps may have it too. */
static void a_byte_order_mark_is_skipped(void **state) {
  (void)state;
  checkrob_options *o = parse("\xef\xbb\xbf{\"batch\": 8}");
  assert_int_equal(checkrob_options_integer(o, "batch"), 8);
  checkrob_options_free(o);
  assert_refused("\xef\xbb\xbf", "empty; it has to be a JSON object");
}

static void files_are_written_whole(void **state) {
  (void)state;
  char *path = folder_path(folder, "run.json");
  checkrob_options *o = parse("{\"batch\": 8}"), *again = NULL;
  must(checkrob_options_write(o, path));
  assert_int_equal(file_size(folder, "run.json"), strlen("{\n  \"batch\": 8\n}\n"));
  must(checkrob_options_read(&again, path));
  assert_int_equal(checkrob_options_integer(again, "batch"), 8);
  checkrob_options_free(again);
  must(checkrob_options_write(NULL, path));
  again = NULL;
  must(checkrob_options_read(&again, path));
  assert_string_equal(json_of(again, 0), "{}");
  checkrob_options_free(again);
  char *nowhere = folder_path(folder, "no/run.json");
  assert_int_equal(checkrob_options_write(o, nowhere), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_options_read(&again, nowhere), CHECKROB_ERROR_NOT_FOUND);
  char *inner = folder_path(folder, "inner");
  folder_make(folder, "inner");
  assert_int_equal(checkrob_options_write(o, inner), CHECKROB_ERROR_IO); /* a folder can't be replaced */
  size_t files = folder_count(folder);                                   /* nothing unfinished is left */
  file_write_text(folder, "run.json.part", "of somebody else");
  must(checkrob_options_write(o, path));
  assert_int_equal(folder_count(folder), files + 1);
  assert_int_equal(file_size(folder, "run.json.part"), strlen("of somebody else"));
  file_write_text(folder, "bad.json", "{\n\"batch\": 0}");
  char *bad = folder_path(folder, "bad.json");
  assert_int_equal(checkrob_options_read(&again, bad), CHECKROB_ERROR_BAD_INPUT);
  assert_ptr_equal(strstr(checkrob_last_error(), bad), checkrob_last_error());
  free(bad);
  free(inner);
  free(nowhere);
  free(path);
  checkrob_options_free(o);
}

/* JSON cannot contain such bytes: a path is read back from its escapes. */
static void paths_with_other_bytes_are_escaped(void **state) {
  (void)state;
  checkrob_options *o = NULL, *back = NULL;
  must(checkrob_options_new(&o));
  must(checkrob_options_set(o, "model", "caf\xe9.pt"));
  must(checkrob_options_add(o, "images", "caf\xe9"));
  must(checkrob_options_set(o, "layer", "a\\xE9"));
  char *json = NULL;
  must(checkrob_options_json(&json, o));
  assert_non_null(strstr(json, "\"caf\\\\xE9.pt\""));
  must(checkrob_options_parse(&back, json, strlen(json)));
  assert_string_equal(checkrob_options_text(back, "model"), "caf\xe9.pt");
  assert_string_equal(checkrob_options_item(back, "images", 0), "caf\xe9");
  assert_string_equal(checkrob_options_text(back, "layer"), "a\\xE9"); /* no path */
  checkrob_options_json_free(json);
  checkrob_options_free(back);
  checkrob_options_free(o);
}

static void another_encoding_is_named(void **state) {
  (void)state;
  checkrob_options *o = NULL;
  const char utf16[] = "\xff\xfe{\0}\0";
  assert_int_equal(checkrob_options_parse(&o, utf16, sizeof utf16 - 1), CHECKROB_ERROR_BAD_INPUT);
  assert_non_null(strstr(checkrob_last_error(), "is UTF-16 text; save the file as UTF-8"));
  must(checkrob_options_parse(&o, "\xef\xbb\xbf{\"top_k\": 2}", 15));
  assert_int_equal(checkrob_options_integer(o, "top_k"), 2);
  checkrob_options_free(o);
}

static void null_is_refused(void **state) {
  (void)state;
  checkrob_options *o = NULL;
  assert_int_equal(checkrob_options_parse(NULL, "{}", 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_parse(&o, NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_read(&o, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_write(NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_json(NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_json_in_force(NULL, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(json_of(NULL, 0), "{}"); /* nothing is set */
  checkrob_options_json_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_option_comes_back),
      cmocka_unit_test(numbers_come_back_bit_for_bit),
      cmocka_unit_test(only_what_is_set_is_written),
      cmocka_unit_test(what_is_in_force_is_written),
      cmocka_unit_test(types_are_taken_as_they_are),
      cmocka_unit_test(a_summary_holds_options),
      cmocka_unit_test(a_preprocessing_may_be_an_object),
      cmocka_unit_test(what_is_wrong_is_said),
      cmocka_unit_test(a_byte_order_mark_is_skipped),
      cmocka_unit_test(files_are_written_whole),
      cmocka_unit_test(paths_with_other_bytes_are_escaped),
      cmocka_unit_test(another_encoding_is_named),
      cmocka_unit_test(null_is_refused),
  };
  return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
