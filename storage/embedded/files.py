"""Files of the embedded store: read whole, and replaced durably, whole or not at all.

This is the edge to the disk. Failures reach everything above as ``OSError``, and tests replace the
disk by one that is full or broken.

A call that fails may have had its effect: a rename counts as done only when its folder was synced,
and the sync can fail. So a caller who gets an error reads again what is there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")

_TEMPORARY = ".tmp"
_DISCARDED = ".discarded"

_POSIX = os.name != "nt"
"""False on Windows: it has other permissions, and no call that syncs a folder."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
"""Permissions of all that is kept: the bot's own user alone may read it."""


class Files(Protocol):
    """A disk as the store uses it. Every method raises ``OSError`` when the disk refuses."""

    def read(self, path: Path) -> bytes | None:
        """Returns the whole file; None when there is none."""
        ...

    def replace(self, path: Path, content: bytes) -> None:
        """Replaces the file's content, durably; a crash leaves the old content or the new.

        When it raises, the file may have either.
        """
        ...

    def names(self, folder: Path) -> list[str]:
        """Returns the names in the folder, in order; none when there is no such folder."""
        ...

    def discard(self, folder: Path) -> None:
        """Removes the folder and everything in it; a crash leaves all of it or none.

        When it raises, it may be repeated, and goes on where it was.
        """
        ...

    def level(self, folders: Sequence[Path]) -> None:
        """Gives all files in these folders the same times.

        So the times don't tell which files were changed together.
        """
        ...

    def sweep(self, folder: Path) -> None:
        """Removes leftovers of interrupted :meth:`replace` and :meth:`discard` calls below here."""
        ...

    def protect(self, folder: Path, names: Sequence[str]) -> int:
        """Takes the folder away from other users of the machine, and what it has of these names.

        Folders of these names are taken with all that is in them. Returns how many files and
        folders had to be changed.
        """
        ...


class Disk:
    """The real disk.

    Everything that it creates is the bot's own user's alone, whatever the process's mask allows.
    """

    def __init__(self) -> None:
        self._unsynced: set[Path] = set()
        """Folders whose sync has failed: what was last made in them is synced again."""

    def read(self, path: Path) -> bytes | None:
        try:
            return self._step("read", path, path.read_bytes)
        except FileNotFoundError:
            return None

    def replace(self, path: Path, content: bytes) -> None:
        self._make(path.parent)
        temporary = path.with_name(path.name + _TEMPORARY)
        try:
            self._write(temporary, content)
            self._step("rename", path, lambda: temporary.replace(path))
        except OSError:
            # On a full disk, the half-written file would take the room that is needed to go on.
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        self._sync_folder(path.parent)

    def names(self, folder: Path) -> list[str]:
        try:
            return self._step(
                "list", folder, lambda: sorted(entry.name for entry in folder.iterdir())
            )
        except FileNotFoundError:
            return []

    def discard(self, folder: Path) -> None:
        # A rename is one step; removing many files is not.
        renamed = folder.with_name(folder.name + _DISCARDED)
        if folder.exists():
            if renamed.exists():
                self._remove(renamed)
            self._step("rename", folder, lambda: folder.rename(renamed))
            self._sync_folder(folder.parent)
        if renamed.exists():
            if folder.parent in self._unsynced:
                self._sync_folder(folder.parent)
            self._remove(renamed)

    def level(self, folders: Sequence[Path]) -> None:
        now = time.time_ns()
        for folder in folders:
            for name in self.names(folder):
                # A file that is being written at this moment gets its time with the next call.
                with contextlib.suppress(FileNotFoundError):
                    os.utime(folder / name, ns=(now, now))

    def sweep(self, folder: Path) -> None:
        for parent, folders, files in os.walk(folder):
            for name in [name for name in folders if name.endswith(_DISCARDED)]:
                self._remove(Path(parent, name))
                folders.remove(name)
            for name in files:
                if name.endswith(_TEMPORARY):
                    Path(parent, name).unlink()

    def protect(self, folder: Path, names: Sequence[str]) -> int:
        if not _POSIX:
            return 0
        # The folder comes first: with it, everything in it is out of others' reach.
        changed = int(self._step("protect", folder, lambda: _protect(folder)))
        return changed + sum(map(_protect, _below([folder / name for name in names])))

    def _write(self, path: Path, content: bytes) -> None:
        descriptor = self._step("create", path, lambda: _created(path))
        try:
            self._step("write", path, lambda: self._fill(descriptor, content))
            self._step("sync", path, lambda: os.fsync(descriptor))
        finally:
            os.close(descriptor)

    def _fill(self, descriptor: int, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            if folder.parent in self._unsynced:
                self._sync_folder(folder.parent)
            return
        self._make(folder.parent)
        self._step("make", folder, lambda: make_private(folder))
        self._sync_folder(folder.parent)

    def _sync_folder(self, folder: Path) -> None:
        """Makes a rename in the folder survive the loss of power."""
        self._unsynced.add(folder)
        self._step("sync folder", folder, lambda: _sync(folder))
        self._unsynced.discard(folder)

    def _remove(self, folder: Path) -> None:
        self._step("remove", folder, lambda: shutil.rmtree(folder))

    def _step(self, step: str, path: Path, act: Callable[[], T]) -> T:
        """Takes one step on the disk. Tests put a disk in its place that fails at some of them."""
        return act()


def make_private(folder: Path) -> None:
    """Makes the folder for the bot's own user alone; does nothing when it is there."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        return
    if _POSIX:
        folder.chmod(PRIVATE_FOLDER)  # the process's mask may have taken rights of our own


def _created(path: Path) -> int:
    """Returns the descriptor of an empty file that only the bot's own user may open."""
    binary: int = getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | binary, PRIVATE_FILE)
    if _POSIX:
        # The file may have been left by an earlier version, and the process's mask counts only for
        # a new one.
        try:
            os.fchmod(descriptor, PRIVATE_FILE)
        except PermissionError:
            pass  # the folder belongs to somebody else, which opening the store has warned of
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


def _sync(folder: Path) -> None:
    if not _POSIX:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _below(paths: Sequence[Path]) -> Iterator[Path]:
    """Yields these files and folders and everything in them, without following links."""
    for path in paths:
        if not path.exists():
            continue
        yield path
        for parent, folders, files in os.walk(path):
            for name in (*folders, *files):
                if not Path(parent, name).is_symlink():
                    yield Path(parent, name)


def _protect(path: Path) -> bool:
    """Takes the rights of all others; returns True when they had some.

    Raises OSError when they still have them: some file systems take the call and do nothing.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return False
    path.chmod(mode & 0o700)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PermissionError(f"the file system keeps no permissions of {path}")
    return True
