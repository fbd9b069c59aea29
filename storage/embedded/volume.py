"""The volume: the place of the store's files, the threads that use it, and a bound on memory."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from storage.damage import DamageLog
from storage.embedded.documents import AtomicFile, Documents, in_memory
from storage.embedded.files import Files
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

_THREADS = 4
"""How many shards are read or written at the same moment; their fsyncs overlap."""


class Loaded(Protocol):
    """An object that is kept in memory while it is used, and can be read again from disk."""

    @property
    def idle(self) -> bool: ...

    def unload(self) -> None: ...

    async def take_back(self) -> None: ...


class Volume:
    """The place of shards (a folder or memory), with its threads and a limit of loaded shards.

    :param strict: True when damaged rows are refused wherever they would be left out.
    """

    def __init__(
        self, folder: Path | None, files: Files, *, loaded: int, strict: bool = False
    ) -> None:
        self._folder = folder
        self._files = files
        self._limit = loaded
        self._loaded: OrderedDict[Loaded, None] = OrderedDict()
        self._memory: dict[str, dict[str, Documents]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="storage")
        self._commits: set[asyncio.Task[Any]] = set()
        self._unsure: dict[Loaded, str] = {}
        self.damages = DamageLog(strict=strict)
        """Logs rows that are left out because they are not understood."""
        self.damage: Damaged | None = None
        """The first damage met since the start. It stays: repairing a file takes a restart."""
        self._closed = False
        self._ended = False

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does blocking work in a worker thread; returns its result."""
        if self._ended:
            raise StoreError("The store is closed.")
        call = functools.partial(work, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except Damaged as error:
            self.met(error)
            raise

    def met(self, damage: Damaged) -> None:
        """Remembers damage for :attr:`damage`."""
        self.damage = self.damage or damage

    def begin(self, commit: asyncio.Task[Any]) -> None:
        """Remembers a write that :meth:`close` has to wait for."""
        self._commits.add(commit)
        commit.add_done_callback(self._commits.discard)

    def require_open(self) -> None:
        """Raises StoreError when the store is being closed, or is closed."""
        if self._closed:
            raise StoreError("The store is closed.")

    async def close(self) -> None:
        """Finishes the writes that were begun, and refuses everything that comes after."""
        self._closed = True
        while self._commits:
            await asyncio.wait(self._commits)
        await self.take_back()
        for path in self._unsure.values():
            _log.warning("%s may have a change that was refused, because the disk failed", path)
        self._ended = True
        self._threads.shutdown()

    def settled(self, shard: Loaded, *, unsure: bool, path: str = "") -> None:
        """Notes whether the disk may have a change of this shard that was refused.

        :param path: the shard's file, for people to read.
        """
        if unsure:
            self._unsure[shard] = path
        else:
            self._unsure.pop(shard, None)

    async def take_back(self) -> None:
        """Tries once more to take changes that were refused back from the disk."""
        for shard in list(self._unsure):
            await shard.take_back()

    def documents(self, collection: str, name: str, *, known: bool) -> Documents:
        """Returns the documents of a file.

        :param known: True when the file must be there.
        """
        if self._folder is None:
            return self._memory.setdefault(collection, {}).setdefault(name, Documents(in_memory()))
        return Documents(AtomicFile(self._files, self._folder / collection / name, known=known))

    def names(self, collection: str) -> list[str]:
        """Returns the names of a collection's files, in order."""
        if self._folder is None:
            return sorted(self._memory.get(collection, {}))
        try:
            return self._files.names(self._folder / collection)
        except OSError as error:
            raise StoreError(f"{self.path(collection)} can't be read: {error.strerror}.") from error

    def discard(self, collection: str) -> None:
        """Removes a collection with all of its files."""
        if self._folder is None:
            self._memory.pop(collection, None)
            return
        try:
            self._files.discard(self._folder / collection)
        except OSError as error:
            raise StoreError(
                f"{self.path(collection)} can't be removed: {error.strerror}."
            ) from error

    def level(self, collections: Sequence[str]) -> None:
        """Gives the files of these collections the same times; see :meth:`Files.level`."""
        if self._folder is None:
            return
        try:
            self._files.level([self._folder / collection for collection in collections])
        except OSError as error:
            raise StoreError(
                f"The times of {self.path(collections[0])} can't be set: {error.strerror}."
            ) from error

    def path(self, name: str) -> str:
        """Returns the path of a collection or a file, for people to read."""
        return str(self._folder / name) if self._folder else f"memory:{name}"

    def used(self, shard: Loaded) -> None:
        """Keeps this shard loaded; unloads those that have not been used for longest."""
        self._loaded[shard] = None
        self._loaded.move_to_end(shard)
        if len(self._loaded) > self._limit:
            for other in [other for other in self._loaded if other.idle and other is not shard]:
                other.unload()
                if len(self._loaded) <= self._limit:
                    break

    def unloaded(self, shard: Loaded) -> None:
        """Forgets a shard that is not loaded any more."""
        self._loaded.pop(shard, None)
