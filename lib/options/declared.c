#include "options/declared.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "options/syntax.h"

/* ---- the options ---- */

#define OPTION_CHECKED_BY(holds_, name_, type_, group_, help_, ...) \
  {                                                                 \
    .info = {.size = sizeof(checkrob_option_info),                  \
             .name = (name_),                                       \
             .type = CHECKROB_OPTION_##type_,                       \
             .group = (group_),                                     \
             .help = (help_),                                       \
             __VA_ARGS__},                                          \
    .holds = (holds_)                                               \
  }
#define OPTION(...) OPTION_CHECKED_BY(NULL, __VA_ARGS__)

#define IS_FLAG .argument = "", .default_text = "false"
#define DECIDES .changes_results = 1
#define IS_LIST .is_list = 1

/* Another option is a line here; what it does is up to the room that reads it. */
const declared_option declared_options[] = {
    OPTION("model", PATH, "model", "TorchScript archive, scripted or traced", .argument = "FILE", DECIDES),
    OPTION_CHECKED_BY(syntax_is_device, "device", TEXT, "model", "where the model computes",
                      .argument = "NAME", .choices = "cpu|cuda|cuda:N", .default_text = "cpu"),
    OPTION_CHECKED_BY(syntax_is_layout, "layout", TEXT, "model",
                      "how the layers' outputs are read: auto, as their shape says; tokens:P, with P class "
                      "and register tokens before the positions",
                      .argument = "NAME", .choices = "auto|nchw|nhwc|tokens|tokens:P", .default_text = "auto",
                      DECIDES),

    OPTION("layer", TEXT, "layer",
           "layer to look at, or several with commas between; auto: the last one that has positions",
           .argument = "PATH[,...]", .default_text = "auto", DECIDES),

    OPTION("threads", INTEGER, "compute", "computing threads, and as many decoding threads; 0: all cores",
           .argument = "N", .low = 0, .high = 1024, .default_text = "0"),
    OPTION("batch", INTEGER, "compute", "images in a batch", .argument = "N", .low = 1, .high = 4096,
           .default_text = "16"),

    OPTION("dataset", CHOICE, "data",
           "format of the annotations: imagenet is voc with a folder for each class, manifest a CSV file",
           .argument = "FORMAT", .choices = "voc|imagenet|coco|yolo|manifest", DECIDES),
    OPTION("images", PATH, "data",
           "the images, JPEG or PNG, below a folder or in a tar file; voc: also a tree such as "
           "VOCdevkit/VOC2012, which holds the annotations too",
           .argument = "DIR|TAR", IS_LIST, DECIDES),
    OPTION("annotations", PATH, "data",
           "voc, imagenet, yolo: XML files, masks or labels, in folders or tar files; coco: the JSON file; "
           "manifest: the CSV file",
           .argument = "DIR|FILE", IS_LIST, DECIDES),
    OPTION("classes", PATH, "data",
           "a CSV file name,index with the data's class names and the model's output indices; imagenet: the "
           "1000 classes of ImageNet by their WordNet ids, such as n02106662",
           .argument = "FILE|imagenet", DECIDES),
    OPTION("list", PATH, "data",
           "voc, imagenet, yolo: only the images that this file names, one a line, such as VOC's "
           "ImageSets/Main/val.txt",
           .argument = "FILE", IS_LIST, DECIDES),
    OPTION("names", PATH, "data", "yolo, class masks: data.yaml, or a text file, with the classes' names",
           .argument = "FILE", DECIDES),
    OPTION("regions", CHOICE, "data",
           "where the objects are: auto, by what is given; boxes, also where there are masks or polygons; "
           "voc: the PNG files of SegmentationClass or SegmentationObject",
           .argument = "WHAT", .choices = "auto|boxes|class-masks|object-masks", .default_text = "auto",
           DECIDES),
    OPTION("ignore", CHOICES, "data", "objects that count neither way", .argument = "FLAG[,...]",
           .choices = "difficult|truncated|crowd", .default_text = "", DECIDES),
    OPTION("skip_unannotated", FLAG, "data",
           "leave images without annotation out; else each is a failed sample", IS_FLAG, DECIDES),
    OPTION("skip_unmapped", FLAG, "data",
           "leave images out of which no object counts: all are ignored, or of classes that the class map "
           "does not have",
           IS_FLAG, DECIDES),
    OPTION_CHECKED_BY(syntax_is_shard, "shard", TEXT, "data", "only the I-th of N parts, counted from 1",
                      .argument = "I/N", DECIDES),

    OPTION("profile", CHOICE, "input",
           "paper: preprocessing, geometry, k, score and reference of Szyc et al. 2021", .argument = "NAME",
           .choices = "standard|paper", .default_text = "standard"),
    OPTION("preprocess", PATH, "input", "from an image to the model's input: imagenet, paper, or a JSON file",
           .argument = "NAME|FILE", .default_text = "imagenet", .paper_text = "paper", DECIDES),
    OPTION("geometry", CHOICE, "input", "how boxes are mapped to the model's input", .argument = "NAME",
           .choices = "standard|paper", .default_text = "standard", .paper_text = "paper", DECIDES),

    OPTION("method", CHOICE, "method", "the saliency method", .argument = "NAME",
           .choices = "gradcam|gradcam++|xgradcam|hirescam|layercam|cam|eigencam|smoothgradcam++|scorecam|"
                      "ablationcam|integrated-gradients",
           .default_text = "gradcam++", DECIDES),
    OPTION("score", CHOICE, "method", "what the map explains; margin: to the best other class",
           .argument = "NAME", .choices = "logit|probability|margin|log-odds", .default_text = "log-odds",
           .paper_text = "logit", DECIDES),
    OPTION("reference", CHOICE, "method",
           "what activations are measured from: those of a blank image, or zero", .argument = "NAME",
           .choices = "blank|none", .default_text = "blank", .paper_text = "none", DECIDES),
    OPTION("combine", CHOICE, "method", "how the maps of several layers become one", .argument = "NAME",
           .choices = "mean|max", .default_text = "mean", DECIDES),
    OPTION("noise_samples", INTEGER, "method", "noisy copies of an image, for smoothgradcam++",
           .argument = "N", .low = 1, .high = 10000, .default_text = "25", DECIDES),
    OPTION("steps", INTEGER, "method", "steps of integrated-gradients", .argument = "N", .low = 1,
           .high = 10000, .default_text = "32", DECIDES),
    OPTION("seed", INTEGER, "method", "of random methods: the same seed repeats a run", .argument = "N",
           .low = 0, .high = INFINITY, .default_text = "0", DECIDES),
    OPTION("map_batch", INTEGER, "method",
           "images at once where a method runs the model more often than there are images", .argument = "N",
           .low = 1, .high = 4096, .default_text = "32"),

    OPTION("top_k", INTEGER, "run", "the accuracy counts a class among the K highest logits", .argument = "K",
           .low = 1, .high = INFINITY, .default_text = "1", .paper_text = "5"),

    OPTION("pool", CHOICE, "extract", "what becomes of a feature map's positions; none: they stay",
           .argument = "NAME", .choices = "none|mean|max", .default_text = "none"),

    OPTION("verdict_min_images", INTEGER, "verdict", "recognised images that a verdict needs at least",
           .argument = "N", .low = 2, .high = 1000000, .default_text = "10"),
    OPTION("verdict_min_accuracy", NUMBER, "verdict", "a class with a lower accuracy is doubtful at best",
           .argument = "X", .low = 0, .high = 1, .default_text = "0.5"),
    OPTION("verdict_robust", NUMBER, "verdict",
           "a class is robust if the interval of its robustness lies above this; where it is not set, no "
           "class is called robust",
           .argument = "X", .low = -INFINITY, .high = INFINITY),
    OPTION("verdict_non_robust", NUMBER, "verdict",
           "a class is non-robust if the interval of its robustness lies below this", .argument = "X",
           .low = -INFINITY, .high = INFINITY, .default_text = "-1.25"),
    OPTION("verdict_level", NUMBER, "verdict", "level of the intervals", .argument = "X", .low = 0, .high = 1,
           .excludes_bounds = 1, .default_text = "0.95"),
    OPTION("verdict_resamples", INTEGER, "verdict", "resamples of the bootstrap", .argument = "N", .low = 100,
           .high = 1000000, .default_text = "2000"),
    OPTION("verdict_permutations", INTEGER, "verdict", "permutations of the test", .argument = "N", .low = 99,
           .high = 10000000, .default_text = "9999"),
    OPTION("verdict_seed", INTEGER, "verdict", "seed of both", .argument = "N", .low = 0, .high = INFINITY,
           .default_text = "0"),

    OPTION("image_max_width", INTEGER, "limits", "a wider image is a failed sample", .argument = "PIXELS",
           .low = 1, .high = 4294967295.0, .default_text = "32768", DECIDES),
    OPTION("image_max_height", INTEGER, "limits", "a higher image is a failed sample", .argument = "PIXELS",
           .low = 1, .high = 4294967295.0, .default_text = "32768", DECIDES),
    OPTION("image_max_pixels", INTEGER, "limits", "an image with a larger area is a failed sample",
           .argument = "PIXELS", .low = 1, .high = INFINITY, .default_text = "100000000", DECIDES),
    OPTION("image_max_file_bytes", INTEGER, "limits", "a larger image file is a failed sample",
           .argument = "BYTES", .low = 1, .high = INFINITY, .default_text = "268435456", DECIDES),
};

const size_t declared_option_count = sizeof declared_options / sizeof declared_options[0];

/* ---- looking them up ---- */

const declared_option *declared_find(const char *name) {
  for (size_t i = 0; i < declared_option_count; i++)
    if (strcmp(declared_options[i].info.name, name) == 0) return &declared_options[i];
  return NULL;
}

/* For shells and file names that do without '+': "pp" stands for "++". */
static char letter(char c) {
  if (c == '+') return 'p';
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(const char *a, const char *b, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (letter(a[i]) != letter(b[i])) return false;
  return true;
}

const char *declared_choice(size_t *choice_bytes, const char *choices, const char *text, size_t bytes) {
  for (const char *choice = choices; *choice;) {
    size_t length = strcspn(choice, "|");
    if (length == bytes && is_same(choice, text, bytes)) {
      *choice_bytes = length;
      return choice;
    }
    choice += length + (choice[length] == '|');
  }
  return NULL;
}
