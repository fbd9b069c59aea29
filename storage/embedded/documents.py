"""TinyDB, made durable: a table of documents in one file, which is replaced whole and never half.

TinyDB's own JSON storage rewrites its file in place; a process that is killed meanwhile leaves half
a file. The storage here writes beside the file, syncs and renames. Only this module imports tinydb.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from tinydb import TinyDB
from tinydb.storages import MemoryStorage, Storage
from tinydb.table import Table

from storage.embedded.files import Files
from storage.errors import Damaged, StoreError

T = TypeVar("T")

Document = dict[str, Any]
"""A row as JSON values. A stored row is never changed, only replaced."""

Rows = Mapping[str, Document]
"""Documents by id, in the order in which they were added."""

_TABLE = "rows"
_DECODER = msgspec.json.Decoder(dict[str, dict[str, dict[str, Any]]])


class Documents:
    """One TinyDB table with string ids.

    Calls block on the disk. They raise StoreError when the disk refuses, and Damaged for a file
    that is not as it was written. A change that raises has not happened, see :class:`AtomicFile`.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._table = _Database(storage=lambda: storage).table(_TABLE)

    @property
    def unsure(self) -> bool:
        """True when the disk may have a change that was refused: keep this object."""
        return isinstance(self._storage, AtomicFile) and self._storage.unsure

    def take_back(self) -> None:
        """Tries once more to take a refused change back from the disk."""
        if isinstance(self._storage, AtomicFile):
            self._storage.take_back()

    def rows(self) -> Rows:
        return self._table.rows()

    def change(self, changed: Mapping[str, Document | None]) -> None:
        """Puts these documents and removes those given as None, in one durable write."""
        self._table.change(changed)


def document(value: object) -> Document:
    """Returns the struct as a row.

    Half a character (a lone surrogate, such as a cut emoji) is kept as "?". It can't be written,
    and must not keep a batch of other people's rows from disk.
    """
    row: Document = msgspec.to_builtins(value)
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        text = json.dumps(row, ensure_ascii=False)
        row = msgspec.json.decode(text.encode("utf-8", "replace"), type=Document)
    return row


def decoder(kind: type[T]) -> Callable[[Document], T]:
    """Decodes rows as structs of this kind; raises ``msgspec.ValidationError`` for other rows."""
    return functools.partial(msgspec.convert, type=kind)


def in_memory() -> Storage:
    """Returns a storage in memory, gone with the process."""
    return MemoryStorage()  # type: ignore[no-untyped-call]


class AtomicFile(Storage):
    """A storage in one file, which has the last durable content at any moment.

    A write that raises has not happened: the content of before stays. The disk may have the new
    content all the same, when it failed after the rename. So the file is read again, and if need be
    the content of before is written back. Where that fails, too, this object goes on with the
    content of before, and its next write puts the file right.

    :param known: True when the file must be there, so that a vanished file isn't taken for an empty
        one.
    """

    def __init__(self, files: Files, path: Path, *, known: bool) -> None:
        self._files = files
        self._path = path
        self._known = known
        self._content: dict[str, dict[str, Any]] | None = None
        self.unsure = False
        """True when the file may have a content that was refused."""

    def read(self) -> dict[str, dict[str, Any]] | None:
        if self._content is None:
            self._content = self._load()
        # A copy of the outer layer: TinyDB puts the changed table into it before it writes.
        return None if self._content is None else dict(self._content)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        content = msgspec.json.encode(data)
        try:
            self._files.replace(self._path, content)
        except OSError as error:
            self._content = self._content or {_TABLE: {}}
            self.unsure = True
            self.take_back()
            raise StoreError(f"{self._path} can't be written: {error.strerror}.") from error
        self.unsure = False
        self._known = True
        self._content = data  # only now, in one step: other threads read while this one writes

    def take_back(self) -> None:
        """Puts the file right when it may have a refused content, and the disk serves."""
        if not self.unsure:
            return
        before = self._content or {_TABLE: {}}
        with contextlib.suppress(OSError):
            now = self._files.read(self._path)
            if not _is_same(now, before):
                self._files.replace(self._path, msgspec.json.encode(before))
            self.unsure = False

    def _load(self) -> dict[str, dict[str, Any]] | None:
        try:
            content = self._files.read(self._path)
        except IsADirectoryError as error:
            raise damaged(self._path, "it is a folder") from error
        except OSError as error:
            raise StoreError(f"{self._path} can't be read: {error.strerror}.") from error
        if content is None:
            if self._known:
                raise damaged(self._path, "it has vanished")
            return None
        try:
            data = _DECODER.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise damaged(self._path, str(error)) from error
        if set(data) != {_TABLE}:
            raise damaged(self._path, "it was not written by this program")
        self._known = True
        return data


def _is_same(written: bytes | None, content: dict[str, dict[str, Any]]) -> bool:
    """Returns True when a file has this content, whichever version wrote it. No file is empty."""
    if written is None:
        return not any(content.values())
    try:
        return bool(_DECODER.decode(written) == content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def damaged(path: Path | str, reason: str, *, rows: Iterable[str] = ()) -> Damaged:
    """Returns the error for a file that can't be understood.

    :param rows: the ids of the rows in it that are not understood.
    """
    return Damaged(
        f"{path} can't be used: {reason}. It has been left as it is. Restore it from a backup, or"
        " move it out of the data folder to go on without what was in it.",
        rows=rows,
    )


class _Table(Table):
    document_id_class = str  # type: ignore[assignment]  # declared as int; the Bot Framework's ids are strings

    def rows(self) -> Rows:
        return self._read_table()  # type: ignore[return-value]  # documents are dicts

    def change(self, changed: Mapping[str, Document | None]) -> None:
        # TinyDB's public methods either put or remove rows, each with a write of its own.
        def update(table: dict[Any, Any]) -> None:
            for doc_id, document in changed.items():
                if document is None:
                    table.pop(doc_id, None)
                else:
                    table[doc_id] = document

        self._update_table(update)


class _Database(TinyDB):
    table_class = _Table

    def table(self, name: str, **kwargs: Any) -> _Table:
        table = super().table(name, **kwargs)
        assert isinstance(table, _Table)
        return table
