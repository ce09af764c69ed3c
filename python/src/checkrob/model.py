# SPDX-License-Identifier: Apache-2.0
"""Models: TorchScript archives, their layers, explanations and representations."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, _running, arrays, errors
from checkrob import extraction as _extraction
from checkrob._api import CaptureKind, Ending, Layout, ScoreFunction
from checkrob._api import Layer as _Layer
from checkrob._files import absolute
from checkrob._handle import Handle, Hold, Idle, Owner
from checkrob.arrays import Array
from checkrob.explanation import Explanation
from checkrob.images import Image, Inputs, Preprocess, Source
from checkrob.options import Path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob._running import Progress
    from checkrob.dataset import Dataset
    from checkrob.extraction import Representations
    from checkrob.options import ImageOptions, RunOptions

IDLE = 16  # cuts and explainers that a model keeps for the next calls


@dataclass(frozen=True)
class Layer:
    """A layer of a model."""

    #: Dotted, "layer4.2.conv3". If a module is called several times, "relu" is its last call, and "relu#1" its first.
    path: str
    #: "Conv2d"
    type: str
    #: Of the output, batch first; empty if it is not a tensor.
    shape: tuple[int, ...]
    #: It is a feature map of more than one position, which can be explained.
    usable: bool
    #: A representation can be read out.
    readable: bool
    #: It is the layer that "auto" means.
    is_auto: bool
    #: nchw, nhwc or tokens, of a readable layer.
    layout: str
    channels: int
    height: int
    width: int
    prefix_tokens: int


class Model(Owner):
    """A model. It is read-only, and safe from any number of threads. checkrob.open() opens one.

    The options that it was opened with are the defaults of its methods, and of score().
    """

    def __init__(self, handle: Handle, preprocess: Preprocess, options: Mapping[str, Any], path: str):
        # Only one thread may use a cut or an explainer at a time, so each call takes an idle one, or makes one.
        self._idle = Idle(IDLE)
        self._own(handle, self._idle.close)
        self.path = path
        self.preprocess = preprocess
        self.options = dict(options)
        library = _library.get()
        with handle as pointer:
            #: Number of classes, K.
            self.class_count: int = library.checkrob_model_class_count(pointer)
            #: How the model ends: logits, softmax, log_softmax, sigmoid or probabilities.
            self.ending: str = Ending(library.checkrob_model_ending(pointer)).name.lower()
            #: What its users should know, in sentences; "" if there is nothing.
            self.remark: str = _library.text(library.checkrob_model_remark(pointer))

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the model's input."""
        return self.preprocess.height, self.preprocess.width

    @property
    def worker(self) -> int | None:
        """The process that runs the model; None if this one does (the option `worker`), or if it has just died."""
        with self._handle as pointer:
            return _library.get().checkrob_model_worker(pointer) or None

    @property
    def restarts(self) -> int:
        """How many workers of the model died, and were replaced."""
        with self._handle as pointer:
            return int(_library.get().checkrob_model_restarts(pointer))

    def layers(self) -> list[Layer]:
        """The layers, in the order in which they finish."""
        with self._handle as pointer:
            count = _library.get().checkrob_model_layer_count(pointer)
            return [_layer(pointer, index) for index in range(count)]

    def explain(self, image: Source, target: int | None = None, **options: Unpack[RunOptions]) -> Explanation:
        """Explains which part of an image speaks for a class.

        `image`: a path, bytes of a file, an Image, Pillow's image, pixels (uint8), or an input that is preprocessed
        already (float32 [3, H, W], shared without a copy). `target`: the output index of the class; None: the class
        with the highest logit. Options: method, layer, score, reference, combine, noise_samples, steps, seed,
        map_batch, image_max_..., gray_range, orientation.
        """
        merged = self._merged(options)
        if target is not None and not hasattr(target, "__index__"):
            raise errors.InvalidArgumentError(f"target is {target!r}, but must be the number of an output, from 0")
        shown = image
        if not isinstance(image, Image) and isinstance(image, (str, os.PathLike, bytes)):
            shown = self._image(image, merged)
        with Inputs([shown], self.preprocess, merged) as inputs:
            if inputs.count != 1:
                raise errors.InvalidArgumentError(f"explain() takes one image, not {inputs.count}: call it for each")
            index = (
                self._highest(inputs) if target is None else _library.integer("target", target, 0, self.class_count - 1)
            )
            return self._explained(inputs, index, merged, shown)

    def logits(self, images: Source | Iterable[Source], **options: Unpack[ImageOptions]) -> Array:
        """The logits of images, float32 [N, K]."""
        merged = self._merged(options)
        given = _extraction.listed(images)
        if not given:
            return arrays.zeros((0, self.class_count))
        with Inputs(given, self.preprocess, merged) as inputs:
            return self._logits(inputs)

    def extract(
        self, images: Dataset | Source | Iterable[Source], layer: str = "auto", *, pool: str | None = None,
        progress: Progress = None, **options: Unpack[ImageOptions],
    ) -> Representations:  # fmt: skip
        """Reads the outputs of a layer out, as features for other programs.

        `images`: a folder, a tar file, a Dataset, one image, or an iterable of images as explain() takes them. `layer`:
        a path, or several with commas between. `pool`: none ([N, C, h, w]), mean or max ([N, C]).
        """
        chosen = {"layer": layer} if pool is None else {"layer": layer, "pool": pool}
        return _extraction.extract(self, images, self._merged(options, chosen), progress)

    def _merged(self, *options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a call. Those that the model was opened with cannot change any more."""
        with self._handle:  # an open model, before anything is computed
            given = _options.merged(*options)
        for name in given:
            if name in _options.OF_THE_MODEL and self.options.get(name) != given[name]:
                raise errors.InvalidArgumentError(
                    f"{name} is an option of checkrob.open(): this model was opened with another value"
                )
        return _options.merged(self.options, given)

    def _image(self, source: Source, options: Mapping[str, Any]) -> Image:
        from checkrob.images import image_handle

        return Image(image_handle(source, options))

    def _cut(self, layers: str) -> tuple[str, Handle]:
        """A cut that captures the outputs of layers; "" for logits alone."""
        key = "cut " + layers
        kind = CaptureKind.ACTIVATIONS if layers else 0
        cut = self._idle.take(key)
        if cut is None:
            with self._handle as pointer:
                cut = Handle.new(
                    "cut",
                    "cut_new",
                    pointer,
                    _library.encoded(layers) or None,
                    ScoreFunction.LOGIT,
                    kind,
                    parents=(self._handle,),
                )
        return key, cut

    def _captured(self, inputs: Inputs, layers: str) -> Handle:
        """Runs a batch; the capture."""
        key, cut = self._cut(layers)

        def make() -> Handle:
            with cut as pointer:
                return Handle.new(
                    "capture", "cut_run", pointer, inputs.address, inputs.count, inputs.height, inputs.width, None
                )

        with self._idle.giving(key, cut):
            return _running.made("cut", cut, make)

    def _logits(self, inputs: Inputs) -> Array:
        capture = self._captured(inputs, "")
        with capture as pointer:
            address = _library.get().checkrob_capture_logits(pointer)
        owner = Hold(capture)
        capture.close()
        return arrays.shared(address, (inputs.count, self.class_count), owner)

    def _highest(self, inputs: Inputs) -> int:
        logits = self._logits(inputs)
        highest = ctypes.c_int64()
        _library.call("top_k", ctypes.byref(highest), logits.address, self.class_count, 1)
        return highest.value

    def _explained(self, inputs: Inputs, target: int, options: Mapping[str, Any], shown: Source) -> Explanation:
        key = "explainer " + _options.key(options)
        explainer = self._idle.take(key)
        if explainer is None:
            with _options.made(options) as made, made as given, self._handle as pointer:
                explainer = Handle.new("explainer", "explainer_new", pointer, given, parents=(self._handle,))

        def make() -> Handle:
            with explainer as pointer:
                return Handle.new(
                    "explanation", "explainer_run", pointer, inputs.address, 1, inputs.height, inputs.width,
                    ctypes.byref(ctypes.c_int64(target)),
                )  # fmt: skip

        with self._idle.giving(key, explainer):
            with explainer as pointer:
                layers = _library.text(_library.get().checkrob_explainer_layers(pointer))
            handle = _running.made("explainer", explainer, make)
        return Explanation(handle, self, target, layers, options, shown)

    def __repr__(self) -> str:
        return f"<checkrob.Model {self.path}, {self.class_count} classes{', closed' if self.closed else ''}>"


def _layer(model: int, index: int) -> Layer:
    layer = _Layer.new()
    _library.call("model_layer", ctypes.byref(layer), model, index)
    return Layer(
        path=_library.text(layer.path),
        type=_library.text(layer.type),
        shape=tuple(layer.shape[: layer.rank]),
        usable=bool(layer.usable),
        readable=bool(layer.readable),
        is_auto=bool(layer.is_auto),
        layout=Layout(layer.layout).name.lower(),
        channels=layer.channels,
        height=layer.height,
        width=layer.width,
        prefix_tokens=layer.prefix_tokens,
    )


def open(path: Path, **options: Unpack[RunOptions]) -> Model:
    """Opens a model: a TorchScript archive, scripted or traced.

    An archive contains code, which is executed: open only archives that you trust. `preprocess` is imagenet (the
    default), paper, a JSON file, or a dictionary: it must be the preprocessing that the model was trained with. Every
    other option may be given here, too: it is then the default of the model's methods, and of score().
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"a model is the path of a TorchScript archive, not of the type {type(path).__name__}; "
            "checkrob.export(module, example, path) writes one of a PyTorch module"
        )
    worker = _library.default_worker(_library.get())
    file = absolute(os.fspath(path)) if os.fspath(path) else ""  # a worker opens it again, whatever the folder is then
    given = _options.merged({} if worker is None else {"worker": worker}, options, {"model": path})
    source = given.get("preprocess")
    preprocess = Preprocess(_options.text(given, "preprocess") if source is None else source)
    out = ctypes.c_void_p()
    with _options.made(given) as made, made as pointer:
        _library.call_with_path(
            file,
            "model_open",
            ctypes.byref(out),
            _library.path(file),
            preprocess.height,
            preprocess.width,
            pointer,
        )
    assert out.value is not None
    return Model(Handle(out.value, "model"), preprocess, given, file)
