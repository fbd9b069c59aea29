"""What a store refuses, and why.

::

    StoreError
    ├── Conflict      saved with a stale revision
    ├── Damaged       a file or a row can't be read
    ├── InUse         another process has the data folder
    └── Unavailable   the database can't be reached, or can't serve just now
"""


class StoreError(Exception):
    """Base of what a store refuses."""


class Conflict(StoreError):
    """The document was saved by someone else since it was read (or deleted); read it again."""


class Damaged(StoreError):
    """A file is truncated or corrupt. It is named and left as it is, never replaced in silence.

    Of a database: a row is not of a kind that this version knows.
    """


class InUse(StoreError):
    """Another process works with the same data folder."""


class Unavailable(StoreError):
    """Not now: there is no connection, no answer in time, or a server that takes no writes.

    Try again in a moment. A change that was asked for may have been made all the same.
    """
