# SPDX-License-Identifier: Apache-2.0
"""What `checkrob.export` does to a module before it is written: unwrap it, copy it, choose its logits."""

from __future__ import annotations

import copy
from typing import Any

# Two float32 computations of one probability differ by less.
SOFTMAX_TOLERANCE = 1e-5


def unwrap(torch: Any, module: Any) -> Any:
    """The network inside DataParallel, torch.compile's wrapper, and objects that carry one (YOLO, pipelines)."""
    seen: set[int] = set()
    while id(module) not in seen:
        seen.add(id(module))
        if isinstance(module, (torch.nn.parallel.DataParallel, torch.nn.parallel.DistributedDataParallel)):
            module = module.module
        elif "_orig_mod" in getattr(module, "_modules", {}):
            module = module._orig_mod
        elif _carries(torch, module):
            module = module.model
    return module


def _carries(torch: Any, module: Any) -> bool:
    """Ultralytics' YOLO is a module, too, but its forward predicts, from files."""
    if not isinstance(getattr(module, "model", None), torch.nn.Module):
        return False
    predicts = any(kind.__module__.startswith("ultralytics.engine") for kind in type(module).__mro__)
    return predicts or not isinstance(module, torch.nn.Module)


def refusal(torch: Any, module: Any) -> str | None:
    """Why this is no module that can be exported; None if it is one."""
    if isinstance(module, dict):
        return "it is a dictionary of weights; build the network and call load_state_dict first"
    if isinstance(module, (str, bytes)) or hasattr(module, "__fspath__"):
        return "it is a path; checkrob.score and checkrob.open take the path of an archive as it is"
    if not isinstance(module, torch.nn.Module):
        return f"it is of type {type(module).__name__}, not torch.nn.Module"
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
            return f"{name} has no shape yet; run the module once on an image"
        if tensor.is_meta:
            return f"{name} is on the device meta, without values; load the weights first"
    return None


def copy_for_cpu(torch: Any, module: Any) -> Any:
    """A copy in evaluation mode, on the CPU, in float32. It shares the parameters that are so already.

    Nothing moves or changes in the caller's module: each tensor that must change has a new one in deepcopy's memo.
    Buffers are always copied, because a forward pass may write to them."""
    if isinstance(module, torch.jit.ScriptModule):
        return copy.deepcopy(module).cpu().eval()
    memo: dict[int, Any] = {}
    for part in module.modules():
        for tensor in part._parameters.values():
            if tensor is not None and id(tensor) not in memo:
                memo[id(tensor)] = _parameter(torch, tensor)
        for tensor in [*part._buffers.values(), *part.__dict__.values()]:
            if isinstance(tensor, torch.Tensor) and id(tensor) not in memo:
                memo[id(tensor)] = _float32(torch, tensor.detach().to("cpu")).clone()
        # Lightning's trainer holds the data and the optimisers; a forward pass needs none of it.
        for name in ("_trainer", "_fabric"):
            if part.__dict__.get(name) is not None:
                memo[id(part.__dict__[name])] = None
    copied = copy.deepcopy(module, memo)
    for part in copied.modules():
        part.training = False  # train(False) may be overridden, as in networks that keep a part frozen
        if hasattr(part, "_jit_is_scripting"):  # Lightning's properties raise an error without a trainer
            part._jit_is_scripting = True
        for name, value in part.__dict__.items():
            if isinstance(value, torch.device):
                part.__dict__[name] = torch.device("cpu")
    copied.eval()
    return copied


def _float32(torch: Any, tensor: Any) -> Any:
    return tensor.to(torch.float32) if tensor.is_floating_point() and not tensor.is_quantized else tensor


def _parameter(torch: Any, tensor: Any) -> Any:
    new = _float32(torch, tensor.detach().to("cpu"))
    if new.data_ptr() == tensor.data_ptr() and new.dtype == tensor.dtype:
        return tensor
    return torch.nn.Parameter(new, requires_grad=tensor.requires_grad and new.is_floating_point())


def describe(output: Any) -> str:
    """What a module returned, for error messages: 'a tuple of [2, 10] and [2, 64, 7, 7]'."""
    if hasattr(output, "shape"):
        return f"a tensor {list(output.shape)}"
    if isinstance(output, dict):
        return f"a {type(output).__name__} of " + ", ".join(f"{key}: {_short(value)}" for key, value in output.items())
    if isinstance(output, (tuple, list)):
        return f"a {type(output).__name__} of " + ", ".join(f"{i}: {_short(v)}" for i, v in enumerate(output))
    return f"a {type(output).__name__}"


def _short(value: Any) -> str:
    return str(list(value.shape)) if hasattr(value, "shape") else type(value).__name__


def find_logits(torch: Any, output: Any, batch: int, name: str | int | None) -> str | int | None:
    """Where the logits are in what the module returned for `batch` images; None: it is the logits.

    ValueError says why there are none."""
    key = _key(torch, output, batch, name)
    logits = member(output, key)
    if not _could_be_logits(torch, logits, batch):
        raise ValueError(
            f"it returns {describe(output)} for {batch} images; checkrob takes classifiers, which return one "
            "logit for each class, [N, K]. Export the part that classifies"
        )
    return key


def member(output: Any, key: str | int | None) -> Any:
    if key is None:
        return output
    if isinstance(output, dict):
        return output[key]
    return output[int(key)] if isinstance(output, (tuple, list)) else getattr(output, str(key))


def _could_be_logits(torch: Any, tensor: Any, batch: int) -> bool:
    if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point() or tensor.dim() == 0:
        return False
    return bool(tensor.shape[0] == batch and tensor.numel() == tensor.shape[0] * (tensor.shape[1:2] or (1,))[0])


def _key(torch: Any, output: Any, batch: int, name: str | int | None) -> str | int | None:
    """Where the logits are in what the module returned; None: it is the logits."""
    if isinstance(output, torch.Tensor):
        if name is not None:
            raise ValueError(f"it returns one tensor, so there is no output {name!r}")
        return None
    if isinstance(output, dict):
        members: dict[Any, Any] = dict(output)
    elif isinstance(output, (tuple, list)):
        members = dict(enumerate(output))
    else:
        members = dict(vars(output)) if hasattr(output, "__dict__") else {}
    if name is not None:
        if name not in members:
            raise ValueError(f"it has no output {name!r}; it returns {describe(output)}")
        return name
    found = [key for key, value in members.items() if _could_be_logits(torch, value, batch)]
    if "logits" in found:
        return "logits"
    if len(found) == 2:
        found = [key for key in found if not _is_softmax(torch, members[key], [members[k] for k in found if k != key])]
    if len(found) != 1:
        which = (
            "choose the logits with output=" + " or ".join(map(repr, found))
            if found
            else "none of them is [N, K], the logits of a classifier"
        )
        raise ValueError(f"it returns {describe(output)}; {which}")
    return found[0]  # type: ignore[no-any-return]


def _is_softmax(torch: Any, values: Any, others: list[Any]) -> bool:
    """Ultralytics returns (probabilities, logits)."""
    return any(
        other.shape == values.shape
        and torch.allclose(other.float().softmax(-1), values.float(), atol=SOFTMAX_TOLERANCE, rtol=0)
        for other in others
    )


def return_logits(module: Any, key: str | int | None) -> None:
    """Makes the module itself return its logits, [N, K]. A module around it would stand before every layer's path."""
    forward = module.__dict__.pop("forward", None) or module.forward
    kind = type(module)

    def logits(self: Any, image: Any) -> Any:
        return member(forward(image), key).reshape(image.shape[0], -1)

    module.__class__ = type(kind.__name__, (kind,), {"forward": logits, "__module__": kind.__module__})
