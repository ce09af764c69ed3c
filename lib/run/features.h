/* SPDX-License-Identifier: Apache-2.0 */
/* The second stage of a run with the option `features`: chooses features from the stored contributions, and
 * asks each recognised sample again with each of them switched off; then with the two strongest spurious ones
 * of its class together. What samples say is stored batch by batch, and resumed. */
#ifndef CHECKROB_LIB_RUN_FEATURES_H
#define CHECKROB_LIB_RUN_FEATURES_H

#include "classes/rule.h"
#include "classes/tally.h"
#include "engine/engine.h"
#include "run/run.h"
#include "table/row_list.h"

/* The layer whose channels are examined: that of the explainer; of a method at the input, "auto". */
const char *features_layer(const checkrob_run *run);

/* `s` has all samples of the run, and nothing else writes to it. Its times are added to *totals. Errors:
 * INTERRUPTED, those of engine_run() and of the store. */
checkrob_status features_run(checkrob_run *run, store *s, const class_tally *tally, const verdict_rule *rule,
                             size_t threads, engine_totals *totals);

/* Starts and fills the table "feature" from what the store has. The caller clears it. Errors: those of
 * features_assess(). */
checkrob_status features_find(row_list *found, store *s, const class_tally *tally, const verdict_rule *rule);

#endif
