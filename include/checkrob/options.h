/* Options: every choice that a run, an explainer, a dataset or an extraction knows, by name.
 *
 *   checkrob_options_new(&options);
 *   checkrob_options_set(options, "model", "resnet50.pt");
 *   checkrob_options_set_integer(options, "batch", 32);
 *   checkrob_options_add(options, "images", "photos/a");
 *   checkrob_options_add(options, "images", "photos/b");
 *
 * Each option is declared once: its name, type, range, default and help. The command's flags, its help, the
 * manual page and the run specification in JSON follow from the declarations; docs/specification.md lists
 * them. A value is checked when it is set. Names are in lower case with underscores; the command writes
 * them with dashes: top_k is --top-k.
 *
 * The value in force of an option is the one that was set; else, under the profile "paper", the default of
 * that profile, if the option has one; else its default. Wherever a function takes `const checkrob_options
 * *`, NULL means that nothing is set.
 */
#ifndef CHECKROB_OPTIONS_H
#define CHECKROB_OPTIONS_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_options checkrob_options;

/* Nothing is set. Errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_new(checkrob_options **out);
/* The same values as `options`; of NULL: nothing is set. Errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_copy(checkrob_options **out, const checkrob_options *options);
CHECKROB_API void checkrob_options_free(checkrob_options *options);

/* ---- setting values ---- */

/* Sets an option of any type from text: "16", "0.95", "true", "log-odds", a path. A list gets this one item.
 * Numbers have a decimal point in every locale; names of choices may be in upper or lower case. Errors:
 * NOT_FOUND (there is no such option), INVALID_ARGUMENT (the value is not allowed), OUT_OF_MEMORY. The error
 * message says what is allowed, and the old value stays. */
CHECKROB_API checkrob_status checkrob_options_set(checkrob_options *options, const char *name,
                                                  const char *value);
/* For options of the types INTEGER and NUMBER, and FLAG (0 or 1). Errors as above. */
CHECKROB_API checkrob_status checkrob_options_set_integer(checkrob_options *options, const char *name,
                                                          int64_t value);
/* For options of the type NUMBER, and of the type INTEGER if the value is whole. Errors as above. */
CHECKROB_API checkrob_status checkrob_options_set_number(checkrob_options *options, const char *name,
                                                         double value);
/* Appends an item to a list. Errors as above. */
CHECKROB_API checkrob_status checkrob_options_add(checkrob_options *options, const char *name,
                                                  const char *value);
/* Back to the default. Errors: NOT_FOUND. */
CHECKROB_API checkrob_status checkrob_options_unset(checkrob_options *options, const char *name);

/* Do the values in force fit together? Errors: INVALID_ARGUMENT (verdict_non_robust above
 * verdict_robust). Whoever uses options checks this too. */
CHECKROB_API checkrob_status checkrob_options_check(const checkrob_options *options);

/* ---- reading values: always those in force ---- */

/* Asking for a name that is not declared is a mistake of the program; the answer is then 0, "", -1 or NaN. */

CHECKROB_API int checkrob_options_is_set(const checkrob_options *options, const char *name);
/* As text, of any type: an integer "16", a number "0.95", a flag "true" or "false", a list's first item; ""
 * where nothing is set and there is no default. Belongs to the options, until this option is set again. */
CHECKROB_API const char *checkrob_options_text(const checkrob_options *options, const char *name);
/* Of the type INTEGER; of FLAG 0 or 1. -1 for other types. */
CHECKROB_API int64_t checkrob_options_integer(const checkrob_options *options, const char *name);
/* Of the types NUMBER and INTEGER; NaN for other types, and where nothing is set and there is no default. */
CHECKROB_API double checkrob_options_number(const checkrob_options *options, const char *name);
/* Items of a list; 0 for what is no list. */
CHECKROB_API size_t checkrob_options_count(const checkrob_options *options, const char *name);
/* The item `index` of a list, from 0; "" past its end. Lifetime as above. */
CHECKROB_API const char *checkrob_options_item(const checkrob_options *options, const char *name,
                                               size_t index);

/* ---- the run specification ---- */

/* All options as a JSON object, in a file: {"model": "resnet50.pt", "images": ["a", "b"], "batch": 16}. Or a
 * run's summary.json, which holds such an object as "options". Paths are taken as they are. Errors:
 * NOT_FOUND, IO, LIMIT (16 MiB), BAD_INPUT (no JSON, an unknown option, a value that is not allowed; the
 * error message names the file), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_read(checkrob_options **out, const char *path);
/* The same from JSON text of `bytes` bytes. */
CHECKROB_API checkrob_status checkrob_options_parse(checkrob_options **out, const char *json, size_t bytes);

/* The options that are set, as such an object. Belongs to the options, until this function or the next one is
 * called again; NULL where it fails: UNSUPPORTED (a path is not UTF-8), OUT_OF_MEMORY. */
CHECKROB_API const char *checkrob_options_json(checkrob_options *options);
/* All values in force, defaults too: what repeats a run under other defaults. Left out is what is not set and
 * has no default. */
CHECKROB_API const char *checkrob_options_json_in_force(checkrob_options *options);
/* Writes what checkrob_options_json gives to a file, whole or not at all. Errors: as there, and IO. */
CHECKROB_API checkrob_status checkrob_options_write(const checkrob_options *options, const char *path);

/* ---- the declarations ---- */

typedef enum checkrob_option_type {
  CHECKROB_OPTION_TEXT = 1,
  CHECKROB_OPTION_PATH = 2, /* of a file or folder, or a name that is built in: imagenet */
  CHECKROB_OPTION_INTEGER = 3,
  CHECKROB_OPTION_NUMBER = 4,
  CHECKROB_OPTION_CHOICE = 5,  /* one of `choices` */
  CHECKROB_OPTION_CHOICES = 6, /* any of `choices`, with commas between; "": none */
  CHECKROB_OPTION_FLAG = 7     /* true or false */
} checkrob_option_type;

/* The strings are static. */
typedef struct checkrob_option_info {
  size_t size;
  const char *name;
  checkrob_option_type type;
  double low, high;         /* range of INTEGER and NUMBER; infinite: no bound */
  int excludes_bounds;      /* 1: the range is open, low < value < high */
  const char *default_text; /* NULL: none */
  const char *paper_text;   /* default under the profile "paper"; NULL: as above */
  const char *choices;      /* "mean|max"; NULL where any text is allowed */
  const char *argument;     /* what stands for the value in a help text, such as "FILE"; "" for a flag */
  const char *help;         /* a phrase without a full stop: "images in a batch" */
  const char *details;      /* more, in sentences, for a manual; code stands in backticks; "": nothing */
  const char *group;        /* a word for the part of checkrob that uses it: "model", "data", "method" ... */
  /* 1: samples that were computed with another value can't stand beside those computed with this one, so a
   * run refuses to resume. Of a PATH the contents count, not the name. 0: it changes nothing that is stored
   * of a sample, or its rounding at most. */
  int changes_results;
  int is_list; /* 1: may be given several times */
} checkrob_option_info;

#define CHECKROB_OPTION_INFO_INIT                                                                          \
  {                                                                                                        \
    sizeof(checkrob_option_info), "", CHECKROB_OPTION_TEXT, 0.0, 0.0, 0, NULL, NULL, NULL, "", "", "", "", \
        0, 0                                                                                               \
  }

CHECKROB_API size_t checkrob_option_count(void);
/* Options come group by group. Errors: INVALID_ARGUMENT (past the end). */
CHECKROB_API checkrob_status checkrob_option_at(checkrob_option_info *out, size_t index);

CHECKROB_END_DECLS
#endif
