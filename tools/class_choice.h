/* SPDX-License-Identifier: Apache-2.0 */
/* A class that a user names. */
#ifndef CHECKROB_TOOLS_CLASS_CHOICE_H
#define CHECKROB_TOOLS_CLASS_CHOICE_H

#include "command.h"

/* Finds a class by its name, its title (in upper or lower case) or its index. EXIT_OK; or EXIT_FAILED after
 * an error message, which suggests the nearest names. */
int choose_class(int64_t *index, const checkrob_class_map *classes, const char *wanted);

/* What is shown to people: its title, or its first name; "" if the map does not have the class. */
const char *class_title(const checkrob_class_map *classes, int64_t index);

#endif
