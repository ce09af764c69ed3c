/* SPDX-License-Identifier: Apache-2.0 */
/* What a merge that was killed leaves: an unfinished file beside its target, and SQLite's logs. */
#ifndef CHECKROB_LIB_ABANDONED_H
#define CHECKROB_LIB_ABANDONED_H

/* Removes unfinished files of `target` that nobody has open, and that nobody has written to for an hour. One
 * that cannot be removed is left: it is in nobody's way. */
void abandoned_remove(const char *target);

/* Removes what SQLite writes beside a file. Without memory, whose lack may be why a merge failed. */
void abandoned_remove_logs(const char *path);

#endif
