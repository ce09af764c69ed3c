/* SPDX-License-Identifier: Apache-2.0 */
/* checkrob methods: the methods that --method accepts. */
#include "options_cli.h"

int command_methods(const command_line *line) {
  (void)line; /* it has no options */
  for (size_t i = 0; i < checkrob_method_count(); i++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    if (checkrob_method_at(&info, i)) return fail_library();
    printf("%c %-20s  %s\n%24s%s\n", info.needs_gradient ? ' ' : '+', info.name, info.summary, "",
           info.source);
  }
  return finish_output();
}
