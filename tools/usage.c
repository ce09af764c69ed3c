/* What each sub-command takes, and what it says of itself. */
#include <math.h>

#include "options_cli.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- score ---- */

static const checkrob_option_info score_own[] = {
    OWN_OPTION(
        "out", PATH, "results", "DIR",
        "folder of the results: results.sqlite and, made from it, images.csv, classes.csv and summary.json",
        .details = "It is made if it is missing. Where an earlier run with the same options was "
                   "interrupted there, this one resumes it; with other options it refuses, and says "
                   "which differ."),
    OWN_OPTION("restart", FLAG, "results", "", "throw an earlier run's results in the folder away",
               .details = ""),
    OWN_OPTION("strict", FLAG, "results", "", "stop at the first sample that can't be evaluated",
               .details = "The exit code is then 1."),
};
static const char *const score_groups[] = {"model", "layer",   "data",    "results", "input", "method",
                                           "run",   "verdict", "compute", "limits",  NULL};
static const char *const score_needed[] = {"model", "dataset", "images", "classes", "out", NULL};

const command_usage score_usage = {
    .name = "score",
    .synopsis =
        "--model FILE --dataset FORMAT --images DIR... --annotations DIR...\n"
        "--classes FILE|imagenet --out DIR [OPTION]...",
    .purpose =
        "Scores a TorchScript classifier on annotated images and prints its classes from the least to the "
        "most "
        "robust. CRS is the mean share of the saliency that lies on the object: a class with a high accuracy "
        "and "
        "a low CRS is recognised from something else. 'Not suspicious' means that this correlational score "
        "found "
        "nothing; it does not mean robust. On real photos 37 % of the classes that were recognised by a "
        "spurious "
        "cue were 'not suspicious' (AUROC 0.67).",
    .groups = score_groups,
    .own = score_own,
    .own_count = COUNT(score_own),
    .needed = score_needed,
    .closing =
        "Exit codes: 0 done (images that could not be evaluated are warned about), 1 failed, 2 wrong "
        "command line, 3 not one image could be evaluated, 4 interrupted.",
};

/* ---- check ---- */

static const checkrob_option_info check_own[] = {
    OWN_OPTION("min_images", INTEGER, "findings", "N",
               "a class with fewer images that can be measured is reported", .low = 0, .high = INFINITY,
               .default_text = "10", .details = ""),
    OWN_OPTION("all", FLAG, "findings", "", "print every finding, not only the first 5 of a kind",
               .details = ""),
};
static const char *const check_groups[] = {"data", "findings", "threads", "limits", NULL};
static const char *const check_needed[] = {"dataset", "images", "classes", NULL};

const command_usage check_usage = {
    .name = "check",
    .synopsis = "--dataset FORMAT --images DIR... --annotations DIR... --classes FILE|imagenet [OPTION]...",
    .purpose =
        "Reads a whole dataset without a model, decodes every image, and prints what is wrong: broken images "
        "and "
        "annotations, images without annotation and the reverse, boxes outside, sizes that contradict the "
        "annotation, classes that the class map does not have, images that are there twice, classes with too "
        "few "
        "images.",
    .groups = check_groups,
    .own = check_own,
    .own_count = COUNT(check_own),
    .needed = check_needed,
    .closing =
        "Exit codes: 0 nothing is wrong, 1 the check failed, 2 wrong command line, 5 something is wrong.",
};

/* ---- layers ---- */

static const char *const layers_groups[] = {"model", "preprocess", "threads", NULL};
static const char *const layers_needed[] = {"model", NULL};

const command_usage layers_usage = {
    .name = "layers",
    .synopsis = "--model FILE [OPTION]...",
    .purpose =
        "Lists a TorchScript model's layers in the order in which they finish, with type and output shape, "
        "as one "
        "probing run finds them, and how the output is read. Layers marked '+' give a feature map that "
        "--layer can "
        "name; '*' is what --layer auto picks; '-' can be read out by 'checkrob extract' alone.",
    .groups = layers_groups,
    .needed = layers_needed,
};

/* ---- explain ---- */

static const checkrob_option_info explain_own[] = {
    OWN_OPTION("image", PATH, "picture", "FILE", "JPEG or PNG", .details = ""),
    OWN_OPTION("class_index", INTEGER, "picture", "K", "index of the class in the model's output", .low = 0,
               .high = INFINITY, .details = ""),
    OWN_OPTION("out", PATH, "picture", "FILE.png", "the picture that is written", .details = ""),
    OWN_OPTION("annotations", PATH, "picture", "FILE|DIR",
               "Pascal VOC XML, or a folder that holds one of the image's name; or a PNG mask of classes",
               .details = "The outlines of the objects are drawn. A mask is as in VOC's SegmentationClass."),
    OWN_OPTION("class", TEXT, "picture", "NAME", "only the annotated objects of this name", .details = ""),
};
static const char *const explain_groups[] = {"model",  "picture", "layer",  "input",
                                             "method", "threads", "limits", NULL};
static const char *const explain_needed[] = {"model", "image", "class_index", "out", NULL};

const command_usage explain_usage = {
    .name = "explain",
    .synopsis = "--model FILE --image FILE --class-index K --out FILE.png [OPTION]...",
    .purpose =
        "Draws what the model looks at when it computes the logit of class K: a heat map over the photo, "
        "bright "
        "where the saliency is. Parts that the centre crop cuts away are darkened. With annotations the "
        "objects are "
        "drawn too, and the robustness score (the share of the saliency inside them) is printed.",
    .groups = explain_groups,
    .own = explain_own,
    .own_count = COUNT(explain_own),
    .needed = explain_needed,
    .closing = "'checkrob layers' lists what --layer can name, 'checkrob methods' what --method can.",
};

/* ---- extract ---- */

static const checkrob_option_info extract_own[] = {
    OWN_OPTION("out", PATH, "arrays", "FILE.npy", "the array; of several layers, FILE.LAYER.npy for each",
               .details = ""),
    OWN_OPTION("dtype", CHOICE, "arrays", "TYPE", "numbers in the file", .choices = "f32|f16",
               .default_text = "f32", .details = ""),
};
static const char *const extract_groups[] = {"model",   "images",     "arrays", "layer", "pool",
                                             "compute", "preprocess", "limits", NULL};
static const char *const extract_needed[] = {"model", "images", "out", NULL};

const command_usage extract_usage = {
    .name = "extract",
    .synopsis = "--model FILE --images DIR --out FILE.npy [OPTION]...",
    .purpose =
        "Reads the representation out: what a layer gives for each image of a folder, as a NumPy array "
        "[N,C,h,w], "
        "or [N,C] with --pool. Beside FILE.npy, FILE.csv names each row's image. Images that fail are left "
        "out of "
        "the array, named with the reason in FILE.failed.csv, and counted. Memory does not depend on the "
        "number of "
        "images.",
    .groups = extract_groups,
    .own = extract_own,
    .own_count = COUNT(extract_own),
    .needed = extract_needed,
    .closing =
        "Exit codes: 0 done (images that failed are warned about), 1 failed, 2 wrong command line, 3 not one "
        "image could be read, 4 interrupted (the files hold what was read until then).",
};
