# SPDX-License-Identifier: Apache-2.0
"""The planted world's classifier: small enough to ship, and fine enough to see where it looks."""

from torch import nn


def stage(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Network(nn.Module):
    """[N, 3, 64, 64] -> [N, classes]. The last map has 16x16 cells, each of which sees 39x39 pixels: enough for
    a garment, too little for a garment and an emblem in the opposite corner."""

    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            stage(3, 24, stride=2),
            stage(24, 32, stride=2),
            stage(32, 48),
            stage(48, 64),
            stage(64, 64),
            stage(64, 96),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classify = nn.Linear(96, classes)

    def forward(self, x):
        return self.classify(self.pool(self.features(x)).flatten(1))
