/* SPDX-License-Identifier: Apache-2.0 */
/* What the library's own rooms use of a cursor beyond the public API. */
#ifndef CHECKROB_LIB_CURSOR_H
#define CHECKROB_LIB_CURSOR_H

#include "dataset/sample.h"

/* Reads all samples of the next input that checkrob_cursor_next has not returned; after a seek those from its
 * part on. They share one image. An empty list is an input that skip_unmapped skipped: the caller gets
 * control back after every input, however many are skipped. END after the last input; OUT_OF_MEMORY. */
checkrob_status cursor_next_input(sample_list *out, checkrob_cursor *cursor);

/* The same for the image alone: the list has one sample, of no class (sample_reduce_to_image). */
checkrob_status cursor_next_image(sample_list *out, checkrob_cursor *cursor);

#endif
