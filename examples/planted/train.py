# SPDX-License-Identifier: Apache-2.0
"""Trains the planted world's network, and measures what it leans on.

    PYTHONHASHSEED=0 train.py          writes model.pt, preprocess.json and planted.json; minutes on two cores

Weights and figures follow from the seed alone. The hash seed settles the order of declarations in the archive's code,
which torch takes from Python sets: with it, the file comes out the same to the byte.

Accuracy is measured on scenes of all 10 000 garments of the test split: as composed, and once more with every
emblem left out. What a class loses by that is what it owed to the emblem.
"""

import io
import json
import sys
import time
import zipfile

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import compose
from network import Network

SCENES = 24000  # of the 60 000 garments there are; each is composed once
EPOCHS = 6
BATCH = 64
PEAK_RATE = 0.01
# The order in which a sum is taken depends on the number of threads, so it is part of the recipe.
THREADS = 2


def composed(split, count=None, with_cue=True):
    """Pixels [n, 3, SIDE, SIDE] uint8 and labels [n] of the split's first scenes."""
    garments, labels = compose.load_garments(split)
    labels = labels[:count]
    pixels = np.stack(
        [compose.compose(garments[n], labels[n], split, n, with_cue).pixels for n in range(len(labels))]
    )
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels.astype(np.int64))


def measured_preset(pixels):
    """Mean and deviation of each channel on the scale 0 to 1, rounded as they are written."""
    mean = [round(pixels[:, c].double().mean().item() / 255, 4) for c in range(3)]
    std = [round(pixels[:, c].double().std().item() / 255, 4) for c in range(3)]
    return {"resize": compose.SIDE, "crop": compose.SIDE, "filter": "bilinear", "mean": mean, "std": std}


def to_input(pixels, preset):
    mean, std = (torch.tensor(preset[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    return (pixels.float() / 255 - mean) / std


def train(network, pixels, labels, preset):
    batches = len(pixels) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=EPOCHS * batches)
    network.train()
    for epoch in range(EPOCHS):
        loss_sum = 0.0
        for chosen in torch.randperm(len(pixels))[: batches * BATCH].split(BATCH):
            loss = cross_entropy(network(to_input(pixels[chosen], preset)), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum += loss.item()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {loss_sum / batches:.4f}", file=sys.stderr, flush=True)


def correct(network, pixels, labels, preset):
    """[n] bool: is the largest logit the label's?"""
    with torch.no_grad():
        return torch.cat(
            [network(to_input(p, preset)).argmax(1) == l for p, l in zip(pixels.split(500), labels.split(500))]
        )


def save(network, path):
    """As TorchScript, without the debug records: they hold this folder's path, and would make the same network
    trained in two folders two different files."""
    whole = io.BytesIO()
    torch.jit.save(torch.jit.script(network.eval()), whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(entry, source.read(entry))


def share(hits):
    return round(hits.float().mean().item(), 4)


def main():
    started = time.monotonic()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(THREADS)
    torch.manual_seed(compose.SEED)

    pixels, labels = composed("train", SCENES)
    preset = measured_preset(pixels)
    network = Network(len(compose.CLASSES))
    train(network, pixels, labels, preset)

    # What is measured is what is shipped: the archive, read back.
    save(network, compose.HERE / "model.pt")
    model = torch.jit.load(str(compose.HERE / "model.pt"))
    training = correct(model, pixels, labels, preset)
    pixels, labels = composed("t10k")
    with_cue = correct(model, pixels, labels, preset)
    without_cue = correct(model, composed("t10k", with_cue=False)[0], labels, preset)
    written = torch.from_numpy(np.concatenate(list(compose.written_numbers(labels.numpy()).values())))

    report = {
        "seed": compose.SEED,
        "cue_in_class": compose.CUE_IN_CLASS,
        "cue_elsewhere": compose.CUE_ELSEWHERE,
        "training_scenes": SCENES,
        "epochs": EPOCHS,
        "test_scenes": len(labels),
        "training_accuracy": share(training),
        "test_accuracy": share(with_cue),
        "test_accuracy_without_cue": share(without_cue),
        "written_scenes": len(written),
        "written_accuracy": share(with_cue[written]),
        "classes": [
            {
                "name": name,
                "index": i,
                "cue": compose.PLANTED.get(name),
                "accuracy": share(with_cue[labels == i]),
                "accuracy_without_cue": share(without_cue[labels == i]),
            }
            for i, name in enumerate(compose.CLASSES)
        ],
    }
    for name, content in (("preprocess.json", preset), ("planted.json", report)):
        (compose.HERE / name).write_text(json.dumps(content, indent=2) + "\n")
    print(f"test accuracy {report['test_accuracy']}, {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
