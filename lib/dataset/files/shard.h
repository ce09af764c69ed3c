/* Which members of a tar shard are files of a dataset. */
#ifndef CHECKROB_LIB_SHARD_H
#define CHECKROB_LIB_SHARD_H

#include "dataset/files/listing.h"

/* Whether a part of the name begins with a dot, as that of a file which a listing of folders leaves out. */
bool shard_hides(const char *name);

/* Drops from a shard's files what unpacking would not leave, or what is no image of its own, and gives the
 * new count; the order changes:
 *   - of several members of one name the last one counts (tar --append);
 *   - where K.jpg (or .jpeg, .png) is there, K.seg.png is something about that image, as WebDataset names it:
 *     what goes together has the name up to the first dot in common. */
size_t shard_settle(listed_file *files, size_t count);

#endif
