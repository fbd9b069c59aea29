"""A shard's rows while they are being changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from storage.embedded.documents import Document, Rows
from storage.errors import Damaged

T = TypeVar("T")


class Edit:
    """A shard's rows while they are being changed, with the changes made so far.

    :param aside: rows that are not understood, and why. They stay as they are.
    """

    def __init__(self, rows: Rows, aside: Mapping[str, Damaged] | None = None) -> None:
        self.rows = rows
        """The rows before all changes, without those that are not understood."""
        self.aside = aside or {}
        self.changed: dict[str, Document | None] = {}
        """Rows by id; None: removed."""

    def __contains__(self, row_id: str) -> bool:
        """Returns True when there is such a row, understood or not."""
        return row_id in self.aside or self.get(row_id) is not None

    def get(self, row_id: str) -> Document | None:
        """Returns the row; None when there is none. Raises Damaged when it is not understood."""
        self._require_understood(row_id)
        return self.changed[row_id] if row_id in self.changed else self.rows.get(row_id)

    def items(self) -> Iterator[tuple[str, Document]]:
        """Yields all rows that are understood."""
        for row_id in self.rows:
            document = self.get(row_id)
            if document is not None:
                yield row_id, document
        for row_id, document in list(self.changed.items()):
            if row_id not in self.rows and document is not None:
                yield row_id, document

    def put(self, row_id: str, document: Document) -> None:
        """Keeps this row. Raises Damaged rather than replace one that is not understood."""
        self._require_understood(row_id)
        self.changed[row_id] = document

    def remove(self, row_id: str) -> bool:
        """Removes the row; False when there is no such row."""
        if self.get(row_id) is None:
            return False
        self.changed[row_id] = None
        return True

    def _require_understood(self, row_id: str) -> None:
        if (damage := self.aside.get(row_id)) is not None:
            raise Damaged(str(damage), rows=damage.rows)


RowChange = Callable[[Edit], T]
"""A change of a shard's rows. It runs in a worker thread, and may raise StoreError before it puts
anything: then that caller alone is refused."""
