/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/formats/turned_box.h"

#include <math.h>

#define DEGREE 0.017453292519943295

checkrob_status turned_box_add(checkrob_regions *regions, const double box[4], double degrees) {
  double turn = fmod(degrees, 360), sine = sin(turn * DEGREE), cosine = cos(turn * DEGREE);
  double width = box[2] - box[0], height = box[3] - box[1];
  if (turn == 0 || !(width > 0 && height > 0))
    return checkrob_regions_add_box(regions, box[0], box[1], box[2], box[3]);
  static const double sides[4][2] = {{-.5, -.5}, {.5, -.5}, {.5, .5}, {-.5, .5}};
  double xy[8];
  for (size_t i = 0; i < 4; i++) {
    double x = sides[i][0] * width, y = sides[i][1] * height;
    xy[2 * i] = box[0] + width / 2 + x * cosine - y * sine;
    xy[2 * i + 1] = box[1] + height / 2 + x * sine + y * cosine;
  }
  return checkrob_regions_add_polygon(regions, xy, 4);
}
