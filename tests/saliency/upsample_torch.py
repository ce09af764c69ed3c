# SPDX-License-Identifier: Apache-2.0
"""Writes upsample_torch.h: what PyTorch's bilinear F.interpolate (align_corners=False) makes of small maps.

Run with a Python that has torch: python3 upsample_torch.py > upsample_torch.h
"""
import torch
import torch.nn.functional as F

# (height, width) of the map, then of the output: up, down, both at once, not square, to and from one pixel.
SHAPES = [((2, 2), (4, 4)), ((7, 7), (15, 15)), ((3, 5), (8, 7)), ((4, 4), (2, 2)), ((6, 3), (4, 9)),
          ((5, 7), (5, 7)), ((1, 1), (3, 2)), ((1, 4), (2, 9)), ((5, 1), (11, 1)), ((9, 8), (1, 1)),
          ((2, 3), (13, 5))]


def numbers(tensor):
    return ", ".join(f"{value:.9g}F" if "." in f"{value:.9g}" or "e" in f"{value:.9g}" else f"{value:.1f}F"
                     for value in tensor.flatten().tolist())


print(f"""/* Written by upsample_torch.py with PyTorch {torch.__version__}; not to be edited by hand. */
typedef struct torch_case {{
  size_t height, width, out_height, out_width;
  const float *map, *expected;
}} torch_case;
""")
generator = torch.Generator().manual_seed(20210913)
for i, (size, out_size) in enumerate(SHAPES):
    saliency = torch.rand((1, 1, *size), generator=generator)
    saliency = saliency - saliency.min()
    saliency = saliency / saliency.max() if saliency.max() > 0 else saliency + 0.625
    expected = F.interpolate(saliency, size=out_size, mode="bilinear", align_corners=False)
    print(f"static const float map_{i}[] = {{{numbers(saliency)}}};")
    print(f"static const float expected_{i}[] = {{{numbers(expected)}}};")
print("\nstatic const torch_case torch_cases[] = {")
for i, ((height, width), (out_height, out_width)) in enumerate(SHAPES):
    print(f"    {{{height}, {width}, {out_height}, {out_width}, map_{i}, expected_{i}}},")
print("};")
