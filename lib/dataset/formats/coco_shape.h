/* SPDX-License-Identifier: Apache-2.0 */
/* The region of one COCO annotation. */
#ifndef CHECKROB_LIB_COCO_SHAPE_H
#define CHECKROB_LIB_COCO_SHAPE_H

#include <checkrob/region.h>
#include <jansson.h>
#include <stdbool.h>

/* Its "segmentation" (polygons, or runs, compressed or not); its "bbox" if there is none, or if `boxes_only`,
 * turned by the attribute "rotation" of CVAT. Errors: BAD_INPUT, LIMIT, with a predicate as error message:
 * "has an empty bbox"; OUT_OF_MEMORY. */
checkrob_status coco_shape(checkrob_regions **out, const json_t *annotation, bool boxes_only);

#endif
