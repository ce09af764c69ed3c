/* checkrob methods: what --method may name. */
#include <string.h>

#include "command.h"

static const char usage[] =
    "Usage: checkrob methods\n"
    "Lists the saliency methods that --method may name. '+' marks those that work without gradients, and so "
    "on\n"
    "int8-quantised models too.\n"
    "\n"
    "  --help   this text\n";

int command_methods(int argc, char **argv) {
  if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
    return fputs(usage, stdout) < 0 ? EXIT_FAILED : EXIT_OK;
  if (argc > 1) return fail_usage("methods", "'%s' is no option", argv[1]);
  for (size_t i = 0; i < checkrob_method_count(); i++) {
    checkrob_method_info info = CHECKROB_METHOD_INFO_INIT;
    if (checkrob_method_at(&info, i) != CHECKROB_OK) return fail_library();
    printf("%c %-20s  %s\n%24s%s\n", info.needs_gradient ? ' ' : '+', info.name, info.summary, "",
           info.source);
  }
  return fflush(stdout) == 0 ? EXIT_OK : fail(EXIT_FAILED, "cannot write to standard output");
}
