/* What the sub-commands share: exit codes, words for errors, the options that several of them take. */
#ifndef CHECKROB_TOOLS_COMMAND_H
#define CHECKROB_TOOLS_COMMAND_H

#include <checkrob/checkrob.h>
#include <stdio.h>

/* Told to pipelines in checkrob(1): numbers never change their meaning. */
enum {
  EXIT_OK = 0,          /* done; images that could not be evaluated are warned about */
  EXIT_FAILED = 1,      /* nothing, or not everything, could be done: stderr says why */
  EXIT_USAGE = 2,       /* the command line is wrong */
  EXIT_NONE = 3,        /* done, but not one image could be evaluated */
  EXIT_INTERRUPTED = 4, /* stopped by SIGINT or SIGTERM; what was computed until then is written */
  EXIT_FOUND = 5,       /* check: something is wrong with the data */
};

int command_score(int argc, char **argv);
int command_layers(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_methods(int argc, char **argv);
int command_check(int argc, char **argv);
int command_export(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_compare(int argc, char **argv);

/* "checkrob: error: ..." on stderr; returns `code`. */
__attribute__((format(printf, 2, 3))) int fail(int code, const char *format, ...);
/* The library's last sentence as an error; returns EXIT_FAILED. */
int fail_library(void);
/* A wrong command line: the sentence, then where help is; gives EXIT_USAGE. A macro, so that a static
 * analyser sees in every file that parsing ends there. */
#define fail_usage(...) (say_usage(__VA_ARGS__), EXIT_USAGE)
__attribute__((format(printf, 2, 3))) void say_usage(const char *command, const char *format, ...);
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);
/* For what is no reason to worry. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);

/* A whole number in [low, high]; 0 when `text` is not one. */
int parse_integer(int64_t *out, const char *text, int64_t low, int64_t high);

/* The user's choices that score and explain share; NULL: not given. */
typedef struct profile {
  const char *name;       /* "standard" or "paper" */
  const char *preprocess; /* preset or file */
  checkrob_geometry geometry;
  int64_t top_k; /* 0: not given */
  int is_paper;
} profile;

/* Fills what was not given from the profile's defaults. 0 when there is no such profile. */
int profile_resolve(profile *p);

/* Writes a text from a file or an archive to a terminal or a pipe: control characters become '?', since a
 * file name may hold a terminal's escape sequences. */
void put_text(FILE *file, const char *text, int width);

/* Are both paths the same file, by whatever name? 0 where one of them is not there. */
int same_file(const char *path, const char *other);

#endif
