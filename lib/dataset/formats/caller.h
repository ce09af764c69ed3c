/* SPDX-License-Identifier: Apache-2.0 */
/* The `open` of dataset_format_caller, which needs more than choices. */
#ifndef CHECKROB_LIB_CALLER_H
#define CHECKROB_LIB_CALLER_H

#include "dataset/formats/format.h"

/* OUT_OF_MEMORY. */
checkrob_status caller_open(void **state, size_t input_count, checkrob_input_callback read, void *user_data);

#endif
