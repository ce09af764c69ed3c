/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: set, checked, read, copied; and declarations that fit the rooms that act on them. */
#include <checkrob/checkrob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/formats/format.h"
#include "options/options.h"
#include "support/test.h"

static int make_options(void **state) {
  checkrob_options *options = NULL;
  must(checkrob_options_new(&options));
  *state = options;
  return 0;
}

static int free_options(void **state) {
  checkrob_options_free(*state);
  return 0;
}

static void assert_refused(checkrob_options *o, const char *name, const char *value, const char *message) {
  assert_int_equal(checkrob_options_set(o, name, value), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), message);
}

/* ---- defaults ---- */

static void defaults_hold_without_options(void **state) {
  (void)state;
  assert_string_equal(checkrob_options_text(NULL, "method"), "gradcam++");
  assert_string_equal(checkrob_options_text(NULL, "score"), "log-odds");
  assert_string_equal(checkrob_options_text(NULL, "reference"), "blank");
  assert_string_equal(checkrob_options_text(NULL, "model"), "");
  assert_int_equal(checkrob_options_integer(NULL, "batch"), 16);
  assert_int_equal(checkrob_options_integer(NULL, "map_batch"), 32);
  assert_int_equal(checkrob_options_integer(NULL, "skip_unmapped"), 0);
  assert_true(checkrob_options_number(NULL, "verdict_level") == 0.95);
  assert_true(checkrob_options_number(NULL, "verdict_off_object") == -1.25);
  assert_true(isnan(checkrob_options_number(NULL, "verdict_robust")));
  assert_int_equal(checkrob_options_is_set(NULL, "batch"), 0);
  assert_int_equal(checkrob_options_count(NULL, "images"), 0);
}

static void the_paper_has_its_own_defaults(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "profile", "paper"));
  assert_string_equal(checkrob_options_text(o, "preprocess"), "paper");
  assert_string_equal(checkrob_options_text(o, "geometry"), "paper");
  assert_string_equal(checkrob_options_text(o, "score"), "logit");
  assert_string_equal(checkrob_options_text(o, "reference"), "none");
  assert_int_equal(checkrob_options_integer(o, "top_k"), 5);
  assert_string_equal(checkrob_options_text(o, "combine"), "mean");
  assert_int_equal(checkrob_options_is_set(o, "score"), 0);
  must(checkrob_options_set(o, "score", "margin"));
  must(checkrob_options_set_integer(o, "top_k", 3));
  assert_string_equal(checkrob_options_text(o, "score"), "margin");
  assert_int_equal(checkrob_options_integer(o, "top_k"), 3);
  must(checkrob_options_unset(o, "score"));
  assert_string_equal(checkrob_options_text(o, "score"), "logit");
  must(checkrob_options_set(o, "profile", "standard"));
  assert_string_equal(checkrob_options_text(o, "score"), "log-odds");
}

/* Every default is a value that the option itself allows, and reads back as it is written. */
static void defaults_are_allowed(void **state) {
  checkrob_options *o = *state;
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    must(checkrob_option_at(&info, i));
    const char *const texts[] = {info.default_text, info.paper_text};
    for (size_t k = 0; k < 2; k++) {
      if (!texts[k]) continue;
      must(checkrob_options_set(o, info.name, texts[k]));
      assert_string_equal(checkrob_options_text(o, info.name), texts[k]);
      must(checkrob_options_unset(o, info.name));
    }
  }
}

/* ---- numbers ---- */

static void integers_have_a_range(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "batch", "4096"));
  assert_int_equal(checkrob_options_integer(o, "batch"), 4096);
  assert_refused(o, "batch", "4097", "batch is 4097, but must be from 1 to 4096");
  assert_refused(o, "batch", "-1", "batch is -1, but must be from 1 to 4096");
  assert_refused(o, "batch", "many", "batch is 'many', but must be a whole number, from 1 to 4096");
  assert_refused(o, "batch", "2.5", "batch is '2.5', but must be a whole number, from 1 to 4096");
  assert_refused(o, "batch", "", "batch is empty");
  assert_refused(o, "batch", NULL, "batch is NULL");
  assert_refused(o, "top_k", "0", "top_k is 0, but must be 1 or more");
  assert_int_equal(checkrob_options_integer(o, "batch"), 4096); /* the old value stays */
  assert_int_equal(checkrob_options_set_integer(o, "batch", 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  must(checkrob_options_set_integer(o, "seed", INT64_MAX));
  assert_true(checkrob_options_integer(o, "seed") == INT64_MAX);
  assert_string_equal(checkrob_options_text(o, "seed"), "9223372036854775807");
  assert_refused(o, "seed", "9223372036854775808",
                 "seed is '9223372036854775808', but must be a whole number, 0 or more");
}

static void whole_numbers_are_integers(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set_number(o, "batch", 8.0));
  assert_int_equal(checkrob_options_integer(o, "batch"), 8);
  assert_int_equal(checkrob_options_set_number(o, "batch", 8.5), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_set_number(o, "batch", (double)NAN), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_set_number(o, "seed", 1e30), CHECKROB_ERROR_INVALID_ARGUMENT);
  must(checkrob_options_set_integer(o, "verdict_robust", -2));
  assert_true(checkrob_options_number(o, "verdict_robust") == -2.0);
  assert_string_equal(checkrob_options_text(o, "verdict_robust"), "-2");
}

static void numbers_have_a_range(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "verdict_level", "0.9"));
  assert_true(checkrob_options_number(o, "verdict_level") == 0.9);
  assert_string_equal(checkrob_options_text(o, "verdict_level"), "0.9");
  assert_refused(o, "verdict_level", "1", "verdict_level is 1, but must be above 0 and below 1");
  assert_refused(o, "verdict_level", "0.9x",
                 "verdict_level is '0.9x', but must be a number, above 0 and below 1");
  must(checkrob_options_set(o, "verdict_min_accuracy", "1"));
  assert_refused(o, "verdict_min_accuracy", "1.5", "verdict_min_accuracy is 1.5, but must be from 0 to 1");
  must(checkrob_options_set(o, "verdict_robust", "1e-5"));
  assert_string_equal(checkrob_options_text(o, "verdict_robust"), "1e-05");
  must(checkrob_options_set(o, "verdict_robust", "-0.0"));
  assert_string_equal(checkrob_options_text(o, "verdict_robust"), "0");
  assert_false(signbit(checkrob_options_number(o, "verdict_robust")));
  assert_int_equal(checkrob_options_set_number(o, "verdict_robust", (double)INFINITY),
                   CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "verdict_robust is inf, but must be a number");
  assert_true(checkrob_options_integer(o, "verdict_robust") == -1);
}

static void thresholds_are_in_order(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_check(NULL));
  must(checkrob_options_set(o, "verdict_robust", "-2"));
  assert_int_equal(checkrob_options_check(o), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(),
                      "verdict_off_object is -1.25, but must not be above verdict_robust, which is -2");
  must(checkrob_options_set(o, "verdict_off_object", "-2"));
  must(checkrob_options_check(o));
  must(checkrob_options_unset(o, "verdict_robust"));
  must(checkrob_options_set(o, "verdict_off_object", "0.5"));
  assert_int_equal(checkrob_options_check(o), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(),
                      "verdict_off_object is 0.5, but must not be above 0 if verdict_robust is not set");
}

/* ---- names ---- */

static void choices_are_known(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "method", "GradCAMpp"));
  assert_string_equal(checkrob_options_text(o, "method"), "gradcam++");
  assert_true(options_is(o, "method", "gradcam++"));
  must(checkrob_options_set(o, "score", "Logit"));
  assert_string_equal(checkrob_options_text(o, "score"), "logit");
  assert_refused(o, "combine", "sum", "combine is 'sum', but must be mean or max");
  assert_refused(o, "combine", "mean|max", "combine is 'mean|max', but must be mean or max");
  assert_int_equal(checkrob_options_set_integer(o, "combine", 1), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "combine is 1, but must be mean or max");
  assert_int_equal(checkrob_options_set_number(o, "layer", 1.5), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "layer is 1.5, but must be text");
}

static void flags_are_true_or_false(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "skip_unmapped", "true"));
  assert_int_equal(checkrob_options_integer(o, "skip_unmapped"), 1);
  must(checkrob_options_set(o, "skip_unmapped", "0"));
  assert_string_equal(checkrob_options_text(o, "skip_unmapped"), "false");
  must(checkrob_options_set_integer(o, "skip_unmapped", 1));
  assert_string_equal(checkrob_options_text(o, "skip_unmapped"), "true");
  assert_refused(o, "skip_unmapped", "maybe", "skip_unmapped is 'maybe', but must be true or false");
  assert_int_equal(checkrob_options_set_integer(o, "skip_unmapped", 2), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "skip_unmapped is 2, but must be true or false");
}

static void several_choices_have_one_order(void **state) {
  checkrob_options *o = *state;
  assert_false(options_includes(o, "ignore", "crowd"));
  must(checkrob_options_set(o, "ignore", "Crowd,difficult,crowd"));
  assert_string_equal(checkrob_options_text(o, "ignore"), "difficult,crowd");
  assert_true(options_includes(o, "ignore", "crowd"));
  assert_true(options_includes(o, "ignore", "difficult"));
  assert_false(options_includes(o, "ignore", "truncated"));
  assert_refused(o, "ignore", "crowd,big",
                 "ignore is 'crowd,big', but must be difficult, truncated or crowd, or several of them with "
                 "commas between");
  must(checkrob_options_set(o, "ignore", ""));
  assert_string_equal(checkrob_options_text(o, "ignore"), "");
  assert_int_equal(checkrob_options_is_set(o, "ignore"), 1);
}

/* ---- values with parts ---- */

static void layouts_have_prefix_tokens(void **state) {
  checkrob_options *o = *state;
  assert_string_equal(options_layout(o).name, "auto");
  assert_int_equal(options_layout(o).prefix_tokens, -1);
  must(checkrob_options_set(o, "layout", "Tokens:5"));
  assert_string_equal(checkrob_options_text(o, "layout"), "tokens:5");
  assert_string_equal(options_layout(o).name, "tokens");
  assert_int_equal(options_layout(o).prefix_tokens, 5);
  static const char *const later[] = {"auto", "tokens", "nchw", "nhwc"};
  for (size_t i = 0; i < 4; i++) { /* the last one holds, all of it */
    must(checkrob_options_set(o, "layout", later[i]));
    assert_string_equal(options_layout(o).name, later[i]);
    assert_int_equal(options_layout(o).prefix_tokens, -1);
  }
  static const char *const wrong[] = {"tokens:", "tokens:x", "tokens:4097", "nchw:1", "nchwx", "token", ":1"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(checkrob_options_set(o, "layout", wrong[i]), CHECKROB_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(checkrob_last_error(), "but must be auto, nchw, nhwc, tokens or tokens:P"));
  }
}

static void shards_are_counted_from_1(void **state) {
  checkrob_options *o = *state;
  uint32_t shard = 7, shards = 7;
  options_shard(&shard, &shards, o);
  assert_true(shard == 0 && shards == 0);
  must(checkrob_options_set(o, "shard", "3/64"));
  options_shard(&shard, &shards, o);
  assert_true(shard == 3 && shards == 64);
  static const char *const wrong[] = {
      "0/64", "65/64", "3", "3/", "/64", "3/64/2", "-1/2", "1/4294967296", "00000000000000000000001/2"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(checkrob_options_set(o, "shard", wrong[i]), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_refused(
      o, "shard", "0/64",
      "shard is '0/64', but must be I/N: only the I-th of N contiguous parts of the data, counted from 1");
  assert_string_equal(checkrob_options_text(o, "shard"), "3/64");
}

static void devices_have_names(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_set(o, "device", "cuda:1"));
  must(checkrob_options_set(o, "device", "CUDA"));
  assert_string_equal(checkrob_options_text(o, "device"), "cuda");
  assert_refused(o, "device", "gpu", "device is 'gpu', but must be cpu, cuda or cuda:N");
  assert_refused(o, "device", "cuda:128", "device is 'cuda:128', but must be cpu, cuda or cuda:N");
}

/* ---- lists ---- */

static void lists_grow(void **state) {
  checkrob_options *o = *state;
  must(checkrob_options_add(o, "images", "one"));
  must(checkrob_options_add(o, "images", "two"));
  must(checkrob_options_add(o, "images", "one"));
  assert_int_equal(checkrob_options_count(o, "images"), 3);
  assert_string_equal(checkrob_options_item(o, "images", 1), "two");
  assert_string_equal(checkrob_options_item(o, "images", 3), "");
  assert_string_equal(checkrob_options_text(o, "images"), "one");
  must(checkrob_options_set(o, "images", "three"));
  assert_int_equal(checkrob_options_count(o, "images"), 1);
  assert_string_equal(checkrob_options_item(o, "images", 0), "three");
  must(checkrob_options_unset(o, "images"));
  assert_int_equal(checkrob_options_count(o, "images"), 0);
  assert_int_equal(checkrob_options_add(o, "batch", "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_last_error(), "batch is not a list: set its one value instead");
  assert_int_equal(checkrob_options_add(o, "images", ""), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* ---- handles ---- */

static void copies_stand_alone(void **state) {
  checkrob_options *o = *state, *copy = NULL;
  must(checkrob_options_set_number(o, "verdict_robust", 0.1 + 0.2));
  must(checkrob_options_add(o, "images", "one"));
  must(checkrob_options_add(o, "images", "two"));
  must(checkrob_options_copy(&copy, o));
  must(checkrob_options_set(o, "images", "other"));
  must(checkrob_options_set(o, "verdict_robust", "5"));
  assert_int_equal(checkrob_options_count(copy, "images"), 2);
  assert_string_equal(checkrob_options_item(copy, "images", 1), "two");
  assert_true(checkrob_options_number(copy, "verdict_robust") == 0.1 + 0.2);
  checkrob_options_free(copy);
  copy = NULL;
  must(checkrob_options_copy(&copy, NULL));
  assert_int_equal(checkrob_options_is_set(copy, "images"), 0);
  checkrob_options_free(copy);
  checkrob_options_free(NULL);
}

static void unknown_names_are_refused(void **state) {
  checkrob_options *o = *state;
  assert_int_equal(checkrob_options_set(o, "topk", "1"), CHECKROB_ERROR_NOT_FOUND);
  assert_non_null(strstr(checkrob_last_error(), "there is no option 'topk'; the nearest are 'top_k'"));
  assert_int_equal(checkrob_options_set_integer(o, "Batch", 1), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_options_set_number(o, "", 1), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_options_add(o, "image", "x"), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(checkrob_options_unset(o, "x"), CHECKROB_ERROR_NOT_FOUND);
  assert_string_equal(checkrob_options_text(o, "x"), "");
  assert_int_equal(checkrob_options_integer(o, "x"), -1);
  assert_true(isnan(checkrob_options_number(o, "x")));
  assert_int_equal(checkrob_options_count(o, "x"), 0);
  assert_int_equal(checkrob_options_is_set(o, "x"), 0);
  assert_string_equal(checkrob_options_item(o, "x", 0), "");
}

static void null_is_refused(void **state) {
  checkrob_options *o = *state;
  assert_int_equal(checkrob_options_new(NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_copy(NULL, o), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_set(NULL, "batch", "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_set(o, NULL, "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_options_add(o, NULL, "1"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_string_equal(checkrob_options_text(o, NULL), "");
  assert_int_equal(checkrob_option_at(NULL, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* ---- declarations ---- */

/* What help texts, documents and bindings rely on. */
static void declarations_are_complete(void **state) {
  (void)state;
  const char *group = "";
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    must(checkrob_option_at(&info, i));
    assert_int_equal(strspn(info.name, "abcdefghijklmnopqrstuvwxyz_"), strlen(info.name));
    assert_true(strlen(info.help) > 0 && strlen(info.group) > 0);
    assert_non_null(info.details);
    assert_true((info.type == CHECKROB_OPTION_FLAG) == (strlen(info.argument) == 0));
    bool has_names = info.type == CHECKROB_OPTION_CHOICE || info.type == CHECKROB_OPTION_CHOICES;
    if (has_names) assert_non_null(info.choices);
    bool is_counted = info.type == CHECKROB_OPTION_INTEGER || info.type == CHECKROB_OPTION_NUMBER;
    assert_true(is_counted ? info.low < info.high : info.low == info.high);
    if (info.is_list) assert_null(info.default_text);
    for (size_t k = 0; k < i; k++) { /* names once, groups together */
      checkrob_option_info other = CHECKROB_OPTION_INFO_INIT;
      must(checkrob_option_at(&other, k));
      assert_string_not_equal(info.name, other.name);
      if (strcmp(info.group, group) != 0) assert_string_not_equal(info.group, other.group);
    }
    group = info.group;
  }
  checkrob_option_info past = CHECKROB_OPTION_INFO_INIT;
  assert_int_equal(checkrob_option_at(&past, checkrob_option_count()), CHECKROB_ERROR_INVALID_ARGUMENT);
}

/* Finds every choice of an option in the room that uses it; returns their number. */
static size_t find_choices(const char *name, checkrob_status (*find)(const char *choice)) {
  size_t count = 0;
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
    must(checkrob_option_at(&info, i));
    if (strcmp(info.name, name) != 0) continue;
    for (const char *choice = info.choices; *choice; count++) {
      char word[64];
      size_t length = strcspn(choice, "|");
      snprintf(word, sizeof word, "%.*s", (int)length, choice);
      must(find(word));
      choice += length + (choice[length] == '|');
    }
  }
  return count;
}

static checkrob_status find_method(const char *choice) {
  checkrob_method method;
  return checkrob_method_find(&method, choice);
}

static checkrob_status find_score(const char *choice) {
  checkrob_score_function score;
  return checkrob_score_function_find(&score, choice);
}

static checkrob_status find_reference(const char *choice) {
  checkrob_reference reference;
  return checkrob_reference_find(&reference, choice);
}

static checkrob_status find_combine(const char *choice) {
  checkrob_combine combine;
  return checkrob_combine_find(&combine, choice);
}

static checkrob_status find_pool(const char *choice) {
  checkrob_pooling pool;
  return checkrob_pooling_find(&pool, choice);
}

static checkrob_status find_format(const char *choice) {
  return format_find(choice) ? CHECKROB_OK : CHECKROB_ERROR_NOT_FOUND;
}

static checkrob_status find_layout(const char *choice) {
  checkrob_layout layout;
  return strcmp(choice, "tokens:P") == 0 ? CHECKROB_OK : checkrob_layout_find(&layout, choice);
}

/* A choice that is declared here exists where it is acted on, and the reverse. */
static void choices_exist(void **state) {
  assert_int_equal(find_choices("method", find_method), checkrob_method_count());
  for (size_t i = 0; i < checkrob_method_count(); i++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    must(checkrob_method_at(&info, i));
    must(checkrob_options_set(*state, "method", info.name));
    assert_string_equal(checkrob_options_text(*state, "method"), info.name);
  }
  assert_int_equal(find_choices("score", find_score), 4);
  assert_int_equal(find_choices("reference", find_reference), 2);
  assert_int_equal(find_choices("combine", find_combine), 2);
  assert_int_equal(find_choices("pool", find_pool), 3);
  assert_int_equal(find_choices("dataset", find_format), 5);
  assert_int_equal(find_choices("layout", find_layout), 5);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_options, free_options)
  const struct CMUnitTest tests[] = {
      TEST(defaults_hold_without_options),
      TEST(the_paper_has_its_own_defaults),
      TEST(defaults_are_allowed),
      TEST(integers_have_a_range),
      TEST(whole_numbers_are_integers),
      TEST(numbers_have_a_range),
      TEST(thresholds_are_in_order),
      TEST(choices_are_known),
      TEST(flags_are_true_or_false),
      TEST(several_choices_have_one_order),
      TEST(layouts_have_prefix_tokens),
      TEST(shards_are_counted_from_1),
      TEST(devices_have_names),
      TEST(lists_grow),
      TEST(copies_stand_alone),
      TEST(unknown_names_are_refused),
      TEST(null_is_refused),
      TEST(declarations_are_complete),
      TEST(choices_exist),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
