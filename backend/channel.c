/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */
#include "backend/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The descriptor itself, or a copy above the standard ones in its place; -1 with errno. */
static int above_standard(int descriptor) {
  if (descriptor > STDERR_FILENO) return descriptor;
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(descriptor);
  return copy;
}

int channel_pair(int ends[2]) {
  int made[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made) != 0) return errno;
  ends[0] = above_standard(made[0]);
  int failed = ends[0] < 0 ? errno : 0;
  ends[1] = above_standard(made[1]);
  if (!failed && ends[1] < 0) failed = errno;
  for (size_t i = 0; failed && i < 2; i++)
    if (ends[i] >= 0) close(ends[i]);
  return failed;
}

#define NANOSECONDS INT64_C(1000000000)

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * NANOSECONDS + t.tv_nsec;
}

channel_deadline channel_in(int64_t milliseconds) {
  if (milliseconds <= 0 || milliseconds > INT64_MAX / 2000000) return CHANNEL_NEVER;
  return now() + milliseconds * 1000000;
}

/* Milliseconds for poll(): -1 for no limit, else at least 1 before the deadline. */
static int remaining(channel_deadline deadline) {
  if (deadline == CHANNEL_NEVER) return -1;
  int64_t left = (deadline - now() + 999999) / 1000000;
  if (left < 0) return 0;
  return left > 3600000 ? 3600000 : (int)left;
}

static channel_result wait_for(int fd, short what, channel_deadline deadline) {
  for (;;) {
    struct pollfd p = {fd, what, 0};
    int left = remaining(deadline), ready = poll(&p, 1, left);
    if (ready > 0) return CHANNEL_OK; /* also if it is closed: reading or writing then says so */
    if (ready == 0 && left == 0) return CHANNEL_LATE;
    if (ready < 0 && errno != EINTR) return CHANNEL_CLOSED;
  }
}

#define ASKING_MILLISECONDS 100

static channel_result wait_to_read(int fd, channel_deadline deadline, bool (*is_unwanted)(void)) {
  for (;;) {
    if (is_unwanted && is_unwanted()) return CHANNEL_UNWANTED;
    channel_deadline next = is_unwanted ? channel_in(ASKING_MILLISECONDS) : deadline;
    channel_result result = wait_for(fd, POLLIN, next < deadline ? next : deadline);
    if (result != CHANNEL_LATE || next >= deadline) return result;
  }
}

static bool is_temporary(void) {
  return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
}

/* Room for the descriptors of one message, aligned as its header has to be. */
typedef union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(CHANNEL_MOST_DESCRIPTORS * sizeof(int))];
} control;

static void attach(struct msghdr *header, control *c, const int *descriptors, size_t count) {
  memset(c, 0, sizeof *c);
  header->msg_control = c->bytes;
  header->msg_controllen = CMSG_SPACE(count * sizeof(int));
  struct cmsghdr *part = CMSG_FIRSTHDR(header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(part), descriptors, count * sizeof(int));
}

/* The descriptors go with the first byte. */
static channel_result send_bytes(int fd, const void *bytes, size_t size, const int *descriptors, size_t count,
                                 channel_deadline deadline) {
  const unsigned char *from = bytes;
  while (size > 0) {
    channel_result result = wait_for(fd, POLLOUT, deadline);
    if (result != CHANNEL_OK) return result;
    struct iovec part = {(void *)from, size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    control c;
    if (count > 0) attach(&header, &c, descriptors, count);
    ssize_t sent = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && is_temporary()) continue;
    if (sent <= 0) return CHANNEL_CLOSED;
    from += sent;
    size -= (size_t)sent;
    count = 0;
  }
  return CHANNEL_OK;
}

channel_result channel_send(int fd, const message *m, const int *descriptors, size_t count,
                            channel_deadline deadline) {
  if (m->is_damaged) return CHANNEL_MEMORY;
  uint64_t size = m->size;
  channel_result result = send_bytes(fd, &size, sizeof size, descriptors, count, deadline);
  return result == CHANNEL_OK ? send_bytes(fd, m->bytes, m->size, NULL, 0, deadline) : result;
}

/* Takes the descriptors that came; those that nobody wants, or that are too many, are closed. */
static void detach(struct msghdr *header, int *descriptors) {
  size_t count = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    size_t here = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < here; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(part) + i * sizeof descriptor, sizeof descriptor);
      if (descriptors && count < CHANNEL_MOST_DESCRIPTORS && descriptors[count] < 0)
        descriptors[count++] = descriptor;
      else
        close(descriptor);
    }
  }
}

static channel_result receive_bytes(int fd, void *bytes, size_t size, int *descriptors,
                                    channel_deadline deadline, bool (*is_unwanted)(void)) {
  unsigned char *to = bytes;
  while (size > 0) {
    channel_result result = wait_to_read(fd, deadline, is_unwanted);
    if (result != CHANNEL_OK) return result;
    struct iovec part = {to, size};
    control c;
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = c.bytes, .msg_controllen = sizeof c.bytes};
    ssize_t received = recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (received < 0 && is_temporary()) continue;
    if (received <= 0) return CHANNEL_CLOSED;
    detach(&header, descriptors);
    to += received;
    size -= (size_t)received;
  }
  return CHANNEL_OK;
}

static channel_result receive(int fd, message *m, int *descriptors, channel_deadline deadline,
                              bool (*is_unwanted)(void)) {
  uint64_t size = 0;
  for (size_t i = 0; descriptors && i < CHANNEL_MOST_DESCRIPTORS; i++) descriptors[i] = -1;
  channel_result result = receive_bytes(fd, &size, sizeof size, descriptors, deadline, is_unwanted);
  if (result != CHANNEL_OK) return result;
  if (size > MESSAGE_LIMIT || !message_resize(m, (size_t)size)) return CHANNEL_MEMORY;
  return receive_bytes(fd, m->bytes, m->size, descriptors, deadline, is_unwanted);
}

channel_result channel_receive(int fd, message *m, int *descriptors, channel_deadline deadline) {
  return receive(fd, m, descriptors, deadline, NULL);
}

channel_result channel_receive_wanted(int fd, message *m, channel_deadline deadline,
                                      bool (*is_unwanted)(void)) {
  return receive(fd, m, NULL, deadline, is_unwanted);
}
