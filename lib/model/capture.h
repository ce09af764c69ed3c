/* A capture is shared by its owner and by the tensors that were handed out of it. */
#ifndef CHECKROB_LIB_CAPTURE_H
#define CHECKROB_LIB_CAPTURE_H

#include <checkrob/cut.h>

#include "shim/shim.h"

/* Takes the arrays over; frees them where memory is out (NULL). */
checkrob_capture *capture_new(shim_capture *arrays);

#endif
