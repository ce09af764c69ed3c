#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What checkrob.export makes of networks of torchvision, timm, Hugging Face, Lightning and Ultralytics.

usage: CHECKROB_LIBRARY=build/lib/libcheckrob.so PYTHONPATH=python/src export_models.py [NAME ... | refused]

The weights are random with a fixed seed: nothing is downloaded. Prints a Markdown table, then what export() says of
networks that can't be exported. Fails if one of the others is refused, or if one that can't be exported is written.
Libraries that are not installed are left out, with a remark.
"""

from __future__ import annotations

import importlib.util
import pathlib
import platform
import sys
import tempfile
import time

import checkrob
import torch

SIZE = {"inception_v3": 299, "maxvit_pico_rw_256": 256, "mobilevit_xs": 256}


def torchvision(name):
    from torchvision import models

    return models.get_model(name, weights=None) if hasattr(models, "get_model") else getattr(models, name)(weights=None)


def timm(name):
    import timm

    return timm.create_model(name, pretrained=False)


def transformers(name):
    import transformers

    configs = {
        "ViT": {"num_hidden_layers": 4},
        "Swin": {"depths": [1, 1, 2, 1]},
        "ConvNext": {"depths": [1, 1, 3, 1]},
        "Dinov2": {"num_hidden_layers": 4, "image_size": 224},
    }
    config = getattr(transformers, name + "Config")(num_labels=10, **configs[name])
    return getattr(transformers, name + "ForImageClassification")(config)


def pytorch_lightning(_name):
    import pytorch_lightning

    class Classifier(pytorch_lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.backbone = torchvision("resnet18")

        def forward(self, images):
            return self.backbone(images)

        def training_step(self, batch, _number):
            return torch.nn.functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    module = Classifier()
    # As after training: the module holds its trainer.
    images = torch.utils.data.TensorDataset(torch.zeros(2, 3, 64, 64), torch.tensor([0, 1]))
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    pytorch_lightning.Trainer(max_steps=1, accelerator="cpu", **quiet).fit(module, torch.utils.data.DataLoader(images))
    return module


def ultralytics(name):
    from ultralytics import YOLO

    return YOLO(name + ".yaml", task="classify")


NETWORKS = [
    (torchvision, "resnet50"),
    (torchvision, "densenet121"),
    (torchvision, "mobilenet_v3_large"),
    (torchvision, "efficientnet_b0"),
    (torchvision, "convnext_tiny"),
    (torchvision, "vit_b_16"),
    (torchvision, "swin_t"),
    (timm, "efficientnet_lite0"),
    (timm, "regnety_002"),
    (timm, "deit_tiny_distilled_patch16_224"),
    (timm, "mixer_s32_224"),
    (timm, "xcit_nano_12_p16_224"),
    (timm, "mobilevit_xs"),
    (timm, "maxvit_pico_rw_256"),
    (transformers, "ViT"),
    (transformers, "Swin"),
    (transformers, "ConvNext"),
    (transformers, "Dinov2"),
    (pytorch_lightning, "resnet18"),
    (ultralytics, "yolo11n-cls"),
]


def fill_heads(module):
    """Some networks begin with a last layer of zeros, whose outputs would agree whatever is before it."""
    for layer in module.modules():
        if isinstance(layer, torch.nn.Linear) and not layer.weight.any():
            torch.nn.init.normal_(layer.weight, std=0.02)


def exported(maker, name, folder):
    """A line of the table."""
    torch.manual_seed(0)
    module = maker(name)
    fill_heads(getattr(module, "model", module) if maker is ultralytics else module)
    size = SIZE.get(name, 224)
    start = time.monotonic()
    found = checkrob.export(module, (3, size, size), folder / "model.pt")
    seconds = time.monotonic() - start
    batch = "any" if found.batch is None else found.batch
    layers = ", ".join(f"`{layer}`" for layer in found.layers)
    return (f"| {maker.__name__} `{name}` | {found.way} | {batch} | {found.output_difference:.0e} | {layers} | "
            f"{found.layer_difference:.0e} | {seconds:.0f} |")  # fmt: skip


def not_exported():
    """(name, module, size) of networks that can't be exported."""
    from torchvision.models import detection, segmentation

    class Numpy(torch.nn.Sequential):
        def forward(self, images):
            return super().forward(torch.from_numpy(images.numpy().clip(0)))

    plain = {"weights": None, "weights_backbone": None}
    yield "ssdlite320_mobilenet_v3_large", detection.ssdlite320_mobilenet_v3_large(**plain), 320
    yield "lraspp_mobilenet_v3_large", segmentation.lraspp_mobilenet_v3_large(**plain), 224
    yield "a forward with NumPy", Numpy(torchvision("resnet18")), 224


def main(chosen):
    torch.set_num_threads(2)
    failed = []
    print(f"torch {torch.__version__}, Python {platform.python_version()}\n")
    columns = ["network", "archive", "images at once", "outputs", "layers", "activations", "seconds"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    missing = sorted({maker.__name__ for maker, _ in NETWORKS if not importlib.util.find_spec(maker.__name__)})
    with tempfile.TemporaryDirectory() as folder:
        for maker, name in NETWORKS:
            if maker.__name__ in missing or (chosen and name not in chosen):
                continue
            try:
                print(exported(maker, name, pathlib.Path(folder)), flush=True)
            except checkrob.CheckrobError as problem:
                failed.append(name)
                print(f"| {maker.__name__} `{name}` | {problem} |", flush=True)
        for name in missing:
            print(f"\n{name} is not installed: left out")
        for name, module, size in () if chosen and chosen != ["refused"] else not_exported():
            try:
                checkrob.export(module, (3, size, size), pathlib.Path(folder) / "refused.pt")
                failed.append(name)
            except checkrob.ExportError as problem:
                print(f"\n{name}: {problem}", flush=True)
    if failed:
        print("unexpected: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
