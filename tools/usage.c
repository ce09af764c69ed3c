/* SPDX-License-Identifier: Apache-2.0 */
/* The options and the help text of each sub-command. */
#include <math.h>

#include "options_cli.h"
#include "overlay_style.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- the gate: options of several commands ---- */

#define GATE_CONDITIONS                                                                               \
  OWN_OPTION("fail_on", TEXT, "gate", "VERDICT[,...]",                                                \
             "close the gate if a class has one of these verdicts",                                   \
             .details = "Such as non-robust, doubtful or not-enough-data."),                          \
      OWN_OPTION("fail_if", TEXT, "gate", "CONDITION",                                                \
                 "close the gate if this holds for a class: 'robustness < -0.5 and accuracy > 0.8'",  \
                 .is_list = 1,                                                                        \
                 .details =                                                                           \
                     "The names are those of the columns of classes.csv. docs/gate.md describes "     \
                     "the language. Of several conditions one is enough."),                           \
      OWN_OPTION("max_failures", TEXT, "gate", "N|P%",                                                \
                 "close the gate if more samples than N, or than P % of all, could not be evaluated", \
                 .details = "")

#define GATE_BASELINE                                                                             \
  OWN_OPTION("baseline", PATH, "gate", "OLD",                                                     \
             "earlier results: what is violated there too does not close the gate",               \
             .details =                                                                           \
                 "A class that is new, or whose verdict is worse than it was, closes it. Failed " \
                 "samples are always counted.")

#define GATE_FILES                                                                                          \
  OWN_OPTION("junit", PATH, "gate", "FILE.xml", "write what the gate found as JUnit's XML", .details = ""), \
      OWN_OPTION("sarif", PATH, "gate", "FILE.sarif", "the same as SARIF 2.1.0", .details = ""),            \
      OWN_OPTION("json", PATH, "gate", "FILE.json", "the same as JSON, by docs/gate.schema.json",           \
                 .details = ""),                                                                            \
      OWN_OPTION("annotate", CHOICE, "gate", "WHERE",                                                       \
                 "print annotations for a pipeline, which shows them beside the change",                    \
                 .choices = "github", .details = "")

/* ---- score ---- */

static const checkrob_option_info score_own[] = {
    OWN_OPTION("out", PATH, "results", "DIR",
               "folder of the results: results.sqlite and, made from it, images.csv, classes.csv, "
               "looked_at.csv and summary.json",
               .details =
                   "It is made if it is missing. Where an earlier run with the same options was interrupted "
                   "there, this one resumes it; with other options it refuses, and says which differ."),
    OWN_OPTION("restart", FLAG, "results", "", "throw an earlier run's results in the folder away",
               .details = ""),
    OWN_OPTION(
        "dry_run", FLAG, "results", "",
        "say what the run would do and how long it would take, and write nothing",
        .details =
            "Reads all annotations, runs the model on a few batches, and lists the classes that have too "
            "few images for a verdict."),
    OWN_OPTION("strict", FLAG, "results", "", "stop at the first sample that can't be evaluated",
               .details = "The exit code is then 1."),
    OWN_OPTION("extract", PATH, "extract", "FILE.npy",
               "read representations out in the same pass, as 'checkrob extract' does",
               .details = "The rows are the images that could be decoded and have an object in view. Not "
                          "together with results that the run would resume."),
    OWN_OPTION("extract_layer", TEXT, "extract", "PATH[,...]",
               "layer to read out, or several (default: the layer of the scores)", .details = ""),
    OWN_OPTION("dtype", CHOICE, "extract", "TYPE", "numbers in the array", .choices = "f32|f16",
               .default_text = "f32", .details = ""),
    GATE_CONDITIONS,
    GATE_BASELINE,
    GATE_FILES,
};
static const char *const score_groups[] = {
    "model",  "layer", "data",    "results", "input",   "method",  "probe", "features", "attack",   "cues",
    "advice", "run",   "verdict", "gate",    "extract", "compute", "image", "limits",   "terminal", NULL};
static const char *const score_needed[] = {"model", "dataset", "images", "classes", "out", NULL};

const command_usage score_usage = {
    .name = "score",
    .synopsis =
        "--model FILE --dataset FORMAT --images DIR... --annotations DIR...\n"
        "--classes FILE|imagenet --out DIR [OPTION]...",
    .purpose =
        "Scores a TorchScript classifier on annotated images and prints its classes from the least to the "
        "most robust. CRS is the mean share of the saliency that is on the object: a class with a high "
        "accuracy and a low CRS is recognised by something else. 'Not suspicious' means that this "
        "correlational score found nothing; it does not mean robust. On real photos 37 % of the classes that "
        "were recognised by a spurious cue were 'not suspicious' (AUROC 0.67).\n"
        "Robustness (from below 0 to above): how much more saliency and evidence is on the object than its "
        "size explains. "
        "With probes the suspicion decides: how much the class depends on what is off its object; 0 is "
        "none.\n"
        "ERS: the share of the saliency on the object beyond what a map that doesn't know it has there; 1 is "
        "all, 0 is none.",
    .groups = score_groups,
    .own = score_own,
    .own_count = COUNT(score_own),
    .needed = score_needed,
    .closing =
        "Exit codes: 0 done (images that could not be evaluated are warned about), 1 failed, 2 wrong command "
        "line, 3 not one image could be evaluated, 4 interrupted, 6 the gate is closed (the results are "
        "written).",
};

/* ---- check ---- */

static const checkrob_option_info check_own[] = {
    OWN_OPTION("min_images", INTEGER, "findings", "N",
               "a class with fewer images that can be measured is reported", .low = 0, .high = INFINITY,
               .default_text = "10", .details = ""),
    OWN_OPTION("all", FLAG, "findings", "", "print every finding, not only the first 5 of a kind",
               .details = ""),
    OWN_OPTION("subset", FLAG, "findings", "",
               "the data have a part of the classes: those that are not there are no finding", .details = ""),
    OWN_OPTION("as", CHOICE, "findings", "WHAT", "write the findings, instead of printing them",
               .choices = "findings.csv|findings.jsonl",
               .details = "All of them: kind, image, class, count (of images), message."),
    OWN_OPTION("out", PATH, "findings", "FILE",
               "the file (default: the name after --as); '-' is standard output", .details = ""),
};
static const char *const check_groups[] = {"data", "findings", "threads", "image", "limits", "quiet", NULL};
static const char *const check_needed[] = {"dataset", "images", "classes", NULL};

const command_usage check_usage = {
    .name = "check",
    .synopsis = "--dataset FORMAT --images DIR... --annotations DIR... --classes FILE|imagenet [OPTION]...",
    .purpose =
        "Reads a whole dataset without a model, decodes every image, and prints what is wrong: broken images "
        "and annotations, images without annotation and the reverse, boxes outside, sizes that contradict "
        "the annotation, classes that the class map does not have, images that are there twice, classes with "
        "too few images.",
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
        "as one probing run finds them, and how the output is read. Layers marked '+' return a feature map, "
        "and --layer can name them; '*' is the layer of --layer auto; '-' can be read out by 'checkrob "
        "extract' alone. Of a model with several outputs, it lists these too: '*' has the logits, '+' could "
        "have them (--output).",
    .groups = layers_groups,
    .needed = layers_needed,
};

/* ---- explain ---- */

static const checkrob_option_info explain_own[] = {
    OWN_OPTION("image", PATH, "picture", "FILE|NAME",
               "a photo (JPEG, PNG, WebP, BMP); with a dataset, an image in it", .is_list = 1,
               .details =
                   "An image of a dataset is named as in images.csv, by the last part of that, or by the "
                   "path of its file."),
    OWN_OPTION("class", TEXT, "picture", "NAME|INDEX",
               "only images of this class: its name, its title or its index",
               .details = "Without a dataset: only the annotated objects of this name."),
    OWN_OPTION("class_index", INTEGER, "picture", "K", "the class that is explained: an index of the output",
               .low = 0, .high = INFINITY,
               .details =
                   "A photo without a dataset needs it, or `classes` and `class`. In a dataset it is the "
                   "class of the image unless it is set."),
    OWN_OPTION("top", TEXT, "picture", "worst:N|best:N|typical:N",
               "the images with the lowest or highest robustness scores, or with those around the median",
               .details =
                   "At most 256. The scores are those of the results; without results, all images that "
                   "are meant are explained first. Without this option the first 64 images are drawn."),
    OWN_OPTION("out", PATH, "picture", "FILE.png|DIR", "the picture, the contact sheet, or a folder for both",
               .details =
                   "Of several images, FILE.png is a contact sheet. A folder gets it as `sheet.png`, a "
                   "picture of each image, and their list."),
    OVERLAY_STYLE_OPTIONS("picture"),
};
static const char *const explain_groups[] = {"model",   "picture", "data",  "layer",  "input", "method",
                                             "threads", "batch",   "image", "limits", "quiet", NULL};
static const char *const explain_needed[] = {"out", NULL};

const command_usage explain_usage = {
    .name = "explain",
    .synopsis =
        "RESULTS --class NAME --out FILE.png [OPTION]...\n"
        "--model FILE --dataset FORMAT --images DIR... --annotations DIR... --classes FILE "
        "--class NAME --out FILE.png [OPTION]...\n"
        "--model FILE --image FILE... --class-index K --out FILE.png [OPTION]...",
    .purpose =
        "Draws what the model looks at when it computes the logit of a class: a heat map over the photo, "
        "bright where the saliency is. Parts that the centre crop cuts away are darkened. The annotated "
        "objects are drawn too, and the robustness score (RS, the share of the saliency inside them) is "
        "printed. Of several images it makes a contact sheet: each photo, and beside it the same photo under "
        "the map. RESULTS is a folder of 'checkrob score': its summary.json has the data, the model and the "
        "options of the run, unless options name others. Photos without a dataset may have annotations of "
        "Pascal VOC (--annotations: an XML file, a PNG mask of classes, or a folder).",
    .groups = explain_groups,
    .own = explain_own,
    .own_count = COUNT(explain_own),
    .needed = explain_needed,
    .closing =
        "'checkrob layers' lists what --layer can name, 'checkrob methods' what --method can.\n"
        "Exit codes: 0 done (a warning reports images that could not be explained), 1 failed, 2 wrong "
        "command line, 3 not one image could be explained, 4 interrupted (the contact sheet has the "
        "images until then).",
    .takes_arguments = 1,
};

/* ---- extract ---- */

static const checkrob_option_info extract_own[] = {
    OWN_OPTION("out", PATH, "arrays", "FILE.npy", "the array; of several layers, FILE.LAYER.npy for each",
               .details = ""),
    OWN_OPTION("dtype", CHOICE, "arrays", "TYPE", "numbers in the file", .choices = "f32|f16",
               .default_text = "f32", .details = ""),
};
static const char *const extract_groups[] = {"model",      "images", "arrays", "layer", "pool", "compute",
                                             "preprocess", "image",  "limits", "quiet", NULL};
static const char *const extract_needed[] = {"model", "images", "out", NULL};

const command_usage extract_usage = {
    .name = "extract",
    .synopsis = "--model FILE --images DIR --out FILE.npy [OPTION]...",
    .purpose =
        "Reads the representation out: the output of a layer for each image of a folder, as a NumPy array "
        "[N,C,h,w], or [N,C] with --pool. FILE.csv lists the image of each row of FILE.npy. Failed images "
        "are not in the array: they are counted, and listed with the reason in FILE.failed.csv. Memory does "
        "not depend on the number of images.",
    .groups = extract_groups,
    .own = extract_own,
    .own_count = COUNT(extract_own),
    .needed = extract_needed,
    .closing =
        "Exit codes: 0 done (a warning reports failed images), 1 failed, 2 wrong command line, 3 not one "
        "image could be read, 4 interrupted (the files have the rows until then).",
};

/* ---- completion ---- */

static const char *const completion_groups[] = {NULL};

const command_usage completion_usage = {
    .name = "completion",
    .synopsis = "bash|zsh|fish",
    .purpose =
        "Prints a script that makes the shell complete checkrob's commands, options and values. An installed "
        "checkrob has these scripts where the shells look for them. Otherwise, for this session:\n"
        "source <(checkrob completion bash)\n"
        "source <(checkrob completion zsh)\n"
        "checkrob completion fish | source",
    .groups = completion_groups,
    .takes_arguments = 1,
};

/* ---- methods ---- */

static const char *const no_groups[] = {NULL};

const command_usage methods_usage = {
    .name = "methods",
    .synopsis = "[--help]",
    .purpose =
        "Lists the saliency methods that --method may name. '+' marks those that work without gradients, and "
        "so on int8-quantised models too.",
    .groups = no_groups,
};

/* ---- export, merge, compare ---- */

static const checkrob_option_info export_own[] = {
    OWN_OPTION("as", CHOICE, "files", "WHAT", "what is written",
               .choices =
                   "images.csv|classes.csv|looked_at.csv|features.csv|pasted.csv|images.jsonl|classes.jsonl|"
                   "looked_at.jsonl|features.jsonl|pasted.jsonl|cues.csv|cues.jsonl|pool.csv|pool.jsonl|"
                   "duplicates.csv|duplicates.jsonl|advice.csv|advice.jsonl|authors.csv",
               .details = "The tables that score writes; the same as JSON, an object a line; or the class "
                          "table of Szyc et al. 2021, id;acc;crs;name."),
    OWN_OPTION("out", PATH, "files", "FILE",
               "the file (default: the name after --as); '-' is standard output", .details = ""),
};
static const char *const export_groups[] = {"files", "run", "verdict", NULL};
static const char *const export_needed[] = {"as", NULL};

const command_usage export_usage = {
    .name = "export",
    .synopsis = "RESULTS --as WHAT [--out FILE] [OPTION]...",
    .purpose =
        "Writes results as text for other programs. RESULTS is a folder of 'checkrob score', or the "
        "results.sqlite in it. With --top-k or --verdict the stored samples are judged anew by these.",
    .groups = export_groups,
    .own = export_own,
    .own_count = COUNT(export_own),
    .needed = export_needed,
    .takes_arguments = 1,
};

static const checkrob_option_info features_own[] = {
    OWN_OPTION(
        "out", PATH, "pictures", "DIR", "folder of the contact sheets",
        .details =
            "One for each spurious feature: the images in which it is strongest, with the objects, and "
            "beside each the place off the object where the feature is. The data are those of the "
            "run, which summary.json in RESULTS records, unless options name others."),
    OWN_OPTION("all", FLAG, "pictures", "", "all features, not only spurious ones", .details = ""),
};
static const char *const features_groups[] = {"pictures", "data", "preprocess", "wide", "quiet", NULL};

const command_usage features_usage = {
    .name = "features",
    .synopsis = "RESULTS [--out DIR] [OPTION]...",
    .purpose =
        "Prints what 'checkrob score --features' found: channels of the layer, and sets of them, that are "
        "off the "
        "object, and by which the surroundings alone are recognised. 'surroundings recognised': the share of "
        "the images that are recognised without the object, with the feature and with it switched off. "
        "'image "
        "without': the share of the whole images that are still recognised without it. 'both' is a class's "
        "two "
        "strongest together.",
    .groups = features_groups,
    .own = features_own,
    .own_count = COUNT(features_own),
    .takes_arguments = 1,
};

static const checkrob_option_info attack_own[] = {
    OWN_OPTION(
        "out", PATH, "pictures", "DIR", "folder of the images that fool the model, and their list",
        .details =
            "At the size of the model's input; of a pool also a contact sheet for each feature, with a "
            "close-up of where the feature is. The data are those of the run, which summary.json in "
            "RESULTS records, unless options name others."),
    OWN_OPTION("most", INTEGER, "pictures", "N",
               "images of each class, and of a pool of each feature, the strongest first", .low = 1,
               .high = 10000, .default_text = "4", .details = ""),
    OWN_OPTION("second", PATH, "pictures", "FILE", "a second model, which gets the same images",
               .details = "The output counts how many of them fool it too. It must have the same "
                          "preprocessing and the same classes."),
};
static const char *const attack_groups[] = {"pictures", "attack", "data", "preprocess",
                                            "wide",     "quiet",  NULL};

const command_usage attack_usage = {
    .name = "attack",
    .synopsis = "RESULTS [--out DIR] [--second FILE] [OPTION]...",
    .purpose =
        "Prints with which surroundings and objects 'checkrob score --probe verdict' fooled the model: the "
        "surroundings of one class with the object of another, which are still taken for the former. And "
        "which images of a pool 'checkrob score --features --attack-images DIR' found that are taken for a "
        "class by one of its spurious features, without showing it as far as annotations say: 'stop' of them "
        "are not when the feature is switched off. Writes such images.",
    .groups = attack_groups,
    .own = attack_own,
    .own_count = COUNT(attack_own),
    .takes_arguments = 1,
};

static const checkrob_option_info report_own[] = {
    OWN_OPTION("out", PATH, "report", "FILE.html", "the page", .details = ""),
    OWN_OPTION(
        "pictures_per_class", INTEGER, "report", "N",
        "images of each class: half of them the worst, then typical ones and the best (default: 6; 4 with "
        "more than 400 classes)",
        .low = 0, .high = 100, .details = "0: no pictures; the images are then not read."),
    OWN_OPTION("pictures", PATH, "report", "DIR",
               "put the pictures into this folder, with up to 800 pixels a side, not into the page",
               .details = "Without it they are small: the page has at most about 10 MB for 1,000 classes."),
    GATE_CONDITIONS,
    OWN_OPTION("only_new", FLAG, "gate", "",
               "what BEFORE violates too does not close the gate: BEFORE is the baseline",
               .details = "The conditions are about RESULTS."),
    GATE_FILES,
};
static const char *const report_groups[] = {"report", "gate",   "data",    "preprocess", "threads",
                                            "image",  "limits", "verdict", NULL};
static const char *const report_needed[] = {"out", NULL};

const command_usage report_usage = {
    .name = "report",
    .synopsis = "RESULTS [BEFORE] --out FILE.html [OPTION]...",
    .purpose =
        "Writes a page that says which classes not to trust, why, and shows their images, with the saliency "
        "that "
        "the run stored: no model is needed. With the results of an earlier run, BEFORE, it also says what "
        "changed, and whether that is more than chance. The page is one file, needs no network, and may be "
        "sent. The data are those of the run, which summary.json in RESULTS records, unless options name "
        "others.",
    .groups = report_groups,
    .own = report_own,
    .own_count = COUNT(report_own),
    .needed = report_needed,
    .closing =
        "Exit codes: 0 done, 1 failed, 2 wrong command line, 4 interrupted, 6 the gate is closed by RESULTS.",
    .takes_arguments = 1,
};

static const checkrob_option_info data_own[] = {
    OWN_OPTION("all", FLAG, "listing", "",
               "all cues that predict a class, and all images, not only the first", .details = ""),
};
static const char *const data_groups[] = {"listing", "wide", NULL};

const command_usage data_usage = {
    .name = "data",
    .synopsis = "RESULTS [--all]",
    .purpose =
        "Prints what 'checkrob score --cues --advice' found in the data: the properties of images, and the "
        "other annotated classes, that predict a class, and whether the model's logit follows them; and the "
        "images of a class whose surroundings are almost the same.",
    .groups = data_groups,
    .own = data_own,
    .own_count = COUNT(data_own),
    .takes_arguments = 1,
};

static const checkrob_option_info advise_own[] = {
    OWN_OPTION("all", FLAG, "listing", "", "all advice, not only the best one for each class", .details = ""),
};
static const char *const advise_groups[] = {"listing", NULL};

const command_usage advise_usage = {
    .name = "advise",
    .synopsis = "RESULTS [--all]",
    .purpose =
        "Prints what images to add or drop, for each class that 'checkrob score --advice' does not trust, "
        "and what it gains: a last layer is fitted to half of the images with and without the advice, and "
        "asked about the other half. 'found elsewhere': its object in the surroundings of others is taken "
        "for the class. 'fooled': another's object in its surroundings is.",
    .groups = advise_groups,
    .own = advise_own,
    .own_count = COUNT(advise_own),
    .takes_arguments = 1,
};

static const checkrob_option_info merge_own[] = {
    OWN_OPTION("from", PATH, "files", "LIST",
               "a file that names more results, one in each line; '-' is standard input",
               .details = "For more shards than a command line can name: find shards -name results.sqlite | "
                          "checkrob merge --from - --out all.sqlite"),
    OWN_OPTION("out", PATH, "files", "FILE", "the joined results; must not exist yet", .details = ""),
};
static const char *const merge_groups[] = {"files", "quiet", NULL};
static const char *const merge_needed[] = {"out", NULL};

const command_usage merge_usage = {
    .name = "merge",
    .synopsis = "[RESULTS]... [--from LIST] --out FILE",
    .purpose =
        "Joins the shards of one run ('checkrob score --shard 1/64' and so on) to one file of results, "
        "exactly as one run would have made it.",
    .groups = merge_groups,
    .own = merge_own,
    .own_count = COUNT(merge_own),
    .needed = merge_needed,
    .takes_arguments = 1,
};

static const checkrob_option_info compare_own[] = {
    OWN_OPTION("as", CHOICE, "files", "WHAT", "write the comparison, instead of printing it",
               .choices = "comparison.csv|comparison.jsonl",
               .details = "A line for each class: docs/results.md, Compare."),
    OWN_OPTION("out", PATH, "files", "FILE",
               "the file (default: the name after --as); '-' is standard output", .details = ""),
    GATE_CONDITIONS,
    OWN_OPTION("only_new", FLAG, "gate", "",
               "what BEFORE violates too does not close the gate: BEFORE is the baseline",
               .details = "The conditions are about AFTER."),
    GATE_FILES,
};
static const char *const compare_groups[] = {"files", "gate", "run", "verdict", "terminal", NULL};

const command_usage compare_usage = {
    .name = "compare",
    .synopsis = "BEFORE AFTER [OPTION]...",
    .purpose =
        "Compares two results (files, or folders of 'checkrob score') class by class, such as two models' or "
        "two trainings': from the class whose CRS fell most to the one whose CRS rose most. 'paired' is the "
        "mean change of the robustness score (RS) over the images that both have, with its standard error: a "
        "change within twice the error may be chance. 'robust.' is what the verdict goes by; where two "
        "verdicts stand, it changed. With --top-k or --verdict both are judged anew by these.",
    .groups = compare_groups,
    .own = compare_own,
    .own_count = COUNT(compare_own),
    .closing = "Exit codes: 0 done, 1 failed, 2 wrong command line, 6 the gate is closed by AFTER.",
    .takes_arguments = 1,
};

/* ---- gate ---- */

static const checkrob_option_info gate_own[] = {GATE_CONDITIONS, GATE_BASELINE, GATE_FILES};
static const char *const gate_groups[] = {"gate", "run", "verdict", "quiet", NULL};

const command_usage gate_usage = {
    .name = "gate",
    .synopsis = "RESULTS --fail-on VERDICT[,...] | --fail-if CONDITION | --max-failures N|P% [OPTION]...",
    .purpose =
        "Checks results by conditions that they must not meet, for pipelines: exit code 6 if one is met, 0 "
        "if none is. RESULTS is a folder of 'checkrob score', or the results.sqlite in it. Prints a line for "
        "each violation, and then whether the gate is closed. Results that are not complete, or of which "
        "nothing can be judged, never pass. A FILE of '-' is standard output; the lines then go to standard "
        "error. With --top-k or --verdict the stored samples are judged anew by these.",
    .groups = gate_groups,
    .own = gate_own,
    .own_count = COUNT(gate_own),
    .closing =
        "Exit codes: 0 passed, 1 failed (also if the results are not complete), 2 wrong command line, "
        "6 the gate is closed.",
    .takes_arguments = 1,
};

/* ---- all of them ---- */

static const struct {
  const command_usage *usage;
  const char *summary;
} usages[] = {{&score_usage, "score a model on a folder of annotated images, class by class"},
              {&check_usage, "find what is wrong with a dataset, without a model"},
              {&layers_usage, "list a model's layers and their output shapes"},
              {&explain_usage, "draw what the model looks at in images"},
              {&extract_usage, "read representations out, as NumPy arrays"},
              {&methods_usage, "list the saliency methods"},
              {&export_usage, "write results as CSV or JSON lines"},
              {&merge_usage, "join the shards of a run"},
              {&compare_usage, "compare two results, class by class"},
              {&report_usage, "write a page that shows which classes not to trust, and why"},
              {&attack_usage, "make images that fool the model, from what probes found"},
              {&features_usage, "show what else a class is recognised by: its spurious features"},
              {&data_usage, "show what in the data goes with each class"},
              {&advise_usage, "list what images to add or drop, and what it gains"},
              {&gate_usage, "check results by conditions, for pipelines"},
              {&completion_usage, "print what makes a shell complete command lines"}};

const command_usage *command_usage_at(const char **summary, size_t i) {
  if (i >= COUNT(usages)) return NULL;
  *summary = usages[i].summary;
  return usages[i].usage;
}
