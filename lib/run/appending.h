/* SPDX-License-Identifier: Apache-2.0 */
/* A pass of the second stage of a run: what it finds is appended to a table of its own, batch by batch. After
 * each batch the table has a mark, a row with the numbers of the last sample and nothing else, from which an
 * interrupted pass is resumed: it forms the same batches as a pass that was not interrupted. After the last
 * batch the mark has the number of inputs. */
#ifndef CHECKROB_LIB_APPENDING_H
#define CHECKROB_LIB_APPENDING_H

#include "engine/engine.h"
#include "run/run.h"
#include "table/row_list.h"

typedef struct appending {
  checkrob_run *run;
  store *to; /* nothing else writes to it */
  size_t threads;
  const checkrob_dataset *dataset;
  int images_only; /* 1: each input is one sample, of its image alone */
  /* Makes the analysis: not if the table is complete. */
  checkrob_status (*make)(analysis *out, void *data);
  /* Appends the rows of a sample, in the dataset's order. */
  checkrob_status (*add)(row_list *rows, const engine_sample *sample, void *data);
  /* NULL, or called after the last sample, before the table is complete. */
  checkrob_status (*end)(void *data);
  void *data;
  engine_totals *totals; /* the times of the pass are added */
} appending;

/* Fills what the table lacks. `rows` is an empty list with the columns of the table: `input`, perhaps `part`,
 * and others. It is empty again afterwards. Errors: those of engine_run() and of the callbacks, and BAD_INPUT
 * (the table names an input that the data do not have). */
checkrob_status appending_run(const appending *a, row_list *rows);

#endif
