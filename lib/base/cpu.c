/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* for CPU_COUNT */
#include "base/cpu.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* A hierarchy of cgroups as this process sees it. Each of the three is NULL if it is unknown. */
typedef struct hierarchy {
  int version;       /* 1: the one with the controller "cpu"; 2: the unified one */
  char *group;       /* the process's own, "/" or "/a/b" */
  char *mount_root;  /* the group that is mounted ... */
  char *mount_point; /* ... here */
} hierarchy;

static FILE *open_below(const char *root, const char *path) {
  char *whole = text_format("%s%s", root, path);
  FILE *file = whole ? fopen(whole, "re") : NULL;
  free(whole);
  return file;
}

static void replace(char **stored, const char *text) {
  free(*stored);
  *stored = text_copy(text);
}

/* Whether `name` is in a list with commas between the names. */
static int is_listed(const char *list, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = list; at; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, length) == 0 && (at[length] == '\0' || at[length] == ',')) return 1;
  }
  return 0;
}

/* ---- /proc/self/cgroup: "4:cpu,cpuacct:/a/b" for version 1, "0::/a/b" for 2 ---- */

static void read_group(hierarchy *h, char *line) {
  char *rest = line, *number = strsep(&rest, ":"), *controllers = strsep(&rest, ":");
  if (!controllers || !rest) return;
  int version = strcmp(number, "0") == 0 && !*controllers ? 2 : 1;
  if (version == h->version && (version == 2 || is_listed(controllers, "cpu"))) replace(&h->group, rest);
}

/* ---- /proc/self/mountinfo: "36 35 98:0 ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS" ---- */

static int is_octal(char digit) {
  return digit >= '0' && digit <= '7';
}

/* Blanks, line ends and backslashes are written as three octal digits, \040 for a blank. */
static void unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from; to++) {
    if (*from == '\\' && is_octal(from[1]) && is_octal(from[2]) && is_octal(from[3])) {
      *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
      from += 4;
    } else {
      *to = *from++;
    }
  }
  *to = '\0';
}

static void read_mount(hierarchy *h, char *line) {
  char *fields[5], *rest = line;
  for (size_t i = 0; i < 5; i++)
    if (!(fields[i] = strsep(&rest, " "))) return;
  char *tail = rest ? strstr(rest, " - ") : NULL;
  if (!tail) return;
  tail += strlen(" - ");
  const char *type = strsep(&tail, " "), *source = strsep(&tail, " ");
  if (!source || !tail || strcmp(type, h->version == 2 ? "cgroup2" : "cgroup") != 0) return;
  if (h->version == 1 && !is_listed(tail, "cpu")) return;
  unescape(fields[3]);
  unescape(fields[4]);
  replace(&h->mount_root, fields[3]);
  replace(&h->mount_point, fields[4]);
}

static void read_lines(hierarchy *h, const char *root, const char *path, void (*take)(hierarchy *, char *)) {
  FILE *file = open_below(root, path);
  char *line = NULL;
  size_t capacity = 0;
  while (file && getline(&line, &capacity, file) > 0) {
    line[strcspn(line, "\n")] = '\0';
    take(h, line);
  }
  free(line);
  if (file) fclose(file);
}

/* ---- limits ---- */

/* Reads the first `wanted` numbers of a file of one line. Returns 0 if the line has fewer ("max" is not a
 * number). */
static int read_numbers(long long *out, int wanted, const char *root, const char *folder, const char *name) {
  char line[128] = "", *path = text_format("%s/%s", folder, name), *at = line;
  FILE *file = path ? open_below(root, path) : NULL;
  int found = file && fgets(line, sizeof line, file);
  if (file) fclose(file);
  free(path);
  for (int i = 0; i < wanted && found; i++) {
    char *end = at;
    out[i] = strtoll(at, &end, 10);
    found = end != at;
    at = end;
  }
  return found;
}

/* In cores, rounded up; 0: no limit. */
static size_t limit_of(const hierarchy *h, const char *root, const char *folder) {
  long long numbers[2] = {0, 0}; /* quota and period */
  int found = h->version == 2 ? read_numbers(numbers, 2, root, folder, "cpu.max")
                              : read_numbers(numbers, 1, root, folder, "cpu.cfs_quota_us") &&
                                    read_numbers(numbers + 1, 1, root, folder, "cpu.cfs_period_us");
  return found && numbers[0] > 0 && numbers[1] > 0 ? (size_t)((numbers[0] - 1) / numbers[1] + 1) : 0;
}

static size_t smaller(size_t one, size_t other) {
  return one && (one < other || !other) ? one : other;
}

/* The process's group below the mount; "" if the group is the mounted one, or is outside it. */
static const char *group_below_mount(const hierarchy *h) {
  const size_t length = strcmp(h->mount_root, "/") == 0 ? 0 : strlen(h->mount_root);
  const int inside = strncmp(h->group, h->mount_root, length) == 0 && h->group[length] == '/';
  return inside && h->group[length + 1] ? h->group + length : "";
}

static size_t smallest_limit(const hierarchy *h, const char *root) {
  if (!h->group || !h->mount_root || !h->mount_point) return 0;
  char *folder = text_format("%s%s", h->mount_point, group_below_mount(h));
  size_t limit = 0, shortest = strlen(h->mount_point);
  while (folder && strlen(folder) >= shortest) {
    limit = smaller(limit_of(h, root, folder), limit);
    char *last = strrchr(folder, '/');
    if (!last) break;
    *last = '\0';
  }
  free(folder);
  return limit;
}

size_t cpu_quota(const char *root) {
  size_t limit = 0;
  for (int version = 1; version <= 2; version++) {
    hierarchy h = {.version = version};
    read_lines(&h, root, "/proc/self/cgroup", read_group);
    read_lines(&h, root, "/proc/self/mountinfo", read_mount);
    limit = smaller(smallest_limit(&h, root), limit);
    free(h.group);
    free(h.mount_root);
    free(h.mount_point);
  }
  return limit;
}

static size_t affinity(void) {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return (size_t)CPU_COUNT(&cores);
  long online = sysconf(_SC_NPROCESSORS_ONLN); /* more cores than cpu_set_t can hold */
  return online > 0 ? (size_t)online : 1;
}

size_t cpu_count(void) {
  const size_t cores = affinity(), quota = cpu_quota("");
  return quota && quota < cores ? quota : cores;
}
