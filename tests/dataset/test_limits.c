/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations that are far larger than real ones: a failed sample that names the limit, in every format. */
#include <math.h>
#include <stdarg.h>
#include <time.h>

#include "dataset/formats/yolo_names.h"
#include "dataset/samples.h"
#include "dataset/scratch.h"
#include "region/limits.h"

/* ---- writing ---- */

static FILE *create(const char *name) {
  FILE *file = fopen(scratch_write(name, ""), "wb");
  assert_non_null(file);
  return file;
}

static void repeat(FILE *file, const char *text, int count) {
  for (int i = 0; i < count; i++) fprintf(file, text, i, i);
}

/* An image is not read here. */
static void add_image(const char *name) {
  scratch_write(name, "");
}

static checkrob_dataset *open_any(const char *format, const char *annotations, const char *names,
                                  const checkrob_class_map *classes) {
  checkrob_dataset *dataset = NULL;
  checkrob_status status =
      open_dataset(&dataset,
                   OPTIONS("dataset", format, "images", scratch_folder("images"), "annotations", annotations,
                           "names", names ? names : scratch_write("none.txt", "cat\n")),
                   classes);
  if (status) fail_msg("%s", checkrob_last_error());
  return dataset;
}

static void assert_first(const char *format, const char *annotations, checkrob_status status,
                         const char *what) {
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  checkrob_dataset *dataset = open_any(format, annotations, NULL, classes);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "a.png", status, what);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

/* ---- objects ---- */

static void write_objects(int count) {
  FILE *yolo = create("yolo/a.txt"), *coco = create("coco.json"), *manifest = create("manifest.csv"),
       *voc = create("voc/a.xml");
  fputs(
      "{\"images\":[{\"id\":1,\"file_name\":\"a.png\"}],\"categories\":[{\"id\":1,\"name\":\"cat\"}],"
      "\"annotations\":[",
      coco);
  fputs("image,class,x1,y1,x2,y2\n", manifest);
  fputs("<annotation>", voc);
  for (int i = 0; i < count; i++) {
    fputs("0 0.5 0.5 0.1 0.1\n", yolo);
    fprintf(coco, "%s{\"id\":%d,\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,2,2]}", i ? "," : "", i);
    fputs("a.png,cat,1,1,3,3\n", manifest);
    fputs(VOC_OBJECT("cat", 1, 1, 3, 3), voc);
  }
  fputs("]}", coco);
  fputs("</annotation>", voc);
  fclose(yolo), fclose(coco), fclose(manifest), fclose(voc);
}

static void objects_have_a_limit_in_every_format(void **state) {
  (void)state;
  static const char *const formats[][2] = {
      {"yolo", "yolo"}, {"coco", "coco.json"}, {"manifest", "manifest.csv"}, {"voc", "voc"}};
  add_image("images/a.png");
  for (int above = 0; above < 2; above++) {
    write_objects(REGION_SHAPE_LIMIT + above);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
      assert_first(formats[i][0], scratch(formats[i][1]), above ? CHECKROB_ERROR_LIMIT : CHECKROB_OK,
                   above ? "more than the limit of 10000" : "cat");
  }
}

/* No object reaches a limit, but all of them together. */
static void corners_count_for_the_whole_image(void **state) {
  (void)state;
  add_image("images/a.png");
  FILE *yolo = create("yolo/a.txt");
  for (int i = 0; i < 12; i++) {
    fputs("0", yolo);
    for (int k = 0; k < 100000; k++) fputs(k % 2 ? " 0 0" : " 1 .5", yolo);
    fputs("\n", yolo);
  }
  fclose(yolo);
  assert_first("yolo", scratch("yolo"), CHECKROB_ERROR_LIMIT, "corners");
}

/* ---- classes ---- */

static void write_classes(int count) {
  FILE *voc = create("voc/a.xml");
  fputs("<annotation>" VOC_OBJECT("cat", 1, 1, 3, 3), voc);
  for (int i = 1; i < count; i++)
    fprintf(voc,
            "<object><name>c%d</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax>"
            "</bndbox></object>",
            i);
  fputs("</annotation>", voc);
  fclose(voc);
}

static void an_image_of_too_many_classes_fails(void **state) {
  (void)state;
  add_image("images/a.png");
  write_classes(SCENE_CLASS_LIMIT);
  assert_first("voc", scratch("voc"), CHECKROB_OK, "cat");
  write_classes(SCENE_CLASS_LIMIT + 1);
  assert_first("voc", scratch("voc"), CHECKROB_ERROR_LIMIT, "257 classes");
}

static void write_class_name(size_t bytes) {
  FILE *coco = create("coco.json"), *voc = create("voc/a.xml"), *names = create("names.txt"),
       *yolo = create("yolo/a.txt"), *manifest = create("manifest.csv");
  FILE *const files[] = {coco, voc, names, manifest};
  fputs(
      "{\"images\":[{\"id\":1,\"file_name\":\"a.png\"}],\"annotations\":[{\"id\":1,\"image_id\":1,"
      "\"category_id\":1,\"bbox\":[1,1,2,2]}],\"categories\":[{\"id\":1,\"name\":\"",
      coco);
  fputs("<annotation><object><name>", voc);
  fputs("image,class,x1,y1,x2,y2\na.png,", manifest);
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < bytes; k++) fputc('n', files[i]);
  fputs("\"}]}", coco);
  fputs(
      "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object></"
      "annotation>",
      voc);
  fputs(",1,1,3,3\n", manifest);
  fputs("0 .5 .5 .1 .1\n", yolo);
  for (size_t i = 0; i < 4; i++) fclose(files[i]);
  fclose(yolo);
}

/* A file may name a class once for all objects, each of which has a copy: 5 MB of name were 5 GB. */
static void names_of_classes_have_a_limit_in_every_format(void **state) {
  (void)state;
  static const char *const formats[][2] = {
      {"yolo", "yolo"}, {"coco", "coco.json"}, {"manifest", "manifest.csv"}, {"voc", "voc"}};
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  add_image("images/a.png");
  for (size_t above = 0; above < 2; above++) {
    write_class_name(INPUT_CLASS_NAME_LIMIT + above);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
      checkrob_dataset *dataset =
          open_any(formats[i][0], scratch(formats[i][1]), scratch("names.txt"), classes);
      checkrob_cursor *cursor = walk(dataset);
      assert_next(cursor, "a.png", above ? CHECKROB_ERROR_LIMIT : CHECKROB_ERROR_NO_OBJECT,
                  above ? "has a name of 4097 bytes" : "nnn");
      checkrob_cursor_free(cursor);
      checkrob_dataset_free(dataset);
    }
  }
  checkrob_class_map_free(classes);
}

/* ---- data.yaml ---- */

/* ---- tables and elements ---- */

static void a_line_of_a_table_has_a_limit(void **state) {
  (void)state;
  checkrob_class_map *classes = NULL;
  FILE *file = create("wide.csv");
  fputs("name,index\n", file);
  repeat(file, ",", 1000000);
  fclose(file);
  assert_int_equal(checkrob_class_map_open(&classes, scratch("wide.csv")), CHECKROB_ERROR_LIMIT);
  assert_sentence("wide.csv:2: the line has more than the limit of 1000 fields");
}

/* An element of JSON takes forty times its bytes as values in memory. */
static void an_element_of_coco_has_a_limit(void **state) {
  (void)state;
  checkrob_dataset *dataset = NULL;
  add_image("images/a.png");
  FILE *coco = create("coco.json");
  fputs("{\"images\":[{\"id\":1,\"file_name\":\"a.png\",\"x\":[0", coco);
  repeat(coco, ",0", 2200000);
  fputs("]}],\"categories\":[],\"annotations\":[]}", coco);
  fclose(coco);
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  assert_int_equal(open_dataset(&dataset,
                                OPTIONS("dataset", "coco", "images", scratch_folder("images"), "annotations",
                                        scratch("coco.json")),
                                classes),
                   CHECKROB_ERROR_LIMIT);
  assert_sentence("more than the limit of 4194304 bytes");
  checkrob_class_map_free(classes);
}

/* ---- data.yaml ---- */

/* Each took a minute and more, or a gigabyte, as many times as this. */
static void a_data_yaml_is_small(void **state) {
  (void)state;
  static const struct {
    const char *text, *what;
    int count;
  } files[] = {{"{a: ", "deeper than 32", 100000},
               {"[", "deeper than 32", 100000},
               {"- ", "deeper than 32", 100000},
               {"? ", "deeper than 32", 100000},
               {"- &a%d x\n", "more than 1000 anchors", 100000},
               {"%%TAG !e%d! tag:%d\n", "limit of 16 directives", 100000},
               {"%%TAG !e%d! tag:%d\r", "limit of 16 directives", 100000},
               {"%%TAG !e%d! tag:%d\xe2\x80\xa8", "limit of 16 directives", 100000},
               {"- x\n", "more than 1000000 values", 1100000}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    FILE *file = create("data.yaml");
    repeat(file, files[i].text, files[i].count);
    fclose(file);
    yolo_names names = {0};
    clock_t start = clock();
    assert_int_equal(yolo_names_open(&names, scratch("data.yaml")), CHECKROB_ERROR_LIMIT);
    assert_sentence(files[i].what);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("'%.8s' %d times: %.3f s\n", files[i].text, files[i].count, seconds);
    assert_true(seconds < 10 * SANITIZED_TIMES);
  }
}

/* Two bytes a character. */
static void directives_of_utf16_count_too(void **state) {
  (void)state;
  char line[64];
  FILE *file = create("data.yaml");
  fwrite("\xff\xfe", 1, 2, file);
  for (int i = 0; i < 100000; i++) {
    snprintf(line, sizeof line, "%%TAG !e%d! tag:%d\n", i, i);
    for (const char *c = line; *c; c++) fputc(*c, file), fputc(0, file);
  }
  fclose(file);
  yolo_names names = {0};
  clock_t start = clock();
  assert_int_equal(yolo_names_open(&names, scratch("data.yaml")), CHECKROB_ERROR_LIMIT);
  assert_sentence("limit of 16 directives");
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10 * SANITIZED_TIMES);
}

/* Within a text of several lines it is no directive. */
static void names_may_begin_with_percent(void **state) {
  (void)state;
  FILE *file = create("data.yaml");
  fputs("names:\n- a\n", file);
  for (int i = 0; i < 20; i++) fprintf(file, "- '\n\n%%%d'\n", i);
  fclose(file);
  yolo_names names = {0};
  must(yolo_names_open(&names, scratch("data.yaml")));
  assert_int_equal(names.count, 21);
  assert_string_equal(names.items[20], "\n%19");
  yolo_names_clear(&names);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(objects_have_a_limit_in_every_format),
      TEST(corners_count_for_the_whole_image),
      TEST(an_image_of_too_many_classes_fails),
      TEST(names_of_classes_have_a_limit_in_every_format),
      TEST(a_line_of_a_table_has_a_limit),
      TEST(an_element_of_coco_has_a_limit),
      TEST(a_data_yaml_is_small),
      TEST(directives_of_utf16_count_too),
      TEST(names_may_begin_with_percent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
