# SPDX-License-Identifier: Apache-2.0
"""Reads a representation out: the mean of each channel of a layer, for each image of a folder, as a NumPy array.

usage: extract.py MODEL PREPROCESS IMAGES LAYER
"""
import ctypes
import sys
from ctypes import byref, c_char_p, c_float, c_size_t, c_void_p

import numpy as np

lib = ctypes.CDLL("libcheckrob.so.0")
lib.checkrob_last_error.restype = c_char_p
lib.checkrob_batch_rows.restype = c_size_t
lib.checkrob_batch_image.restype = c_char_p
lib.checkrob_batch_values.restype = ctypes.POINTER(c_float)
lib.checkrob_extraction_layers.restype = c_char_p

BatchCallback = ctypes.CFUNCTYPE(ctypes.c_int, c_void_p, c_void_p)


def call(name, *arguments):
    """Calls a function that returns a status."""
    if getattr(lib, "checkrob_" + name)(*arguments) != 0:
        raise RuntimeError(lib.checkrob_last_error().decode())


def new(name, *arguments):
    """Calls a function whose first out-parameter is a new object."""
    handle = c_void_p()
    call(name, byref(handle), *arguments)
    return handle


def read_out(model_path, preprocess_path, folder, layer):
    """The images' names, the array [images, channels], and the layer's path."""
    options = new("options_new")
    for name, value in ("images", folder), ("layer", layer), ("pool", "mean"):
        call("options_set", options, name.encode(), value.encode())
    preprocess = new("preprocess_open", preprocess_path.encode())
    height = lib.checkrob_preprocess_height(preprocess)
    width = lib.checkrob_preprocess_width(preprocess)
    images = new("dataset_open_images", options)
    model = new("model_open", model_path.encode(), height, width, options)
    extraction = new("extraction_new", model, images, preprocess, options)
    names, arrays = [], []

    @BatchCallback
    def add(batch, _):
        batch, shape = c_void_p(batch), (c_size_t * 3)()
        rows = lib.checkrob_batch_rows(batch)
        lib.checkrob_batch_shape(shape, batch, c_size_t(0))
        values = lib.checkrob_batch_values(batch, c_size_t(0))
        arrays.append(np.ctypeslib.as_array(values, (rows, shape[0])).copy())  # valid until add() returns
        names.extend(lib.checkrob_batch_image(batch, c_size_t(row)).decode() for row in range(rows))
        return 0

    call("extraction_on_batch", extraction, add, None)
    call("extraction_execute", extraction)
    return names, np.concatenate(arrays), lib.checkrob_extraction_layers(extraction).decode()


def main(*arguments):
    names, array, layer = read_out(*arguments)
    for name, row in list(zip(names, array))[:3]:
        print(f"{name}: {row[0]:.3f}, {row[1]:.3f}, {row[2]:.3f} and {len(row) - 3} more")
    print(f"{len(names)} images, layer {layer}")


main(*sys.argv[1:])
