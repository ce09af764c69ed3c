#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a large COCO file, and prints its peak memory and its time.

usage: coco_memory.py LIBCHECKROB FOLDER [MEGABYTES]     (default: 450)

Makes a JSON of COCO's own form, as large as the training set's (polygons, runs, crowds), with no image files beside
three; opens it as a dataset and reads every thousandth image's annotations. Fails above 1 GB.
"""
import ctypes
import json
import os
import random
import resource
import sys
import time


def make(path, megabytes):
    rng, number = random.Random(1), 0
    with open(path, "w") as file:
        file.write('{"info": {"description": "made"}, "licenses": [], "annotations": [')
        while file.tell() < megabytes * 2**20 * 0.94:
            points = [round(rng.uniform(0, 480), 2) for _ in range(2 * rng.randint(4, 45))]
            crowd = number % 90 == 89
            segmentation = {"counts": [480 * 100, 480 * 2, 480 * 538], "size": [480, 640]} if crowd else [points]
            file.write((", " if number else "") + json.dumps({
                "segmentation": segmentation, "area": 1234.5, "iscrowd": int(crowd), "image_id": number // 7 * 3 + 1,
                "bbox": [10.5, 20.25, 100.0, 200.0], "category_id": number % 80 + 1, "id": number + 1}))
            number += 1
        images = number // 7 + 1
        file.write('], "images": [' + ", ".join(json.dumps({
            "license": 1, "file_name": "%012d.jpg" % i, "coco_url": "http://images.cocodataset.org/train2017/%012d.jpg" % i,
            "height": 480, "width": 640, "date_captured": "2013-11-14 17:02:52", "id": i * 3 + 1}) for i in range(images)))
        file.write('], "categories": [' + ", ".join(json.dumps({
            "supercategory": "thing", "id": i + 1, "name": "class %d" % i}) for i in range(80)) + "]}")
    return number, images


def main(library, folder, megabytes=450):
    os.makedirs(folder + "/images", exist_ok=True)
    path = folder + "/instances.json"
    annotations, images = make(path, int(megabytes))
    for i in (0, 1, 2):
        open("%s/images/%012d.jpg" % (folder, i), "w").close()
    with open(folder + "/classes.csv", "w") as file:
        file.write("name,index\n" + "".join("class %d,%d\n" % (i, i) for i in range(80)))

    c = ctypes.CDLL(os.path.abspath(library))
    c.checkrob_last_error.restype = ctypes.c_char_p
    c.checkrob_dataset_input_count.restype = ctypes.c_size_t
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.time()
    classes, dataset, sample = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    assert c.checkrob_class_map_open(ctypes.byref(classes), (folder + "/classes.csv").encode()) == 0
    options, cursor = ctypes.c_void_p(), ctypes.c_void_p()
    assert c.checkrob_options_new(ctypes.byref(options)) == 0
    for name, value in ("dataset", "coco"), ("images", folder + "/images"), ("annotations", path):
        assert c.checkrob_options_set(options, name.encode(), value.encode()) == 0
    assert c.checkrob_dataset_open(ctypes.byref(dataset), options, classes) == 0, \
        c.checkrob_last_error().decode()
    assert c.checkrob_cursor_new(ctypes.byref(cursor), dataset, 0, 0) == 0
    opened = time.time() - start
    count = c.checkrob_dataset_input_count(dataset)
    assert count == images, (count, images)
    samples = 0
    while c.checkrob_cursor_next(ctypes.byref(sample), cursor) == 0 and samples < 30:
        samples += c.checkrob_sample_status(sample) == 0
        c.checkrob_sample_free(sample)
        if samples >= 15:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("%.0f MB, %d images, %d annotations: opened in %.1f s, peak %.0f MiB (%.0f before)"
          % (os.path.getsize(path) / 1e6, images, annotations, opened, peak / 1024, before / 1024))
    assert samples >= 15, "the images' annotations were not read"
    return 0 if peak < 1e9 / 1024 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
