# SPDX-License-Identifier: Apache-2.0
"""Scoring on a cluster, with Dask.

    import checkrob.distributed, distributed

    client = distributed.Client("tcp://scheduler:8786")
    results = checkrob.distributed.score(
        "/shared/model.pt", "voc", images="/shared/photos", annotations="/shared/xml", classes="/shared/map.csv",
        client=client, out="/shared/results")

The data are split into shards, a task for each. A task gets options and paths, never images or a model, and returns a
few numbers: so the memory of the caller and of the scheduler does not depend on the number of images. The model, the
images and `out` must have the same paths on all machines, in a folder that they share; checkrob must be installed
there.

Each shard writes its own results file in out/shards, as `checkrob score --shard` does. A worker may die, be killed,
join or leave: its shards resume elsewhere, at the first sample that has no row. At the end the shards are merged,
exactly: the class table is computed from the rows of all samples, as a single run computes it. docs/scaling.md has
numbers.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkrob import _library, _options, _shard, errors
from checkrob._files import write_whole
from checkrob._running import Bar, Progress
from checkrob.dataset import Dataset, class_map_file
from checkrob.export import archive, is_module
from checkrob.images import Preprocess
from checkrob.model import Model
from checkrob.options import DECLARED, Path
from checkrob.results import FILE, Results, let_go, merge, named
from checkrob.run import _shape, _write_summary

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from checkrob.options import RunOptions

SHARDS_OF_A_THREAD = 4  # so that workers finish at about the same time
FOLDER = "shards"


class ShardError(errors.CheckrobError):
    """Shards failed, and were tried as often as allowed. The others are stored."""


def score(
    model: Any,
    dataset: Dataset | str | None = None,
    *,
    out: Path,
    client: Any = None,
    shards: int | None = None,
    retries: int = 3,
    progress: Progress = None,
    submit: Mapping[str, Any] | None = None,
    **options: Unpack[RunOptions],
) -> Results:
    """Scores a model on annotated images, on the workers of a Dask cluster.

    `model`: the path of an archive, a Model, or a module of PyTorch, of which export() makes out/model.pt. `dataset`:
    the name of a format, or a Dataset that dataset() opened; images that only this process has cannot travel. `out`: a
    folder that all machines share. The same call resumes: finished shards are not computed again. `client`: a
    distributed.Client, the address of a scheduler, or None: the current client, or else a cluster on this machine.

    `shards`: by default four for each thread of the workers. A shard whose worker raises an error is tried `retries`
    more times; an error that every machine would have, such as a wrong option, stops the run. A worker that dies
    costs no try, until Dask gives the shard up (its setting distributed.scheduler.allowed-failures).

    The option `threads` is, if it is not set, the number of the machine's cores over that of Dask's threads on it.
    `submit`: more arguments of Client.submit(), such as {"resources": {"GPU": 1}}. `progress` counts shards.

    Ctrl-C, or another exception, cancels the shards that wait, and stops those that compute after their current batch.
    """
    folder = os.path.abspath(named(out))
    given = _settings(model, dataset, options, folder)
    with _client(client) as connected:
        count = _plan(folder, shards, connected)
        work = _Work(connected, given, folder, count, retries, dict(submit or {}))
        work.execute(progress)
    return _merged(folder, count, given)


# ---- what travels ----


def _settings(model: Any, dataset: Dataset | str | None, options: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """The options of all shards, with the model's path among them. They hold for any folder a worker runs in."""
    of_data = (
        {"dataset": dataset} if isinstance(dataset, str) else dataset.options if isinstance(dataset, Dataset) else {}
    )
    of_model = model.options if isinstance(model, Model) else {}
    given = _options.merged(of_model, of_data, options)
    if "shard" in given:
        raise errors.InvalidArgumentError("shard is set, but distributed.score() scores all shards: leave it out")
    if "dataset" not in given or (isinstance(dataset, Dataset) and "dataset" not in dataset.options):
        raise errors.InvalidArgumentError(
            "the workers cannot open this dataset: pass the name of a format such as voc, and options that say "
            "where the data are"
        )
    os.makedirs(os.path.join(folder, FOLDER), exist_ok=True)
    given["model"] = _model_path(model, folder, given)
    if "classes" in given:
        given["classes"] = class_map_file(given["classes"], folder)
    portable = {name: _portable(name, value) for name, value in given.items()}
    with _options.made(portable):  # checks the values here, before they are sent anywhere
        return portable


def _model_path(model: Any, folder: str, options: Mapping[str, Any]) -> str:
    if isinstance(model, Model):
        return os.path.abspath(model.path)
    if isinstance(model, (str, os.PathLike)):
        path = os.path.abspath(os.fspath(model))
        if not os.path.exists(path):  # no other try of a shard would find it
            raise errors.MissingFileError(f"{path}: no such model file")
        return path
    if not is_module(model):
        raise errors.InvalidArgumentError(
            f"the model is a {type(model).__name__}: pass the path of an archive, a Model or a PyTorch module"
        )
    with archive(model, _shape(options), folder) as path:
        return path


def _portable(name: str, value: Any) -> Any:
    """A relative path would mean something else on a worker. What is no file here is a name, such as imagenet."""
    if isinstance(value, Preprocess):
        return json.loads(value.json)
    if isinstance(value, (list, tuple)):
        return [_portable(name, item) for item in value]
    if isinstance(value, (os.PathLike, bytes)):
        value = os.fsdecode(value)
    is_file = (isinstance(value, str) and DECLARED[name].type == "path") or name == "preprocess"
    return os.path.abspath(value) if is_file and isinstance(value, str) and os.path.exists(value) else value


# ---- the plan ----


def _plan(folder: str, shards: int | None, client: Any) -> int:
    """The number of shards. It cannot change once a shard has rows."""
    if shards is not None and shards < 1:
        raise errors.InvalidArgumentError(f"shards is {shards}, but must be at least 1")
    path = os.path.join(folder, FOLDER, _shard.PLAN)
    text = _read(path)
    if text is None:
        count = shards or SHARDS_OF_A_THREAD * max(4, sum(client.nthreads().values()))
        write_whole(path, json.dumps({"shards": count}))
        return count
    planned = int(json.loads(text)["shards"])
    if shards not in (None, planned):
        raise errors.OtherOptionsError(
            f"{folder} has results of {planned} shards, not {shards}: leave shards out, choose another `out`, or "
            "remove this one"
        )
    return planned


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


@contextmanager
def _client(client: Any) -> Iterator[Any]:
    """The caller's client; or one that is closed at the end."""
    dask = _library.package("distributed", "checkrob.distributed.score()")
    if client is not None and not isinstance(client, str):
        yield client
        return
    if client is None:
        try:
            current = dask.default_client()
        except ValueError:
            current = None
        if current is not None:
            yield current
            return
    made = dask.Client(client) if client else dask.Client(threads_per_worker=1)
    try:
        yield made
    finally:
        made.close()


# ---- the shards on the workers ----


def _host(address: str) -> str:
    """tcp://10.0.0.1:4321 is a worker on 10.0.0.1."""
    return address.partition("://")[2].rpartition(":")[0] or "here"


@dataclass
class _Work:
    client: Any
    options: dict[str, Any]
    out: str
    shards: int
    retries: int
    submit: dict[str, Any]
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    tries: dict[int, int] = field(default_factory=dict)
    pending: dict[str, Any] = field(default_factory=dict)  # futures by key
    failed: dict[int, BaseException] = field(default_factory=dict)
    done: int = 0

    @property
    def folder(self) -> str:
        return os.path.join(self.out, FOLDER)

    @property
    def stop(self) -> str:
        return os.path.join(self.folder, f"stop-{self.run}")

    def execute(self, progress: Progress) -> None:
        bar = Bar(progress, "score", "shard")
        try:
            self._wait(bar)
        except BaseException:
            # Dask cannot stop what computes, and never will: the shards look for this file.
            write_whole(self.stop, "")
            self.client.cancel(list(self.pending.values()), force=True)
            raise
        finally:
            bar.close()
        if self.failed:
            raise self._failure()
        self._remove_stops()

    def _wait(self, bar: Bar) -> None:
        dask = _library.package("distributed", "checkrob.distributed.score()")
        slots = self._slots()
        finished = dask.as_completed(
            [self._start(shard, slots) for shard in range(1, self.shards + 1)], raise_errors=False
        )
        bar.show(0, self.shards)
        for future in finished:
            shard = int(future.key.rpartition("-")[2])
            del self.pending[future.key]
            problem = self._problem(future)
            future.release()
            if problem is None:
                self.done += 1
                bar.show(self.done, self.shards)
            elif self.tries[shard] <= self.retries:
                finished.add(self._start(shard, slots))
            else:
                self.failed[shard] = problem

    def _start(self, shard: int, slots: int) -> Any:
        self.tries[shard] = self.tries.get(shard, 0) + 1
        key = f"checkrob-{self.run}-{self.tries[shard]}-{shard}"
        future = self.client.submit(
            _shard.score_shard, self.options, shard, self.shards, self.folder, self.stop, slots,
            key=key, pure=False, **self.submit)  # fmt: skip
        self.pending[key] = future
        return future

    def _slots(self) -> int:
        """How many shards the busiest machine works on at a time; 0 if the caller set the threads."""
        if "threads" in self.options:
            return 0
        threads: dict[str, int] = {}
        for address, count in self.client.nthreads().items():
            threads[_host(address)] = threads.get(_host(address), 0) + count
        return max(threads.values(), default=1)

    def _problem(self, future: Any) -> BaseException | None:
        """None: the shard is done. Raises what no other try would mend."""
        if future.status == "finished":
            done: _shard.Done = future.result()
            if done.problem is not None:
                raise done.problem
            return ShardError(f"shard {done.shard} was stopped") if done.stopped else None
        problem: BaseException = (
            ShardError("the scheduler cancelled the shard") if future.cancelled() else future.exception()
        )
        return problem

    def _failure(self) -> ShardError:
        names = ", ".join(map(str, sorted(self.failed)))
        first = self.failed[min(self.failed)]
        return ShardError(
            f"{len(self.failed)} of {self.shards} shards failed (tried {self.retries + 1} times): {names}; "
            f"the first one: {str(first) or type(first).__name__}; "
            + (f"the others are stored in {self.folder}, and " if self.done else "")
            + "the same call scores the rest"
        )

    def _remove_stops(self) -> None:
        for name in os.listdir(self.folder):
            if name.startswith("stop-"):
                os.unlink(os.path.join(self.folder, name))


# ---- the merge ----


def _merged(folder: str, shards: int, options: Mapping[str, Any]) -> Results:
    """An earlier merged file is replaced: all it contains is in the shards."""
    target = os.path.join(folder, FILE)
    let_go(target)
    if os.path.exists(target):
        os.unlink(target)
    merged = merge(target, [os.path.join(folder, FOLDER, str(shard), FILE) for shard in range(1, shards + 1)])
    _write_summary(folder, options)
    return merged
