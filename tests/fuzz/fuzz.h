/* SPDX-License-Identifier: Apache-2.0 */
/* What the harnesses share: promises of the library that hold for any input, and the small world around the
 * input.
 *
 * A harness is one file with fuzz_input(). libFuzzer calls it again and again, and replay.c with files. A
 * broken promise aborts, which both report. */
#ifndef FUZZ_H
#define FUZZ_H

#include <checkrob/checkrob.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void fuzz_input(const uint8_t *data, size_t bytes);

/* Seconds of processor time that an input may take, with sanitizers too; harmless ones take milliseconds. The
 * time that a busy machine needs does not count. */
#define FUZZ_MOST_SECONDS 15

/* libFuzzer's name for it; aborts if an input takes longer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Aborts with this message if `promise` is false. */
#define FUZZ_CHECK(promise, ...) ((promise) ? (void)0 : fuzz_broken(__VA_ARGS__))
__attribute__((format(printf, 1, 2), noreturn)) void fuzz_broken(const char *format, ...);

/* A text for people is UTF-8 on one line, without control characters. */
void fuzz_line(const char *what, const char *text);

/* Of a function that read the input: either OK, or a status that blames the input with an error message on
 * one line. Returns whether it was OK. */
bool fuzz_ok(checkrob_status status);
/* The same for functions that may also say that what was asked for is wrong: INVALID_ARGUMENT, OTHER_OPTIONS.
 */
bool fuzz_ok_call(checkrob_status status);

/* For calls that have nothing to do with the input. */
void fuzz_must(checkrob_status status);

/* ---- files: one folder for the process, which is removed when it exits ---- */

/* "FOLDER/NAME", to be freed. */
char *fuzz_path(const char *name);
/* Writes the file anew, and makes the folder that it is in. */
void fuzz_file(const char *name, const void *data, size_t bytes);
void fuzz_text(const char *name, const char *text);
/* A gray image of this size. The name ends in ".png". */
void fuzz_image(const char *name, uint32_t width, uint32_t height);
/* The same as a photo of EXIF orientation 6: what is stored so is `height` wide and `width` high upright. */
void fuzz_photo(const char *name, uint32_t width, uint32_t height);

/* ---- datasets ---- */

typedef struct fuzz_option {
  const char *name;
  const char *value; /* "@NAME" is that file in the process's folder */
} fuzz_option;

/* "a,0", "b,1" and so on to "d,3", and "1,1". */
const checkrob_class_map *fuzz_classes(void);

/* Opens a dataset with these options, up to a name that is NULL, and looks at the first samples: error
 * messages, regions, coverage, sizes, images. `width` and `height` are those of the image that the regions
 * are for. */
void fuzz_walk(const fuzz_option *options, uint32_t width, uint32_t height);

/* Coverage by both geometries, for an image of this size: all in 0 to 1. */
void fuzz_coverage(const checkrob_regions *regions, const checkrob_preprocess *preprocess, uint32_t width,
                   uint32_t height);

/* ---- inputs that are no file: numbers one after the other; 0 after the last one ---- */

typedef struct fuzz_reader {
  const uint8_t *data;
  size_t bytes;
} fuzz_reader;

uint8_t fuzz_byte(fuzz_reader *r);
uint32_t fuzz_number(fuzz_reader *r); /* four bytes, the lowest first */
double fuzz_double(fuzz_reader *r);

#endif
