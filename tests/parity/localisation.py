# SPDX-License-Identifier: Apache-2.0
"""checkrob's localisation metrics beside those of quantus.

usage: localisation.py measure FOLDER LIBRARY SHARED    maps, regions and checkrob's metrics, without torch
       localisation.py compare FOLDER                   quantus on the same maps and regions

Prints tables in Markdown; the exit code is 1 where a pair that should agree does not.
"""
import ctypes
import glob
import os
import sys
import time
import warnings
from ctypes import byref, c_double, c_size_t, c_uint32, c_void_p

import numpy as np

from library import Library, Model, pointer

PHOTOS, SIDE, TARGET, K = 50, 224, 104, 1000
TOLERANCE = 1e-6
METRICS = ["pointing_game", "rank_accuracy", "top_k_intersection", "attribution_localisation", "auc", "iou"]
RANKED = METRICS[1:3]


# ---- checkrob ----

class Localisation(ctypes.Structure):
    _fields_ = [("size", c_size_t)] + [(name, c_double) for name in METRICS]


class Photos:
    """Photos with their boxes as the model sees them."""

    def __init__(self, library):
        self.library, self.preprocess = library, c_void_p()
        library.call("preprocess_open", byref(self.preprocess), b"imagenet")

    def read(self, image_path, annotation_path):
        """Input [3, SIDE, SIDE] and coverage [SIDE, SIDE]"""
        library, image, regions = self.library, c_void_p(), c_void_p()
        x, coverage = np.empty((3, SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.float32)
        try:
            library.call("image_open", byref(image), image_path.encode(), None)
            library.call("regions_open_voc", byref(regions), annotation_path.encode(), None)
            library.call("preprocess_apply", pointer(x), self.preprocess, image)
            size = [c_uint32(getattr(library.c, "checkrob_image_" + side)(image)) for side in ("width", "height")]
            library.call("regions_coverage", pointer(coverage), regions, self.preprocess, *size, 1)
        finally:
            library.c.checkrob_image_free(image)
            library.c.checkrob_regions_free(regions)
        return x, coverage

    def first(self, shared):
        found = []
        for path in sorted(glob.glob(os.path.join(shared, "kangaroo", "images", "*.jpg"))):
            name = os.path.splitext(os.path.basename(path))[0]
            try:
                found.append(self.read(path, os.path.join(shared, "kangaroo", "annots", name + ".xml")))
            except RuntimeError as problem:
                print("left out: %s" % problem)
            if len(found) == PHOTOS:
                break
        return (np.stack(arrays) for arrays in zip(*found))


def localise(library, map, coverage):
    out = Localisation(ctypes.sizeof(Localisation))
    library.call("localise", byref(out), pointer(map), pointer(coverage), None, c_size_t(map.size))
    return [getattr(out, name) for name in METRICS]


def distinct(map, rng):
    """The map's order with its ties broken at random: no two pixels are equal."""
    order = np.lexsort((rng.random(map.size), map.flatten()))
    ranks = np.empty(map.size, np.float32)
    ranks[order] = np.arange(1, map.size + 1, dtype=np.float32) / map.size
    out = 0.5 * map.flatten() + 0.5 * ranks
    assert len(np.unique(out)) == map.size
    return out.reshape(map.shape)


def edges():
    """Maps and regions without an answer, or with a choice of answers."""
    ramp = (np.arange(SIDE * SIDE, dtype=np.float32) / SIDE**2).reshape(SIDE, SIDE)
    box = np.zeros((SIDE, SIDE), np.float32)
    box[50:100, 60:120] = 1
    return {"a flat map": (np.ones_like(ramp), box), "an empty map": (np.zeros_like(ramp), box),
            "a region of all pixels": (ramp, np.ones_like(box)), "no region": (ramp, np.zeros_like(box))}


def measure(folder, library_path, shared):
    library, rng = Library(library_path), np.random.default_rng(1)
    x, coverage = Photos(library).first(shared)
    model = Model(library, os.path.join(shared, "golden", "mobilenet_v2_050.pt"), SIDE)
    maps = library.upsample(model.maps("gradcam++", "features.18", x, np.full(len(x), TARGET)), SIDE)
    model.close()
    sets = {"as they are": maps, "ties broken": np.stack([distinct(map, rng) for map in maps]),
            "in steps of 1/16": np.round(maps * 16) / 16}
    saved = {"coverage": coverage}
    for name, those in sets.items():
        start = time.process_time()
        saved[name + "/values"] = np.array([localise(library, *pair) for pair in zip(those, coverage)])
        print("%s: %.2f ms a map" % (name, (time.process_time() - start) * 1e3 / len(those)))
        saved[name + "/maps"] = those
    for name, pair in edges().items():
        saved["edge/" + name] = np.array(localise(library, *pair))
    np.savez(os.path.join(folder, "localisation.npz"), **saved)


# ---- quantus ----

def quantus_metrics(maps, regions, wanted=METRICS[:5]):
    """[N, wanted], through quantus' own front door and with its defaults. float64, since quantus adds up in the maps'
    own precision."""
    import quantus
    kinds = {"pointing_game": quantus.PointingGame, "rank_accuracy": quantus.RelevanceRankAccuracy,
             "top_k_intersection": quantus.TopKIntersection, "auc": quantus.AUC,
             "attribution_localisation": quantus.AttributionLocalisation}
    maps, regions = maps[:, None].astype(np.float64), regions[:, None]
    x, y = np.zeros((len(maps), 3, SIDE, SIDE), np.float32), np.zeros(len(maps), int)
    values = [kinds[name](disable_warnings=True, display_progressbar=False)(
        model=None, x_batch=x, y_batch=y, a_batch=maps, s_batch=regions, channel_first=True) for name in wanted]
    return np.array(values, float).T


def best_iou(map, region):
    """quantus has none: here by its definition, over all values as thresholds."""
    values, inverse = np.unique(map, return_inverse=True)
    inside = np.bincount(inverse.flatten(), region.flatten(), len(values))[::-1].cumsum()
    both = np.bincount(inverse.flatten(), minlength=len(values))[::-1].cumsum()
    ious = inside / (region.sum() + both - inside)
    return ious[values[::-1] > 0].max()


def tie_range(map, region, k):
    """The least and the most of the k highest pixels that any order of equal ones puts on the region, as shares."""
    cut = np.sort(map.flatten())[-k]
    sure = int((region & (map > cut)).sum())
    places = k - int((map > cut).sum())
    level, level_inside = int((map == cut).sum()), int((region & (map == cut)).sum())
    least, most = max(0, places - (level - level_inside)), min(places, level_inside)
    return (sure + least) / k, (sure + most) / k


def shuffled_mean(maps, regions, rounds):
    """quantus' metrics of RANKED over orders of the pixels: means and their standard errors, [N, 2]"""
    rng, values = np.random.default_rng(2), []
    for _ in range(rounds):
        order = rng.permutation(SIDE * SIDE)
        shuffle = lambda arrays: arrays.reshape(len(arrays), -1)[:, order].reshape(arrays.shape)
        values.append(quantus_metrics(shuffle(maps), shuffle(regions), RANKED))
    return np.mean(values, 0), np.std(values, 0, ddof=1) / np.sqrt(rounds)


def compare_set(name, maps, regions, ours):
    """Prints a set's rows, and yields what is wrong."""
    theirs = np.column_stack([quantus_metrics(maps, regions), [best_iou(*pair) for pair in zip(maps, regions)]])
    difference = np.where(np.isnan(ours) & np.isnan(theirs), 0, np.abs(ours - theirs))
    sizes = {"rank_accuracy": [int(region.sum()) for region in regions], "top_k_intersection": [K] * len(maps)}
    for m, metric in enumerate(METRICS):
        tied = np.zeros(len(maps), bool)
        if metric in sizes:
            ranges = np.array([tie_range(map, region, k) for map, region, k in zip(maps, regions, sizes[metric])])
            tied = ranges[:, 0] < ranges[:, 1]
            for who, values in (("checkrob", ours[:, m]), ("quantus", theirs[:, m])):
                if (values < ranges[:, 0] - 1e-12).any() or (values > ranges[:, 1] + 1e-12).any():
                    yield "%s, %s: %s is outside of what ties allow" % (name, metric, who)
        worst = difference[~tied, m].max() if not tied.all() else 0.0
        print("| %s | %s | %d | %.0e | %s |" % (name, metric, (~tied).sum(), worst, "%d, up to %.2g" % (
            tied.sum(), difference[tied, m].max()) if tied.any() else ""))
        if not worst <= TOLERANCE:
            yield "%s, %s: %g" % (name, metric, worst)


def compare_shuffled(maps, regions, ours, rounds=40):
    means, errors = shuffled_mean(maps, regions, rounds)
    deviations, moved = np.abs(ours - means), errors > 0
    ratios = deviations[moved] / errors[moved]
    print("\nquantus over %d orders of the pixels of %d maps in steps of 1/16: where a value depends on the order (%d "
          "of %d),\nits mean is %.1f standard errors from checkrob's value at most, %.1f as a root mean square." % (
              rounds, len(maps), moved.sum(), moved.size, ratios.max(), np.sqrt(np.mean(ratios**2))))
    if ratios.max() > 5 or (deviations[~moved] > TOLERANCE).any():
        yield "the mean over orders: %g standard errors" % ratios.max()


def print_edges(saved):
    print("\n| | | %s |\n|---|%s" % (" | ".join(METRICS[:5]), "---|" * 6))
    for name, (map, coverage) in edges().items():
        try:
            theirs = " | ".join("%.3g" % value for value in quantus_metrics(map[None], coverage[None] >= 0.5)[0])
        except Exception as refusal:  # whatever quantus raises is its answer
            theirs = "%s: %s" % (type(refusal).__name__, " ".join(str(refusal).split()))
        print("| %s | checkrob | %s |" % (name, " | ".join("%.3g" % value for value in saved["edge/" + name][:5])))
        print("| | quantus | %s |" % theirs)


def compare(folder):
    import quantus
    import sklearn
    warnings.simplefilter("ignore")
    saved = np.load(os.path.join(folder, "localisation.npz"))
    regions, faults = saved["coverage"] >= 0.5, []
    print("quantus %s, scikit-learn %s; %d maps a set; %d regions of all pixels, without AUC on both sides\n" % (
        quantus.__version__, sklearn.__version__, len(regions), regions.all((1, 2)).sum()))
    print("| maps | metric | comparable | largest difference | cut among equal pixels |\n|---|---|---|---|---|")
    names = [key[:-len("/maps")] for key in saved if key.endswith("/maps")]
    for name in names:
        faults += compare_set(name, saved[name + "/maps"], regions, saved[name + "/values"])
    steps = [saved["in steps of 1/16/" + what][:12] for what in ("maps", "values")]
    faults += compare_shuffled(steps[0], regions[:12], steps[1][:, 1:3])
    print_edges(saved)
    for fault in faults:
        print("FAULT: %s" % fault)
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"] and len(sys.argv) == 5:
        sys.exit(measure(*sys.argv[2:]))
    if sys.argv[1:2] == ["compare"] and len(sys.argv) == 3:
        sys.exit(compare(*sys.argv[2:]))
    sys.exit(__doc__)
