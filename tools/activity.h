/* SPDX-License-Identifier: Apache-2.0 */
/* A sign of life while something is set up: a line on standard error that says what. On a terminal
 * only, and not with --quiet. */
#ifndef CHECKROB_TOOLS_ACTIVITY_H
#define CHECKROB_TOOLS_ACTIVITY_H

/* "loading the model net.pt"; `name` may be "". It replaces the line before. */
void activity_begin(const char *what, const char *name);
/* Removes the line, if there is one. Every message does that first. */
void activity_end(void);

#endif
