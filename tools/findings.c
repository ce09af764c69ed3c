/* SPDX-License-Identifier: Apache-2.0 */
#include "findings.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define SHOWN 5

/* `hint`: what to do about all of them. Kinds with `of_parts` are what a part of the classes or of the
 * annotations leaves out: many of them are no news. */
static const struct {
  const char *name, *title, *hint;
  int of_parts;
} kinds[FINDING_KINDS] = {
    [FINDING_FAILED] = {"unmeasurable", "can't be measured", "", 0},
    [FINDING_UNANNOTATED] = {"unannotated", "images whose annotation was not found",
                             "--skip-unannotated leaves out those without one", 1},
    [FINDING_TURNED] = {"orientation", "photos with an EXIF orientation (see --orientation)", "", 0},
    [FINDING_REMARK] = {"remark", "can be measured, but look odd", "", 0},
    [FINDING_UNKNOWN] = {"unknown_class", "classes that the class map does not have", "", 0},
    [FINDING_TWICE] = {"twin", "images that are there twice", "", 0},
    [FINDING_FEW] = {"few_images", "classes with few images", "", 0},
    [FINDING_ABSENT] = {"absent_class", "classes of the class map that are not in the data",
                        "--subset accepts them", 1}};

/* ---- collecting ---- */

static finding *make_room(finding_list *list) {
  if (list->count < list->capacity) return &list->items[list->count];
  size_t capacity = list->capacity ? 2 * list->capacity : 16;
  finding *items = realloc(list->items, capacity * sizeof *items);
  if (!items) return NULL;
  list->items = items;
  list->capacity = capacity;
  return &items[list->count];
}

void findings_add(findings *f, finding_kind kind, const char *image, const char *class_name, int64_t count,
                  const char *message) {
  finding_list *list = &f->kinds[kind];
  if (list->all++ >= SHOWN && !f->keep_all) return;
  finding *made = make_room(list);
  if (!made) {
    f->out_of_memory = 1;
    return;
  }
  *made = (finding){strdup(image), strdup(class_name), strdup(message), count};
  list->count++;
  if (!made->image || !made->class_name || !made->message) f->out_of_memory = 1;
}

size_t findings_count(const findings *f) {
  size_t all = 0;
  for (int kind = 0; kind < FINDING_KINDS; kind++) all += f->kinds[kind].all;
  return all;
}

void findings_free(findings *f) {
  for (int kind = 0; kind < FINDING_KINDS; kind++) {
    finding_list *list = &f->kinds[kind];
    for (size_t i = 0; i < list->count; i++) {
      free(list->items[i].image);
      free(list->items[i].class_name);
      free(list->items[i].message);
    }
    free(list->items);
  }
}

/* ---- for people ---- */

static void print_finding(const finding *found) {
  char *line = line_about(*found->image ? found->image : found->class_name, found->message);
  fputs("  ", stdout);
  put_text(stdout, line ? line : "(out of memory)", 0);
  putchar('\n');
  free(line);
}

static void print_kind(const findings *f, int kind) {
  const finding_list *list = &f->kinds[kind];
  int is_summed_up = kinds[kind].of_parts && list->all > SHOWN;
  if (list->all == 0) return;
  printf("%s: %zu", kinds[kind].title, list->all);
  if (kind == FINDING_ABSENT) printf(" of %zu", f->classes);
  printf(*kinds[kind].hint ? " (%s)\n" : "\n", kinds[kind].hint);
  for (size_t i = 0; i < list->count && !is_summed_up; i++) print_finding(&list->items[i]);
  if (is_summed_up && kind == FINDING_UNANNOTATED) {
    fputs("  such as ", stdout);
    put_text(stdout, list->items[0].image, 0);
    puts("; --as findings.csv lists them");
  } else if (list->all > list->count && !is_summed_up) {
    printf("  ... and %zu more (--all prints them)\n", list->all - list->count);
  }
}

void findings_print(const findings *f) {
  for (int kind = 0; kind < FINDING_KINDS; kind++) print_kind(f, kind);
}

/* ---- for programs ---- */

static void put_field(FILE *file, const char *text) {
  if (strpbrk(text, "\",\r\n"))
    put_quoted(file, text);
  else
    fputs(text, file);
}

static void write_csv(FILE *file, int kind, const finding *found) {
  const char *const texts[] = {kinds[kind].name, found->image, found->class_name};
  for (size_t i = 0; i < 3; i++) {
    put_field(file, texts[i]);
    fputc(',', file);
  }
  if (found->count >= 0) fprintf(file, "%" PRId64, found->count);
  fputc(',', file);
  put_field(file, found->message);
  fputc('\n', file);
}

/* Bytes that are no UTF-8 are escaped. NULL: out of memory. */
static json_t *json_text(const char *text) {
  size_t bytes = checkrob_text_escape(NULL, 0, text) + 1;
  char *escaped = malloc(bytes);
  if (escaped) checkrob_text_escape(escaped, bytes, text);
  json_t *value = escaped ? json_string(escaped) : NULL;
  free(escaped);
  return value;
}

/* 0: out of memory. */
static int write_json(FILE *file, int kind, const finding *found) {
  json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", kinds[kind].name, "image",
                             json_text(found->image), "class", json_text(found->class_name), "count",
                             found->count >= 0 ? json_integer(found->count) : json_null(), "message",
                             json_text(found->message));
  char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
  if (line) fprintf(file, "%s\n", line);
  free(line);
  json_decref(object);
  return line != NULL;
}

typedef struct writing {
  const findings *f;
  int is_json;
} writing;

static int write_all(FILE *file, void *data) {
  const writing *w = data;
  if (!w->is_json) fputs("kind,image,class,count,message\n", file);
  for (int kind = 0; kind < FINDING_KINDS; kind++)
    for (size_t i = 0; i < w->f->kinds[kind].count; i++) {
      const finding *found = &w->f->kinds[kind].items[i];
      if (!w->is_json)
        write_csv(file, kind, found);
      else if (!write_json(file, kind, found))
        return fail(EXIT_FAILED, "out of memory");
    }
  return EXIT_OK;
}

int findings_write(const findings *f, const char *what, const char *path) {
  writing w = {f, strcmp(what, "findings.jsonl") == 0};
  return whole_file_write(path, write_all, &w);
}
