#include <checkrob/model.h>
#include <strings.h>

#include "base/error.h"

static const struct {
  checkrob_layout layout;
  const char *name;
} layouts[] = {
    {CHECKROB_LAYOUT_AUTO, "auto"},
    {CHECKROB_LAYOUT_NCHW, "nchw"},
    {CHECKROB_LAYOUT_NHWC, "nhwc"},
    {CHECKROB_LAYOUT_TOKENS, "tokens"},
};

#define LAYOUT_COUNT (sizeof layouts / sizeof layouts[0])

checkrob_status checkrob_layout_find(checkrob_layout *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_layout_find: NULL argument");
  for (size_t i = 0; i < LAYOUT_COUNT; i++)
    if (strcasecmp(name, layouts[i].name) == 0) {
      *out = layouts[i].layout;
      return CHECKROB_OK;
    }
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no layout '%s'; there are auto, nchw, nhwc and tokens",
                   name);
}

const char *checkrob_layout_name(checkrob_layout layout) {
  for (size_t i = 0; i < LAYOUT_COUNT; i++)
    if (layouts[i].layout == layout) return layouts[i].name;
  return NULL;
}
