/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob: what does an image classifier recognise a class by?
 *
 * This header includes all others. Start with run.h. */
#ifndef CHECKROB_CHECKROB_H
#define CHECKROB_CHECKROB_H

#include <checkrob/check.h>
#include <checkrob/cut.h>
#include <checkrob/dataset.h>
#include <checkrob/explain.h>
#include <checkrob/extract.h>
#include <checkrob/gate.h>
#include <checkrob/html.h>
#include <checkrob/image.h>
#include <checkrob/model.h>
#include <checkrob/options.h>
#include <checkrob/preprocess.h>
#include <checkrob/region.h>
#include <checkrob/report.h>
#include <checkrob/results.h>
#include <checkrob/row.h>
#include <checkrob/run.h>
#include <checkrob/saliency.h>
#include <checkrob/score.h>
#include <checkrob/status.h>
#include <checkrob/verdict.h>
#include <checkrob/version.h>

#endif
