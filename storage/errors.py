"""Errors that a store raises.

::

    StoreError
    ├── Conflict      saved with a stale revision
    ├── Damaged       a file or a row can't be read
    ├── InUse         another process has the data folder
    └── Unavailable   the database can't be reached, or can't serve just now
"""

from __future__ import annotations

from collections.abc import Iterable


class StoreError(Exception):
    """Base of all errors that a store raises."""


class Conflict(StoreError):
    """The document was saved or deleted by someone else since it was read; read it again."""


class Damaged(StoreError):
    """A file is truncated or corrupt, or this version does not understand a row.

    The message names the file, or the table and the row. Damage is left as it is, never replaced in
    silence.

    :param rows: the ids of the rows that are not understood, as the caller knows them: of users, or
        of recipients. Empty when the damage is not that of single rows.
    """

    def __init__(self, message: str, *, rows: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.rows = frozenset(rows)


class InUse(StoreError):
    """Another process uses the same data folder."""


class Unavailable(StoreError):
    """There is no connection now, no answer in time, or the server takes no writes.

    Try again in a moment. A change that was asked for may have been made all the same.
    """
