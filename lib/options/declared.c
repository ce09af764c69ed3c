#include "options/declared.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "options/syntax.h"

/* ---- the options ---- */

#define OPTION_WITH(extra_, name_, type_, group_, help_, ...) \
  {                                                           \
    .info = {.size = sizeof(checkrob_option_info),            \
             .name = (name_),                                 \
             .type = CHECKROB_OPTION_##type_,                 \
             .group = (group_),                               \
             .help = (help_),                                 \
             __VA_ARGS__},                                    \
    extra_                                                    \
  }
#define OPTION(...) OPTION_WITH(.holds = NULL, __VA_ARGS__)

#define IS_FLAG .argument = "", .default_text = "false"
#define IS_LIST .is_list = 1
#define DECIDES .changes_results = 1
#define DETAILS(text_) .details = (text_)
#define PLAIN .details = ""

/* Another option is a line here; what it does is up to the room that reads it. */
const declared_option declared_options[] = {
    OPTION("model", PATH, "model", "TorchScript archive, scripted or traced", .argument = "FILE", DECIDES,
           DETAILS("An archive holds code that runs: open only archives that you trust.")),
    OPTION_WITH(.holds = syntax_is_device, "device", TEXT, "model", "where the model computes",
                .argument = "NAME", .choices = "cpu|cuda|cuda:N", .default_text = "cpu",
                DETAILS("Refused where there is no such device.")),
    OPTION_WITH(.holds = syntax_is_layout, "layout", TEXT, "model", "how the layers' outputs are read",
                .argument = "NAME", .choices = "auto|nchw|nhwc|tokens|tokens:P", .default_text = "auto",
                DECIDES,
                DETAILS(
                    "`auto` goes by their shape, `nchw` reads [N,C,h,w], `nhwc` reads [N,h,w,C], `tokens` "
                    "reads [N,T,C], and `tokens:P` says that the first P of them are class and register "
                    "tokens.")),

    OPTION("layer", TEXT, "layer", "layer to look at, or several with commas between",
           .argument = "PATH[,...]", .default_text = "auto", DECIDES,
           DETAILS("A layer is named by its dotted path. `auto` takes the last spatial feature map before "
                   "pooling.")),

    OPTION("threads", INTEGER, "compute", "computing threads, and as many decoding threads", .argument = "N",
           .low = 0, .high = 1024, .default_text = "0",
           DETAILS("0 means all cores that the process may use.")),
    OPTION("batch", INTEGER, "compute", "images in a batch", .argument = "N", .low = 1, .high = 4096,
           .default_text = "16", PLAIN),

    OPTION(
        "dataset", CHOICE, "data", "format of the annotations", .argument = "FORMAT",
        .choices = "voc|imagenet|coco|yolo|manifest", DECIDES,
        DETAILS("`voc`: images anywhere below the images folder, each with a Pascal VOC XML file of the "
                "same stem; an image with objects of several classes is a sample for each class. "
                "`imagenet`: as voc, with a folder of images for each class, whose name is the class; only "
                "objects of that class count. `coco`: COCO instances, one JSON file. `yolo`: a text file "
                "of labels for each image, with `names`. `manifest`: a CSV file with the header "
                "image,class,x1,y1,x2,y2 (from 0, the second corner behind the last pixel) or "
                "image,class,mask.")),
    OPTION("images", PATH, "data", "the images, JPEG or PNG, below a folder or in a tar file",
           .argument = "DIR|TAR", IS_LIST, DECIDES,
           DETAILS("A tar file is not unpacked and must not be compressed. With voc a folder that holds "
                   "`JPEGImages`, or folders that do, such as VOCdevkit/VOC2012, stands for that one and for "
                   "the folders of annotations beside it.")),
    OPTION("annotations", PATH, "data",
           "XML files, masks or labels below a folder or in a tar file, or "
           "coco's JSON file, or the manifest",
           .argument = "DIR|FILE", IS_LIST, DECIDES,
           DETAILS("May be left out where the images are a tree of VOC. With voc and imagenet also masks, "
                   "which are black but for the object and whose names end in `.seg.png`; beside the image a "
                   "file that ends in `.cls` then holds the number of its class.")),
    OPTION("classes", PATH, "data", "the class map, a CSV file name,index; or imagenet, which is built in",
           .argument = "FILE|imagenet", DECIDES,
           DETAILS("The file has the header name,index and ties the data's class names to the model's output "
                   "indices; a third column `title` may hold names for people. `imagenet`: the 1000 classes "
                   "of ImageNet by their WordNet ids, from n01440764 (0, tench) to n15075141 (999, toilet "
                   "tissue); a file of that name is `./imagenet`.")),
    OPTION("list", PATH, "data", "voc, imagenet, yolo: only the images that this file names, one a line",
           .argument = "FILE", IS_LIST, DECIDES,
           DETAILS("Such as VOC's ImageSets/Main/val.txt. A name is a path or its end, with or without the "
                   "image's ending; a whole number behind it leaves the image out where it is below 0 (VOC's "
                   "cat_val.txt).")),
    OPTION("names", PATH, "data", "yolo, class masks: data.yaml, or a text file, with the classes' names",
           .argument = "FILE", DECIDES,
           DETAILS("A text file has one name a line. For masks of classes other than VOC's the first name is "
                   "the background's.")),
    OPTION("regions", CHOICE, "data", "what says where the objects are", .argument = "WHAT",
           .choices = "auto|boxes|class-masks|object-masks", .default_text = "auto", DECIDES,
           DETAILS("`auto` is what is given: a folder called SegmentationClass or SegmentationObject is its "
                   "masks. With `boxes` the objects' boxes are their regions also where there are masks or "
                   "polygons. With voc, `class-masks` and `object-masks` are the PNG files of "
                   "SegmentationClass and SegmentationObject; the latter go by the objects of the XML files. "
                   "Pixels of number 255 count neither way.")),
    OPTION("ignore", CHOICES, "data", "objects that count neither way", .argument = "FLAG[,...]",
           .choices = "difficult|truncated|crowd", .default_text = "", DECIDES, PLAIN),
    OPTION("skip_unannotated", FLAG, "data", "leave images without annotation out", IS_FLAG, DECIDES,
           DETAILS("Their number is reported. Without it each is a failed sample.")),
    OPTION("skip_unmapped", FLAG, "data", "leave images out of which no object counts", IS_FLAG, DECIDES,
           DETAILS("All their objects are of classes that the class map does not have, or ignored.")),
    OPTION_WITH(.holds = syntax_is_shard, "shard", TEXT, "data",
                "only the I-th of N contiguous parts of the data, counted from 1", .argument = "I/N", DECIDES,
                DETAILS("The results of all parts can be merged.")),

    OPTION("profile", CHOICE, "input", "defaults of other options: paper, those of Szyc et al. 2021",
           .argument = "NAME", .choices = "standard|paper", .default_text = "standard",
           DETAILS("What is given besides overrides it.")),
    OPTION_WITH(.takes_object = true, "preprocess", PATH, "input",
                "from an image to the model's input: imagenet, paper, or a JSON file",
                .argument = "NAME|FILE", .default_text = "imagenet", .paper_text = "paper", DECIDES,
                DETAILS("It must be what the model was trained with.")),
    OPTION("geometry", CHOICE, "input", "how boxes are mapped to the model's input", .argument = "NAME",
           .choices = "standard|paper", .default_text = "standard", .paper_text = "paper", DECIDES,
           DETAILS("`standard` is exact, `paper` has the integers of the authors' code.")),

    OPTION("method", CHOICE, "method", "how the map is computed", .argument = "NAME",
           .choices = "gradcam|gradcam++|smoothgradcam++|xgradcam|hirescam|layercam|cam|scorecam|ablationcam|"
                      "eigencam|integrated-gradients",
           .default_text = "gradcam++", DECIDES, DETAILS("`checkrob methods` says what each does.")),
    OPTION("score", CHOICE, "method", "what the map explains", .argument = "NAME",
           .choices = "log-odds|logit|probability|margin", .default_text = "log-odds", .paper_text = "logit",
           DECIDES,
           DETAILS("Of the image's class: the log-odds against all other classes, the logit, the probability "
                   "(softmax), or the margin to the best other logit.")),
    OPTION("reference", CHOICE, "method", "what activations are measured from: a blank image's, or zero",
           .argument = "NAME", .choices = "blank|none", .default_text = "blank", .paper_text = "none",
           DECIDES, DETAILS("For gradcam, gradcam++, hirescam and layercam.")),
    OPTION("combine", CHOICE, "method", "how the maps of several layers become one", .argument = "NAME",
           .choices = "mean|max", .default_text = "mean", DECIDES, PLAIN),
    OPTION("noise_samples", INTEGER, "method", "noisy copies of each image, for smoothgradcam++",
           .argument = "N", .low = 1, .high = 10000, .default_text = "25", DECIDES, PLAIN),
    OPTION("steps", INTEGER, "method", "steps of integrated-gradients", .argument = "N", .low = 1,
           .high = 10000, .default_text = "32", DECIDES, PLAIN),
    OPTION("seed", INTEGER, "method", "of random methods", .argument = "N", .low = 0, .high = INFINITY,
           .default_text = "0", DECIDES,
           DETAILS("The same seed repeats a run bit for bit at a given number of threads.")),
    OPTION("map_batch", INTEGER, "method",
           "images at once where a method runs the model more often than there are images", .argument = "N",
           .low = 1, .high = 4096, .default_text = "32", PLAIN),

    OPTION("top_k", INTEGER, "run", "the accuracy counts a class among the K highest logits", .argument = "K",
           .low = 1, .high = INFINITY, .default_text = "1", .paper_text = "5",
           DETAILS("More than the model has outputs means all.")),

    OPTION("pool", CHOICE, "extract", "what becomes of a feature map's positions", .argument = "NAME",
           .choices = "none|mean|max", .default_text = "none", DETAILS("With `none` they stay.")),

    OPTION("verdict_min_images", INTEGER, "verdict", "recognised images that a verdict needs at least",
           .argument = "N", .low = 2, .high = 1000000, .default_text = "10", PLAIN),
    OPTION("verdict_min_accuracy", NUMBER, "verdict", "a class with a lower accuracy is doubtful at best",
           .argument = "X", .low = 0, .high = 1, .default_text = "0.5", PLAIN),
    OPTION("verdict_robust", NUMBER, "verdict", "a class whose robustness is certainly above this is robust",
           .argument = "X", .low = -INFINITY, .high = INFINITY,
           DETAILS("Where it is not set, no class is called robust.")),
    OPTION("verdict_non_robust", NUMBER, "verdict",
           "a class whose robustness is certainly below this is non-robust", .argument = "X",
           .low = -INFINITY, .high = INFINITY, .default_text = "-1.25",
           DETAILS("Must not be above `verdict_robust`.")),
    OPTION("verdict_level", NUMBER, "verdict", "level of the intervals that say what is certain",
           .argument = "X", .low = 0, .high = 1, .excludes_bounds = 1, .default_text = "0.95", PLAIN),
    OPTION("verdict_resamples", INTEGER, "verdict", "resamples of the bootstrap", .argument = "N", .low = 100,
           .high = 1000000, .default_text = "2000", PLAIN),
    OPTION("verdict_permutations", INTEGER, "verdict", "permutations of the test", .argument = "N", .low = 99,
           .high = 10000000, .default_text = "9999", PLAIN),
    OPTION("verdict_seed", INTEGER, "verdict", "seed of bootstrap and test", .argument = "N", .low = 0,
           .high = INFINITY, .default_text = "0", PLAIN),

    OPTION("image_max_width", INTEGER, "limits", "a wider image is a failed sample", .argument = "PIXELS",
           .low = 1, .high = 4294967295.0, .default_text = "32768", DECIDES, PLAIN),
    OPTION("image_max_height", INTEGER, "limits", "a higher image is a failed sample", .argument = "PIXELS",
           .low = 1, .high = 4294967295.0, .default_text = "32768", DECIDES, PLAIN),
    OPTION("image_max_pixels", INTEGER, "limits", "an image with a larger area is a failed sample",
           .argument = "PIXELS", .low = 1, .high = INFINITY, .default_text = "100000000", DECIDES, PLAIN),
    OPTION("image_max_file_bytes", INTEGER, "limits", "a larger image file is a failed sample",
           .argument = "BYTES", .low = 1, .high = INFINITY, .default_text = "268435456", DECIDES, PLAIN),
};

const size_t declared_option_count = sizeof declared_options / sizeof declared_options[0];

/* ---- looking them up ---- */

const declared_option *declared_find(const char *name) {
  for (size_t i = 0; i < declared_option_count; i++)
    if (strcmp(declared_options[i].info.name, name) == 0) return &declared_options[i];
  return NULL;
}

checkrob_status declared_unknown(const char *name) {
  nearest_names near;
  nearest_start(&near, name);
  for (size_t i = 0; i < declared_option_count; i++) nearest_offer(&near, declared_options[i].info.name);
  char list[256];
  nearest_list(list, sizeof list, &near);
  return error_set(CHECKROB_ERROR_NOT_FOUND, "there is no option '%s'; the nearest are %s", name, list);
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
