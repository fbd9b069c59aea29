"""Disks for the embedded store: real ones that can be full, fail, and record what they write."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storage.embedded.files import Disk

T = TypeVar("T")


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


class FailingDisk(Disk):
    """A real disk that fails at one of its steps, before the step has its effect or after it."""

    def __init__(self) -> None:
        super().__init__()
        self._counting = threading.Lock()
        self.heal()

    def heal(self) -> None:
        """Lets the disk work again."""
        self._on = False
        self.steps: list[str] = []
        """The steps since :meth:`fail`."""

    def fail(self, first: int, *, after: bool, lasting: bool) -> None:
        """Lets the disk fail.

        :param first: the number of the step from now on, beginning with 0.
        :param after: True when the step that fails has its effect all the same.
        :param lasting: True when all steps after it fail, too, without an effect.
        """
        self._on, self._first, self._after, self._lasting = True, first, after, lasting
        self.steps = []

    @property
    def failed(self) -> bool:
        """True when a step has failed since :meth:`fail`."""
        return self._on and len(self.steps) > self._first

    def _step(self, step: str, path: Path, act: Callable[[], T]) -> T:
        with self._counting:
            number = len(self.steps)
            self.steps.append(step)
        if not self._on or number < self._first or (number > self._first and not self._lasting):
            return act()
        if number == self._first and self._after:
            act()
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
