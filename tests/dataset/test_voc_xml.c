/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/voc_xml.h"
#include "dataset/scratch.h"

static voc_annotation parse(const char *xml) {
  voc_annotation annotation;
  if (voc_annotation_parse(&annotation, xml, strlen(xml), "a.xml")) fail_msg("%s", checkrob_last_error());
  return annotation;
}

static void expect_error(checkrob_status status, const char *xml, const char *sentence) {
  voc_annotation annotation;
  assert_int_equal(voc_annotation_parse(&annotation, xml, strlen(xml), "a.xml"), status);
  assert_sentence(sentence);
}

static void expect_problem(const char *xml, const char *sentence) {
  voc_annotation annotation = parse(xml);
  assert_int_equal(annotation.count, 1);
  if (!annotation.objects[0].problem) fail_msg("no problem in %s", xml);
  assert_int_equal(voc_object_error(&annotation.objects[0], "a.xml"), CHECKROB_ERROR_BAD_INPUT);
  assert_sentence(sentence);
  voc_annotation_clear(&annotation);
}

static void assert_corners(const voc_object *object, double xmin, double ymin, double xmax, double ymax) {
  assert_null(object->problem);
  assert_true(object->corners[VOC_XMIN] == xmin && object->corners[VOC_YMIN] == ymin &&
              object->corners[VOC_XMAX] == xmax && object->corners[VOC_YMAX] == ymax);
}

static void reads_what_matters(void **state) {
  (void)state;
  voc_annotation annotation = parse(
      "<?xml version=\"1.0\"?><!DOCTYPE annotation>\n"
      "<annotation><folder>f</folder><source><name>not an object</name></source>\n"
      "<object><name>\n  tree &amp; <!-- a --> bush </name><difficult>1</difficult><part><name>leaf</name>"
      "<bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>"
      "<bndbox><ymin> 2.5 </ymin><xmin>1</xmin><ymax>4e1</ymax><xmax>+30.25</xmax></bndbox></object>\n"
      "<object><bndbox><xmin>0</xmin><ymin>-0.5</ymin><xmax>0</xmax><ymax>9</ymax></bndbox>"
      "<name><![CDATA[x<y]]></name></object>\n"
      "<size><width>640</width><height>480.0</height><depth>3</depth></size></annotation>\n");
  assert_int_equal(annotation.width, 640);
  assert_int_equal(annotation.height, 480);
  assert_int_equal(annotation.count, 2);
  assert_string_equal(annotation.objects[0].name, "tree &  bush");
  assert_int_equal(annotation.objects[0].line, 3);
  assert_corners(&annotation.objects[0], 1, 2.5, 30.25, 40);
  assert_string_equal(annotation.objects[1].name, "x<y");
  assert_string_equal(
      annotation.objects[1].problem,
      "has a box (0, -0.5 to 0, 9) outside the 640 x 480 pixels of <size>; correct the box or "
      "the size");
  voc_annotation_clear(&annotation);
}

static void takes_boxes_as_tools_write_them(void **state) {
  (void)state;
  voc_annotation annotation = parse(VOC_FILE(VOC_OBJECT("zero-based", 0, 0, 99, 79) VOC_OBJECT(
      "one pixel", 100, 80, 100, 80) VOC_OBJECT("over the rim", -5, -5, 120, 90)));
  assert_int_equal(annotation.count, 3);
  assert_corners(&annotation.objects[0], 0, 0, 99, 79);
  assert_corners(&annotation.objects[1], 100, 80, 100, 80);
  assert_corners(&annotation.objects[2], -5, -5, 120, 90);
  voc_annotation_clear(&annotation);
  /* A size of 0, or one that is no number, says nothing. */
  annotation = parse("<annotation><size><width>0</width><height>0</height></size>" VOC_OBJECT(
      "k", 900, 900, 901, 901) "</annotation>");
  assert_corners(&annotation.objects[0], 900, 900, 901, 901);
  voc_annotation_clear(&annotation);
  annotation = parse("<annotation><size><width/><height>x</height></size></annotation>");
  assert_int_equal(annotation.width, 0);
  assert_int_equal(annotation.height, 0);
  assert_int_equal(annotation.count, 0);
  voc_annotation_clear(&annotation);
}

static void reads_other_encodings(void **state) {
  (void)state;
  voc_annotation annotation =
      parse("<?xml version='1.0' encoding='ISO-8859-1'?>" VOC_FILE(VOC_OBJECT("k\xe4nguru", 1, 1, 2, 2)));
  assert_string_equal(annotation.objects[0].name, "k\xc3\xa4nguru");
  voc_annotation_clear(&annotation);
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<?xml version='1.0' encoding='KOI9'?><annotation/>",
               "a.xml:1: the character encoding is unknown; save the file as UTF-8");
  expect_error(CHECKROB_ERROR_BAD_INPUT, VOC_FILE(VOC_OBJECT("k\xe4nguru", 1, 1, 2, 2)),
               "a.xml:1: not UTF-8 text");
}

static void says_what_is_wrong_with_the_file(void **state) {
  (void)state;
  expect_error(CHECKROB_ERROR_BAD_INPUT, "", "a.xml: the file is empty; restore the annotation");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>\n<object>",
               "a.xml:2: the XML is truncated; restore the rest of the annotation");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>\n<obj", "a.xml:2: the XML is truncated");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>\n</object>",
               "a.xml:2: broken XML (mismatched tag); repair or replace the annotation");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "\x89PNG\r\n", "a.xml:1: not UTF-8 text");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<html><annotation/></html>",
               "a.xml:1: the file is not a Pascal VOC annotation: it begins with <html>, not <annotation>; "
               "convert it, "
               "or remove it from the annotations folder");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>\n<object><bndbox/></object></annotation>",
               "a.xml:2: an object has no <name>; add its class, or remove the object");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation><object><name> \n</name></object></annotation>",
               "a.xml:1: an object has no <name>");
  expect_error(CHECKROB_ERROR_BAD_INPUT,
               "<annotation><object><part><name>leaf</name></part></object></annotation>",
               "an object has no <name>");
}

static void refuses_entities(void **state) {
  (void)state;
  expect_error(CHECKROB_ERROR_BAD_INPUT,
               "<!DOCTYPE annotation [\n<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
               "<annotation><object><name>&b;</name></object></annotation>",
               "a.xml:2: the file declares the XML entity 'a', which is not allowed; remove its DOCTYPE");
  expect_error(
      CHECKROB_ERROR_BAD_INPUT,
      "<!DOCTYPE annotation [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><annotation>&f;</annotation>",
      "declares the XML entity 'f'");
  expect_error(CHECKROB_ERROR_BAD_INPUT,
               "<!DOCTYPE annotation [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><annotation/>",
               "declares the XML entity 'p'");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>&nothing;</annotation>",
               "a.xml:1: an '&' begins no entity");
}

static void names_what_editors_leave(void **state) {
  (void)state;
  static const char *const bad[] = {"black & white", "R&D", "R&", "&&", "a &b c"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char xml[256];
    snprintf(xml, sizeof xml, "<annotation>\n<object><name>%s</name></object></annotation>", bad[i]);
    expect_error(CHECKROB_ERROR_BAD_INPUT, xml,
                 "a.xml:2: an '&' begins no entity that XML knows; write &amp; for it");
  }
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation>\n<object><name>caf\xe9</name></object></annotation>",
               "a.xml:2: not UTF-8 text; save the file as UTF-8");
  expect_error(CHECKROB_ERROR_BAD_INPUT, "<annotation><a></b></annotation>", "broken XML (mismatched tag)");
  expect_problem(VOC_FILE(VOC_OBJECT("k", 0.1, 0.2, 0.5, 0.75)),
                 "has a <bndbox> within 0 to 1, but coordinates are pixels");
  voc_annotation annotation =
      parse("\xef\xbb\xbf" VOC_FILE(VOC_OBJECT("k", 1, 1, 1, 1))); /* a pixel in the corner */
  assert_corners(&annotation.objects[0], 1, 1, 1, 1);
  voc_annotation_clear(&annotation);
}

static void attributes_turn_a_box(void **state) {
  (void)state;
#define ATTRIBUTE(name, value) "<attribute><name>" name "</name><value>" value "</value></attribute>"
  voc_annotation annotation = parse(VOC_FILE(
      "<object><name>k</name><attributes>" ATTRIBUTE("occluded", "7") ATTRIBUTE("rotation", "90.5") ATTRIBUTE(
          "name",
          "2") "</attributes><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
               "</object>" VOC_OBJECT("l", 1, 1, 9, 9)));
  assert_int_equal(annotation.count, 2);
  assert_string_equal(annotation.objects[0].name, "k"); /* an attribute's name is not the object's */
  assert_true(annotation.objects[0].rotation == 90.5 && annotation.objects[1].rotation == 0);
  assert_null(annotation.objects[0].problem);
  voc_annotation_clear(&annotation);
}

static void flags_count_in_any_spelling(void **state) {
  (void)state;
  static const char *const texts[] = {"1", "1.0", "true", "True", "0", "false", "", "Unspecified"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char xml[512];
    snprintf(xml, sizeof xml,
             VOC_FILE("<object><name>k</name><difficult>%s</difficult><bndbox><xmin>1</xmin><ymin>1</ymin>"
                      "<xmax>9</xmax><ymax>9</ymax></bndbox></object>"),
             texts[i]);
    voc_annotation annotation = parse(xml);
    assert_int_equal(annotation.objects[0].flags, i < 4 ? CHECKROB_OBJECT_DIFFICULT : 0);
    voc_annotation_clear(&annotation);
  }
}

#define BOX(inner) VOC_FILE("<object><name>k</name><bndbox>" inner "</bndbox></object>")
#define CORNERS(xmin) "<xmin>" xmin "</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax>"

static void says_what_is_wrong_with_an_object(void **state) {
  (void)state;
  expect_problem(
      VOC_FILE("\n<object><name>k</name><robndbox/></object>"),
      "a.xml:2: object 'k' has no <bndbox>; only upright boxes are read: add one or remove the object");
  expect_problem(BOX(""), "object 'k' has no <bndbox>");
  expect_problem(BOX("<xmin>1</xmin><ymin>1</ymin><ymax>1</ymax>"),
                 "object 'k' has a <bndbox> without <xmax>; add it or remove the object");
  expect_problem(
      BOX(CORNERS("9.5")),
      "object 'k' has an inverted box, <xmax> 9 below <xmin> 9.5; correct it or remove the object");
  expect_problem(BOX("<xmin>1</xmin><ymin>8</ymin><xmax>9</xmax><ymax>7</ymax>"),
                 "object 'k' has an inverted box, <ymax> 7 below <ymin> 8");
  expect_problem(VOC_FILE(VOC_OBJECT("k", 101, 1, 120, 9)),
                 "object 'k' has a box (101, 1 to 120, 9) outside the 100 x 80 pixels of <size>; correct the "
                 "box or the size");
  expect_problem(VOC_FILE(VOC_OBJECT("k", 1, 81, 2, 90)), "object 'k' has a box (1, 81 to 2, 90) outside");
  expect_problem(BOX(CORNERS("1") "<xmin>2</xmin>"), "object 'k' has two <xmin>; remove the wrong one");
  expect_problem(VOC_FILE("<object><name>k</name><name>l</name></object>"),
                 "object 'k' has two <name>; remove");
  expect_problem(BOX(CORNERS("-1e10")), "has the <xmin> -1e10, which is far outside any image; correct it");
}

static void takes_only_decimal_numbers(void **state) {
  (void)state;
  expect_problem(BOX(CORNERS("left")),
                 "object 'k' has the <xmin> 'left', which is not a number; correct it or remove the object");
  expect_problem(BOX(CORNERS("")), "has the <xmin> '', which is not a number");
  expect_problem(BOX(CORNERS("1,5")), "has the <xmin> '1,5', which is not a number");
  expect_problem(BOX(CORNERS("1 2")), "has the <xmin> '1 2', which is not a number");
  expect_problem(BOX(CORNERS("0x10")), "has the <xmin> '0x10', which is not a number");
  expect_problem(BOX(CORNERS("nan")), "has the <xmin> 'nan', which is not a number");
  expect_problem(BOX(CORNERS("-inf")), "has the <xmin> '-inf', which is not a number");
  expect_problem(BOX(CORNERS("1e999")), "has the <xmin> '1e999', which is not a number");
  expect_problem(BOX(CORNERS("1e")), "has the <xmin> '1e', which is not a number");
  expect_problem(BOX(CORNERS(".")), "has the <xmin> '.', which is not a number");
  expect_problem(BOX(CORNERS("--1")), "has the <xmin> '--1', which is not a number");
}

static void reads_numbers_exactly(void **state) {
  (void)state;
  static const char *const texts[] = {"0.1",   "2.675", "123.456", "-7.25",   "1e-05",  "1E2",
                                      ".5",    "5.",    "0007",    "1.005e3", "99.999", "0.30000000000000004",
                                      "1e-400"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char xml[512];
    snprintf(xml, sizeof xml,
             "<annotation><object><name>k</name><bndbox><xmin>%s</xmin><ymin>1</ymin><xmax>1e4</xmax>"
             "<ymax>2</ymax></bndbox></object></annotation>",
             texts[i]);
    voc_annotation annotation = parse(xml);
    if (annotation.objects[0].problem) fail_msg("%s", annotation.objects[0].problem);
    assert_true(annotation.objects[0].corners[VOC_XMIN] == strtod(texts[i], NULL));
    voc_annotation_clear(&annotation);
  }
}

/* "<annotation>" once, then `part` `count` times. */
static char *repeat(const char *part, size_t count) {
  size_t bytes = strlen(part);
  char *xml = malloc(20 + count * bytes);
  char *end = xml + sprintf(xml, "<annotation>");
  for (size_t i = 0; i < count; i++, end += bytes) memcpy(end, part, bytes + 1);
  return xml;
}

static void keeps_its_limits(void **state) {
  (void)state;
  char *deep = repeat("<a>", 100000);
  expect_error(CHECKROB_ERROR_LIMIT, deep,
               "a.xml:1: elements nest deeper than 64 levels; repair the annotation");
  free(deep);
  char *many = repeat("<object><name>k</name></object>\n", 10001);
  expect_error(
      CHECKROB_ERROR_LIMIT, many,
      "a.xml:10001: the file has more than the limit of 10000 objects; split or repair the annotation");
  free(many);
  char *large = repeat("                ", (1 << 20) + 1);
  expect_error(CHECKROB_ERROR_LIMIT, large, "more than the limit of an annotation");
  voc_annotation annotation;
  const char *path = scratch_write("large.xml", large);
  free(large);
  assert_int_equal(voc_annotation_open(&annotation, path), CHECKROB_ERROR_LIMIT);
  assert_sentence("large.xml has ");
  assert_int_equal(voc_annotation_open(&annotation, scratch("none.xml")), CHECKROB_ERROR_NOT_FOUND);
  /* A long name is no reason to refuse the file. */
  char *name = repeat("n", 100000);
  char *xml = malloc(200000);
  sprintf(xml, "<annotation><object><name>%s</name></object></annotation>", name + strlen("<annotation>"));
  annotation = parse(xml);
  assert_int_equal(strlen(annotation.objects[0].name), 100000);
  voc_annotation_clear(&annotation);
  free(xml);
  free(name);
}

static void survives_a_cut_anywhere(void **state) {
  (void)state;
  static const char xml[] =
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE annotation>\n<!-- from a tool -->\n"
      "<annotation "
      "verified=\"yes\">\n<size><width>9</width><height>9</height></size>\n<object><name>k\xc3\xa4 &lt;"
      "<![CDATA[x]]></name><part><name>p</name></part><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax>"
      "<ymax>nan</ymax></bndbox></object>\n" VOC_OBJECT("l", 1, 2, 3, 4) "\n</annotation>\n";
  size_t whole = sizeof xml - 1;
  for (size_t bytes = 0; bytes <= whole; bytes++) {
    char *part = malloc(bytes ? bytes : 1); /* exactly as large: the sanitizer sees any step beyond */
    memcpy(part, xml, bytes);
    voc_annotation annotation;
    checkrob_status status = voc_annotation_parse(&annotation, part, bytes, "cut.xml");
    free(part);
    assert_int_equal(status, bytes >= whole - 1 ? CHECKROB_OK : CHECKROB_ERROR_BAD_INPUT);
    if (status)
      assert_sentence(bytes == 0 ? "the file is empty" : "the XML is truncated");
    else
      voc_annotation_clear(&annotation);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_matters),
      cmocka_unit_test(takes_boxes_as_tools_write_them),
      cmocka_unit_test(reads_other_encodings),
      cmocka_unit_test(says_what_is_wrong_with_the_file),
      cmocka_unit_test(refuses_entities),
      cmocka_unit_test(names_what_editors_leave),
      cmocka_unit_test(attributes_turn_a_box),
      cmocka_unit_test(flags_count_in_any_spelling),
      cmocka_unit_test(says_what_is_wrong_with_an_object),
      cmocka_unit_test(takes_only_decimal_numbers),
      cmocka_unit_test(reads_numbers_exactly),
      cmocka_unit_test(keeps_its_limits),
      cmocka_unit_test(survives_a_cut_anywhere),
  };
  return cmocka_run_group_tests_name("voc xml", tests, scratch_setup, scratch_teardown);
}
