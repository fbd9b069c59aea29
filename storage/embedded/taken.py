"""The lock that gives a data folder to one process at a time."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import filelock

from storage.embedded.files import PRIVATE_FILE, make_private
from storage.errors import InUse, StoreError

if sys.platform != "win32":
    import fcntl

_HELD = (errno.EAGAIN, errno.EACCES)


class TakenFolder:
    """A data folder that this process has, until :meth:`release`.

    Two locks: one on the file ``lock``, and one on the folder itself. People remove lock files
    that look as if they were left over; without the second lock, two processes would have the
    folder then, and people would get messages twice.
    """

    def __init__(self, folder: Path) -> None:
        """Takes the folder, and makes it when there is none. Raises InUse or StoreError."""
        # The lock is not bound to a thread: it is released wherever the store is closed.
        self._file = filelock.FileLock(
            folder / "lock", mode=PRIVATE_FILE, blocking=False, thread_local=False
        )
        self._descriptor: int | None = None
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            make_private(folder)
            self._file.acquire()
            self._descriptor = _locked(folder)
        except (filelock.Timeout, InUse):
            self._file.release()
            raise InUse(
                f"Another process works with the data folder {folder.absolute()}. Stop it first, or"
                " give this one a folder of its own."
            ) from None
        except OSError as error:
            self._file.release()
            raise StoreError(
                f"The data folder {folder} can't be used: {error.strerror}."
            ) from error

    def release(self) -> None:
        """Gives the folder back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._file.release()


def _locked(folder: Path) -> int | None:
    """Locks the folder itself; returns None where folders can't be locked.

    Raises InUse when another process has it.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _HELD:
            raise InUse from None
        return None  # a network drive, as a rule: the lock file has to do
    return descriptor
