"""Disks for the embedded store: real ones that can be full, fail, and record what they write."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from storage.embedded.files import Disk


class FaultyDisk(Disk):
    """A real disk whose steps can be made to fail, each where real disks fail."""

    def __init__(self) -> None:
        super().__init__()
        self.room: int | None = None
        """How many bytes still fit; None: any number."""
        self.fails_at_rename = False
        self.fails_after_rename = False
        self.fails_once_after_rename = False
        self.unreadable = False
        self.writing = threading.Event()
        """Set when a write has begun."""
        self.may_write = threading.Event()
        """Cleared: writes wait."""
        self.may_write.set()
        self.replaced: list[Path] = []
        self.reads = 0

    def read(self, path: Path) -> bytes | None:
        self.reads += 1
        if self.unreadable:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(path)

    def replace(self, path: Path, content: bytes) -> None:
        self.writing.set()
        self.may_write.wait()
        super().replace(path, content)
        if self.fails_after_rename or self.fails_once_after_rename:
            self.fails_once_after_rename = False
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.replaced.append(path)

    def _write(self, path: Path, content: bytes) -> None:
        if self.room is not None and len(content) > self.room:
            super()._write(path, content[: self.room])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super()._write(path, content)
        if self.fails_at_rename:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
