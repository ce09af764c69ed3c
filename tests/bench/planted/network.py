# SPDX-License-Identifier: Apache-2.0
"""The worlds' classifier."""
from torch import nn


def stage(inputs, outputs, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Network(nn.Module):
    """[N, 3, 64, 64] -> [N, classes]. The last map has 8 x 8 cells."""

    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(stage(3, 16, 2), stage(16, 32, 2), stage(32, 48), stage(48, 64, 2), stage(64, 96))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classify = nn.Linear(96, classes)

    def forward(self, x):
        return self.classify(self.pool(self.features(x)).flatten(1))
