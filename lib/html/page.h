/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a report's page that are the same for all results. Made by CMake from lib/html/page. */
#ifndef CHECKROB_LIB_HTML_PAGE_H
#define CHECKROB_LIB_HTML_PAGE_H

#include <stddef.h>

/* page_html has the markers @STYLE@, @DATA@ and @SCRIPT@, in this order. */
extern const unsigned char page_html[], page_css[], page_js[];
extern const size_t page_html_bytes, page_css_bytes, page_js_bytes;

#endif
