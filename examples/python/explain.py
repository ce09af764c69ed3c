# SPDX-License-Identifier: Apache-2.0
"""Explains one image in memory: which part of it speaks for a class?

usage: explain.py MODEL PREPROCESS IMAGE CLASS-INDEX
"""
import ctypes
import sys
from ctypes import byref, c_char_p, c_float, c_int64, c_size_t, c_void_p

import numpy as np
from PIL import Image

lib = ctypes.CDLL("libcheckrob.so.0")
lib.checkrob_last_error.restype = c_char_p
lib.checkrob_explainer_layers.restype = c_char_p
lib.checkrob_explanation_logits.restype = ctypes.POINTER(c_float)
lib.checkrob_explanation_map.restype = ctypes.POINTER(c_float)


def call(name, *arguments):
    """Calls a function that returns a status."""
    if getattr(lib, "checkrob_" + name)(*arguments) != 0:
        raise RuntimeError(lib.checkrob_last_error().decode())


def new(name, *arguments):
    """Calls a function whose first out-parameter is a new object."""
    handle = c_void_p()
    call(name, byref(handle), *arguments)
    return handle


def pointer(array):
    return array.ctypes.data_as(c_void_p)


def main(model_path, preprocess_path, image_path, class_index):
    pixels = np.ascontiguousarray(Image.open(image_path).convert("RGB"))
    target = c_int64(int(class_index))

    preprocess = new("preprocess_open", preprocess_path.encode())
    height = lib.checkrob_preprocess_height(preprocess)
    width = lib.checkrob_preprocess_width(preprocess)
    image = new("image_from_rgb", pointer(pixels), pixels.shape[1], pixels.shape[0])
    x = np.empty((3, height, width), np.float32)
    call("preprocess_apply", pointer(x), preprocess, image)

    model = new("model_open", model_path.encode(), height, width, None)
    explainer = new("explainer_new", model, None)  # None: Grad-CAM++ at the layer "auto"
    explanation = new("explainer_run", explainer, pointer(x), c_size_t(1), height, width, byref(target))

    logits = lib.checkrob_explanation_logits(explanation)
    layer = lib.checkrob_explainer_layers(explainer).decode()
    print(f"class {target.value}, logit {logits[target.value]:.3f}, layer {layer}")
    shape = (c_size_t * 2)()
    saliency = np.ctypeslib.as_array(lib.checkrob_explanation_map(shape, explanation, c_size_t(0)), tuple(shape))
    row, column = np.unravel_index(saliency.argmax(), saliency.shape)
    print(f"the map has {shape[0]} x {shape[1]} positions; the brightest is in row {row}, column {column}")


main(*sys.argv[1:])
