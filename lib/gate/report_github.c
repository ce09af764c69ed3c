/* SPDX-License-Identifier: Apache-2.0 */
/* Workflow commands of GitHub Actions: "::error title=TITLE::MESSAGE". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "gate/report.h"

/* '%' and line ends would end the message, ':' and ',' the title. Other control characters could change what
 * a terminal shows. */
static void put(FILE *file, const char *text, const char *special) {
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (strchr(special, c))
      fprintf(file, "%%%02X", c);
    else if (c < 0x20 || c == 0x7f)
      fprintf(file, "\\x%02X", c);
    else
      fputc(c, file);
  }
}

static void put_violation(FILE *file, const checkrob_gate *gate, const violation *v) {
  const judged_class *c = v->class == GATE_NO_CLASS ? NULL : &gate->found.classes[v->class];
  fprintf(file, "::%s title=checkrob", v->is_new ? "error" : "notice");
  if (c) {
    fputs("%3A ", file);
    put(file, *c->title ? c->title : c->name, "%\r\n:,");
  }
  fputs("::", file);
  if (!v->is_new) fputs("also in the baseline: ", file);
  if (c) {
    put(file, c->name, "%\r\n");
    fputs(": ", file);
  }
  put(file, v->message, "%\r\n");
  fputc('\n', file);
}

char *report_github(const checkrob_gate *gate) {
  text_writer w;
  if (!text_writer_start(&w)) return NULL;
  for (size_t i = 0; i < gate->found.violation_count; i++)
    put_violation(w.file, gate, &gate->found.violations[i]);
  for (size_t i = 0; i < gate->found.remark_count; i++) {
    fputs("::notice title=checkrob::", w.file);
    put(w.file, gate->found.remarks[i], "%\r\n");
    fputc('\n', w.file);
  }
  return text_writer_finish(&w);
}
