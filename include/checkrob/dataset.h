/* SPDX-License-Identifier: Apache-2.0 */
/* Annotated images: a dataset, and cursors that walk it sample by sample.
 *
 *   checkrob_options_set(options, "dataset", "voc");
 *   checkrob_options_add(options, "images", "photos");
 *   checkrob_options_add(options, "annotations", "xml");
 *   checkrob_dataset_open(&dataset, options, classes);
 *   checkrob_cursor_new(&cursor, dataset, 0, 0);
 *   while (checkrob_cursor_next(&sample, cursor) == CHECKROB_OK) {
 *     ...
 *     checkrob_sample_free(sample);
 *   }
 *
 * A sample is one image with one class and that class's regions. An image with objects of several classes
 * yields one sample for each class. Samples are sorted by the image's path, then by class index. A sample
 * with an error never stops a cursor: it has a status and an error message.
 *
 * A tar file may replace any folder of images or annotations; it is not unpacked. A file inside it is named
 * as if the tar file were unpacked into a folder of the tar's name without ".tar".
 */
#ifndef CHECKROB_DATASET_H
#define CHECKROB_DATASET_H

#include <checkrob/image.h>
#include <checkrob/options.h>
#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* ---- class maps ---- */

/* A class map ties the data's class names to the model's output indices. It is a CSV file with the header
 * `name,index`, or `name,index,title` with a name for people in the third column, which may be empty. The
 * file is UTF-8 with the quoting of RFC 4180; a byte order mark, CRLF line ends and blank lines are allowed.
 * Several names may share an index: the first one is then the class's name in the results. A name may occur
 * only once.
 *
 * One map is built in:
 *   imagenet  the 1000 classes of ILSVRC 2012 by their WordNet ids, n01440764 to n15075141, sorted: outputs 0
 *             to 999 as in torchvision, timm and Keras; titles in English ("tench")
 *
 * A class map is read-only, and safe from any number of threads. */
typedef struct checkrob_class_map checkrob_class_map;

/* "imagenet", or the path of a CSV file (a file of that name is "./imagenet"). Errors: NOT_FOUND, IO, LIMIT
 * (64 MiB; 4096 bytes of a name or title), BAD_INPUT (with file and line), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_class_map_open(checkrob_class_map **out, const char *name_or_path);
CHECKROB_API void checkrob_class_map_free(checkrob_class_map *classes);

CHECKROB_API size_t checkrob_class_map_count(const checkrob_class_map *classes);
/* Entry `entry` in the file's order; NULL and -1 past the end. */
CHECKROB_API const char *checkrob_class_map_name(const checkrob_class_map *classes, size_t entry);
CHECKROB_API int64_t checkrob_class_map_index(const checkrob_class_map *classes, size_t entry);
/* Its name for people, in English in the map that is built in; NULL if the map has none, and past the end.
 */
CHECKROB_API const char *checkrob_class_map_title(const checkrob_class_map *classes, size_t entry);
/* The entry's line in the file, counted from 1, for error messages; 0 past the end. */
CHECKROB_API size_t checkrob_class_map_line(const checkrob_class_map *classes, size_t entry);
/* The output index of a name, exactly as written; -1 if the map does not have it. */
CHECKROB_API int64_t checkrob_class_map_find(const checkrob_class_map *classes, const char *name);
/* The first name of an output index; NULL if there is none. */
CHECKROB_API const char *checkrob_class_map_name_of(const checkrob_class_map *classes, int64_t index);
/* The first title of an output index; NULL if there is none. */
CHECKROB_API const char *checkrob_class_map_title_of(const checkrob_class_map *classes, int64_t index);

/* ---- datasets ---- */

/* A dataset is read-only once it is open, and safe from any number of threads. */
typedef struct checkrob_dataset checkrob_dataset;

/* Lists the images (.jpg, .jpeg, .jfif, .jpe, .png, .webp, .bmp in any case; and .gif, .tif, .heic and
 * others, which then fail by name) and their annotations, but parses no annotation yet except COCO's file and
 * manifests. Options (options.h) that it reads: dataset, images, annotations, list, names, regions, ignore,
 * skip_unannotated, skip_unmapped. `classes` must outlive the dataset.
 *
 * The option `dataset` is the format:
 *   voc       Pascal VOC: images anywhere below the images folders. Each has an XML file of the same path
 *             below the annotations folders; else of the same stem anywhere below them, if there is only one.
 *             Without an XML file, a mask whose name ends in .seg.png; its class's output index is in a .cls
 *             file beside the image. With the option `regions`, masks whose pixels are numbers of classes or
 *             objects: 0 is background, 255 (void) counts neither way. A folder that contains JPEGImages
 *             (VOCdevkit/VOC2012), or a folder of such folders (VOCdevkit), also stands for the folders of
 *             annotations in it; `annotations` may then be unset.
 *   imagenet  As voc; but if the images are in a folder for each class (n02106662/n02106662_1.JPEG), the
 *             folder names the class, and only objects of that class count. The class of an image without
 *             such a folder is in a .cls file beside it, or else in the XML file.
 *   coco      COCO instances: one JSON file; its images are searched by file_name below the images folders.
 *   yolo      Each image has a .txt file of the same path, or else of the same stem. It has a line for each
 *             object: the class number, then a box (centre, width, height) or a polygon, in shares of the
 *             image's sides. Needs `names`.
 *   manifest  A CSV file with the header image,class,x1,y1,x2,y2 (0-based, x2 and y2 after the last pixel)
 *             or image,class,mask (the path of an image that is black except for the object, relative to the
 *             CSV file's folder).
 *
 * Errors: INVALID_ARGUMENT (an option is missing, or the format does not know it), NOT_FOUND (no such folder,
 * or no image and no annotation in it), IO, OUT_OF_MEMORY; of a tar file also BAD_INPUT (not a tar file,
 * damaged, truncated) and UNSUPPORTED (compressed, links or sparse files inside); of a list BAD_INPUT (not
 * text, or without a name) and LIMIT; of COCO's file, a manifest and names BAD_INPUT and LIMIT. */
CHECKROB_API checkrob_status checkrob_dataset_open(checkrob_dataset **out, const checkrob_options *options,
                                                   const checkrob_class_map *classes);
/* Images alone, anywhere below the folders in the option `images`: a sample each, of no class and without
 * regions. For reading representations out (extract.h); there is nothing to score. Errors: as above. */
CHECKROB_API checkrob_status checkrob_dataset_open_images(checkrob_dataset **out,
                                                          const checkrob_options *options);
/* The pool of a run with the option attack_images (run.h): these images, with the annotations of
 * attack_dataset and attack_annotations if they are set, whatever the run's own data leave out or ignore.
 * `own` opens the run's data. `classes` must outlive the dataset. Errors: INVALID_ARGUMENT (attack_images is
 * not set, or the options are not consistent), and as above. */
CHECKROB_API checkrob_status checkrob_dataset_open_pool(checkrob_dataset **out,
                                                        const checkrob_options *options,
                                                        const checkrob_class_map *classes);
CHECKROB_API void checkrob_dataset_free(checkrob_dataset *dataset);

/* The class map that the dataset was opened with; NULL for images alone. */
CHECKROB_API const checkrob_class_map *checkrob_dataset_classes(const checkrob_dataset *dataset);
/* Number of inputs: images, and annotations without an image. An input may yield several samples. */
CHECKROB_API size_t checkrob_dataset_input_count(const checkrob_dataset *dataset);
/* The option `ignore` as a sum of checkrob_object_flag. */
CHECKROB_API unsigned checkrob_dataset_ignored_flags(const checkrob_dataset *dataset);
/* The option `regions`. Where it is "auto" and a folder of annotations is named after its masks, the kind of
 * these masks. */
CHECKROB_API const char *checkrob_dataset_regions(const checkrob_dataset *dataset);
/* The option `skip_unmapped`. */
CHECKROB_API int checkrob_dataset_skips_unmapped(const checkrob_dataset *dataset);
/* Number of images that skip_unannotated left out. They are no inputs. */
CHECKROB_API size_t checkrob_dataset_left_out(const checkrob_dataset *dataset);
/* A number that changes when the format, the name of an input, or the number of inputs does. It does not
 * depend on what is in the files. Of a dataset of the caller's own, the names are not known before they are
 * read: only the number of inputs counts.
 *
 * A run resumes results (checkrob_run_store) only if this number is the same, and the contents of the files
 * that say something about all images: `names`, COCO's file, the manifest. It does not compare the images, or
 * annotations that are in a file for each image. */
CHECKROB_API uint64_t checkrob_dataset_fingerprint(const checkrob_dataset *dataset);

/* ---- datasets of the caller's own ---- */

/* What an annotation says about an object beside its class and region. */
typedef enum checkrob_object_flag {
  CHECKROB_OBJECT_DIFFICULT = 1, /* Pascal VOC's <difficult>: hard to recognise */
  CHECKROB_OBJECT_TRUNCATED = 2, /* Pascal VOC's <truncated>: it extends beyond the box */
  CHECKROB_OBJECT_CROWD = 4      /* COCO's iscrowd: many objects in one region */
} checkrob_object_flag;

/* Images from memory or files, with any annotations. `read` fills input number 0 to input_count - 1; it is
 * called each time that a cursor reads the input, and each time that a run with probes draws it as a donor.
 * Any thread may call it, but never two at once: the dataset holds a lock meanwhile, so `read` must not read
 * from the same dataset. If it returns anything but OK, the input fails with this thread's last error
 * message (checkrob_input_fail sets one); OUT_OF_MEMORY fails the cursor. `classes` must outlive the dataset;
 * NULL: samples of no class. A run with another `read` and the same number of inputs resumes the results of
 * this one: give each dataset a results file of its own. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
typedef struct checkrob_input checkrob_input;
typedef checkrob_status (*checkrob_input_callback)(checkrob_input *input, size_t number, void *user_data);
CHECKROB_API checkrob_status checkrob_dataset_new(checkrob_dataset **out, size_t input_count,
                                                  checkrob_input_callback read, void *user_data,
                                                  const checkrob_class_map *classes);

/* Filling an input; everything is copied. The name is the image's name in all results, and must be unique.
 * Without a name it is "input 17". Errors: INVALID_ARGUMENT, LIMIT (more shapes than one image may have, a
 * class's name of more than 4096 bytes), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_input_set_name(checkrob_input *input, const char *name);
/* The image: a file to decode, or pixels [height, width, 3], red first. */
CHECKROB_API checkrob_status checkrob_input_set_path(checkrob_input *input, const char *path);
CHECKROB_API checkrob_status checkrob_input_set_pixels(checkrob_input *input, const uint8_t *pixels,
                                                       uint32_t width, uint32_t height);
/* An object with its region. `class_name` is a name in the class map; `flags` is a sum of
 * checkrob_object_flag. Either all regions of an image are relative, or none is. */
CHECKROB_API checkrob_status checkrob_input_add_object(checkrob_input *input, const char *class_name,
                                                       unsigned flags, const checkrob_regions *regions);
/* A region that counts neither way. */
CHECKROB_API checkrob_status checkrob_input_add_ignored(checkrob_input *input,
                                                        const checkrob_regions *regions);
/* How `read` fails for a reason of its own: `return checkrob_input_fail(input, CHECKROB_ERROR_IO, "...")`.
 * The message becomes this thread's last error message, and so the sample's. Returns `status`;
 * INVALID_ARGUMENT if that is CHECKROB_OK or CHECKROB_END, or an argument is NULL. */
CHECKROB_API checkrob_status checkrob_input_fail(checkrob_input *input, checkrob_status status,
                                                 const char *message);

/* ---- cursors ---- */

typedef struct checkrob_sample checkrob_sample;

/* A cursor walks a dataset, or one shard of it. Any number of cursors may walk one dataset at once, each on a
 * thread of its own: they share nothing but the dataset, which must outlive them. */
typedef struct checkrob_cursor checkrob_cursor;

/* Shard 3 of 64 is the third of 64 contiguous parts of the inputs, whose sizes differ by one at most. 0 of 0:
 * all inputs. The cursor is before the first sample. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_cursor_new(checkrob_cursor **out, const checkrob_dataset *dataset,
                                                 uint32_t shard, uint32_t shards);
CHECKROB_API void checkrob_cursor_free(checkrob_cursor *cursor);

/* The next sample, of the next input that is not skipped; END after the last one. The caller frees it; it
 * depends on neither the cursor nor the dataset. Other errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_cursor_next(checkrob_sample **out, checkrob_cursor *cursor);
/* Moves the cursor before the sample whose checkrob_sample_input and checkrob_sample_part these are; if the
 * input has no such part, before the next input. `input` is the number in the whole dataset, from the shard's
 * first input to the one after its last. The count of skipped inputs restarts at 0. Errors: INVALID_ARGUMENT
 * (outside the shard), OUT_OF_MEMORY; the cursor then stays where it was. */
CHECKROB_API checkrob_status checkrob_cursor_seek(checkrob_cursor *cursor, size_t input, size_t part);

/* The number of the shard's first input in the whole dataset, and the number of the shard's inputs. */
CHECKROB_API size_t checkrob_cursor_first_input(const checkrob_cursor *cursor);
CHECKROB_API size_t checkrob_cursor_input_count(const checkrob_cursor *cursor);
/* The shard's inputs before the cursor: all their samples were returned, or they were skipped or passed by a
 * seek. */
CHECKROB_API size_t checkrob_cursor_inputs_done(const checkrob_cursor *cursor);
/* Inputs without a sample because of skip_unmapped, among those that the cursor read since the last seek. */
CHECKROB_API size_t checkrob_cursor_skipped(const checkrob_cursor *cursor);

/* ---- samples ---- */

CHECKROB_API void checkrob_sample_free(checkrob_sample *sample);

/* OK, or what is wrong with the sample before its pixels are decoded: NOT_FOUND (annotation without image,
 * image without annotation), BAD_INPUT (broken XML, a box that is inverted or outside the image's size in the
 * annotation), NO_OBJECT (no object of a class in the map). */
CHECKROB_API checkrob_status checkrob_sample_status(const checkrob_sample *sample);
/* The error message of a status other than OK; of OK a warning, or "". */
CHECKROB_API const char *checkrob_sample_message(const checkrob_sample *sample);
/* The image's path relative to the images folder: its name in all results. */
CHECKROB_API const char *checkrob_sample_image(const checkrob_sample *sample);
/* The path of the image's file, or of the tar file that holds it; "" where it has none. Open the image with
 * checkrob_sample_open_image. */
CHECKROB_API const char *checkrob_sample_path(const checkrob_sample *sample);
/* Decodes the image, wherever it is; `limits` also say how it lies. checkrob_sample_check_image then turns
 * the regions where they were drawn the other way. Safe from several threads on the same sample. Errors:
 * those of checkrob_image_open. */
CHECKROB_API checkrob_status checkrob_sample_open_image(checkrob_image **out, const checkrob_sample *sample,
                                                        const checkrob_image_limits *limits);
/* The annotation's name in error messages: a file's path, perhaps with a position in it. "" without one. */
CHECKROB_API const char *checkrob_sample_annotation(const checkrob_sample *sample);
/* The number of its input in the whole dataset, and its own number among that input's samples. */
CHECKROB_API size_t checkrob_sample_input(const checkrob_sample *sample);
CHECKROB_API size_t checkrob_sample_part(const checkrob_sample *sample);
/* The class's first name in the class map; "" if the sample failed before its class was known. */
CHECKROB_API const char *checkrob_sample_class_name(const checkrob_sample *sample);
/* The class's output index, or -1. */
CHECKROB_API int64_t checkrob_sample_class_index(const checkrob_sample *sample);
/* The regions of the class's objects; never NULL; belongs to the sample. */
CHECKROB_API const checkrob_regions *checkrob_sample_regions(const checkrob_sample *sample);
/* What counts neither way: objects with an ignored flag, and void pixels of masks. Never NULL; belongs to the
 * sample. */
CHECKROB_API const checkrob_regions *checkrob_sample_ignored(const checkrob_sample *sample);
/* The other classes that are annotated in the image, each with its regions. Those in the class map come
 * first, sorted by index; the others have the index -1, and are sorted by name. They belong to the sample.
 * NULL and -1 past the end. */
CHECKROB_API size_t checkrob_sample_other_count(const checkrob_sample *sample);
CHECKROB_API const char *checkrob_sample_other_name(const checkrob_sample *sample, size_t other);
CHECKROB_API int64_t checkrob_sample_other_index(const checkrob_sample *sample, size_t other);
CHECKROB_API const checkrob_regions *checkrob_sample_other_regions(const checkrob_sample *sample,
                                                                   size_t other);
/* Compares the regions with the image's true size, which only its decoder knows. A box that is completely
 * outside, or a mask of another size, is BAD_INPUT. A box that extends beyond the border is OK with a warning
 * in checkrob_sample_message, and so is an annotation that states another size. */
CHECKROB_API checkrob_status checkrob_sample_check_size(checkrob_sample *sample, uint32_t image_width,
                                                        uint32_t image_height);

/* Does the same with an image that checkrob_sample_open_image returned; and turns the regions, if the
 * annotation says that they were drawn on the image as it lies the other way (image.h: checkrob_orientation).
 * Call it before checkrob_sample_regions and its like. The message then also says how the image was read, if
 * its EXIF orientation is not 1. Errors: as above, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_sample_check_image(checkrob_sample *sample,
                                                         const checkrob_image *image);

/* ---- one file ---- */

/* Reads the boxes of one Pascal VOC file, or the pixels of a PNG mask of classes (except 255); class_name
 * NULL: those of all objects. For showing, not for scoring. Errors: NOT_FOUND, IO, LIMIT, BAD_INPUT,
 * OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_regions_open_voc(checkrob_regions **out, const char *path,
                                                       const char *class_name);

CHECKROB_END_DECLS
#endif
