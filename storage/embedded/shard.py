"""A shard: one file of up to about a thousand rows, with group commit.

Changes that are asked for during a write wait, and go into the next write together.

A change is applied to a copy and written; only then do readers see it. When the disk refuses,
every writer of the batch gets the StoreError, and the change has not happened. A disk that fails at
the very last step may have kept it all the same. So the file is read again, and the change is
taken back. While that is not possible, the shard stays in memory as it was before the change, and
the next change that is written replaces what the disk has.

A row that can't be summarised is set aside: it stays in the file as it is, whoever asks for it gets
Damaged, and the other rows of the file are as before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from storage.embedded.documents import Document, Documents, Rows, damaged
from storage.embedded.edit import Edit, RowChange
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError

S = TypeVar("S")
T = TypeVar("T")


class _Batch:
    """The changes of one write, and the write."""

    def __init__(self) -> None:
        self.changes: list[RowChange[Any]] = []
        self.commit: asyncio.Task[list[Any]]


class Shard(Generic[S]):
    """One file of rows, with group commit and a summary that is a pure function of the rows.

    :param row_by_row: True when a row that is not understood is set aside; False when the file then
        is not understood as a whole.
    """

    def __init__(
        self,
        volume: Volume,
        collection: str,
        name: str,
        summarise: Callable[[Rows], S],
        *,
        known: bool,
        row_by_row: bool = False,
    ) -> None:
        self._volume = volume
        self._collection = collection
        self._name = name
        self._summarise = summarise
        self._known = known
        self._row_by_row = row_by_row
        self.aside: Mapping[str, Damaged] = {}
        """Rows that were set aside when the file was last read, and why."""
        self._documents: Documents | None = None
        self._rows: Rows | None = None
        """The rows as readers see them. They change together with the summary, on the event loop:
        what is being written in a thread is in neither."""
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
        """True when nothing is being changed, and the disk has no change that was refused."""
        return self._waiting is None and not self._busy.locked() and not self.unsure

    @property
    def unsure(self) -> bool:
        """True when the disk may have a change that was refused."""
        return self._documents is not None and self._documents.unsure

    async def rows(self) -> Rows:
        """Returns the durable rows as they are now, without those that were set aside.

        Later changes do not show in them.
        """
        while (rows := self._rows) is None:
            async with self._busy:
                await self._load()
        self._volume.used(self)
        return rows

    async def has(self, row_id: str) -> bool:
        """Returns True when the file has this row, understood or not."""
        return row_id in await self.rows() or row_id in self.aside

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

    def not_understood(self, error: Exception, *rows: str) -> Damaged:
        """Returns the error for rows that are not of the expected kind, and reports the damage.

        The error names the file and the first of the rows; what is reported is read by everybody
        and names the file alone.
        """
        self._volume.met(damaged(self.path, "a row in it is not understood"))
        which = f"the row {rows[0]!r}" if len(rows) == 1 else "a row"
        if len(rows) > 1:
            which = f"the row {rows[0]!r}, as {len(rows) - 1} others,"
        return damaged(self.path, f"{which} in it is not understood ({error!r})", rows=rows)

    def split(
        self, rows: Iterable[tuple[str, Document]], decode: Callable[[Document], T]
    ) -> tuple[dict[str, T], Damaged | None]:
        """Returns the rows that ``decode`` understands, by id, and one error for all others.

        The error is None when there are none.
        """
        values: dict[str, T] = {}
        refused: dict[str, Exception] = {}
        for row_id, row in rows:
            try:
                values[row_id] = decode(row)
            except _NOT_UNDERSTOOD as error:
                refused[row_id] = error
        if not refused:
            return values, None
        return values, self.not_understood(next(iter(refused.values())), *refused)

    async def get(
        self, row_ids: Collection[str], decode: Callable[[Document], T]
    ) -> tuple[dict[str, T], list[Damaged]]:
        """Returns those of these rows that exist, by id, and errors for those not understood."""
        try:
            rows = await self.rows()
        except Damaged as error:
            return {}, [Damaged(str(error), rows=row_ids)]
        wanted = [(row_id, rows[row_id]) for row_id in row_ids if row_id in rows]
        values, damage = self.split(wanted, decode)
        damages = [self.aside[row_id] for row_id in row_ids if row_id in self.aside]
        return values, damages if damage is None else [damage, *damages]

    def understood(
        self, rows: Iterable[tuple[str, Document]], decode: Callable[[Document], T]
    ) -> list[T]:
        """Returns the rows that ``decode`` understands; others are left out, and logged."""
        values, damage = self.split(rows, decode)
        if damage is not None:
            self._volume.damages.left_out(damage)
        return list(values.values())

    async def take_back(self) -> None:
        """Tries once more to take a refused change back from the disk."""
        async with self._busy:
            if self._documents is not None:
                await self._volume.run(self._documents.take_back)
                self._volume.settled(self, unsure=self.unsure, path=self.path)

    def unload(self) -> None:
        """Lets go of the rows, and keeps the summary."""
        self._documents = self._rows = None
        self._volume.unloaded(self)

    async def drop(self) -> None:
        """Waits for the write that is under way, and refuses later changes."""
        async with self._busy:
            self._dropped = True
            self._volume.settled(self, unsure=False)
            self.unload()

    async def _commit(self, batch: _Batch) -> list[Any]:
        async with self._busy:
            self._waiting = None  # changes from here on go into the next write
            documents = await self._load()
            try:
                results, rows, summary = await self._volume.run(
                    self._apply, documents, batch.changes
                )
            except StoreError:
                self._volume.settled(self, unsure=documents.unsure, path=self.path)
                raise
            self._volume.settled(self, unsure=False)
            self._known = True
            self._rows, self.known_summary = rows, summary
            return results

    def _apply(
        self, documents: Documents, changes: list[RowChange[Any]]
    ) -> tuple[list[Any], Rows, S | None]:
        edit = Edit(self._sound(documents.rows(), self.aside), self.aside)
        results: list[Any] = []
        for change in changes:
            try:
                results.append(change(edit))
            except StoreError as refusal:
                results.append(refusal)
            except _NOT_UNDERSTOOD as error:
                results.append(self.not_understood(error))
        if not edit.changed:
            return results, edit.rows, self.known_summary
        documents.change(edit.changed)
        rows = self._sound(documents.rows(), self.aside)
        return results, rows, self._summarise(rows)

    async def _load(self) -> Documents:
        """Returns the documents, read from disk when needed. Call it with ``_busy`` held."""
        if self._dropped:
            raise StoreError(f"{self.path} has been removed.")
        if self._documents is None:
            documents, rows, summary, aside = await self._volume.run(self._read)
            self._documents, self._rows, self.known_summary = documents, rows, summary
            self.aside = aside
        self._volume.used(self)
        return self._documents

    def _read(self) -> tuple[Documents, Rows, S, Mapping[str, Damaged]]:
        documents = self._volume.documents(self._collection, self._name, known=self._known)
        try:
            rows = documents.rows()
            try:
                return documents, rows, self._summarise(rows), {}
            except _NOT_UNDERSTOOD:
                if not self._row_by_row:
                    raise
                aside = self._set_aside(rows)
                sound = self._sound(rows, aside)
                return documents, sound, self._summarise(sound), aside
        except _NOT_UNDERSTOOD as error:
            raise self.not_understood(error) from error

    def _set_aside(self, rows: Rows) -> Mapping[str, Damaged]:
        """Returns the rows that can't be summarised, with the reasons, and logs them."""
        aside: dict[str, Damaged] = {}
        refused: dict[str, Exception] = {}
        for row_id, row in rows.items():
            try:
                self._summarise({row_id: row})
            except _NOT_UNDERSTOOD as error:
                refused[row_id] = error
                aside[row_id] = self.not_understood(error, row_id)
        if refused:
            first = next(iter(refused.values()))
            self._volume.damages.left_out(self.not_understood(first, *refused))
        return aside

    def _sound(self, rows: Rows, aside: Mapping[str, Damaged]) -> Rows:
        if not aside:
            return rows
        return {row_id: row for row_id, row in rows.items() if row_id not in aside}


@contextlib.contextmanager
def understood(shard: Shard[Any]) -> Iterator[None]:
    """Raises Damaged, with the name of the file, when a row is not of the expected kind."""
    try:
        yield
    except _NOT_UNDERSTOOD as error:
        raise shard.not_understood(error) from error


_NOT_UNDERSTOOD = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    msgspec.ValidationError,
)
"""Errors of code that reads a row of another kind than it expects."""
