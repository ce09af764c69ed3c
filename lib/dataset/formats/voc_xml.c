/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/voc_xml.h"

#include <ctype.h>
#include <expat.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"
#include "dataset/formats/shares.h"
#include "region/limits.h"

#define DEPTH_LIMIT 64
#define COORDINATE_LIMIT 1e9 /* far outside any image, but exact in a double */

/* The elements that are read, each with its parent; all others are skipped with their contents. So a <part>,
 * which has a <name> and a <bndbox>, is not read as an <object>. */
typedef enum place { TOP, ANNOTATION, SIZE, OBJECT, BNDBOX, ATTRIBUTES, ATTRIBUTE, LEAF } place;

/* Leaves: first the four corners, with the numbers of voc_corner. */
enum { WIDTH = VOC_CORNERS, HEIGHT, NAME, DIFFICULT, TRUNCATED, ATTRIBUTE_NAME, ATTRIBUTE_VALUE, NO_LEAF };

static const struct element {
  place inside;
  const char *name;
  place opens;
  int leaf;
} elements[] = {
    {TOP, "annotation", ANNOTATION, NO_LEAF},
    {ANNOTATION, "size", SIZE, NO_LEAF},
    {ANNOTATION, "object", OBJECT, NO_LEAF},
    {SIZE, "width", LEAF, WIDTH},
    {SIZE, "height", LEAF, HEIGHT},
    {OBJECT, "name", LEAF, NAME},
    {OBJECT, "bndbox", BNDBOX, NO_LEAF},
    {BNDBOX, "xmin", LEAF, VOC_XMIN},
    {BNDBOX, "ymin", LEAF, VOC_YMIN},
    {BNDBOX, "xmax", LEAF, VOC_XMAX},
    {BNDBOX, "ymax", LEAF, VOC_YMAX},
    {OBJECT, "difficult", LEAF, DIFFICULT},
    {OBJECT, "truncated", LEAF, TRUNCATED},
    {OBJECT, "attributes", ATTRIBUTES, NO_LEAF},
    {ATTRIBUTES, "attribute", ATTRIBUTE, NO_LEAF},
    {ATTRIBUTE, "name", LEAF, ATTRIBUTE_NAME},
    {ATTRIBUTE, "value", LEAF, ATTRIBUTE_VALUE},
};

static const char *const leaf_names[] = {"xmin",   "ymin", "xmax",      "ymax",     "width",
                                         "height", "name", "difficult", "truncated"};

typedef struct parser {
  XML_Parser expat;
  const char *path;
  voc_annotation *annotation;
  checkrob_status status; /* why expat was stopped */
  place places[LEAF + 1]; /* from TOP to the current element; no kind nests in itself */
  size_t depth;
  size_t skipped; /* open elements that are skipped */
  int leaf;
  char *text; /* of the leaf */
  size_t bytes, byte_capacity;
  unsigned seen;    /* the object's leaves, as bits */
  bool is_rotation; /* the name of the attribute */
} parser;

static size_t current_line(const parser *p) {
  return (size_t)XML_GetCurrentLineNumber(p->expat);
}

static void stop(parser *p, checkrob_status status) {
  p->status = status;
  XML_StopParser(p->expat, XML_FALSE);
}

static voc_object *last_object(const parser *p) {
  return &p->annotation->objects[p->annotation->count - 1];
}

/* Stores the first problem only: others are often consequences. */
__attribute__((format(printf, 3, 4))) static void set_problem(parser *p, voc_object *object,
                                                              const char *format, ...) {
  if (object->problem) return;
  char problem[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(problem, sizeof problem, format, arguments);
  va_end(arguments);
  object->problem = text_copy(problem);
  if (!object->problem) stop(p, error_memory(p->path));
}

static void add_object(parser *p) {
  voc_annotation *annotation = p->annotation;
  if (annotation->count == REGION_SHAPE_LIMIT) {
    stop(p,
         error_set(CHECKROB_ERROR_LIMIT,
                   "%s:%zu: the file has more than the limit of %d objects; split or repair the annotation",
                   p->path, current_line(p), REGION_SHAPE_LIMIT));
    return;
  }
  voc_object *objects =
      array_grow(annotation->objects, &annotation->capacity, annotation->count, sizeof *objects);
  if (!objects) {
    stop(p, error_memory(p->path));
    return;
  }
  annotation->objects = objects;
  objects[annotation->count++] = (voc_object){.line = current_line(p)};
  p->seen = 0;
}

/* Checks the object at its end tag. */
static void finish_object(parser *p) {
  voc_object *object = last_object(p);
  if (!object->name || object->name[0] == '\0') {
    stop(p, error_set(CHECKROB_ERROR_BAD_INPUT,
                      "%s:%zu: an object has no <name>; add its class, or remove the object", p->path,
                      object->line));
    return;
  }
  const unsigned corners = (1u << VOC_CORNERS) - 1;
  if ((p->seen & corners) == 0) {
    set_problem(p, object, "has no <bndbox>; only upright boxes are read: add one or remove the object");
    return;
  }
  for (int corner = 0; corner < VOC_CORNERS; corner++)
    if (!(p->seen & 1u << corner))
      set_problem(p, object, "has a <bndbox> without <%s>; add it or remove the object", leaf_names[corner]);
  if ((p->seen & corners) == corners && shares_not_pixels(object->corners, VOC_CORNERS)) {
    shares_error("<bndbox>");
    set_problem(p, object, "%s", checkrob_last_error());
  }
  for (int axis = 0; axis < 2; axis++)
    if (object->corners[axis + 2] < object->corners[axis])
      set_problem(p, object,
                  "has an inverted box, <%s> %.10g below <%s> %.10g; correct it or remove the object",
                  leaf_names[axis + 2], object->corners[axis + 2], leaf_names[axis], object->corners[axis]);
}

/* At the '&', or behind what could be a name: "R&D". */
static bool stopped_at_ampersand(const parser *p, const char *xml, size_t bytes) {
  XML_Index at = XML_GetCurrentByteIndex(p->expat);
  if (at < 0 || (size_t)at >= bytes) return false;
  if (xml[at] == '&') return true;
  while (at > 0 && (isalnum((unsigned char)xml[at - 1]) || strchr("#._-", xml[at - 1]))) at--;
  return at > 0 && xml[at - 1] == '&';
}

static bool stopped_at_other_bytes(const parser *p, const char *xml, size_t bytes) {
  XML_Index at = XML_GetCurrentByteIndex(p->expat);
  return at >= 0 && (size_t)at < bytes && utf8_sequence(xml + at) == 0;
}

/* Errors that have one frequent cause. */
static checkrob_status syntax_error(const parser *p, const char *xml, size_t bytes, enum XML_Error error) {
  bool at_token = error == XML_ERROR_INVALID_TOKEN;
  if ((at_token || error == XML_ERROR_UNDEFINED_ENTITY) && stopped_at_ampersand(p, xml, bytes))
    return error_set(CHECKROB_ERROR_BAD_INPUT,
                     "%s:%zu: an '&' begins no entity that XML knows; write &amp; for it", p->path,
                     current_line(p));
  if (at_token && stopped_at_other_bytes(p, xml, bytes))
    return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: not UTF-8 text; save the file as UTF-8", p->path,
                     current_line(p));
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: broken XML (%s); repair or replace the annotation",
                   p->path, current_line(p), XML_ErrorString(error));
}

static uint32_t size_or_zero(const char *text) {
  double size;
  return number_parse(&size, text) && size >= 1 && size <= UINT32_MAX ? (uint32_t)size : 0;
}

/* The leaf's text without white space around it. */
static const char *trimmed_text(parser *p) {
  const char *white = " \t\r\n";
  if (!p->text) return "";
  while (p->bytes > 0 && strchr(white, p->text[p->bytes - 1])) p->bytes--;
  p->text[p->bytes] = '\0';
  return p->text + strspn(p->text, white);
}

/* CVAT's rotation; others don't matter here. */
static void take_attribute(parser *p, const char *text) {
  double degrees;
  if (p->leaf == ATTRIBUTE_NAME) p->is_rotation = strcmp(text, "rotation") == 0;
  if (p->leaf == ATTRIBUTE_VALUE && p->is_rotation && number_parse(&degrees, text))
    last_object(p)->rotation = degrees;
}

static void finish_leaf(parser *p) {
  const char *text = trimmed_text(p);
  if (p->leaf == ATTRIBUTE_NAME || p->leaf == ATTRIBUTE_VALUE) {
    take_attribute(p, text);
    return;
  }
  if (p->leaf == WIDTH || p->leaf == HEIGHT) {
    *(p->leaf == WIDTH ? &p->annotation->width : &p->annotation->height) = size_or_zero(text);
    return;
  }
  voc_object *object = last_object(p);
  bool again = p->seen & 1u << p->leaf;
  p->seen |= 1u << p->leaf;
  if (again) {
    set_problem(p, object, "has two <%s>; remove the wrong one", leaf_names[p->leaf]);
  } else if (p->leaf == NAME) {
    object->name = text_copy(text);
    if (!object->name) stop(p, error_memory(p->path));
  } else if (p->leaf == DIFFICULT || p->leaf == TRUNCATED) {
    unsigned flag = p->leaf == DIFFICULT ? CHECKROB_OBJECT_DIFFICULT : CHECKROB_OBJECT_TRUNCATED;
    double number;
    if (strcasecmp(text, "true") == 0 || (number_parse(&number, text) && number == 1)) object->flags |= flag;
  } else if (!number_parse(&object->corners[p->leaf], text)) {
    set_problem(p, object, "has the <%s> '%.40s', which is not a number; correct it or remove the object",
                leaf_names[p->leaf], text);
  } else if (fabs(object->corners[p->leaf]) > COORDINATE_LIMIT) {
    set_problem(p, object,
                "has the <%s> %.40s, which is far outside any image; correct it or remove the object",
                leaf_names[p->leaf], text);
  }
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
  (void)attributes;
  parser *p = data;
  if (p->status) return;
  if (p->depth + p->skipped >= DEPTH_LIMIT) {
    stop(p,
         error_set(CHECKROB_ERROR_LIMIT, "%s:%zu: elements nest deeper than %d levels; repair the annotation",
                   p->path, current_line(p), DEPTH_LIMIT));
    return;
  }
  const struct element *found = NULL;
  for (size_t i = 0; i < sizeof elements / sizeof *elements && !p->skipped; i++)
    if (elements[i].inside == p->places[p->depth] && strcmp(elements[i].name, name) == 0)
      found = &elements[i];
  if (!found) {
    if (p->depth == 0 && !p->skipped)
      stop(p, error_set(CHECKROB_ERROR_BAD_INPUT,
                        "%s:%zu: the file is not a Pascal VOC annotation: it begins with <%.40s>, not "
                        "<annotation>; convert it, or remove it from the annotations folder",
                        p->path, current_line(p), name));
    p->skipped++;
    return;
  }
  p->places[++p->depth] = found->opens;
  p->leaf = found->leaf;
  p->bytes = 0;
  if (found->opens == OBJECT) add_object(p);
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
  (void)name;
  parser *p = data;
  if (p->status) return;
  if (p->skipped) {
    p->skipped--;
    return;
  }
  place closed = p->places[p->depth--];
  if (closed == LEAF) finish_leaf(p);
  if (closed == OBJECT) finish_object(p);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int length) {
  parser *p = data;
  if (p->status || p->skipped || p->places[p->depth] != LEAF) return;
  while (p->byte_capacity <= p->bytes + (size_t)length) { /* room for a NUL too */
    char *grown = array_grow(p->text, &p->byte_capacity, p->byte_capacity, 1);
    if (!grown) {
      stop(p, error_memory(p->path));
      return;
    }
    p->text = grown;
  }
  memcpy(p->text + p->bytes, text, (size_t)length);
  p->bytes += (size_t)length;
}

/* No tool that writes VOC files declares entities. They serve attacks: reading other files, or filling the
 * memory. */
static void XMLCALL on_entity(void *data, const XML_Char *name, int is_parameter, const XML_Char *value,
                              int value_length, const XML_Char *base, const XML_Char *system_id,
                              const XML_Char *public_id, const XML_Char *notation) {
  (void)is_parameter, (void)value, (void)value_length, (void)base;
  (void)system_id, (void)public_id, (void)notation;
  parser *p = data;
  if (p->status) return;
  stop(p,
       error_set(CHECKROB_ERROR_BAD_INPUT,
                 "%s:%zu: the file declares the XML entity '%.40s', which is not allowed; remove its DOCTYPE",
                 p->path, current_line(p), name));
}

static checkrob_status expat_error(const parser *p, const char *xml, size_t bytes) {
  enum XML_Error error = XML_GetErrorCode(p->expat);
  switch (error) {
    case XML_ERROR_NO_MEMORY:
      return error_memory(p->path);
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
    case XML_ERROR_PARTIAL_CHAR:
      if (bytes == 0)
        return error_set(CHECKROB_ERROR_BAD_INPUT, "%s: the file is empty; restore the annotation", p->path);
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s:%zu: the XML is truncated; restore the rest of the annotation", p->path,
                       current_line(p));
    case XML_ERROR_UNKNOWN_ENCODING:
      return error_set(CHECKROB_ERROR_BAD_INPUT,
                       "%s:%zu: the character encoding is unknown; save the file as UTF-8", p->path,
                       current_line(p));
    default:
      return syntax_error(p, xml, bytes, error);
  }
}

/* At the end, because <size> may follow the objects. */
static void check_against_size(parser *p) {
  const voc_annotation *annotation = p->annotation;
  if (annotation->width == 0 || annotation->height == 0) return;
  for (size_t i = 0; i < annotation->count; i++) {
    const double *corners = annotation->objects[i].corners;
    if (corners[VOC_XMIN] > annotation->width || corners[VOC_YMIN] > annotation->height ||
        corners[VOC_XMAX] <= 0 || corners[VOC_YMAX] <= 0)
      set_problem(p, &annotation->objects[i],
                  "has a box (%.10g, %.10g to %.10g, %.10g) outside the %u x %u pixels of <size>; correct "
                  "the box or the size",
                  corners[VOC_XMIN], corners[VOC_YMIN], corners[VOC_XMAX], corners[VOC_YMAX],
                  annotation->width, annotation->height);
  }
}

static checkrob_status parse(parser *p, const char *xml, size_t bytes) {
  XML_SetUserData(p->expat, p);
  XML_SetElementHandler(p->expat, on_start, on_end);
  XML_SetCharacterDataHandler(p->expat, on_text);
  XML_SetEntityDeclHandler(p->expat, on_entity);
  enum XML_Status parsed = XML_Parse(p->expat, xml, (int)bytes, XML_TRUE);
  if (p->status) return p->status;
  if (parsed != XML_STATUS_OK) return expat_error(p, xml, bytes);
  check_against_size(p);
  return p->status;
}

checkrob_status voc_annotation_parse(voc_annotation *out, const char *xml, size_t bytes, const char *path) {
  if (bytes > VOC_FILE_LIMIT)
    return error_set(CHECKROB_ERROR_LIMIT, "%s has %zu bytes, more than the limit of an annotation", path,
                     bytes);
  voc_annotation annotation = {0};
  parser p = {.expat = XML_ParserCreate(NULL), .path = path, .annotation = &annotation};
  if (!p.expat) return error_memory(path);
  checkrob_status status = parse(&p, xml, bytes);
  XML_ParserFree(p.expat);
  free(p.text);
  if (status)
    voc_annotation_clear(&annotation);
  else
    *out = annotation;
  return status;
}

checkrob_status voc_annotation_open(voc_annotation *out, const char *path) {
  char *xml;
  size_t bytes;
  checkrob_status status = file_read(&xml, &bytes, path, VOC_FILE_LIMIT);
  if (status) return status;
  status = voc_annotation_parse(out, xml, bytes, path);
  free(xml);
  return status;
}

void voc_annotation_clear(voc_annotation *annotation) {
  for (size_t i = 0; i < annotation->count; i++) {
    free(annotation->objects[i].name);
    free(annotation->objects[i].problem);
  }
  free(annotation->objects);
  *annotation = (voc_annotation){0};
}

checkrob_status voc_object_error(const voc_object *object, const char *path) {
  return error_set(CHECKROB_ERROR_BAD_INPUT, "%s:%zu: object '%s' %s", path, object->line, object->name,
                   object->problem);
}
