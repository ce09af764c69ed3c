/* SPDX-License-Identifier: Apache-2.0 */
/* A report of results that people look at: one HTML file, which needs no network and no other file.
 *
 *    checkrob_html_new(&report, results);
 *    checkrob_html_set_data(report, dataset, preprocess, options);    for pictures
 *    checkrob_html_write(report, "report.html");
 *    checkrob_html_free(report);
 *
 * It says which classes not to trust, why, and shows images of each class, with the saliency map and the
 * objects. The maps are those of the results: no model is needed, and the images are read once. The page
 * draws map and objects over the photo itself, so that a reader may hide them. Everything that comes from
 * data is text in it, never code: a class may be called <script>.
 *
 * One thread at a time may use a report. */
#ifndef CHECKROB_HTML_H
#define CHECKROB_HTML_H

#include <checkrob/dataset.h>
#include <checkrob/extract.h>
#include <checkrob/results.h>

CHECKROB_BEGIN_DECLS

typedef struct checkrob_html checkrob_html;

/* A report of these results, without pictures. The results, and what the functions below set, are borrowed:
 * they must outlive the report. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_html_new(checkrob_html **out, checkrob_results *results);
CHECKROB_API void checkrob_html_free(checkrob_html *report);

/* The data of the run, for pictures. Images are found by the numbers in the results, or else by name and
 * class; the report says which are gone. `options`: threads (for decoding), image_max_..., orientation;
 * NULL: the defaults. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_html_set_data(checkrob_html *report, const checkrob_dataset *dataset,
                                                    const checkrob_preprocess *preprocess,
                                                    const checkrob_options *options);
/* The pool of the run (checkrob_dataset_open_pool), for pictures of its images. Errors: INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_html_set_pool(checkrob_html *report, const checkrob_dataset *pool);

/* Results of another run, such as the one before: the report then says what changed, and whether it is more
 * than chance. Errors: INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_html_set_before(checkrob_html *report, checkrob_results *before);

/* Pictures of each class, from 0 to 100: half of them are the worst, those with the least saliency on the
 * object among the recognised ones; the others are typical ones and the best. Where fewer are recognised,
 * some that are not follow. The default is 6, or 4 with more than 400 classes. Errors: INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_html_set_images(checkrob_html *report, uint32_t images);

/* The pictures become WebP files in this folder, with at most 800 pixels a side. It must exist; files of the
 * same names are replaced. `link` is the folder as the page names it, such as "pictures": relative to the
 * page's own folder, with slashes, and any bytes, which become a URL. Without a folder they are part of the
 * page, and small: all together have about 6 MB at most. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_html_set_folder(checkrob_html *report, const char *folder,
                                                      const char *link);

/* Called as pictures are made; a value other than 0 interrupts. Errors: INVALID_ARGUMENT. */
CHECKROB_API checkrob_status checkrob_html_on_progress(checkrob_html *report,
                                                       checkrob_progress_callback callback, void *user_data);

/* Writes the page, completely or not at all. Memory: about 100 bytes for each sample, and the chosen images.
 * Errors: IO, NOT_FOUND (no such folder), INTERRUPTED, BAD_INPUT (a damaged results file), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_html_write(checkrob_html *report, const char *path);

/* After writing: the number of pictures, and of images that were gone or could not be read. */
CHECKROB_API size_t checkrob_html_pictures(const checkrob_html *report);
CHECKROB_API size_t checkrob_html_missing(const checkrob_html *report);

CHECKROB_END_DECLS
#endif
