#include "dataset_options.h"

#include <string.h>

static int take_root(const char **roots, size_t *count, const char *command) {
  if (*count == ROOTS_LIMIT)
    return fail_usage(command, "more than %d folders or lists are given", ROOTS_LIMIT);
  roots[(*count)++] = optarg;
  return -1;
}

/* "3/64" */
static int take_shard(dataset_options *o, const char *command) {
  char text[64];
  snprintf(text, sizeof text, "%s", optarg);
  char *slash = strchr(text, '/');
  if (slash) *slash = '\0';
  if (slash && parse_integer(&o->shards, slash + 1, 1, UINT32_MAX) &&
      parse_integer(&o->shard, text, 1, o->shards))
    return -1;
  return fail_usage(command, "--shard '%s' is not I/N, the I-th of N parts, such as 3/64", optarg);
}

/* "difficult,crowd" */
static int take_flags(dataset_options *o, const char *command) {
  static const char *const flags[] = {"difficult", "truncated", "crowd"};
  o->ignored_text = optarg;
  for (const char *word = optarg; *word;) {
    size_t bytes = strcspn(word, ","), i = 0;
    while (i < 3 && (strlen(flags[i]) != bytes || strncmp(flags[i], word, bytes) != 0)) i++;
    if (i == 3) return fail_usage(command, "--ignore '%s': there are difficult, truncated and crowd", optarg);
    word += bytes + (word[bytes] == ',');
  }
  return -1;
}

static int take_regions(dataset_options *o, const char *command) {
  static const char *const words[] = {"auto", "boxes", "class-masks", "object-masks"};
  o->regions = optarg;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i], optarg) == 0) return -1;
  return fail_usage(command, "--regions '%s': there are auto, boxes, class-masks and object-masks", optarg);
}

int dataset_options_take(dataset_options *o, const char *command, int option) {
  switch (option) {
    case OPTION_DATASET:
      o->format_text = optarg;
      return -1;
    case OPTION_IMAGES:
      return take_root(o->images, &o->image_count, command);
    case OPTION_ANNOTATIONS:
      return take_root(o->annotations, &o->annotation_count, command);
    case OPTION_CLASSES:
      o->classes = optarg;
      return -1;
    case OPTION_NAMES:
      o->names = optarg;
      return -1;
    case OPTION_REGIONS:
      return take_regions(o, command);
    case OPTION_IGNORE:
      return take_flags(o, command);
    case OPTION_SHARD:
      return take_shard(o, command);
    case OPTION_LIST:
      return take_root(o->lists, &o->list_count, command);
    case OPTION_SKIP:
      o->skip_unannotated = 1;
      return -1;
    case OPTION_SKIP_UNMAPPED:
      o->skip_unmapped = 1;
      return -1;
    default:
      return -2;
  }
}

static int is_format(const char *name) {
  static const char *const formats[] = {"voc", "imagenet", "coco", "yolo", "manifest"};
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (strcmp(formats[i], name) == 0) return 1;
  return 0;
}

int dataset_options_check(dataset_options *o, const char *command) {
  const struct {
    const char *name, *value;
  } needed[] = {{"--dataset", o->format_text}, {"--images", o->images[0]}, {"--classes", o->classes}};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!needed[i].value || !*needed[i].value) return fail_usage(command, "%s is missing", needed[i].name);
  if (strcmp(o->format_text, "yolo") == 0 && !o->names)
    return fail_usage(command, "--names is missing: YOLO's labels have numbers for classes");
  if (!is_format(o->format_text))
    return fail_usage(command, "--dataset '%s': there are voc, imagenet, coco, yolo and manifest",
                      o->format_text);
  /* A tree of Pascal VOC has them beside the images: the library looks. */
  if (o->annotation_count == 0 && strcmp(o->format_text, "voc") != 0)
    return fail_usage(command, "--annotations is missing");
  return -1;
}

int dataset_options_help(FILE *file) {
  return fputs(
      "  --dataset FORMAT          voc, imagenet (as voc, with a folder for each class), coco, yolo, or "
      "manifest (a CSV)\n"
      "  --images DIR|TAR          the images, JPEG or PNG, below a folder or in a tar file; may be given "
      "several times;\n"
      "                            voc: also VOCdevkit/VOC2012 as it is, whose annotations then need not be "
      "given\n"
      "  --annotations DIR|FILE    voc, imagenet, yolo: XML files, masks or labels, in folders or tar files; "
      "coco: the JSON;\n"
      "                            manifest: the CSV\n"
      "  --classes FILE|imagenet   CSV name,index: the data's class names and the model's output indices; "
      "imagenet: the\n"
      "                            1000 classes of ImageNet by their WordNet ids, such as n02106662\n"
      "  --list FILE               voc, imagenet, yolo: only the images that it names, one a line, such as "
      "VOC's\n"
      "                            ImageSets/Main/val.txt; may be given several times\n"
      "  --skip-unannotated        leave images without annotation out; else each is a failed sample\n"
      "  --skip-unmapped           the same for images of which no object counts: of classes not in\n"
      "                            --classes, or ignored\n"
      "  --names FILE              yolo, class masks: data.yaml, or a text file, with the classes' names\n"
      "  --regions WHAT            boxes: also where there are masks or polygons; voc: class-masks, "
      "object-masks: the PNGs\n"
      "                            of SegmentationClass, SegmentationObject (default: auto, what is given)\n"
      "  --ignore FLAG[,...]       objects that are counted neither way: difficult, truncated, crowd\n"
      "  --shard I/N               only the I-th of N parts, counted from 1; 'checkrob merge' joins their "
      "results\n",
      file);
}

const char *dataset_options_regions(const dataset_options *o) {
  return o->regions ? o->regions : "auto";
}

static checkrob_status add_all(checkrob_options *options, const char *name, const char *const *items,
                               size_t count) {
  checkrob_status status = CHECKROB_OK;
  for (size_t i = 0; i < count && !status; i++) status = checkrob_options_add(options, name, items[i]);
  return status;
}

static checkrob_status fill_options(checkrob_options *options, const dataset_options *o) {
  checkrob_status status = checkrob_options_set(options, "dataset", o->format_text);
  if (!status) status = add_all(options, "images", o->images, o->image_count);
  if (!status) status = add_all(options, "annotations", o->annotations, o->annotation_count);
  if (!status) status = add_all(options, "list", o->lists, o->list_count);
  if (!status && o->names) status = checkrob_options_set(options, "names", o->names);
  if (!status) status = checkrob_options_set(options, "regions", dataset_options_regions(o));
  if (!status) status = checkrob_options_set(options, "ignore", o->ignored_text ? o->ignored_text : "");
  if (!status) status = checkrob_options_set_integer(options, "skip_unannotated", o->skip_unannotated);
  return status ? status : checkrob_options_set_integer(options, "skip_unmapped", o->skip_unmapped);
}

checkrob_status dataset_options_open(checkrob_dataset **out, checkrob_class_map **classes,
                                     const dataset_options *o) {
  checkrob_options *options = NULL;
  checkrob_status status = checkrob_options_new(&options);
  if (!status) status = fill_options(options, o);
  if (!status) status = checkrob_class_map_open(classes, o->classes);
  if (!status) status = checkrob_dataset_open(out, options, *classes);
  checkrob_options_free(options);
  size_t left_out = status ? 0 : checkrob_dataset_left_out(*out);
  if (left_out > 0)
    note("%zu image%s without annotation %s left out", left_out, left_out == 1 ? "" : "s",
         left_out == 1 ? "is" : "are");
  return status;
}
