/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO and manifests; and that the same boxes are the same regions in every format. */
#include <checkrob/checkrob.h>
#include <math.h>

#include "dataset/formats/yolo_labels.h"
#include "dataset/formats/yolo_names.h"
#include "dataset/scratch.h"
#include "region/regions.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SIDE 24

static checkrob_dataset *open_format(const char *format, const char *images, const char *annotations,
                                     const char *names, const checkrob_class_map *classes,
                                     checkrob_status expected) {
  checkrob_options *options =
      OPTIONS("dataset", format, "images", images, "annotations", annotations, "names", names);
  checkrob_dataset *dataset = NULL;
  if (open_dataset(&dataset, options, classes) != expected) fail_msg("%s", checkrob_last_error());
  return dataset;
}

/* ---- the same boxes ---- */

/* Two boxes of a cat, one of a dog, in an image of 80 x 50: 0-based, half-open. */
static const int boxes[3][4] = {{8, 5, 40, 30}, {20, 10, 72, 48}, {0, 0, 80, 50}};

static void write_all(void) {
  char xml[1024] = "<annotation>", json[2048] = "", labels[1024] = "",
       rows[1024] = "image,class,x1,y1,x2,y2\n", part[512];
  for (int i = 0; i < 3; i++) {
    const int *b = boxes[i];
    const char *name = i < 2 ? "cat" : "dog";
    snprintf(
        part, sizeof part,
        "<object><name>%s</name><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox>"
        "</object>",
        name, b[0] + 1, b[1] + 1, b[2], b[3]);
    strcat(xml, part);
    snprintf(part, sizeof part, "%s{\"image_id\":1,\"category_id\":%d,\"bbox\":[%d,%d,%d,%d]}", i ? "," : "",
             i < 2, b[0], b[1], b[2] - b[0], b[3] - b[1]);
    strcat(json, part);
    snprintf(part, sizeof part, "%d %.17g %.17g %.17g %.17g\n", i < 2 ? 1 : 0, (b[0] + b[2]) / 160.0,
             (b[1] + b[3]) / 100.0, (b[2] - b[0]) / 80.0, (b[3] - b[1]) / 50.0);
    strcat(labels, part);
    snprintf(part, sizeof part, "1.png,%s,%d,%d,%d,%d\n", name, b[0], b[1], b[2], b[3]);
    strcat(rows, part);
  }
  strcat(xml, "</annotation>");
  char whole[4096];
  snprintf(whole, sizeof whole,
           "{\"images\":[{\"id\":1,\"file_name\":\"1.png\"}],\"categories\":[{\"id\":1,\"name\":\"cat\"},{"
           "\"id\":0,"
           "\"name\":\"dog\"}],\"annotations\":[%s]}",
           json);
  scratch_write("same/images/1.png", "");
  scratch_write("same/voc/1.xml", xml);
  scratch_write("same/yolo/1.txt", labels);
  scratch_write("same/data.yaml", "train: x\nnames:\n  0: dog\n  1: cat\n");
  scratch_write("same/coco.json", whole);
  scratch_write("same/manifest.csv", rows);
}

static void cover(float *coverage, checkrob_cursor *cursor, const char *class_name,
                  const checkrob_preprocess *preprocess) {
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
  assert_string_equal(checkrob_sample_image(sample), "1.png");
  assert_string_equal(checkrob_sample_class_name(sample), class_name);
  assert_int_equal(checkrob_sample_other_count(sample), 1);
  must(checkrob_sample_check_size(sample, 80, 50));
  assert_string_equal(checkrob_sample_message(sample), "");
  must(checkrob_regions_coverage(coverage, checkrob_sample_regions(sample), preprocess, 80, 50,
                                 CHECKROB_GEOMETRY_STANDARD));
  checkrob_sample_free(sample);
}

static void the_same_boxes_are_the_same_regions(void **state) {
  (void)state;
  static const char json[] = "{\"resize\": 32, \"crop\": 24}";
  checkrob_preprocess *preprocess = NULL;
  must(checkrob_preprocess_parse(&preprocess, json, sizeof json - 1));
  checkrob_class_map *classes = scratch_classes("name,index\ndog,0\ncat,7\n");
  write_all();
  static const struct {
    const char *format;
    const char *annotations;
  } formats[] = {{"voc", "same/voc"},
                 {"coco", "same/coco.json"},
                 {"yolo", "same/yolo"},
                 {"manifest", "same/manifest.csv"}};
  float first[2][SIDE * SIDE], other[SIDE * SIDE];
  char images[512], annotations[512], names[512];
  snprintf(images, sizeof images, "%s", scratch("same/images"));
  snprintf(names, sizeof names, "%s", scratch("same/data.yaml"));
  for (size_t i = 0; i < COUNT(formats); i++) {
    snprintf(annotations, sizeof annotations, "%s", scratch(formats[i].annotations));
    checkrob_dataset *dataset =
        open_format(formats[i].format, images, annotations, names, classes, CHECKROB_OK);
    checkrob_cursor *cursor = walk(dataset);
    for (int c = 0; c < 2; c++) {
      cover(i == 0 ? first[c] : other, cursor, c ? "cat" : "dog", preprocess);
      for (size_t p = 0; i > 0 && p < SIDE * SIDE; p++) /* YOLO's shares are rounded doubles */
        if (!(fabsf(first[c][p] - other[p]) <= 1e-6F)) fail_msg("format %zu, pixel %zu", i, p);
    }
    checkrob_sample *none = NULL;
    assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
  checkrob_class_map_free(classes);
  checkrob_preprocess_free(preprocess);
}

/* ---- YOLO ---- */

static void labels_are_read_or_told(void **state) {
  (void)state;
  const yolo_layout shapes = {.kind = YOLO_SHAPES};
  yolo_label label;
  must(yolo_label_parse(&label, " 3 0.5 0.25\t0.5 0.5 \r", &shapes));
  assert_int_equal(label.class_number, 3);
  double box[4];
  must(checkrob_regions_box(box, label.regions, 0));
  assert_true(box[0] == 0.25 && box[1] == 0 && box[2] == 0.75 && box[3] == 0.5);
  checkrob_regions_free(label.regions);
  must(yolo_label_parse(&label, "0 0.1 0.1 0.9 0.1 0.5 0.9", &shapes));
  checkrob_regions_free(label.regions);
  static const struct {
    const char *line, *part;
    int64_t number;
  } broken[] = {{"cat 0.5 0.5 0.1 0.1", "begins with 'cat'", -1},
                {"3", "has 0 numbers", 3},
                {"3 0.5 0.5 0.1", "has 3 numbers", 3},
                {"3 0.5 0.5 0.1 x", "has 'x', which is not a number", 3},
                {"3 120 80 20 20", "divide pixels", 3},
                {"3 0.5 0.5 0 0.1", "without an area", 3},
                {"3 .1 .1 .2 .2 .3 .3 .4", "has 7 numbers", 3},
                {"-1 .5 .5 .1 .1", "begins with '-1'", -1},
                {"3 nan 0.5 0.1 0.1", "has 'nan'", 3}};
  for (size_t i = 0; i < COUNT(broken); i++) {
    assert_int_equal(yolo_label_parse(&label, broken[i].line, &shapes), CHECKROB_ERROR_BAD_INPUT);
    assert_sentence(broken[i].part);
    assert_int_equal(label.class_number, broken[i].number);
    assert_null(label.regions);
  }
}

static void assert_names(const char *file, const char *text, const char *first, const char *third) {
  yolo_names names;
  must(yolo_names_open(&names, scratch_write(file, text)));
  assert_int_equal(names.count, 3);
  assert_string_equal(names.items[0], first);
  assert_string_equal(names.items[2], third);
  yolo_names_clear(&names);
}

static void names_come_in_every_form(void **state) {
  (void)state;
  assert_names("a.yaml", "nc: 3\nnames: [cat, 'big dog', \"x: y\"]\n", "cat", "x: y");
  assert_names("b.yml", "path: .\nnames:\n  - cat\n  - dog\n  - cow # moo\n", "cat", "cow");
  assert_names("c.YAML", "names:\n  2: cow\n  0: cat\n", "cat", "cow");
  assert_names("d.txt", "cat\r\nbig dog \ncow\n", "cat", "cow");
  yolo_names names;
  static const char *const broken[][2] = {{"nc: 3\n", "has no list or mapping"},
                                          {"names: [a, [b]]\n", "is not text"},
                                          {"names: {x: a}\n", "not a class number"},
                                          {"names: {0: a, 00: b}\n", "has two names"},
                                          {"names: {9999999: a}\n", "the class number 9999999"},
                                          {"names: [a\n", "is not YAML"}};
  for (size_t i = 0; i < COUNT(broken); i++) {
    if (!yolo_names_open(&names, scratch_write("e.yaml", broken[i][0]))) fail_msg("%s", broken[i][0]);
    assert_sentence(broken[i][1]);
  }
}

static void a_bad_label_fails_its_class(void **state) {
  (void)state;
  scratch_write("y/images/1.jpg", "");
  scratch_write("y/images/2.jpg", "");
  scratch_write("y/images/3.jpg", "");
  scratch_write("y/images/4.jpg", "");
  scratch_write("y/labels/1.txt", "0 .5 .5 .1 .1\n\n1 .5 .5 .1\n");
  scratch_write("y/labels/2.txt", "0 .5 .5 .1 .1\nnonsense\n");
  scratch_write("y/labels/3.txt", "7 .5 .5 .1 .1\n");
  char images[512], labels[512], names[512];
  snprintf(images, sizeof images, "%s", scratch("y/images"));
  snprintf(labels, sizeof labels, "%s", scratch("y/labels"));
  snprintf(names, sizeof names, "%s", scratch_write("y/names.txt", "cat\ndog\n"));
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\ndog,1\n");
  open_format("yolo", images, labels, NULL, classes, CHECKROB_ERROR_INVALID_ARGUMENT);
  assert_sentence("set the option names");
  checkrob_dataset *dataset = open_format("yolo", images, labels, names, classes, CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "1.jpg", CHECKROB_OK, "cat");
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT, "labels/1.txt:3: the line has 3 numbers");
  assert_next(cursor, "2.jpg", CHECKROB_ERROR_BAD_INPUT, "labels/2.txt:2: the line begins with 'nonsense'");
  assert_next(cursor, "3.jpg", CHECKROB_ERROR_NO_OBJECT,
              "'class 7, which has no name'; correct the number, or name it");
  assert_next(cursor, "4.jpg", CHECKROB_ERROR_NOT_FOUND, "has no annotation 4.txt");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

/* ---- what labels may be ---- */

/* The labels 1.txt to 9.txt of one dataset, and what is said of it: data.yaml, or names.txt. */
static checkrob_dataset *open_labels(const char *const *labels, const char *names_file, const char *names,
                                     checkrob_status expected) {
  static checkrob_class_map *classes;
  static char images[512], folder[512], path[512];
  scratch_remove(scratch("l"));
  for (size_t i = 0; labels[i]; i++) {
    char name[64];
    snprintf(name, sizeof name, "l/images/%zu.jpg", i + 1);
    scratch_write(name, "");
    snprintf(name, sizeof name, "l/labels/%zu.txt", i + 1);
    scratch_write(name, labels[i]);
  }
  snprintf(images, sizeof images, "%s", scratch("l/images"));
  snprintf(folder, sizeof folder, "%s", scratch("l/labels"));
  snprintf(path, sizeof path, "%s", scratch_write(names_file, names));
  checkrob_class_map_free(classes);
  classes = scratch_classes("name,index\ncat,0\ndog,1\n");
  checkrob_dataset *dataset = open_format("yolo", images, folder, path, classes, expected);
  if (expected) {
    checkrob_class_map_free(classes);
    classes = NULL;
  }
  return dataset;
}

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The only shape of the first image. */
static shape first_shape(checkrob_dataset *dataset) {
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *sample = next_sample(cursor);
  if (checkrob_sample_status(sample)) fail_msg("%s", checkrob_sample_message(sample));
  assert_int_equal(checkrob_sample_regions(sample)->count, 1);
  shape s = checkrob_sample_regions(sample)->shapes[0];
  checkrob_sample_free(sample);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  return s;
}

static void assert_is_the_box(checkrob_dataset *dataset) {
  shape s = first_shape(dataset);
  assert_int_equal(s.kind, SHAPE_BOX);
  assert_true(fabs(s.box.x1 - .4) < 1e-9 && fabs(s.box.y1 - .3) < 1e-9 && fabs(s.box.x2 - .6) < 1e-9 &&
              fabs(s.box.y2 - .7) < 1e-9);
}

static void assert_is_a_polygon(checkrob_dataset *dataset) {
  assert_int_equal(first_shape(dataset).kind, SHAPE_POLYGON);
}

static void assert_first_fails(checkrob_dataset *dataset, const char *message) {
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT, message);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
}

#define BOX "0 .5 .5 .2 .4 "
#define PREDICTED BOX ".42 .32 .9 .58 .68 .8 .5 .5 .1"
#define NAMES "names: [cat, dog]\n"

static void keypoints_are_no_corners(void **state) {
  (void)state;
  /* said by data.yaml */
  assert_is_the_box(
      open_labels(LABELS(BOX ".42 .32 .58 .68"), "d.yaml", NAMES "kpt_shape: [2, 2]\n", CHECKROB_OK));
  assert_is_the_box(
      open_labels(LABELS(BOX ".42 .32 2 .58 .68 0.0"), "d.yaml", NAMES "kpt_shape: [2, 3]", CHECKROB_OK));
  assert_is_the_box(open_labels(LABELS(BOX), "d.yaml", NAMES "kpt_shape: [2, 3]", CHECKROB_OK));
  assert_first_fails(
      open_labels(LABELS(BOX ".42 .32 .58 .68"), "d.yaml", NAMES "kpt_shape: [2, 3]", CHECKROB_OK),
      "has 8 numbers after its class, but a box with 2 keypoints of 3 numbers has 10");
  static const char *const broken[] = {"kpt_shape: 17\n", "kpt_shape: [17]\n", "kpt_shape: [17, 4]\n",
                                       "kpt_shape: [0, 2]\n", "kpt_shape: [a, 2]\n"};
  for (size_t i = 0; i < COUNT(broken); i++) {
    char yaml[128];
    snprintf(yaml, sizeof yaml, "%s" NAMES, broken[i]);
    open_labels(LABELS(BOX), "d.yaml", yaml, CHECKROB_ERROR_BAD_INPUT);
    assert_sentence("d.yaml: kpt_shape must be");
  }
  open_labels(LABELS(BOX), "d.yaml", NAMES "task: pose\n", CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("d.yaml has the task pose, but no kpt_shape");
}

/* Visibilities, or polygons that cross themselves, in all lines. */
static void keypoints_are_recognised(void **state) {
  (void)state;
  static const char *const files[] = {"d.yaml", "n.txt"}, *const names[] = {NAMES, "cat\ndog\n"};
  for (size_t i = 0; i < 2; i++) {
    const char *file = files[i], *text = names[i];
    assert_is_the_box(
        open_labels(LABELS(BOX ".42 .32 2 .58 .68 1\n", BOX "0 0 0 .5 .6 2\n"), file, text, CHECKROB_OK));
    assert_is_the_box(
        open_labels(LABELS(BOX ".42 .32 1 .58 .68 1\n"), file, text, CHECKROB_OK)); /* 10 numbers */
    assert_is_the_box(
        open_labels(LABELS(PREDICTED, PREDICTED, PREDICTED), file, text, CHECKROB_OK)); /* predicted */
    assert_is_the_box(
        open_labels(LABELS(BOX ".42 .32 .58 .68 .42 .68 .58 .32\n", BOX ".41 .4 .6 .4 .45 .6 .57 .32\n"),
                    file, text, CHECKROB_OK));
  }
}

static void corners_remain_corners(void **state) {
  (void)state;
  static const char *const files[] = {"d.yaml", "n.txt"}, *const names[] = {NAMES, "cat\ndog\n"};
  for (size_t i = 0; i < 2; i++) {
    const char *file = files[i], *text = names[i];
    assert_is_a_polygon(open_labels(LABELS("0 .1 .2 .3 .2 .1 .6"), file, text, CHECKROB_OK));
    /* lines of different lengths, which all would fit a box */
    assert_is_a_polygon(
        open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .4 .6", "0 .4 .4 .6 .4 .6 .6"), file, text, CHECKROB_OK));
    /* oriented boxes */
    assert_is_a_polygon(open_labels(LABELS("0 .1 .2 .3 .1 .35 .3 .15 .4", "1 .7 .7 .9 .7 .9 .9 .7 .9"), file,
                                    text, CHECKROB_OK));
    assert_is_a_polygon(open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .4 .6",
                                           "0 .3 .4 .6 .4 .6 .6 .4 .6\n0 .4 .4 .5 .4 .5 .5 .4 .5\n"
                                           "0 .4 .4 .6 .4 .6 .6 .4 .6\n0 .3 .4 .6 .4 .6 .6 .4 .6\n"),
                                    file, text, CHECKROB_OK));
    assert_is_a_polygon(open_labels(LABELS("0 .4 .4 .5 .35 .6 .4 .6 .6 .4 .6"), file, text, CHECKROB_OK));
  }
  /* data.yaml without kpt_shape says that they are corners; a list of names says nothing */
  assert_is_a_polygon(open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .4 .6"), "d.yaml", NAMES, CHECKROB_OK));
  assert_is_a_polygon(open_labels(LABELS("0 .4 .4 .6 .4 .6 .6"), "d.yaml", NAMES, CHECKROB_OK));
  open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .4 .6"), "n.txt", "cat\n", CHECKROB_ERROR_BAD_INPUT);
  assert_sentence(
      "have 8 numbers after the class, which may be 4 corners, or a box and 2 keypoints; use a data.yaml");
  assert_is_a_polygon(
      open_labels(LABELS(BOX ".42 .32 1 .58 .68 1 .5 .5"), "d.yaml", NAMES "task: segment\n", CHECKROB_OK));
}

static void predictions_are_refused(void **state) {
  (void)state;
  assert_first_fails(
      open_labels(LABELS(BOX ".87"), "n.txt", "cat\n", CHECKROB_OK),
      "has 5 numbers after its class: a box, and a number that may be a confidence or an angle");
  assert_first_fails(open_labels(LABELS(BOX ".87 1"), "n.txt", "cat\n", CHECKROB_OK),
                     "ends in the number of a track");
  assert_first_fails(open_labels(LABELS(BOX ".87 1\n" BOX ".5 12\n"), "d.yaml", NAMES, CHECKROB_OK),
                     "ends in the number of a track");
  assert_first_fails(open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .87 3\n", "0 .4 .4 .6 .4 .6 .6 .5 .7 .5 1\n"),
                                 "d.yaml", NAMES, CHECKROB_OK),
                     "ends in the number of a track");
  assert_first_fails(open_labels(LABELS("0 .4 .4 .6 .4 .6 .6 .87\n"), "d.yaml", NAMES, CHECKROB_OK),
                     "has 7 numbers after its class; a box has four");
  assert_first_fails(
      open_labels(LABELS(BOX "\n0 .4 .4 .6 .4 .6 7\n1 .1 .1 .4 .4 .4 .1\n"), "d.yaml", NAMES, CHECKROB_OK),
      "1.txt:2: the line ends in 7, which may be the number of a track");
}

/* As CVAT writes them. Without data.yaml the number may be an angle. */
static void tracks_are_no_part_of_the_shape(void **state) {
  (void)state;
  assert_is_the_box(open_labels(LABELS(BOX "12", BOX "1", BOX), "d.yaml", NAMES, CHECKROB_OK));
  assert_is_the_box(
      open_labels(LABELS(BOX ".42 .32 .58 .68 7"), "d.yaml", NAMES "kpt_shape: [2, 2]\n", CHECKROB_OK));
  assert_is_a_polygon(open_labels(LABELS("0 .1 .2 .3 .2 .1 .6 12"), "d.yaml", NAMES, CHECKROB_OK));
  assert_first_fails(open_labels(LABELS(BOX "45"), "n.txt", "cat\n", CHECKROB_OK),
                     "has 5 numbers after its class");
  assert_first_fails(open_labels(LABELS("0 .5 .5 .2 1.2"), "n.txt", "cat\n", CHECKROB_OK),
                     "cut off what is beyond");
}

static void labels_of_editors_are_read_or_named(void **state) {
  (void)state;
  assert_is_the_box(open_labels(LABELS("\xef\xbb\xbf" BOX "\r\n"), "n.txt",
                                "\xef\xbb\xbf"
                                "cat\ndog\n",
                                CHECKROB_OK));
  scratch_write("names.yaml", "");
  checkrob_dataset *dataset = open_labels(LABELS(BOX, BOX), "d.yaml", "\xef\xbb\xbf" NAMES, CHECKROB_OK);
  const char utf16[] =
      "\xff\xfe"
      "0\0 \0.\0"
      "5\0",
             zero[] = BOX "\n\0";
  scratch_write_bytes("l/labels/1.txt", utf16, sizeof utf16 - 1);
  scratch_write_bytes("l/labels/2.txt", zero, sizeof zero - 1);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT,
              "labels/1.txt is UTF-16 text; save the file as UTF-8");
  assert_next(cursor, "2.jpg", CHECKROB_ERROR_BAD_INPUT, "labels/2.txt:2: a byte is 0");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  open_labels(LABELS(BOX), "n.txt", "cat\ncaf\xe9\n", CHECKROB_ERROR_BAD_INPUT);
  assert_sentence("n.txt:2: not UTF-8 text; save the file as UTF-8");
}

/* Beside the labels, or a list of Darknet's with another folder in front. */
static void exports_have_other_text_files(void **state) {
  (void)state;
  scratch_write("o/obj_train_data/1.jpg", "");
  scratch_write("o/obj_train_data/1.txt", BOX);
  scratch_write("o/obj_train_data/2.jpg", "");
  scratch_write("o/obj_train_data/2.txt", BOX);
  scratch_write("o/classes.txt", "cat\n");
  scratch_write("o/README.dataset.txt", "about");
  scratch_write("o/train.txt", "data/obj_train_data/1.jpg\n..\\obj_train_data\\2.jpg\nval/2.jpg\nCAT.jpg\n");
  scratch_write("o/obj_train_data/cat.jpg", "");
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  for (int listed = 0; listed < 2; listed++) {
    checkrob_dataset *dataset = NULL;
    must(open_dataset(&dataset,
                      OPTIONS("dataset", "yolo", "images", scratch("o"), "annotations", scratch("o"), "names",
                              scratch("o/classes.txt"), "list", listed ? scratch("o/train.txt") : NULL),
                      classes));
    checkrob_cursor *cursor = walk(dataset);
    if (listed)
      assert_next(cursor, "CAT.jpg", CHECKROB_ERROR_NOT_FOUND,
                  "or add the image; did you mean obj_train_data/cat.jpg?");
    assert_next(cursor, "obj_train_data/1.jpg", CHECKROB_OK, "cat");
    assert_next(cursor, "obj_train_data/2.jpg", CHECKROB_OK, "cat");
    if (listed)
      assert_next(cursor, "val/2.jpg", CHECKROB_ERROR_NOT_FOUND, "there is no image val/2.jpg below");
    else
      assert_next(cursor, "cat.jpg", CHECKROB_ERROR_NOT_FOUND, "has no annotation cat.txt");
    checkrob_sample *none = NULL;
    assert_int_equal(checkrob_cursor_next(&none, cursor), CHECKROB_END);
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
  checkrob_class_map_free(classes);
}

/* ---- manifests ---- */

static void a_manifest_names_images_and_boxes(void **state) {
  (void)state;
  scratch_write("m/images/a/1.jpg", "");
  scratch_write("m/images/2.jpg", "");
  scratch_write("m/images/b/3.jpg", "");
  scratch_write("m/images/c/3.jpg", "");
  char images[512], path[512];
  snprintf(images, sizeof images, "%s", scratch("m/images"));
  snprintf(path, sizeof path, "%s",
           scratch_write("m/m.csv",
                         "image,class,x1,y1,x2,y2\n2.jpg,cat,9,9,9,20\n1.jpg,dog,0,0,5,5\n"
                         "1.jpg,cat,1,2,3.5,4\n\"2.jpg\",dog,1,x,3,4\n1.jpg,dog,5,5,9,9\n3.jpg,cat,1,1,2,2\n"
                         "4.jpg,cat,1,1,2,2\nb/3.jpg,cat,,,,\n"));
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\ndog,1\n");
  checkrob_dataset *dataset = open_format("manifest", images, path, NULL, classes, CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  assert_next(cursor, "2.jpg", CHECKROB_ERROR_BAD_INPUT,
              "m.csv:2: an object of 'cat' has an empty or inverted box");
  assert_next(cursor, "2.jpg", CHECKROB_ERROR_BAD_INPUT, "m.csv:5: an object of 'dog' has the corner 'x'");
  assert_next(cursor, "3.jpg", CHECKROB_ERROR_NOT_FOUND, "there are 2 images named 3.jpg");
  assert_next(cursor, "4.jpg", CHECKROB_ERROR_NOT_FOUND, "m.csv:8: the image 4.jpg is not below");
  assert_next(cursor, "a/1.jpg", CHECKROB_OK, "cat");
  checkrob_sample *dog = next_sample(cursor);
  assert_int_equal(checkrob_regions_count(checkrob_sample_regions(dog)), 2);
  checkrob_sample_free(dog);
  assert_next(cursor, "b/3.jpg", CHECKROB_ERROR_BAD_INPUT, "has no box");
  assert_next(cursor, "c/3.jpg", CHECKROB_ERROR_NOT_FOUND, "is not in ");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  static const char *const broken[][2] = {
      {"", "is empty"},
      {"image,x1\n", "is neither"},
      {"image,class,x1,y1,x2,y2\na,b,1\n", ":2: the line has 3 fields, but the header has 6"},
      {"image,class,mask\n,b,c\n", "the image's name is empty"}};
  for (size_t i = 0; i < COUNT(broken); i++) {
    scratch_write("m/m.csv", broken[i][0]);
    open_format("manifest", images, path, NULL, classes, CHECKROB_ERROR_BAD_INPUT);
    assert_sentence(broken[i][1]);
  }
  checkrob_class_map_free(classes);
}

static void a_manifest_names_masks(void **state) {
  (void)state;
  uint8_t pixels[6 * 4 * 3] = {0};
  pixels[3 * (6 * 1 + 2) + 1] = 1; /* not black, if hardly */
  checkrob_image *mask = NULL;
  must(checkrob_image_from_rgb(&mask, pixels, 6, 4));
  scratch_write("k/images/1.jpg", "");
  scratch_folder("k/masks");
  must(checkrob_image_write_png(mask, scratch("k/masks/1.png")));
  memset(pixels, 0, sizeof pixels);
  checkrob_image_free(mask);
  must(checkrob_image_from_rgb(&mask, pixels, 6, 4));
  must(checkrob_image_write_png(mask, scratch("k/masks/black.png")));
  checkrob_image_free(mask);
  char images[512], path[512];
  snprintf(images, sizeof images, "%s", scratch("k/images"));
  snprintf(path, sizeof path, "%s",
           scratch_write("k/m.csv",
                         "image,class,mask\n1.jpg,cat,masks/1.png\n1.jpg,dog,masks/black.png\n"
                         "1.jpg,cow,masks/none.png\n1.jpg,hen,\n"));
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\ndog,1\ncow,2\nhen,3\n");
  checkrob_dataset *dataset = open_format("manifest", images, path, NULL, classes, CHECKROB_OK);
  checkrob_cursor *cursor = walk(dataset);
  checkrob_sample *cat = next_sample(cursor);
  double box[4];
  must(checkrob_regions_box(box, checkrob_sample_regions(cat), 0));
  assert_true(box[0] == 2 && box[1] == 1 && box[2] == 3 && box[3] == 2);
  checkrob_sample_free(cat);
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT, "completely black");
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT, "can't be read: ");
  assert_next(cursor, "1.jpg", CHECKROB_ERROR_BAD_INPUT, "has no mask");
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
}

/* Windows' slashes, shares instead of pixels, and names that look alike. */
static void a_manifest_of_another_program_is_read_or_named(void **state) {
  (void)state;
  uint8_t pixels[4 * 3] = {0, 0, 0, 255};
  checkrob_image *mask = NULL;
  must(checkrob_image_from_rgb(&mask, pixels, 2, 2));
  scratch_write("w/images/a/1.jpg", "");
  scratch_write("w/images/b/1.jpg", "");
  scratch_write("w/images/Photo.JPG", "");
  scratch_folder("w/masks");
  must(checkrob_image_write_png(mask, scratch("w/masks/1.png")));
  checkrob_image_free(mask);
  char images[512];
  snprintf(images, sizeof images, "%s", scratch("w/images"));
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  const char *path = scratch_write("w/m.csv",
                                   "\xef\xbb\xbfimage,class,x1,y1,x2,y2\r\nset\\b\\1.jpg,cat,0,0,1,1\r\n"
                                   "a\\1.jpg,cat,.1,.2,.5,1\r\nphoto.jpg,cat,1,1,2,2\r\n");
  for (int masks = 0; masks < 2; masks++) {
    if (masks) path = scratch_write("w/m.csv", "image,class,mask\na\\1.jpg,cat,masks\\1.png\n");
    checkrob_dataset *dataset = open_format("manifest", images, path, NULL, classes, CHECKROB_OK);
    checkrob_cursor *cursor = walk(dataset);
    assert_next(cursor, "Photo.JPG", CHECKROB_ERROR_NOT_FOUND,
                masks ? "remove the image" : "did you mean photo.jpg?");
    assert_next(cursor, "a/1.jpg", masks ? CHECKROB_OK : CHECKROB_ERROR_BAD_INPUT,
                masks ? "cat" : "has a box within 0 to 1");
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
  checkrob_class_map_free(classes);
}

/* In every format that has other shapes, not in COCO alone. */
static void boxes_may_be_all_that_counts(void **state) {
  (void)state;
  a_manifest_names_masks(state); /* k/m.csv: a mask of one pixel */
  scratch_write("p/images/1.jpg", "");
  scratch_write("p/labels/1.txt", "0 0.1 0.2 0.3 0.2 0.1 0.6\n");
  scratch_write("p/names.txt", "cat\n");
  checkrob_class_map *classes = scratch_classes("name,index\ncat,0\n");
  for (int yolo = 0; yolo < 2; yolo++) {
    checkrob_dataset *dataset = NULL;
    must(open_dataset(
        &dataset,
        OPTIONS("dataset", yolo ? "yolo" : "manifest", "images", scratch(yolo ? "p/images" : "k/images"),
                "annotations", scratch(yolo ? "p/labels" : "k/m.csv"), "names", scratch("p/names.txt"),
                "regions", "boxes"),
        classes));
    checkrob_cursor *cursor = walk(dataset);
    checkrob_sample *sample = next_sample(cursor);
    assert_int_equal(checkrob_sample_regions(sample)->count, 1);
    const shape *s = &checkrob_sample_regions(sample)->shapes[0];
    assert_int_equal(s->kind, SHAPE_BOX);
    if (yolo) assert_true(s->box.x1 == 0.1 && s->box.y1 == 0.2 && s->box.x2 == 0.3 && s->box.y2 == 0.6);
    checkrob_sample_free(sample);
    checkrob_cursor_free(cursor);
    checkrob_dataset_free(dataset);
  }
  checkrob_class_map_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_boxes_are_the_same_regions),
      cmocka_unit_test(labels_are_read_or_told),
      cmocka_unit_test(names_come_in_every_form),
      cmocka_unit_test(a_bad_label_fails_its_class),
      cmocka_unit_test(keypoints_are_no_corners),
      cmocka_unit_test(keypoints_are_recognised),
      cmocka_unit_test(corners_remain_corners),
      cmocka_unit_test(predictions_are_refused),
      cmocka_unit_test(tracks_are_no_part_of_the_shape),
      cmocka_unit_test(labels_of_editors_are_read_or_named),
      cmocka_unit_test(exports_have_other_text_files),
      cmocka_unit_test(a_manifest_names_images_and_boxes),
      cmocka_unit_test(a_manifest_names_masks),
      cmocka_unit_test(a_manifest_of_another_program_is_read_or_named),
      cmocka_unit_test(boxes_may_be_all_that_counts),
  };
  return cmocka_run_group_tests_name("formats", tests, scratch_setup, scratch_teardown);
}
