# SPDX-License-Identifier: Apache-2.0
"""libcheckrob by ctypes: what the comparison needs of <checkrob/explain.h> and <checkrob/cut.h>. No torch: a process
holds one libtorch."""
import ctypes
from ctypes import byref, c_char_p, c_float, c_int64, c_size_t, c_void_p, POINTER

import numpy as np

LOGIT, GRADIENTS = 1, 4  # of checkrob_score_function, and of CHECKROB_CUT_...
PAPER = (("score", "logit"), ("reference", "none"))  # the formulas that peers have


def pointer(array):
    return array.ctypes.data_as(c_void_p)


def arrays(x, targets):
    return np.ascontiguousarray(x, np.float32), np.ascontiguousarray(targets, np.int64)


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.checkrob_last_error.restype = c_char_p
        for name in ("explanation_map", "capture_activation", "capture_gradient", "capture_logits"):
            getattr(self.c, "checkrob_" + name).restype = POINTER(c_float)

    def call(self, name, *arguments):
        if getattr(self.c, "checkrob_" + name)(*arguments) != 0:
            raise RuntimeError(self.c.checkrob_last_error().decode())

    def upsample(self, maps, side):
        out = np.empty((len(maps), side, side), np.float32)
        for n, one in enumerate(np.ascontiguousarray(maps, np.float32)):
            self.call("saliency_upsample", pointer(out[n]), c_size_t(side), c_size_t(side), pointer(one),
                      c_size_t(one.shape[0]), c_size_t(one.shape[1]))
        return out


class Model:
    def __init__(self, library, path, side):
        self.library, self.side, self.handle = library, side, c_void_p()
        library.call("model_open", byref(self.handle), path.encode(), side, side, None)

    def close(self):
        self.library.c.checkrob_model_free(self.handle)

    def capture(self, layer, x, targets):
        """A and G, [N, C, h, w], and the logits"""
        x, targets = arrays(x, targets)
        library, cut, handle, shape = self.library, c_void_p(), c_void_p(), (c_size_t * 4)()
        library.call("cut_new", byref(cut), self.handle, layer.encode(), LOGIT, GRADIENTS)
        try:
            library.call("cut_run", byref(handle), cut, pointer(x), c_size_t(len(x)), self.side, self.side,
                         pointer(targets))
        finally:
            library.c.checkrob_cut_free(cut)
        library.c.checkrob_capture_shape(shape, handle, c_size_t(0))
        a, g = (np.ctypeslib.as_array(get(handle, c_size_t(0)), tuple(shape)).copy()
                for get in (library.c.checkrob_capture_activation, library.c.checkrob_capture_gradient))
        classes = library.c.checkrob_model_class_count
        classes.restype = c_int64
        logits = np.ctypeslib.as_array(library.c.checkrob_capture_logits(handle), (len(x), classes(self.handle))).copy()
        library.c.checkrob_capture_free(handle)
        return a, g, logits

    def maps(self, method, layer, x, targets, options=()):
        x, targets = arrays(x, targets)
        library, explainer, explanation, shape = self.library, c_void_p(), c_void_p(), (c_size_t * 2)()
        wanted = c_void_p()
        library.call("options_new", byref(wanted))
        try:
            for name, value in (*PAPER, ("method", method), ("layer", layer), *options):
                library.call("options_set", wanted, name.encode(), str(value).encode())
            library.call("explainer_new", byref(explainer), self.handle, wanted)
            library.call("explainer_run", byref(explanation), explainer, pointer(x), c_size_t(len(x)), self.side,
                         self.side, pointer(targets))
            maps = []
            for n in range(len(x)):
                values = library.c.checkrob_explanation_map(shape, explanation, c_size_t(n))
                maps.append(np.ctypeslib.as_array(values, tuple(shape)).copy())
            return np.stack(maps)
        finally:
            library.c.checkrob_explanation_free(explanation)
            library.c.checkrob_explainer_free(explainer)
            library.c.checkrob_options_free(wanted)
