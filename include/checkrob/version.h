/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: of the header at compile time, and of the library at run time.
 *
 * Before 1.0 the ABI may change with the minor number; from 1.0 only with the major number. */
#ifndef CHECKROB_VERSION_H
#define CHECKROB_VERSION_H

#include <checkrob/export.h>

CHECKROB_BEGIN_DECLS

#define CHECKROB_VERSION_MAJOR 0
#define CHECKROB_VERSION_MINOR 1
#define CHECKROB_VERSION_PATCH 0
#define CHECKROB_VERSION_STRING "0.1.0"

/* The library's version, "0.1.0". */
CHECKROB_API const char *checkrob_version(void);

/* The version of the libtorch that the library runs on, "2.13.0"; "" if it finds none. */
CHECKROB_API const char *checkrob_torch_version(void);

CHECKROB_END_DECLS
#endif
