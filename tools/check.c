/* checkrob check: what is wrong with a dataset, found without a model. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_options.h"
#include "progress.h"

static const char heading[] =
    "Usage: checkrob check --dataset FORMAT --images DIR... --annotations DIR...\n"
    "                      --classes FILE|imagenet [OPTION]...\n"
    "Reads a whole dataset without a model, decodes every image, and prints what is wrong: broken images and "
    "annotations,\n"
    "images without annotation and the reverse, boxes outside, sizes that contradict the annotation, classes "
    "that "
    "the class\n"
    "map does not have, images that are there twice, classes with too few images.\n"
    "\n";

static const char ending[] =
    "  --min-images N            a class with fewer is reported (default: 10)\n"
    "  --all                     print every finding (default: the first 5 of a kind)\n"
    "  --threads N               decoding threads (default: 0, all cores)\n"
    "  --help                    this text\n"
    "\n"
    "Exit codes: 0 nothing is wrong, 1 the check failed, 2 wrong command line, 5 something is "
    "wrong.\n";

#define SHOWN 5

typedef struct choices {
  dataset_options data;
  int64_t fewest, threads;
  int all;
} choices;

/* Findings of one kind. */
typedef struct findings {
  const char *title;
  char **lines;
  size_t count, kept, capacity;
} findings;

enum { FAILED, REMARKS, UNKNOWN, TWICE, FEW, KINDS };

/* An image's pixels as a number. */
typedef struct picture {
  uint64_t hash;
  char *name;
} picture;

/* A class by name: how many images have it. */
typedef struct counted {
  char *name;
  size_t images;
} counted;

typedef struct counts {
  counted *items; /* sorted by name */
  size_t count, capacity;
} counts;

typedef struct checker {
  const choices *wanted;
  findings kinds[KINDS];
  picture *pictures;
  size_t picture_count, picture_capacity;
  counts known, unknown;
  size_t inputs, skipped, first_input, input_count;
  progress bar;
  int out_of_memory;
} checker;

/* ---- lists ---- */

static void *grow(void *items, size_t *capacity, size_t count, size_t bytes) {
  if (count < *capacity) return items;
  size_t wanted = *capacity ? 2 * *capacity : 64;
  void *grown = realloc(items, wanted * bytes);
  if (grown) *capacity = wanted;
  return grown;
}

static char *copy(const char *text) {
  size_t bytes = strlen(text) + 1;
  char *to = malloc(bytes);
  if (to) memcpy(to, text, bytes);
  return to;
}

static void find(checker *c, int kind, const char *name, const char *sentence) {
  findings *f = &c->kinds[kind];
  f->count++;
  if (f->kept == SHOWN && !c->wanted->all) return;
  char **lines = grow(f->lines, &f->capacity, f->kept, sizeof *lines);
  size_t bytes = strlen(name) + strlen(sentence) + 3;
  char *line = lines ? malloc(bytes) : NULL;
  if (lines) f->lines = lines;
  if (!line) {
    c->out_of_memory = 1;
    return;
  }
  int named = strstr(sentence, name) != NULL;
  snprintf(line, bytes, "%s%s%s", named ? "" : name, named ? "" : ": ", sentence);
  lines[f->kept++] = line;
}

static void count_name(checker *c, counts *list, const char *name, size_t images) {
  size_t low = 0, high = list->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(list->items[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == list->count || strcmp(list->items[low].name, name) != 0) {
    counted *items = grow(list->items, &list->capacity, list->count, sizeof *items);
    char *kept = items ? copy(name) : NULL;
    if (items) list->items = items;
    if (!kept) {
      c->out_of_memory = 1;
      return;
    }
    memmove(items + low + 1, items + low, (list->count - low) * sizeof *items);
    items[low] = (counted){kept, 0};
    list->count++;
  }
  list->items[low].images += images;
}

/* ---- an image ---- */

static void keep_picture(checker *c, const checkrob_checked_sample *checked) {
  picture *pictures = grow(c->pictures, &c->picture_capacity, c->picture_count, sizeof *pictures);
  char *name = pictures ? copy(checkrob_sample_image(checked->sample)) : NULL;
  if (pictures) c->pictures = pictures;
  if (name)
    pictures[c->picture_count++] = (picture){checked->pixels, name};
  else
    c->out_of_memory = 1;
}

/* The image, and its objects of classes that the map does not have: once for all of its samples. */
static void check_input(checker *c, const checkrob_checked_sample *checked) {
  const checkrob_sample *sample = checked->sample;
  c->inputs++;
  for (size_t i = 0; i < checkrob_sample_other_count(sample); i++)
    if (checkrob_sample_other_index(sample, i) < 0)
      count_name(c, &c->unknown, checkrob_sample_other_name(sample, i), 1);
  if (*checkrob_sample_path(sample) && checked->image_status == CHECKROB_OK) keep_picture(c, checked);
}

/* One finding a sample at most; what is wrong with the image is told with its first. */
static void tell_failure(checker *c, const checkrob_checked_sample *checked) {
  const checkrob_sample *sample = checked->sample;
  int is_bad = checkrob_sample_status(sample) != CHECKROB_OK;
  int image_is_bad = checkrob_sample_part(sample) == 0 && *checkrob_sample_path(sample) &&
                     checked->image_status != CHECKROB_OK;
  if (!is_bad && !image_is_bad) return;
  char sentence[2048];
  snprintf(sentence, sizeof sentence, "%s%s%s", is_bad ? checkrob_sample_message(sample) : "",
           is_bad && image_is_bad ? "; besides, " : "", image_is_bad ? checked->image_message : "");
  find(c, FAILED, checkrob_sample_image(sample), sentence);
}

static int on_sample(const checkrob_checked_sample *checked, void *user_data) {
  checker *c = user_data;
  const checkrob_sample *sample = checked->sample;
  if (checkrob_sample_part(sample) == 0) check_input(c, checked);
  const char *message = checkrob_sample_message(sample);
  tell_failure(c, checked);
  if (checkrob_sample_status(sample) == CHECKROB_OK && *message)
    find(c, REMARKS, checkrob_sample_image(sample), message);
  if (checkrob_sample_status(sample) == CHECKROB_OK && checked->image_status == CHECKROB_OK)
    count_name(c, &c->known, checkrob_sample_class_name(sample), 1);
  progress_update(&c->bar, checkrob_sample_input(sample) - c->first_input, c->input_count);
  return c->out_of_memory;
}

static checkrob_status read_all(checker *c, checkrob_cursor *cursor) {
  c->first_input = checkrob_cursor_first_input(cursor);
  c->input_count = checkrob_cursor_input_count(cursor);
  progress_begin(&c->bar);
  checkrob_status status = checkrob_dataset_check(cursor, (int)c->wanted->threads, on_sample, c);
  progress_end(&c->bar);
  c->skipped = checkrob_cursor_skipped(cursor);
  return c->out_of_memory ? CHECKROB_OK : status; /* said where everything is said */
}

/* ---- what only the whole tells ---- */

static int by_hash(const void *left, const void *right) {
  const picture *a = left, *b = right;
  if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
  return strcmp(a->name, b->name);
}

static void find_twins(checker *c) {
  if (c->picture_count) qsort(c->pictures, c->picture_count, sizeof *c->pictures, by_hash);
  for (size_t i = 1; i < c->picture_count; i++) {
    if (c->pictures[i].hash != c->pictures[i - 1].hash) continue;
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "has the same pixels as %s", c->pictures[i - 1].name);
    find(c, TWICE, c->pictures[i].name, sentence);
  }
}

static void find_classes(checker *c, const checkrob_class_map *classes) {
  char sentence[256];
  /* With --skip-unmapped the map is small on purpose. */
  for (size_t i = 0; i < c->unknown.count && !c->wanted->data.skip_unmapped; i++) {
    snprintf(sentence, sizeof sentence, "is in %zu image%s, and not in the class map",
             c->unknown.items[i].images, c->unknown.items[i].images == 1 ? "" : "s");
    find(c, UNKNOWN, c->unknown.items[i].name, sentence);
  }
  for (size_t i = 0; i < checkrob_class_map_count(classes); i++)
    count_name(c, &c->known, checkrob_class_map_name_of(classes, checkrob_class_map_index(classes, i)), 0);
  for (size_t i = 0; i < c->known.count; i++) {
    size_t images = c->known.items[i].images;
    if (images >= (size_t)c->wanted->fewest) continue;
    snprintf(sentence, sizeof sentence, "has %zu image%s that can be measured; %lld are wanted", images,
             images == 1 ? "" : "s", (long long)c->wanted->fewest);
    find(c, FEW, c->known.items[i].name, sentence);
  }
}

static size_t print(const checker *c) {
  size_t total = 0, samples = 0;
  for (size_t i = 0; i < c->known.count; i++) samples += c->known.items[i].images;
  for (int k = 0; k < KINDS; k++) {
    const findings *f = &c->kinds[k];
    total += f->count;
    if (f->count == 0) continue;
    printf("%s: %zu\n", f->title, f->count);
    for (size_t i = 0; i < f->kept; i++) {
      fputs("  ", stdout);
      put_text(stdout, f->lines[i], 0);
      putchar('\n');
    }
    if (f->count > f->kept) printf("  ... and %zu more (--all prints them)\n", f->count - f->kept);
  }
  if (c->skipped > 0)
    printf("skipped, without an object that counts: %zu; their pixels were not looked at\n", c->skipped);
  printf("%zu images and annotations read: %zu samples can be measured, %zu finding%s\n",
         c->inputs + c->skipped, samples, total, total == 1 ? "" : "s");
  return total;
}

static void clear(checker *c) {
  for (int k = 0; k < KINDS; k++) {
    for (size_t i = 0; i < c->kinds[k].kept; i++) free(c->kinds[k].lines[i]);
    free(c->kinds[k].lines);
  }
  for (size_t i = 0; i < c->picture_count; i++) free(c->pictures[i].name);
  for (size_t i = 0; i < c->known.count; i++) free(c->known.items[i].name);
  for (size_t i = 0; i < c->unknown.count; i++) free(c->unknown.items[i].name);
  free(c->pictures);
  free(c->known.items);
  free(c->unknown.items);
}

static int check(const choices *wanted) {
  checker c = {.wanted = wanted};
  static const char *const titles[KINDS] = {"can't be measured", "can be measured, but look odd",
                                            "classes that the class map does not have",
                                            "images that are there twice", "classes with few images"};
  for (int k = 0; k < KINDS; k++) c.kinds[k].title = titles[k];
  checkrob_class_map *classes = NULL;
  checkrob_dataset *dataset = NULL;
  checkrob_cursor *cursor = NULL;
  int code = EXIT_OK;
  if (dataset_options_open(&dataset, &classes, &wanted->data) != CHECKROB_OK ||
      checkrob_cursor_new(&cursor, dataset, (uint32_t)wanted->data.shard, (uint32_t)wanted->data.shards) !=
          CHECKROB_OK ||
      read_all(&c, cursor) != CHECKROB_OK) {
    code = fail_library();
  } else {
    find_twins(&c);
    find_classes(&c, classes);
    if (c.out_of_memory)
      code = fail(EXIT_FAILED, "out of memory");
    else if (print(&c) > 0)
      code = EXIT_FOUND;
  }
  clear(&c);
  checkrob_cursor_free(cursor);
  checkrob_dataset_free(dataset);
  checkrob_class_map_free(classes);
  return code;
}

static int help(void) {
  int bad = fputs(heading, stdout) < 0 || dataset_options_help(stdout) < 0 || fputs(ending, stdout) < 0;
  return bad ? EXIT_FAILED : EXIT_OK;
}

int command_check(int argc, char **argv) {
  static const struct option options[] = {DATASET_OPTION_ROWS,
                                          {"min-images", required_argument, NULL, 'm'},
                                          {"all", no_argument, NULL, 'a'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  static choices c = {.fewest = 10}; /* long lists: not on the stack */
  for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
    int code = -1;
    if (option == 'h') return help();
    if (option == 'a')
      c.all = 1;
    else if (option == 'm' && !parse_integer(&c.fewest, optarg, 0, INT32_MAX))
      code = fail_usage("check", "--min-images '%s' is not a whole number from 0", optarg);
    else if (option == 't' && !parse_integer(&c.threads, optarg, 0, 1024))
      code = fail_usage("check", "--threads '%s' is not a whole number from 0 to 1024", optarg);
    else if (option != 'm' && option != 't')
      code = dataset_options_take(&c.data, "check", option);
    if (code == -2) code = fail_usage("check", "the command line is wrong");
    if (code >= 0) return code;
  }
  if (optind < argc) return fail_usage("check", "'%s' is no option", argv[optind]);
  int code = dataset_options_check(&c.data, "check");
  return code >= 0 ? code : check(&c);
}
