/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes and error messages.
 *
 * A function that can fail returns CHECKROB_OK or a negative code. The code is for the program: it names
 * failures that a caller can handle. checkrob_last_error() is for the user: it says what is wrong, where, and
 * what to do. A failed call does not change its out-parameters.
 *
 * Conventions of every header of this library:
 *   - Out-parameters come first, then the object, then the rest.
 *   - Objects are opaque. Every _new or _open has a _free, which accepts NULL.
 *   - NULL is allowed as the object of an accessor. The accessor then returns what it returns without a
 *     value: 0, -1, NaN, NULL or "". A function that returns a status fails with INVALID_ARGUMENT, unless its
 *     header gives NULL a meaning. This holds for every pointer: also for places that results are written
 *     to; where an accessor has one besides its result, NULL means that it isn't wanted.
 *   - Strings are UTF-8. A `const char *` that a function returns belongs to the object that was passed to
 *     it and is valid as long as that object, unless the function says otherwise.
 *   - Arrays are dense and row-major. Their shape is written as [rows, columns], or as [N, C, H, W] for
 *     batch, channels, height, width.
 *   - The size of an image is (width, height). That of a tensor, of a map and of a model's input is
 *     (height, width), the order of its shape.
 *   - Objects have no locks: only one thread may use an object at a time, unless its header says otherwise.
 *     Different threads may use different objects at the same time.
 *   - Structures whose first member is `size` may grow at their end. Initialise them with the macro beside
 *     them. It sets `size`, which tells the library the version that your program was compiled with. */
#ifndef CHECKROB_STATUS_H
#define CHECKROB_STATUS_H

#include <checkrob/export.h>
#include <stddef.h>

CHECKROB_BEGIN_DECLS

typedef enum checkrob_status {
  CHECKROB_OK = 0,
  /* A failure of another library that no other code fits. */
  CHECKROB_ERROR = -1,
  /* The call itself is wrong: NULL, a value out of range. */
  CHECKROB_ERROR_INVALID_ARGUMENT = -2,
  /* No such file, folder, layer, class or option. */
  CHECKROB_ERROR_NOT_FOUND = -3,
  /* It exists, but is broken: a truncated image, XML that is cut off. */
  CHECKROB_ERROR_BAD_INPUT = -4,
  /* It is valid, but of a kind that this library or this machine does not support. */
  CHECKROB_ERROR_UNSUPPORTED = -5,
  /* It is larger than a limit. Raise the limit if you trust the file. */
  CHECKROB_ERROR_LIMIT = -6,
  /* Reading or writing failed: permissions, a full disk. */
  CHECKROB_ERROR_IO = -7,
  CHECKROB_ERROR_OUT_OF_MEMORY = -8,
  /* The model returned NaN or infinity. */
  CHECKROB_ERROR_NUMERIC = -9,
  /* There is nothing to measure: no annotated object of the class, or none within the model's input. */
  CHECKROB_ERROR_NO_OBJECT = -10,
  /* Interrupted by checkrob_run_interrupt(), checkrob_extraction_interrupt() or a callback. */
  CHECKROB_ERROR_INTERRUPTED = -11,
  /* Not a failure: an iterator has no more items. */
  CHECKROB_END = -12,
  /* Stored results were computed with other options. */
  CHECKROB_ERROR_OTHER_OPTIONS = -13,
  /* The file is valid, but the model or the layer cannot do what was requested: no [N, K] logits, no feature
   * map, no gradient. */
  CHECKROB_ERROR_MODEL_UNSUPPORTED = -14
} checkrob_status;

/* The error message of this thread's last failed call; "" if none has failed. The next failure on the same
 * thread overwrites it; a success does not. One line of UTF-8: control characters of a name or a value are
 * escaped, \x0A. Never NULL. */
CHECKROB_API const char *checkrob_last_error(void);

/* A short fixed name of a status in lower case, as in results: "ok", "bad_input", "not_found". "unknown" for
 * an unknown number. */
CHECKROB_API const char *checkrob_status_name(checkrob_status status);

/* Writes `text` as results and error messages have it: a byte that is not UTF-8 becomes its escape, \xE9. So
 * a program finds the row of a file whose name has such bytes. Writes at most `bytes` bytes with a NUL, cut
 * after a whole character, and returns the length of the whole, as snprintf() does; `out` may be NULL if
 * `bytes` is 0. */
CHECKROB_API size_t checkrob_text_escape(char *out, size_t bytes, const char *text);

CHECKROB_END_DECLS
#endif
