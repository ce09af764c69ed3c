/* The state of dataset_format_caller. */
#ifndef CHECKROB_LIB_CALLER_H
#define CHECKROB_LIB_CALLER_H

#include "dataset/formats/format.h"

typedef struct caller_source {
  size_t input_count;
  checkrob_input_callback read;
  void *user_data;
} caller_source;

#endif
