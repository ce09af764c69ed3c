/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation may fail. What people do with the library is done again and again, and each time another
 * allocation fails, or that one and all later ones. Whatever happens: no crash, no leak, the status is
 * OUT_OF_MEMORY (or OK, where the library can do without), and no failure is blamed on the data: no sample
 * fails, nothing damaged is stored, and a resumed run has the results of one that was never short of memory.
 *
 * CHECKROB_ALLOCATION_FAILURES=N fails about N allocations in each scenario instead of a few. */
#include <checkrob/gate.h>
#include <checkrob/html.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "run/stored.h"
#include "support/options.h"
#include "support/short_memory.h"
#include "support/tar.h"

#define FEW 20

/* ---- what went wrong where nothing can be asserted: within a callback ---- */

static char wrong[1024];

static void note_wrong(const char *image, const char *message) {
  if (!wrong[0]) snprintf(wrong, sizeof wrong, "%s: %s", image, message);
}

/* ---- the data ---- */

static char folder[512];

static const char *in_folder(const char *name) {
  static char paths[8][1024];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* Eight images of 32 x 32; one of them has two classes. */
static void write_data(void) {
  snprintf(folder, sizeof folder, "%s", bench.w.folder);
  for (int i = 0; i < 8; i++) {
    char name[64];
    snprintf(name, sizeof name, "i%02d", i);
    world_sample(&bench.w, name, i % 2 ? "red" : "green", left_half, i % 2 ? red : green, left_half);
  }
  world_image(&bench.w, "j.jpg", 32, 32, left_half, red);
  world_annotation(&bench.w, "j", 32, 32, "red", left_half);
  char two[1024];
  snprintf(two, sizeof two, stored_two, "red", "green");
  file_write_text(folder, "annotations/i03.xml", two);
  file_write_text(folder, "data.yaml", "train: x\nnames:\n  0: red\n  1: green\n");
  file_write_text(folder, "list.txt", "i00\ni01\nj.jpg\n");
  folder_make(folder, "labels");
  char coco[8192] = "", rows[2048] = "image,class,x1,y1,x2,y2\n", masks[2048] = "image,class,mask\n",
       images[1024] = "";
  for (int i = 0; i < 8; i++) {
    char part[512];
    snprintf(part, sizeof part, "labels/i%02d.txt", i);
    file_write_text(folder, part, "0 0.25 0.5 0.5 1\n1 .1 .1 .9 .1 .5 .9\n");
    snprintf(part, sizeof part, "%s{\"id\":%d,\"file_name\":\"i%02d.png\",\"width\":32,\"height\":32}",
             i ? "," : "", i + 1, i);
    strcat(images, part);
    snprintf(
        part, sizeof part,
        "%s{\"image_id\":%d,\"category_id\":1,\"bbox\":[0,0,16,32.5]},{\"image_id\":%d,\"category_id\":2,"
        "\"segmentation\":[[1,1,20,1.123456789012,20,20]]},{\"image_id\":%d,\"category_id\":1,"
        "\"segmentation\":{\"size\":[32,32],\"counts\":[100,100,824]}}",
        i ? "," : "", i + 1, i + 1, i + 1);
    strcat(coco, part);
    snprintf(part, sizeof part, "i%02d.png,red,0,0,16,32\n", i);
    strcat(rows, part);
    snprintf(part, sizeof part, "i%02d.png,red,images/j.jpg\n", i);
    strcat(masks, part);
  }
  file_write_text(folder, "labels/j.txt", "0 0.25 0.5 0.5 1\n");
  strcat(rows, "j.jpg,red,0,0,16,32\n");
  strcat(masks, "j.jpg,red,images/i00.png\n");
  file_write_text(folder, "boxes.csv", rows);
  file_write_text(folder, "masks.csv", masks);
  char instances[16384];
  snprintf(
      instances, sizeof instances,
      "{\"images\":[%s,{\"id\":99,\"file_name\":\"j.jpg\"}],\"categories\":[{\"id\":1,\"name\":\"red\"},"
      "{\"id\":2,\"name\":\"green\"}],\"annotations\":[%s,{\"image_id\":99,\"category_id\":1,\"bbox\":[0,0,9,"
      "9]}]}",
      images, coco);
  file_write_text(folder, "coco.json", instances);
  tar_file tar;
  tar_start(&tar, in_folder("images.tar"));
  tar_add_folder(&tar, in_folder("images"));
  tar_end(&tar);
  file_write_text(
      folder, "spec.json",
      "{\"batch\": 4, \"preprocess\": {\"resize\": 40, \"crop\": 32, \"mean\": [0.485, 0.456, 0.406]}, "
      "\"ignore\": [\"difficult\", \"crowd\"], \"top_k\": 3}");
}

/* ---- scenarios: each frees what it made, and returns the first status other than OK ---- */

static checkrob_status walk_all(const checkrob_dataset *dataset) {
  checkrob_cursor *cursor = NULL;
  checkrob_status status = checkrob_cursor_new(&cursor, dataset, 0, 0);
  checkrob_sample *sample = NULL;
  while (!status && (status = checkrob_cursor_next(&sample, cursor)) == CHECKROB_OK) {
    if (checkrob_sample_status(sample))
      note_wrong(checkrob_sample_image(sample), checkrob_sample_message(sample));
    checkrob_image *image = NULL;
    status = checkrob_sample_open_image(&image, sample, NULL);
    if (!status)
      status = checkrob_sample_check_size(sample, checkrob_image_width(image), checkrob_image_height(image));
    checkrob_image_free(image);
    checkrob_sample_free(sample);
  }
  checkrob_cursor_free(cursor);
  return status == CHECKROB_END ? CHECKROB_OK : status;
}

static checkrob_status walk_format(const char *format, const char *images, const char *annotations,
                                   const char *extra, const char *value) {
  checkrob_options *options = NULL;
  checkrob_class_map *classes = NULL;
  checkrob_dataset *dataset = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = checkrob_options_set(options, "dataset", format);
  if (!status) status = checkrob_options_add(options, "images", in_folder(images));
  if (!status) status = checkrob_options_add(options, "annotations", in_folder(annotations));
  if (!status && extra && strcmp(extra, "list") == 0)
    status = checkrob_options_add(options, extra, in_folder(value));
  else if (!status && extra)
    status = checkrob_options_set(options, extra, in_folder(value));
  if (!status) status = checkrob_class_map_open(&classes, in_folder("classes.csv"));
  if (!status) status = checkrob_dataset_open(&dataset, options, classes);
  if (!status) status = walk_all(dataset);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  checkrob_options_free(options);
  return status;
}

static checkrob_status walk_voc(void) {
  return walk_format("voc", "images", "annotations", NULL, NULL);
}

static checkrob_status walk_tar(void) {
  return walk_format("voc", "images.tar", "annotations", NULL, NULL);
}

static checkrob_status walk_listed(void) {
  return walk_format("voc", "images", "annotations", "list", "list.txt");
}

static checkrob_status walk_coco(void) {
  return walk_format("coco", "images", "coco.json", NULL, NULL);
}

static checkrob_status walk_yolo(void) {
  return walk_format("yolo", "images", "labels", "names", "data.yaml");
}

static checkrob_status walk_boxes(void) {
  return walk_format("manifest", "images", "boxes.csv", NULL, NULL);
}

static checkrob_status walk_masks(void) {
  return walk_format("manifest", "images", "masks.csv", NULL, NULL);
}

/* No lossless WebP image: libwebp 1.2.4 itself crashes where an allocation fails in the middle of one. */
static checkrob_status decode_images(void) {
  static const char *const names[] = {
      "ycc444_progressive.jpg", "cmyk_adobe0.jpg", "palette4.png", "gray16.png",
      "gray16_interlaced.png",  "photo.jpg",       "alpha.webp",   "bits16.bmp"};
  checkrob_preprocess *preprocess = NULL;
  checkrob_status status = checkrob_preprocess_open(&preprocess, "{\"resize\": 20, \"crop\": [16, 18]}");
  static float tensor[3 * 16 * 18];
  for (size_t i = 0; i < sizeof names / sizeof *names && !status; i++) {
    char path[1024];
    snprintf(path, sizeof path, "%s/image/fixtures/%s", CHECKROB_TEST_DATA, names[i]);
    checkrob_image *image = NULL;
    status = checkrob_image_open(&image, path, NULL);
    if (!status) status = checkrob_preprocess_apply(tensor, preprocess, image);
    checkrob_image_free(image);
  }
  checkrob_preprocess_free(preprocess);
  return status;
}

static checkrob_status read_specification(void) {
  checkrob_options *options = NULL, *again = NULL;
  char *json = NULL;
  checkrob_status status = checkrob_options_read(&options, in_folder("spec.json"));
  if (!status) status = checkrob_options_json(&json, options);
  if (!status) status = checkrob_options_parse(&again, json, strlen(json));
  if (!status &&
      strcmp(checkrob_options_text(options, "preprocess"), checkrob_options_text(again, "preprocess")) != 0)
    note_wrong("preprocess", "differs");
  checkrob_options_json_free(json);
  checkrob_options_free(options);
  checkrob_options_free(again);
  return status;
}

static int note_checked(const checkrob_checked_sample *checked, void *data) {
  (void)data;
  if (checkrob_sample_status(checked->sample))
    note_wrong(checkrob_sample_image(checked->sample), checkrob_sample_message(checked->sample));
  if (checked->image_status) note_wrong(checkrob_sample_image(checked->sample), checked->image_message);
  return 0;
}

static checkrob_status check_data(void) {
  checkrob_cursor *cursor = NULL;
  checkrob_status status = checkrob_cursor_new(&cursor, bench.w.dataset, 0, 0);
  if (!status) status = checkrob_check(cursor, bench.options, note_checked, NULL);
  checkrob_cursor_free(cursor);
  return status;
}

/* ---- runs ---- */

static int note_row(const checkrob_row *row, void *data) {
  (void)data;
  const char *status = checkrob_row_text(row, "status");
  if (strcmp(status, "ok") != 0 && strcmp(status, "empty_map") != 0)
    note_wrong(checkrob_row_text(row, "image"), checkrob_row_text(row, "message"));
  return 0;
}

static checkrob_status run_into(const char *path) {
  checkrob_run *run = NULL;
  checkrob_status status =
      checkrob_run_new(&run, bench.model, bench.w.dataset, bench.preprocess, bench.options);
  if (!status) status = checkrob_run_on_row(run, note_row, NULL);
  if (!status && path) status = checkrob_run_store(run, path);
  if (!status) status = checkrob_run_execute(run);
  checkrob_run_free(run);
  return status;
}

static checkrob_status run_unstored(void) {
  return run_into(NULL);
}

static checkrob_status run_stored(void) {
  return run_into(in_folder("run.sqlite"));
}

static checkrob_status export_all(void) {
  checkrob_results *results = NULL;
  checkrob_status status = checkrob_results_open(&results, in_folder("whole.sqlite"), NULL);
  static const checkrob_export kinds[] = {CHECKROB_EXPORT_IMAGES_CSV, CHECKROB_EXPORT_IMAGES_JSONL,
                                          CHECKROB_EXPORT_CLASSES_CSV, CHECKROB_EXPORT_CLASSES_JSONL};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !status; i++)
    status = checkrob_results_export(results, kinds[i], in_folder("export.txt"));
  if (!status) status = checkrob_results_each(results, note_row, NULL);
  checkrob_results_free(results);
  return status;
}

/* A report that is complete has its end. */
static checkrob_status write_reports(const checkrob_gate *gate) {
  checkrob_status status = CHECKROB_OK;
  for (int format = CHECKROB_GATE_JSON; format <= CHECKROB_GATE_GITHUB && !status; format++) {
    char *text = NULL;
    status = checkrob_gate_report(&text, gate, (checkrob_gate_format)format);
    const char *end = text && *text ? text + strlen(text) - 1 : "";
    if (!status && !strchr("}>\n", *end)) note_wrong("a report", text);
    checkrob_gate_report_free(text);
  }
  return status;
}

static checkrob_status judge(void) {
  checkrob_results *results = NULL, *baseline = NULL;
  checkrob_gate *gate = NULL;
  checkrob_status status = checkrob_results_open(&results, in_folder("whole.sqlite"), NULL);
  if (!status) status = checkrob_results_open(&baseline, in_folder("whole.sqlite"), NULL);
  if (!status) status = checkrob_gate_new(&gate);
  if (!status) status = checkrob_gate_fail_on(gate, "not enough data,doubtful");
  if (!status) status = checkrob_gate_fail_if(gate, "images > 0 and (acc >= 0 or class != 'x')");
  if (!status) status = checkrob_gate_max_failures(gate, "0%");
  if (!status) status = checkrob_gate_judge(gate, results, baseline);
  if (!status) status = write_reports(gate);
  checkrob_gate_free(gate);
  checkrob_results_free(baseline);
  checkrob_results_free(results);
  return status;
}

static checkrob_status write_page(void) {
  checkrob_results *results = NULL, *before = NULL;
  checkrob_html *report = NULL;
  checkrob_status status = checkrob_results_open(&results, in_folder("whole.sqlite"), NULL);
  if (!status) status = checkrob_results_open(&before, in_folder("whole.sqlite"), NULL);
  if (!status) status = checkrob_html_new(&report, results);
  if (!status) status = checkrob_html_set_data(report, bench.w.dataset, bench.preprocess, bench.options);
  if (!status) status = checkrob_html_set_before(report, before);
  if (!status) status = checkrob_html_write(report, in_folder("page.html"));
  checkrob_html_free(report);
  checkrob_results_free(before);
  checkrob_results_free(results);
  return status;
}

static checkrob_status merge_halves(void) {
  const char *const halves[] = {in_folder("first.sqlite"), in_folder("second.sqlite")};
  return checkrob_results_merge(in_folder("merged.sqlite"), halves, 2);
}

/* ---- failing ---- */

static void remove_results(const char *name) {
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    char path[1100];
    snprintf(path, sizeof path, "%s%s", in_folder(name), endings[i]);
    unlink(path);
  }
}

typedef struct scenario {
  const char *name;
  checkrob_status (*play)(void);
  void (*prepare)(void); /* before each time, or NULL */
  void (*verify)(void);  /* after each time, with all the memory there is, or NULL */
} scenario;

static long long wanted_failures(void) {
  const char *text = getenv("CHECKROB_ALLOCATION_FAILURES");
  return text ? atoll(text) : FEW;
}

static long long play_once(const scenario *s, long long at, bool lasts) {
  if (s->prepare) s->prepare();
  wrong[0] = '\0';
  long long live = atomic_load(&short_live);
  short_begin(at, lasts);
  checkrob_status status = s->play();
  long long failures = short_end();
  long long left = SHORT_COUNTS_LIVE ? atomic_load(&short_live) - live : 0;
  if (status && (status != CHECKROB_ERROR_OUT_OF_MEMORY || failures == 0))
    fail_msg("%s, allocation %lld%s: %s: %s", s->name, at, lasts ? " and later" : "",
             checkrob_status_name(status), checkrob_last_error());
  if (status && !strstr(checkrob_last_error(), "memory")) fail_msg("%s: %s", s->name, checkrob_last_error());
  if (wrong[0])
    fail_msg("%s, allocation %lld%s: a sample failed: %s", s->name, at, lasts ? " and later" : "", wrong);
  if (left > 0 && at > 0)
    fail_msg("%s, allocation %lld%s: %lld leaked", s->name, at, lasts ? " and later" : "", left);
  if (s->verify) s->verify();
  return failures;
}

static void fail_everywhere(const scenario *s) {
  long long total = 0, failed = 0;
  for (int warm = 0; warm < 2; warm++) play_once(s, 0, false); /* what libraries allocate once is allocated */
  total = atomic_load(&short_calls);
  long long wanted = wanted_failures(), step = total / wanted + 1;
  for (int lasts = 0; lasts < 2; lasts++)
    for (long long at = 1 + lasts * step / 2; at <= total; at += step) failed += play_once(s, at, lasts) > 0;
  print_message("%s: %lld allocations, %lld times one or more failed\n", s->name, total, failed);
  assert_true(failed > 0);
}

/* ---- tests ---- */

static void *allocate_always(size_t count, size_t bytes) {
  return short_count(SHORT_REAL(calloc)(count, bytes));
}

static void open_data(void) {
  fake.allocate = allocate_always;
  write_data();
  bench_open("{\"crop\": 32}");
  bench_set_integer("batch", 4);
  bench_set_integer("threads", 2);
}

static void reading_blames_no_data(void **state) {
  (void)state;
  open_data();
  static const scenario scenarios[] = {{"voc", walk_voc, NULL, NULL},
                                       {"tar", walk_tar, NULL, NULL},
                                       {"list", walk_listed, NULL, NULL},
                                       {"coco", walk_coco, NULL, NULL},
                                       {"yolo", walk_yolo, NULL, NULL},
                                       {"manifest of boxes", walk_boxes, NULL, NULL},
                                       {"manifest of masks", walk_masks, NULL, NULL},
                                       {"images", decode_images, NULL, NULL},
                                       {"specification", read_specification, NULL, NULL},
                                       {"check", check_data, NULL, NULL}};
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) fail_everywhere(&scenarios[i]);
}

static char *expected;

static void prepare_run(void) {
  remove_results("run.sqlite");
}

/* Whatever was stored, the run that resumes it has the results of one that was never short of memory. */
static void verify_resumed(void) {
  wrong[0] = '\0';
  must(run_stored());
  assert_string_equal(wrong, "");
  stored_expect(in_folder("run.sqlite"), expected);
}

static void a_run_fails_no_sample_and_is_resumed(void **state) {
  (void)state;
  open_data();
  static const scenario unstored = {"run", run_unstored, NULL, NULL},
                        stored = {"stored run", run_stored, prepare_run, verify_resumed};
  must(run_stored());
  expected = stored_dump(in_folder("run.sqlite"), true);
  fail_everywhere(&unstored);
  fail_everywhere(&stored);
  free(expected);
}

static void all_stages_of_a_run(void **state) {
  (void)state;
  open_data();
  bench_set("probe", "all");
  bench_set("features", "true");
  bench_set("cues", "true");
  bench_set("advice", "true");
  static const scenario stored = {"run with probes, features, cues and advice", run_stored, prepare_run,
                                  verify_resumed};
  must(run_stored());
  expected = stored_dump(in_folder("run.sqlite"), true);
  fail_everywhere(&stored);
  free(expected);
}

/* A run that is complete: resuming it reads all its rows. */
static void a_complete_run_is_read_again(void **state) {
  (void)state;
  open_data();
  static const scenario resumed = {"resumed run", run_stored, NULL, verify_resumed};
  must(run_stored());
  expected = stored_dump(in_folder("run.sqlite"), true);
  fail_everywhere(&resumed);
  free(expected);
}

static void prepare_export(void) {
  unlink(in_folder("export.txt"));
}

static void prepare_merge(void) {
  remove_results("merged.sqlite");
}

static size_t files;

static void verify_no_part_is_left(void) {
  unlink(in_folder("export.txt"));
  remove_results("merged.sqlite");
  if (folder_count(folder) == files) return;
  DIR *directory = opendir(folder);
  for (const struct dirent *found; (found = readdir(directory));) print_message("%s\n", found->d_name);
  closedir(directory);
  fail_msg("files are left");
}

static void results_are_exported_merged_and_judged(void **state) {
  (void)state;
  open_data();
  must(run_into(in_folder("whole.sqlite")));
  bench_set("shard", "1/2");
  must(run_into(in_folder("first.sqlite")));
  bench_set("shard", "2/2");
  must(run_into(in_folder("second.sqlite")));
  files = folder_count(folder);
  static const scenario scenarios[] = {{"export", export_all, prepare_export, verify_no_part_is_left},
                                       {"merge", merge_halves, prepare_merge, verify_no_part_is_left},
                                       {"gate", judge, NULL, verify_no_part_is_left}};
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) fail_everywhere(&scenarios[i]);
}

static void prepare_page(void) {
  unlink(in_folder("page.html"));
}

/* A page that is written lacks nothing. */
static void verify_page(void) {
  char *page = NULL;
  size_t bytes = 0;
  if (file_read(&page, &bytes, in_folder("page.html"), 1 << 24) == CHECKROB_ERROR_NOT_FOUND) return;
  if (strcmp(page, expected) != 0) fail_msg("a page differs from that of a report with all the memory");
  free(page);
}

static void a_report_is_complete_or_not_written(void **state) {
  (void)state;
  size_t bytes = 0;
  open_data();
  must(run_into(in_folder("whole.sqlite")));
  must(write_page());
  must(file_read(&expected, &bytes, in_folder("page.html"), 1 << 24));
  static const scenario page = {"report", write_page, prepare_page, verify_page};
  fail_everywhere(&page);
  free(expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BENCH_TEST(reading_blames_no_data),
      BENCH_TEST(a_run_fails_no_sample_and_is_resumed),
      BENCH_TEST(all_stages_of_a_run),
      BENCH_TEST(a_complete_run_is_read_again),
      BENCH_TEST(results_are_exported_merged_and_judged),
      BENCH_TEST(a_report_is_complete_or_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
