# SPDX-License-Identifier: Apache-2.0
"""Arrays of numbers, shared without copies.

Out: an Array is memory of the library. It supports the buffer protocol, __array_interface__ and DLPack, so
numpy.asarray(a), memoryview(a) and torch.from_dlpack(a) share it, and keep it alive.

In: Buffer reads the memory of any object that supports the buffer protocol, DLPack or __array_interface__: NumPy
arrays, torch tensors, Pillow images, array.array. No other package is needed for either.
"""

from __future__ import annotations

import ctypes
import functools
import math
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from checkrob import _library, errors
from checkrob._api import ELEMENTS

CPU = (1, 0)  # DLPack's device
SIZES = {"f": 4, "d": 8, "B": 1, "q": 8}
TYPES = {"f": "<f4", "d": "<f8", "B": "|u1", "q": "<i8"}
NAMES = {"f": "float32", "d": "float64", "B": "uint8", "q": "int64"}
# Elements that no Buffer has, for error messages: by the module struct, and by DLPack's type code.
OTHERS = {
    "e": "float16", "?": "bool", "b": "int8", "h": "int16", "H": "uint16", "i": "int32", "I": "uint32", "L": "uint64",
    "Q": "uint64", "Zf": "complex64", "Zd": "complex128", "O": "objects",
}  # fmt: skip
KINDS = {0: "int", 1: "uint", 2: "float", 4: "bfloat", 5: "complex", 6: "bool"}
CODES = {"f": (2, 32), "d": (2, 64), "B": (1, 8), "q": (0, 64)}  # DLPack's type code and bits


class Array:
    """An array of numbers, in C order: memory of the library, or of a result.

    It is the memory itself, not a copy: what numpy.asarray() or torch.from_dlpack() makes of it shares it, and it lives
    as long as one of them.
    """

    shape: tuple[int, ...]
    typecode: str  # as in the module array: f, d, B or q
    _owner: object

    if TYPE_CHECKING:

        def __buffer__(self, flags: int, /) -> memoryview: ...
        def __getitem__(self, index: int) -> Any: ...
        def __len__(self) -> int: ...

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def address(self) -> int:
        """Where the memory begins."""
        return ctypes.addressof(self)  # type: ignore[arg-type]

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return {"shape": self.shape, "typestr": TYPES[self.typecode], "data": (self.address, False), "version": 3}

    def __dlpack_device__(self) -> tuple[int, int]:
        return CPU

    def __dlpack__(
        self, *, stream: object = None, max_version: object = None, dl_device: object = None, copy: bool | None = None
    ) -> object:
        """A capsule with a DLManagedTensor that shares this memory, for from_dlpack() of NumPy, torch and others."""
        if copy:
            raise BufferError("the memory is shared: copy what from_dlpack() returns")
        if dl_device is not None and tuple(dl_device) != CPU:  # type: ignore[arg-type]
            raise BufferError("the memory is on the CPU")
        return _capsules.make(self)

    def __reduce__(self) -> Any:
        """A copy, for pickle and copy."""
        return _restored, (ctypes.string_at(self.address, ctypes.sizeof(self)), self.shape, self.typecode)  # type: ignore[arg-type]

    def tolist(self) -> Any:
        """Nested lists of Python's numbers; a single number for an array without axes."""
        if not self.size:
            return _nested([], self.shape)
        flat = memoryview(self).cast("B").cast(self.typecode)  # type: ignore[call-overload]
        return _nested(flat.tolist(), self.shape)

    def numpy(self) -> Any:
        """A NumPy array that shares this memory."""
        return _library.package("numpy", "numpy()").asarray(self)

    def torch(self) -> Any:
        """A torch tensor that shares this memory."""
        return _library.package("torch", "torch()").from_dlpack(self)

    def __repr__(self) -> str:
        return f"<checkrob.Array {' x '.join(map(str, self.shape))} of {NAMES[self.typecode]}>"


def _nested(flat: list[Any], shape: Sequence[int]) -> Any:
    if len(shape) < 2:
        return flat
    step = math.prod(shape[1:])
    return [_nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


@functools.lru_cache(maxsize=512)
def _kind(shape: tuple[int, ...], typecode: str) -> Any:
    """The class of arrays of a shape: a ctypes array, which supports the buffer protocol in every Python."""
    kind: Any = ELEMENTS[typecode]
    for length in reversed(shape):
        kind = kind * length
    return type(
        "Array", (Array, kind), {"shape": shape, "typecode": typecode, "_type_": kind._type_, "_length_": kind._length_}
    )


def shared(address: int, shape: tuple[int, ...], owner: object, typecode: str = "f") -> Array:
    """Memory of the library as an array; `owner` keeps it alive."""
    made: Array = _kind(shape, typecode).from_address(address)
    made._owner = owner
    return made


def zeros(shape: tuple[int, ...], typecode: str = "f") -> Array:
    """An array of its own."""
    try:
        made: Array = _kind(shape, typecode)()
    except (OverflowError, MemoryError):
        raise errors.OutOfMemoryError(f"there is not enough memory for an array of {list(shape)}") from None
    return made


def _restored(data: bytes, shape: tuple[int, ...], typecode: str) -> Array:
    made: Array = _kind(shape, typecode).from_buffer_copy(data)
    return made


def copied(address: int, shape: tuple[int, ...], typecode: str = "f") -> Array:
    """A copy of memory of the library."""
    made = zeros(shape, typecode)
    ctypes.memmove(made.address, address, ctypes.sizeof(made))  # type: ignore[arg-type]
    return made


def first(array: Array, count: int) -> Array:
    """The first `count` of the parts along the first axis."""
    return shared(array.address, (count, *array.shape[1:]), array, array.typecode)


# ---- DLPack ----


class _Device(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int32), ("id", ctypes.c_int32)]


class _Type(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _Type),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Managed(ctypes.Structure):
    _fields_ = [("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


def _python(name: str, result: Any, *parameters: Any) -> Any:
    """A function of Python itself, apart from what others declare of it."""
    function = ctypes.PYFUNCTYPE(result, *parameters)((name, ctypes.pythonapi))
    return function


_capsule_new = _python("PyCapsule_New", ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_capsule_is_valid = _python("PyCapsule_IsValid", ctypes.c_int, ctypes.py_object, ctypes.c_char_p)
_capsule_pointer = _python("PyCapsule_GetPointer", ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
_capsule_rename = _python("PyCapsule_SetName", ctypes.c_int, ctypes.py_object, ctypes.c_char_p)
_UNUSED, _USED = b"dltensor", b"used_dltensor"


class _Capsules:
    """The tensors that arrays have handed out.

    A consumer renames the capsule, and calls the tensor's deleter later, on any thread. A capsule that nobody took
    would never be freed, so capsules are kept until they are taken, or nobody else has them.
    """

    def __init__(self) -> None:
        self._alive: dict[int, tuple[object, ...]] = {}  # the tensor's address: what it needs
        self._waiting: list[tuple[Any, int]] = []
        self._lock = threading.Lock()
        self._deleter = _Deleter(self._delete)

    def _delete(self, address: int) -> None:
        self._alive.pop(address, None)

    def make(self, array: Array) -> object:
        shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
        managed = _Managed()
        managed.tensor.data, managed.tensor.device, managed.tensor.ndim = array.address, _Device(*CPU), array.ndim
        managed.tensor.dtype = _Type(*CODES[array.typecode], 1)
        managed.tensor.shape = ctypes.cast(shape, ctypes.POINTER(ctypes.c_int64))
        managed.deleter = ctypes.cast(self._deleter, ctypes.c_void_p)
        address = ctypes.addressof(managed)
        capsule: object = _capsule_new(address, _UNUSED, None)
        with self._lock:
            self._sweep()
            self._alive[address] = (managed, shape, array)
            self._waiting.append((capsule, address))
        return capsule

    def _sweep(self) -> None:
        """Forgets capsules that were taken, and frees those that nobody can take any more."""
        waiting, self._waiting = self._waiting, []
        while waiting:
            capsule, address = waiting.pop()
            if not _capsule_is_valid(capsule, _UNUSED):
                continue
            if sys.getrefcount(capsule) <= 2:  # this variable, and getrefcount's own
                self._delete(address)
            else:
                self._waiting.append((capsule, address))


_capsules = _Capsules()
# Never freed: at Python's exit an array of NumPy may call the deleter after this module is gone.
_python("Py_IncRef", None, ctypes.py_object)(_capsules)


# ---- memory of other objects ----


class _View(ctypes.Structure):
    """Py_buffer."""

    _fields_ = [
        ("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t), ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int), ("ndim", ctypes.c_int), ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)), ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)), ("internal", ctypes.c_void_p),
    ]  # fmt: skip


_get_buffer = _python("PyObject_GetBuffer", ctypes.c_int, ctypes.py_object, ctypes.POINTER(_View), ctypes.c_int)
_release_buffer = _python("PyBuffer_Release", None, ctypes.POINTER(_View))
_FULL_READ_ONLY = 0x11C  # PyBUF_FULL_RO


def has_memory(source: object) -> bool:
    """Whether a Buffer can read it."""
    return hasattr(source, "__dlpack__") or _supports_buffer(source) or hasattr(source, "__array_interface__")


class Buffer:
    """The memory of another object, borrowed until release(): address, shape, and whether it is in C order.

    `typecode` is f, d, B or q, or "" for elements of another type, which `described` names.
    """

    address: int
    shape: tuple[int, ...]
    typecode: str
    described: str
    is_dense: bool

    def __init__(self, source: Any):
        self._source = source
        self._release: Any = lambda: None
        if hasattr(source, "__dlpack__") and not _supports_buffer(source):
            self._from_dlpack(source)
        elif _supports_buffer(source):
            self._from_buffer(source)
        elif hasattr(source, "__array_interface__"):
            self._from_interface(source.__array_interface__)
        else:
            raise errors.InvalidArgumentError(
                f"an object of the type {type(source).__name__} has no memory that can be shared"
            )

    def release(self) -> None:
        release, self._release = self._release, lambda: None
        release()

    def __enter__(self) -> Buffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _from_buffer(self, source: Any) -> None:
        view = _View()
        _get_buffer(source, ctypes.byref(view), _FULL_READ_ONLY)
        self._release = lambda: _release_buffer(ctypes.byref(view))
        self.address, self.shape = view.buf or 0, tuple(view.shape[: view.ndim]) if view.shape else ()
        code = (view.format or b"B").decode().lstrip("@=<")
        self._describe(code if code in TYPES else "q" if code == "l" and view.itemsize == 8 else "", _described(code))
        strides = tuple(view.strides[: view.ndim]) if view.strides else None  # ctypes: C order
        self.is_dense = not view.suboffsets and _is_dense(self.shape, strides, view.itemsize)

    def _from_dlpack(self, source: Any) -> None:
        if hasattr(source, "detach"):  # torch shares no tensor that requires a gradient
            source = source.detach()
        try:
            if source.__dlpack_device__()[0] != CPU[0]:
                if not hasattr(source, "cpu"):
                    raise errors.InvalidArgumentError("the array is not on the CPU: copy it there")
                source = source.cpu()
            capsule = source.__dlpack__()
        except (BufferError, RuntimeError, TypeError, ValueError) as problem:
            if isinstance(problem, errors.CheckrobError):
                raise
            raise errors.InvalidArgumentError(
                f"this {type(source).__name__} has no memory that can be shared: {problem}"
            ) from problem
        managed = ctypes.cast(_capsule_pointer(capsule, _UNUSED), ctypes.POINTER(_Managed)).contents
        _capsule_rename(capsule, _USED)
        if managed.deleter:
            self._release = lambda: _Deleter(managed.deleter)(ctypes.addressof(managed))
        tensor = managed.tensor
        self.address = (tensor.data or 0) + tensor.byte_offset
        self.shape = tuple(tensor.shape[: tensor.ndim])
        code = (tensor.dtype.code, tensor.dtype.bits)
        known = {value: key for key, value in CODES.items()}
        self._describe(
            known.get(code, "") if tensor.dtype.lanes == 1 else "",
            KINDS.get(code[0], f"DLPack's type {code[0]} of ") + str(code[1]),
        )
        size = tensor.dtype.bits // 8
        strides = tuple(stride * size for stride in tensor.strides[: tensor.ndim]) if tensor.strides else None
        self.is_dense = _is_dense(self.shape, strides, size)

    def _from_interface(self, interface: dict[str, Any]) -> None:
        data = interface["data"]
        if not isinstance(data, tuple):  # Pillow: bytes
            interface = dict(interface)
            self._bytes = data
            address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        else:
            address = data[0]
        self.address, self.shape = address, tuple(interface["shape"])
        known = {value: key for key, value in TYPES.items()}
        self._describe(known.get(interface["typestr"], ""), f"the type {interface['typestr']!r}")
        self.is_dense = _is_dense(self.shape, interface.get("strides"), int(interface["typestr"][2:]))

    def _describe(self, typecode: str, described: str) -> None:
        self.typecode = typecode
        self.described = NAMES.get(typecode, described)


def _described(code: str) -> str:
    """Elements of another type, for error messages; ">" is the other order of bytes."""
    if code[:1] in (">", "!"):
        return f"{ {**OTHERS, **NAMES}.get(code[1:], code) } in big-endian order"
    return OTHERS.get(code, f"the format {code!r}")


def _supports_buffer(source: Any) -> bool:
    try:
        memoryview(source).release()
    except (TypeError, BufferError):
        return False
    return True


def _is_dense(shape: Sequence[int], strides: Sequence[int] | None, size: int) -> bool:
    """Whether elements follow each other in C order."""
    if strides is None:
        return True
    for length, stride in zip(reversed(shape), reversed(strides)):
        if length != 1 and stride != size:
            return False
        size *= length
    return True


def dense_bytes(source: Any, buffer: Buffer) -> bytes:
    """A copy of the elements in C order."""
    if buffer.is_dense:
        return ctypes.string_at(buffer.address, math.prod(buffer.shape) * SIZES[buffer.typecode])
    if _supports_buffer(source):
        return memoryview(source).tobytes()
    if hasattr(source, "contiguous"):  # torch
        with Buffer(source.contiguous()) as dense:
            return dense_bytes(None, dense)
    raise errors.InvalidArgumentError("the elements are not in C order: pass a copy that is")
