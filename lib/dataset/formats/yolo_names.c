/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/yolo_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"

#define FILE_LIMIT (UINT64_C(16) << 20)
#define CLASS_LIMIT 1000000
#define KEYPOINT_LIMIT 10000
/* A data.yaml has three levels, no directive and hardly an anchor. The parser's time grows with the square of
 * each of these, and its memory by some hundred bytes for each node. */
#define DEPTH_LIMIT 32
#define DIRECTIVE_LIMIT 16
#define ANCHOR_LIMIT 1000
#define NODE_LIMIT 1000000

static checkrob_status set_name(yolo_names *names, int64_t number, const char *text, size_t bytes,
                                const char *path) {
  if (number < 0 || number >= CLASS_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT, "%s: the class number %lld is not from 0 to %d", path,
                     (long long)number, CLASS_LIMIT - 1);
  if ((size_t)number >= names->count) {
    char **items = realloc(names->items, ((size_t)number + 1) * sizeof *items);
    if (!items) return error_memory(path);
    while (names->count <= (size_t)number) items[names->count++] = NULL;
    names->items = items;
  }
  if (names->items[number])
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: the class number %lld has two names; remove one", path,
                     (long long)number);
  names->items[number] = text_format("%.*s", (int)bytes, text);
  return names->items[number] ? CHECKROB_OK : error_memory(path);
}

/* ---- text ---- */

static checkrob_status read_lines(yolo_names *names, const char *text, const char *path) {
  checkrob_status status = CHECKROB_OK;
  for (int64_t number = 0; *text && !status; number++) {
    size_t bytes = strcspn(text, "\n"), end = bytes;
    while (end > 0 && strchr(" \t\r", text[end - 1])) end--;
    const char *next = text + bytes + (text[bytes] == '\n');
    if (end == 0 && !*next) break; /* a blank line at the end */
    status = set_name(names, number, text, end, path);
    text = next;
  }
  return status;
}

/* ---- YAML ---- */

static checkrob_status take_scalar(yolo_names *names, int64_t number, const yaml_node_t *node,
                                   const char *path) {
  if (!node || node->type != YAML_SCALAR_NODE)
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: a class's name under \"names\" is not text; correct it",
                     path);
  return set_name(names, number, (const char *)node->data.scalar.value, node->data.scalar.length, path);
}

static checkrob_status take_list(yolo_names *names, yaml_document_t *document, const yaml_node_t *list,
                                 const char *path) {
  checkrob_status status = CHECKROB_OK;
  for (const yaml_node_item_t *item = list->data.sequence.items.start;
       item < list->data.sequence.items.top && !status; item++)
    status = take_scalar(names, item - list->data.sequence.items.start,
                         yaml_document_get_node(document, *item), path);
  return status;
}

static checkrob_status take_mapping(yolo_names *names, yaml_document_t *document, const yaml_node_t *mapping,
                                    const char *path) {
  checkrob_status status = CHECKROB_OK;
  for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
       pair < mapping->data.mapping.pairs.top && !status; pair++) {
    const yaml_node_t *key = yaml_document_get_node(document, pair->key);
    int64_t number = -1;
    if (!key || key->type != YAML_SCALAR_NODE ||
        !number_parse_index(&number, (const char *)key->data.scalar.value))
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s: a key under \"names\" is not a class number; correct it", path);
    status = take_scalar(names, number, yaml_document_get_node(document, pair->value), path);
  }
  return status;
}

static const yaml_node_t *find_member(yaml_document_t *document, const char *name) {
  const yaml_node_t *root = yaml_document_get_root_node(document);
  if (!root || root->type != YAML_MAPPING_NODE) return NULL;
  for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top;
       pair++) {
    const yaml_node_t *key = yaml_document_get_node(document, pair->key);
    if (key && key->type == YAML_SCALAR_NODE && strcmp((const char *)key->data.scalar.value, name) == 0)
      return yaml_document_get_node(document, pair->value);
  }
  return NULL;
}

static bool take_count(size_t *out, const yaml_node_t *node) {
  int64_t value = 0;
  if (!node || node->type != YAML_SCALAR_NODE ||
      !number_parse_index(&value, (const char *)node->data.scalar.value) || value < 1 ||
      value > KEYPOINT_LIMIT)
    return false;
  *out = (size_t)value;
  return true;
}

/* kpt_shape: [17, 3] */
static checkrob_status take_keypoints(yolo_names *names, yaml_document_t *document, const char *path) {
  const yaml_node_t *shape = find_member(document, "kpt_shape");
  if (!shape || (shape->type == YAML_SCALAR_NODE && shape->data.scalar.length == 0)) return CHECKROB_OK;
  bool is_list = shape->type == YAML_SEQUENCE_NODE &&
                 shape->data.sequence.items.top - shape->data.sequence.items.start == 2;
  const yaml_node_item_t *items = is_list ? shape->data.sequence.items.start : NULL;
  if (is_list && take_count(&names->keypoints, yaml_document_get_node(document, items[0])) &&
      take_count(&names->dimensions, yaml_document_get_node(document, items[1])) &&
      (names->dimensions == 2 || names->dimensions == 3))
    return CHECKROB_OK;
  return error_set(
      CHECKROB_ERROR_BAD_INPUT,
      "%s: kpt_shape must be the number of keypoints and of their numbers, 2 or 3, such as [17, 3]", path);
}

static void take_task(yolo_names *names, yaml_document_t *document) {
  const yaml_node_t *task = find_member(document, "task");
  if (!task || task->type != YAML_SCALAR_NODE || task->data.scalar.length >= sizeof names->task) return;
  memcpy(names->task, task->data.scalar.value, task->data.scalar.length);
}

static checkrob_status take_document(yolo_names *names, yaml_document_t *document, const char *path) {
  names->is_yaml = true;
  take_task(names, document);
  checkrob_status status = take_keypoints(names, document, path);
  if (status) return status;
  const yaml_node_t *found = find_member(document, "names");
  if (found && found->type == YAML_SEQUENCE_NODE) return take_list(names, document, found, path);
  if (found && found->type == YAML_MAPPING_NODE) return take_mapping(names, document, found, path);
  return error_set(CHECKROB_ERROR_BAD_INPUT,
                   "%s has no list or mapping \"names\"; add the classes' names, or use a text file with a "
                   "name on each line",
                   path);
}

typedef struct yaml_size {
  int depth;
  size_t anchors, nodes; /* aliases count as both */
} yaml_size;

static void count_event(yaml_size *size, const yaml_event_t *event) {
  const yaml_char_t *anchor = NULL;
  switch (event->type) {
    case YAML_SEQUENCE_START_EVENT:
      anchor = event->data.sequence_start.anchor;
      size->depth++;
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = event->data.mapping_start.anchor;
      size->depth++;
      break;
    case YAML_SCALAR_EVENT:
      anchor = event->data.scalar.anchor;
      break;
    case YAML_ALIAS_EVENT:
      anchor = event->data.alias.anchor;
      break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      size->depth--;
      return;
    default:
      return;
  }
  size->nodes++;
  if (anchor) size->anchors++;
}

static checkrob_status check_yaml_size(const yaml_size *size, size_t line, const char *path) {
  const char *what = size->depth > DEPTH_LIMIT      ? "nested deeper than 32 levels"
                     : size->anchors > ANCHOR_LIMIT ? "with more than 1000 anchors and aliases"
                     : size->nodes > NODE_LIMIT     ? "of more than 1000000 values"
                                                    : NULL;
  if (!what) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_LIMIT,
                   "%s:%zu: the file is YAML %s, which no list of names needs; repair it, or use a text file "
                   "with a name on each line",
                   path, line, what);
}

/* As the scanner finds them: a file may be UTF-16, and end its lines in five ways. What the scanner refuses,
 * the parser refuses later. */
static size_t count_directives(yaml_parser_t *parser) {
  size_t count = 0;
  for (bool before = true; before && count <= DIRECTIVE_LIMIT;) {
    yaml_token_t token;
    if (!yaml_parser_scan(parser, &token)) break;
    bool is_one = token.type == YAML_TAG_DIRECTIVE_TOKEN || token.type == YAML_VERSION_DIRECTIVE_TOKEN;
    before = is_one || token.type == YAML_STREAM_START_TOKEN;
    count += is_one;
    yaml_token_delete(&token);
  }
  return count;
}

static checkrob_status check_directives(const char *text, size_t bytes, const char *path) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) return error_memory(path);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
  size_t count = count_directives(&parser);
  yaml_parser_delete(&parser);
  if (count <= DIRECTIVE_LIMIT) return CHECKROB_OK;
  return error_set(CHECKROB_ERROR_LIMIT,
                   "%s has more than the limit of %d directives, lines that begin with %%; remove them", path,
                   DIRECTIVE_LIMIT);
}

static checkrob_status yaml_error(const yaml_parser_t *parser, const char *path) {
  /* Where an allocation fails in the middle of a token, libyaml reports no error at all. */
  if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR) return error_memory(path);
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: the file is not YAML: %s", path,
                   parser->problem_mark.line + 1, parser->problem ? parser->problem : "it can't be read");
}

/* Before it is loaded, the file is walked, which stores nothing. */
static checkrob_status check_yaml(const char *text, size_t bytes, const char *path) {
  yaml_parser_t parser;
  yaml_size size = {0};
  checkrob_status status = check_directives(text, bytes, path);
  if (status) return status;
  if (!yaml_parser_initialize(&parser)) return error_memory(path);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
  for (bool over = false; !over && !status;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      status = yaml_error(&parser, path);
      break;
    }
    over = event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT;
    count_event(&size, &event);
    status = check_yaml_size(&size, event.start_mark.line + 1, path);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return status;
}

static checkrob_status read_yaml(yolo_names *names, const char *text, size_t bytes, const char *path) {
  yaml_parser_t parser;
  yaml_document_t document;
  checkrob_status status = check_yaml(text, bytes, path);
  if (status) return status;
  if (!yaml_parser_initialize(&parser)) return error_memory(path);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
  if (yaml_parser_load(&parser, &document)) {
    status = take_document(names, &document, path);
    yaml_document_delete(&document);
  } else {
    status = yaml_error(&parser, path);
  }
  yaml_parser_delete(&parser);
  return status;
}

static bool is_yaml(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0);
}

checkrob_status yolo_names_open(yolo_names *out, const char *path) {
  char *text = NULL;
  size_t bytes = 0;
  yolo_names names = {0};
  checkrob_status status = file_read(&text, &bytes, path, FILE_LIMIT);
  if (status) return status;
  const char *start = text; /* YAML may be UTF-16 */
  bool yaml = is_yaml(path);
  if (!yaml) status = utf8_start_strict(&start, &bytes, path);
  if (!status) status = yaml ? read_yaml(&names, text, bytes, path) : read_lines(&names, start, path);
  free(text);
  if (status)
    yolo_names_clear(&names);
  else
    *out = names;
  return status;
}

void yolo_names_clear(yolo_names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->items[i]);
  free(names->items);
  *names = (yolo_names){0};
}
