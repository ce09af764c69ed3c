/* What a checkrob_preprocess holds. */
#ifndef CHECKROB_LIB_PREPROCESS_H
#define CHECKROB_LIB_PREPROCESS_H

#include <checkrob/preprocess.h>

#define PREPROCESS_MAX_SIDE 8192

typedef enum resize_rule {
  RESIZE_NONE,    /* the image's own size */
  RESIZE_SHORTER, /* the shorter side to resize_height (= resize_width), the longer one in proportion */
  RESIZE_EXACT    /* to resize_height x resize_width */
} resize_rule;

struct checkrob_preprocess {
  resize_rule rule;
  uint32_t resize_width, resize_height; /* 0 without a resize */
  uint32_t width, height;               /* of the crop */
  checkrob_filter filter;
  double mean[3], std[3];
  float value[3][256]; /* of each channel: the value of each byte */
  char *json;
};

/* Fills `out` from JSON text, except its value table and JSON line. Error messages begin with `where`.
 * Errors: BAD_INPUT, OUT_OF_MEMORY. */
checkrob_status preprocess_read(checkrob_preprocess *out, const char *where, const char *json, size_t bytes);

/* Writes it as a line of JSON, which the caller frees; NULL if out of memory. */
char *preprocess_write(const checkrob_preprocess *preprocess);

#endif
