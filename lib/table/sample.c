/* SPDX-License-Identifier: Apache-2.0 */
#include "table/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const column columns[] = {
    [SAMPLE_INPUT] = {"input", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, COLUMN_NO_CSV,
                      "number of the image in the dataset, from 0"},
    [SAMPLE_PART] = {"part", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, COLUMN_NO_CSV,
                     "number of the sample among those of its image, from 0"},
    [SAMPLE_IMAGE] =
        {"image", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
         "path relative to the images folder; for an annotation without image, its path relative "
         "to the annotations folder"},
    [SAMPLE_CLASS] = {"class", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0,
                      "the class's first name in the class map; empty if unknown"},
    [SAMPLE_INDEX] = {"index", CHECKROB_COLUMN_INTEGER, "", 0, INFINITY, 0, 0,
                      "the class's output index; empty if unknown"},
    [SAMPLE_STATUS] = {"status", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, COLUMN_LAST,
                       "`ok`, `empty_map`, or why the sample could not be evaluated"},
    [SAMPLE_MESSAGE] =
        {"message", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, COLUMN_LAST,
         "error message: what is wrong, where, and what to do; for an evaluated sample a remark, or nothing"},
    [SAMPLE_MILLISECONDS] = {"milliseconds", CHECKROB_COLUMN_NUMBER, "ms", 0, INFINITY, 3, COLUMN_NO_CSV,
                             "time of decoding, plus the sample's share of its batch's time in the model"},
    [SAMPLE_TITLE] = TITLE_COLUMN("title", TITLE_OF_CLASS)};

const column_list sample_core = {columns, SAMPLE_COLUMNS};

checkrob_status sample_layout_new(row_layout **out, const column_list *parts, size_t part_count,
                                  const child_table *const *children, size_t child_count) {
  column_list *all = calloc(part_count + 1, sizeof *all);
  if (!all) return error_memory("the columns of the samples");
  all[0] = sample_core;
  for (size_t i = 0; i < part_count; i++) all[i + 1] = parts[i];
  checkrob_status status = row_layout_new(out, SAMPLE_TABLE, all, part_count + 1, children, child_count);
  free(all);
  return status;
}

bool sample_layout_is_sound(const row_layout *layout) {
  if (row_layout_count(layout) < SAMPLE_CORE) return false;
  for (size_t i = 0; i < SAMPLE_CORE; i++) {
    const column *c = row_layout_column(layout, i);
    if (strcmp(c->name, columns[i].name) != 0 || c->type != columns[i].type || !column_is_stored(c))
      return false;
  }
  return true;
}

int checkrob_row_is_evaluated(const checkrob_row *row) {
  return row && strcmp(row_layout_table(row_layout_of(row)), SAMPLE_TABLE) == 0 && sample_is_evaluated(row);
}

bool sample_is_evaluated(const checkrob_row *sample) {
  const char *status = row_text(sample, SAMPLE_STATUS);
  return strcmp(status, checkrob_status_name(CHECKROB_OK)) == 0 || strcmp(status, SAMPLE_EMPTY_MAP) == 0;
}
