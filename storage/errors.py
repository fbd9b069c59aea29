"""What a store refuses, and why.

::

    StoreError
    ├── Conflict      saved with a stale revision
    ├── Damaged       a file can't be read
    └── InUse         another process has the data folder
"""


class StoreError(Exception):
    """Base of what a store refuses."""


class Conflict(StoreError):
    """The document was saved by someone else since it was read (or deleted); read it again."""


class Damaged(StoreError):
    """A file is truncated or corrupt. It is named and left as it is, never replaced in silence."""


class InUse(StoreError):
    """Another process works with the same data folder."""
