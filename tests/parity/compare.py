# SPDX-License-Identifier: Apache-2.0
"""Step 2: checkrob's maps of the same models, held against step 1's. Needs NumPy and libcheckrob alone.

usage: compare.py FOLDER LIBRARY [MODEL...]

Prints tables in Markdown; the exit code is 1 where a pair that should agree does not.
"""
import json
import os
import sys
import time

import numpy as np

import formulas
from formulas import normalise
from library import Library, Model

TOLERANCE = 1e-3  # of maps, 0 to 1
EXACT = 1e-5      # of a formula that is given the same numbers
SIDE = 224
SIDES = ["grad-cam", "torchcam", "formula"]
METHODS = ["gradcam", "gradcam++", "xgradcam", "hirescam", "layercam", "cam", "eigencam", "ablationcam", "scorecam",
           "integrated-gradients"]


class Result:
    """What was found of one model and method."""

    def __init__(self):
        self.refused = None
        self.sides = {}    # side: largest difference, for those that follow checkrob's formula
        self.others = {}   # peer: (largest difference from checkrob, from the formula that it follows)
        self.rounding = 0  # largest difference of the formula in float32 from the one in float64
        self.own = None    # the formula, on checkrob's own activation and gradient
        self.flipped = None

    def tolerance(self):
        """Where torch's float32 moves a map by more than the tolerance, two of its kind differ by as much again."""
        return max(TOLERANCE, 2 * self.rounding)

    def faults(self):
        for side, value in self.sides.items():
            if not value <= self.tolerance():
                yield "%s: %g" % (side, value)
        for peer, (_, followed) in self.others.items():
            if followed is not None and not followed <= TOLERANCE:
                yield "%s, from its own formula: %g" % (peer, followed)
        if self.own is not None and not self.own <= EXACT:
            yield "the formula on checkrob's own activation and gradient: %g" % self.own

    def worst(self):
        return max(self.sides.values())


def difference(library, ours, theirs):
    """The largest, over the images that both have. An empty map would prove nothing: infinite."""
    ours, count = ours[:len(theirs)], min(len(ours), len(theirs))
    if ours.shape[-1] != theirs.shape[-1]:
        ours, theirs = (maps if maps.shape[-1] == SIDE else library.upsample(maps, SIDE) for maps in (ours, theirs))
    ours, theirs = normalise(ours), normalise(theirs[:count])
    if (ours.max((1, 2)) < 0.5).any() or (theirs.max((1, 2)) < 0.5).any():
        return float("inf")
    return float(np.abs(ours - theirs).max())


def by_better_sign(library, ours, raw):
    """An eigenvector has no sign; ours is said in saliency.h."""
    both = [[difference(library, ours[n:n + 1], sign * raw[n:n + 1]) for sign in (1, -1)] for n in range(len(raw))]
    return max(min(pair) for pair in both), sum(pair[1] < pair[0] for pair in both)


def compare_method(library, model, method, layer, peers, own, steps):
    result, targets, x = Result(), peers["targets"], peers["input"]
    theirs = {key.split("/")[0]: peers[key] for key in peers if key.endswith("/" + method)}
    count = max([len(theirs[side]) for side in theirs if side in SIDES] or [1])
    try:
        ours = model.maps(method, "auto" if method == "integrated-gradients" else layer, x[:count], targets[:count],
                          [("steps", steps)])
    except RuntimeError as refusal:
        result.refused = str(refusal)
        return result
    for side in SIDES:
        if side not in theirs:
            continue
        if method == "eigencam" and side == "grad-cam":
            result.sides[side], result.flipped = by_better_sign(library, ours, theirs[side])
        elif side + "'s" in theirs:
            result.others[side] = (difference(library, ours, theirs[side]),
                                   difference(library, theirs[side + "'s"], theirs[side]))
        elif method == "scorecam" and side != "formula":
            result.others[side] = (difference(library, ours, theirs[side]), None)
        else:
            result.sides[side] = difference(library, ours, theirs[side])
    if "double" in theirs:
        result.rounding = float(np.abs(theirs["formula"] - theirs["double"]).max())
    if method in formulas.PURE:
        result.own = difference(library, ours, formulas.PURE[method](*own))
    return result


def relative(ours, theirs):
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def compare_model(library, folder, name, plan, steps):
    """{method: Result}, and how far A, G and the logits are from a hook's, as a share of the largest"""
    peers = dict(np.load(os.path.join(folder, name + ".npz")), input=np.load(os.path.join(folder, "input.npy")))
    model = Model(library, os.path.join(folder, name + ".pt"), SIDE)
    own = model.capture(plan["layer"], peers["input"], peers["targets"])
    captured = [relative(ours, peers["hook/" + what]) for ours, what in zip(own, ("activation", "gradient", "logits"))]
    own = [array.astype(np.float64) for array in own[:2]]
    results, times = {}, []
    for method in METHODS:
        if method == "cam" or any(key.endswith("/" + method) for key in peers):
            start = time.time()
            results[method] = compare_method(library, model, method, plan["layer"], peers, own, steps)
            times.append("%s %.0f s" % (method, time.time() - start))
    model.close()
    print("%s: %s" % (name, ", ".join(times)), file=sys.stderr)
    return results, captured


def compare_noise(library, folder, name, plan, samples):
    """Smooth Grad-CAM++ with different noise: mean distances between checkrob's maps of two seeds, between the
    formula's, and from one to the other."""
    peers, x = np.load(os.path.join(folder, name + ".npz")), np.load(os.path.join(folder, "input.npy"))
    model = Model(library, os.path.join(folder, name + ".pt"), SIDE)
    ours = [normalise(model.maps("smoothgradcam++", plan["layer"], x[:1], peers["targets"][:1],
                                 [("noise_samples", samples), ("seed", seed)])) for seed in (0, 1)]
    theirs = [peers["formula %d/smoothgradcam++" % seed] for seed in (0, 1)]
    model.close()
    distance = lambda a, b: float(np.abs(a - b).mean())
    across = max(distance(a, b) for a in ours for b in theirs)
    return distance(*ours), distance(*theirs), across


# ---- what is printed ----

def cell(result):
    if result is None:
        return ""
    if result.refused:
        return "refused"
    letters = "".join(side[0] for side in SIDES if side in result.sides)
    text = "%.0e %s" % (result.worst(), letters)
    return text + " (%.0e)" % result.rounding if result.rounding > TOLERANCE / 2 else text


def print_maps(plans, results):
    print("\nLargest difference of the normalised maps from g(rad-cam), t(orchcam), f(ormula); in brackets, where it "
          "matters, how far\nfloat32 itself is from float64.\n")
    print("| model, layer | %s |\n|---%s|" % (" | ".join(METHODS), "|---" * len(METHODS)))
    for name, plan in plans.items():
        print("| %s `%s` | %s |" % (name.split(",")[0], plan["layer"],
                                    " | ".join(cell(results[name][0].get(method)) for method in METHODS)))


def print_captures(plans, results):
    print("\nAs a share of the largest, from a hook's; and the formulas on checkrob's own activation and gradient.\n")
    print("| model, layer | archive | activation | gradient | logits | formulas |\n|---|---|---|---|---|---|")
    for name, plan in plans.items():
        methods, captured = results[name]
        own = max(result.own for result in methods.values() if result.own is not None)
        print("| %s `%s` | %s | %s | %.0e |" % (name.split(",")[0], plan["layer"], plan["kind"],
                                              " | ".join("%.0e" % value for value in captured), own))


def print_others(results):
    found = {}
    for methods, _ in results.values():
        for method, result in methods.items():
            for peer, (ours, followed) in result.others.items():
                found.setdefault((peer, method), []).append((ours, followed))
    print("\nPeers that compute something else.\n")
    print("| peer | method | from checkrob, up to | from its own formula, up to | models |\n|---|---|---|---|---|")
    for (peer, method), values in sorted(found.items()):
        followed = [value for _, value in values if value is not None]
        print("| %s | %s | %.0e | %s | %d |" % (peer, method, max(ours for ours, _ in values),
                                                "%.0e" % max(followed) if followed else "not tried", len(values)))


def print_signs(results):
    eigen = [methods["eigencam"].flipped for methods, _ in results.values() if methods["eigencam"].flipped is not None]
    print("\nEigen-CAM: grad-cam has the other sign for %d images, of %d models." % (sum(eigen), len(eigen)))


def faults(plans, results):
    for name, plan in plans.items():
        methods, captured = results[name]
        for what, value in zip(("activation", "gradient", "logits"), captured):
            if not value <= TOLERANCE:
                yield "%s, %s: %g" % (name, what, value)
        for method, result in methods.items():
            should_refuse = method == "cam" and not plan["pooled"]
            if bool(result.refused) != should_refuse:
                yield "%s, %s: %s" % (name, method, result.refused or "it should have been refused")
            for fault in result.faults():
                yield "%s, %s against %s" % (name, method, fault)


def main(folder, path, *names):
    library = Library(path)
    with open(os.path.join(folder, "plan.json")) as file:
        run = json.load(file)
    plans = {name: plan for name, plan in run["models"].items() if not names or name in names}
    results = {name: compare_model(library, folder, name, plan, run["steps"]) for name, plan in plans.items()}
    print_maps(plans, results)
    print_captures(plans, results)
    print_others(results)
    print_signs(results)
    wrong = list(faults(plans, results))
    if "alexnet" in plans:
        ours, theirs, across = compare_noise(library, folder, "alexnet", plans["alexnet"], run["samples"])
        print("\nSmooth Grad-CAM++, %d samples, mean distance of maps of two seeds: checkrob's %.1e, the formula's %.1e, one "
              "from the other %.1e." % (run["samples"], ours, theirs, across))
        if not across <= 1.5 * max(ours, theirs):
            wrong.append("smoothgradcam++: %g" % across)
    for line in wrong:
        print("not in agreement: " + line, file=sys.stderr)
    print("\n%d models, %d not in agreement (tolerance %g)." % (len(plans), len(wrong), TOLERANCE))
    return 1 if wrong or not plans else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
