/* SPDX-License-Identifier: Apache-2.0 */
/* The members of checkrob_html. */
#ifndef CHECKROB_LIB_HTML_H
#define CHECKROB_LIB_HTML_H

#include <checkrob/html.h>

#include "html/pictures.h"

struct checkrob_html {
  checkrob_results *results, *before; /* borrowed; `before` may be NULL */
  size_t images;                      /* of each class */
  char *folder, *link;                /* NULL: the pictures are in the page */
  pictures_pass pass;                 /* the data, and what is counted */
};

#endif
