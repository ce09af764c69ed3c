# SPDX-License-Identifier: Apache-2.0
"""Scores a model on a folder of annotated images, and prints its classes, the least robust first.

usage: score.py MODEL PREPROCESS IMAGES ANNOTATIONS CLASSES
"""
import ctypes
import sys
from ctypes import byref, c_char_p, c_double, c_size_t, c_void_p

lib = ctypes.CDLL("libcheckrob.so.0")
lib.checkrob_last_error.restype = c_char_p
lib.checkrob_run_class_count.restype = c_size_t
lib.checkrob_run_class.restype = c_void_p
lib.checkrob_row_text.restype = c_char_p
lib.checkrob_row_number.restype = c_double


def call(name, *arguments):
    """Calls a function that returns a status."""
    if getattr(lib, "checkrob_" + name)(*arguments) != 0:
        raise RuntimeError(lib.checkrob_last_error().decode())


def new(name, *arguments):
    """Calls a function whose first out-parameter is a new object."""
    handle = c_void_p()
    call(name, byref(handle), *arguments)
    return handle


def main(model_path, preprocess_path, images, annotations, class_map):
    options = new("options_new")
    for name, value in ("dataset", "voc"), ("images", images), ("annotations", annotations):
        call("options_set", options, name.encode(), value.encode())

    preprocess = new("preprocess_open", preprocess_path.encode())
    height = lib.checkrob_preprocess_height(preprocess)
    width = lib.checkrob_preprocess_width(preprocess)
    classes = new("class_map_open", class_map.encode())
    dataset = new("dataset_open", options, classes)
    model = new("model_open", model_path.encode(), height, width, options)

    run = new("run_new", model, dataset, preprocess, options)
    call("run_execute", run)
    for rank in range(lib.checkrob_run_class_count(run)):
        row = c_void_p(lib.checkrob_run_class(run, c_size_t(rank)))
        name = lib.checkrob_row_text(row, b"class").decode()
        verdict = lib.checkrob_row_text(row, b"verdict").decode()
        accuracy = lib.checkrob_row_number(row, b"acc")
        crs = lib.checkrob_row_number(row, b"crs")
        print(f"{name}: accuracy {accuracy:.3f}, CRS {crs:.3f}, {verdict}")


main(*sys.argv[1:])
