/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that a process may use: affinity, and quotas of cgroups in the files of several kinds of
 * systems. */
#define _GNU_SOURCE /* for CPU_SET */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "support/folder.h"
#include "support/test.h"

static char *root;

static int make_root(void **state) {
  (void)state;
  root = folder_new();
  folder_make(root, "proc");
  folder_make(root, "proc/self");
  return 0;
}

static int drop_root(void **state) {
  (void)state;
  folder_remove(root);
  return 0;
}

/* The file with all folders on its way, of which those may exist. */
static void write_below(const char *path, const char *text) {
  char *line = malloc(strlen(root) + strlen(path) + 32);
  assert_non_null(line);
  sprintf(line, "mkdir -p \"$(dirname '%s/%s')\"", root, path);
  assert_int_equal(system(line), 0);
  free(line);
  file_write_text(root, path, text);
}

#define MOUNTS "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
#define UNIFIED MOUNTS "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"

static void without_files_there_is_none(void **state) {
  (void)state;
  assert_int_equal(cpu_quota(root), 0);
  assert_int_equal(cpu_quota("/nowhere"), 0);
  write_below("proc/self/cgroup", "0::/\n");
  assert_int_equal(cpu_quota(root), 0);
  write_below("proc/self/mountinfo", UNIFIED);
  assert_int_equal(cpu_quota(root), 0); /* the hierarchy has no controller "cpu" */
}

static void assert_unified(const char *text, size_t expected) {
  write_below("sys/fs/cgroup/cpu.max", text);
  assert_int_equal(cpu_quota(root), expected);
}

/* As in a container with a namespace of cgroups. */
static void a_unified_quota_is_rounded_up(void **state) {
  (void)state;
  write_below("proc/self/cgroup", "0::/\n");
  write_below("proc/self/mountinfo", UNIFIED);
  assert_unified("max 100000\n", 0);
  assert_unified("200000 100000\n", 2);
  assert_unified("200001 100000\n", 3);
  assert_unified("1000 100000\n", 1);
  assert_unified("50000 10000\n", 5);
  assert_unified("", 0);
  assert_unified("nonsense\n", 0);
  assert_unified("0 0\n", 0);
  assert_unified("9223372036854775807 1\n", SIZE_MAX / 2);
}

static void groups_above_count_too(void **state) {
  (void)state;
  write_below("proc/self/cgroup", "0::/user.slice/session.scope\n");
  write_below("proc/self/mountinfo", UNIFIED);
  write_below("sys/fs/cgroup/user.slice/session.scope/cpu.max", "max 100000\n");
  write_below("sys/fs/cgroup/user.slice/cpu.max", "400000 100000\n");
  assert_int_equal(cpu_quota(root), 4);
  write_below("sys/fs/cgroup/user.slice/session.scope/cpu.max", "150000 100000\n");
  assert_int_equal(cpu_quota(root), 2);
  write_below("sys/fs/cgroup/user.slice/other.scope/cpu.max", "100000 100000\n");
  assert_int_equal(cpu_quota(root), 2);
}

#define FIRST "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

static void version_1_has_its_own_files(void **state) {
  (void)state;
  write_below("proc/self/cgroup", "9:name=systemd:/x\n4:memory:/x\n3:cpuset:/x\n2:cpu,cpuacct:/batch/job\n");
  write_below("proc/self/mountinfo", MOUNTS FIRST
              "32 24 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
              "33 24 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n");
  assert_int_equal(cpu_quota(root), 0);
  write_below("sys/fs/cgroup/cpu,cpuacct/batch/job/cpu.cfs_quota_us", "-1\n");
  write_below("sys/fs/cgroup/cpu,cpuacct/batch/job/cpu.cfs_period_us", "100000\n");
  assert_int_equal(cpu_quota(root), 0);
  write_below("sys/fs/cgroup/cpu,cpuacct/batch/job/cpu.cfs_quota_us", "250000\n");
  assert_int_equal(cpu_quota(root), 3);
  write_below("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n");
  assert_int_equal(cpu_quota(root), 3); /* without a period it says nothing */
  write_below("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  assert_int_equal(cpu_quota(root), 1);
}

/* A container without a namespace sees its group's path outside, and its own group mounted. */
static void a_mounted_group_is_the_root(void **state) {
  (void)state;
  write_below("proc/self/cgroup", "2:cpu:/docker/0123/inner\n0::/docker/0123/inner\n");
  write_below("proc/self/mountinfo",
              "33 24 0:29 /docker/0123 /sys/fs/cgroup/cpu\\040group ro - cgroup cgroup rw,cpu\n");
  write_below("sys/fs/cgroup/cpu group/cpu.cfs_quota_us", "400000\n");
  write_below("sys/fs/cgroup/cpu group/cpu.cfs_period_us", "100000\n");
  assert_int_equal(cpu_quota(root), 4);
  write_below("sys/fs/cgroup/cpu group/inner/cpu.cfs_quota_us", "200000\n");
  write_below("sys/fs/cgroup/cpu group/inner/cpu.cfs_period_us", "100000\n");
  assert_int_equal(cpu_quota(root), 2);
  /* A name that only starts like the mounted group's is outside. */
  write_below("proc/self/cgroup", "2:cpu:/docker/01234/inner\n");
  assert_int_equal(cpu_quota(root), 4);
}

static void the_smaller_of_two_versions_counts(void **state) {
  (void)state;
  write_below("proc/self/cgroup", "1:cpu:/\n0::/\n");
  write_below("proc/self/mountinfo",
              "33 24 0:29 / /v1 rw - cgroup cgroup rw,cpu\n34 24 0:30 / /v2 rw - cgroup2 none rw\n");
  write_below("v1/cpu.cfs_quota_us", "300000\n");
  write_below("v1/cpu.cfs_period_us", "100000\n");
  assert_int_equal(cpu_quota(root), 3);
  write_below("v2/cpu.max", "200000 100000\n");
  assert_int_equal(cpu_quota(root), 2);
}

static void damaged_files_say_nothing(void **state) {
  (void)state;
  static const char *const groups[] = {"", "\n", "0\n", "0:\n", "::\n", "0::\n", "1:cpu\n", "2:,cpu,:x\n"};
  static const char *const mounts[] = {"",
                                       "\n",
                                       "1 2 3\n",
                                       "1 2 3 / /x rw cgroup2\n",
                                       "1 2 3 / /x rw - cgroup2\n",
                                       "1 2 3 / /x rw - \n",
                                       "1 2 3 \\ \\4 rw - cgroup2 a b\n"};
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
    for (size_t m = 0; m < sizeof mounts / sizeof mounts[0]; m++) {
      write_below("proc/self/cgroup", groups[g]);
      write_below("proc/self/mountinfo", mounts[m]);
      assert_int_equal(cpu_quota(root), 0);
    }
}

static void affinity_is_followed(void **state) {
  (void)state;
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  assert_true(cpu_count() >= 1 && cpu_count() <= (size_t)CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  assert_int_equal(cpu_count(), 1);
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

#define below(f) cmocka_unit_test_setup_teardown(f, make_root, drop_root)

int main(void) {
  const struct CMUnitTest tests[] = {
      below(without_files_there_is_none), below(a_unified_quota_is_rounded_up),
      below(groups_above_count_too),      below(version_1_has_its_own_files),
      below(a_mounted_group_is_the_root), below(the_smaller_of_two_versions_counts),
      below(damaged_files_say_nothing),   cmocka_unit_test(affinity_is_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
