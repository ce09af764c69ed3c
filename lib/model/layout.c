/* SPDX-License-Identifier: Apache-2.0 */
#include <checkrob/model.h>

#include "base/error.h"
#include "base/named.h"

static const named_value layouts[] = {
    {CHECKROB_LAYOUT_AUTO, "auto"},
    {CHECKROB_LAYOUT_NCHW, "nchw"},
    {CHECKROB_LAYOUT_NHWC, "nhwc"},
    {CHECKROB_LAYOUT_TOKENS, "tokens"},
};

#define LAYOUT_COUNT (sizeof layouts / sizeof layouts[0])

checkrob_status checkrob_layout_find(checkrob_layout *out, const char *name) {
  if (!out || !name) return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_layout_find: NULL argument");
  int value = 0;
  if (!named_find(&value, layouts, LAYOUT_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "there is no layout '%s'; there are auto, nchw, nhwc and tokens", name);
  *out = (checkrob_layout)value;
  return CHECKROB_OK;
}

const char *checkrob_layout_name(checkrob_layout layout) {
  return named_name(layouts, LAYOUT_COUNT, (int)layout);
}
