/* SPDX-License-Identifier: Apache-2.0 */
/* What check finds, by kind: printed for people, or written as CSV or JSON lines. */
#ifndef CHECKROB_TOOLS_FINDINGS_H
#define CHECKROB_TOOLS_FINDINGS_H

#include <stdint.h>
#include <stdio.h>

typedef enum finding_kind {
  FINDING_FAILED,
  FINDING_UNANNOTATED,
  FINDING_TURNED,
  FINDING_REMARK,
  FINDING_UNKNOWN,
  FINDING_TWICE,
  FINDING_FEW,
  FINDING_ABSENT,
  FINDING_KINDS
} finding_kind;

/* Of an image, of a class, or of both; "": not. */
typedef struct finding {
  char *image, *class_name, *message;
  int64_t count; /* images; below 0: no number */
} finding;

typedef struct finding_list {
  finding *items;
  size_t count, capacity;
  size_t all; /* with those that are not kept */
} finding_list;

/* Zero-initialise it, and set `keep_all` for all findings; else the first few of a kind are kept. */
typedef struct findings {
  finding_list kinds[FINDING_KINDS];
  size_t classes; /* of the class map */
  int keep_all;
  int out_of_memory;
} findings;

void findings_add(findings *f, finding_kind kind, const char *image, const char *class_name, int64_t count,
                  const char *message);
size_t findings_count(const findings *f);
/* Each kind with its findings; kinds of which a part of a dataset has very many are one line. */
void findings_print(const findings *f);
/* Writes all as WHAT, "findings.csv" or "findings.jsonl". EXIT_OK, or the code after an error message. */
int findings_write(const findings *f, const char *what, const char *path);
void findings_free(findings *f);

#endif
