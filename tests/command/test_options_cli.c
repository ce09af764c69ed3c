/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of options: read from the declarations, joined with a specification, explained. */
#include "../tools/options_cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

static const checkrob_option_info own[] = {
    OWN_OPTION("out", PATH, "results", "DIR", "where results go", .details = ""),
    OWN_OPTION("strict", FLAG, "results", "", "stop early", .details = ""),
    OWN_OPTION("fewest", INTEGER, "results", "N", "that many", .low = 0, .high = 9, .default_text = "3",
               .details = ""),
    OWN_OPTION("dtype", CHOICE, "results", "TYPE", "numbers", .choices = "f32|f16", .default_text = "f32",
               .details = ""),
    OWN_OPTION("photo", PATH, "results", "FILE", "a photo", .is_list = 1, .details = ""),
    OWN_OPTION("share", NUMBER, "results", "X", "how much", .low = 0, .high = 1, .details = ""),
};
static const char *const groups[] = {"model", "data", "results", "compute", "verdict", NULL};
static const char *const needed[] = {"model", "images", "out", NULL};
static const command_usage usage = {.name = "try",
                                    .synopsis = "--model FILE [OPTION]...",
                                    .purpose = "Tries.",
                                    .groups = groups,
                                    .own = own,
                                    .own_count = sizeof own / sizeof own[0],
                                    .needed = needed,
                                    .closing = "Exit codes: many."};

/* ---- running ---- */

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

/* Standard output and standard error of a call. */
typedef struct outcome {
  int code;
  char out[32768], err[8192];
} outcome;

static void divert(int *saved, FILE *stream, const char *name) {
  char *path = folder_path(folder, name);
  fflush(stream);
  *saved = dup(fileno(stream));
  int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  dup2(file, fileno(stream));
  close(file);
  free(path);
}

static void restore(int saved, FILE *stream, char *text, size_t bytes, const char *name) {
  fflush(stream);
  dup2(saved, fileno(stream));
  close(saved);
  char *path = folder_path(folder, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, bytes - 1, file)] = '\0';
  fclose(file);
  free(path);
}

#define MOST_WORDS 32

/* Reads a command line of words with blanks between. The words live as long as the program: the line points
 * at them. */
static outcome *read_as(command_line *line, const command_usage *as, const char *words) {
  static char copy[4096];
  static char *argv[MOST_WORDS];
  static outcome o;
  int argc = 0, out, err;
  char *rest = NULL;
  snprintf(copy, sizeof copy, "checkrob %s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) argv[argc++] = word;
  argv[argc] = NULL;
  divert(&out, stdout, "stdout");
  divert(&err, stderr, "stderr");
  o.code = command_line_read(line, as, argc, argv);
  restore(out, stdout, o.out, sizeof o.out, "stdout");
  restore(err, stderr, o.err, sizeof o.err, "stderr");
  return &o;
}

#define NEEDED "--model m --images a --out o "

static void accept(command_line *line, const char *words) {
  outcome *o = read_as(line, &usage, words);
  if (o->code != -1) fail_msg("%s: %s", words, o->err);
}

static void assert_refused(const char *words, const char *message) {
  command_line line;
  outcome *o = read_as(&line, &usage, words);
  assert_int_equal(o->code, EXIT_USAGE);
  if (!strstr(o->err, message)) fail_msg("%s: %s", words, o->err);
  assert_non_null(strstr(o->err, "Try 'checkrob try --help'."));
}

/* ---- reading ---- */

static void flags_are_names_with_dashes(void **state) {
  (void)state;
  command_line line;
  accept(&line, NEEDED "--batch 8 --images b --skip-unmapped --skip-unannotated=false --fewest=5 --strict");
  assert_int_equal(checkrob_options_integer(line.options, "batch"), 8);
  assert_int_equal(checkrob_options_count(line.options, "images"), 2);
  assert_string_equal(checkrob_options_item(line.options, "images", 1), "b");
  assert_int_equal(checkrob_options_integer(line.options, "skip_unmapped"), 1);
  assert_int_equal(checkrob_options_is_set(line.options, "skip_unannotated"), 1);
  assert_int_equal(checkrob_options_integer(line.options, "skip_unannotated"), 0);
  assert_int_equal(checkrob_options_is_set(line.options, "threads"), 0);
  assert_string_equal(command_line_text(&line, "out"), "o");
  assert_int_equal(command_line_integer(&line, "fewest"), 5);
  assert_int_equal(command_line_flag(&line, "strict"), 1);
  command_line_free(&line);
}

static void own_options_have_defaults(void **state) {
  (void)state;
  command_line line;
  accept(&line, NEEDED);
  assert_int_equal(command_line_integer(&line, "fewest"), 3);
  assert_string_equal(command_line_text(&line, "dtype"), "f32");
  assert_int_equal(command_line_flag(&line, "strict"), 0);
  assert_null(command_line_text(&line, "nothing"));
  assert_int_equal(command_line_integer(&line, "out"), -1);
  command_line_free(&line);
}

/* Flags may be cut short where only one begins so, as getopt has it. */
static void beginnings_are_enough(void **state) {
  (void)state;
  command_line line;
  accept(&line, NEEDED "--bat 8");
  assert_int_equal(checkrob_options_integer(line.options, "batch"), 8);
  command_line_free(&line);
  assert_refused(NEEDED "--skip", "'--skip' may be any of --skip-unannotated, --skip-unmapped");
}

static void verdicts_have_a_short_form(void **state) {
  (void)state;
  command_line line;
  accept(&line, NEEDED "--verdict min_images=21,level=0.9 --verdict-robust 0.5");
  assert_int_equal(checkrob_options_integer(line.options, "verdict_min_images"), 21);
  assert_true(checkrob_options_number(line.options, "verdict_level") == 0.9);
  assert_true(checkrob_options_number(line.options, "verdict_robust") == 0.5);
  command_line_free(&line);
  assert_refused(NEEDED "--verdict robust", "--verdict 'robust' is not NAME=NUMBER");
  assert_refused(NEEDED "--verdict=", "--verdict '' is not NAME=NUMBER");
  assert_refused(NEEDED "--verdict robust=", "--verdict 'robust=' is not NAME=NUMBER");
  assert_refused(NEEDED "--verdict robust,level=3", "--verdict 'robust' is not NAME=NUMBER");
  assert_refused(NEEDED "--verdict robustness=1", "--verdict: there is no option 'verdict_robustness'");
  assert_refused(NEEDED "--verdict level=1",
                 "--verdict: --verdict-level is 1, but must be above 0 and below 1");
  assert_refused(NEEDED "--verdict robust=-2",
                 "--verdict-off-object is -1.25, but must not be above --verdict-robust, which is -2");
}

static void a_list_has_items(void **state) {
  (void)state;
  command_line line;
  accept(&line, NEEDED "--photo a --share 0.25 --photo b --photo a");
  assert_string_equal(command_line_text(&line, "photo"), "a");
  assert_string_equal(command_line_item(&line, "photo", 1), "b");
  assert_string_equal(command_line_item(&line, "photo", 2), "a");
  assert_null(command_line_item(&line, "photo", 3));
  assert_null(command_line_item(&line, "share", 0));
  assert_true(command_line_number(&line, "share") == 0.25);
  command_line_free(&line);
}

static void what_is_no_list_is_given_once(void **state) {
  (void)state;
  command_line line;
  assert_refused(NEEDED "--out other", "--out is given twice, as 'o' and as 'other'; remove one of them");
  assert_refused(NEEDED "--batch 1 --batch 2", "--batch is given twice, as '1' and as '2'");
  assert_refused(NEEDED "--strict --strict=false", "--strict is given twice, as 'true' and as 'false'");
  assert_refused(NEEDED "--verdict level=0.9,level=0.8",
                 "--verdict-level is given twice, as '0.9' and as '0.8'");
  assert_refused(NEEDED "--spec a --spec b", "--spec is given twice, as 'a' and as 'b'");
  accept(&line, NEEDED "--batch 2 --batch 2 --strict --strict --verdict level=0.9 --verdict min_images=9");
  assert_int_equal(checkrob_options_integer(line.options, "batch"), 2);
  command_line_free(&line);
}

static void mistakes_are_named(void **state) {
  (void)state;
  assert_refused("", "--model is missing");
  assert_refused("--model m --out o", "--images is missing");
  assert_refused("--model m --images i", "--out is missing");
  assert_refused(NEEDED "--batch 0", "error: --batch is 0, but must be from 1 to 4096");
  assert_refused(NEEDED "--batch x", "error: --batch is 'x', but must be a whole number, from 1 to 4096");
  assert_refused(NEEDED "--verdict-min-images 1",
                 "error: --verdict-min-images is 1, but must be from 2 to 1000000");
  assert_refused(NEEDED "--dataset tfrecord", "--dataset is 'tfrecord', but must be voc, imagenet, coco");
  assert_refused(NEEDED "--skip-unmapped=maybe", "--skip-unmapped is 'maybe', but must be true or false");
  assert_refused(NEEDED "--model=", "--model is empty");
  assert_refused(NEEDED "--fewest 10", "--fewest is '10', but must be a whole number, from 0 to 9");
  assert_refused(NEEDED "--fewest x", "--fewest is 'x'");
  for (size_t i = 0; i < 5; i++) {
    static const char *const shares[] = {"--share 1.01", "--share -0.1", "--share nan", "--share x",
                                         "--share 0.5x"};
    char words[256];
    snprintf(words, sizeof words, "%s%s", NEEDED, shares[i]);
    assert_refused(words, "but must be from 0 to 1");
  }
  assert_refused(NEEDED "--dtype f64", "--dtype is 'f64', but must be f32 or f16");
  assert_refused(NEEDED "--strict=maybe", "--strict is 'maybe', but must be true or false");
  assert_refused(NEEDED "--out=", "--out is empty");
  assert_refused(NEEDED "--batch", "--batch needs a value: --batch N");
  assert_refused(NEEDED "extra", "'extra' is no option");
}

static void misspelt_flags_are_guessed(void **state) {
  (void)state;
  assert_refused("--modle m", "there is no option '--modle'; the nearest is --model");
  assert_refused("--tread=3", "there is no option '--tread'; the nearest is --threads");
  assert_refused("--nonsense", "there is no option '--nonsense'\n");
  assert_refused("--method gradcam", "there is no option '--method'"); /* of another command */
  assert_refused("-x", "there is no option '-x'");
  assert_refused("--top-k 3 --model m", "there is no option '--top-k'");
}

static void arguments_are_left(void **state) {
  (void)state;
  command_usage with_arguments = usage;
  with_arguments.takes_arguments = 1;
  with_arguments.needed = NULL;
  command_line line;
  outcome *o = read_as(&line, &with_arguments, "one --batch 2 two");
  assert_int_equal(o->code, -1);
  assert_int_equal(line.argument_count, 2);
  assert_string_equal(line.arguments[0], "one");
  assert_string_equal(line.arguments[1], "two");
  command_line_free(&line);
}

/* ---- specifications ---- */

static void flags_replace_the_specification(void **state) {
  (void)state;
  file_write_text(folder, "run.json",
                  "{\"model\": \"s\", \"images\": [\"x\", \"y\"], \"batch\": 4, \"skip_unmapped\": true,"
                  " \"method\": \"gradcam\"}");
  char *path = folder_path(folder, "run.json"), words[512];
  snprintf(words, sizeof words, "--images a --images b --spec %s --skip-unmapped=false --out o", path);
  command_line line;
  accept(&line, words);
  assert_string_equal(checkrob_options_text(line.options, "model"), "s");
  assert_int_equal(checkrob_options_count(line.options, "images"), 2);
  assert_string_equal(checkrob_options_item(line.options, "images", 0), "a");
  assert_int_equal(checkrob_options_integer(line.options, "batch"), 4);
  assert_int_equal(checkrob_options_integer(line.options, "skip_unmapped"), 0);
  assert_string_equal(checkrob_options_text(line.options, "method"), "gradcam"); /* not this command's */
  command_line_free(&line);
  free(path);
}

static void a_broken_specification_fails(void **state) {
  (void)state;
  file_write_text(folder, "bad.json", "{\"top_k\": 0}");
  char *path = folder_path(folder, "bad.json"), words[512];
  snprintf(words, sizeof words, NEEDED "--spec %s", path);
  command_line line;
  outcome *o = read_as(&line, &usage, words);
  assert_int_equal(o->code, EXIT_FAILED);
  assert_non_null(strstr(o->err, "bad.json: top_k is 0, but must be 1 or more")); /* as the file has it */
  o = read_as(&line, &usage, NEEDED "--spec /nowhere.json");
  assert_int_equal(o->code, EXIT_FAILED);
  assert_non_null(strstr(o->err, "/nowhere.json"));
  free(path);
}

static void a_specification_is_printed(void **state) {
  (void)state;
  command_line line;
  outcome *o = read_as(&line, &usage, "--print-spec --batch 8 --images a --strict");
  assert_int_equal(o->code, EXIT_OK);
  assert_string_equal(o->out, "{\n  \"batch\": 8,\n  \"images\": [\"a\"]\n}\n");
  assert_string_equal(o->err, "");
}

/* ---- words ---- */

static void messages_name_flags(void **state) {
  (void)state;
  static const struct {
    const char *before, *after;
  } cases[] = {
      {"top_k is 0, but must be 1 or more", "--top-k is 0, but must be 1 or more"},
      {"batch is 0, and batch is no path", "--batch is 0, and batch is no path"},
      {"images: there are none", "images: there are none"},
      {"the stored results have another noise_samples.", "the stored results have another --noise-samples."},
      {"/data/top_k/a.png is broken", "/data/top_k/a.png is broken"},
      {"a/top_k: map_batch", "a/top_k: --map-batch"},
      {"my_top_k and top_k2 and top_k-x", "my_top_k and top_k2 and top_k-x"},
      {"voc needs images; set the option images", "voc needs images; set the option --images"},
      {"the option to read images", "the option to read images"},
      {"", ""},
  };
  char text[256];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    write_message_with_flags(text, sizeof text, cases[i].before);
    assert_string_equal(text, cases[i].after);
  }
  write_message_with_flags(text, 8, "top_k is 0");
  assert_string_equal(text, "--top-k");
}

static const command_usage *const usages[] = {&usage,         &score_usage,    &check_usage,  &layers_usage,
                                              &explain_usage, &extract_usage,  &export_usage, &merge_usage,
                                              &compare_usage, &features_usage, &attack_usage};

#define USAGE_COUNT (sizeof usages / sizeof usages[0])

/* Every option is named, and no line is too long. */
static void help_says_all(void **state) {
  (void)state;
  for (size_t u = 0; u < USAGE_COUNT; u++) {
    command_line line;
    outcome *o = read_as(&line, usages[u], u % 2 ? "--help" : "-h");
    assert_int_equal(o->code, EXIT_OK);
    usage_options list;
    usage_options_list(&list, usages[u]);
    assert_true(list.count < MOST_USAGE_OPTIONS && usages[u]->own_count <= MOST_OWN_OPTIONS);
    for (size_t i = 0; i < list.count; i++) {
      char flag[FLAG_BYTES], start[FLAG_BYTES + 8];
      write_flag(flag, list.items[i].info.name);
      snprintf(start, sizeof start, "\n  %s", flag);
      assert_non_null(strstr(o->out, start));
    }
    for (const char *c = o->out; *c; c += strcspn(c, "\n") + 1)
      if (strcspn(c, "\n") > 80) fail_msg("%.*s", (int)strcspn(c, "\n"), c);
  }
}

/* All of a command's own options are in its help, and all that it needs exists. */
static void usages_are_complete(void **state) {
  (void)state;
  for (size_t u = 0; u < USAGE_COUNT; u++) {
    usage_options list;
    usage_options_list(&list, usages[u]);
    size_t found = 0;
    for (size_t i = 0; i < list.count; i++) found += list.items[i].origin == OF_COMMAND;
    assert_int_equal(found, usages[u]->own_count);
    for (const char *const *name = usages[u]->needed; name && *name; name++) {
      size_t place = 0;
      while (place < list.count && strcmp(list.items[place].info.name, *name) != 0) place++;
      assert_true(place < list.count);
    }
  }
}

static void help_shows_what_is_allowed(void **state) {
  (void)state;
  command_line line;
  outcome *o = read_as(&line, &usage, "--help");
  assert_non_null(strstr(o->out,
                         "Usage: checkrob try --model FILE [OPTION]...\nTries.\n\nModel:\n  --model FILE "
                         "             TorchScript archive, scripted or traced\n"));
  assert_non_null(
      strstr(o->out, "  --batch N                 images in a batch (from 1 to 4096; default: 16)\n"));
  assert_non_null(strstr(o->out, "  --fewest N                that many (from 0 to 9; default: 3)\n"));
  assert_non_null(strstr(o->out, "\nExit codes: many.\n"));
  char allowed[256];
  checkrob_option_info info = CHECKROB_OPTION_INFO_INIT;
  for (size_t i = 0; i < checkrob_option_count(); i++) {
    must(checkrob_option_at(&info, i));
    write_allowed(allowed, sizeof allowed, &info);
    if (strcmp(info.name, "score") == 0)
      assert_string_equal(allowed,
                          "log-odds, logit, probability or margin; default: log-odds; under the profile "
                          "paper: logit");
    if (strcmp(info.name, "verdict_level") == 0)
      assert_string_equal(allowed, "above 0 and below 1; default: 0.95");
    if (strcmp(info.name, "list") == 0) assert_string_equal(allowed, "may be repeated");
    if (strcmp(info.name, "skip_unmapped") == 0) assert_string_equal(allowed, "");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(flags_are_names_with_dashes),
      cmocka_unit_test(own_options_have_defaults),
      cmocka_unit_test(beginnings_are_enough),
      cmocka_unit_test(verdicts_have_a_short_form),
      cmocka_unit_test(a_list_has_items),
      cmocka_unit_test(what_is_no_list_is_given_once),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(misspelt_flags_are_guessed),
      cmocka_unit_test(arguments_are_left),
      cmocka_unit_test(flags_replace_the_specification),
      cmocka_unit_test(a_broken_specification_fails),
      cmocka_unit_test(a_specification_is_printed),
      cmocka_unit_test(messages_name_flags),
      cmocka_unit_test(help_says_all),
      cmocka_unit_test(usages_are_complete),
      cmocka_unit_test(help_shows_what_is_allowed),
  };
  return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
