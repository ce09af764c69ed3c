# SPDX-License-Identifier: Apache-2.0
"""TorchScript archives of a module that is ready for it (_modules.py): traced or scripted."""

from __future__ import annotations

import contextlib
import importlib
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def quiet(torch: Any) -> Iterator[None]:
    """Neither the caller's random numbers nor gradient mode change; the tracer's warnings are not shown, because the
    archive is compared with the module afterwards."""
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]), torch.no_grad():
        warnings.simplefilter("ignore")
        yield


def trace(torch: Any, module: Any, images: Any) -> Any:
    with torch.enable_grad(), _plain_attention(torch):
        return torch.jit.trace(module, (for_layers(images),), check_trace=False)


def for_layers(images: Any) -> Any:
    """Images that require a gradient: with neither, MultiheadAttention and TransformerEncoderLayer take one operation
    that has no gradient and calls none of their layers."""
    return images.clone().requires_grad_().clone()


def reads_values(torch: Any, run: Callable[[], object]) -> bool:
    """Whether an eager run takes numbers out of tensors: by if, for, int() or item(). Sizes are numbers already."""
    mode = importlib.import_module("torch.utils._python_dispatch").TorchDispatchMode

    found = []

    def watch(_mode: Any, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function is torch.ops.aten._local_scalar_dense.default:
            found.append(function)
        return function(*args, **(kwargs or {}))

    Watch = type("Watch", (mode,), {"__torch_dispatch__": watch})  # noqa: N806  a class
    try:
        with Watch():
            run()
    except Exception:  # tensors of other kinds, which no mode can watch; the comparison decides
        return False
    return bool(found)


@contextlib.contextmanager
def _plain_attention(torch: Any) -> Iterator[None]:
    """Attention as two products and a softmax: torch 1.13, Debian 12's, has no scaled_dot_product_attention."""
    functional = torch.nn.functional
    fused = getattr(functional, "scaled_dot_product_attention", None)
    if fused is None:
        yield
        return

    def attention(
        query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, *rest: Any, **others: Any
    ) -> Any:
        scale = others.get("scale")
        if dropout_p or any(rest) or any(v for k, v in others.items() if k != "scale"):
            return fused(query, key, value, attn_mask, dropout_p, *rest, **others)
        scale = 1 / math.sqrt(query.size(-1)) if scale is None else scale
        weights = (query * scale) @ key.transpose(-2, -1)
        if attn_mask is not None:
            masked = attn_mask.dtype == torch.bool
            weights = weights.masked_fill(~attn_mask, float("-inf")) if masked else weights + attn_mask
        return weights.softmax(-1) @ value

    functional.scaled_dot_product_attention = attention
    try:
        yield
    finally:
        functional.scaled_dot_product_attention = fused


def run(torch: Any, archive: Any, images: Any) -> Any:
    """Without the optimisations of the second and third run, which fuse operations."""
    with torch.jit.optimized_execution(False):
        return archive(images.clone())
