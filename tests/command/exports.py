#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small exports of annotation tools, with the same boxes on the same images.

usage: exports.py write SCENES      writes each export to a folder of its own, with the options for it
       exports.py compare A.csv B.csv  whether two images.csv have the same classes and scores, scene by scene

The layouts are those that the tools document or that their exporters write: CVAT (COCO 1.0, YOLO 1.1, Pascal VOC
1.1, Ultralytics YOLO, CVAT for images), Label Studio (COCO, YOLO, Pascal VOC, JSON), Roboflow (COCO, YOLOv8),
labelImg (Pascal VOC, YOLO, CreateML), FiftyOne (COCODetectionDataset), Ultralytics (detect, segment, pose, obb,
and the predictions that it saves).
"""
import csv
import json
import os
import re
import shutil
import sys

NAMES = ["bag", "boot", "coat"]
SIDE = 64
# x, y, width, height in pixels from the left and top edge; from 1, because some tools write no 0 to VOC.
SCENES = {"bag_000": ("bag", [8, 6, 24, 30]), "boot_000": ("boot", [4, 20, 40, 28]), "coat_000": ("coat", [5, 2, 23, 33])}


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text if isinstance(text, str) else json.dumps(text, indent=2))


class Export:
    """A folder, its images, and the options that read it."""

    def __init__(self, scenes, name, options, images=None, image_name="%s.png", refused=False):
        self.folder = name
        put(name + "/options", options + "\n")
        if refused:
            put(name + "/refused", "")
        self.image_name = image_name
        for scene in SCENES if images is not None else []:
            path = os.path.join(name, images, image_name % scene)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(scenes, scene + ".png"), path)

    def put(self, path, text):
        put(os.path.join(self.folder, path), text)


def yolo(box):
    x, y, w, h = box
    return "%.6f %.6f %.6f %.6f" % ((x + w / 2) / SIDE, (y + h / 2) / SIDE, w / SIDE, h / SIDE)


def corners(box):
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def shares(numbers):
    return " ".join("%.6f" % (number / SIDE) for number in numbers)


def labels(export, folder, line):
    """A label file for each image; line(box) is what follows the class number."""
    for scene, (name, box) in SCENES.items():
        stem = os.path.splitext(export.image_name % scene)[0]
        export.put("%s/%s.txt" % (folder, stem), "%d %s\n" % (NAMES.index(name), line(box)))


def coco(export, file_name, first_id=1, image=None, annotation=None, extra_category=None, **rest):
    """COCO's instances; `image` and `annotation` are what the tool adds to each."""
    categories = ([extra_category] if extra_category else []) + [
        {"id": first_id + i, "name": name, "supercategory": ""} for i, name in enumerate(NAMES)
    ]
    images, annotations = [], []
    for i, (scene, (name, box)) in enumerate(SCENES.items()):
        images.append({"id": first_id + i, "width": SIDE, "height": SIDE, "file_name": file_name % scene, **(image or {})})
        annotations.append({
            "id": first_id + i, "image_id": first_id + i, "category_id": first_id + NAMES.index(name),
            "segmentation": [], "area": box[2] * box[3], "bbox": box, "iscrowd": 0, **(annotation or {}),
        })
    return {"images": images, "categories": categories, "annotations": annotations, **rest}


def voc(export, folder, filename, rest="", number=str, extra="", path=""):
    """A file for each image. These tools write coordinates from 0, with the corner behind the last pixel."""
    for scene, (name, (x, y, w, h)) in SCENES.items():
        stem = os.path.splitext(export.image_name % scene)[0]
        export.put("%s/%s.xml" % (folder, stem), """<annotation>
  <folder>images</folder><filename>%s</filename>%s
  <source><database>Unknown</database></source>
  <size><width>%d</width><height>%d</height><depth>3</depth></size>
  <segmented>0</segmented>
  <object>
    <name>%s</name>%s
    <bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox>%s
  </object>
</annotation>
""" % (filename % scene, path, SIDE, SIDE, name, rest, number(x), number(y), number(x + w), number(y + h), extra))


def turned(x, y, w, h):
    """The corners of a box that is turned by 90 degrees about its centre."""
    return x + (w - h) / 2, y + (h - w) / 2, x + (w + h) / 2, y + (h + w) / 2


def references(scenes):
    """Manifests: the boxes; as VOC reads numbers from 0, a pixel more at the left and the top; and turned."""
    rows = {"reference": lambda x, y, w, h: (x, y, x + w, y + h),
            "reference_voc": lambda x, y, w, h: (x - 1, y - 1, x + w, y + h),
            "reference_voc_turned": lambda x, y, w, h: turned(x - 1, y - 1, w + 1, h + 1),
            "reference_turned": turned}
    for kind, corner in rows.items():
        Export(scenes, kind, "--dataset manifest --images images --annotations m.csv", "images").put("m.csv", (
            "image,class,x1,y1,x2,y2\n" + "".join("%s.png,%s,%g,%g,%g,%g\n" % (scene, name, *corner(*box))
                                                  for scene, (name, box) in SCENES.items())))


def cvat(scenes):
    for name, rotation in ("cvat_coco", 0.0), ("cvat_coco_turned", 90.0):
        export = Export(scenes, name, "--dataset coco --images images/default --annotations annotations/instances_default.json",
                        "images/default")
        export.put("annotations/instances_default.json", coco(
            export, "%s.png", image={"license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0},
            annotation={"attributes": {"occluded": False, "rotation": rotation}},
            licenses=[{"name": "", "id": 0, "url": ""}], info={"contributor": "", "year": ""}))
    export = Export(scenes, "cvat_yolo", "--dataset yolo --images . --annotations . --names obj.names --list train.txt",
                    "obj_train_data")
    labels(export, "obj_train_data", yolo)
    export.put("obj.names", "\n".join(NAMES) + "\n")
    export.put("obj.data", "classes = 3\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n")
    export.put("train.txt", "".join("data/obj_train_data/%s.png\n" % scene for scene in SCENES))
    for name, rotation in ("cvat_voc", "0.0"), ("cvat_voc_turned", "90.0"):
        export = Export(scenes, name, "--dataset voc --images .", "JPEGImages")
        voc(export, "Annotations", "%s.png", "<occluded>0</occluded>", lambda value: "%.1f" % value,
            "<attributes><attribute><name>rotation</name><value>%s</value></attribute></attributes>" % rotation)
        export.put("ImageSets/Main/default.txt", "".join(scene + "\n" for scene in SCENES))
        export.put("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\n")
    for name, line in ("cvat_ultralytics", yolo), ("cvat_ultralytics_tracks", lambda box: yolo(box) + " 1"):
        export = Export(scenes, name, "--dataset yolo --images images --annotations labels --names data.yaml --list train.txt",
                        "images/train")
        labels(export, "labels/train", line)
        export.put("data.yaml", "names:\n  0: bag\n  1: boot\n  2: coat\npath: .\ntrain: train.txt\n")
        export.put("train.txt", "".join("data/images/train/%s.png\n" % scene for scene in SCENES))
    export = Export(scenes, "cvat_images_xml", "--dataset voc --images images --annotations annotations", "images",
                    refused=True)
    export.put("annotations/annotations.xml", "<?xml version='1.0'?><annotations><version>1.1</version></annotations>")


def label_studio(scenes):
    tail = {"info": {"year": 2024, "version": "1.0", "contributor": "Label Studio"}}
    for name, file_name in ("label_studio_coco", "images/1f2e3d4c-%s.png"), ("label_studio_coco_windows", "images\\1f2e3d4c-%s.png"):
        export = Export(scenes, name, "--dataset coco --images images --annotations result.json", "images", "1f2e3d4c-%s.png")
        export.put("result.json", coco(export, file_name, 0, annotation={"ignore": 0}, **tail))
    export = Export(scenes, "label_studio_yolo", "--dataset yolo --images images --annotations labels --names classes.txt",
                    "images", "1f2e3d4c-%s.png")
    labels(export, "labels", lambda box: " ".join(repr(float(share)) for share in yolo(box).split()))
    export.put("classes.txt", "\n".join(NAMES) + "\n")
    export.put("notes.json", {"categories": [{"id": i, "name": name} for i, name in enumerate(NAMES)], **tail})
    export = Export(scenes, "label_studio_voc", "--dataset voc --images images --annotations Annotations", "images",
                    "1f2e3d4c-%s.png")
    voc(export, "Annotations", "1f2e3d4c-%s", "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>")
    export = Export(scenes, "label_studio_json", "--dataset coco --images images --annotations export.json", "images",
                    refused=True)
    export.put("export.json", [{"id": 1, "annotations": [{"result": []}], "data": {"image": "/data/upload/1/coat_000.png"}}])


def roboflow(scenes):
    name = "%s_png.rf.0123456789abcdef.jpg"
    export = Export(scenes, "roboflow_coco", "--dataset coco --images train --annotations train/_annotations.coco.json",
                    "train", name)
    export.put("train/_annotations.coco.json", coco(
        export, name, 1, image={"license": 1, "date_captured": "2024-01-01T00:00:00+00:00"},
        extra_category={"id": 0, "name": "clothes", "supercategory": "none"},
        licenses=[{"id": 1, "url": "", "name": "CC BY 4.0"}], info={"year": "2024", "version": "1"}))
    export = Export(scenes, "roboflow_yolov8", "--dataset yolo --images . --annotations . --names data.yaml",
                    "train/images", name)
    labels(export, "train/labels", yolo)
    export.put("data.yaml", "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 3\n"
                            "names: ['bag', 'boot', 'coat']\n\nroboflow:\n  workspace: w\n  project: p\n  version: 1\n")
    export.put("README.dataset.txt", "# clothes\n")
    export.put("README.roboflow.txt", "clothes - v1\n")


def labelimg(scenes):
    export = Export(scenes, "labelimg_voc", "--dataset voc --images photos --annotations photos", "photos")
    voc(export, "photos", "%s.png", "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>",
        path="<path>C:\\Users\\me\\photos\\x.png</path>")
    export = Export(scenes, "labelimg_yolo", "--dataset yolo --images photos --annotations photos --names photos/classes.txt",
                    "photos")
    labels(export, "photos", yolo)
    export.put("photos/classes.txt", "\n".join(NAMES) + "\n")
    export = Export(scenes, "labelimg_createml", "--dataset coco --images photos --annotations photos/photos.json", "photos",
                    refused=True)
    export.put("photos/photos.json", [{"image": "coat_000.png", "annotations": []}])


def fiftyone(scenes):
    export = Export(scenes, "fiftyone_coco", "--dataset coco --images data --annotations labels.json", "data")
    whole = coco(export, "%s.png", 1, image={"license": None, "coco_url": None},
                 annotation={"score": None, "supercategory": None, "iscrowd": False, "area": float("nan")})
    for category in whole["categories"]:
        category["id"] -= 1
        category["supercategory"] = None
    for one in whole["annotations"]:
        one["category_id"] -= 1
        del one["segmentation"]
    export.put("labels.json", {"info": {"description": "Exported from FiftyOne"}, "licenses": [], **whole})


def ultralytics(scenes):
    yaml = "path: ../datasets/clothes\ntrain: images/train\nval: images/val\n%snames:\n  0: bag\n  1: boot\n  2: coat\n"

    def add(name, line, more="", names="data.yaml", refused=False):
        export = Export(scenes, "ultralytics_" + name,
                        "--dataset yolo --images images/val --annotations labels/val --names " + names, "images/val",
                        refused=refused)
        labels(export, "labels/val", line)
        export.put(names, yaml % more if names == "data.yaml" else "\n".join(NAMES) + "\n")

    def middle(box):
        x, y, w, h = corners(box)[0], corners(box)[1], box[2], box[3]
        return [x, y, x + w / 2, y, x + w, y, x + w, y + h, x, y + h]

    def keypoints(box):
        points = corners(box)
        return " ".join("%s %d" % (shares(points[i:i + 2]), v) for i, v in ((0, 2), (4, 1), (2, 2))) + " 0 0 0"

    add("detect", yolo)
    add("segment", lambda box: shares(middle(box) if box[0] == 8 else corners(box)))
    add("pose", lambda box: yolo(box) + " " + keypoints(box), "kpt_shape: [4, 3]\nflip_idx: [1, 0, 3, 2]\n")
    add("pose_names", lambda box: yolo(box) + " " + keypoints(box), names="classes.txt")
    add("obb", lambda box: shares(corners(box)))
    add("predictions", lambda box: yolo(box) + " 0.873211", names="classes.txt", refused=True)
    add("tracked", lambda box: yolo(box) + " 0.873211 1", names="classes.txt", refused=True)


def write(scenes):
    for tool in references, cvat, label_studio, roboflow, labelimg, fiftyone, ultralytics:
        tool(scenes)


def scores(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = {re.search("[a-z]+_000", row["image"]).group(): row for row in csv.DictReader(file)}
    return {scene: [row["class"], row["status"]] + [float(row[name] or -1) for name in ("rs", "region_share")]
            for scene, row in rows.items()}


def compare(one, other):
    left, right = scores(one), scores(other)
    for scene in left.keys() | right.keys():
        a, b = left.get(scene, ["missing"]), right.get(scene, ["missing"])
        if a[:2] != b[:2] or not all(abs(x - y) <= 1e-4 for x, y in zip(a[2:], b[2:])):
            sys.exit("%s: %s, and not %s" % (scene, b, a))


if __name__ == "__main__":
    {"write": write, "compare": compare}[sys.argv[1]](*sys.argv[2:])
