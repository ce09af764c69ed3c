/* What other rooms may ask of a cursor beyond the public API. */
#ifndef CHECKROB_LIB_CURSOR_H
#define CHECKROB_LIB_CURSOR_H

#include "dataset/sample.h"

/* All samples of the next input that checkrob_cursor_next has not given; after a seek those from its part on.
 * They share one image. None: skip_unmapped skipped the input; so whoever waits can look up between inputs.
 * END behind the last input; OUT_OF_MEMORY. */
checkrob_status cursor_next_input(sample_list *out, checkrob_cursor *cursor);

#endif
