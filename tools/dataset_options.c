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
  static const struct {
    const char *name;
    unsigned flag;
  } flags[] = {{"difficult", CHECKROB_OBJECT_DIFFICULT},
               {"truncated", CHECKROB_OBJECT_TRUNCATED},
               {"crowd", CHECKROB_OBJECT_CROWD}};
  o->ignored_text = optarg;
  for (const char *word = optarg; *word;) {
    size_t bytes = strcspn(word, ","), i = 0;
    while (i < 3 && (strlen(flags[i].name) != bytes || strncmp(flags[i].name, word, bytes) != 0)) i++;
    if (i == 3) return fail_usage(command, "--ignore '%s': there are difficult, truncated and crowd", optarg);
    o->ignored_flags |= flags[i].flag;
    word += bytes + (word[bytes] == ',');
  }
  return -1;
}

static int take_regions(dataset_options *o, const char *command) {
  o->boxes_only = strcmp(optarg, "boxes") == 0;
  o->masks = CHECKROB_MASKS_AUTO;
  if (strcmp(optarg, "class-masks") == 0) o->masks = CHECKROB_MASKS_CLASSES;
  if (strcmp(optarg, "object-masks") == 0) o->masks = CHECKROB_MASKS_OBJECTS;
  if (o->boxes_only || o->masks != CHECKROB_MASKS_AUTO || strcmp(optarg, "auto") == 0) return -1;
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

int dataset_options_check(dataset_options *o, const char *command) {
  const struct {
    const char *name, *value;
  } needed[] = {{"--dataset", o->format_text}, {"--images", o->images[0]}, {"--classes", o->classes}};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!needed[i].value || !*needed[i].value) return fail_usage(command, "%s is missing", needed[i].name);
  if (strcmp(o->format_text, "yolo") == 0 && !o->names)
    return fail_usage(command, "--names is missing: YOLO's labels have numbers for classes");
  if (checkrob_dataset_format_find(&o->format, o->format_text) != CHECKROB_OK)
    return fail_usage(command, "%s", checkrob_last_error());
  /* A tree of Pascal VOC has them beside the images: the library looks. */
  if (o->annotation_count == 0 && o->format != CHECKROB_DATASET_VOC)
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
  if (o->boxes_only) return "boxes";
  if (o->masks == CHECKROB_MASKS_AUTO) return "auto";
  return o->masks == CHECKROB_MASKS_CLASSES ? "class-masks" : "object-masks";
}

checkrob_status dataset_options_open(checkrob_dataset **out, checkrob_class_map **classes,
                                     const dataset_options *o) {
  checkrob_dataset_options options = CHECKROB_DATASET_OPTIONS_INIT;
  options.format = o->format;
  options.images = o->images;
  options.image_count = o->image_count;
  options.annotations = o->annotations;
  options.annotation_count = o->annotation_count;
  options.ignored_flags = o->ignored_flags;
  options.names = o->names;
  options.boxes_only = o->boxes_only;
  options.masks = o->masks;
  options.lists = o->lists;
  options.list_count = o->list_count;
  options.skip_unannotated = o->skip_unannotated;
  options.skip_unmapped = o->skip_unmapped;
  checkrob_status status = checkrob_class_map_open(classes, o->classes);
  if (!status) status = checkrob_dataset_open_with(out, &options, *classes);
  size_t left_out = status ? 0 : checkrob_dataset_left_out(*out);
  if (left_out > 0)
    note("%zu image%s without annotation %s left out", left_out, left_out == 1 ? "" : "s",
         left_out == 1 ? "is" : "are");
  return status;
}
