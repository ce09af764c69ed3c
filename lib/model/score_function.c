/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "base/named.h"
#include "model/model.h"
#include "shim/shim.h"

static const named_value functions[] = {
    {CHECKROB_SCORE_LOGIT, "logit"},
    {CHECKROB_SCORE_PROBABILITY, "probability"},
    {CHECKROB_SCORE_MARGIN, "margin"},
    {CHECKROB_SCORE_LOG_ODDS, "log-odds"},
};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

checkrob_status checkrob_score_function_find(checkrob_score_function *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_score_function_find: NULL argument");
  int value = 0;
  if (!named_find(&value, functions, FUNCTION_COUNT, name))
    return error_set(CHECKROB_ERROR_NOT_FOUND,
                     "there is no score function '%s'; there are logit, probability, margin and log-odds",
                     name);
  *out = (checkrob_score_function)value;
  return CHECKROB_OK;
}

const char *checkrob_score_function_name(checkrob_score_function function) {
  return named_name(functions, FUNCTION_COUNT, (int)function);
}

double model_log_odds(double probability) {
  return log(fmax(probability, SHIM_LEAST_PROBABILITY)) - log(fmax(1.0 - probability, SHIM_LEAST_REST));
}
