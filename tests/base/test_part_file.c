/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* for posix_openpt */
/* Files that appear completely or not at all, in a folder where others may write. */
#include "base/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

static char *folder;

static int make_folder(void **state) {
  (void)state;
  folder = folder_new();
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  folder_remove(folder);
  return 0;
}

static mode_t mode_of(const char *path) {
  struct stat info;
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISREG(info.st_mode));
  return info.st_mode & 07777;
}

static void a_complete_file_appears(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt");
  part_file file;
  mode_t old = umask(027);
  must(part_file_open_named(&file, path));
  assert_int_equal(mode_of(file.part), 0640); /* as fopen() would */
  assert_int_not_equal(access(path, F_OK), 0);
  assert_true(fputs("text", file.file) >= 0);
  must(part_file_finish(&file, CHECKROB_OK));
  umask(old);
  assert_int_equal(mode_of(path), 0640);
  assert_int_equal(file_size(folder, "a.txt"), 4);
  assert_int_equal(folder_count(folder), 1);
  free(path);
}

static void nothing_is_left_of_a_failure(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt"), *deep = folder_path(folder, "none/a.txt");
  part_file file;
  must(part_file_open(&file, path));
  assert_int_equal(part_file_finish(&file, CHECKROB_ERROR_BAD_INPUT), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(folder_count(folder), 0);
  assert_int_equal(part_file_open(&file, deep), CHECKROB_ERROR_NOT_FOUND);
  assert_int_equal(part_file_open(&file, folder), CHECKROB_ERROR_IO);
  must(part_file_open_named(&file, path));
  assert_int_equal(folder_count(folder), 1);
  assert_int_equal(part_file_finish(&file, CHECKROB_ERROR_BAD_INPUT), CHECKROB_ERROR_BAD_INPUT);
  assert_int_equal(folder_count(folder), 0);
  assert_int_equal(part_file_finish(&file, CHECKROB_OK), CHECKROB_ERROR_INVALID_ARGUMENT);
  free(path);
  free(deep);
}

/* The digits of PATH.DIGITS.part. */
static unsigned long long digits_of(const char *part, const char *path) {
  size_t length = strlen(path);
  char *end = NULL;
  assert_memory_equal(part, path, length);
  assert_int_equal(part[length], '.');
  assert_int_equal(strspn(part + length + 1, "0123456789abcdef"), 16);
  unsigned long long digits = strtoull(part + length + 1, &end, 16);
  assert_string_equal(end, ".part");
  return digits;
}

/* Names of one process have nothing in common: neither its number, nor the time, nor a count. */
static void names_cannot_be_guessed(void **state) {
  (void)state;
  enum { FILES = 64 };
  char *path = folder_path(folder, "a.txt");
  unsigned long long always = ~0ULL, never = ~0ULL;
  for (int i = 0; i < FILES; i++) {
    part_file file;
    must(part_file_open_named(&file, path));
    unsigned long long digits = digits_of(file.part, path);
    always &= digits;
    never &= ~digits;
    assert_int_equal(part_file_finish(&file, CHECKROB_ERROR), CHECKROB_ERROR);
  }
  assert_true(always == 0 && never == 0); /* every bit was 0, and was 1 */
  free(path);
}

/* A killed process leaves nothing, where the file system has files without a name. */
static void an_unfinished_file_has_no_name(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt");
  part_file file;
  mode_t old = umask(027);
  must(part_file_open(&file, path));
  umask(old);
  assert_true(fputs("text", file.file) >= 0);
  assert_int_equal(folder_count(folder), file.part ? 1 : 0);
  must(part_file_finish(&file, CHECKROB_OK));
  assert_int_equal(mode_of(path), 0640);
  assert_int_equal(file_size(folder, "a.txt"), 4);
  must(file_write_whole(path, "longer text", 11));
  assert_int_equal(file_size(folder, "a.txt"), 11);
  assert_int_equal(folder_count(folder), 1);
  free(path);
}

/* ---- links ---- */

static bool is_link(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* A link to somebody's file under the name that another process would have used: it is not touched. */
static void links_with_names_of_parts_are_not_followed(void **state) {
  (void)state;
  char *path = folder_path(folder, "a.txt"), *mine = folder_path(folder, "mine"), old[1024];
  file_write_text(folder, "mine", "precious");
  snprintf(old, sizeof old, "%s.part", path);
  assert_int_equal(symlink(mine, old), 0);
  must(file_write_whole(path, "new", 3));
  assert_int_equal(file_size(folder, "mine"), strlen("precious"));
  assert_int_equal(file_size(folder, "a.txt"), 3);
  free(path);
  free(mine);
}

/* Relative ones, one after the other, into another folder, also where the file is not there yet. */
static void links_remain_and_their_files_are_replaced(void **state) {
  (void)state;
  char *first = folder_path(folder, "first"), *second = folder_path(folder, "deep/second");
  struct stat before, after;
  folder_make(folder, "deep");
  assert_int_equal(symlink("deep/second", first), 0);
  assert_int_equal(symlink("file", second), 0);
  must(file_write_whole(first, "new", 3));
  assert_int_equal(file_size(folder, "deep/file"), 3);
  assert_int_equal(stat(second, &before), 0);
  must(file_write_whole(first, "newer", 5));
  assert_int_equal(stat(second, &after), 0);
  assert_true(before.st_ino != after.st_ino || before.st_size != after.st_size);
  assert_int_equal(file_size(folder, "deep/file"), 5);
  assert_true(is_link(first) && is_link(second));
  char *deep = folder_path(folder, "deep");
  assert_int_equal(folder_count(folder), 2);
  assert_int_equal(folder_count(deep), 2);
  assert_int_equal(write_target_remove(first), 0);
  assert_true(is_link(first) && is_link(second));
  assert_int_equal(folder_count(deep), 1);
  free(deep);
  free(first);
  free(second);
}

static void links_without_end_are_refused(void **state) {
  (void)state;
  char *one = folder_path(folder, "one"), *other = folder_path(folder, "other");
  assert_int_equal(symlink("other", one), 0);
  assert_int_equal(symlink("one", other), 0);
  assert_int_equal(file_write_whole(one, "x", 1), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "ymbolic links"));
  assert_int_equal(unlink(other), 0);
  assert_int_equal(symlink(folder, other), 0);
  assert_int_equal(file_write_whole(one, "x", 1), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "it is a folder"));
  free(one);
  free(other);
}

/* In a folder where everybody may write, such as /tmp. */
static void what_others_planted_is_refused(void **state) {
  (void)state;
  enum { SOMEBODY = 12345 };
  char *link = folder_path(folder, "link"), *fifo = folder_path(folder, "fifo");
  char *mine = folder_path(folder, "mine");
  if (geteuid() != 0) skip(); /* nobody else may give files away */
  file_write_text(folder, "mine", "precious");
  assert_int_equal(chmod(folder, 01777), 0);
  assert_int_equal(symlink(mine, link), 0);
  assert_int_equal(mkfifo(fifo, 0666), 0);
  assert_int_equal(lchown(link, SOMEBODY, SOMEBODY), 0);
  assert_int_equal(lchown(fifo, SOMEBODY, SOMEBODY), 0);
  assert_int_equal(file_write_whole(link, "new", 3), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "somebody else put"));
  assert_int_equal(file_write_whole(fifo, "new", 3), CHECKROB_ERROR_IO);
  assert_int_equal(file_size(folder, "mine"), strlen("precious"));
  assert_int_equal(lchown(link, 0, 0), 0);
  must(file_write_whole(link, "new", 3));
  assert_int_equal(chmod(folder, 0700), 0);
  assert_int_equal(lchown(link, SOMEBODY, SOMEBODY), 0); /* the folder is not shared */
  must(file_write_whole(link, "newer", 5));
  assert_int_equal(file_size(folder, "mine"), 5);
  free(link);
  free(fifo);
  free(mine);
}

/* ---- what is no file ---- */

/* Reads all of a FIFO in a thread, as another program would. */
typedef struct reading {
  const char *path;
  char text[64];
  size_t most;
} reading;

static void *read_fifo(void *data) {
  reading *r = data;
  int descriptor = open(r->path, O_RDONLY);
  size_t used = 0;
  for (ssize_t got = 1; got > 0 && used < r->most;) {
    got = read(descriptor, r->text + used, r->most - used);
    if (got > 0) used += (size_t)got;
  }
  close(descriptor);
  return NULL;
}

static void write_to_reader(const char *path, reading *r, checkrob_status expected, const char *text,
                            size_t bytes) {
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, read_fifo, r), 0);
  assert_int_equal(file_write_whole(path, text, bytes), expected);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_fifo_is_written_through(void **state) {
  (void)state;
  char *fifo = folder_path(folder, "fifo"), *link = folder_path(folder, "link");
  struct stat info;
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(symlink("fifo", link), 0);
  reading r = {.path = fifo, .most = sizeof r.text - 1};
  write_to_reader(link, &r, CHECKROB_OK, "through", 7);
  assert_string_equal(r.text, "through");
  assert_int_equal(lstat(fifo, &info), 0);
  assert_true(S_ISFIFO(info.st_mode) && is_link(link));
  assert_int_equal(folder_count(folder), 2);
  /* What needs a file is refused, and does not wait for a reader. */
  part_file file;
  assert_int_equal(part_file_open_named(&file, fifo), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "it is not a file"));
  assert_int_equal(write_target_open(&file, fifo, WRITE_FILE), ESPIPE);
  assert_int_equal(write_target_remove(link), 0);
  assert_int_equal(folder_count(folder), 2);
  free(fifo);
  free(link);
}

static void a_reader_that_leaves_is_an_error(void **state) {
  (void)state;
  enum { BYTES = 1 << 20 }; /* more than a pipe holds */
  char *fifo = folder_path(folder, "fifo"), *text = calloc(1, BYTES);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  signal(SIGPIPE, SIG_IGN); /* as the command does */
  reading r = {.path = fifo, .most = 1};
  write_to_reader(fifo, &r, CHECKROB_ERROR_IO, text, BYTES);
  assert_non_null(strstr(checkrob_last_error(), "reader closed it"));
  signal(SIGPIPE, SIG_DFL);
  free(fifo);
  free(text);
}

/* A terminal of our own is a character device that nobody else uses. */
static void a_device_is_written_through(void **state) {
  (void)state;
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) skip();
  char *name = strdup(ptsname(terminal)), text[16] = "";
  struct stat info;
  int open_end = open(name, O_RDWR | O_NOCTTY); /* so that what is written is not lost */
  must(file_write_whole(name, "through", 7));
  assert_int_equal(read(terminal, text, sizeof text - 1), 7);
  assert_string_equal(text, "through");
  assert_int_equal(stat(name, &info), 0);
  assert_true(S_ISCHR(info.st_mode));
  close(open_end);
  close(terminal);
  free(name);
}

/* What is written to a descriptor's name comes after what it has, as the shell's >&N does. */
static void a_descriptor_is_written_through(void **state) {
  (void)state;
  char *path = folder_path(folder, "log"), *link = folder_path(folder, "link"), name[64];
  int log = open(path, O_WRONLY | O_CREAT, 0600);
  assert_int_equal(write(log, "head ", 5), 5);
  snprintf(name, sizeof name, "/dev/fd/%d", log);
  must(file_write_whole(name, "tail", 4));
  assert_int_equal(symlink(name, link), 0);
  must(file_write_whole(link, " more", 5));
  assert_int_equal(file_size(folder, "log"), strlen("head tail more"));
  assert_true(is_link(link));
  assert_int_equal(write_target_remove(link), 0);
  close(log);
  assert_int_not_equal(file_write_whole(name, "tail", 4), CHECKROB_OK); /* it is closed */
  assert_int_equal(folder_count(folder), 2);
  free(path);
  free(link);
}

static void a_socket_is_refused(void **state) {
  (void)state;
  char *path = folder_path(folder, "socket");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct stat info;
  int listening = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(file_write_whole(path, "new", 3), CHECKROB_ERROR_IO);
  assert_non_null(strstr(checkrob_last_error(), "it is a socket"));
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISSOCK(info.st_mode));
  close(listening);
  free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {TEST(a_complete_file_appears),
                                     TEST(nothing_is_left_of_a_failure),
                                     TEST(names_cannot_be_guessed),
                                     TEST(an_unfinished_file_has_no_name),
                                     TEST(links_with_names_of_parts_are_not_followed),
                                     TEST(links_remain_and_their_files_are_replaced),
                                     TEST(links_without_end_are_refused),
                                     TEST(what_others_planted_is_refused),
                                     TEST(a_fifo_is_written_through),
                                     TEST(a_reader_that_leaves_is_an_error),
                                     TEST(a_device_is_written_through),
                                     TEST(a_descriptor_is_written_through),
                                     TEST(a_socket_is_refused)};
  return cmocka_run_group_tests_name("part files", tests, NULL, NULL);
}
