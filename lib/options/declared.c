/* SPDX-License-Identifier: Apache-2.0 */
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

/* To add an option, add an entry here. The room that reads it decides what it does. */
const declared_option declared_options[] = {
    OPTION("model", PATH, "model", "TorchScript archive, scripted or traced", .argument = "FILE", DECIDES,
           DETAILS("An archive contains code, which is executed: open only archives that you trust.")),
    OPTION_WITH(.holds = syntax_is_device, "device", TEXT, "model", "where the model computes",
                .argument = "NAME", .choices = "cpu|cuda|cuda:N", .default_text = "cpu",
                DETAILS(
                    "A device that this machine does not have is an error. On a GPU float32 is computed as "
                    "float32, not as TF32, and each of up to four batches at a time needs its memory.")),
    OPTION("worker", CHOICE, "model", "whether a process of its own runs the model", .argument = "WHEN",
           .choices = "auto|always|never", .default_text = "auto",
           DETAILS("`never`: this process runs it. `always`: a worker process does; if the model crashes "
                   "it or hangs, only the images on which it does so fail, and the run continues with "
                   "another worker. `auto`: as `never`, but as `always` in a program that has loaded "
                   "another libtorch.")),
    OPTION("worker_timeout", INTEGER, "model", "a worker that runs a batch for longer is given up; 0: never",
           .argument = "SECONDS", .low = 0, .high = 1000000, .default_text = "600",
           DETAILS("The model hangs, or is too slow for batches of this size.")),
    OPTION_WITH(.holds = syntax_is_layout, "layout", TEXT, "model", "how the layers' outputs are read",
                .argument = "NAME", .choices = "auto|nchw|nhwc|tokens|tokens:P", .default_text = "auto",
                DECIDES,
                DETAILS(
                    "`auto` decides by their shape, `nchw` reads [N,C,h,w], `nhwc` reads [N,h,w,C], `tokens` "
                    "reads [N,T,C]; with `tokens:P` the first P tokens are class and register tokens.")),
    OPTION(
        "output", TEXT, "model", "which of several outputs has the logits", .argument = "NAME|INDEX",
        .default_text = "auto", DECIDES,
        DETAILS(
            "The key of a dictionary, the field of a named tuple, or the number of the output, from 0. "
            "`auto` prefers an output with more classes than the largest index of the class map, then one "
            "of the name `logits` or `out`, then one whose number of classes is that of the class map, and "
            "leaves out features that another output is computed from. A remark says what was chosen.")),

    OPTION("layer", TEXT, "layer", "layer to explain, or several with commas between",
           .argument = "PATH[,...]", .default_text = "auto", DECIDES,
           DETAILS("A layer is named by its dotted path. `auto` is the last spatial feature map before "
                   "pooling.")),

    OPTION("threads", INTEGER, "compute", "computing threads, and as many decoding threads; 0: all cores",
           .argument = "N", .low = 0, .high = 1024, .default_text = "0",
           DETAILS("This means all cores that the process may use.")),
    OPTION("batch", INTEGER, "compute", "images in a batch", .argument = "N", .low = 1, .high = 4096,
           .default_text = "16", PLAIN),
    OPTION("max_batch_bytes", INTEGER, "compute", "a run that prepares larger batches than this is refused",
           .argument = "BYTES", .low = 1, .high = INFINITY, .default_text = "8589934592",
           DETAILS("The images that are prepared and computed at once, at the size of the model's input. "
                   "The model itself needs more.")),

    OPTION(
        "dataset", CHOICE, "data", "format of the annotations", .argument = "FORMAT",
        .choices = "voc|imagenet|coco|yolo|manifest", DECIDES,
        DETAILS("`voc`: images anywhere below the images folder, each with a Pascal VOC XML file of the "
                "same stem; an image with objects of several classes yields a sample for each class. "
                "`imagenet`: as voc, with a folder of images for each class, whose name is the class; only "
                "objects of that class count. `coco`: COCO instances, one JSON file. `yolo`: a text file "
                "of labels for each image, with `names`. `manifest`: a CSV file with the header "
                "image,class,x1,y1,x2,y2 (from 0, the second corner after the last pixel) or "
                "image,class,mask.")),
    OPTION("images", PATH, "data", "the images (JPEG, PNG, WebP, BMP) below a folder or in a tar file",
           .argument = "DIR|TAR", IS_LIST, DECIDES,
           DETAILS(
               "A tar file is not unpacked and must not be compressed. With voc it may also be a folder that "
               "contains `JPEGImages`, such as VOCdevkit/VOC2012, or a folder of such folders: the "
               "annotations are then the folders beside `JPEGImages`.")),
    OPTION(
        "annotations", PATH, "data",
        "XML files, masks or labels below a folder or in a tar file, or "
        "coco's JSON file, or the manifest",
        .argument = "DIR|FILE", IS_LIST, DECIDES,
        DETAILS("May be omitted if the images are in such a folder of VOC. With voc and imagenet also masks: "
                "black except for the object, with a name that ends in `.seg.png`. A file beside the "
                "image, whose name ends in `.cls`, then contains the number of its class.")),
    OPTION(
        "classes", PATH, "data", "the class map, a CSV file name,index; or imagenet, which is built in",
        .argument = "FILE|imagenet", DECIDES,
        DETAILS("The file has the header name,index and maps the data's class names to the model's output "
                "indices. A third column `title` may contain names for people. `imagenet`: the 1000 classes "
                "of ImageNet by their WordNet ids, from n01440764 (0, tench) to n15075141 (999, toilet "
                "tissue); a file of that name is `./imagenet`.")),
    OPTION("list", PATH, "data",
           "only the images that this file names, one in each line; for voc, imagenet and yolo",
           .argument = "FILE", IS_LIST, DECIDES,
           DETAILS(
               "Such as VOC's ImageSets/Main/val.txt. A name is a path or its last part, with or without the "
               "file name extension. If a whole number below 0 follows, the image is omitted (VOC's "
               "cat_val.txt).")),
    OPTION(
        "names", PATH, "data", "the classes' names, data.yaml or a text file; for yolo and class masks",
        .argument = "FILE", DECIDES,
        DETAILS(
            "A text file has one name in each line. For masks of classes other than VOC's the first name is "
            "the background's.")),
    OPTION(
        "regions", CHOICE, "data", "where the regions of the objects come from", .argument = "WHAT",
        .choices = "auto|boxes|class-masks|object-masks", .default_text = "auto", DECIDES,
        DETAILS("`auto` uses the masks of a folder called SegmentationClass or SegmentationObject, and "
                "otherwise the shapes of the annotations. With `boxes` the regions are the objects' boxes, "
                "even if there are masks or polygons. With voc, `class-masks` and `object-masks` are the "
                "PNG files of SegmentationClass and SegmentationObject; the objects of the latter are "
                "those of the XML files. Pixels of number 255 count neither way.")),
    OPTION("ignore", CHOICES, "data", "objects that count neither way", .argument = "FLAG[,...]",
           .choices = "difficult|truncated|crowd", .default_text = "", DECIDES, PLAIN),
    OPTION("skip_unannotated", FLAG, "data", "omit images without annotation", IS_FLAG, DECIDES,
           DETAILS("Their number is reported. Without it each is a failed sample.")),
    OPTION("skip_unmapped", FLAG, "data", "omit images in which no object counts", IS_FLAG, DECIDES,
           DETAILS("All their objects are ignored, or of classes that the class map does not have.")),
    OPTION(
        "limit", INTEGER, "data", "a quick look at N images, spread evenly over the sorted names",
        .argument = "N", .low = 1, .high = INFINITY, DECIDES,
        DETAILS("In folders of one class each, all classes have their share. The results say that they are "
                "limited, and a run with another limit does not resume them.")),
    OPTION_WITH(.holds = syntax_is_shard, "shard", TEXT, "data",
                "only the I-th of N contiguous parts of the data, counted from 1", .argument = "I/N", DECIDES,
                DETAILS("The results of all parts can be merged.")),

    OPTION("profile", CHOICE, "input", "defaults of other options: paper, those of Szyc et al. 2021",
           .argument = "NAME", .choices = "standard|paper", .default_text = "standard",
           DETAILS("Options that are set replace these defaults.")),
    OPTION_WITH(.takes_object = true, "preprocess", PATH, "input",
                "from an image to the model's input: imagenet, paper, or a JSON file",
                .argument = "NAME|FILE", .default_text = "imagenet", .paper_text = "paper", DECIDES,
                DETAILS("It must be the preprocessing that the model was trained with.")),
    OPTION("geometry", CHOICE, "input", "how boxes are mapped to the model's input", .argument = "NAME",
           .choices = "standard|paper", .default_text = "standard", .paper_text = "paper", DECIDES,
           DETAILS("`standard` is exact, `paper` is the integer arithmetic of the authors' code.")),

    OPTION("method", CHOICE, "method", "how the saliency map is computed", .argument = "NAME",
           .choices = "gradcam|gradcam++|smoothgradcam++|xgradcam|hirescam|layercam|cam|scorecam|ablationcam|"
                      "eigencam|integrated-gradients",
           .default_text = "gradcam++", DECIDES, DETAILS("`checkrob methods` describes each of them.")),
    OPTION(
        "score", CHOICE, "method", "the score of the class that the map explains", .argument = "NAME",
        .choices = "log-odds|logit|probability|margin", .default_text = "log-odds", .paper_text = "logit",
        DECIDES,
        DETAILS(
            "The log-odds against all other classes, the logit, the probability (softmax), or the margin to "
            "the highest other logit.")),
    OPTION("reference", CHOICE, "method", "subtracted from activations: those of a blank image, or nothing",
           .argument = "NAME", .choices = "blank|none", .default_text = "blank", .paper_text = "none",
           DECIDES, DETAILS("For gradcam, gradcam++, hirescam and layercam.")),
    OPTION("combine", CHOICE, "method", "how the maps of several layers are combined", .argument = "NAME",
           .choices = "mean|max", .default_text = "mean", DECIDES, PLAIN),
    OPTION("noise_samples", INTEGER, "method", "noisy copies of each image, for smoothgradcam++",
           .argument = "N", .low = 1, .high = 10000, .default_text = "25", DECIDES, PLAIN),
    OPTION("steps", INTEGER, "method", "steps of integrated-gradients", .argument = "N", .low = 1,
           .high = 10000, .default_text = "32", DECIDES, PLAIN),
    OPTION("seed", INTEGER, "method", "seed of random methods: the same seed repeats a run", .argument = "N",
           .low = 0, .high = INFINITY, .default_text = "0", DECIDES,
           DETAILS("The results are equal bit for bit if the number of threads is the same.")),
    OPTION("map_batch", INTEGER, "method",
           "images in a batch, for methods that run the model several times for each image", .argument = "N",
           .low = 1, .high = 4096, .default_text = "32", PLAIN),

    OPTION(
        "probe", CHOICE, "probe", "ask the model again with altered copies of each image",
        .argument = "WHICH", .choices = "none|verdict|all", .default_text = "none", DECIDES,
        DETAILS(
            "`verdict`: six copies, from which each class gets a `suspicion`, on which its verdict is then "
            "based: another class's object in place of the image's own, all that is off the object blurred "
            "twice and without colour, and without the strongest 12 % of the pixels off the object and on "
            "it. `all`: four more, among them the object alone and its surroundings alone. Each copy costs a "
            "forward pass. "
            "The "
            "other object comes from another image of the dataset.")),

    OPTION("probe_margin", NUMBER, "probe", "a margin around the object, as a share of its sides",
           .argument = "X", .low = 0, .high = 1, .default_text = "0", DECIDES,
           DETAILS("For altered copies the object is larger by this share on each side: for boxes that are "
                   "drawn too tightly, or whose objects have a shadow that belongs to them.")),

    OPTION(
        "features", FLAG, "features", "find the features of each class, and what they do", IS_FLAG, DECIDES,
        DETAILS(
            "Features are channels of the layer, and sets of channels that vary together. Stores what each "
            "channel contributes to each sample, and then asks each recognised sample again with each of "
            "at most 13 features switched off, with the object and without it. The table `feature` says "
            "which are spurious. With `shard` only the contributions are stored: merge the shards, then run "
            "on the merged file.")),

    OPTION("attack_images", PATH, "attack",
           "a pool of images: which of them are taken for a class by one of its spurious features; with "
           "features",
           .argument = "DIR|TAR|own", IS_LIST,
           DETAILS("Folders or tar files of images, annotated or not, or `own`: the images of the run. "
                   "The table `pool` ranks them. Another pool replaces it, and computes no sample again. "
                   "`checkrob attack` shows it. With `shard` it waits for the merged file.")),
    OPTION("attack_dataset", CHOICE, "attack", "format of the pool's annotations, if it has any",
           .argument = "FORMAT", .choices = "voc|imagenet|coco|yolo|manifest",
           DETAILS("As for `dataset`, with the same classes and names. Images that are annotated with the "
                   "class that they are taken for are no attack. Without annotations, nobody said that an "
                   "image does not show it.")),
    OPTION("attack_annotations", PATH, "attack", "the pool's annotations", .argument = "DIR|FILE", IS_LIST,
           DETAILS("As for `annotations`.")),

    OPTION(
        "cues", FLAG, "cues", "find what in the data goes with each class, and whether the model follows it",
        IS_FLAG, DECIDES,
        DETAILS(
            "Measures ten properties of each image, such as brightness, colour, sharpness, a uniform border "
            "or "
            "a sharp corner. The table `cue` says which of them, and which other annotated classes, predict "
            "each class, and whether the model's logit of the class follows them.")),

    OPTION("advice", FLAG, "advice", "advise what images to add or drop, and measure what it would gain",
           IS_FLAG, DECIDES,
           DETAILS("Stores what the layer says about each image, about its surroundings, and about another "
                   "class's object in them. The table `duplicate` names images of a class whose surroundings "
                   "are almost the same. The table `advice` says for each class that is not to be trusted "
                   "what images to add or drop, and what a last layer gains that is fitted with and without "
                   "them, on images that it was not fitted to.")),

    OPTION("top_k", INTEGER, "run", "the accuracy counts a class among the K highest logits", .argument = "K",
           .low = 1, .high = INFINITY, .default_text = "1", .paper_text = "5",
           DETAILS("If the model has fewer outputs, all count.")),

    OPTION("pool", CHOICE, "extract", "how the positions of a feature map are pooled", .argument = "NAME",
           .choices = "none|mean|max", .default_text = "none", DETAILS("With `none` they are not pooled.")),

    OPTION("verdict_min_images", INTEGER, "verdict", "smallest number of recognised images for a verdict",
           .argument = "N", .low = 2, .high = 1000000, .default_text = "10", PLAIN),
    OPTION("verdict_min_accuracy", NUMBER, "verdict", "a class with a lower accuracy is doubtful at best",
           .argument = "X", .low = 0, .high = 1, .default_text = "0.5", PLAIN),
    OPTION("verdict_robust", NUMBER, "verdict",
           "a class whose robustness is certainly above this is robust; not set: the best verdict is 'not "
           "suspicious'",
           .argument = "X", .low = -INFINITY, .high = INFINITY,
           DETAILS("It has no default: no threshold that was measured separates robust classes from spurious "
                   "ones on real photos.")),
    OPTION("verdict_off_object", NUMBER, "verdict",
           "below this robustness the saliency is off the object; the class is doubtful", .argument = "X",
           .low = -INFINITY, .high = INFINITY, .default_text = "-1.25",
           DETAILS("Must not be above `verdict_robust`.")),
    OPTION("verdict_suspicion", NUMBER, "verdict",
           "a probed class whose suspicion is certainly above this is non-robust", .argument = "X",
           .low = -INFINITY, .high = INFINITY, .default_text = "0.7",
           DETAILS("docs/score.md describes how it was chosen, and what it is worth.")),
    OPTION("verdict_level", NUMBER, "verdict", "level of the confidence intervals", .argument = "X", .low = 0,
           .high = 1, .excludes_bounds = 1, .default_text = "0.95", PLAIN),
    OPTION("verdict_resamples", INTEGER, "verdict", "resamples of the bootstrap", .argument = "N", .low = 100,
           .high = 1000000, .default_text = "2000", PLAIN),
    OPTION("verdict_permutations", INTEGER, "verdict", "permutations of the test", .argument = "N", .low = 99,
           .high = 10000000, .default_text = "9999", PLAIN),
    OPTION("verdict_seed", INTEGER, "verdict", "seed of the bootstrap and the test", .argument = "N",
           .low = 0, .high = INFINITY, .default_text = "0", PLAIN),

    OPTION(
        "orientation", CHOICE, "image", "how photos with an EXIF orientation lie", .argument = "HOW",
        .choices = "auto|upright|stored", .default_text = "auto", .paper_text = "stored", DECIDES,
        DETAILS("`upright` turns them as people see them, `stored` takes the pixels as they are in the file. "
                "`auto` turns them upright, unless the annotation was drawn on the pixels as stored: the "
                "image's size in the annotation says so, or a mask's size, or boxes that reach beyond the "
                "upright photo. Objects that were drawn the other way are turned too. Each such photo has a "
                "remark.")),
    OPTION(
        "gray_range", CHOICE, "image", "how 16-bit gray PNG images are read", .argument = "HOW",
        .choices = "clip|scale", .default_text = "clip", DECIDES,
        DETAILS("`clip`: values above 255 become white, as in Pillow, and the image has a remark. `scale`: "
                "0 to 65535 becomes 0 to 255.")),

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

/* "pp" stands for "++", for shells and file names without '+'. */
static int letter(char c) {
  if (c == '+') return 'p';
  return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
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
