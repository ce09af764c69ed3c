/* SPDX-License-Identifier: Apache-2.0 */
/* The last stage of a run with the option `attack_images`: asks for each image of a pool what class it is
 * taken for, and by which of the class's spurious features. */
#ifndef CHECKROB_LIB_RUN_IMAGE_POOL_H
#define CHECKROB_LIB_RUN_IMAGE_POOL_H

#include "classes/rule.h"
#include "classes/tally.h"
#include "engine/engine.h"
#include "run/run.h"
#include "table/store.h"

/* `s` has the features of all classes, and nothing else writes to it. The images' times are added to *totals.
 * Errors: those of features_run(). */
checkrob_status image_pool_run(checkrob_run *run, store *s, const class_tally *tally,
                               const verdict_rule *rule, size_t threads, engine_totals *totals);

#endif
