"""Campaigns whose files are open: as many as are worked with, and some more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from campaigns.campaign import CampaignKey

_KEPT_OPEN = 32
"""Campaigns that stay open for each kind of file, besides those that can't be closed."""


class CampaignFiles(ABC):
    """A campaign's files of one kind, and how many coroutines are working with them."""

    def __init__(self) -> None:
        self.workers = 0

    @property
    @abstractmethod
    def closable(self) -> bool:
        """True when nobody is at work and the files need not stay in memory."""

    @abstractmethod
    async def load(self) -> None:
        """Reads what has to be known of the files; repeating it does nothing."""

    def enter(self) -> None:
        """Counts a coroutine that begins to work with the files."""
        self.workers += 1

    def leave(self) -> None:
        """Counts off a coroutine that has ended its work with the files."""
        self.workers -= 1


F = TypeVar("F", bound=CampaignFiles)


class OpenedFiles(Generic[F]):
    """The campaigns whose files of one kind are open; the last is the one used last."""

    def __init__(self, open_files: Callable[[CampaignKey], F]) -> None:
        self._open_files = open_files
        self._files: dict[CampaignKey, F] = {}

    @asynccontextmanager
    async def opened(self, key: CampaignKey) -> AsyncIterator[F]:
        """Yields the campaign's files; they stay the same objects until the block ends."""
        files = self._files.pop(key, None) or self._open_files(key)
        self._files[key] = files  # now the last one used
        files.enter()
        try:
            await files.load()
            yield files
        finally:
            files.leave()
            self._close_one(besides=files)

    @asynccontextmanager
    async def dropping(self, key: CampaignKey) -> AsyncIterator[F]:
        """Yields the campaign's files, to be dropped: the next caller gets new ones.

        Also when dropping fails: the next caller reads again what is there. The old files refuse
        callers that still work with them.
        """
        async with self.opened(key) as files:
            try:
                yield files
            finally:
                if self._files.get(key) is files:
                    del self._files[key]

    def _close_one(self, *, besides: F) -> None:
        if len(self._files) > _KEPT_OPEN:
            for key, files in list(self._files.items()):
                if files is not besides and files.closable:
                    del self._files[key]
                    break
