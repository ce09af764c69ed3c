# SPDX-License-Identifier: Apache-2.0
"""Step 1: exports the models, and computes their maps with the peers and by formula. Needs torch and the peers.

usage: peers.py FOLDER PHOTOS [MODEL...]

Writes FOLDER/input.npy, and for each model an archive MODEL.pt and MODEL.npz with arrays SIDE/METHOD, SIDE being
  grad-cam, torchcam      the peer's map
  formula, double         by formulas.py, with the A and G of the model in float32 and in float64
  grad-cam's, torchcam's  by the formula that the peer follows, where it isn't ours
"""
import json
import os
import sys
import time
import warnings

import numpy as np
import torch
from PIL import Image
from pytorch_grad_cam import AblationCAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, ScoreCAM, XGradCAM
from pytorch_grad_cam.ablation_layer import AblationLayer
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection
from torchcam import methods as torchcam

import formulas
import running
from formulas import normalise
from models import MODELS, SIDE, Behind, capture, choose_targets, export, hooked, in_double, make, output_of

PHOTOS = 8
MASKED, INTEGRATED = 1, 2    # photos, of the methods that take long
STEPS, SAMPLES = 8, 100      # of integrated gradients, of Smooth Grad-CAM++


def load_photos(folder):
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    photos = []
    for name in sorted(os.listdir(folder))[:PHOTOS]:
        pixels = np.asarray(Image.open(os.path.join(folder, name)).convert("RGB").resize((SIDE, SIDE)), dtype=np.float64)
        photos.append(((pixels / 255.0 - mean) / std).transpose(2, 0, 1))
    if len(photos) < PHOTOS:
        sys.exit("parity: %s has fewer than %d photos" % (folder, PHOTOS))
    return torch.from_numpy(np.stack(photos).astype(np.float32))


class ZeroAblation(AblationLayer):
    """The peer's own sets a channel of a layer with negative values to its minimum less 1e7 instead of zero."""

    def __call__(self, x):
        output = self.activations
        for row in range(output.size(0)):
            output[row, self.indices[row], :] = 0
        return output


class Case:
    def __init__(self, name, folder, x):
        self.spec, self.x = MODELS[name], x
        self.path = os.path.join(folder, name)
        self.model = make(name, x)
        self.kind = export(self.model, x, self.path + ".pt")
        self.targets = choose_targets(self.model, self.spec, x)
        self.maps = {"targets": self.targets.numpy()}

    def by_formula(self, side, model, x):
        a, g, logits = capture(model, self.spec, x, self.targets)
        for method, formula in formulas.PURE.items():
            self.maps[side + "/" + method] = normalise(formula(a, g))
        if self.spec.pooled:
            head = [m for m in model.modules() if isinstance(m, torch.nn.Linear)][-1]
            raw = formulas.cam(a, head.weight.detach().double().numpy()[self.targets.numpy()])
            self.maps[side + "/cam"] = normalise(raw)
            self.maps["torchcam's/cam"] = normalise(raw - raw.min((1, 2), keepdims=True))  # negative evidence stays
        if side == "formula":
            self.maps.update({"hook/activation": a, "hook/gradient": g, "hook/logits": logits.numpy(),
                              "grad-cam's/gradcam++": normalise(formulas.gradcampp_by_equation_19(a, g)),
                              "torchcam's/gradcam++": normalise(formulas.gradcampp_undivided(a, g))})
        few = slice(INTEGRATED)
        self.maps[side + "/integrated-gradients"] = normalise(
            running.integrated_gradients(model, x[few], self.targets[few], STEPS))
        return a

    def by_running(self, a):
        few = slice(MASKED)
        self.maps["formula/scorecam"] = normalise(running.scorecam(self.model, a[few], self.x[few], self.targets[few]))
        few = slice(self.spec.ablated)
        self.maps["formula/ablationcam"] = normalise(
            running.ablationcam(self.model, self.spec, self.x[few], self.targets[few]))

    def by_grad_cam(self):
        wanted = [ClassifierOutputTarget(int(target)) for target in self.targets]
        common = {"model": self.model, "target_layers": [self.model.get_submodule(self.spec.layer)]}
        if self.spec.layout != "nchw":
            common["reshape_transform"] = self.spec.as_map
        for method, peer in {"gradcam": GradCAM, "gradcam++": GradCAMPlusPlus, "xgradcam": XGradCAM, "hirescam": HiResCAM,
                             "layercam": LayerCAM}.items():
            with peer(**common) as extractor, self.protected():
                self.maps["grad-cam/" + method] = extractor(input_tensor=self.x, targets=wanted)
        a, _, _ = capture(self.model, self.spec, self.x, self.targets)
        self.maps["grad-cam/eigencam"] = get_2d_projection(a)  # its map before the sign is lost to relu
        if self.spec.layout == "nchw":  # its ablation knows no channels-last layers and empties the class token too
            maps = [self.ablation_behind(self.x[n:n + 1], wanted[n]) for n in range(self.spec.ablated)]
            self.maps["grad-cam/ablationcam"] = np.concatenate(maps)

    def ablation_behind(self, photo, target):
        """By the peer, on the part of the model behind the layer: it would run the whole for each channel."""
        behind = Behind(self.model, self.spec.layer, photo)
        return self.ablation(behind, behind.layer, output_of(self.model, self.spec, photo), target, running.ROWS)

    def ablation(self, model, layer, x, target, rows=32):
        with AblationCAM(model=model, target_layers=[layer], ablation_layer=ZeroAblation(), batch_size=rows) as extractor:
            return extractor(input_tensor=x, targets=[target])

    def by_torchcam(self):
        methods = {"gradcam": torchcam.GradCAM, "gradcam++": torchcam.GradCAMpp, "xgradcam": torchcam.XGradCAM,
                   "layercam": torchcam.LayerCAM}
        if self.spec.pooled and self.spec.layout == "nchw":
            methods["cam"] = torchcam.CAM
        options = {} if self.spec.layout == "nchw" else {"reshape_transform": self.spec.as_map}
        for method, peer in methods.items():
            with peer(self.model, target_layer=self.spec.layer, **options) as extractor, self.protected():
                scores = self.model(self.x)
                maps = extractor([int(target) for target in self.targets], scores)[0]
                self.maps["torchcam/" + method] = maps.detach().numpy()

    def protected(self):
        """Peers read the layer's output again after the run: an operation in place behind it would have changed it."""
        return hooked(self.model, self.spec.layer, lambda output: output.clone())

    def on_one_model(self):
        """What is told of one model alone: the peers' Score-CAM, another method, and the random one."""
        one, target = self.x[:MASKED], [int(self.targets[0])]
        with ScoreCAM(model=self.model, target_layers=[self.model.get_submodule(self.spec.layer)]) as extractor:
            self.maps["grad-cam/scorecam"] = extractor(input_tensor=one, targets=[ClassifierOutputTarget(target[0])])
        with torchcam.ScoreCAM(self.model, target_layer=self.spec.layer) as extractor:
            self.model(one)
            self.maps["torchcam/scorecam"] = extractor(target)[0].numpy()
        with self.protected():
            whole = self.ablation(self.model, self.model.get_submodule(self.spec.layer), one, ClassifierOutputTarget(target[0]))
        behind = self.maps["grad-cam/ablationcam"][:MASKED]
        for _ in range(2):  # the peer normalises before and after it resizes
            behind = scale_cam_image(behind, (SIDE, SIDE))
        difference = float(np.abs(whole - behind).max())
        print("grad-cam's Ablation-CAM of the whole model and of the part behind the layer differ by %.0e" % difference)
        assert difference < 1e-5
        for seed in (0, 1):
            self.maps["formula %d/smoothgradcam++" % seed] = normalise(running.smoothgradcampp(
                self.model, self.spec, one, self.targets[:MASKED], SAMPLES, seed))


def run_model(name, folder, x):
    start = time.time()
    case = Case(name, folder, x)
    times = []
    for step in (lambda: case.by_running(case.by_formula("formula", case.model, x)),
                 lambda: case.by_formula("double", in_double(case.model), x.double()),
                 case.by_grad_cam, case.by_torchcam) + ((case.on_one_model,) if name == "alexnet" else ()):
        began = time.time()
        step()
        times.append(time.time() - began)
    np.savez(case.path + ".npz", **case.maps)
    print("%s: %s, %.0f s (%s)" % (name, case.kind, time.time() - start, ", ".join("%.0f" % t for t in times)), flush=True)
    return {"layer": case.spec.layer, "kind": case.kind, "pooled": case.spec.pooled}


def main(folder, photos, *names):
    warnings.simplefilter("ignore")
    x = load_photos(photos)
    np.save(os.path.join(folder, "input.npy"), x.numpy())
    plan = {}
    for name in names or MODELS:
        try:
            plan[name] = run_model(name, folder, x)
        except ImportError as missing:
            print("%s: left out, %s" % (name, missing))
    with open(os.path.join(folder, "plan.json"), "w") as file:
        json.dump({"steps": STEPS, "samples": SAMPLES, "models": plan}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
