/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a tar file are files of a dataset. */
#ifndef CHECKROB_LIB_SHARD_H
#define CHECKROB_LIB_SHARD_H

#include <stddef.h>

#include "dataset/files/listed.h"

/* Whether a part of the name begins with a dot: such a file is hidden, as in a folder. */
bool shard_hides(const char *name);

/* Removes the files that unpacking would overwrite, and those that are not images of their own. Returns the
 * new count; the order changes.
 * - Of several members of one name the last one counts (tar's --append).
 * - If there is K.jpg (or .jpeg, .png), then K.seg.png is about that image: in WebDataset's naming, files of
 * one sample have the same name up to the first dot. */
size_t shard_select(listed_file *files, size_t count);

#endif
