/* SPDX-License-Identifier: Apache-2.0 */
/* The pass over the chosen images: decoded, drawn small and written, several at once. */
#ifndef CHECKROB_LIB_HTML_PICTURES_H
#define CHECKROB_LIB_HTML_PICTURES_H

#include <checkrob/extract.h>
#include <stdio.h>

#include "html/picks.h"
#include "html/picture.h"

typedef struct pictures_pass {
  FILE *to;                               /* of the page, inside an array of JSON: an object each */
  const checkrob_dataset *dataset, *pool; /* NULL: their pictures are missing */
  picture_style style;
  size_t threads;
  const char *folder, *link;              /* of files; NULL: the pictures are in the page */
  checkrob_progress_callback on_progress; /* may be NULL */
  void *user_data;
  size_t drawn, missing; /* out */
} pictures_pass;

/* Writes all picks, those that could not be drawn with the reason. The picks are sorted. Errors: IO,
 * INTERRUPTED, OUT_OF_MEMORY. */
checkrob_status pictures_write(pictures_pass *pass, pick_list *picks);

#endif
