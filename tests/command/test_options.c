/* The options that several sub-commands share, as they are read from a command line. */
#include "../tools/model_options.h"

#include "support/test.h"

/* --layout `text`, behind what was there before. */
static int take_layout(model_options *options, const char *text) {
  char copy[64];
  snprintf(copy, sizeof copy, "%s", text);
  optarg = copy;
  int code = model_options_take(options, "explain", OPTION_LAYOUT);
  optarg = NULL;
  return code;
}

static void a_layout_and_its_tokens(void **state) {
  (void)state;
  model_options options = MODEL_OPTIONS_INIT;
  assert_int_equal(take_layout(&options, "tokens:5"), -1);
  assert_int_equal(options.layout, CHECKROB_LAYOUT_TOKENS);
  assert_int_equal(options.prefix_tokens, 5);
  assert_int_equal(take_layout(&options, "tokens"), -1);
  assert_int_equal(options.prefix_tokens, -1);
}

/* The last one holds, all of it. */
static void a_later_layout(void **state) {
  (void)state;
  static const char *const later[] = {"auto", "tokens", "nchw", "nhwc"};
  for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
    model_options options = MODEL_OPTIONS_INIT;
    assert_int_equal(take_layout(&options, "tokens:5"), -1);
    assert_int_equal(take_layout(&options, later[i]), -1);
    assert_int_equal(options.prefix_tokens, -1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_layout_and_its_tokens),
                                     cmocka_unit_test(a_later_layout)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
