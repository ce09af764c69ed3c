/* The columns of the saliency score: what one map says of one sample. */
#ifndef CHECKROB_LIB_SALIENCY_COLUMNS_H
#define CHECKROB_LIB_SALIENCY_COLUMNS_H

#include "table/column.h"

/* Indices in the part: row_layout_base(layout, part) + SALIENCY_RS. */
enum {
  SALIENCY_RS,
  SALIENCY_REGION_SHARE,
  SALIENCY_LOGIT,
  SALIENCY_PROBABILITY,
  SALIENCY_RANK,
  SALIENCY_HIT,
  SALIENCY_PREDICTED,
  SALIENCY_RS0,
  SALIENCY_ERS,
  SALIENCY_LIFT,
  SALIENCY_CONTRAST,
  SALIENCY_EMPTY_MAP,
  SALIENCY_POINTING_GAME,
  SALIENCY_RANK_ACCURACY,
  SALIENCY_TOP_K_INTERSECTION,
  SALIENCY_ATTRIBUTION_LOCALISATION,
  SALIENCY_AUC,
  SALIENCY_IOU,
  SALIENCY_COLUMNS
};

extern const column_list saliency_columns;

/* The other annotated classes of the image: in the order of the sample, which is by index, and then those
 * that are not in the class map by name. */
enum { OTHER_CLASS, OTHER_INDEX, OTHER_SHARE, OTHER_COLUMNS };

/* What is stored of a sample's map and region (saliency/evidence.h), to score the one against others: arrays
 * of height * width cells. */
enum { EVIDENCE_HEIGHT, EVIDENCE_MAP, EVIDENCE_REGION, EVIDENCE_COUNTED, EVIDENCE_COLUMNS };

/* The child tables, by their index in saliency_children. */
enum { SALIENCY_OTHER, SALIENCY_EVIDENCE, SALIENCY_CHILDREN };

extern const child_table *const saliency_children[SALIENCY_CHILDREN];

#endif
