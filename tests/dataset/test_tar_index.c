/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/files/tar_index.h"

#include "dataset/scratch.h"
#include "support/tar.h"

/* The members that were found, as text: "name@offset+bytes ", and "name@link " for links. */
static char found[65536];

static checkrob_status note(const tar_member *member, void *user_data) {
  size_t used = strlen(found);
  (void)user_data;
  if (member->link)
    snprintf(found + used, sizeof found - used, "%s@link ", member->name);
  else
    snprintf(found + used, sizeof found - used, "%s@%llu+%llu ", member->name,
             (unsigned long long)member->offset, (unsigned long long)member->bytes);
  return CHECKROB_OK;
}

static checkrob_status read_index(const char *path) {
  found[0] = '\0';
  return tar_index_read(path, note, NULL);
}

static void expect(const char *path, const char *members) {
  if (read_index(path) != CHECKROB_OK) fail_msg("%s", checkrob_last_error());
  assert_string_equal(found, members);
}

static void expect_failure(const char *path, checkrob_status status, const char *sentence) {
  assert_int_equal(read_index(path), status);
  assert_sentence(path);
  assert_sentence(sentence);
}

static void lists_files_with_their_places(void **state) {
  (void)state;
  const char *path = scratch("plain.tar");
  tar_file tar;
  tar_start(&tar, path);
  tar_add_type(&tar, '5', "a/", "", 0);
  tar_add_text(&tar, "a/1.jpg", "first");
  tar_add_text(&tar, "./a/./2.jpg", "");
  char big[1000];
  memset(big, 'x', sizeof big);
  tar_add(&tar, "3.jpg", big, sizeof big);
  tar_add_type(&tar, '7', "contiguous", "abc", 3);
  tar_add_type(&tar, '3', "device", "", 0);
  tar_add_type(&tar, 'V', "label", "", 0);
  tar_add_type(&tar, '1', "hard.jpg", "", 0);
  tar_add_type(&tar, '2', "./soft.jpg", "", 0);
  tar_add_type(&tar, 'Z', "what nobody knows is skipped", "1234", 4);
  tar_add_text(&tar, "last", "z");
  tar_end(&tar);
  expect(path,
         "a/1.jpg@1024+5 a/2.jpg@2048+0 3.jpg@2560+1000 contiguous@4096+3 hard.jpg@link soft.jpg@link "
         "last@8192+1 ");
}

static void names_are_never_followed(void **state) {
  (void)state;
  const char *path = scratch("names.tar");
  tar_file tar;
  tar_start(&tar, path);
  tar_add_text(&tar, "../../etc/passwd", "x");
  tar_add_text(&tar, "/etc//passwd", "x");
  tar_add_text(&tar, ".//./a//b/.", "x");
  tar_add_text(&tar, ".hidden", "x");
  tar_add_text(&tar, "./", "x");
  tar_add_text(&tar, "", "x");
  tar_end(&tar);
  expect(path, "../../etc/passwd@512+1 /etc/passwd@1536+1 a/b@2560+1 .hidden@3584+1 ");
}

static void an_empty_tar_has_no_files(void **state) {
  (void)state;
  static const char zeros[10240];
  expect(scratch_write_bytes("empty.tar", zeros, sizeof zeros), "");
}

static void knows_old_tars(void **state) {
  (void)state;
  const char *path = scratch("v7.tar");
  unsigned char block[512] = "old.jpg", folder[512] = "folder/", negative[512] = "\xc3\xa4.jpg";
  memcpy(block + 124, "      1 ", 8);
  memcpy(negative + 124, "0", 1);
  tar_file tar;
  tar_start(&tar, path);
  tar_add_block(&tar, folder);
  tar_add_block(&tar, block);
  tar_add_text(&tar, "content of one byte", "");
  tar_add_block(&tar, negative);
  /* Some wrote the sum of signed bytes. */
  int sum = 0;
  for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? ' ' : (signed char)negative[i];
  snprintf((char *)negative + 148, 8, "%06o", (unsigned)sum);
  assert_int_equal(fwrite(negative, 1, 512, tar.file), 512);
  tar_end(&tar);
  expect(path, "old.jpg@1024+1 \xc3\xa4.jpg@2048+0 \xc3\xa4.jpg@2560+0 ");
}

static void knows_long_names(void **state) {
  (void)state;
  const char *path = scratch("long.tar");
  char name[300];
  memset(name, 'n', sizeof name);
  memcpy(name + 290, "/long.jpg", 10);
  char record[320];
  snprintf(record, sizeof record, "path=%s\n", name);
  const char *const records[] = {"mtime=1.5\n", record, "comment=a=b\n"};
  unsigned char split[512] = "c.jpg";
  memcpy(split + 124, "0\0", 2);
  memcpy(split + 257, "ustar\00000", 8);
  memcpy(split + 345, "a/b", 3);
  tar_file tar;
  tar_start(&tar, path);
  tar_add_type(&tar, 'L', "././@LongLink", name, strlen(name) + 1);
  tar_add_text(&tar, "nnn", "1");
  tar_add_type(&tar, 'K', "././@LongLink", name, strlen(name) + 1);
  tar_add_type(&tar, '2', "link", "", 0);
  tar_add_pax(&tar, 'x', records, 3);
  tar_add_text(&tar, "nnn", "2");
  tar_add_text(&tar, "short.jpg", "3"); /* the header for one file does not apply to the next */
  tar_add_block(&tar, split);
  tar_end(&tar);
  char members[1024];
  snprintf(members, sizeof members, "%s@1536+1 link@link %s@5120+1 short.jpg@6144+1 a/b/c.jpg@7168+0 ", name,
           name);
  expect(path, members);
}

static void knows_sizes_beyond_octal(void **state) {
  (void)state;
  const char *path = scratch("sizes.tar");
  static const char *const size[] = {"size=700\n"}, *const none[] = {"size=\n"},
                           *const folder[] = {"path=g\n"};
  unsigned char block[512] = "binary";
  block[124] = 0x80;
  block[134] = 2;
  block[135] = 188;
  char data[1024] = "";
  tar_file tar;
  tar_start(&tar, path);
  tar_add_block(&tar, block);
  assert_int_equal(fwrite(data, 1, 1024, tar.file), 1024);
  tar_add_pax(&tar, 'x', size, 1);
  tar_add_text(&tar, "pax", "");
  assert_int_equal(fwrite(data, 1, 1024, tar.file), 1024);
  tar_add_pax(&tar, 'x', none, 1);
  tar_add_text(&tar, "own", "12");
  tar_add_pax(&tar, 'g', folder, 1);
  tar_add_text(&tar, "1", "");
  tar_add_pax(&tar, 'g', size, 1);
  tar_add_text(&tar, "2", "");
  assert_int_equal(fwrite(data, 1, 1024, tar.file), 1024);
  tar_end(&tar);
  expect(path, "binary@512+700 pax@3072+700 own@5632+2 g@7680+0 g@9216+700 ");
}

static void joined_tars_are_one(void **state) {
  (void)state;
  const char *path = scratch("joined.tar");
  static const char zeros[70000];
  tar_file tar;
  tar_start(&tar, path);
  tar_add_text(&tar, "1", "a");
  assert_int_equal(fwrite(zeros, 1, 512 * 130, tar.file), 512 * 130);
  tar_add_text(&tar, "2", "b");
  tar_end(&tar);
  expect(path, "1@512+1 2@68096+1 ");
}

/* The tar of the tests that damage one: 5 blocks of files, then the zeros. */
static char *good_tar(const char *name) {
  const char *path = scratch(name);
  tar_file tar;
  tar_start(&tar, path);
  char data[600];
  memset(data, 'd', sizeof data);
  tar_add(&tar, "1.jpg", data, sizeof data);
  tar_add_text(&tar, "2.jpg", "22");
  tar_end(&tar);
  static char kept[1024];
  snprintf(kept, sizeof kept, "%s", path);
  return kept;
}

static void patch(const char *path, long at, const void *data, size_t bytes) {
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, at, SEEK_SET), 0);
  assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  assert_int_equal(fclose(file), 0);
}

static void says_where_it_was_cut_off(void **state) {
  (void)state;
  const char *path = good_tar("cut.tar");
  for (off_t bytes = 3584; bytes >= 0; bytes--) {
    assert_int_equal(truncate(path, bytes), 0);
    assert_int_equal(read_index(path), bytes >= 3072 ? CHECKROB_OK : CHECKROB_ERROR_BAD_INPUT);
  }
  path = good_tar("cut.tar");
  assert_int_equal(truncate(path, 2560), 0);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT,
                 "ends at byte 2560 without the zeros at a tar file's end: it is truncated or incomplete; "
                 "copy or create it again");
  assert_int_equal(truncate(path, 2000), 0);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT,
                 "ends at byte 2000, inside a header that begins at byte 1536: it is truncated; copy or "
                 "create it again");
  assert_int_equal(truncate(path, 1000), 0);
  expect_failure(
      path, CHECKROB_ERROR_BAD_INPUT,
      "ends at byte 1000, inside a file that begins at byte 0: it is truncated; copy or create it again");
  assert_int_equal(truncate(path, 0), 0);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT, "is empty; copy or create it again");
}

/* The advice of the error message works. */
static void a_tar_without_end_is_mended(void **state) {
  (void)state;
  const char *path = good_tar("endless.tar");
  assert_int_equal(truncate(path, 2050), 0);
  assert_int_equal(read_index(path), CHECKROB_ERROR_BAD_INPUT);
  const char *advice = strstr(checkrob_last_error(), "truncate -s");
  assert_non_null(advice);
  assert_int_equal(system(advice), 0);
  expect(path, "1.jpg@512+600 2.jpg@2048+2 ");
}

static void says_where_it_is_damaged(void **state) {
  (void)state;
  const char *path = good_tar("damaged.tar");
  patch(path, 1536 + 10, "x", 1);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT,
                 "is damaged: there is no header at byte 1536, where one must be; copy or create it again");
  /* A sector of zeros instead of a header must not look like the last one. */
  static const char zeros[512];
  path = good_tar("damaged.tar");
  patch(path, 1536, zeros, sizeof zeros);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT, "is damaged: there is no header at byte 2048");
  path = good_tar("damaged.tar");
  patch(path, 3584, "rubbish", 7);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT, "is damaged: there is no header at byte 3584");
}

/* A header that is whole, with a size that is not. */
static void expect_size(const char *field, const char *sentence) {
  const char *path = scratch("size.tar");
  unsigned char block[512] = "1.jpg";
  memcpy(block + 124, field, 12);
  tar_file tar;
  tar_start(&tar, path);
  tar_add_block(&tar, block);
  tar_end(&tar);
  expect_failure(path, CHECKROB_ERROR_BAD_INPUT, sentence);
}

static void refuses_sizes_that_cannot_be(void **state) {
  (void)state;
  expect_size("77777777777\0", "ends at byte 1536, inside a file that begins at byte 0");
  expect_size("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "the header at byte 0 has no size");
  expect_size("\x80\0\0\0\x80\0\0\0\0\0\0\0", "the header at byte 0 has no size");
  expect_size("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", "inside a file that begins at byte 0");
  expect_size("12x\0\0\0\0\0\0\0\0", "the header at byte 0 has no size");
}

static void expect_pax(const char *text, checkrob_status status, const char *sentence) {
  const char *path = scratch("pax.tar");
  tar_file tar;
  tar_start(&tar, path);
  tar_add_type(&tar, 'x', "PaxHeaders/1.jpg", text, strlen(text));
  tar_add_text(&tar, "1.jpg", "1");
  tar_end(&tar);
  expect_failure(path, status, sentence);
}

static void refuses_broken_extended_headers(void **state) {
  (void)state;
  static const char *const broken[] = {"path=a\n",
                                       "8 path=a\n",
                                       "11 path=a\n",
                                       "10 path=a",
                                       "99999999999999 a=b\n",
                                       "8 patha\n",
                                       "0 path=a\n",
                                       "3 \n",
                                       "10 path=a\n\n",
                                       "11 size=-1\n",
                                       "32 size=99999999999999999999999\n",
                                       "12 size=1x\n\n"};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
    expect_pax(broken[i], CHECKROB_ERROR_BAD_INPUT,
               "the extended header at byte 0 is damaged; copy or create the file again");
  expect_pax("22 GNU.sparse.major=1\n", CHECKROB_ERROR_UNSUPPORTED,
             "the file '1.jpg' at byte 1024 is stored as a sparse file; create the tar file without tar's "
             "option --sparse");
}

static void refuses_long_headers(void **state) {
  (void)state;
  const char *path = scratch("header.tar");
  size_t bytes = (1U << 20) + 1;
  char *name = malloc(bytes);
  assert_non_null(name);
  memset(name, 'x', bytes);
  tar_file tar;
  tar_start(&tar, path);
  tar_add_type(&tar, 'L', "././@LongLink", name, bytes);
  tar_end(&tar);
  free(name);
  expect_failure(path, CHECKROB_ERROR_LIMIT,
                 "the extended header at byte 0 has 1048577 bytes; the limit is 1048576");
}

/* One name for all files that follow: the list of files once took as much memory for each of them. */
static void refuses_long_names(void **state) {
  (void)state;
  static const char types[] = {'x', 'g', 'L'};
  const char *path = scratch("name.tar");
  char record[5000] = "path=";
  memset(record + 5, 'n', 4097);
  record[5 + 4097] = '\n';
  const char *const records[] = {record};
  for (size_t i = 0; i < sizeof types; i++) {
    tar_file tar;
    tar_start(&tar, path);
    if (types[i] == 'L')
      tar_add_type(&tar, 'L', "././@LongLink", record + 5, 4097);
    else
      tar_add_pax(&tar, types[i], records, 1);
    tar_add_text(&tar, "1.jpg", "1");
    tar_end(&tar);
    expect_failure(path, CHECKROB_ERROR_LIMIT,
                   "the name in the extended header at byte 0 has 4097 bytes; the limit is 4096");
  }
}

static void says_what_is_no_tar(void **state) {
  (void)state;
  static const struct {
    const char *start, *sentence;
  } packed[] = {{"\x1f\x8b\x08",
                 "is compressed with gzip, so the files in it cannot be read one by one; decompress it "
                 "first: gunzip <"},
                {"\xfd"
                 "7zXZ",
                 "is compressed with xz"},
                {"BZh91", "bunzip2"},
                {"\x28\xb5\x2f\xfd", "zstd"},
                {"\x04\x22\x4d\x18", "lz4"}};
  for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
    expect_failure(scratch_write("packed.tar", packed[i].start), CHECKROB_ERROR_UNSUPPORTED,
                   packed[i].sentence);
  expect_failure(scratch_write("text", "name,index\n"), CHECKROB_ERROR_BAD_INPUT,
                 "is neither a folder nor a tar file; check the path");
  expect_failure(scratch("nowhere.tar"), CHECKROB_ERROR_NOT_FOUND, "cannot open");
  expect_failure(scratch_folder("folder"), CHECKROB_ERROR_IO, "it is not a file");
}

static checkrob_status stop(const tar_member *member, void *user_data) {
  (void)member;
  ++*(int *)user_data;
  return CHECKROB_END;
}

static void a_callback_ends_the_walk(void **state) {
  (void)state;
  int calls = 0;
  assert_int_equal(tar_index_read(good_tar("stop.tar"), stop, &calls), CHECKROB_END);
  assert_int_equal(calls, 1);
}

/* Contents that are not there: what is skipped is never read. */
static void contents_are_not_read(void **state) {
  (void)state;
  const char *path = scratch("huge.tar");
  unsigned char block[512] = "huge.jpg";
  block[124] = 0x80;
  block[128] = 0x01; /* 2^56 bytes would be too much for any file system: 2^40 */
  block[128] = 0;
  block[130] = 0x01;
  tar_file tar;
  tar_start(&tar, path);
  tar_add_block(&tar, block);
  if (fseeko(tar.file, (off_t)1 << 40, SEEK_CUR) != 0) skip();
  tar_add_text(&tar, "2.jpg", "2");
  tar_end(&tar);
  expect(path, "huge.jpg@512+1099511627776 2.jpg@1099511628800+1 ");
  remove(path);
}

/* Every tar that the system's tar makes contains the files at the positions of the index. */
static checkrob_status compare(const tar_member *member, void *user_data) {
  char path[2048], content[64], wanted[64];
  assert_false(member->link);
  snprintf(path, sizeof path, "%s/%s", scratch("tree"), member->name);
  FILE *file = fopen(path, "rb"), *tar = fopen(scratch("made.tar"), "rb");
  assert_non_null(file);
  assert_non_null(tar);
  assert_int_equal(fseek(tar, (long)member->offset, SEEK_SET), 0);
  assert_int_equal(fread(wanted, 1, sizeof wanted, file), member->bytes);
  assert_int_equal(fread(content, 1, (size_t)member->bytes, tar), member->bytes);
  assert_memory_equal(content, wanted, (size_t)member->bytes);
  fclose(file);
  fclose(tar);
  ++*(int *)user_data;
  return CHECKROB_OK;
}

static void reads_what_tar_writes(void **state) {
  (void)state;
  if (system("tar --version >/dev/null 2>&1") != 0) skip();
  scratch_write("tree/a/1.jpg", "one");
  scratch_write("tree/a/\xc3\xa4 2.jpg", "two");
  scratch_write("tree/empty.jpg", "");
  static const char *const formats[] = {"v7", "oldgnu", "gnu", "ustar", "posix"};
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    char name[200] = "tree/", command[2048];
    int limit = i == 0 ? 80 : 160; /* v7 has nothing for longer ones */
    if (i == 1 || i == 3) memset(name + 5, 'l', (size_t)limit - 65), memcpy(name + limit - 60, "/", 2);
    memset(name + strlen(name), 'm', (size_t)limit / 2);
    strcat(name, ".jpg");
    scratch_write(name, "long");
    snprintf(command, sizeof command, "cd '%s' && tar --format=%s -cf made.tar -C tree .", scratch_root,
             formats[i]);
    assert_int_equal(system(command), 0);
    int files = 0;
    assert_int_equal(tar_index_read(scratch("made.tar"), compare, &files), CHECKROB_OK);
    assert_true(files >= 4);
    scratch_remove(scratch(name));
  }
}

/* Whatever overwrites a header: the reader returns, and accesses only its own memory. */
static void survives_any_damage(void **state) {
  (void)state;
  unsigned seed = 1;
  for (int round = 0; round < 2000; round++) {
    const char *path = good_tar("fuzz.tar");
    unsigned char block[512];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(block, 1, 512, file), 512);
    fclose(file);
    for (int k = 0; k < 4; k++) {
      seed = seed * 1103515245u + 12345u;
      static const int fields[] = {0, 99, 124, 125, 135, 156, 156, 257, 345, 499};
      block[fields[(seed >> 16) % 10]] =
          (unsigned char)(seed >> 24 & 1 ? "LxgKX1S7"[seed >> 20 & 7] : (int)(seed >> 8));
    }
    tar_file tar;
    tar_start(&tar, path);
    tar_add_block(&tar, block);
    tar_add_text(&tar, "10 path=a\n", "13 size=512\n");
    tar_end(&tar);
    read_index(path);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_files_with_their_places),
      cmocka_unit_test(names_are_never_followed),
      cmocka_unit_test(an_empty_tar_has_no_files),
      cmocka_unit_test(knows_old_tars),
      cmocka_unit_test(knows_long_names),
      cmocka_unit_test(knows_sizes_beyond_octal),
      cmocka_unit_test(joined_tars_are_one),
      cmocka_unit_test(says_where_it_was_cut_off),
      cmocka_unit_test(a_tar_without_end_is_mended),
      cmocka_unit_test(says_where_it_is_damaged),
      cmocka_unit_test(refuses_sizes_that_cannot_be),
      cmocka_unit_test(refuses_broken_extended_headers),
      cmocka_unit_test(refuses_long_headers),
      cmocka_unit_test(refuses_long_names),
      cmocka_unit_test(says_what_is_no_tar),
      cmocka_unit_test(a_callback_ends_the_walk),
      cmocka_unit_test(contents_are_not_read),
      cmocka_unit_test(reads_what_tar_writes),
      cmocka_unit_test(survives_any_damage),
  };
  return cmocka_run_group_tests_name("tar index", tests, scratch_setup, scratch_teardown);
}
