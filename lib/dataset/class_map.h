/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECKROB_LIB_CLASS_MAP_H
#define CHECKROB_LIB_CLASS_MAP_H

#include <checkrob/dataset.h>

/* The map's "kangaroo" for a "Kangaroo ", a frequent mistake: the first name in the file that is similar
 * (base/similar.h); NULL: none, or no map. */
const char *class_map_similar(const checkrob_class_map *classes, const char *name);

#endif
