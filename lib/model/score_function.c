#include <math.h>
#include <stddef.h>
#include <strings.h>

#include "base/error.h"
#include "model/model.h"
#include "shim/shim.h"

static const struct {
  checkrob_score_function function;
  const char *name;
} functions[] = {
    {CHECKROB_SCORE_LOGIT, "logit"},
    {CHECKROB_SCORE_PROBABILITY, "probability"},
    {CHECKROB_SCORE_MARGIN, "margin"},
    {CHECKROB_SCORE_LOG_ODDS, "log-odds"},
};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

checkrob_status checkrob_score_function_find(checkrob_score_function *out, const char *name) {
  if (!out || !name)
    return error_set(CHECKROB_ERROR_INVALID_ARGUMENT, "checkrob_score_function_find: NULL argument");
  for (size_t i = 0; i < FUNCTION_COUNT; i++)
    if (strcasecmp(name, functions[i].name) == 0) {
      *out = functions[i].function;
      return CHECKROB_OK;
    }
  return error_set(CHECKROB_ERROR_NOT_FOUND,
                   "there is no score function '%s'; there are logit, probability, margin and log-odds",
                   name);
}

const char *checkrob_score_function_name(checkrob_score_function function) {
  for (size_t i = 0; i < FUNCTION_COUNT; i++)
    if (functions[i].function == function) return functions[i].name;
  return NULL;
}

double model_log_odds(double probability) {
  return log(fmax(probability, SHIM_LEAST_PROBABILITY)) - log(fmax(1.0 - probability, SHIM_LEAST_REST));
}
