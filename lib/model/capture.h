/* SPDX-License-Identifier: Apache-2.0 */
/* A capture is shared by its owner and the tensors made from it. */
#ifndef CHECKROB_LIB_CAPTURE_H
#define CHECKROB_LIB_CAPTURE_H

#include <checkrob/cut.h>

#include "shim/shim.h"

/* The new capture owns the arrays. NULL if out of memory: the arrays are then freed. */
checkrob_capture *capture_new(shim_capture *arrays);

#endif
