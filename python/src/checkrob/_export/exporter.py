# SPDX-License-Identifier: Apache-2.0
"""Writes one module as an archive that computes what the module does, whatever the number of images."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from checkrob._export import modules, tracing
from checkrob.errors import CheckrobError

# Differences of archive and module, as a share of the largest output. Both compute in float32, by the same operations
# up to the order of sums: attention is written out, and oneDNN sums in the order of its own memory layout. Over the
# networks of docs/compatibility.md the differences are below 1e-5; a wrong branch or batch makes them larger than 0.01.
OUTPUT_TOLERANCE = 1e-4

# What is compared: the images of the pool by number.
BATCHES = ((0,), (1,), (2,), (3,), (0, 1), (3, 0, 1))
ONE_AT_A_TIME = ((0,), (1,), (2,), (3,))


class ExportError(CheckrobError):
    """A module can't be exported. The message says why, and what to do."""


class Exporter:
    """Writes one module. `module` is the copy; after __init__ it returns its logits alone."""

    def __init__(self, torch: Any, module: Any, pool: Any, output: str | int | None) -> None:
        self.torch, self.module, self.pool = torch, module, pool
        self.is_script = isinstance(module, torch.jit.ScriptModule)
        two, one = self._eager((0, 1)), self._eager((0,))
        self.key: str | int | None = None
        self.adapted = False
        if not self.is_script:
            self._choose(two, one, output)
        self.expected: dict[tuple[int, ...], Any] = {batch: self._logits(self._eager(batch)) for batch in BATCHES}
        self.classes = int(self.expected[0, 1].shape[1])
        self._check_repeats()
        self.reads_values = not self.is_script and tracing.reads_values(torch, lambda: self._eager((0,)))

    def _choose(self, two: Any, one: Any, output: str | int | None) -> None:
        try:
            self.key = modules.find_logits(self.torch, two, 2, output)
        except ValueError as error:
            raise ExportError(f"can't export {type(self.module).__name__}: {error}") from None
        self.adapted = self.key is not None or two.dim() != 2 or one.dim() != 2
        if self.adapted:
            modules.return_logits(self.module, self.key)

    def _eager(self, batch: tuple[int, ...]) -> Any:
        shape = [len(batch), *self.pool.shape[1:]]
        try:
            return self.module(self.pool[list(batch)])
        except TypeError as error:
            if "positional argument" not in str(error):
                raise self._fails(shape, error) from error
            raise ExportError(
                f"can't export {type(self.module).__name__}: checkrob gives a network images alone, and its forward "
                f"needs more ({line_of(error)}). Export a module whose forward takes images and fills in the rest"
            ) from error
        except Exception as error:
            raise self._fails(shape, error) from error

    def _fails(self, shape: list[int], error: Exception) -> ExportError:
        return ExportError(
            f"{type(self.module).__name__} fails in evaluation mode on the CPU with images {shape}: {line_of(error)}. "
            "Is the example preprocessed to the size that the network takes?"
        )

    def _logits(self, output: Any) -> Any:
        """Of a module that was TorchScript already, checkrob chooses the output; the first one stands for it here."""
        while isinstance(output, (tuple, list, dict)):
            output = next(iter(output.values() if isinstance(output, dict) else output))
        return output.reshape(output.shape[0], -1) if output.dim() < 2 else output

    def _check_repeats(self) -> None:
        again = self._logits(self._eager((0, 1)))
        difference = difference_of(again, self.expected[0, 1])
        if difference > OUTPUT_TOLERANCE:
            raise ExportError(
                f"can't export {type(self.module).__name__}: two runs of the same images differ by {difference:.0e} of "
                "the largest output in evaluation mode. Remove what is random or counts calls, such as F.dropout "
                "without training=self.training"
            )

    def write(self, path: str) -> tuple[str, int | None, float]:
        """(way, batch, greatest difference) of the first archive that agrees with the module."""
        failures = []
        for way, batch, make in self._ways():
            try:
                archive = make()
            except Exception as error:
                failures.append(f"{way}: {line_of(error)}")
                continue
            difference, where = self._save_and_compare(archive, path, BATCHES if batch is None else ONE_AT_A_TIME)
            if where is None:
                return way, batch, difference
            failures.append(f"{way}: {where}")
        raise ExportError(
            f"can't export {type(self.module).__name__}:\n  "
            + "\n  ".join(failures)
            + "\n"
            + advice(" ".join(failures))
        )

    def _ways(self) -> Iterator[tuple[str, int | None, Any]]:
        torch, module = self.torch, self.module
        if self.is_script:
            yield "saved", None, lambda: module
            return
        # A trace has the operations that ran, each in the call of its module: no branches, no Python, any network whose
        # shapes follow from the image. Two images, because sizes of 1 are dropped or broadcast. A script keeps
        # branches.
        ways: list[tuple[str, int | None, Any]] = [
            ("traced", None, lambda: tracing.trace(torch, module, self.pool[:2])),
            ("scripted", None, lambda: torch.jit.script(module)),
            ("traced for one image", 1, lambda: tracing.trace(torch, module, self.pool[:1])),
        ]
        if self.reads_values:
            ways = [ways[1], ways[0], ways[2]]
        for way in ways:
            if not (way[0] == "scripted" and self.adapted):
                yield way

    def _save_and_compare(
        self, archive: Any, path: str, batches: tuple[tuple[int, ...], ...]
    ) -> tuple[float, str | None]:
        """(greatest difference, None), or what differs or fails."""
        # torch.jit.save names the folder in an archive after its file. Through memory, equal archives have equal bytes.
        memory = io.BytesIO()
        try:
            self.torch.jit.save(archive, memory)
        except Exception as error:
            return 0.0, f"not saved: {line_of(error)}"
        with open(path, "wb") as file:
            file.write(memory.getbuffer())
        return self.compare(path, batches)

    def compare(self, path: str, batches: tuple[tuple[int, ...], ...] = BATCHES) -> tuple[float, str | None]:
        """The same for an archive that is there."""
        try:
            loaded = self.torch.jit.load(path, map_location="cpu").eval()
        except Exception as error:
            return 0.0, f"not loaded: {line_of(error)}"
        greatest = 0.0
        for batch in batches:
            count = f"{len(batch)} image{'s' * (len(batch) > 1)}"
            try:
                output = self._logits(tracing.run(self.torch, loaded, self.pool[list(batch)]))
            except Exception as error:
                return 0.0, f"fails on {count}: {line_of(error)}"
            expected = self.expected[batch]
            if output.shape != expected.shape:
                return 0.0, f"its outputs for {count} are {list(output.shape)}, and the module's {list(expected.shape)}"
            difference = difference_of(output, expected)
            if not difference <= OUTPUT_TOLERANCE:
                return 0.0, f"its outputs for {count} differ from the module's by {difference:.0e} of the largest"
            greatest = max(greatest, difference)
        return greatest, None


def make_pool(torch: Any, example: Any) -> Any:
    """Four images [4, C, H, W] of the example's shape: the example, noise like it, the example mirrored, black."""
    if isinstance(example, (tuple, list)) and len(example) in (3, 4) and all(isinstance(n, int) for n in example):
        example = torch.zeros(tuple(example))
    try:
        images = torch.as_tensor(example, dtype=torch.float32, device="cpu").detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ExportError(f"the example is no tensor, array or shape (C, H, W): {line_of(error)}") from None
    images = images[None] if images.dim() == 3 else images
    if images.dim() != 4 or 0 in images.shape or images.shape[1] not in (1, 3):
        raise ExportError(
            f"the example has the shape {list(images.shape)}; checkrob takes images of 3 channels, or of 1 (gray): "
            "[N, 3, H, W] or [N, 1, H, W]"
        )
    first, mean, std = images[0], images.mean(), images.std() if images.numel() > 1 else 1
    noise = torch.randn(first.shape, generator=torch.Generator().manual_seed(1)) * (std or 1) + mean
    if not first.any():
        first = torch.randn(first.shape, generator=torch.Generator().manual_seed(2))
    return torch.stack([first, noise, first.flip(-1), torch.zeros_like(first)])


def difference_of(one: Any, other: Any) -> float:
    """The greatest, as a share of the largest value; infinite if the shapes differ. NaN agrees with NaN."""
    if one.shape != other.shape:
        return float("inf")
    same_nan = one.isnan() & other.isnan()
    difference = (one.double() - other.double()).abs().masked_fill(same_nan, 0)
    largest = other.double().abs().masked_fill(other.isnan(), 0).max().item()
    greatest = float(difference.max().item())
    return greatest / largest if largest > 0 else greatest


def advice(failures: str) -> str:
    if "Autograd" in failures or "Python function" in failures or "PythonOp" in failures or "python value" in failures:
        return (
            "The network calls a torch.autograd.Function or another piece of Python that an archive can't hold. "
            "Replace it for evaluation by operations of torch (in timm: create_model(..., exportable=True))"
        )
    if "numpy" in failures:
        return (
            "The network computes with NumPy, which an archive doesn't have, and through which no gradient flows: use "
            "torch's operations (clamp for clip, cat for concatenate)"
        )
    if "its outputs for" in failures:
        return (
            "What the network computes depends on the values of the image by Python's if, for, int() or item(), of "
            "which a trace keeps only what ran. Write it with tensors (torch.where), or so that torch.jit.script "
            "compiles it"
        )
    return (
        "A trace needs a forward that computes with tensors alone; a script needs Python that torch.jit.script "
        "compiles. Change the operation that is named above, or export the part of the network that classifies"
    )


def line_of(error: BaseException) -> str:
    """The line of an exception that says what is wrong: TorchScript's messages begin with a line of their own."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("The following operation failed", "Traceback", "File "))]
    text = (useful or lines or [""])[0]
    if lines and lines[0].startswith("The following operation failed"):
        text = lines[-1]
    return f"{type(error).__name__}: {text[:300]}".rstrip(": ")
