"""The embedded store: TinyDB files in one folder, for one process, without a server.

::

    data/
    ├── format.json     the format of the files
    ├── lock            held while a process uses the folder
    ├── users/          00000.json, 00001.json, ...
    ├── campaigns/
    ├── lists/
    ├── templates/
    ├── surveys/
    ├── secrets/        the key that signs the links; keep it like a password
    ├── ledger/         a folder per tenant, in it one per campaign
    ├── events/         the same folders; a file beside each file of the ledger
    ├── events of nobody/   the same folders; counted clicks of unknown people
    ├── responses/      the same folders; responses to the campaign's survey
    ├── answered/       the same folders; who has answered
    └── dropped/        notes of deleted campaigns, whose files have yet to go
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec

from campaigns.lists import DistributionList
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from storage.embedded.campaigns import EmbeddedCampaigns
from storage.embedded.documents import damaged
from storage.embedded.events import EmbeddedEvents
from storage.embedded.files import Disk, Files
from storage.embedded.ledger.ledger import EmbeddedLedger
from storage.embedded.named import EmbeddedNamed
from storage.embedded.responses import EmbeddedResponses
from storage.embedded.secrets import EmbeddedSecrets
from storage.embedded.single import AloneInbox, AloneLeases
from storage.embedded.taken import TakenFolder
from storage.embedded.users import EmbeddedUsers
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

FORMAT = 2
"""Format of the files. A later one is refused: reading it as an earlier one would lose data.

Since 2, the fields of a campaign stand in groups; what 1 wrote is understood.
"""

_LOADED = 8
"""Shards kept in memory. A shard takes about 1 MB (deliveries) or 2 MB (users)."""


_OURS = (
    "format.json",
    "lock",
    "users",
    "campaigns",
    "lists",
    "templates",
    "surveys",
    "secrets",
    "ledger",
    "events",
    "events of nobody",
    "responses",
    "answered",
    "dropped",
)
"""Everything that the bot keeps in the data folder."""


class _Marker(msgspec.Struct, frozen=True, omit_defaults=True):
    format: int
    moved: bool = False
    """True when the content was moved to a database, and has gone on there."""


_MARKER = _Marker(FORMAT)


class EmbeddedStore:
    """A store in ``folder``, or in memory alone when that is None (for tests).

    A folder belongs to one process at a time: :meth:`open` raises InUse when another has it.

    :param moving_out: True when the content is only read, to be moved: a folder may be moved again,
        and nothing that is damaged is left out.
    """

    def __init__(
        self, folder: Path | None, *, files: Files | None = None, moving_out: bool = False
    ) -> None:
        self._folder = folder
        self._moving_out = moving_out
        self.moved = False
        """True when the folder has been moved before; known once the store is open."""
        self._files = files or Disk()
        self._lock: TakenFolder | None = None
        self._parts: _Parts | None = None
        self.leases = AloneLeases()
        self.inbox = AloneInbox()

    @property
    def users(self) -> EmbeddedUsers:
        return self._opened.users

    @property
    def campaigns(self) -> EmbeddedCampaigns:
        return self._opened.campaigns

    @property
    def lists(self) -> EmbeddedNamed[DistributionList]:
        return self._opened.lists

    @property
    def templates(self) -> EmbeddedNamed[Template]:
        return self._opened.templates

    @property
    def surveys(self) -> EmbeddedNamed[Survey]:
        return self._opened.surveys

    @property
    def responses(self) -> EmbeddedResponses:
        return self._opened.responses

    @property
    def ledger(self) -> EmbeddedLedger:
        return self._opened.ledger

    @property
    def events(self) -> EmbeddedEvents:
        return self._opened.events

    @property
    def secrets(self) -> EmbeddedSecrets:
        return self._opened.secrets

    async def open(self) -> None:
        """Makes the folder when there is none, takes it for this process, and reads it.

        Raises InUse, Damaged, or StoreError for a folder that can't be used.
        """
        if self._parts is not None:
            raise StoreError("The store is open already.")
        if self._folder is not None:
            self._lock = TakenFolder(self._folder)
            self._protect(self._folder)
        parts = _Parts(Volume(self._folder, self._files, loaded=_LOADED, strict=self._moving_out))
        try:
            if self._folder is not None:
                await parts.volume.run(self._prepare, self._folder)
            await parts.users.load()
            await parts.campaigns.load()
            await parts.lists.load()
            await parts.surveys.load()
            await parts.secrets.load()
            await parts.templates.load()
            if not self._moving_out:
                await parts.responses.load()
                await parts.campaigns.finish_deletions()
        except StoreError:
            await parts.volume.close()
            self._release()
            raise
        self._parts = parts

    async def close(self) -> None:
        """Finishes what is being written, and frees the folder; does nothing when not open."""
        if self._parts is not None:
            await self._parts.campaigns.close()
            await self._parts.volume.close()
            self._parts = None
        self._release()

    async def mark_moved(self) -> None:
        """Marks the folder as moved: from now on it is refused, except for moving again."""
        if self._folder is not None:
            await self._opened.volume.run(self._mark, self._folder, _Marker(FORMAT, moved=True))

    async def check(self) -> None:
        """Writes to the disk, to see that it can; raises StoreError when it can't.

        When a file was found damaged, raises Damaged with its name, until the next start.
        """
        if self._opened.volume.damage is not None:
            raise Damaged(str(self._opened.volume.damage))
        if self._folder is not None:
            async with self._opened.checking:
                await self._opened.volume.take_back()
                await self._opened.volume.run(self._mark, self._folder)
        else:
            self._opened.volume.require_open()

    @property
    def _opened(self) -> _Parts:
        if self._parts is None:
            raise StoreError("The store is not open.")
        return self._parts

    def _prepare(self, folder: Path) -> None:
        path = folder / "format.json"
        try:
            content = self._files.read(path)
            if content is None:
                self._mark(folder)
            else:
                marker = _require_format(path, content)
                self.moved = marker.moved
                if marker.format < FORMAT and not self._moving_out:
                    # From now on it may contain what an earlier program would misread.
                    self._mark(folder, msgspec.structs.replace(marker, format=FORMAT))
                if marker.moved and not self._moving_out:
                    raise StoreError(
                        f"What is in the data folder {folder} was moved to a database, and may have"
                        " gone on there: from here, people would get messages again. Set STORE to"
                        f' the database; or, if that was never used, take "moved" out of {path}.'
                    )
            self._files.sweep(folder)
        except OSError as error:
            raise StoreError(
                f"The data folder {folder} can't be used: {error.strerror}."
            ) from error

    def _mark(self, folder: Path, marker: _Marker = _MARKER) -> None:
        path = folder / "format.json"
        try:
            self._files.replace(path, msgspec.json.encode(marker))
        except OSError as error:
            raise StoreError(f"{path} can't be written: {error.strerror}.") from error

    def _protect(self, folder: Path) -> None:
        """Takes the data folder away from other users of the machine.

        It may have been made by an earlier version, or restored from a backup. Raises nothing:
        where it can't be done, the bot works all the same, and the log says so.
        """
        try:
            changed = self._files.protect(folder, _OURS)
        except OSError as error:
            _log.warning(
                "other users of this machine may be able to read the data folder %s: its"
                " permissions can't be changed: %s",
                folder,
                error,
            )
        else:
            if changed:
                _log.info(
                    "the data folder %s could be read by other users of this machine; that is over"
                    " (%d files and folders)",
                    folder,
                    changed,
                )

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class _Parts:
    """The parts of a store while it is open."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self.checking = asyncio.Lock()
        self.users = EmbeddedUsers(volume)
        self.lists = EmbeddedNamed(volume, "lists", DistributionList)
        self.templates = EmbeddedNamed(volume, "templates", Template)
        self.surveys = EmbeddedNamed(volume, "surveys", Survey)
        self.responses = EmbeddedResponses(volume)
        self.ledger = EmbeddedLedger(volume)
        self.events = EmbeddedEvents(volume, self.ledger)
        self.secrets = EmbeddedSecrets(volume)
        self.campaigns = EmbeddedCampaigns(
            volume, (self.ledger.drop, self.events.drop, self.responses.drop)
        )


def _require_format(path: Path, content: bytes) -> _Marker:
    try:
        marker = msgspec.json.decode(content, type=_Marker)
    except msgspec.DecodeError as error:
        raise damaged(path, str(error)) from error
    if marker.format > FORMAT:
        raise StoreError(
            f"The data folder {path.parent} was written by a newer version (format {marker.format};"
            f" this one knows {FORMAT}). Install that version again, or use another folder."
        )
    return marker
