/* SPDX-License-Identifier: Apache-2.0 */
/* What a report cannot tell. */
#ifndef CHECKROB_LIB_HTML_NOTES_H
#define CHECKROB_LIB_HTML_NOTES_H

#include <checkrob/results.h>
#include <jansson.h>

/* A list of texts: what limits these results. The caller releases it; NULL: out of memory. */
json_t *notes_about(const checkrob_results *results);

#endif
