/* SPDX-License-Identifier: Apache-2.0 */
/* Validates a value. Returns it as it is stored, or sets an error message that says what is allowed. */
#ifndef CHECKROB_LIB_OPTION_CHECK_H
#define CHECKROB_LIB_OPTION_CHECK_H

#include "options/declared.h"
#include "options/handle.h"

/* All fill *out, whose text the caller frees. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
checkrob_status check_text(option_item *out, const declared_option *declared, const char *text);
checkrob_status check_integer(option_item *out, const declared_option *declared, int64_t value);
checkrob_status check_number(option_item *out, const declared_option *declared, double value);

#endif
