/* SPDX-License-Identifier: Apache-2.0 */
/* A connected socket that carries messages, and descriptors with them. */
#ifndef CHECKROB_BACKEND_CHANNEL_H
#define CHECKROB_BACKEND_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/message.h"

typedef enum channel_result {
  CHANNEL_OK,
  CHANNEL_CLOSED,   /* the other side has closed it, or has ended */
  CHANNEL_LATE,     /* the deadline has passed */
  CHANNEL_UNWANTED, /* nobody waits for it any more */
  CHANNEL_MEMORY    /* no memory for the message */
} channel_result;

#define CHANNEL_MOST_DESCRIPTORS 3

/* Makes a channel; both ends are closed on exec. They are never standard input, output or error, which a
 * program may have closed. 0, or an errno. */
int channel_pair(int ends[2]);

/* A point in time, in nanoseconds of the monotonic clock. */
typedef int64_t channel_deadline;
#define CHANNEL_NEVER INT64_MAX
/* After `milliseconds` from now; 0 or less: never. */
channel_deadline channel_in(int64_t milliseconds);

/* Sends a message with `count` descriptors, at most CHANNEL_MOST_DESCRIPTORS, which stay the caller's. A
 * damaged message is CHANNEL_MEMORY, and is not sent. */
channel_result channel_send(int fd, const message *m, const int *descriptors, size_t count,
                            channel_deadline deadline);

/* Receives a message. `descriptors` has room for CHANNEL_MOST_DESCRIPTORS, and is the caller's to close;
 * those that did not come are -1. NULL: any that come are closed. */
channel_result channel_receive(int fd, message *m, int *descriptors, channel_deadline deadline);
/* The same without descriptors, but `is_unwanted` is asked about ten times a second until the whole message
 * is there. */
channel_result channel_receive_wanted(int fd, message *m, channel_deadline deadline,
                                      bool (*is_unwanted)(void));

#endif
