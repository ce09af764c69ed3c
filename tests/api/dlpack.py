# SPDX-License-Identifier: Apache-2.0
"""NumPy takes a capture's arrays by DLPack, without a copy, and may keep them longer than the capture.

usage: dlpack.py LIBRARY MODEL
"""
import ctypes
import gc
import sys

import numpy as np

SIDE = 64
LOGIT, GRADIENTS = 1, 4  # of checkrob_score_function, and of CHECKROB_CUT_...


class Shared:
    """What numpy.from_dlpack asks of a producer: here a DLManagedTensor that C handed over."""

    def __init__(self, pointer):
        self.pointer = pointer

    def __dlpack_device__(self):
        return 1, 0  # CPU

    def __dlpack__(self, stream=None):
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(self.pointer, b"dltensor", None)


def main(path, archive):
    library = ctypes.CDLL(path)
    library.checkrob_last_error.restype = ctypes.c_char_p
    for name in ("activation", "gradient", "logits"):
        getattr(library, "checkrob_capture_" + name).restype = ctypes.c_void_p

    def check(status):
        assert status == 0, library.checkrob_last_error().decode()

    model, cut, capture = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    check(library.checkrob_model_open(ctypes.byref(model), archive.encode(), SIDE, SIDE, None))
    check(library.checkrob_cut_new(ctypes.byref(cut), model, b"auto", LOGIT, GRADIENTS))
    x = np.random.default_rng(0).standard_normal((3, 3, SIDE, SIDE)).astype(np.float32)
    targets = (ctypes.c_int64 * 3)(0, 1, 2)
    check(library.checkrob_cut_run(ctypes.byref(capture), cut, x.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(3),
                                   SIDE, SIDE, targets))
    library.checkrob_cut_free(cut)
    arrays = {}
    for part, name in ((1, "logits"), (2, "activation"), (3, "gradient")):
        tensor = ctypes.c_void_p()
        check(library.checkrob_capture_dlpack(ctypes.byref(tensor), capture, part, ctypes.c_size_t(0)))
        arrays[name] = np.from_dlpack(Shared(tensor.value))
        data = getattr(library, "checkrob_capture_" + name)(capture, ctypes.c_size_t(0))
        assert arrays[name].__array_interface__["data"][0] == data, name + " was copied"
        assert arrays[name].dtype == np.float32 and len(arrays[name]) == 3
    logits, activation = arrays["logits"].copy(), arrays["activation"].copy()
    library.checkrob_capture_free(capture)
    gc.collect()
    assert np.array_equal(arrays["logits"], logits) and np.array_equal(arrays["activation"], activation)
    shapes = {name: array.shape for name, array in arrays.items()}
    arrays.clear()
    gc.collect()  # the last holder: the memory goes
    library.checkrob_model_free(model)
    print("shared without a copy:", shapes)


if __name__ == "__main__":
    main(*sys.argv[1:])
