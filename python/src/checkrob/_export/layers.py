# SPDX-License-Identifier: Apache-2.0
"""Compares layers that checkrob reads of an archive with what the module's hooks see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkrob._export.exporter import Exporter, ExportError, difference_of
from checkrob._export.reading import ReadLayer, read_layers
from checkrob._export.tracing import for_layers
from checkrob.errors import CheckrobError, LibraryError

# The greatest difference, as a share of the layer's largest activation. checkrob folds batch normalisation into
# convolutions and computes before the layer in oneDNN's memory layout: sums have another order. Over the networks of
# docs/compatibility.md the differences are below 1e-4; another layer of the same shape differs by about 1.
LAYER_TOLERANCE = 1e-3


def compare_layers(exporter: Exporter, path: str) -> tuple[tuple[str, ...], float]:
    """checkrob itself opens the archive, and reads out layers that the module has by the same path."""
    name, image = type(exporter.module).__name__, exporter.pool[:1].contiguous()
    modules = {} if exporter.is_script else dict(exporter.module.named_modules(remove_duplicate=False))
    try:
        read = read_layers(path, image, list(modules))
    except LibraryError:
        raise
    except CheckrobError as error:
        raise ExportError(f"checkrob does not take the archive of {name}: {error}") from error
    greatest = 0.0
    outputs = _hooked(exporter, [modules[found.layer.path] for found in read], image)
    for found, output in zip(read, outputs):
        difference = _difference(exporter, found, output)
        if not difference <= LAYER_TOLERANCE:
            raise ExportError(
                f"can't export {name}: the activations of {found.layer.path} differ from the module's by "
                f"{difference:.0e} of the largest. Please report this network"
            )
        greatest = max(greatest, difference)
    return tuple(found.layer.path for found in read), greatest


def _hooked(exporter: Exporter, modules: list[Any], image: Any) -> list[list[Any]]:
    """What these modules return in one run, each its last call. An in-place operation after it changes the copy."""
    outputs: dict[int, list[Any]] = {}

    def keep(module: Any, _inputs: Any, output: Any) -> None:
        outputs[id(module)] = [tensor.detach().clone() for tensor in _tensors(exporter.torch, output)]

    hooks = [module.register_forward_hook(keep) for module in modules]
    try:
        with exporter.torch.enable_grad():
            exporter.module(for_layers(image))
    finally:
        for hook in hooks:
            hook.remove()
    return [outputs[id(module)] for module in modules]


def _tensors(torch: Any, output: Any) -> Iterator[Any]:
    """Those in what a module returned. Of a tuple or a dictionary, a trace keeps what is used later."""
    if isinstance(output, torch.Tensor):
        yield output
    elif isinstance(output, (tuple, list, dict)):
        for part in output.values() if isinstance(output, dict) else output:
            yield from _tensors(torch, part)


def _difference(exporter: Exporter, found: ReadLayer, outputs: list[Any]) -> float:
    """From the output with the layer's shape; infinite if there is none."""
    activation = exporter.torch.from_dlpack(found.activation)
    fitting = [output for output in outputs if tuple(output.shape[1:]) == found.layer.shape[1:]]
    return min((difference_of(activation, _like(found, output)) for output in fitting), default=float("inf"))


def _like(found: ReadLayer, output: Any) -> Any:
    """The module's output as checkrob reads it, [1, C, h, w]."""
    layer = found.layer
    if layer.layout == "nhwc":
        return output.permute(0, 3, 1, 2)
    if layer.layout == "tokens":
        return output[:, layer.prefix_tokens :].transpose(1, 2).reshape(found.activation.shape)
    return output.reshape(found.activation.shape)
