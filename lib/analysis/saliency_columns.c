#include "analysis/saliency_columns.h"

#include <math.h>

#define INTEGER CHECKROB_COLUMN_INTEGER
#define NUMBER CHECKROB_COLUMN_NUMBER
#define FLOATS CHECKROB_COLUMN_FLOATS

static const column columns[] = {
    [SALIENCY_RS] = {"rs", NUMBER, "", 0, 1, 6, 0, "robustness score; empty unless evaluated"},
    [SALIENCY_REGION_SHARE] = {"region_share", NUMBER, "", 0, 1, 6, 0,
                               "share of the model's input that the object's regions cover: the score of a "
                               "flat map; empty unless evaluated"},
    [SALIENCY_LOGIT] = {"logit", NUMBER, "", -INFINITY, INFINITY, 9, COLUMN_SIGNIFICANT,
                        "logit of the class; empty where the model did not run, or its number is not finite"},
    [SALIENCY_PROBABILITY] = {"probability", NUMBER, "", 0, 1, 6, COLUMN_SIGNIFICANT,
                              "of the class: softmax of the logits, or the model's own ending; empty unless "
                              "evaluated"},
    [SALIENCY_RANK] = {"rank", INTEGER, "", 1, INFINITY, 0, 0,
                       "position of the class among the logits, from 1; empty unless evaluated"},
    [SALIENCY_HIT] = {"hit", INTEGER, "", 0, 1, 0, COLUMN_DERIVED,
                      "1: `rank` is at most the option `top_k`; 0: it is not; empty unless evaluated"},
    [SALIENCY_PREDICTED] = {"predicted", INTEGER, "", 0, INFINITY, 0, 0,
                            "index of the highest logit; empty unless evaluated"},
    [SALIENCY_RS0] = {"rs0", NUMBER, "", 0, 1, 6, COLUMN_DERIVED,
                      "object-blind score: the score of the same region with the mean map of the images of "
                      "other classes; empty without other classes"},
    [SALIENCY_ERS] = {"ers", NUMBER, "", -INFINITY, 1, 6, COLUMN_DERIVED, "`(rs - rs0) / (1 - rs0)`"},
    [SALIENCY_LIFT] = {"lift", NUMBER, "nats", -INFINITY, INFINITY, 6, COLUMN_DERIVED,
                       "`logit(rs) - logit(rs0)`"},
    [SALIENCY_CONTRAST] =
        {"contrast", NUMBER, "nats for the log-odds", -INFINITY, INFINITY, 6, 0,
         "evidence on the object less that elsewhere, in units of the score function; empty "
         "for methods without gradients and for several layers"},
    [SALIENCY_EMPTY_MAP] = {"empty_map", INTEGER, "", 0, 1, 0, COLUMN_HIDDEN,
                            "1: the map holds no saliency, so `rs` is 0, and `status` is `empty_map`"},
    [SALIENCY_POINTING_GAME] = {"pointing_game", NUMBER, "", 0, 1, 6, 0,
                                "1: a pixel of the highest value lies on the object; 0: none does"},
    [SALIENCY_RANK_ACCURACY] = {"rank_accuracy", NUMBER, "", 0, 1, 6, 0,
                                "of the K highest pixels, K the size of the region, the share on the object"},
    [SALIENCY_TOP_K_INTERSECTION] = {"top_k_intersection", NUMBER, "", 0, 1, 6, 0, "the same for K = 1000"},
    [SALIENCY_ATTRIBUTION_LOCALISATION] =
        {"attribution_localisation", NUMBER, "", 0, 1, 6, 0,
         "share of the map on the object: `rs` with a region of whole pixels"},
    [SALIENCY_AUC] = {"auc", NUMBER, "", 0, 1, 6, 0,
                      "area under the ROC curve of the map as a score for lying on the object"},
    [SALIENCY_IOU] = {"iou", NUMBER, "", 0, 1, 6, 0,
                      "highest intersection over union of the object with the pixels above a threshold"}};

const column_list saliency_columns = {columns, SALIENCY_COLUMNS};

static const column other_columns[] = {
    [OTHER_CLASS] = {"class", CHECKROB_COLUMN_TEXT, "", 0, 0, 0, 0, "name of the class"},
    [OTHER_INDEX] = {"index", INTEGER, "", 0, INFINITY, 0, 0,
                     "its output index; empty where it is not in the class map"},
    [OTHER_SHARE] = {"share", NUMBER, "", 0, 1, 6, 0,
                     "share of the saliency on that class's regions; regions of two classes may overlap"}};

static const child_table other = {"other", other_columns, OTHER_COLUMNS, 0,
                                  "the other classes that are annotated in the sample's image"};

static const column evidence_columns[] = {
    [EVIDENCE_HEIGHT] = {"height", INTEGER, "cells", 1, 16, 0, 0, "height of the grid"},
    [EVIDENCE_MAP] = {"map", FLOATS, "", 0, 1, 0, COLUMN_HIDDEN,
                      "the map, its sum over the image 1; of an empty map all zeros"},
    [EVIDENCE_REGION] = {"region", FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                         "weight of the object's regions in each cell"},
    [EVIDENCE_COUNTED] = {"counted", FLOATS, "", 0, INFINITY, 0, COLUMN_HIDDEN,
                          "weight of what counts in each cell; empty where all of the image counts"}};

static const child_table evidence = {"evidence", evidence_columns, EVIDENCE_COLUMNS, CHILD_ONE | CHILD_HIDDEN,
                                     "what is stored of an evaluated sample's map and region, to score the "
                                     "one against others"};

const child_table *const saliency_children[SALIENCY_CHILDREN] = {
    [SALIENCY_OTHER] = &other, [SALIENCY_EVIDENCE] = &evidence};
