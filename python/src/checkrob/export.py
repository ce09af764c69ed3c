# SPDX-License-Identifier: Apache-2.0
"""From an eager PyTorch module to an archive that checkrob takes.

    import checkrob, torch, torchvision

    module = torchvision.models.resnet50(weights="DEFAULT")
    print(checkrob.export(module, torch.zeros(1, 3, 224, 224), "resnet50.pt"))

The module stays as it is. The archive is computed in evaluation mode, on the CPU, in float32, for any number of images,
and its outputs and the activations of some layers are compared with the module's before the file has its name."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from checkrob import _library, errors
from checkrob._export import modules, tracing
from checkrob._export.exporter import ONE_AT_A_TIME, Exporter, ExportError, difference_of, line_of, make_pool
from checkrob._export.layers import compare_layers

__all__ = ["Export", "ExportError", "archive", "export", "is_module"]

ARCHIVE = "model.pt"
RESULTS = ("results.sqlite", "shards")  # of score(), and of distributed.score() before it merges


@dataclass(frozen=True)
class Export:
    """An archive that was written, and how far it agrees with its module."""

    path: str
    way: str  #: "traced", "scripted", or "saved" for a module that was TorchScript already
    input_shape: tuple[int, int, int]  #: channels, height, width
    classes: int  #: number of outputs; 1 is one logit, which checkrob takes as two classes
    batch: int | None  #: None: any number of images; 1: checkrob gives it one at a time
    layers: tuple[str, ...]  #: whose activations were compared; the last one is what `auto` means
    output_difference: float  #: the greatest, as a share of the largest output
    layer_difference: float  #: the greatest, as a share of the layer's largest activation
    remarks: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.path}: {self.way}, input {list(self.input_shape)}, "
            f"{'any number of images' if self.batch is None else 'one image at a time'}",
            f"its {self.classes} outputs differ from the module's by at most {self.output_difference:.0e} "
            "of the largest",
        ]
        if self.layers:
            lines.append(
                f"the activations of {' and '.join(self.layers)} differ by at most {self.layer_difference:.0e} "
                "of the largest"
            )
        return "\n".join([*lines, *self.remarks])


def export(module: Any, example: Any, path: str | os.PathLike[str], *, output: str | int | None = None) -> Export:
    """Writes a module as an archive that checkrob takes, and checks it.

    `module`: an image classifier: a torch.nn.Module, an object with one in its attribute `model` (an Ultralytics YOLO,
    a Hugging Face pipeline), or a module inside DataParallel or torch.compile. It is copied where anything of it would
    change. Its hooks are part of it and run on the example.
    `example`: preprocessed images, a tensor or array [N, C, H, W] or [C, H, W]; or the shape (C, H, W) alone. C is 3,
    or 1 for gray images. Images as the network gets them say more than noise does.
    `path`: the file to write. It is replaced if it exists, and only after all checks.
    `output`: which of several outputs are the logits: the key or attribute, or the number from 0. Without it, "logits",
    or the only output of the shape [N, K].

    Raises ExportError, with the reason and what to do; the file is then not written.
    """
    torch, module = _checked(module)
    with tracing.quiet(torch), _temporary(path) as temporary:
        exporter = Exporter(torch, _copy(torch, module), make_pool(torch, example), output)
        written = _write(exporter, module, temporary, os.fspath(path))
        os.replace(temporary, path)
    return written


@contextlib.contextmanager
def archive(module: Any, shape: tuple[int, int, int], folder: str | None) -> Iterator[str]:
    """The archive of a module, for checkrob.score: `model.pt` in the folder of the results, which other commands read
    again, or a file that is deleted afterwards. An archive that is there and agrees with the module is taken as it is,
    so that a run resumes: another trace of one module has other bytes."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="checkrob-") as temporary:
            yield export(module, shape, os.path.join(temporary, ARCHIVE)).path
        return
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, ARCHIVE)
    if not (os.path.exists(path) and _agrees(module, shape, path)):
        if os.path.exists(path) and any(os.path.exists(os.path.join(folder, name)) for name in RESULTS):
            raise errors.OtherOptionsError(
                f"{path} is the archive of another model than this {type(module).__name__}, and {folder} has its "
                "results: use another folder, or remove this one"
            )
        export(module, shape, path)
    yield path


def is_module(model: Any) -> bool:
    """Whether checkrob.score exports this first: anything of PyTorch. It does not import torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(modules.unwrap(torch, model), torch.nn.Module)


def _agrees(module: Any, shape: tuple[int, int, int], path: str) -> bool:
    torch, module = _checked(module)
    with tracing.quiet(torch):
        exporter = Exporter(torch, _copy(torch, module), make_pool(torch, shape), None)
        return exporter.compare(path)[1] is None or exporter.compare(path, ONE_AT_A_TIME)[1] is None


def _write(exporter: Exporter, module: Any, temporary: str, path: str) -> Export:
    way, batch, difference = exporter.write(temporary)
    layers, layer_difference = compare_layers(exporter, temporary)
    channels, height, width = exporter.pool.shape[1:]
    return Export(
        path=path,
        way=way,
        input_shape=(channels, height, width),
        classes=exporter.classes,
        batch=batch,
        layers=layers,
        output_difference=difference,
        layer_difference=layer_difference,
        remarks=tuple(_remarks(exporter, module, way, batch, layers)),
    )


def _checked(module: Any) -> tuple[Any, Any]:
    """torch, and the network itself."""
    torch = _library.package("torch", "export()")
    module = modules.unwrap(torch, module)
    reason = modules.refusal(torch, module)
    if reason is not None:
        raise ExportError(f"can't export: {reason}")
    return torch, module


def _copy(torch: Any, module: Any) -> Any:
    try:
        return modules.copy_for_cpu(torch, module)
    except Exception as error:
        raise ExportError(
            f"can't copy the module, {type(module).__name__}: {line_of(error)}. Build it anew and load its weights, "
            "and remove attributes that hold files, threads or other objects that can't be copied"
        ) from error


@contextlib.contextmanager
def _temporary(path: str | os.PathLike[str]) -> Iterator[str]:
    """A file beside `path`, removed unless it was renamed to it."""
    folder, name = os.path.split(os.path.abspath(os.fspath(path)))
    temporary = os.path.join(folder, f".{name}.{secrets.token_hex(8)}.pt")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise ExportError(f"can't write {os.fspath(path)}: {error.strerror}") from None
    try:
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _remarks(exporter: Exporter, module: Any, way: str, batch: int | None, layers: Collection[str]) -> Iterator[str]:
    kinds = {p.dtype for p in module.parameters() if p.is_floating_point()} - {exporter.torch.float32}
    if kinds:
        names = ", ".join(sorted(str(kind) for kind in kinds))
        yield f"parameters of {names} are stored as float32, as checkrob computes"
    if exporter.key is not None:
        yield f"the logits are the module's output {exporter.key!r}"
    if exporter.pool.shape[1] == 1:
        yield 'gray images: the preprocessing needs "channels": "gray"'
    if exporter.classes == 1:
        yield "one logit: checkrob takes it as two classes, 1 where it is positive and 0 otherwise"
    if difference_of(exporter.expected[0,], exporter.expected[1,]) == 0:
        yield "the outputs are the same for two images: are the weights loaded?"
    if exporter.reads_values and way != "scripted":
        yield (
            "forward reads numbers out of tensors (if, for, int(), item()), and the archive keeps those of the "
            "example: it was compared for four images alone"
        )
    if not layers:
        yield "no layer was compared, because checkrob finds no feature map under a path that the module has"
    if batch is not None:
        yield (
            "the network's operations depend on the number of images, so checkrob computes one image at a time, "
            "which is slow"
        )
