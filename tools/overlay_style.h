/* SPDX-License-Identifier: Apache-2.0 */
/* The options for how an overlay looks, for the commands that draw some. */
#ifndef CHECKROB_TOOLS_OVERLAY_STYLE_H
#define CHECKROB_TOOLS_OVERLAY_STYLE_H

#include "options_cli.h"

/* Rows of `own` of a command, in the group `group_`. */
#define OVERLAY_STYLE_OPTIONS(group_)                                                                       \
  OWN_OPTION("colour_map", CHOICE, group_, "NAME", "colours of the map",                                    \
             .choices = "viridis|inferno|magma|plasma|cividis|gray", .default_text = "inferno",             \
             .details = "All of them are readable for colour-blind people."),                               \
      OWN_OPTION("alpha", NUMBER, group_, "X", "how much the map covers the photo where it is brightest",   \
                 .low = 0, .high = 1, .default_text = "0.75", .details = "0 shows the photo alone."),       \
      OWN_OPTION("outlines", CHOICE, group_, "WHICH", "whether the objects are outlined",                   \
                 .choices = "on|off", .default_text = "on", .details = ""),                                 \
      OWN_OPTION("outline_colour", TEXT, group_, "RRGGBB", "colour of the outlines, in hexadecimal digits", \
                 .default_text = "40ff60", .details = ""),                                                  \
      OWN_OPTION("outline_thickness", INTEGER, group_, "PIXELS",                                            \
                 "thickness of the outlines; 0: by the picture's size", .low = 0, .high = 1000,             \
                 .default_text = "0", .details = ""),                                                       \
      OWN_OPTION("longest_side", INTEGER, group_, "PIXELS",                                                 \
                 "a larger photo is drawn so large; 0: at its own size", .low = 0, .high = 32768,           \
                 .default_text = "0", .details = "")

/* The style of these options: EXIT_OK, or EXIT_USAGE after an error message. */
int overlay_style_read(checkrob_overlay_style *out, const command_line *line);

#endif
