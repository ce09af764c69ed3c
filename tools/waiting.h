/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECKROB_TOOLS_WAITING_H
#define CHECKROB_TOOLS_WAITING_H

/* How computing threads wait, and how memory is reused. main() calls it first: no other thread runs, and no
 * model is open. A setting in the user's environment has priority.
 *
 * Threads: those of libgomp spin by default for 3 to 15 ms while they wait for each other, those of OpenBLAS
 * for about 20 ms. They occupy the cores that the command's decoding threads and other processes
 * need, and on a busy machine the model runs at a fraction of its speed. Threads that sleep at once must be
 * woken up for every operation. So here they spin for about as long as a wake-up takes, and then sleep.
 *
 * Memory: libtorch allocates and frees a tensor for every operation. By default glibc returns large ones to
 * the system, which then fills new pages with zeros again and again: up to half of the system's time of a
 * run. So freed memory stays with the process until it ends. */
void prepare_waiting(void);

#endif
