"""Events in the embedded store."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.feedback import events
from campaigns.feedback.events import Engagement, Event
from storage.embedded.documents import Document, Rows, document
from storage.embedded.ledger import EmbeddedLedger, folder_of
from storage.embedded.shard import Edit, RowChange, Shard, understood
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume

_NAMELESS = 1_000
"""Events in a file, of those that are nobody's."""

_CHUNK = 1_000
"""Events handed out at a time when all are streamed."""

_KEPT_OPEN = 32
"""Campaigns of which the numbers are kept in memory, file by file."""


class EmbeddedEvents:
    """A file of events beside each file of the campaign's ledger, for the same recipients.

    So every person's events are in one file, the numbers of the files add up, and whoever goes
    through the ledger reads each file of events once. What is nobody's is kept apart, an event a
    row.
    """

    def __init__(self, volume: Volume, ledger: EmbeddedLedger) -> None:
        self._volume = volume
        self._ledger = ledger
        self._campaigns: dict[CampaignKey, _Opened] = {}

    async def append(self, key: CampaignKey, new: Sequence[Event]) -> int:
        places = await self._ledger.locate(key, {event.recipient_id for event in new})
        by_file: dict[int, list[Event]] = {}
        for event in new:
            if event.recipient_id in places:
                by_file.setdefault(places[event.recipient_id], []).append(event)
        nameless = [event for event in new if not event.recipient_id]
        if nameless and not (await self._ledger.counts(key)).recipients:
            nameless = []
        kept = 0
        async with self._using(key) as opened:
            for number, of_file in by_file.items():
                kept += await opened.file(number).change(_appending(of_file))
            if nameless:
                kept += await opened.append_nameless(nameless)
        return kept

    async def engagement(self, key: CampaignKey) -> Engagement:
        async with self._using(key) as opened:
            files = [await file.summary() for file in opened.files.values()]
            return events.total([*files, *await opened.nameless.summaries()])

    async def of(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        found: dict[str, Sequence[Event]] = {}
        async with self._using(key) as opened:
            if not opened.files:
                return found
            places = await self._ledger.locate(key, recipient_ids)
            for number in sorted(set(places.values()) & opened.files.keys()):
                file = opened.file(number)
                rows = await file.rows()
                with understood(file):
                    for recipient_id in rows.keys() & places.keys():
                        found[recipient_id] = _events(recipient_id, rows[recipient_id])
        return found

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        async with self._using(key) as opened:
            for number in sorted(opened.files):
                file = opened.file(number)
                rows = await file.rows()
                with understood(file):
                    found = [event for of, row in rows.items() for event in _events(of, row)]
                for at in range(0, len(found), _CHUNK):
                    yield found[at : at + _CHUNK]
            for shard in list(opened.nameless.all):
                rows = await shard.rows()
                with understood(shard):
                    nameless = [msgspec.convert(row, Event) for row in rows.values()]
                yield nameless

    async def drop(self, key: CampaignKey) -> None:
        async with self._using(key) as opened:
            for file in list(opened.files.values()):
                await file.drop()
            await self._volume.run(self._volume.discard, _folder(key))
            await opened.nameless.drop()
            if self._campaigns.get(key) is opened:
                del self._campaigns[key]

    @asynccontextmanager
    async def _using(self, key: CampaignKey) -> AsyncIterator[_Opened]:
        """The campaign's files, which stay the same objects at least until the block ends."""
        opened = self._campaigns.pop(key, None) or _Opened(self._volume, key)
        self._campaigns[key] = opened  # now the last one used
        opened.users += 1
        try:
            await opened.load()
            yield opened
        finally:
            opened.users -= 1
            if len(self._campaigns) > _KEPT_OPEN:
                for other, of in list(self._campaigns.items()):
                    if of.quiet:
                        del self._campaigns[other]
                        break


class _Opened:
    """A campaign's files of events, and how many coroutines are working with them."""

    def __init__(self, volume: Volume, key: CampaignKey) -> None:
        self._volume = volume
        self._folder = _folder(key)
        self._loading = asyncio.Lock()
        self._loaded = False
        self.files: dict[int, Shard[Engagement]] = {}
        """By the number of the ledger's file."""
        self.nameless = Shards(
            volume, f"events of nobody/{folder_of(key)}", _summarise_nameless, size=_NAMELESS
        )
        self.users = 0

    @property
    def quiet(self) -> bool:
        """Whether nobody is at work with them."""
        return (
            self.users == 0
            and self.nameless.quiet
            and all(file.idle for file in self.files.values())
        )

    async def load(self) -> None:
        async with self._loading:
            if not self._loaded:
                names = await self._volume.run(self._volume.names, self._folder)
                for name in names:
                    if name.endswith(".json"):
                        number = int(name.removesuffix(".json"))
                        self.files[number] = self._file(name, known=True)
                await self.nameless.load()
                self._loaded = True

    def file(self, number: int) -> Shard[Engagement]:
        """The file of events beside the ledger's file of this number, made when there is none."""
        file = self.files.get(number)
        if file is None:
            file = self.files[number] = self._file(f"{number:05d}.json", known=False)
        return file

    async def append_nameless(self, new: Sequence[Event]) -> int:
        groups: dict[Shard[Engagement], dict[str, Document]] = {}
        for event in new:
            place = uuid.uuid4().hex
            groups.setdefault(self.nameless.place(place), {})[place] = document(event)
        for shard, rows in groups.items():
            await shard.change(_adding(rows))
        return len(new)

    def _file(self, name: str, *, known: bool) -> Shard[Engagement]:
        return Shard(self._volume, self._folder, name, _summarise, known=known)


class _Row(msgspec.Struct, frozen=True):
    """One person's events; whose they are is the row's id."""

    events: tuple[Event, ...]


def _appending(new: Sequence[Event]) -> RowChange[int]:
    def change(edit: Edit) -> int:
        kept = 0
        for event in new:
            row = edit.get(event.recipient_id)
            before = [] if row is None else _events(event.recipient_id, row)
            if len(before) < events.PER_PERSON and events.is_new(before, event):
                unnamed = (
                    msgspec.structs.replace(one, recipient_id="") for one in (*before, event)
                )
                edit.put(event.recipient_id, document(_Row(tuple(unnamed))))
                kept += 1
        return kept

    return change


def _adding(rows: Mapping[str, Document]) -> RowChange[None]:
    def change(edit: Edit) -> None:
        for place, row in rows.items():
            edit.put(place, row)

    return change


def _events(recipient_id: str, row: Document) -> list[Event]:
    return [
        msgspec.structs.replace(event, recipient_id=recipient_id)
        for event in msgspec.convert(row, _Row).events
    ]


def _summarise(rows: Rows) -> Engagement:
    return events.count(msgspec.convert(row, _Row).events for row in rows.values())


def _summarise_nameless(rows: Rows) -> Engagement:
    return events.count((), (msgspec.convert(row, Event) for row in rows.values()))


def _folder(key: CampaignKey) -> str:
    return f"events/{folder_of(key)}"
