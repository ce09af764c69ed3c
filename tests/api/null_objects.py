#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function of the library crashes on NULL (include/checkrob/status.h). Usage: null_objects.py LIBRARY PLANTED

Every function of lib/checkrob.map is called with NULL for all its objects, texts and arrays, and then with NULL for each
of its pointers in turn, where all others are real: objects of the planted example (examples/planted), texts, arrays, room
for what is returned. An accessor must return that there is no value, and a function with a status must fail with
INVALID_ARGUMENT. Where the headers give NULL a meaning, MEANS_SOMETHING says so. Each call is made in a child process,
so that the name of a function that crashes is known.
"""

import ctypes
import math
import os
import re
import signal
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include/checkrob"
INVALID_ARGUMENT = -2
SECONDS = 60  # for one call

# Parameters for which NULL is allowed: the default, none, or no interest in what is returned.
MEANS_SOMETHING = {
    "options",  # nothing is set
    "limits",  # the default
    "user_data",  # passed on
    "ignored",  # nothing counts neither way
    "checkrob_options_unset name",  # no such option is set
    "checkrob_cut_new layers",  # forward only
    "checkrob_cut_run targets",  # no gradients
    "checkrob_explainer_run targets",
    "checkrob_saliency gradient",
    "checkrob_run_store path",  # no file
    "checkrob_dataset_new classes",  # samples of no class
    "checkrob_regions_open_voc class_name",  # all objects
    "checkrob_overlay regions",  # no outline
    "checkrob_overlay_styled regions",
    "checkrob_overlay_styled style",  # the default
    "checkrob_sheet_add regions",
    "checkrob_sheet_add_pictures right",
    "checkrob_paste input",  # the picture alone
    "checkrob_row_floats count",
    "checkrob_row_doubles count",
    "checkrob_model_input_size height",
    "checkrob_model_input_size width",
    "checkrob_explanation_map shape",
    "checkrob_explanation_attribution shape",
    "checkrob_extraction_on_batch callback",  # none
    "checkrob_extraction_on_failure callback",
    "checkrob_extraction_on_progress callback",
    "checkrob_gate_judge baseline",  # every violation is new
    "checkrob_run_on_row callback",
    "checkrob_run_on_progress callback",
    "checkrob_html_on_progress callback",
}
# Values of numbers and texts with which a call without NULL would get far; 0 for others.
VALUES = {
    "height": 64, "width": 64, "image_width": 64, "image_height": 64, "out_height": 8, "out_width": 8, "batch": 1,
    "channels": 4, "count": 4, "classes": 4, "capacity": 4096, "shards": 1, "shard": 1, "columns": 2, "rows": 2, "side": 16,
    "points": 3, "bytes": 2, "input_count": 1, "k": 2, "x2": 8.0, "y2": 8.0, "filter": 1, "geometry": 1, "method": 1, "score": 1,
    "pool": 1, "pooling": 1, "what": 1, "part": 1, "threads": 1, "value": b"1", "name": b"top_k", "column": b"rs",
    "table": b"sample", "class_name": b"coat", "layers": b"auto", "json": b"{}", "data": b"{}",
}
OVERRIDES = {
    "checkrob_method_find name": b"gradcam", "checkrob_score_function_find name": b"logit",
    "checkrob_combine_find name": b"mean", "checkrob_reference_find name": b"blank", "checkrob_pooling_find name": b"mean",
    "checkrob_layout_find name": b"auto", "checkrob_export_find name": b"classes.csv", "checkrob_verdict_find name": b"robust",
    "checkrob_gate_fail_on verdicts": b"doubtful", "checkrob_gate_fail_if condition": b"acc < 0",
    "checkrob_gate_max_failures limit": b"1%", "checkrob_gate_report format": 1, "checkrob_results_table name": b"class", "checkrob_run_note name": b"note", "checkrob_options_set_number name": b"level",
    "checkrob_options_add name": b"images", "checkrob_input_set_name name": b"a.png", "checkrob_class_map_find name": b"coat",
    "checkrob_cursor_seek part": 0, "checkrob_capture_activation layer": 0,
}
NUMBERS = {
    "double": ctypes.c_double, "float": ctypes.c_float, "size_t": ctypes.c_size_t, "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64, "uint32_t": ctypes.c_uint32, "unsigned": ctypes.c_uint, "int": ctypes.c_int,
}
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
PROGRESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p)
ENUMERATIONS, STRUCTURES, OBJECTS = set(), set(), set()


# ---- the functions, as the headers declare them ----


class Parameter:
    def __init__(self, text):
        self.text = text
        self.name = re.search(r"(\w+)(\[\d+\])?$", text)[1]
        self.type = re.match(r"(?:const |struct )*(\w+)", text)[1]
        self.is_callback = self.type.endswith("_callback")
        self.is_pointer = "*" in text or "[" in text or self.is_callback
        self.is_borrowed = text.startswith("const ") or self.is_callback
        # A pointer to a handle; not to a structure that begins with its size, and not a place for a new handle.
        self.is_object = bool(re.match(r"(?:const )?checkrob_\w+ \*(?!\*)", text)) and self.type in OBJECTS

    def ctype(self):
        return ctypes.c_void_p if self.is_pointer else NUMBERS.get(self.type, ctypes.c_int)


class Function:
    def __init__(self, declaration):
        result, self.name, parameters = re.fullmatch(r"(.*?)\b(checkrob_\w+)\((.*)\)", declaration).groups()
        self.result = result.strip()
        self.parameters = [] if parameters == "void" else [Parameter(p.strip()) for p in parameters.split(",")]

    def call(self, library, arguments):
        function = getattr(library, self.name)
        pointer = ctypes.c_char_p if self.result == "const char *" else ctypes.c_void_p
        function.restype = (
            None if self.result == "void" else pointer if "*" in self.result else NUMBERS.get(self.result, ctypes.c_int)
        )
        function.argtypes = [p.ctype() for p in self.parameters]
        return function(*arguments)

    def complaint(self, result):
        """What is wrong with what it returns without a value; "" for nothing."""
        if self.result == "void":
            return ""
        if self.result == "checkrob_status":
            return "" if result == INVALID_ARGUMENT else f"returns {result} instead of INVALID_ARGUMENT"
        none = result in (None, b"", 0, -1, 2**32 - 1) or (isinstance(result, float) and math.isnan(result))
        return "" if none else f"returns {result}"


def read_headers():
    text = "\n".join(path.read_text() for path in sorted(HEADERS.glob("*.h")))
    text = re.sub(r"/\*.*?\*/|^#[^\n]*", "", text, flags=re.S | re.M)
    ENUMERATIONS.update(re.findall(r"typedef enum (\w+)", text))
    STRUCTURES.update(re.findall(r"typedef struct (\w+) \{", text))
    OBJECTS.update(re.findall(r"typedef struct (\w+) \w+;", text))
    functions = [Function(" ".join(d.split())) for d in re.findall(r"CHECKROB_API\s+([^;]+);", text)]
    exported = set(re.findall(r"^    (checkrob_\w+);", (ROOT / "lib/checkrob.map").read_text(), flags=re.M))
    assert {f.name for f in functions} == exported, {f.name for f in functions} ^ exported
    return functions


# ---- one of everything ----


class World:
    """Objects of the planted example, and room."""

    def __init__(self, library, planted, folder):
        self.library, self.planted, self.folder = library, Path(planted), Path(folder)
        self.objects, self.kept = {}, []
        self.room = ctypes.create_string_buffer(1 << 20)
        self.numbers = ctypes.create_string_buffer(1 << 20)  # zeros of any type
        self.make()

    def do(self, name, *arguments):
        function = getattr(self.library, name)
        function.restype = ctypes.c_int
        if function(*arguments) != 0:
            self.library.checkrob_last_error.restype = ctypes.c_char_p
            raise RuntimeError(f"{name}: {self.library.checkrob_last_error().decode()}")

    def new(self, kind, name, *arguments):
        out = ctypes.c_void_p()
        self.do(name, ctypes.byref(out), *arguments)
        self.objects["checkrob_" + kind] = out
        return out

    def borrow(self, kind, name, *arguments):
        function = getattr(self.library, name)
        function.restype = ctypes.c_void_p
        self.objects["checkrob_" + kind] = ctypes.c_void_p(function(*arguments))

    def make(self):
        text = lambda path: str(path).encode()
        options = self.new("options", "checkrob_options_new")
        for name, value in (
            ("dataset", "voc"), ("images", self.folder / "images"), ("annotations", self.folder / "annotations"), ("threads", "1"),
        ):
            self.do("checkrob_options_set", options, name.encode(), text(value))
        for part, ending in (("images", "png"), ("annotations", "xml")):
            (self.folder / part).mkdir()
            for i in range(2):
                file = f"coat_00{i}.{ending}"
                (self.folder / part / file).write_bytes((self.planted / "scenes" / part / file).read_bytes())
        self.library.checkrob_model_set_threads(1)
        classes = self.new("class_map", "checkrob_class_map_open", text(self.planted / "classes.csv"))
        preprocess = self.new("preprocess", "checkrob_preprocess_open", text(self.planted / "preprocess.json"))
        model = self.new("model", "checkrob_model_open", text(self.planted / "model.pt"), 64, 64, options)
        dataset = self.new("dataset", "checkrob_dataset_open", options, classes)
        cursor = self.new("cursor", "checkrob_cursor_new", dataset, 1, 1)
        sample = self.new("sample", "checkrob_cursor_next", cursor)
        image = self.new("image", "checkrob_sample_open_image", sample, None)
        self.borrow("regions", "checkrob_sample_regions", sample)
        cut = self.new("cut", "checkrob_cut_new", model, b"auto", 1, 1 | 2 | 4)
        self.new("capture", "checkrob_cut_run", cut, self.numbers, ctypes.c_size_t(1), 64, 64, self.numbers)
        explainer = self.new("explainer", "checkrob_explainer_new", model, options)
        self.new("explanation", "checkrob_explainer_run", explainer, self.numbers, ctypes.c_size_t(1), 64, 64, self.numbers)
        self.new("extraction", "checkrob_extraction_new", model, dataset, preprocess, options)
        self.new("sheet", "checkrob_sheet_new", 2, 2, 32)
        run = self.new("run", "checkrob_run_new", model, dataset, preprocess, options)
        self.do("checkrob_run_store", run, text(self.folder / "r.sqlite"))
        self.do("checkrob_run_execute", run)
        results = self.new("results", "checkrob_results_open", text(self.folder / "r.sqlite"), None)
        self.new("html", "checkrob_html_new", results)
        self.borrow("row", "checkrob_results_totals", results)
        gate = self.new("gate", "checkrob_gate_new")
        self.do("checkrob_gate_fail_if", gate, b"acc > 2")
        self.do("checkrob_gate_judge", gate, results, None)
        pasted = (ctypes.c_void_p * 5)(ctypes.sizeof(ctypes.c_void_p) * 5, image, self.objects["checkrob_regions"], None, None)
        self.kept.append(pasted)
        self.objects["checkrob_pasted_image"] = ctypes.cast(pasted, ctypes.c_void_p)

    def with_borrowed(self, kind, check):
        """Calls `check` where the library lends an object of this kind: in a callback."""
        def callback(pointer, _):
            self.objects["checkrob_" + kind] = ctypes.c_void_p(pointer)
            check()
            return 0

        call = CALLBACK(lambda pointer, data: callback(pointer, data))
        if kind == "batch":
            self.do("checkrob_extraction_on_batch", self.objects["checkrob_extraction"], call, None)
            self.do("checkrob_extraction_execute", self.objects["checkrob_extraction"])
            return
        read = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)(
            lambda pointer, _, data: callback(pointer, data)
        )
        out, cursor, sample = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        self.do("checkrob_dataset_new", ctypes.byref(out), ctypes.c_size_t(1), read, None, None)
        self.do("checkrob_cursor_new", ctypes.byref(cursor), out, 1, 1)
        self.library.checkrob_cursor_next(ctypes.byref(sample), cursor)

    def value(self, function, parameter):
        """What a parameter gets if it is not the one that is NULL."""
        key = f"{function.name} {parameter.name}"
        value = OVERRIDES.get(key, VALUES.get(parameter.name, 0))
        if parameter.is_callback:
            return ctypes.cast(self.keep(CALLBACK(lambda *_: 0)), ctypes.c_void_p)
        if not parameter.is_pointer:
            return 0 if isinstance(value, bytes) else value
        if parameter.name == "user_data":
            return None
        if parameter.type in self.objects and "**" not in parameter.text:
            return self.objects[parameter.type]
        if parameter.text.startswith("const char *const *"):
            return ctypes.cast(self.keep((ctypes.c_char_p * 1)(str(self.folder / "r.sqlite").encode())), ctypes.c_void_p)
        if parameter.type in ("char", "void") and parameter.is_borrowed:
            if "path" in parameter.name:
                value = str(self.folder / ("new" if "out" in parameter.name else "r.sqlite")).encode()
            text = self.keep(ctypes.create_string_buffer(value if isinstance(value, bytes) else b"x"))
            return ctypes.cast(text, ctypes.c_void_p)
        if parameter.is_borrowed:
            return ctypes.addressof(self.numbers)
        if parameter.type in STRUCTURES:
            ctypes.memmove(self.room, (16).to_bytes(8, sys.byteorder), 8)  # its size
        return ctypes.addressof(self.room)

    def keep(self, thing):
        self.kept.append(thing)
        return thing


# ---- the checks ----


def in_child(task):
    """The text that a function returns, or how its process ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(SECONDS)
        try:
            text = task()
        except BaseException as problem:  # for the parent to see
            text = repr(problem)
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return f"ends with signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else text


def is_allowed(function, parameter):
    names = {parameter.name, f"{function.name} {parameter.name}"}
    return function.name.endswith("_free") or bool(names & MEANS_SOMETHING)


def without(world, function, nothing):
    """NULL for these parameters: what is wrong then."""
    arguments = [None if p in nothing else world.value(function, p) for p in function.parameters]
    if all(is_allowed(function, p) for p in nothing):
        if not function.name.endswith("_free"):
            function.call(world.library, arguments)
        return ""
    result = function.call(world.library, arguments)
    returns_room = "*" not in function.result and not any(p.is_borrowed or p.is_object for p in nothing)
    return "" if function.result == "void" or (returns_room and function.result != "checkrob_status") else function.complaint(result)


def check(world, function):
    pointers = [p for p in function.parameters if p.is_pointer and p.name != "user_data"]
    borrowed = [p for p in pointers if p.is_borrowed or p.is_object]
    cases = [[p] for p in pointers] + ([borrowed] if len(borrowed) > 1 else [])
    wrong = []
    for nothing in cases:
        text = in_child(lambda nothing=nothing: without(world, function, nothing))
        if text:
            wrong.append(f"{function.name}({', '.join(p.name + ' NULL' for p in nothing)}) {text}")
    return len(cases), wrong


def main(library, planted):
    functions = read_headers()
    assert len(functions) > 200, len(functions)
    lent = {"input", "batch"}
    with tempfile.TemporaryDirectory() as folder:
        world = World(ctypes.CDLL(library), planted, folder)
        calls, wrong, done = 0, [], set()

        def check_all(kind):
            nonlocal calls
            for function in functions:
                of = {p.type for p in function.parameters if p.is_object} & {"checkrob_" + k for k in lent}
                if function.name in done or (of and of != {"checkrob_" + kind}):
                    continue
                done.add(function.name)
                count, complaints = check(world, function)
                calls += count
                wrong.extend(complaints)

        check_all("")
        for kind in sorted(lent):
            world.with_borrowed(kind, lambda kind=kind: check_all(kind))
    missing = {f.name for f in functions} - done
    wrong += [f"{name} was not called" for name in sorted(missing)]
    print("\n".join(wrong) or f"{len(functions)} functions accept NULL, in {calls} calls")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
