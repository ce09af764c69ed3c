/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/class_map.h"

#include <time.h>

#include "base/csv.h"
#include "dataset/scratch.h"

static void reads_a_map(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes(
      "\xef\xbb\xbfname,index\r\nkangaroo,104\r\n\r\n\"wallaby, small\",104\r\n\"the "
      "\"\"dog\"\"\",7\n\nzebra,0");
  assert_int_equal(checkrob_class_map_count(classes), 4);
  assert_string_equal(checkrob_class_map_name(classes, 1), "wallaby, small");
  assert_string_equal(checkrob_class_map_name(classes, 2), "the \"dog\"");
  assert_int_equal(checkrob_class_map_index(classes, 2), 7);
  assert_int_equal(checkrob_class_map_line(classes, 0), 2);
  assert_int_equal(checkrob_class_map_line(classes, 1), 4);
  assert_int_equal(checkrob_class_map_line(classes, 3), 7);
  assert_null(checkrob_class_map_name(classes, 4));
  assert_int_equal(checkrob_class_map_index(classes, 4), -1);
  assert_int_equal(checkrob_class_map_line(classes, 4), 0);
  assert_int_equal(checkrob_class_map_find(classes, "zebra"), 0);
  assert_int_equal(checkrob_class_map_find(classes, "wallaby, small"), 104);
  assert_int_equal(checkrob_class_map_find(classes, "Zebra"), -1);
  assert_string_equal(checkrob_class_map_name_of(classes, 104), "kangaroo");
  assert_string_equal(checkrob_class_map_name_of(classes, 0), "zebra");
  assert_null(checkrob_class_map_name_of(classes, 1));
  assert_null(checkrob_class_map_name_of(classes, -1));
  assert_null(checkrob_class_map_name_of(classes, 105));
  checkrob_class_map_free(classes);
  checkrob_class_map_free(NULL);
}

static void a_name_may_span_lines(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes("name,index\n\"two\nlines\",1\nb,2\n");
  assert_string_equal(checkrob_class_map_name(classes, 0), "two\nlines");
  assert_int_equal(checkrob_class_map_line(classes, 1), 4);
  checkrob_class_map_free(classes);
}

static void finds_among_thousands(void **state) {
  (void)state;
  char *csv = malloc(400000);
  size_t used = (size_t)sprintf(csv, "name,index\n");
  for (unsigned i = 0; i < 10000; i++)
    used += (size_t)sprintf(csv + used, "n%08u,%u\n", i * 7919u % 10000u, i / 2);
  checkrob_class_map *classes = scratch_classes(csv);
  free(csv);
  for (unsigned i = 0; i < 10000; i++) {
    char name[32];
    snprintf(name, sizeof name, "n%08u", i * 7919u % 10000u);
    assert_int_equal(checkrob_class_map_find(classes, name), i / 2);
    if (i % 2 == 0) assert_string_equal(checkrob_class_map_name_of(classes, i / 2), name);
  }
  checkrob_class_map_free(classes);
}

static void titles_are_for_people(void **state) {
  (void)state;
  checkrob_class_map *classes = scratch_classes(
      "name,index,title\nn02106662,235,\"German shepherd, Alsatian\"\nn1,1,\nn2,2,W\xc3\xb6lfe\n");
  assert_string_equal(checkrob_class_map_title(classes, 0), "German shepherd, Alsatian");
  assert_null(checkrob_class_map_title(classes, 1));
  assert_string_equal(checkrob_class_map_title(classes, 2), "W\xc3\xb6lfe");
  assert_null(checkrob_class_map_title(classes, 3));
  assert_int_equal(checkrob_class_map_find(classes, "W\xc3\xb6lfe"), -1);
  assert_string_equal(checkrob_class_map_name_of(classes, 235), "n02106662");
  assert_string_equal(checkrob_class_map_title_of(classes, 235), "German shepherd, Alsatian");
  assert_null(checkrob_class_map_title_of(classes, 1));
  assert_null(checkrob_class_map_title_of(classes, 3));
  assert_null(checkrob_class_map_title_of(NULL, 1));
  checkrob_class_map_free(classes);
  classes = scratch_classes("name,index,title\na,7,\nb,3,\nc,7,seven\nz,7,last\n");
  assert_string_equal(checkrob_class_map_title_of(classes, 7), "seven");
  checkrob_class_map_free(classes);
  classes = scratch_classes("name,index\nzebra,340\n");
  assert_null(checkrob_class_map_title(classes, 0));
  assert_null(checkrob_class_map_title_of(classes, 340));
  checkrob_class_map_free(classes);
}

static void imagenet_is_built_in(void **state) {
  (void)state;
  checkrob_class_map *classes = NULL;
  assert_int_equal(checkrob_class_map_open(&classes, "imagenet"), CHECKROB_OK);
  assert_int_equal(checkrob_class_map_count(classes), 1000);
  for (size_t i = 0; i < 1000; i++) {
    const char *name = checkrob_class_map_name(classes, i);
    assert_int_equal(checkrob_class_map_index(classes, i), i);
    assert_int_equal(strlen(name), 9);
    assert_int_equal(strspn(name + 1, "0123456789"), 8);
    assert_int_equal(name[0], 'n');
    if (i > 0) assert_true(strcmp(checkrob_class_map_name(classes, i - 1), name) < 0);
    assert_non_null(checkrob_class_map_title(classes, i));
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(checkrob_class_map_title(classes, i), checkrob_class_map_title(classes, j));
  }
  static const struct {
    const char *name, *title;
    size_t index;
  } known[] = {{"n01440764", "tench", 0},
               {"n01877812", "wallaby", 104},
               {"n02012849", "crane (bird)", 134},
               {"n02106662", "German shepherd", 235},
               {"n02132136", "brown bear", 294},
               {"n02391049", "zebra", 340},
               {"n03126707", "crane (machine)", 517},
               {"n15075141", "toilet tissue", 999}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    assert_int_equal(checkrob_class_map_find(classes, known[i].name), known[i].index);
    assert_string_equal(checkrob_class_map_title(classes, known[i].index), known[i].title);
  }
  checkrob_class_map_free(classes);
}

/* A map is a preset when its name is, and a file when it is a path, as preprocessings are. */
static void a_file_called_imagenet_is_a_path(void **state) {
  (void)state;
  char before[4096];
  assert_non_null(getcwd(before, sizeof before));
  scratch_write("imagenet", "name,index\nkangaroo,104\n");
  assert_int_equal(chdir(scratch_root), 0);
  checkrob_class_map *built_in = NULL, *file = NULL;
  assert_int_equal(checkrob_class_map_open(&built_in, "imagenet"), CHECKROB_OK);
  assert_int_equal(checkrob_class_map_open(&file, "./imagenet"), CHECKROB_OK);
  assert_int_equal(chdir(before), 0);
  assert_int_equal(checkrob_class_map_count(built_in), 1000);
  assert_int_equal(checkrob_class_map_count(file), 1);
  checkrob_class_map_free(built_in);
  checkrob_class_map_free(file);
}

static void expect(const char *csv, const char *sentence) {
  checkrob_class_map *classes = NULL;
  assert_int_equal(checkrob_class_map_open(&classes, scratch_write("bad.csv", csv)),
                   CHECKROB_ERROR_BAD_INPUT);
  assert_null(classes);
  assert_sentence(sentence);
}

static void says_what_is_wrong(void **state) {
  (void)state;
  expect("", "bad.csv: the class map is empty; it needs the header name,index and a line for each class");
  expect("\r\n\n", "bad.csv: the class map is empty");
  expect("name,index\n", "bad.csv: the class map has no class; add a line name,index for each class");
  expect("kangaroo,104\n", "bad.csv:1: the header name,index is missing; begin the file with it");
  expect("\nname;index\n", "bad.csv:2: the header name,index is missing");
  expect("name, index\na,1\n", "bad.csv:1: the header");
  expect("name,index,colour\na,1,red\n", "begin the file with it, or with name,index,title");
  expect("name,index,title,x\na,1,A,\n", "bad.csv:1: the header");
  expect("name\na\n", "bad.csv:1: the header");
  expect(
      "name,index,title\na,1\n",
      "bad.csv:2: the line has 2 fields, but name,index,title has three; put a name with a comma in quotes");
  expect("name,index,title\na,1,b,c\n", "bad.csv:2: the line has 4 fields, but name,index,title has three");
  expect("name,index\na,1\nb,x\n",
         "bad.csv:3: the index of 'b' is 'x'; write the index of the model's output, a whole number from 0");
  expect("name,index\na,-1\n", "bad.csv:2: the index of 'a' is '-1'");
  expect("name,index\na,1.0\n", "the index of 'a' is '1.0'");
  expect("name,index\na, 1\n", "the index of 'a' is ' 1'");
  expect("name,index\na,\n", "the index of 'a' is ''");
  expect("name,index\na,9223372036854775808\n", "the index of 'a' is '9223372036854775808'");
  expect("name,index\n,1\n", "bad.csv:2: the name is empty; write the class's name");
  expect("name,index\na\n",
         "bad.csv:2: the line has 1 field, but name,index has two; put a name with a comma in quotes");
  expect("name,index\na,b,1\n", "bad.csv:2: the line has 3 fields, but name,index has two");
  expect("name,index\na,1,\n", "bad.csv:2: the line has 3 fields, but");
  expect("name,index\nb,3\na,1\nb,2\na,1\n",
         "bad.csv:4: the name 'b' is on line 2 already; remove one of the two");
  expect("name,index\n\"a,1\nb,2\n",
         "bad.csv:2: a quote opens a field and is never closed; close it, or remove it");
  expect("name,index\n\"", "bad.csv:2: a quote opens a field and is never closed");
  expect("name,index\n\"a\"\"", "bad.csv:2: a quote opens a field and is never closed");
  expect("name,index\n\"a\"b,1\n", "bad.csv:2: text after a closing quote; insert a comma there, or double");
  expect("name,index\na\"b,1\n", "bad.csv:2: a quote inside a field; put the whole field in quotes");
  expect("name,index\n\xff\xfe,1\n", "bad.csv:2: not UTF-8 text; save the file as UTF-8");
}

/* Every sample whose classes the map does not have asks: a millisecond each, when all names were compared. */
static void similar_names_are_found_fast(void **state) {
  (void)state;
  enum { CLASSES = 100000, ASKED = 20000 };
  FILE *file = fopen(scratch_write("many.csv", ""), "w");
  assert_non_null(file);
  fputs("name,index\n", file);
  for (int i = 0; i < CLASSES; i++) fprintf(file, "class number %d,%d\n", i, i);
  fputs("Class_Number 7,7\n", file);
  fclose(file);
  checkrob_class_map *classes = NULL;
  must(checkrob_class_map_open(&classes, scratch("many.csv")));
  clock_t start = clock();
  for (int i = 0; i < ASKED; i++) {
    char name[64], own[64];
    snprintf(name, sizeof name, "CLASS-number %d ", i);
    snprintf(own, sizeof own, "class number %d", i);
    assert_string_equal(class_map_similar(classes, name), own); /* the first one in the file */
    snprintf(name, sizeof name, "klass %d", i);
    assert_null(class_map_similar(classes, name));
  }
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10 * SANITIZED_TIMES);
  assert_null(class_map_similar(NULL, "a"));
  checkrob_class_map_free(classes);
}

static void names_and_titles_have_a_limit(void **state) {
  (void)state;
  static char name[4098], csv[10000];
  for (int titled = 0; titled < 2; titled++)
    for (size_t above = 0; above < 2; above++) {
      checkrob_class_map *classes = NULL;
      memset(name, 'n', sizeof name);
      name[4096 + above] = '\0';
      snprintf(csv, sizeof csv, titled ? "name,index,title\na,0,%s\n" : "name,index\n%s,0\n", name);
      checkrob_status status = checkrob_class_map_open(&classes, scratch_write("long.csv", csv));
      assert_int_equal(status, above ? CHECKROB_ERROR_LIMIT : CHECKROB_OK);
      if (above) assert_sentence(titled ? "long.csv:2: the title has 4097 bytes" : "the name has 4097 bytes");
      checkrob_class_map_free(classes);
    }
}

static void refuses_what_is_not_utf8(void **state) {
  (void)state;
  static const char *const bad[] = {"\x80",         "\xc3",         "\xc0\xaf",         "\xe0\x80\xaf",
                                    "\xed\xa0\x80", "\xe2\x82",     "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80",
                                    "\xf5\x80\x80", "\xf0\x9f\x98", "a\xc3\x28"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) expect(bad[i], "bad.csv:1: not UTF-8");
  const char with_nul[] = "name,index\na\0b,1\n";
  checkrob_class_map *classes = NULL;
  const char *path = scratch_write_bytes("nul.csv", with_nul, sizeof with_nul - 1);
  assert_int_equal(checkrob_class_map_open(&classes, path), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("nul.csv:2: a byte is 0, which no text has");
  classes = scratch_classes("name,index\nk\xc3\xa4nguru,1\n\xe2\x82\xac,2\n\xf0\x9f\xa6\x98,3\n");
  assert_int_equal(checkrob_class_map_find(classes, "\xf0\x9f\xa6\x98"), 3);
  checkrob_class_map_free(classes);
}

static void says_that_the_file_is_missing(void **state) {
  (void)state;
  checkrob_class_map *classes = NULL;
  assert_int_equal(checkrob_class_map_open(&classes, scratch("none.csv")), CHECKROB_ERROR_NOT_FOUND);
  assert_sentence("none.csv");
  assert_int_equal(checkrob_class_map_open(&classes, scratch_root), CHECKROB_ERROR_IO);
  assert_int_equal(checkrob_class_map_open(NULL, "x"), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_class_map_open(&classes, NULL), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(classes);
}

/* Whatever the bytes are, reading them must stop, and must not access memory outside the file. */
static void survives_any_prefix(void **state) {
  (void)state;
  static const char csv[] = "\xef\xbb\xbfname,index\r\n\"a \"\"b\"\"\r\n\",1\r\nk\xc3\xa4,2\r\n,,\"\",\n";
  for (size_t bytes = 0; bytes < sizeof csv; bytes++) {
    char *text = malloc(bytes + 1);
    memcpy(text, csv, bytes);
    text[bytes] = '\0';
    csv_reader reader;
    if (csv_start(&reader, "prefix", text, bytes) == CHECKROB_OK) {
      while (csv_next(&reader) == CHECKROB_OK) assert_true(reader.field_count > 0);
      csv_finish(&reader);
    }
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_a_map),
      cmocka_unit_test(a_name_may_span_lines),
      cmocka_unit_test(finds_among_thousands),
      cmocka_unit_test(titles_are_for_people),
      cmocka_unit_test(imagenet_is_built_in),
      cmocka_unit_test(a_file_called_imagenet_is_a_path),
      cmocka_unit_test(says_what_is_wrong),
      cmocka_unit_test(similar_names_are_found_fast),
      cmocka_unit_test(names_and_titles_have_a_limit),
      cmocka_unit_test(refuses_what_is_not_utf8),
      cmocka_unit_test(says_that_the_file_is_missing),
      cmocka_unit_test(survives_any_prefix),
  };
  return cmocka_run_group_tests_name("class map", tests, scratch_setup, scratch_teardown);
}
