"""Files of the embedded store: read whole, and replaced durably, whole or not at all.

This is the edge to the disk. Failures reach everything above as ``OSError``, and tests replace the
disk by one that is full or broken.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

_TEMPORARY = ".tmp"
_DISCARDED = ".discarded"


class Files(Protocol):
    """A disk as the store uses it. Every method raises ``OSError`` when the disk refuses."""

    def read(self, path: Path) -> bytes | None:
        """Returns the whole file; None when there is none."""
        ...

    def replace(self, path: Path, content: bytes) -> None:
        """Replaces the file's content, durably; a crash leaves the old content or the new."""
        ...

    def names(self, folder: Path) -> list[str]:
        """Returns the names in the folder, in order; none when there is no such folder."""
        ...

    def discard(self, folder: Path) -> None:
        """Removes the folder and everything in it; a crash leaves all of it or none."""
        ...

    def level(self, folders: Sequence[Path]) -> None:
        """Gives all files in these folders the same times.

        So the times don't tell which files were changed together.
        """
        ...

    def sweep(self, folder: Path) -> None:
        """Removes leftovers of interrupted :meth:`replace` and :meth:`discard` calls below here."""
        ...


class Disk:
    """The real disk."""

    def read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, path: Path, content: bytes) -> None:
        self._make(path.parent)
        temporary = path.with_name(path.name + _TEMPORARY)
        try:
            self._write(temporary, content)
            temporary.replace(path)
        except OSError:
            # On a full disk, the half-written file would take the room that is needed to go on.
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent)

    def names(self, folder: Path) -> list[str]:
        try:
            return sorted(entry.name for entry in folder.iterdir())
        except FileNotFoundError:
            return []

    def discard(self, folder: Path) -> None:
        if not folder.exists():
            return
        # A rename is one step; removing many files is not.
        renamed = folder.with_name(folder.name + _DISCARDED)
        if renamed.exists():
            shutil.rmtree(renamed)
        folder.rename(renamed)
        _sync_folder(folder.parent)
        shutil.rmtree(renamed)

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
                shutil.rmtree(Path(parent, name))
                folders.remove(name)
            for name in files:
                if name.endswith(_TEMPORARY):
                    Path(parent, name).unlink()

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("wb", buffering=0) as file:
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Makes a rename in the folder survive the loss of power.

    Windows has no such call, and needs none.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
