/* SPDX-License-Identifier: Apache-2.0 */
/* Options: the settings of a run, an explainer, a dataset or an extraction, by name.
 *
 *    checkrob_options_new(&options);
 *    checkrob_options_set(options, "model", "resnet50.pt");
 *    checkrob_options_set_integer(options, "batch", 32);
 *    checkrob_options_add(options, "images", "photos/a");
 *    checkrob_options_add(options, "images", "photos/b");
 *
 * Each option is declared once: its name, type, range, default and help. The command's flags, its help, the
 * manual page and the run specification in JSON follow from the declarations; docs/specification.md lists
 * them. A value is validated when it is set. Names are in lower case with underscores. The command writes
 * them with dashes: top_k is --top-k.
 *
 * The value in force of an option is the value that was set. If none was set, it is the default of the
 * profile "paper", if that profile is set and has a default for this option. Otherwise it is the option's
 * default. Wherever a function takes `const checkrob_options *`, NULL means that nothing is set. */
#ifndef CHECKROB_OPTIONS_H
#define CHECKROB_OPTIONS_H

#include <checkrob/status.h>
#include <stddef.h>
#include <stdint.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_options checkrob_options;

/* Makes options of which none is set. Errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_new(checkrob_options **out);
/* Copies options; of NULL: nothing is set. Errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_copy(checkrob_options **out, const checkrob_options *options);
CHECKROB_API void checkrob_options_free(checkrob_options *options);

/* ---- setting values ---- */

/* Sets an option of any type from text: "16", "0.95", "true", "log-odds", a path. A list then has this one
 * item. Numbers have a decimal point in every locale. Names of choices may be in upper or lower case. Errors:
 * NOT_FOUND (there is no such option), INVALID_ARGUMENT (the value is not allowed), OUT_OF_MEMORY. The error
 * message says what is allowed. After an error the option has its old value. */
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
/* Resets an option to its default. Errors: NOT_FOUND. */
CHECKROB_API checkrob_status checkrob_options_unset(checkrob_options *options, const char *name);

/* Checks whether the values in force are consistent. Errors: INVALID_ARGUMENT (verdict_off_object is above
 * verdict_robust, or above 0 if that is not set; attack_... that do not go together). Functions that use
 * these options check this too. */
CHECKROB_API checkrob_status checkrob_options_check(const checkrob_options *options);

/* ---- reading values: always the values in force ---- */

/* A name that is not declared is an error in the program. The functions then return 0, "", -1 or NaN. */

CHECKROB_API int checkrob_options_is_set(const checkrob_options *options, const char *name);
/* The value as text, for any type: an integer "16", a number "0.95", a flag "true" or "false", the first item
 * of a list; "" if nothing is set and there is no default. The text belongs to the options, and is valid
 * until this option is set again. */
CHECKROB_API const char *checkrob_options_text(const checkrob_options *options, const char *name);
/* For the type INTEGER; for FLAG 0 or 1. -1 for other types. */
CHECKROB_API int64_t checkrob_options_integer(const checkrob_options *options, const char *name);
/* For the types NUMBER and INTEGER. NaN for other types, and if nothing is set and there is no default. */
CHECKROB_API double checkrob_options_number(const checkrob_options *options, const char *name);
/* Number of items of a list; 0 for other types. */
CHECKROB_API size_t checkrob_options_count(const checkrob_options *options, const char *name);
/* Item `index` of a list, from 0; "" past the end. Valid as long as the text above. */
CHECKROB_API const char *checkrob_options_item(const checkrob_options *options, const char *name,
                                               size_t index);

/* ---- the run specification ---- */

/* Reads options from a file that contains a JSON object: {"model": "resnet50.pt", "images": ["a", "b"],
 * "batch": 16}. The file may also be a run's summary.json, which contains such an object as "options". Paths
 * are used as they are. Errors: NOT_FOUND, IO, LIMIT (16 MiB), BAD_INPUT (no JSON, an unknown option, a value
 * that is not allowed; the error message names the file), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_read(checkrob_options **out, const char *path);
/* The same from JSON text of `bytes` bytes. */
CHECKROB_API checkrob_status checkrob_options_parse(checkrob_options **out, const char *json, size_t bytes);

/* The options that are set, as the text of such an object. The caller frees it with
 * checkrob_options_json_free(). Errors: INVALID_ARGUMENT (`out` is NULL), UNSUPPORTED (a path is not UTF-8),
 * OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_options_json(char **out, const checkrob_options *options);
/* The same with all values in force, including defaults. It repeats a run even if the defaults change.
 * Options without a value are omitted. */
CHECKROB_API checkrob_status checkrob_options_json_in_force(char **out, const checkrob_options *options);
CHECKROB_API void checkrob_options_json_free(char *json);
/* Writes the text of checkrob_options_json to a file, completely or not at all. Errors: as there, and IO. */
CHECKROB_API checkrob_status checkrob_options_write(const checkrob_options *options, const char *path);

/* ---- the declarations ---- */

typedef enum checkrob_option_type {
  CHECKROB_OPTION_TEXT = 1,
  CHECKROB_OPTION_PATH = 2, /* of a file or folder, or a built-in name such as imagenet */
  CHECKROB_OPTION_INTEGER = 3,
  CHECKROB_OPTION_NUMBER = 4,
  CHECKROB_OPTION_CHOICE = 5,  /* one of `choices` */
  CHECKROB_OPTION_CHOICES = 6, /* any number of `choices`, with commas between; "": none */
  CHECKROB_OPTION_FLAG = 7     /* true or false */
} checkrob_option_type;

/* The strings are static. */
typedef struct checkrob_option_info {
  size_t size;
  const char *name;
  checkrob_option_type type;
  /* 1: the range below is open, low < value < high. */
  int excludes_bounds;
  /* Range of INTEGER and NUMBER; infinite: no bound. */
  double low, high;
  const char *default_text; /* NULL: none */
  /* Default under the profile "paper"; NULL: the same as default_text. */
  const char *paper_text;
  /* "mean|max"; NULL if any text is allowed. */
  const char *choices;
  /* A word for the value in a help text, such as "FILE"; "" for a flag. */
  const char *argument;
  /* A phrase without a full stop: "images in a batch". */
  const char *help;
  /* More, in sentences, for a manual. Code is in backticks. "": nothing. */
  const char *details;
  /* A word for the part of checkrob that uses it: "model", "data", "method" ... */
  const char *group;
  /* 1: the option changes the stored samples. A run refuses to resume results that were computed with another
   * value. For a PATH not the name counts, but the contents: of the model, the preprocessing, the class map,
   * names, COCO's file and the manifest all; of folders and lists the names of the chosen images; see
   * checkrob_dataset_fingerprint. For the layer "auto" the layer that was chosen counts. 0: the option
   * changes nothing that is stored of a sample, except perhaps its rounding. */
  int changes_results;
  int is_list; /* 1: may be set several times */
} checkrob_option_info;

#define CHECKROB_OPTION_INFO_INIT                                                                          \
  {                                                                                                        \
    sizeof(checkrob_option_info), "", CHECKROB_OPTION_TEXT, 0, 0.0, 0.0, NULL, NULL, NULL, "", "", "", "", \
        0, 0                                                                                               \
  }

CHECKROB_API size_t checkrob_option_count(void);
/* Options are listed group by group. Errors: INVALID_ARGUMENT (past the end). */
CHECKROB_API checkrob_status checkrob_option_at(checkrob_option_info *out, size_t index);

CHECKROB_END_DECLS
#endif
