/* SPDX-License-Identifier: Apache-2.0 */
/* The colours of heat maps. */
#include <checkrob/report.h>
#include <math.h>

#include "base/error.h"
#include "base/named.h"

/* Colours at equal steps; those between are interpolated, which differs from the published tables of 256
 * colours by at most 6 of 255. The tables are in the public domain (CC0): viridis, inferno, magma and plasma
 * of van der Walt, Smith and Firing (matplotlib, 2015), cividis of Nunez, Anderton and Renslow (PLoS ONE
 * 13(7), 2018). */
#define STEPS 33

static const uint8_t viridis[STEPS][3] = {
    {68, 1, 84},    {71, 13, 96},   {72, 24, 106},  {72, 35, 116},  {71, 45, 123},  {69, 54, 129},
    {66, 64, 134},  {63, 73, 137},  {59, 82, 139},  {55, 90, 141},  {51, 99, 141},  {47, 106, 142},
    {44, 114, 142}, {41, 122, 142}, {38, 129, 142}, {35, 137, 142}, {33, 144, 140}, {31, 152, 139},
    {31, 159, 136}, {33, 166, 133}, {40, 174, 128}, {49, 181, 123}, {62, 188, 116}, {76, 194, 108},
    {93, 201, 99},  {110, 206, 88}, {130, 211, 76}, {150, 216, 63}, {171, 220, 50}, {192, 223, 36},
    {213, 226, 26}, {234, 229, 26}, {253, 231, 37}};
static const uint8_t inferno[STEPS][3] = {
    {0, 0, 4},       {4, 3, 18},      {11, 7, 36},    {21, 11, 55},   {33, 12, 74},   {46, 10, 90},
    {60, 9, 101},    {74, 12, 107},   {87, 16, 109},  {99, 20, 110},  {112, 25, 110}, {125, 30, 109},
    {137, 34, 106},  {150, 39, 102},  {163, 43, 97},  {175, 49, 92},  {187, 55, 85},  {198, 62, 77},
    {209, 70, 68},   {219, 79, 59},   {227, 89, 50},  {235, 101, 40}, {241, 113, 30}, {246, 127, 20},
    {249, 141, 10},  {251, 156, 6},   {252, 171, 15}, {251, 186, 31}, {249, 202, 50}, {245, 217, 73},
    {242, 232, 101}, {243, 245, 134}, {252, 255, 164}};
static const uint8_t magma[STEPS][3] = {
    {0, 0, 4},       {3, 3, 17},      {10, 8, 34},     {19, 13, 51},    {29, 17, 70},    {40, 17, 90},
    {54, 16, 106},   {67, 15, 118},   {80, 18, 124},   {93, 23, 127},   {105, 28, 129},  {118, 33, 129},
    {130, 38, 129},  {143, 42, 129},  {156, 46, 127},  {169, 50, 125},  {182, 55, 121},  {195, 59, 117},
    {207, 65, 112},  {219, 72, 106},  {230, 81, 99},   {238, 92, 94},   {245, 105, 92},  {249, 120, 93},
    {251, 135, 97},  {253, 150, 104}, {254, 165, 113}, {254, 180, 123}, {254, 195, 135}, {254, 209, 148},
    {253, 224, 162}, {252, 238, 176}, {252, 253, 191}};
static const uint8_t plasma[STEPS][3] = {
    {13, 8, 135},   {34, 6, 144},   {49, 5, 150},   {63, 4, 156},   {76, 2, 161},   {89, 1, 165},
    {102, 0, 167},  {114, 1, 168},  {126, 3, 168},  {137, 9, 166},  {149, 17, 162}, {159, 26, 156},
    {169, 35, 150}, {178, 44, 142}, {187, 53, 135}, {195, 62, 128}, {203, 71, 120}, {210, 80, 113},
    {217, 89, 106}, {224, 98, 99},  {230, 108, 92}, {235, 117, 85}, {240, 127, 79}, {244, 138, 72},
    {248, 148, 65}, {251, 159, 58}, {253, 171, 51}, {254, 183, 45}, {253, 195, 40}, {252, 208, 37},
    {249, 221, 37}, {245, 235, 39}, {240, 249, 33}};
static const uint8_t cividis[STEPS][3] = {
    {0, 34, 78},     {0, 40, 91},     {0, 46, 106},    {4, 51, 113},    {26, 56, 111},   {39, 62, 110},
    {50, 67, 109},   {59, 73, 108},   {67, 78, 108},   {75, 84, 108},   {82, 89, 109},   {90, 95, 110},
    {97, 101, 111},  {104, 106, 113}, {111, 112, 115}, {117, 118, 118}, {124, 123, 120}, {132, 129, 121},
    {139, 135, 120}, {147, 141, 120}, {155, 147, 118}, {163, 154, 117}, {171, 160, 114}, {179, 166, 112},
    {187, 173, 108}, {195, 180, 105}, {204, 186, 100}, {212, 193, 95},  {221, 201, 88},  {230, 208, 81},
    {239, 215, 72},  {248, 223, 60},  {254, 232, 56}};

static const named_value names[] = {
    {CHECKROB_COLOUR_MAP_VIRIDIS, "viridis"}, {CHECKROB_COLOUR_MAP_INFERNO, "inferno"},
    {CHECKROB_COLOUR_MAP_MAGMA, "magma"},     {CHECKROB_COLOUR_MAP_PLASMA, "plasma"},
    {CHECKROB_COLOUR_MAP_CIVIDIS, "cividis"}, {CHECKROB_COLOUR_MAP_GRAY, "gray"}};

#define COUNT (sizeof names / sizeof names[0])

/* By the number of the map less 1; NULL: from black to white. */
static const uint8_t (*const tables[COUNT])[3] = {viridis, inferno, magma, plasma, cividis, NULL};

checkrob_status checkrob_colour_map_find(checkrob_colour_map *out, const char *name) {
  int value = 0;
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_colour_map_find: NULL argument");
  if (!named_find(&value, names, COUNT, name))
    return error_set(
        CHECKROB_ERROR_NOT_FOUND,
        "there is no colour map '%s'; there are viridis, inferno, magma, plasma, cividis and gray", name);
  *out = (checkrob_colour_map)value;
  return CHECKROB_OK;
}

const char *checkrob_colour_map_name(checkrob_colour_map map) {
  return named_name(names, COUNT, (int)map);
}

checkrob_status checkrob_colour_map_at(uint8_t rgb[3], checkrob_colour_map map, double value) {
  if (!rgb || !checkrob_colour_map_name(map))
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT,
                     "checkrob_colour_map_at: NULL argument, or there is no colour map %d", (int)map);
  const uint8_t(*colours)[3] = tables[map - 1];
  double at = fmin(fmax(value, 0.0), 1.0) * (STEPS - 1); /* of NaN: 0 */
  size_t step = at < STEPS - 1 ? (size_t)at : STEPS - 2;
  double share = at - (double)step;
  for (size_t c = 0; c < 3; c++) {
    double colour =
        colours ? colours[step][c] * (1.0 - share) + colours[step + 1][c] * share : 255.0 * at / (STEPS - 1);
    rgb[c] = (uint8_t)lround(colour);
  }
  return CHECKROB_OK;
}
