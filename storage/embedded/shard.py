"""A shard: one file of up to about a thousand rows, with group commit.

Changes that are asked for during a write wait, and go into the next write together.

A change is applied to a copy and written; only then do readers see it. When the disk refuses,
every writer of the batch gets the StoreError, nobody sees the change, and the shard is read from
disk again at its next use. A disk that fails at the very last step may have kept the change all the
same. Then the next read shows it: the disk decides.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from storage.embedded.documents import Document, Documents, Rows, damaged
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError

S = TypeVar("S")
T = TypeVar("T")


class Edit:
    """A shard's rows while they are being changed, with the changes made so far."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.changed: dict[str, Document | None] = {}
        """Rows by id; None: removed."""

    def get(self, row_id: str) -> Document | None:
        return self.changed[row_id] if row_id in self.changed else self._rows.get(row_id)

    def items(self) -> Iterator[tuple[str, Document]]:
        for row_id in self._rows:
            document = self.get(row_id)
            if document is not None:
                yield row_id, document
        for row_id, document in list(self.changed.items()):
            if row_id not in self._rows and document is not None:
                yield row_id, document

    def put(self, row_id: str, document: Document) -> None:
        self.changed[row_id] = document

    def remove(self, row_id: str) -> bool:
        """Removes the row; False when there is no such row."""
        if self.get(row_id) is None:
            return False
        self.changed[row_id] = None
        return True


RowChange = Callable[[Edit], T]
"""A change of a shard's rows. It runs in a worker thread, and may raise StoreError before it puts
anything: then that caller alone is refused."""


class _Batch:
    """The changes of one write, and the write."""

    def __init__(self) -> None:
        self.changes: list[RowChange[Any]] = []
        self.commit: asyncio.Task[list[Any]]


class Shard(Generic[S]):
    """One file of rows, with group commit and a summary that is a pure function of the rows."""

    def __init__(
        self,
        volume: Volume,
        collection: str,
        name: str,
        summarise: Callable[[Rows], S],
        *,
        known: bool,
    ) -> None:
        self._volume = volume
        self._collection = collection
        self._name = name
        self._summarise = summarise
        self._known = known
        self._documents: Documents | None = None
        self._waiting: _Batch | None = None
        self._busy = asyncio.Lock()
        self._dropped = False
        self.placed = 0
        """How many rows have a place here, kept or being added."""
        self.known_summary: S | None = None
        """The summary; None when the rows have to be read first."""

    @property
    def path(self) -> str:
        return self._volume.path(f"{self._collection}/{self._name}")

    @property
    def loaded(self) -> bool:
        """True when the rows are in memory."""
        return self._documents is not None

    @property
    def idle(self) -> bool:
        """True when no change waits or is under way."""
        return self._waiting is None and not self._busy.locked()

    async def rows(self) -> Rows:
        """Returns the durable rows as they are now; later changes do not show in them."""
        documents = self._documents
        if documents is None:
            async with self._busy:
                documents = await self._load()
        else:
            self._volume.used(self)
        return documents.rows()

    async def summary(self) -> S:
        while (summary := self.known_summary) is None:
            async with self._busy:
                await self._load()
        return summary

    async def change(self, change: RowChange[T]) -> T:
        """Applies the change; returns its result as soon as the change is durable.

        The change is made even when the caller is cancelled meanwhile.
        """
        self._volume.require_open()
        batch = self._waiting
        if batch is None:
            batch = self._waiting = _Batch()
            batch.commit = asyncio.create_task(self._commit(batch))
            self._volume.begin(batch.commit)
        place = len(batch.changes)
        batch.changes.append(change)
        results = await asyncio.shield(batch.commit)
        result = results[place]
        if isinstance(result, StoreError):
            raise result
        return result  # type: ignore[no-any-return]  # each change's result is at its own place

    def not_understood(self, error: Exception) -> Damaged:
        """Returns the error for a row that is not of the expected kind, and reports the damage.

        The error names the file.
        """
        damage = damaged(self.path, f"a row in it is not understood ({error!r})")
        self._volume.met(damage)
        return damage

    def unload(self) -> None:
        """Lets go of the rows, and keeps the summary."""
        self._documents = None
        self._volume.unloaded(self)

    async def drop(self) -> None:
        """Waits for the write that is under way, and refuses later changes."""
        async with self._busy:
            self._dropped = True
            self.unload()

    async def _commit(self, batch: _Batch) -> list[Any]:
        async with self._busy:
            self._waiting = None  # changes from here on go into the next write
            documents = await self._load()
            try:
                results, summary = await self._volume.run(self._apply, documents, batch.changes)
            except StoreError:
                self.known_summary = None
                self.unload()
                raise
            self._known = True
            self.known_summary = summary
            return results

    def _apply(
        self, documents: Documents, changes: list[RowChange[Any]]
    ) -> tuple[list[Any], S | None]:
        edit = Edit(documents.rows())
        results: list[Any] = []
        for change in changes:
            try:
                results.append(change(edit))
            except StoreError as refusal:
                results.append(refusal)
            except msgspec.ValidationError as error:
                results.append(self.not_understood(error))
        if not edit.changed:
            return results, self.known_summary
        documents.change(edit.changed)
        return results, self._summarise(documents.rows())

    async def _load(self) -> Documents:
        """Returns the documents, read from disk when needed. Call it with ``_busy`` held."""
        if self._dropped:
            raise StoreError(f"{self.path} has been removed.")
        if self._documents is None:
            documents, self.known_summary = await self._volume.run(self._read)
            self._documents = documents
        self._volume.used(self)
        return self._documents

    def _read(self) -> tuple[Documents, S]:
        documents = self._volume.documents(self._collection, self._name, known=self._known)
        try:
            return documents, self._summarise(documents.rows())
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            msgspec.ValidationError,
        ) as error:
            raise self.not_understood(error) from error


@contextlib.contextmanager
def understood(shard: Shard[Any]) -> Iterator[None]:
    """Raises Damaged, with the name of the file, when a row is not of the expected kind."""
    try:
        yield
    except msgspec.ValidationError as error:
        raise shard.not_understood(error) from error
