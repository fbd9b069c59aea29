"""Errors that a store raises.

::

    StoreError
    ├── Conflict      saved with a stale revision
    ├── Damaged       a file or a row can't be read
    ├── InUse         another process has the data folder
    └── Unavailable   the database can't be reached, or can't serve just now
"""


class StoreError(Exception):
    """Base of all errors that a store raises."""


class Conflict(StoreError):
    """The document was saved or deleted by someone else since it was read; read it again."""


class Damaged(StoreError):
    """A file is truncated or corrupt. It is named and left as it is, never replaced in silence.

    For a database: this version does not understand a row.
    """


class InUse(StoreError):
    """Another process uses the same data folder."""


class Unavailable(StoreError):
    """There is no connection now, no answer in time, or the server takes no writes.

    Try again in a moment. A change that was asked for may have been made all the same.
    """
