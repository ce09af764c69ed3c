/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors return the same samples for every format, shard, position and number of threads. */
#include <checkrob/dataset.h>
#include <pthread.h>

#include "dataset/cursor.h"
#include "dataset/scratch.h"
#include "support/tar.h"

#define INPUTS 19
#define TEXT 4096
#define THREADS 4

/* The objects of an image depend on its number alone, in every format. Zebras are not in the class map, and
 * images of zebras alone are skipped. */
typedef struct content {
  const char *classes[2];
} content;

static const content contents[4] = {{{"cat", NULL}}, {{"cat", "dog"}}, {{"zebra", NULL}}, {{"dog", "zebra"}}};

static const content *content_of(size_t input) {
  return &contents[input % 4];
}

static checkrob_class_map *classes;

/* ---- one dataset in all formats ---- */

static void write_image(size_t i) {
  char name[64];
  uint8_t pixels[6 * 4 * 3];
  checkrob_image *image = NULL;
  memset(pixels, (int)i * 10, sizeof pixels);
  must(checkrob_image_from_rgb(&image, pixels, 6, 4));
  snprintf(name, sizeof name, "images/%02zu.png", i);
  must(checkrob_image_write_png(image, scratch(name)));
  checkrob_image_free(image);
}

static void write_voc(size_t i) {
  char name[64], xml[1024] = "<annotation><size><width>6</width><height>4</height></size>";
  for (size_t k = 0; k < 2 && content_of(i)->classes[k]; k++)
    snprintf(xml + strlen(xml), sizeof xml - strlen(xml),
             "<object><name>%s</name><bndbox><xmin>%zu</xmin><ymin>1</ymin><xmax>%zu</xmax><ymax>2</ymax>"
             "</bndbox></object>",
             content_of(i)->classes[k], 1 + k, 3 + k);
  snprintf(xml + strlen(xml), sizeof xml - strlen(xml), "</annotation>");
  snprintf(name, sizeof name, "voc/%02zu.xml", i);
  scratch_write(name, xml);
}

static void write_yolo(size_t i) {
  char name[64], labels[256] = "";
  for (size_t k = 0; k < 2 && content_of(i)->classes[k]; k++) {
    const char *class_name = content_of(i)->classes[k];
    int number = strcmp(class_name, "cat") == 0 ? 0 : strcmp(class_name, "dog") == 0 ? 1 : 2;
    snprintf(labels + strlen(labels), sizeof labels - strlen(labels), "%d 0.5 0.5 0.25 0.25\n", number);
  }
  snprintf(name, sizeof name, "yolo/%02zu.txt", i);
  scratch_write(name, labels);
}

static void write_coco(void) {
  static char images[TEXT], annotations[TEXT], json[3 * TEXT];
  images[0] = annotations[0] = '\0';
  for (size_t i = 0; i < INPUTS; i++) {
    snprintf(images + strlen(images), TEXT - strlen(images), "%s{\"id\": %zu, \"file_name\": \"%02zu.png\"}",
             i ? ", " : "", i + 1, i);
    for (size_t k = 0; k < 2 && content_of(i)->classes[k]; k++)
      snprintf(annotations + strlen(annotations), TEXT - strlen(annotations),
               "%s{\"image_id\": %zu, \"category_id\": %d, \"bbox\": [1, 1, 2, 2]}",
               *annotations ? ",\n" : "", i + 1, content_of(i)->classes[k][0]);
  }
  snprintf(json, sizeof json,
           "{\"images\": [%s],\n\"annotations\": [%s],\n\"categories\": [{\"id\": %d, \"name\": \"cat\"},"
           "{\"id\": %d, \"name\": \"dog\"}, {\"id\": %d, \"name\": \"zebra\"}]}",
           images, annotations, 'c', 'd', 'z');
  scratch_write("coco.json", json);
}

static void write_manifest(void) {
  char rows[TEXT] = "image,class,x1,y1,x2,y2\n";
  for (size_t i = 0; i < INPUTS; i++)
    for (size_t k = 0; k < 2 && content_of(i)->classes[k]; k++)
      snprintf(rows + strlen(rows), TEXT - strlen(rows), "%02zu.png,%s,1,1,3,3\n", i,
               content_of(i)->classes[k]);
  scratch_write("manifest.csv", rows);
}

static void write_tar(void) {
  tar_file tar;
  scratch_folder("tars");
  tar_start(&tar, scratch("tars/images.tar"));
  tar_add_folder(&tar, scratch("images"));
  tar_end(&tar);
  tar_start(&tar, scratch("tars/voc.tar"));
  tar_add_folder(&tar, scratch("voc"));
  tar_end(&tar);
}

static int setup(void **state) {
  if (scratch_setup(state)) return -1;
  classes = scratch_classes("name,index\ncat,3\ndog,1\n");
  scratch_folder("images");
  for (size_t i = 0; i < INPUTS; i++) {
    write_image(i);
    write_voc(i);
    write_yolo(i);
  }
  write_coco();
  write_manifest();
  write_tar();
  scratch_write("names.txt", "cat\ndog\nzebra\n");
  return 0;
}

static int teardown(void **state) {
  checkrob_class_map_free(classes);
  return scratch_teardown(state);
}

/* The dataset promises that it never calls this twice at once: the plain counter is safe then, and
 * ThreadSanitizer sees where it is not. */
static size_t reads;
static int reading;

static checkrob_status read_own(checkrob_input *input, size_t number, void *user_data) {
  char name[64], path[1024];
  (void)user_data;
  reads++;
  if (reading++) return CHECKROB_ERROR; /* fails the input, and with it the comparison */
  snprintf(name, sizeof name, "%02zu.png", number);
  snprintf(path, sizeof path, "%s/images/%s", scratch_root, name);
  must(checkrob_input_set_name(input, name));
  must(checkrob_input_set_path(input, path));
  for (size_t k = 0; k < 2 && content_of(number)->classes[k]; k++) {
    checkrob_regions *box = NULL;
    must(checkrob_regions_new(&box));
    must(checkrob_regions_add_box(box, 1, 1, 3, 3));
    must(checkrob_input_add_object(input, content_of(number)->classes[k], 0, box));
    checkrob_regions_free(box);
  }
  reading--;
  return CHECKROB_OK;
}

static const struct {
  const char *name;
  const char *format;
  const char *images, *annotations;
} cases[] = {{"folders", "voc", "images", "voc"},       {"tars", "voc", "tars/images.tar", "tars/voc.tar"},
             {"imagenet", "imagenet", "images", "voc"}, {"coco", "coco", "images", "coco.json"},
             {"yolo", "yolo", "images", "yolo"},        {"manifest", "manifest", "images", "manifest.csv"}};

#define CASES (sizeof cases / sizeof cases[0] + 1) /* the last is the program's own */

static checkrob_dataset *open_case(size_t number) {
  checkrob_dataset *dataset = NULL;
  if (number + 1 == CASES) {
    must(checkrob_dataset_new(&dataset, INPUTS, read_own, NULL, classes));
    return dataset;
  }
  must(open_dataset(
      &dataset,
      OPTIONS("dataset", cases[number].format, "images", scratch(cases[number].images), "annotations",
              scratch(cases[number].annotations), "names", scratch("names.txt"), "skip_unmapped", "true"),
      classes));
  return dataset;
}

static bool skips(size_t number) {
  return number + 1 < CASES; /* a program omits inputs itself */
}

/* ---- samples as text ---- */

static void describe(char *text, const checkrob_sample *sample) {
  snprintf(text + strlen(text), TEXT - strlen(text), "%zu.%zu %s %s:%d regions %zu others %zu\n",
           checkrob_sample_input(sample), checkrob_sample_part(sample), checkrob_sample_image(sample),
           checkrob_sample_class_name(sample), (int)checkrob_sample_status(sample),
           checkrob_regions_count(checkrob_sample_regions(sample)), checkrob_sample_other_count(sample));
}

static void expected_sample(char *text, size_t input, size_t part, const char *class_name, size_t others) {
  snprintf(text + strlen(text), TEXT - strlen(text), "%zu.%zu %02zu.png %s:0 regions 1 others %zu\n", input,
           part, input, class_name, others);
}

/* The samples from `input` and its `part` on, up to before the input `end`. */
static void expected(char *text, size_t input, size_t part, size_t end, bool skipping) {
  text[0] = '\0';
  for (; input < end; input++, part = 0) {
    if (input % 4 == 0 && part == 0) expected_sample(text, input, 0, "cat", 0);
    if (input % 4 == 1 && part == 0) expected_sample(text, input, 0, "dog", 1);
    if (input % 4 == 1 && part <= 1) expected_sample(text, input, 1, "cat", 1);
    if (input % 4 == 2 && !skipping && part == 0)
      snprintf(text + strlen(text), TEXT - strlen(text), "%zu.0 %02zu.png :%d regions 0 others 1\n", input,
               input, CHECKROB_ERROR_NO_OBJECT);
    if (input % 4 == 3 && part == 0) expected_sample(text, input, 0, "dog", 1);
  }
}

static void read_rest(char *text, checkrob_cursor *cursor) {
  checkrob_sample *sample = NULL;
  text[0] = '\0';
  while (checkrob_cursor_next(&sample, cursor) == CHECKROB_OK) {
    describe(text, sample);
    checkrob_sample_free(sample);
  }
}

/* ---- tests ---- */

static void shards_cover_all_inputs_once(void **state) {
  (void)state;
  static const uint32_t numbers[] = {1, 2, 3, 7, INPUTS, INPUTS + 4};
  char text[TEXT], wanted[TEXT];
  for (size_t c = 0; c < CASES; c++) {
    checkrob_dataset *dataset = open_case(c);
    assert_int_equal(checkrob_dataset_input_count(dataset), INPUTS);
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
      size_t inputs = 0, skipped = 0;
      for (uint32_t shard = 1; shard <= numbers[n]; shard++) {
        checkrob_cursor *cursor = NULL;
        must(checkrob_cursor_new(&cursor, dataset, shard, numbers[n]));
        assert_int_equal(checkrob_cursor_first_input(cursor), inputs);
        size_t count = checkrob_cursor_input_count(cursor);
        assert_true(count == INPUTS / numbers[n] || count == INPUTS / numbers[n] + 1);
        expected(wanted, inputs, 0, inputs + count, skips(c));
        read_rest(text, cursor);
        assert_string_equal(text, wanted);
        assert_int_equal(checkrob_cursor_inputs_done(cursor), count);
        inputs += count;
        skipped += checkrob_cursor_skipped(cursor);
        checkrob_cursor_free(cursor);
      }
      assert_int_equal(inputs, INPUTS);
      assert_int_equal(skipped, skips(c) ? 5 : 0);
    }
    checkrob_dataset_free(dataset);
  }
}

static void seeks_to_each_position(void **state) {
  (void)state;
  char text[TEXT], wanted[TEXT];
  for (size_t c = 0; c < CASES; c++) {
    checkrob_dataset *dataset = open_case(c);
    checkrob_cursor *cursor = walk(dataset);
    for (size_t input = 0; input <= INPUTS; input++)
      for (size_t part = 0; part < 4; part++) {
        must(checkrob_cursor_seek(cursor, input, part));
        assert_int_equal(checkrob_cursor_skipped(cursor), 0);
        expected(wanted, input, part, INPUTS, skips(c));
        read_rest(text, cursor);
        assert_string_equal(text, wanted);
        assert_int_equal(checkrob_cursor_inputs_done(cursor), INPUTS);
      }
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
}

/* Inputs before a position that a seek leaves out are done; none of them was skipped by this cursor. */
static void counts_what_lies_behind(void **state) {
  (void)state;
  checkrob_dataset *dataset = open_case(0);
  checkrob_cursor *cursor = NULL;
  must(checkrob_cursor_new(&cursor, dataset, 2, 2)); /* inputs 10 to 18 */
  assert_int_equal(checkrob_cursor_first_input(cursor), 10);
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 0);
  must(checkrob_cursor_seek(cursor, 13, 1));
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 3);
  checkrob_sample_free(next_sample(cursor));
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 4);
  must(checkrob_cursor_seek(cursor, 13, 2)); /* after its last sample */
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 4);
  checkrob_sample_free(next_sample(cursor)); /* passes input 14, which is skipped */
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 6);
  assert_int_equal(checkrob_cursor_skipped(cursor), 1);
  must(checkrob_cursor_seek(cursor, 14, 1)); /* a skipped input has no part */
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 5);
  assert_int_equal(checkrob_cursor_seek(cursor, 9, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_cursor_seek(cursor, 20, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("input 20 is not among the shard's inputs");
  assert_int_equal(checkrob_cursor_inputs_done(cursor), 5); /* it stays where it was */
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

static void expect_input(checkrob_cursor *cursor, size_t input, size_t part, size_t count) {
  sample_list samples = {0};
  must(cursor_next_input(&samples, cursor));
  assert_int_equal(samples.count, count);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(checkrob_sample_input(samples.items[i]), input);
    assert_int_equal(checkrob_sample_part(samples.items[i]), part + i);
  }
  sample_list_clear(&samples);
}

static void an_inputs_samples_come_together(void **state) {
  (void)state;
  sample_list none = {0};
  for (size_t c = 0; c < CASES; c++) {
    checkrob_dataset *dataset = open_case(c);
    checkrob_cursor *cursor = walk(dataset);
    for (size_t i = 0; i < INPUTS; i++) {
      expect_input(cursor, i, 0, i % 4 == 1 ? 2 : i % 4 == 2 && skips(c) ? 0 : 1);
      assert_int_equal(checkrob_cursor_inputs_done(cursor), i + 1);
    }
    assert_int_equal(cursor_next_input(&none, cursor), CHECKROB_END);
    assert_int_equal(cursor_next_input(&none, cursor), CHECKROB_END);
    must(checkrob_cursor_seek(cursor, 5, 1));
    expect_input(cursor, 5, 1, 1);
    must(checkrob_cursor_seek(cursor, 5, 0));
    checkrob_sample_free(next_sample(cursor)); /* one by one and together */
    expect_input(cursor, 5, 1, 1);
    expect_input(cursor, 6, 0, skips(c) ? 0 : 1);
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
}

static void cursors_know_nothing_of_each_other(void **state) {
  (void)state;
  char first_text[TEXT], second_text[TEXT], wanted[TEXT];
  for (size_t c = 0; c < CASES; c++) {
    checkrob_dataset *dataset = open_case(c);
    checkrob_cursor *first = walk(dataset), *second = walk(dataset);
    checkrob_sample *sample = NULL;
    first_text[0] = second_text[0] = '\0';
    while (checkrob_cursor_next(&sample, first) == CHECKROB_OK) {
      describe(first_text, sample);
      checkrob_sample_free(sample);
      for (int i = 0; i < 2 && checkrob_cursor_next(&sample, second) == CHECKROB_OK;
           i++) { /* twice as fast */
        describe(second_text, sample);
        checkrob_sample_free(sample);
      }
    }
    expected(wanted, 0, 0, INPUTS, skips(c));
    assert_string_equal(first_text, wanted);
    assert_string_equal(second_text, wanted);
    checkrob_cursor_free(first);
    checkrob_cursor_free(second);
    checkrob_dataset_free(dataset);
  }
}

/* ---- threads ---- */

typedef struct walker {
  const checkrob_dataset *dataset;
  char text[TEXT];
  int failed;
} walker;

/* No assertion here: cmocka's belong to the main thread. */
static void *walk_in_thread(void *argument) {
  walker *w = argument;
  checkrob_cursor *cursor = NULL;
  checkrob_sample *sample = NULL;
  w->failed = checkrob_cursor_new(&cursor, w->dataset, 0, 0) != CHECKROB_OK;
  while (!w->failed && checkrob_cursor_next(&sample, cursor) == CHECKROB_OK) {
    checkrob_image *image = NULL;
    describe(w->text, sample);
    w->failed = checkrob_sample_open_image(&image, sample, NULL) != CHECKROB_OK ||
                checkrob_image_pixels(image)[0] != checkrob_sample_input(sample) * 10 ||
                checkrob_sample_check_size(sample, 6, 4) != checkrob_sample_status(sample);
    checkrob_image_free(image);
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
  return NULL;
}

static void threads_see_the_same(void **state) {
  (void)state;
  static walker walkers[THREADS];
  char wanted[TEXT];
  for (size_t c = 0; c < CASES; c++) {
    checkrob_dataset *dataset = open_case(c);
    pthread_t threads[THREADS];
    reads = 0;
    for (size_t i = 0; i < THREADS; i++) {
      walkers[i] = (walker){.dataset = dataset};
      assert_int_equal(pthread_create(&threads[i], NULL, walk_in_thread, &walkers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    expected(wanted, 0, 0, INPUTS, skips(c));
    for (size_t i = 0; i < THREADS; i++) {
      assert_false(walkers[i].failed);
      assert_string_equal(walkers[i].text, wanted);
    }
    assert_int_equal(reads, c + 1 == CASES ? THREADS * INPUTS : 0);
    checkrob_dataset_free(dataset);
  }
}

static void wrong_shards_are_refused(void **state) {
  (void)state;
  static const uint32_t wrong[][2] = {{0, 3}, {4, 3}, {1, 0}};
  checkrob_dataset *dataset = open_case(0);
  checkrob_cursor *cursor = NULL;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(checkrob_cursor_new(&cursor, dataset, wrong[i][0], wrong[i][1]),
                     CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("there is no shard 1 of 0");
  assert_int_equal(checkrob_cursor_new(NULL, dataset, 0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_cursor_new(&cursor, NULL, 0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_int_equal(checkrob_cursor_seek(NULL, 0, 0), CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_null(cursor);
  checkrob_cursor_free(NULL);
  checkrob_dataset_free(dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shards_cover_all_inputs_once),
      cmocka_unit_test(seeks_to_each_position),
      cmocka_unit_test(counts_what_lies_behind),
      cmocka_unit_test(an_inputs_samples_come_together),
      cmocka_unit_test(cursors_know_nothing_of_each_other),
      cmocka_unit_test(threads_see_the_same),
      cmocka_unit_test(wrong_shards_are_refused),
  };
  return cmocka_run_group_tests_name("cursor", tests, setup, teardown);
}
