/* SPDX-License-Identifier: Apache-2.0 */
/* Where the shim and the worker are: in the folder `checkrob` beside the library's file. */
#ifndef CHECKROB_BACKEND_PLACE_H
#define CHECKROB_BACKEND_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* The path of the worker: the environment's CHECKROB_WORKER, or the one beside the library, or an installed
 * one. false: there is none; `path` is then where it was expected. */
bool place_worker(char *path, size_t size);
/* The path of the shim: the environment's CHECKROB_SHIM, or the one beside the library; false as above. */
bool place_shim(char *path, size_t size);

/* Which libtorch this process has loaded. */
typedef enum place_torch { TORCH_NONE, TORCH_OF_SHIM, TORCH_OTHER } place_torch;
/* `path` gets the path of a loaded libtorch, one other than the shim's if there is one; "" for none. */
place_torch place_loaded_torch(char *path, size_t size);

#endif
