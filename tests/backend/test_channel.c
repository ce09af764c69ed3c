/* SPDX-License-Identifier: Apache-2.0 */
/* Channels, shared memory and turns: what the library and its worker are connected by. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "backend/channel.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/arena.h"
#include "backend/turns.h"
#include "support/test.h"

static int ends[2];

static int connect_ends(void **state) {
  (void)state;
  return channel_pair(ends);
}

static int close_ends(void **state) {
  (void)state;
  for (size_t i = 0; i < 2; i++)
    if (ends[i] >= 0) close(ends[i]);
  return 0;
}

static void close_end(size_t i) {
  close(ends[i]);
  ends[i] = -1;
}

static void messages_and_descriptors_arrive(void **state) {
  (void)state;
  message m = {0};
  int pipes[2], received[CHANNEL_MOST_DESCRIPTORS];
  char byte = 0;
  assert_int_equal(pipe(pipes), 0);
  message_put_text(&m, "take this");
  assert_int_equal(channel_send(ends[0], &m, &pipes[1], 1, CHANNEL_NEVER), CHANNEL_OK);
  close(pipes[1]);
  message_clear(&m);
  assert_int_equal(channel_receive(ends[1], &m, received, channel_in(5000)), CHANNEL_OK);
  assert_string_equal(message_get_text(&m), "take this");
  assert_true(received[0] >= 0 && received[1] == -1 && received[2] == -1);
  assert_true(fcntl(received[0], F_GETFD) & FD_CLOEXEC);
  assert_int_equal(write(received[0], "x", 1), 1);
  assert_int_equal(read(pipes[0], &byte, 1), 1);
  assert_int_equal(byte, 'x');
  close(received[0]);
  close(pipes[0]);
  message_free(&m);
}

static int asked;

static bool is_asked_often(void) {
  return ++asked > 2;
}

/* Before a message begins, and in the middle of one. */
static void nobody_waits_for_what_nobody_wants(void **state) {
  (void)state;
  message m = {0};
  const uint64_t size = 100;
  asked = 0;
  assert_int_equal(channel_receive_wanted(ends[1], &m, CHANNEL_NEVER, is_asked_often), CHANNEL_UNWANTED);
  asked = 0;
  assert_int_equal(write(ends[0], &size, sizeof size), sizeof size);
  assert_int_equal(channel_receive_wanted(ends[1], &m, CHANNEL_NEVER, is_asked_often), CHANNEL_UNWANTED);
  assert_int_equal(asked, 3);
  message_free(&m);
}

/* Descriptors that nobody asked for are closed: the pipe then has no writer. */
static void unwanted_descriptors_are_closed(void **state) {
  (void)state;
  message m = {0};
  int pipes[2];
  char byte;
  assert_int_equal(pipe(pipes), 0);
  message_put(&m, 1);
  assert_int_equal(channel_send(ends[0], &m, &pipes[1], 1, CHANNEL_NEVER), CHANNEL_OK);
  close(pipes[1]);
  assert_int_equal(channel_receive(ends[1], &m, NULL, channel_in(5000)), CHANNEL_OK);
  assert_int_equal(read(pipes[0], &byte, 1), 0);
  close(pipes[0]);
  message_free(&m);
}

static void deadlines_pass(void **state) {
  (void)state;
  message m = {0};
  assert_int_equal(channel_receive(ends[1], &m, NULL, channel_in(20)), CHANNEL_LATE);
  const uint64_t size = 100;
  assert_int_equal(write(ends[0], &size, sizeof size), sizeof size); /* and nothing of the message itself */
  assert_int_equal(channel_receive(ends[1], &m, NULL, channel_in(20)), CHANNEL_LATE);
  message_free(&m);
}

static void nobody_reads_a_long_message(void **state) {
  (void)state;
  message m = {0};
  assert_true(message_resize(&m, (size_t)8 << 20));
  memset(m.bytes, 0, m.size);
  assert_int_equal(channel_send(ends[0], &m, NULL, 0, channel_in(50)), CHANNEL_LATE);
  message_free(&m);
}

static void a_closed_end_is_noticed(void **state) {
  (void)state;
  message m = {0};
  const uint64_t size = 100;
  assert_int_equal(write(ends[0], &size, sizeof size), sizeof size);
  close_end(0);
  assert_int_equal(channel_receive(ends[1], &m, NULL, CHANNEL_NEVER), CHANNEL_CLOSED);
  message_put(&m, 1);
  assert_int_equal(channel_send(ends[1], &m, NULL, 0, CHANNEL_NEVER), CHANNEL_CLOSED);
  message_free(&m);
}

static void a_size_from_nowhere_is_refused(void **state) {
  (void)state;
  message m = {0};
  const uint64_t size = UINT64_MAX;
  assert_int_equal(write(ends[0], &size, sizeof size), sizeof size);
  assert_int_equal(channel_receive(ends[1], &m, NULL, CHANNEL_NEVER), CHANNEL_MEMORY);
  message_free(&m);
}

/* A program that has closed its standard descriptors: nothing that it prints goes to a worker. */
static void no_end_is_a_standard_descriptor(void **state) {
  (void)state;
  int pair[2], saved[3];
  for (int i = 0; i < 3; i++) saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
  for (int i = 0; i < 3; i++) close(i);
  int failed = channel_pair(pair);
  for (int i = 0; i < 3; i++) {
    dup2(saved[i], i);
    close(saved[i]);
  }
  assert_int_equal(failed, 0);
  for (size_t i = 0; i < 2; i++) {
    assert_true(pair[i] > STDERR_FILENO);
    assert_true(fcntl(pair[i], F_GETFD) & FD_CLOEXEC);
    close(pair[i]);
  }
}

/* ---- shared memory ---- */

static void the_reader_sees_what_the_writer_wrote(void **state) {
  (void)state;
  arena writer, reader;
  assert_true(arena_new(&writer));
  assert_true(arena_adopt(&reader, dup(writer.descriptor)));
  assert_int_equal(arena_view(&reader, 1), ARENA_SHORT); /* nothing is there yet */
  assert_true(arena_reserve(&writer, 10));
  strcpy(writer.data, "saliency");
  assert_int_equal(arena_view(&reader, 10), ARENA_OK);
  assert_string_equal(reader.data, "saliency");
  assert_true(arena_reserve(&writer, (size_t)5 << 20));
  assert_string_equal(writer.data, "saliency");
  ((char *)writer.data)[((size_t)5 << 20) - 1] = 'x';
  assert_int_equal(arena_view(&reader, (size_t)5 << 20), ARENA_OK);
  assert_int_equal(((const char *)reader.data)[((size_t)5 << 20) - 1], 'x');
  assert_int_equal(arena_view(&reader, (size_t)1 << 40), ARENA_SHORT);
  assert_int_not_equal(ftruncate(writer.descriptor, 0), 0); /* so nobody can take it away */
  arena_free(&writer);
  assert_string_equal(reader.data, "saliency");
  arena_free(&reader);
}

/* The second writer takes over what the first one, which has died, has made larger. */
static void a_second_writer_needs_less(void **state) {
  (void)state;
  arena first, second;
  assert_true(arena_new(&first));
  assert_true(arena_reserve(&first, (size_t)5 << 20));
  assert_true(arena_adopt(&second, dup(first.descriptor)));
  assert_true(arena_reserve(&second, 10));
  assert_true(arena_reserve(&second, (size_t)9 << 20));
  arena_free(&first);
  arena_free(&second);
}

static void short_memory_is_not_the_writers_fault(void **state) {
  (void)state;
  arena writer, reader;
  assert_true(arena_new(&writer));
  assert_true(arena_adopt(&reader, dup(writer.descriptor)));
  assert_int_equal(ftruncate(writer.descriptor, (off_t)1 << 60), 0); /* more than an address space */
  assert_int_equal(arena_view(&reader, 10), ARENA_NO_MEMORY);
  arena_free(&writer);
  arena_free(&reader);
}

static void other_files_are_no_shared_memory(void **state) {
  (void)state;
  arena a;
  FILE *file = tmpfile();
  assert_non_null(file);
  assert_false(arena_adopt(&a, fileno(file)));
  assert_false(arena_adopt(&a, -1));
  int unsealed = memfd_create("unsealed", MFD_CLOEXEC);
  assert_false(arena_adopt(&a, unsealed));
  close(unsealed);
  fclose(file);
  arena_free(&a);
}

/* ---- turns ---- */

#define THREADS 6
#define ROUNDS 300

static turns shared;
static atomic_int inside, alone_inside, wrong;

static void *take_turns(void *data) {
  for (int i = 0; i < ROUNDS; i++) {
    bool alone = (i + *(int *)data) % 7 == 0;
    turns_enter(&shared, alone);
    int others = atomic_fetch_add(&inside, 1);
    if (alone) atomic_fetch_add(&alone_inside, 1);
    if (others > 0 && atomic_load(&alone_inside) > 0) atomic_fetch_add(&wrong, 1);
    if (alone) atomic_fetch_sub(&alone_inside, 1);
    atomic_fetch_sub(&inside, 1);
    turns_leave(&shared);
  }
  return NULL;
}

static void those_alone_are_alone(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  int numbers[THREADS];
  assert_true(turns_start(&shared));
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, take_turns, &numbers[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&wrong), 0);
  turns_stop(&shared);
}

#define CHANNEL_TEST(name) cmocka_unit_test_setup_teardown(name, connect_ends, close_ends)

int main(void) {
  const struct CMUnitTest tests[] = {
      CHANNEL_TEST(messages_and_descriptors_arrive),
      CHANNEL_TEST(unwanted_descriptors_are_closed),
      CHANNEL_TEST(deadlines_pass),
      CHANNEL_TEST(nobody_waits_for_what_nobody_wants),
      CHANNEL_TEST(nobody_reads_a_long_message),
      CHANNEL_TEST(a_closed_end_is_noticed),
      CHANNEL_TEST(a_size_from_nowhere_is_refused),
      cmocka_unit_test(no_end_is_a_standard_descriptor),
      cmocka_unit_test(the_reader_sees_what_the_writer_wrote),
      cmocka_unit_test(a_second_writer_needs_less),
      cmocka_unit_test(short_memory_is_not_the_writers_fault),
      cmocka_unit_test(other_files_are_no_shared_memory),
      cmocka_unit_test(those_alone_are_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
