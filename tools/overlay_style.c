/* SPDX-License-Identifier: Apache-2.0 */
#include "overlay_style.h"

#include <stdlib.h>
#include <string.h>

int overlay_style_read(checkrob_overlay_style *out, const command_line *line) {
  *out = (checkrob_overlay_style)CHECKROB_OVERLAY_STYLE_INIT;
  const char *colour = command_line_text(line, "outline_colour");
  const char *digits = colour + (*colour == '#');
  if (strlen(digits) != 6 || strspn(digits, "0123456789abcdefABCDEF") != 6)
    return fail_usage(line->usage->name, "--outline-colour is '%s', but must be RRGGBB, such as ff8000",
                      colour);
  if (checkrob_colour_map_find(&out->colour_map, command_line_text(line, "colour_map")))
    return fail_with_flags(EXIT_FAILED);
  out->alpha = command_line_number(line, "alpha");
  out->outlines = strcmp(command_line_text(line, "outlines"), "on") == 0;
  out->outline_colour = (uint32_t)strtoul(digits, NULL, 16);
  out->outline_thickness = (uint32_t)command_line_integer(line, "outline_thickness");
  out->longest_side = (uint32_t)command_line_integer(line, "longest_side");
  return EXIT_OK;
}
