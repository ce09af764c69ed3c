"""Step 2: checkrob's maps of the same models, held against step 1's. Needs NumPy and libcheckrob alone.

usage: compare.py FOLDER LIBRARY [MODEL...]

Prints a table in Markdown; the exit code is 1 where a pair that should agree is further apart than 1e-3.
"""
import ctypes
import json
import os
import sys

import numpy as np

TOLERANCE = 1e-3
SIDE = 224

# Peers that follow another formula (docs/compatibility.md): held against that one instead.
OTHER_FORMULA = {("grad-cam", "gradcam++"): "grad-cam's formula", ("torchcam", "gradcam++"): "torchcam's formula",
                 ("torchcam", "cam"): "torchcam's formula"}

# XGrad-CAM divides by the sum of a channel, which float32 rounds where it is near 0: layers with negative values.
NEAR_ZERO_SUMS = {"efficientnet_lite0", "densenet121", "resnet152"}
NEAR_ZERO_TOLERANCE = 1e-2
METHODS = ["gradcam", "gradcam++", "xgradcam", "hirescam", "layercam", "cam", "eigencam", "ablationcam", "scorecam",
           "integrated-gradients"]


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.checkrob_last_error.restype = ctypes.c_char_p
        for name in ("checkrob_explanation_map", "checkrob_explanation_logits"):
            getattr(self.c, name).restype = ctypes.POINTER(ctypes.c_float)

    def check(self, status):
        if status != 0:
            raise RuntimeError(self.c.checkrob_last_error().decode())

    def open(self, path):
        model = ctypes.c_void_p()
        self.check(self.c.checkrob_model_open(ctypes.byref(model), path.encode()))
        self.check(self.c.checkrob_model_probe(model, SIDE, SIDE))
        return model

    def free(self, model):
        self.c.checkrob_model_free(model)

    def maps(self, model, layer, method, x, targets, steps=8):
        number, explainer, explanation = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
        self.check(self.c.checkrob_method_find(ctypes.byref(number), method.encode()))
        self.check(self.c.checkrob_explainer_new(ctypes.byref(explainer), model))
        try:
            for option, value in ((1, number.value), (5, steps)):
                self.check(self.c.checkrob_explainer_set(explainer, option, ctypes.c_int64(value)))
            self.check(self.c.checkrob_explainer_select_layer(explainer, layer.encode()))
            x, targets = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(targets, np.int64)
            self.check(self.c.checkrob_explainer_run(
                ctypes.byref(explanation), explainer, x.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(x)), SIDE,
                SIDE, targets.ctypes.data_as(ctypes.c_void_p)))
            maps, shape = [], (ctypes.c_size_t * 2)()
            for n in range(len(x)):
                values = self.c.checkrob_explanation_map(explanation, ctypes.c_size_t(n), shape)
                maps.append(np.ctypeslib.as_array(values, (shape[0], shape[1])).copy())
            return np.stack(maps)
        finally:
            self.c.checkrob_explanation_free(explanation)
            self.c.checkrob_explainer_free(explainer)

    def upsample(self, maps):
        out = np.empty((len(maps), SIDE, SIDE), np.float32)
        for n, one in enumerate(np.ascontiguousarray(maps, np.float32)):
            self.check(self.c.checkrob_saliency_upsample(
                out[n].ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(SIDE), ctypes.c_size_t(SIDE),
                one.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(one.shape[0]), ctypes.c_size_t(one.shape[1])))
        return out


def normalise(maps):
    maps = np.maximum(maps.astype(np.float64), 0)
    low, high = maps.min((-2, -1), keepdims=True), maps.max((-2, -1), keepdims=True)
    return (maps - low) / np.where(high > low, high - low, 1)


def difference(library, ours, theirs):
    """The largest, over normalised maps of equal size; an empty map would prove nothing."""
    if theirs.shape[-2:] != ours.shape[-2:]:
        ours = library.upsample(ours)
    ours, theirs = normalise(ours[:len(theirs)]), normalise(theirs)
    if not (ours.max((-2, -1)) > 0.5).all() or not (theirs.max((-2, -1)) > 0.5).all():
        return None
    return float(np.abs(ours - theirs).max())


def eigen_difference(ours, raw):
    """An eigenvector's sign is anybody's choice; ours is said in saliency.h. Each image by the better one."""
    worst, flipped = 0.0, 0
    for n in range(len(raw)):
        both = [float(np.abs(normalise(ours[n]) - normalise(sign * raw[n])).max()) for sign in (1, -1)]
        worst, flipped = max(worst, min(both)), flipped + (both[1] < both[0])
    return worst, flipped


def compare_model(library, folder, name, plan):
    x = np.load(os.path.join(folder, "input.npy"))
    peers = np.load(os.path.join(folder, name + ".npz"))
    targets, results = peers["targets"], {}
    try:
        model = library.open(os.path.join(folder, name + ".pt"))
    except RuntimeError as refusal:
        return {"all": [("refused", str(refusal), None)]}
    for method in METHODS:
        keys = [k for k in peers.files if k.split("/", 1)[-1] == method and "'s formula" not in k]
        count = min([len(peers[k]) for k in keys] or [1]) if method in ("ablationcam", "scorecam",
                                                                      "integrated-gradients") else len(x)
        if not keys and method != "cam":
            continue  # a cam that is not refused, though it should be, is an empty list
        try:
            layer = "auto" if method == "integrated-gradients" else plan["layer"]
            ours = library.maps(model, layer, method, x[:count], targets[:count])
        except RuntimeError as refusal:
            results[method] = [("refused", str(refusal), None)]
            continue
        results[method] = []
        for key in keys:
            side = key.split("/")[0]
            if method == "eigencam":
                worst, flipped = eigen_difference(ours, peers[key])
                results[method].append(("grad-cam", worst, "%d of %d with the other sign" % (flipped, count)))
            else:
                results[method].append((side, difference(library, ours, peers[key]), None))
    for (side, method), formula in OTHER_FORMULA.items():
        if side + "/" + method not in peers.files:
            continue
        followed = difference(library, peers[formula + "/" + method].astype(np.float32), peers[side + "/" + method])
        results[method].append((formula, followed, "to %s" % side))
    library.free(model)
    return results


def is_wrong(name, plan, method, side, value):
    if side == "refused":
        return method != "cam" or plan["linear"]
    if method == "cam" and not plan["linear"]:
        return True  # it should have been refused
    tolerance = NEAR_ZERO_TOLERANCE if method == "xgradcam" and name in NEAR_ZERO_SUMS else TOLERANCE
    return (side, method) not in OTHER_FORMULA and (value is None or not value <= tolerance)


def cell(side, value, remark):
    if side == "refused":
        return "refused: " + value.split(": ", 1)[-1] if "load" in value else "refused"
    text = "an empty map" if value is None else "%.1e" % value
    return "%s %s%s" % (side, text, " (%s)" % remark if remark else "")


def short(name, method, pairs):
    """The worst of those that follow checkrob's formula, and which they are: g(rad-cam), t(orchcam), f(ormula)."""
    if not pairs:
        return ""
    if pairs[0][0] == "refused":
        return "refused"
    same = [(value, side[0]) for side, value, _ in pairs if (side, method) not in OTHER_FORMULA and "'s" not in side]
    worst = max(value if value is not None else float("inf") for value, _ in same)
    return "%.0e %s" % (worst, "".join(sorted({side for _, side in same})))


def print_summary(plans, results):
    print("\n| model, layer | %s |\n|---%s|" % (" | ".join(METHODS), "|---" * len(METHODS)))
    for name, plan in plans.items():
        cells = [short(name, method, results[name].get(method)) for method in METHODS]
        if "all" in results[name]:
            cells = [results[name]["all"][0][1].split(": ", 1)[-1]]
        print("| %s `%s` | %s |" % (name, plan["layer"], " | ".join(cells)))
    followed = {}
    for name in plans:
        for method, pairs in results[name].items():
            for side, value, remark in pairs:
                if "'s formula" in side:
                    followed.setdefault((method, remark), []).append(float("inf") if value is None else value)
    for (method, remark), values in followed.items():
        print("%s: %s's own formula %s: %.0e over %d models" % (method, remark[3:], remark, max(values), len(values)))


def main(folder, path, *names):
    library = Library(path)
    with open(os.path.join(folder, "plan.json")) as file:
        plans = {name: plan for name, plan in json.load(file).items() if not names or name in names}
    wrong, all_results = [], {}
    print("| model | layer | method | largest difference |\n|---|---|---|---|")
    for name, plan in plans.items():
        results = all_results[name] = compare_model(library, folder, name, plan)
        for method, pairs in results.items():
            print("| %s (%s) | %s | %s | %s |" % (name, plan["kind"], plan["layer"], method,
                                                "; ".join(cell(*pair) for pair in pairs)), flush=True)
            if not pairs:
                wrong.append("%s, %s: should have been refused" % (name, method))
            for side, value, _ in pairs:
                if is_wrong(name, plan, method, side, value):
                    wrong.append("%s, %s against %s: %s" % (name, method, side, value))
    print_summary(plans, all_results)
    for line in wrong:
        print("not in agreement: " + line, file=sys.stderr)
    print("%d models, %d pairs not in agreement (tolerance %g)" % (len(plans), len(wrong), TOLERANCE))
    return 1 if wrong or not plans else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
