/* SPDX-License-Identifier: Apache-2.0 */
#include "classes/derived.h"

#include <math.h>

#include "classes/assessment.h"
#include "saliency/stored_map.h"

/* The score of the sample's region with the object-blind map of its class; NaN if there is none. */
static double blind_score(const checkrob_row *sample, const sample_columns *columns,
                          const class_list *classes) {
  const checkrob_row *row = class_list_find(classes, row_integer(sample, SAMPLE_INDEX));
  const checkrob_row *stored = row_child(sample, columns->evidence, 0);
  size_t cells = 0, region_cells = 0, counted_cells = 0;
  const double *blind = checkrob_row_doubles(&cells, row, "blind_map");
  if (!stored || !blind) return NAN;
  const float *region = row_floats(&region_cells, stored, columns->region);
  const float *counted = row_floats(&counted_cells, stored, columns->counted);
  if (!region || region_cells != cells || (counted && counted_cells != cells)) return NAN;
  return stored_map_share(blind, region, counted, cells);
}

checkrob_status derive_sample(checkrob_row *sample, const sample_columns *columns, size_t top_k,
                              const class_list *classes) {
  row_set_integer(sample, columns->hit, sample_hit(sample, columns, top_k));
  double rs = row_number(sample, columns->rs);
  double rs0 = classes ? blind_score(sample, columns, classes) : NAN;
  row_set_number(sample, columns->rs0, rs0);
  row_set_number(sample, columns->ers, assess_ers(rs, rs0));
  row_set_number(sample, columns->lift, assess_lift(rs, rs0));
  const checkrob_row *of = classes ? class_list_find(classes, row_integer(sample, SAMPLE_INDEX)) : NULL;
  checkrob_status status = CHECKROB_OK;
  if (of && checkrob_row_has(of, "title"))
    status = row_put_text(sample, "title", checkrob_row_text(of, "title"));
  if (status || row_integer(sample, columns->empty_map) != 1) return status;
  return row_set_text(sample, SAMPLE_STATUS, SAMPLE_EMPTY_MAP);
}
