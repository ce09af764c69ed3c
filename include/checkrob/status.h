/* Status codes, and the sentence behind each failure.
 *
 * A function that can fail returns CHECKROB_OK or a negative code. The code is for the program: it names
 * what a caller may act on. checkrob_last_error() is for the person: it says what is wrong, where, and
 * what to do. A failed call leaves its out-parameters as they were.
 *
 * Conventions of every header of this library:
 *   - Out-parameters come first, then the object, then the rest.
 *   - Objects are opaque; every _new or _open has a _free, for which NULL is fine.
 *   - Strings are UTF-8. A `const char *` that a function returns belongs to the object it was asked of and
 *     lives as long as that object, unless the function says otherwise.
 *   - Arrays are dense and row-major; their shape is written as [rows, columns], or [N, C, H, W] for batch,
 *     channels, height, width.
 *   - Objects are not locked: use one from one thread at a time, and different objects from different
 *     threads as you like, unless the function says otherwise.
 *   - Structures whose first member is `size` may grow at their end. Set them up with the initialiser
 *     beside them: it fills in `size`, by which the library knows what your program was compiled against.
 */
#ifndef CHECKROB_STATUS_H
#define CHECKROB_STATUS_H

#include <checkrob/export.h>

CHECKROB_BEGIN_DECLS

typedef enum checkrob_status {
  CHECKROB_OK = 0,
  CHECKROB_ERROR = -1, /* a failure below us that no other code fits */
  CHECKROB_ERROR_INVALID_ARGUMENT =
      -2,                        /* the call itself is wrong: NULL, an unknown key, a value out of range */
  CHECKROB_ERROR_NOT_FOUND = -3, /* no such file, folder, layer, class, preset */
  CHECKROB_ERROR_BAD_INPUT = -4, /* it is there, but broken: a truncated image, XML that ends in the middle */
  CHECKROB_ERROR_UNSUPPORTED =
      -5,                    /* it is sound, but of a kind that this library or this machine does not take */
  CHECKROB_ERROR_LIMIT = -6, /* larger than a limit allows: raise the limit if you trust the file */
  CHECKROB_ERROR_IO = -7,    /* reading or writing failed: permissions, a full disk */
  CHECKROB_ERROR_OUT_OF_MEMORY = -8,
  CHECKROB_ERROR_NUMERIC = -9, /* the model gave NaN or infinity */
  CHECKROB_ERROR_NO_OBJECT =
      -10, /* nothing to measure: no annotated object of the class, or none of it in the model's view */
  CHECKROB_ERROR_INTERRUPTED = -11,        /* stopped by checkrob_run_cancel() or by a callback */
  CHECKROB_END = -12,                    /* not a failure: an iterator has nothing more to give */
  CHECKROB_ERROR_OTHER_OPTIONS = -13,    /* stored results were computed with other options */
  CHECKROB_ERROR_MODEL_UNSUPPORTED = -14 /* the file is sound, but the model or the layer can't do what was
                                            asked: no [N, K] logits, no feature map, no gradient */
} checkrob_status;

/* The sentence of this thread's last failed call; "" if none failed yet. Overwritten by the next failure on
 * the same thread, left alone by success. Never NULL. */
CHECKROB_API const char *checkrob_last_error(void);

/* A short fixed name of a status in lower case, as the command writes it: "ok", "bad_input", "not_found".
 * "unknown" for a number that is no status. */
CHECKROB_API const char *checkrob_status_name(checkrob_status status);

CHECKROB_END_DECLS
#endif
