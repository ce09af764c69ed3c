/* The command, from outside: what it prints, what it writes, how it exits. Runs on examples/planted, so that
 * it needs nothing that is not in the repository. */
#include "support/folder.h"
#include "support/golden_data.h"
#include "support/index_png.h"
#include "support/test.h"

#include <jansson.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define PLANTED CHECKROB_TEST_DATA "/../examples/planted"

typedef struct outcome {
  int code;
  char *out, *err;
} outcome;

static char *folder; /* of the test at hand */

static char *slurp(const char *name) {
  char *path = folder_path(folder, name);
  FILE *file = fopen(path, "rb");
  free(path);
  assert_non_null(file);
  static const size_t most = 1 << 22;
  char *text = malloc(most);
  assert_non_null(text);
  text[fread(text, 1, most - 1, file)] = '\0';
  fclose(file);
  return text;
}

/* Runs `checkrob ARGUMENTS` by the shell, in the test's folder. */
static outcome run(const char *arguments) {
  char line[8192];
  const char *command = getenv("CHECKROB_COMMAND");
  assert_non_null(command);
  int length = snprintf(line, sizeof line, "cd %s && %s %s >stdout 2>stderr", folder, command, arguments);
  assert_true(length > 0 && (size_t)length < sizeof line);
  int status = system(line);
  assert_true(WIFEXITED(status));
  outcome o = {WEXITSTATUS(status), slurp("stdout"), slurp("stderr")};
  return o;
}

static void outcome_free(outcome *o) {
  free(o->out);
  free(o->err);
}

static void expect(const char *arguments, int code, const char *in_out, const char *in_err) {
  outcome o = run(arguments);
  if (o.code != code || !strstr(o.out, in_out) || !strstr(o.err, in_err))
    fail_msg(
        "checkrob %s\nexit code %d, expected %d\nstdout (expected '%s'):\n%s\nstderr (expected '%s'):\n%s",
        arguments, o.code, code, in_out, o.out, in_err, o.err);
  outcome_free(&o);
}

static int setup(void **state) {
  (void)state;
  folder = folder_new();
  folder_make(folder, "images");
  folder_make(folder, "annotations");
  return 0;
}

static int teardown(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

#define MODEL "--model " PLANTED "/model.pt --preprocess " PLANTED "/preprocess.json "
#define CLASSES "--classes " PLANTED "/classes.csv "
#define NO_NUMBERS ",,,,,,,,,,,,,,,,," /* of a sample that could not be evaluated, in images.csv */
#define OWN "--dataset voc --images images --annotations annotations "
#define SCENES \
  "--dataset voc --images " PLANTED "/scenes/images --annotations " PLANTED "/scenes/annotations "

static void take_scene(const char *name) {
  char line[4096];
  snprintf(line, sizeof line,
           "cp %s/scenes/images/%s.png %s/images/ && cp %s/scenes/annotations/%s.xml %s/annotations/",
           PLANTED, name, folder, PLANTED, name, folder);
  assert_int_equal(system(line), 0);
}

static size_t count_lines(const char *text) {
  size_t lines = 0;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

/* The line of a CSV that starts with `start`; fails the test when there is none. */
static char *line_of(const char *name, const char *start) {
  char *text = slurp(name), *line = NULL;
  for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
    if (strncmp(at, start, strlen(start)) == 0) line = at;
  if (!line) fail_msg("%s has no line that starts with '%s'", name, start);
  char *copy = strdup(line);
  free(text);
  return copy;
}

static void expect_line(const char *name, const char *start, const char *part) {
  char *line = line_of(name, start);
  if (!strstr(line, part)) fail_msg("%s: '%s' does not hold '%s'", name, line, part);
  free(line);
}

/* ---- the command line ---- */

static void test_help_and_usage(void **state) {
  (void)state;
  expect("--help", 0, "Usage: checkrob COMMAND", "");
  expect("score --help", 0, "Usage: checkrob score", "");
  expect("layers --help", 0, "Usage: checkrob layers", "");
  expect("explain --help", 0, "Usage: checkrob explain", "");
  expect("--version", 0, "checkrob 0.", "");
  expect("", 2, "", "no command given");
  expect("scroe", 2, "", "there is no command 'scroe'");
  expect("score", 2, "", "--model is missing");
  expect("score --nonsense", 2, "", "Try 'checkrob score --help'");
  expect("score " MODEL SCENES CLASSES "--out o --batch 0", 2, "",
         "--batch '0' is not a whole number from 1 to 4096");
  expect("score " MODEL SCENES CLASSES "--out o --profile papre", 2, "", "there is no profile 'papre'");
  expect("score " MODEL SCENES CLASSES "--out o --method grad", 2, "", "there is no saliency method 'grad'");
  expect("score " MODEL CLASSES "--dataset tfrecord --images . --annotations . --out o", 2, "", "tfrecord");
  expect("score " MODEL SCENES CLASSES "--out o extra", 2, "", "'extra' is no option");
  expect("explain --model m.pt", 2, "", "--image is missing");
}

/* ---- layers ---- */

static void test_layers(void **state) {
  (void)state;
  outcome o = run("layers " MODEL);
  assert_int_equal(o.code, 0);
  assert_non_null(strstr(o.out, "\n* "));
  assert_non_null(strstr(o.out, "Conv2d"));
  assert_non_null(strstr(o.out, "10 outputs"));
  outcome_free(&o);
}

/* ---- score ---- */

static void check_summary(void) {
  char *text = slurp("o/summary.json");
  json_t *summary = json_loads(text, 0, NULL);
  free(text);
  assert_non_null(summary);
  assert_true(json_is_true(json_object_get(summary, "complete")));
  json_t *totals = json_object_get(summary, "totals"), *options = json_object_get(summary, "options");
  assert_int_equal(json_integer_value(json_object_get(totals, "evaluated")), 200);
  assert_int_equal(json_integer_value(json_object_get(totals, "failed")), 0);
  assert_int_equal(json_integer_value(json_object_get(options, "batch")), 7);
  assert_string_equal(json_string_value(json_object_get(options, "method")), "gradcam");
  assert_true(json_real_value(json_object_get(json_object_get(summary, "timing"), "seconds")) > 0);
  json_decref(summary);
}

static void test_score_writes_all_results(void **state) {
  (void)state;
  expect("score " MODEL SCENES CLASSES "--out o --batch 7 --method gradcam --threads 1", 0,
         "200 of 200 samples evaluated", "");
  char *images = slurp("o/images.csv"), *classes = slurp("o/classes.csv");
  static const char header[] =
      "image,class,index,rs,region_share,logit,probability,rank,hit,predicted,rs0,ers,lift,contrast,"
      "pointing_game,rank_accuracy,top_k_intersection,attribution_localisation,auc,iou,status,message\n";
  static const char class_header[] =
      "class,index,images,failed,acc,crs,crs_low,crs_high,area,rs0,ers,ers_low,ers_high,lift,contrast,"
      "robustness,robustness_low,robustness_high,p,q,needed,pointing_game,rank_accuracy,top_k_intersection,"
      "attribution_localisation,auc,iou,recognised,verdict,reason\n";
  assert_memory_equal(images, header, sizeof header - 1);
  assert_memory_equal(classes, class_header, sizeof class_header - 1);
  assert_int_equal(count_lines(images), 201);
  assert_int_equal(count_lines(classes), 11);
  double last = -INFINITY;
  strtok(classes, "\n");
  for (char *line; (line = strtok(NULL, "\n"));) {
    double accuracy, robustness;
    assert_int_equal(
        sscanf(line,
               "%*[^,],%*d,20,0,%lf,%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],"
               "%*[^,],%lf",
               &accuracy, &robustness),
        2);
    assert_true(robustness >= last && accuracy > 0.8);
    last = robustness;
  }
  free(images);
  free(classes);
  check_summary();
}

static void test_results_do_not_depend_on_batch_and_threads(void **state) {
  (void)state;
  expect("score " MODEL SCENES CLASSES "--out a --batch 1 --threads 1", 0, "", "");
  expect("score " MODEL SCENES CLASSES "--out b --batch 64 --threads 2", 0, "", "");
  char *a = slurp("a/images.csv"), *b = slurp("b/images.csv");
  char *a_next, *b_next, *a_line = strtok_r(a, "\n", &a_next), *b_line = strtok_r(b, "\n", &b_next);
  size_t rows = 0;
  while ((a_line = strtok_r(NULL, "\n", &a_next)) && (b_line = strtok_r(NULL, "\n", &b_next))) {
    char a_name[64], b_name[64];
    double a_rs, b_rs;
    assert_int_equal(sscanf(a_line, "%63[^,],%*[^,],%*d,%lf", a_name, &a_rs), 2);
    assert_int_equal(sscanf(b_line, "%63[^,],%*[^,],%*d,%lf", b_name, &b_rs), 2);
    assert_string_equal(a_name, b_name);
    assert_true(fabs(a_rs - b_rs) < 1e-4); /* float32 sums in another order */
    rows++;
  }
  assert_int_equal(rows, 200);
  free(a);
  free(b);
}

static void test_imagenet_layout(void **state) {
  (void)state;
  char line[4096];
  snprintf(line, sizeof line,
           "cd %s && for c in coat bag; do mkdir images/$c annotations/$c && cp "
           "%s/scenes/images/${c}_00*.png images/$c && "
           "cp %s/scenes/annotations/${c}_00*.xml annotations/$c; done",
           folder, PLANTED, PLANTED);
  assert_int_equal(system(line), 0);
  expect("score " MODEL CLASSES "--dataset imagenet --images images --annotations annotations --out o", 0,
         "20 of 20 samples evaluated", "");
  expect_line("o/images.csv", "bag/bag_003.png,bag,8,", ",ok,");
}

/* ---- what goes wrong with single images: named, counted, and never the end ---- */

static void write_annotation(const char *name, const char *box) {
  char text[512];
  snprintf(text, sizeof text,
           "<annotation><object><name>coat</name><bndbox>%s</bndbox></object></annotation>", box);
  file_write_text(folder, name, text);
}

/* A PNG whose header promises 20000 x 20000 pixels, with an empty chunk of them. */
static void write_huge_png(const char *name) {
  unsigned char png[45] = {0x89, 'P', 'N', 'G',  '\r', '\n', 0x1a, '\n', 0,    0, 0, 13, 'I', 'H', 'D',
                           'R',  0,   0,   0x4e, 0x20, 0,    0,    0x4e, 0x20, 8, 2, 0,  0,   0};
  uLong crc = crc32(0, png + 12, 17);
  for (size_t i = 0; i < 4; i++) png[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
  memcpy(png + 37, "IDAT\x35\xaf\x06\x1e", 8);
  file_write(folder, name, png, sizeof png);
}

#define GOOD_BOX "<xmin>5</xmin><ymin>5</ymin><xmax>20</xmax><ymax>20</ymax>"

static void write_bad_images(void) {
  take_scene("coat_000");
  take_scene("coat_001");
  file_truncate(folder, "images/coat_001.png", file_size(folder, "images/coat_001.png") / 2);
  take_scene("coat_002");
  file_write(folder, "images/coat_002.png", "", 0);
  write_huge_png("images/huge.png");
  write_annotation("annotations/huge.xml", GOOD_BOX);
  take_scene("coat_003");
  file_truncate(folder, "annotations/coat_003.xml", file_size(folder, "annotations/coat_003.xml") / 2);
  take_scene("coat_004");
  write_annotation("annotations/coat_004.xml", "<xmin>30</xmin><ymin>5</ymin><xmax>20</xmax><ymax>20</ymax>");
  take_scene("coat_005");
  write_annotation("annotations/coat_005.xml",
                   "<xmin>300</xmin><ymin>5</ymin><xmax>320</xmax><ymax>20</ymax>");
  write_annotation("annotations/lonely.xml", GOOD_BOX);
  take_scene("coat_006");
  char *annotation = folder_path(folder, "annotations/coat_006.xml");
  assert_int_equal(remove(annotation), 0);
  free(annotation);
  file_write_text(folder, "images/words.jpg", "this is no picture, whatever its name says");
  write_annotation("annotations/words.xml", GOOD_BOX);
}

static void test_bad_images_are_named_and_counted(void **state) {
  (void)state;
  write_bad_images();
  expect("score " MODEL OWN CLASSES "--out o", 0, "1 of 10 samples evaluated",
         "9 of 10 samples could not be evaluated");
  expect_line("o/images.csv", "coat_000.png,coat,4,", ",ok,");
  expect_line("o/images.csv", "coat_001.png,coat,4," NO_NUMBERS "bad_input,", "truncated");
  expect_line("o/images.csv", "coat_002.png,coat,4," NO_NUMBERS "bad_input,", "is empty");
  expect_line("o/images.csv", "huge.png,coat,4," NO_NUMBERS "limit,", "20000");
  expect_line("o/images.csv", "coat_003.png,,," NO_NUMBERS "bad_input,", "coat_003.xml");
  expect_line("o/images.csv", "coat_004.png,", "inverted");
  expect_line("o/images.csv", "coat_005.png,", "outside");
  expect_line("o/images.csv", "coat_006.png,,," NO_NUMBERS "not_found,", "coat_006");
  expect_line("o/images.csv", "words.jpg,coat,4," NO_NUMBERS "unsupported,", "words.jpg");
  expect_line("o/images.csv", "lonely", "lonely.xml");
  char *row = line_of("o/classes.csv", "coat,4,1,");
  free(row);
}

static void test_check_finds_what_is_wrong(void **state) {
  (void)state;
  expect("check " SCENES CLASSES, 0,
         "200 images and annotations read: 200 samples can be measured, 0 findings", "");
  expect("check " SCENES CLASSES "--min-images 21", 5, "classes with few images: 10", "");
  write_bad_images();
  take_scene("boot_000");
  char line[2048];
  snprintf(line, sizeof line,
           "cd %s && cp images/coat_000.png images/twin.png && ln -s coat_000.xml "
           "annotations/twin.xml && sed -i s/boot/wellington/ annotations/boot_000.xml",
           folder);
  assert_int_equal(system(line), 0);
  outcome o = run("check " OWN CLASSES "--all");
  assert_int_equal(o.code, 5);
  static const char *const parts[] = {"can't be measured: 10\n",
                                      "coat_001.png is a truncated PNG",
                                      "coat_002.png is empty",
                                      "coat_003.xml",
                                      "an inverted box",
                                      "outside the image",
                                      "has no annotation coat_006.xml",
                                      "annotation lonely.xml has no image",
                                      "huge.png",
                                      "wellington: is in 1 image, and not in the class map",
                                      "twin.png: has the same pixels as coat_000.png",
                                      "coat: has 2 images that can be measured; 10 are wanted",
                                      "12 images and annotations read: 2 samples can be measured, "};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (!strstr(o.out, parts[i])) fail_msg("'%s' is not in:\n%s", parts[i], o.out);
  outcome_free(&o);
  expect("check " OWN CLASSES "--min-images x", 2, "", "--min-images 'x'");
  expect("check --dataset voc --images none --annotations none " CLASSES, 1, "",
         "there is no images folder none");
}

static int is_number(const char *text) {
  return (*text >= '0' && *text <= '9') || (*text == '-' && text[1] >= '0' && text[1] <= '9');
}

/* The same text but for numbers that differ by rounding: shards put other images in one batch, whose sums
 * libtorch adds up in another order, differently so on each processor. One unit of the last digit, and 1e-4
 * of the number. */
static void assert_same_but_for_rounding(const char *one, const char *other) {
  while (*one || *other) {
    if (!is_number(one) || !is_number(other)) {
      if (*one != *other) fail_msg("'%.60s' instead of '%.60s'", other, one);
      one++;
      other++;
      continue;
    }
    char *one_end, *other_end;
    double first = strtod(one, &one_end), second = strtod(other, &other_end);
    const char *point = memchr(one, '.', (size_t)(one_end - one));
    double unit = point ? pow(10, -(double)(one_end - point - 1)) : 1.0;
    if (fabs(first - second) > 1.01 * unit + 1e-4 * fabs(first))
      fail_msg("'%.60s' instead of '%.60s'", other, one);
    one = one_end;
    other = other_end;
  }
}

/* The same scenes by a manifest, in two shards, merged, exported and compared with the whole by XML. */
static void test_shards_formats_and_comparison(void **state) {
  (void)state;
  char *path = folder_path(folder, "make.sh"), line[4096];
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(
      "echo image,class,x1,y1,x2,y2\n"
      "for x in \"$1\"/scenes/annotations/*.xml; do\n"
      "  n=$(basename $x .xml)\n"
      "  set -- \"$1\" $(grep -o '<[xy]m[a-z]*>[0-9]*' $x | grep -o '[0-9]*$')\n"
      "  echo $n.png,${n%_*},$(($2 - 1)),$(($3 - 1)),$4,$5\n"
      "done\n",
      file);
  fclose(file);
  snprintf(line, sizeof line, "cd %s && sh %s %s > m.csv", folder, path, PLANTED);
  free(path);
  assert_int_equal(system(line), 0);
#define BY_MANIFEST "--dataset manifest --images " PLANTED "/scenes/images --annotations m.csv "
  expect("score " MODEL SCENES CLASSES "--out whole", 0, "200 of 200 samples evaluated", "");
  expect("score " MODEL BY_MANIFEST CLASSES "--out a --shard 1/2", 0, "100 of 100 samples evaluated", "");
  expect("score " MODEL BY_MANIFEST CLASSES "--out b --shard 2/2", 0, "100 of 100 samples evaluated", "");
  expect("merge a/results.sqlite --out part.sqlite", 0, "100 samples", "part.sqlite is not complete");
  expect("merge b/results.sqlite a/results.sqlite --out m.sqlite", 0, "200 samples of 10 classes in m.sqlite",
         "");
  expect("export m.sqlite --as classes.csv --out m-classes.csv", 0, "", "");
  char *merged = slurp("m-classes.csv"), *whole = slurp("whole/classes.csv");
  assert_same_but_for_rounding(whole, merged);
  free(merged);
  free(whole);
  expect("compare whole/results.sqlite m.sqlite", 0,
         "RS by more than twice the error: better in 0, worse in 0; another verdict in 0",
         "the two differ in the images");
  expect("compare whole/results.sqlite", 2, "", "give two files of results");
  expect("export m.sqlite", 2, "", "--as is missing");
  expect("export m.sqlite --as m.xls", 2, "", "there is no export 'm.xls'");
  expect("export m.csv --as classes.csv", 1, "", "it is not a database");
  /* The folder that score wrote to stands for the file in it. */
  expect("compare whole a", 0, "another verdict in ", "the two differ in the part of the images (--shard)");
  expect("export a --as classes.csv --out a.csv", 0, "", "");
  expect("export a --as classes.csv --out a/results.sqlite", 1, "", "it is an input");
  expect("merge a --out half.sqlite", 0, "100 samples", "half.sqlite is not complete");
  expect("score " MODEL BY_MANIFEST CLASSES "--out none --shard 201/300", 0, "0 of 0 samples evaluated", "");
  expect("score " MODEL SCENES CLASSES "--out o --shard 3/2", 2, "", "--shard '3/2'");
  expect("score " MODEL SCENES CLASSES "--out o --ignore hard", 2, "",
         "there are difficult, truncated and crowd");
  expect("score " MODEL CLASSES "--dataset yolo --images . --annotations . --out o", 2, "",
         "--names is missing");
  expect("score " MODEL SCENES CLASSES "--out whole --method gradcam", 1, "",
         "method was gradcam++, and is gradcam; give another folder");
}

static void test_strict_stops_at_the_first_failure(void **state) {
  (void)state;
  write_bad_images();
  expect("score " MODEL OWN CLASSES "--out o --strict", 1, "", "--strict: coat_001.png: ");
  expect("score " MODEL OWN CLASSES "--out o", 0, "1 of 10 samples evaluated", "");
  expect("score " MODEL OWN CLASSES "--out o --strict", 1, "", /* kept, or not */
         "--strict: images/coat_001.png is a truncated PNG");
}

static void test_nothing_evaluated_has_its_own_exit_code(void **state) {
  (void)state;
  take_scene("coat_002");
  file_write(folder, "images/coat_002.png", "", 0);
  expect("score " MODEL OWN CLASSES "--out o", 3, "0 of 1 samples evaluated",
         "not one image could be evaluated");
}

static void test_nan_logits(void **state) {
  (void)state;
  /* Inputs beyond float32's range make infinities that the first convolution turns into NaN. */
  file_write_text(
      folder, "p.json",
      "{\"resize\": 64, \"crop\": 64, \"std\": [1e-38, 1e-38, 1e-38], \"mean\": [0.9, 0.1, 0.5]}");
  take_scene("coat_000");
  expect("score --model " PLANTED "/model.pt --preprocess p.json " OWN CLASSES "--out o", 3, "", "NaN");
  expect_line("o/images.csv", "coat_000.png,coat,4,,", ",numeric,");
}

/* ---- what ends a run ---- */

static void test_errors_of_the_whole_run(void **state) {
  (void)state;
  take_scene("coat_000");
  file_write_text(folder, "text.pt", "not an archive");
  file_write_text(folder, "far.csv", "name,index\ncoat,4\nbag,10\n");
  file_write_text(folder, "bad.csv", "name,index\ncoat,four\n");
  folder_make(folder, "empty");
  expect("score --model missing.pt " OWN CLASSES "--out o", 1, "", "missing.pt");
  expect("score --model text.pt " OWN CLASSES "--out o", 1, "", "text.pt");
  expect("score " MODEL OWN CLASSES "--out o --layer feetures", 1, "", "the nearest names are '");
  expect("score " MODEL OWN "--classes far.csv --out o", 1, "",
         "'bag' has index 10, but the model has 10 outputs, 0 to 9");
  expect("score " MODEL OWN "--classes bad.csv --out o", 1, "", "bad.csv:2");
  expect("score " MODEL OWN "--classes none.csv --out o", 1, "", "none.csv");
  expect("score " MODEL CLASSES "--dataset voc --images empty --annotations empty --out o", 1, "", "empty");
  expect("score " MODEL CLASSES "--dataset voc --images nowhere --annotations empty --out o", 1, "",
         "nowhere");
  expect("score --model " PLANTED "/model.pt --preprocess nowhere " OWN CLASSES "--out o", 1, "", "nowhere");
  expect("score " MODEL OWN CLASSES "--out text.pt/below", 1, "",
         "cannot make the output folder text.pt/below");
  expect("score " MODEL OWN CLASSES "--out /proc/checkrob", 1, "", "--out");
}

static void test_full_disk_is_an_error(void **state) {
  (void)state;
  take_scene("coat_000");
  folder_make(folder, "o");
  char line[4096];
  snprintf(line, sizeof line, "ln -s /dev/full %s/o/images.csv.part", folder);
  assert_int_equal(system(line), 0);
  expect("score " MODEL OWN CLASSES "--out o", 1, "", "No space left on device");
  expect("score " MODEL OWN CLASSES "--out o", 0, "are an earlier run's", ""); /* and nothing is lost */
  /* What was not computed again is no speed. */
  expect("score " MODEL OWN CLASSES "--out o", 0, " s; results in o", "");
}

/* Different maps of one image, and a name that is none. */
static void test_score_functions(void **state) {
  (void)state;
  take_scene("coat_000");
  static const char *const names[] = {"logit", "probability", "margin", "log-odds"};
  char line[512], *rows[4];
  for (int i = 0; i < 4; i++) {
    snprintf(line, sizeof line, "score " MODEL OWN CLASSES "--score %s --out %s", names[i], names[i]);
    expect(line, 0, "coat", "");
    snprintf(line, sizeof line, "%s/images.csv", names[i]);
    rows[i] = slurp(line);
    snprintf(line, sizeof line, "%s/summary.json", names[i]);
    char *summary = slurp(line);
    snprintf(line, sizeof line, "\"score\": \"%s\"", names[i]);
    assert_non_null(strstr(summary, line));
    free(summary);
  }
  assert_string_not_equal(rows[0], rows[1]);
  assert_string_not_equal(rows[0], rows[2]);
  assert_string_not_equal(rows[0], rows[3]);
  for (int i = 0; i < 4; i++) free(rows[i]);
  expect("score " MODEL OWN CLASSES "--score loss --out o", 2, "",
         "there are logit, probability, margin and log-odds");
}

static void test_results_never_replace_an_input(void **state) {
  (void)state;
  take_scene("coat_000");
  char line[4096];
  snprintf(line, sizeof line, "cd %s && cp %s/classes.csv classes.csv && ln classes.csv map.csv", folder,
           PLANTED);
  assert_int_equal(system(line), 0);
  char *before = slurp("classes.csv");
  expect("score " MODEL OWN "--classes classes.csv --out .", 1, "", "./classes.csv would be replaced");
  expect("score " MODEL OWN "--classes map.csv --out .", 1, "", "./classes.csv would be replaced");
  char *after = slurp("classes.csv");
  assert_string_equal(before, after);
  free(before);
  free(after);
  size_t bytes = file_size(folder, "images/coat_000.png");
  expect("explain " MODEL "--image images/coat_000.png --class-index 4 --out images/../images/coat_000.png",
         1, "", "would be replaced");
  expect(
      "explain " MODEL
      "--image images/coat_000.png --class-index 4 --annotations annotations --out annotations/coat_000.xml",
      2, "", "does not end in .png");
  assert_int_equal(file_size(folder, "images/coat_000.png"), bytes);
}

static void test_interruption_keeps_what_was_computed(void **state) {
  (void)state;
  char line[8192];
  snprintf(line, sizeof line,
           "cd %s && for i in $(seq 30); do for s in %s/scenes/images/*.png; do n=$(basename $s .png); "
           "ln -s $s images/$n-$i.png; ln -s %s/scenes/annotations/$n.xml annotations/$n-$i.xml; done; done",
           folder, PLANTED, PLANTED);
  assert_int_equal(system(line), 0);
  /* SIGTERM once the first rows are on the disk: the run has thousands to go. */
  snprintf(
      line, sizeof line,
      "cd %s && { %s score " MODEL OWN CLASSES
      "--out o >stdout 2>stderr & pid=$!; "
      "while [ \"$(cat o/results.sqlite-wal 2>/dev/null | wc -c)\" -lt 200000 ]; do kill -0 $pid || exit 99; "
      "sleep 0.02; done; "
      "kill -TERM $pid; wait $pid; }",
      folder, getenv("CHECKROB_COMMAND"));
  int status = system(line);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 4);
  char *images = slurp("o/images.csv"), *summary = slurp("o/summary.json"), *err = slurp("stderr");
  size_t rows = count_lines(images) - 1;
  assert_true(rows >= 19 && rows < 6000);
  assert_int_equal(images[strlen(images) - 1], '\n');
  assert_non_null(strstr(summary, "\"complete\": false"));
  assert_non_null(strstr(err, "interrupted"));
  free(images);
  free(summary);
  free(err);
}

/* ---- explain ---- */

static void test_explain(void **state) {
  (void)state;
  take_scene("coat_000");
  expect("explain " MODEL "--image images/coat_000.png --class-index 4 --annotations annotations --out o.png",
         0, ", of a flat map 0.", "");
  char *png = slurp("o.png");
  assert_memory_equal(png, "\x89PNG", 4);
  free(png);
  expect("explain " MODEL "--image images/coat_000.png --class-index 4 --out o.png", 0, "class 4 logit", "");
  expect("explain " MODEL "--image images/coat_000.png --class-index 10 --out o.png", 1, "",
         "--class-index 10 is out of range: the model has 10 outputs, 0 to 9");
  expect("explain " MODEL "--image images/none.png --class-index 4 --out o.png", 1, "", "images/none.png");
  expect("explain " MODEL "--image images/coat_000.png --class-index 4 --out nowhere/o.png", 1, "",
         "nowhere/o.png");
  expect("explain " MODEL "--image images/coat_000.png --class-index -1 --out o.png", 2, "",
         "--class-index '-1'");
}

/* ---- the authors' photos ---- */

static void test_kangaroo(void **state) {
  (void)state;
  if (!golden_folder()) skip();
  file_write_text(folder, "classes.csv", "name,index\nkangaroo,104\n");
  char arguments[8192];
  const char *shared = golden_folder();
  snprintf(
      arguments, sizeof arguments,
      "score --model %s/golden/squeezenet1_1_traced.pt --layer features.12 --method gradcam --profile paper "
      "--dataset voc --images %s/kangaroo/images --annotations %s/kangaroo/annots --classes classes.csv "
      "--out o",
      shared, shared, shared);
  expect(arguments, 0, "163 of 164 samples evaluated", "00090.jpg");
  golden_data golden;
  golden_read(&golden, "squeezenet1_1_traced__features.12__GradCAM");
  for (size_t i = 0; i < golden.count; i++) {
    double rs;
    char *line = line_of("o/images.csv", golden.rows[i].image);
    assert_int_equal(sscanf(line, "%*[^,],kangaroo,104,%lf", &rs), 1);
    assert_true(fabs(rs - golden.rows[i].rs) < 1e-4); /* as in test_golden.c */
    free(line);
  }
  expect_line("o/images.csv", "00090.jpg,kangaroo,104," NO_NUMBERS "bad_input,", "truncated");
  golden_free(&golden);
}

/* ---- every method, and what goes with methods ---- */

#define EXPLAIN "explain " MODEL "--image images/boot_000.png --class-index 0 --out o.png "

static void test_methods(void **state) {
  (void)state;
  char arguments[512];
  size_t methods = 0;
  take_scene("boot_000");
  outcome list = run("methods");
  assert_int_equal(list.code, 0);
  for (char *line = strtok(list.out, "\n"); line; line = strtok(NULL, "\n")) {
    char name[64];
    if (strncmp(line, "   ", 3) == 0 || sscanf(line + 2, "%60s", name) != 1) continue; /* a source */
    snprintf(arguments, sizeof arguments,
             EXPLAIN "--annotations annotations --samples 3 --steps 3 --method %s", name);
    expect(arguments, 0, "robustness score ", "");
    expect("explain --help", 0, name, "");
    methods++;
  }
  assert_int_equal(methods, 11);
  outcome_free(&list);
  expect("methods --all", 2, "", "'--all' is no option");
}

static char *score_of_scene(const char *options) {
  char arguments[1024];
  snprintf(arguments, sizeof arguments, "score " MODEL CLASSES OWN "--out o --restart %s", options);
  expect(arguments, 0, "1 of 1 samples evaluated", "");
  return line_of("o/images.csv", "boot_000.png");
}

/* What is found in classes.csv is what the table and the reasons say; the options say how it was come to. */
static void test_verdicts(void **state) {
  (void)state;
  expect("score " MODEL SCENES CLASSES "--out o", 0, "     CRS    area     ERS  robustness  verdict\n", "");
  char *summary = slurp("o/summary.json"), *classes = slurp("o/classes.csv"), *out = slurp("stdout");
  json_t *root = json_loads(summary, 0, NULL), *options = json_object_get(root, "options");
  assert_string_equal(json_string_value(json_object_get(options, "score")), "log-odds");
  assert_string_equal(json_string_value(json_object_get(options, "reference")), "blank");
  json_t *rule = json_object_get(options, "verdict");
  assert_int_equal(json_integer_value(json_object_get(rule, "min_images")), 10);
  assert_true(json_real_value(json_object_get(rule, "non_robust")) == -1.25);
  assert_true(json_is_null(json_object_get(rule, "robust")));
  assert_true(strstr(classes, ",not suspicious,") && !strstr(classes, ",robust,"));
  assert_non_null(strstr(classes, " % of the saliency on the object (object-blind map: "));
  /* The reasons of classes that are not to be trusted stand below the table. */
  assert_true(!strstr(classes, ",non-robust,") == !strstr(out, "Not to be trusted:"));
  json_decref(root);
  free(summary);
  free(classes);
  free(out);
  /* Another rule judges what is there. */
  expect("score " MODEL SCENES CLASSES "--out o --verdict min_images=21,level=0.9", 0, "not enough data", "");
  char *row = line_of("o/classes.csv", "coat,4,20,0,");
  assert_non_null(strstr(row, ",not enough data,\"20 images, but a verdict needs 21: "));
  free(row);
  expect("score " MODEL SCENES CLASSES "--out o --verdict non_robust=999,robust=1000", 0,
         "Not to be trusted:\n", "");
  row = line_of("o/classes.csv", "coat,4,20,0,");
  assert_non_null(strstr(row, ",non-robust,"));
  free(row);
  expect("score " MODEL SCENES CLASSES "--out p", 0, "", "");
  expect("compare p/results.sqlite o/results.sqlite", 0, "not suspicious, then non-robust\n",
         "the two differ in the rule of verdicts: ");
  expect("merge p/results.sqlite o/results.sqlite --out q.sqlite", 1, "",
         "o/results.sqlite has another rule of verdicts than");
  /* Only the user's own threshold says robust; what was kept is judged anew, there and back. */
  expect("score " MODEL SCENES CLASSES "--out p --verdict robust=0", 0, "  robust\n", "");
  summary = slurp("p/summary.json");
  assert_non_null(strstr(summary, "\"robust\": 0.0"));
  free(summary);
  expect("compare p/results.sqlite o/results.sqlite", 0, " robust, then non-robust\n", "");
  expect("score " MODEL SCENES CLASSES "--out p", 0, "  not suspicious\n", "");
  expect("score --help", 0, "not suspicious", "");
  /* Few thresholds were measured, and none for these. */
  expect("score " MODEL SCENES CLASSES "--out n --method eigencam", 0, "; the thresholds were not measured",
         "with other options no class gets a better verdict than doubtful");
  expect("score " MODEL SCENES CLASSES "--out n --method eigencam --verdict robust=2", 0, "", "");
}

static void test_verdicts_that_are_wrong(void **state) {
  (void)state;
  take_scene("coat_000");
  expect("score " MODEL OWN CLASSES "--out o --verdict robustness=1", 2, "",
         "has no 'robustness'; it has min_images");
  expect("score " MODEL OWN CLASSES "--out o --verdict robust", 2, "", "--verdict");
  expect("score " MODEL OWN CLASSES "--out o --verdict ''", 2, "", "--verdict");
  expect("score " MODEL OWN CLASSES "--out o --verdict robust=much", 2, "", "robust 'much' is not a number");
  expect("score " MODEL OWN CLASSES "--out o --verdict level=1", 2, "", "level must lie between 0 and 1");
  expect("score " MODEL OWN CLASSES "--out o --verdict robust=-2", 2, "",
         "non_robust must not be above robust");
  expect("score " MODEL OWN CLASSES "--out o --verdict robust=nan", 2, "", "robust 'nan' is not a number");
  expect("score " MODEL OWN CLASSES "--out o --verdict non_robust=0.5", 2, "",
         "or above 0 where robust is not set");
  expect("score " MODEL OWN CLASSES "--out o --reference grey", 2, "", "there are none and blank");
}

/* Each its own map; and 'paper' is what its authors did. */
static void test_references(void **state) {
  (void)state;
  take_scene("boot_000");
  char *blank = score_of_scene(""), *none = score_of_scene("--reference none");
  assert_string_not_equal(blank, none);
  free(blank);
  free(none);
  char *paper = score_of_scene("--profile paper --preprocess " PLANTED "/preprocess.json");
  char *spelt = score_of_scene("--profile paper --preprocess " PLANTED
                               "/preprocess.json --score logit --reference none");
  assert_string_equal(paper, spelt);
  free(paper);
  free(spelt);
}

static void test_seeds_and_layers(void **state) {
  (void)state;
  take_scene("boot_000");
  char *first = score_of_scene("--method smoothgradcam++ --samples 2 --seed 5");
  char *again = score_of_scene("--method smoothgradcam++ --samples 2 --seed 5");
  char *other = score_of_scene("--method smoothgradcam++ --samples 2 --seed 6");
  assert_string_equal(first, again);
  assert_string_not_equal(first, other);
  free(first);
  free(again);
  free(other);

  char *summary = NULL;
  free(score_of_scene("--layer features.3,auto --combine max"));
  summary = slurp("o/summary.json");
  json_t *root = json_loads(summary, 0, NULL);
  json_t *options = json_object_get(root, "options");
  assert_string_equal(json_string_value(json_object_get(options, "combine")), "max");
  assert_non_null(strchr(json_string_value(json_object_get(options, "layer_used")), ','));
  assert_int_equal(json_integer_value(json_object_get(options, "seed")), 0);
  json_decref(root);
  free(summary);

  expect(EXPLAIN "--layer ''", 2, "", "--layer is empty");
  expect(EXPLAIN "--layer features.3,features.3", 1, "", "chosen twice");
  expect(EXPLAIN "--method integrated-gradients --layer features.3", 1, "",
         "has no layer such as 'features.3'");
  expect(EXPLAIN "--combine sum", 2, "", "there are mean and max");
  expect(EXPLAIN "--seed -1", 2, "", "--seed '-1' is not a whole number from 0");
  expect(EXPLAIN "--samples 0", 2, "", "--samples '0' is not a whole number from 1 to 10000");
  expect(EXPLAIN "--layout chw", 2, "", "there is no layout 'chw'");
  expect(EXPLAIN "--layout nchw:3", 2, "", "only tokens take a number");
  expect(EXPLAIN "--layer features.3 --layout tokens:1", 1, "",
         "choose another layer"); /* it has no tokens */
  expect(EXPLAIN "--device tpu", 2, "", "there is no device \"tpu\"");
  expect(EXPLAIN "--device cuda:99", 1, "", "device cuda:99: ");
}

static void test_extract(void **state) {
  (void)state;
  take_scene("boot_000");
  file_write_text(folder, "images/broken.jpg", "no picture");
  expect("extract " MODEL "--images images --out a.npy --pool mean", 0, "a.npy  1 x ",
         "1 of 2 images failed");
  char *rows = slurp("a.csv");
  assert_string_equal(rows, "row,image\n0,boot_000.png\n");
  free(rows);
  expect_line("a.failed.csv", "broken.jpg,", "unsupported,");
  expect("extract " MODEL "--images images --out b.npy --layer features.3,auto --dtype f16", 0,
         "b.features.3.npy  1 x ", "");
  expect("extract --help", 0, "Usage: checkrob extract", "");
  expect("extract " MODEL "--images images --out a.csv", 2, "", "does not end in .npy");
  expect("extract " MODEL "--images images --out a.npy --pool sum", 2, "", "there are none, mean and max");
  expect("extract " MODEL "--images images --out a.npy --dtype f64", 2, "", "it is f32 or f16");
  expect("extract " MODEL "--images annotations --out a.npy", 1, "", "holds no image");
  expect("extract " MODEL "--images images --out nowhere/a.npy", 1, "", "cannot be written");
  folder_make(folder, "d.failed.csv");
  file_write_text(folder, "d.failed.csv/x", "in the way");
  expect("extract " MODEL "--images images --out d.npy", 1, "", "d.failed.csv: cannot be written: Is a dir");
  file_write_text(folder, "p.csv", "{\"crop\": 64}");
  expect("extract --model " PLANTED "/model.pt --preprocess p.csv --images images --out p.npy", 1, "",
         "p.csv would be replaced");
  char *scene = folder_path(folder, "images/boot_000.png");
  assert_int_equal(remove(scene), 0);
  free(scene);
  expect("extract " MODEL "--images images --out a.npy", 3, "", "not one image could be read");
  rows = slurp("a.csv");
  assert_string_equal(rows, "row,image\n");
  free(rows);
  char *earlier = folder_path(folder, "a.npy");
  assert_int_not_equal(access(earlier, F_OK), 0); /* its rows would not be those of the CSV */
  free(earlier);
}

/* ---- Pascal VOC's own folders ---- */

#define TREE "--dataset voc --images VOC2012 "

static void make_tree(void) {
  char line[4096];
  snprintf(line, sizeof line,
           "cd %s && mkdir -p VOC2012/ImageSets/Main VOC2012/JPEGImages VOC2012/Annotations "
           "VOC2012/SegmentationClass && cp %s/scenes/images/b*_00[01].png VOC2012/JPEGImages/ && "
           "cp %s/scenes/annotations/b*_00[01].xml VOC2012/Annotations/",
           folder, PLANTED, PLANTED);
  assert_int_equal(system(line), 0);
  file_write_text(folder, "VOC2012/ImageSets/Main/bag_val.txt", "boot_000 -1\nbag_000 1\nbag_001  0\n");
  file_write_text(folder, "names.txt", "background\nbag\nboot\n");
  /* boot_000's box is columns 1 to 34, rows 43 to 60. */
  uint8_t numbers[64 * 64] = {0};
  for (size_t y = 43; y < 61; y++) memset(numbers + y * 64 + 1, 2, 34);
  memset(numbers, 255, 64);
  char *path = folder_path(folder, "VOC2012/SegmentationClass/boot_000.png");
  index_png_write(path, 64, 64, numbers, PNG_COLOR_TYPE_PALETTE, 8);
  free(path);
  path = folder_path(folder, "VOC2012/SegmentationClass/boot_001.png");
  index_png_write(path, 32, 32, numbers + 43 * 64, PNG_COLOR_TYPE_PALETTE, 8);
  free(path);
}

static void test_voc_trees_lists_and_masks(void **state) {
  (void)state;
  make_tree();
  expect("score " MODEL CLASSES TREE "--out o", 0, "4 of 4 samples evaluated", "");
  expect("score " MODEL CLASSES TREE "--out l --list VOC2012/ImageSets/Main/bag_val.txt", 0,
         "2 of 2 samples evaluated", "");
  expect_line("l/images.csv", "bag_000.png,bag,8,", ",ok,");
  /* Other regions are other options, also where the samples are the same. */
  expect("score " MODEL CLASSES TREE "--out o --regions boxes", 1, "",
         "has results of other options: regions");
  expect("score " MODEL CLASSES TREE "--out m --regions class-masks --names names.txt", 0,
         "1 of 4 samples evaluated", "image bag_000.png has no annotation bag_000.png");
  expect("score " MODEL CLASSES TREE "--out s --regions class-masks --names names.txt --skip-unannotated", 0,
         "1 of 2 samples evaluated", "2 images without annotation are left out");
  expect_line("s/images.csv", "boot_000.png,boot,9,", ",ok,");
  expect_line("s/images.csv", "boot_001.png,boot,9,", "a mask has 32 x 32 pixels, but the image has 64 x 64");
  expect("check " CLASSES TREE "--min-images 0 --skip-unannotated --regions class-masks --names names.txt", 5,
         "can't be measured: 1", "2 images without annotation are left out");
  expect("check " CLASSES TREE "--min-images 0", 0, "4 samples can be measured, 0 findings", "");
  /* Classes that the model does not have. */
  file_write_text(folder, "few.csv", "name,index\nbag,8\n");
  expect("score " MODEL "--classes few.csv " TREE "--out f", 0, "2 of 4 samples evaluated",
         "has no object of a class in the class map, but 'boot'");
  expect("score " MODEL "--classes few.csv " TREE "--out f --skip-unmapped", 1, "", "skip_unmapped");
  expect("score " MODEL "--classes few.csv " TREE "--out k --skip-unmapped", 0,
         "skipped, without an object that counts: 2 of 4 images", "");
  expect("check --classes few.csv " TREE "--min-images 0 --skip-unmapped", 0,
         "skipped, without an object that counts: 2; ", "");
  file_write_text(folder, "none.csv", "name,index\nBag,8\n");
  expect("score " MODEL "--classes none.csv " TREE "--out n --skip-unmapped", 3, "",
         "not one image has an object that counts; does none.csv name");
  expect("score " MODEL "--classes none.csv " TREE "--out n2 --skip-unmapped --shard 1/2", 0,
         "skipped, without an object that counts: 2 of 2 images", "");
  expect("check " CLASSES "--dataset voc --images images", 1, "", "has no folder JPEGImages");
  expect("check " CLASSES "--dataset yolo --images images --names names.txt", 2, "",
         "--annotations is missing");
  expect("check " CLASSES TREE "--regions masks", 2, "",
         "there are auto, boxes, class-masks and object-masks");
  expect("check " CLASSES TREE "--list nowhere.txt", 1, "", "nowhere.txt");
}

#define test_in_folder(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Without an argument all tests but those on the authors' photos; with one, those whose names match. Apart,
 * because ctest takes a program in which one test skips for skipped as a whole. */
int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      test_in_folder(test_help_and_usage),
      test_in_folder(test_layers),
      test_in_folder(test_score_writes_all_results),
      test_in_folder(test_results_do_not_depend_on_batch_and_threads),
      test_in_folder(test_imagenet_layout),
      test_in_folder(test_bad_images_are_named_and_counted),
      test_in_folder(test_check_finds_what_is_wrong),
      test_in_folder(test_shards_formats_and_comparison),
      test_in_folder(test_strict_stops_at_the_first_failure),
      test_in_folder(test_nothing_evaluated_has_its_own_exit_code),
      test_in_folder(test_nan_logits),
      test_in_folder(test_errors_of_the_whole_run),
      test_in_folder(test_full_disk_is_an_error),
      test_in_folder(test_score_functions),
      test_in_folder(test_results_never_replace_an_input),
      test_in_folder(test_interruption_keeps_what_was_computed),
      test_in_folder(test_explain),
      test_in_folder(test_methods),
      test_in_folder(test_verdicts),
      test_in_folder(test_verdicts_that_are_wrong),
      test_in_folder(test_references),
      test_in_folder(test_seeds_and_layers),
      test_in_folder(test_extract),
      test_in_folder(test_voc_trees_lists_and_masks),
      test_in_folder(test_kangaroo),
  };
  if (argc > 1)
    cmocka_set_test_filter(argv[1]);
  else
    cmocka_set_skip_filter("test_kangaroo");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
