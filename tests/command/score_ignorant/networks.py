# SPDX-License-Identifier: Apache-2.0
"""Networks that were never trained. usage: networks.py"""
import torch
from torch import nn


def network(outputs):
    return nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, outputs)).eval()


for seed in range(4):
    torch.manual_seed(seed)
    torch.jit.script(network(10)).save(f"random{seed}.pt")
constant = network(2)
with torch.no_grad():
    constant[-1].bias += torch.tensor([0.0, 5.0])
torch.jit.script(constant).save("constant.pt")
