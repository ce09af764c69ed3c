/* Annotated images, one sample after the other, whatever the layout on disk.
 *
 * Wherever a folder of images or annotations is given, a tar file may be given instead; nothing is unpacked.
 * A file inside is called as it would be if the tar were unpacked into a folder of the tar's name without
 * ".tar".
 *
 * A sample is one image with one class and that class's regions. An image with objects of several classes
 * gives one sample for each (Pascal VOC). Samples come sorted by the image's path, then by class index.
 * What is wrong with one sample never stops the iteration: the sample comes with a status and a sentence.
 */
#ifndef CHECKROB_DATASET_H
#define CHECKROB_DATASET_H

#include <checkrob/image.h>
#include <checkrob/region.h>

CHECKROB_BEGIN_DECLS

/* The class map: ties the data's class names to the model's output indices. A CSV file with the header
 * `name,index`, or `name,index,title` with a name for people in the third column, which may be empty; UTF-8,
 * RFC 4180 quoting; a byte order mark, CRLF line ends and blank lines are fine. Several names may share an
 * index (the first one is then its name in the results); a name may stand only once.
 *
 * Built in (also by name from the command):
 *   imagenet  the 1000 classes of ILSVRC 2012 by their WordNet ids, n01440764 to n15075141, sorted: outputs 0
 *             to 999 as in torchvision, timm and Keras; titles in English ("tench") */
typedef struct checkrob_class_map checkrob_class_map;

/* "imagenet", or else the path of a CSV file (one that is called imagenet: "./imagenet"). Errors: NOT_FOUND,
 * IO, LIMIT (64 MiB), BAD_INPUT (with file and line), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_class_map_open(checkrob_class_map **out, const char *name_or_path);
CHECKROB_API void checkrob_class_map_free(checkrob_class_map *classes);

CHECKROB_API size_t checkrob_class_map_count(const checkrob_class_map *classes);
/* Entry `entry` in the file's order; NULL and -1 past the end. */
CHECKROB_API const char *checkrob_class_map_name(const checkrob_class_map *classes, size_t entry);
CHECKROB_API int64_t checkrob_class_map_index(const checkrob_class_map *classes, size_t entry);
/* Its name for people, in English where the map is built in; NULL where the map has none, and past the end.
 */
CHECKROB_API const char *checkrob_class_map_title(const checkrob_class_map *classes, size_t entry);
/* The file's line that the entry stands on, counted from 1, for messages; 0 past the end. */
CHECKROB_API size_t checkrob_class_map_line(const checkrob_class_map *classes, size_t entry);
/* The output index of a name, exactly as written; -1 if it is not in the map. */
CHECKROB_API int64_t checkrob_class_map_find(const checkrob_class_map *classes, const char *name);
/* The first name of an output index; NULL if none has it. */
CHECKROB_API const char *checkrob_class_map_name_of(const checkrob_class_map *classes, int64_t index);

typedef enum checkrob_dataset_format {
  /* Pascal VOC: images anywhere below the images folder, for each an XML file at the same place and of the
   * same stem below the annotations folder (else of the same stem anywhere below it, if that is unique).
   * Where there is none, a mask that ends in .seg.png, whose class's output index is in a .cls beside the
   * image. Or, as `masks` says, masks of numbers. A folder that holds JPEGImages (VOCdevkit/VOC2012), or
   * folders that do (VOCdevkit), stands for that and for the folders of annotations beside it; `annotations`
   * may then be left out. */
  CHECKROB_DATASET_VOC = 1,
  /* ImageNet: as VOC; but where the images lie in a folder per class (n02106662/n02106662_1.JPEG), the folder
   * names the class and only objects of that class count. Flat images take the class from a .cls file beside
   * them that holds its output index, or else from the XML. */
  CHECKROB_DATASET_IMAGENET = 2,
  /* COCO instances: one JSON file; its images are looked up by file_name below the images folders. */
  CHECKROB_DATASET_COCO = 3,
  /* YOLO: for each image a .txt at the same place (else of the same stem), a line for each object: class
   * number, then a box (centre, width, height) or a polygon, in shares of the image's sides. Needs `names`.
   */
  CHECKROB_DATASET_YOLO = 4,
  /* A CSV with the header image,class,x1,y1,x2,y2 (0-based, x2 and y2 behind the last pixel) or
   * image,class,mask (the path of an image that is black but for the object, relative to the CSV's folder).
   */
  CHECKROB_DATASET_MANIFEST = 5
} checkrob_dataset_format;

/* "voc", "imagenet", "coco", "yolo", "manifest". NOT_FOUND for any other name, with those that exist. */
CHECKROB_API checkrob_status checkrob_dataset_format_find(checkrob_dataset_format *out, const char *name);

typedef struct checkrob_dataset checkrob_dataset;

/* What an annotation says of an object beside its class and place. */
typedef enum checkrob_object_flag {
  CHECKROB_OBJECT_DIFFICULT = 1, /* Pascal VOC's <difficult>: hard to recognise */
  CHECKROB_OBJECT_TRUNCATED = 2, /* Pascal VOC's <truncated>: it goes on beyond the box */
  CHECKROB_OBJECT_CROWD = 4      /* COCO's iscrowd: many objects in one region */
} checkrob_object_flag;

/* Pascal VOC's masks: PNGs whose pixels are numbers, of their palette's colours or 8-bit grays. 0 is
 * background, 255 (void) counts neither way. */
typedef enum checkrob_mask_kind {
  /* Those that a folder of annotations is called after, SegmentationClass or SegmentationObject; else none.
   */
  CHECKROB_MASKS_AUTO = 0,
  /* The numbers are classes: 1 to 20 are VOC's by the alphabet, aeroplane to tvmonitor; others by `names`. */
  CHECKROB_MASKS_CLASSES = 1,
  /* The numbers are objects, in the order of the image's XML file, which is needed too. */
  CHECKROB_MASKS_OBJECTS = 2
} checkrob_mask_kind;

/* Set it to CHECKROB_DATASET_OPTIONS_INIT, then what is needed. The strings are borrowed for the call. */
typedef struct checkrob_dataset_options {
  size_t size;
  checkrob_dataset_format format;
  /* Folders or tar files. With several, an image's name begins with the base name of its own. */
  const char *const *images;
  size_t image_count;
  const char *const *annotations; /* folders or tar files; for COCO and manifests the one file */
  size_t annotation_count;
  unsigned
      ignored_flags; /* a sum of checkrob_object_flag. Objects with one of them are counted neither way: they
                        are no region of their class, and saliency on them is left out of the score */
  const char *names; /* the classes' names by number, of YOLO's labels or VOC's class masks (where 0, the
                        background, has one too): a data.yaml, or a text file with one a line */
  int boxes_only;    /* 1: boxes are the regions, also where there are masks or polygons */
  checkrob_mask_kind masks; /* VOC */
  /* VOC, ImageNet, YOLO: text files that choose the images. On each line a name, which is a path or its end,
   * with or without the image's ending; behind it perhaps a whole number, which leaves the image out where
   * it is below 0 (VOC's class lists). A name that no image has, or several have, is an input that fails. */
  const char *const *lists;
  size_t list_count;
  int skip_unannotated; /* 1: images that no annotation is there for are no inputs, instead of failing */
  /* 1: images that have objects, but none that counts (of classes outside the class map, or ignored by their
   * flags), give no sample, instead of one that fails. They stay inputs. For a model of few classes on a
   * dataset of many. */
  int skip_unmapped;
} checkrob_dataset_options;

#define CHECKROB_DATASET_OPTIONS_INIT                                                     \
  {                                                                                       \
    sizeof(checkrob_dataset_options), CHECKROB_DATASET_VOC, NULL, 0, NULL, 0, 0, NULL, 0, \
        CHECKROB_MASKS_AUTO, NULL, 0, 0, 0                                                \
  }

/* Lists the images (.jpg, .jpeg, .png in any case) and annotations (.xml); parses none yet. `classes` must
 * outlive the dataset. Errors: NOT_FOUND (no such folder, or a folder without images and annotations), IO,
 * INVALID_ARGUMENT, OUT_OF_MEMORY; of a tar file also BAD_INPUT (none, damaged, cut off) and UNSUPPORTED
 * (compressed, links or sparse files inside); of a list BAD_INPUT (no text, no name in it) and LIMIT. */
CHECKROB_API checkrob_status checkrob_dataset_open_with(checkrob_dataset **out,
                                                        const checkrob_dataset_options *options,
                                                        const checkrob_class_map *classes);
/* The same with one folder each and no more options. */
CHECKROB_API checkrob_status checkrob_dataset_open(checkrob_dataset **out, checkrob_dataset_format format,
                                                   const char *images, const char *annotations,
                                                   const checkrob_class_map *classes);
/* Images alone, anywhere below the folder: one sample each, of no class and without regions. For reading
 * representations out (extract.h); there is nothing to score. Errors: as above. */
CHECKROB_API checkrob_status checkrob_dataset_open_images(checkrob_dataset **out, const char *images);

/* A dataset of the caller's own: images from memory or files, with whatever annotations. `read` fills input
 * number 0 to input_count - 1, each time that a cursor reaches it. Any thread may call it, but never two at
 * once: the dataset locks it meanwhile, so that `read` must not read from the same dataset. A status other
 * than OK fails that input, with the sentence of this thread's last error (OUT_OF_MEMORY ends the iteration).
 * `classes` must outlive the dataset; NULL: samples of no class. */
typedef struct checkrob_input checkrob_input;
typedef checkrob_status (*checkrob_input_callback)(checkrob_input *input, size_t number, void *user_data);
CHECKROB_API checkrob_status checkrob_dataset_new(checkrob_dataset **out, size_t input_count,
                                                  checkrob_input_callback read, void *user_data,
                                                  const checkrob_class_map *classes);

/* Filling an input; everything is copied. The name is the image's in all results, and has to be its own;
 * without it it is called "input 17". Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_input_set_name(checkrob_input *input, const char *name);
/* The image: a file to be decoded, or pixels [height, width, 3], red first. */
CHECKROB_API checkrob_status checkrob_input_set_path(checkrob_input *input, const char *path);
CHECKROB_API checkrob_status checkrob_input_set_pixels(checkrob_input *input, const uint8_t *pixels,
                                                       uint32_t width, uint32_t height);
/* An object of a class, by its name in the class map, with its region; flags of checkrob_object_flag, or 0.
 * An image's regions are all relative, or none is. */
CHECKROB_API checkrob_status checkrob_input_add_object(checkrob_input *input, const char *class_name,
                                                       unsigned flags, const checkrob_regions *regions);
/* A region that is counted neither way. */
CHECKROB_API checkrob_status checkrob_input_add_ignored(checkrob_input *input,
                                                        const checkrob_regions *regions);

CHECKROB_API void checkrob_dataset_free(checkrob_dataset *dataset);

/* The class map that the dataset was opened with; NULL for images alone. */
CHECKROB_API const checkrob_class_map *checkrob_dataset_classes(const checkrob_dataset *dataset);

/* Number of inputs: images, and annotations without an image. An input may give several samples. */
CHECKROB_API size_t checkrob_dataset_input_count(const checkrob_dataset *dataset);
/* As they were given in the options. */
CHECKROB_API unsigned checkrob_dataset_ignored_flags(const checkrob_dataset *dataset);
CHECKROB_API int checkrob_dataset_boxes_only(const checkrob_dataset *dataset);
/* Which masks are read: what the options left to the folders' names is decided. */
CHECKROB_API checkrob_mask_kind checkrob_dataset_masks(const checkrob_dataset *dataset);
/* As it was given in the options. */
CHECKROB_API int checkrob_dataset_skips_unmapped(const checkrob_dataset *dataset);
/* Images of the whole dataset that skip_unannotated left out. */
CHECKROB_API size_t checkrob_dataset_left_out(const checkrob_dataset *dataset);
/* A number that changes when the format, or an input's name, or their number does. Contents are not
 * looked at. */
CHECKROB_API uint64_t checkrob_dataset_fingerprint(const checkrob_dataset *dataset);

typedef struct checkrob_sample checkrob_sample;

/* A cursor walks a dataset, or one shard of it, sample by sample. Any number of cursors may walk one dataset
 * at once, each in a thread of its own: they share nothing but the dataset, which outlives them. */
typedef struct checkrob_cursor checkrob_cursor;

/* Shard 3 of 64 is the third of 64 contiguous parts of the inputs, whose sizes differ by one at most. 0, 0:
 * all inputs. The cursor stands before the first sample. Errors: INVALID_ARGUMENT, OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_cursor_new(checkrob_cursor **out, const checkrob_dataset *dataset,
                                                 uint32_t shard, uint32_t shards);
CHECKROB_API void checkrob_cursor_free(checkrob_cursor *cursor);

/* The next sample, of the next input that is not skipped; END behind the last one. The caller frees it; it
 * depends on neither cursor nor dataset. Other errors: OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_cursor_next(checkrob_sample **out, checkrob_cursor *cursor);
/* Moves to before the sample whose checkrob_sample_input and checkrob_sample_part are these, or, where the
 * input has no such part, to before the next input. `input` is counted in the whole dataset, and may be the
 * one behind the shard's last. The cursor counts no skipped inputs from before. Errors: INVALID_ARGUMENT (not
 * in the shard), OUT_OF_MEMORY. */
CHECKROB_API checkrob_status checkrob_cursor_seek(checkrob_cursor *cursor, size_t input, size_t part);

/* The shard's inputs: the number of its first one in the whole dataset, and how many there are. */
CHECKROB_API size_t checkrob_cursor_first_input(const checkrob_cursor *cursor);
CHECKROB_API size_t checkrob_cursor_input_count(const checkrob_cursor *cursor);
/* Inputs of the shard that lie behind the cursor: all their samples were read, or they were skipped. */
CHECKROB_API size_t checkrob_cursor_inputs_done(const checkrob_cursor *cursor);
/* Inputs that skip_unmapped left without a sample, of those that the cursor passed since it was made or last
 * sought. */
CHECKROB_API size_t checkrob_cursor_skipped(const checkrob_cursor *cursor);

CHECKROB_API void checkrob_sample_free(checkrob_sample *sample);

/* OK, or what is wrong with the sample before anyone looked at its pixels: NOT_FOUND (annotation without
 * image, image without annotation), BAD_INPUT (broken XML, box inverted or outside the image as the
 * annotation gives its size), NO_OBJECT (no object of a class in the map). */
CHECKROB_API checkrob_status checkrob_sample_status(const checkrob_sample *sample);
/* The sentence for a status other than OK; for OK a remark worth reading, or "". */
CHECKROB_API const char *checkrob_sample_message(const checkrob_sample *sample);
/* The image's path relative to the images folder: its name in all results. */
CHECKROB_API const char *checkrob_sample_image(const checkrob_sample *sample);
/* The path of the image's file, or of the tar file that it lies in; "" where it has none. To be opened by
 * checkrob_sample_open_image. */
CHECKROB_API const char *checkrob_sample_path(const checkrob_sample *sample);
/* Decodes the image, wherever it is. Safe from several threads on the same sample. Errors: those of
 * checkrob_image_open. */
CHECKROB_API checkrob_status checkrob_sample_open_image(checkrob_image **out, const checkrob_sample *sample,
                                                        const checkrob_image_limits *limits);
/* What its annotation is called in sentences: a file's path, perhaps with a place in it. "" without one. */
CHECKROB_API const char *checkrob_sample_annotation(const checkrob_sample *sample);
/* The number of its input in the whole dataset, and its own number among that input's samples. */
CHECKROB_API size_t checkrob_sample_input(const checkrob_sample *sample);
CHECKROB_API size_t checkrob_sample_part(const checkrob_sample *sample);
/* The class's first name in the class map, or "" where the status leaves it open. */
CHECKROB_API const char *checkrob_sample_class_name(const checkrob_sample *sample);
/* The class's output index, or -1. */
CHECKROB_API int64_t checkrob_sample_class_index(const checkrob_sample *sample);
/* The regions of the class's objects; never NULL; belongs to the sample. */
CHECKROB_API const checkrob_regions *checkrob_sample_regions(const checkrob_sample *sample);
/* What is counted neither way: objects with an ignored flag, and what the annotation leaves undecided. Never
 * NULL; belongs to the sample. */
CHECKROB_API const checkrob_regions *checkrob_sample_ignored(const checkrob_sample *sample);
/* The other classes that are annotated in the image, those in the class map by index (the others have -1 and
 * come last, by name), each with its regions; they belong to the sample. NULL and -1 past the end. */
CHECKROB_API size_t checkrob_sample_other_count(const checkrob_sample *sample);
CHECKROB_API const char *checkrob_sample_other_name(const checkrob_sample *sample, size_t other);
CHECKROB_API int64_t checkrob_sample_other_index(const checkrob_sample *sample, size_t other);
CHECKROB_API const checkrob_regions *checkrob_sample_other_regions(const checkrob_sample *sample,
                                                                   size_t other);
/* Checks the boxes against the image's true size, which only its decoder knows. A box that lies wholly
 * outside is BAD_INPUT; one that reaches beyond the rim is OK and leaves a remark in checkrob_sample_message,
 * as does an annotation that gives another image size. */
CHECKROB_API checkrob_status checkrob_sample_check_size(checkrob_sample *sample, uint32_t image_width,
                                                        uint32_t image_height);

/* Reads one Pascal VOC file's boxes, or the pixels of a PNG mask of classes (255 apart); class_name NULL:
 * those of all objects. For showing, not for scoring. Errors: NOT_FOUND, IO, LIMIT, BAD_INPUT, OUT_OF_MEMORY.
 */
CHECKROB_API checkrob_status checkrob_regions_open_voc(checkrob_regions **out, const char *path,
                                                       const char *class_name);

CHECKROB_END_DECLS
#endif
