"""Events in the embedded store."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.feedback import events
from campaigns.feedback.events import Engagement, Event
from storage.embedded.documents import Document, Rows, decoder, document
from storage.embedded.edit import Edit, RowChange
from storage.embedded.folders import campaign_folder
from storage.embedded.ledger.ledger import EmbeddedLedger
from storage.embedded.opened import CampaignFiles, OpenedFiles
from storage.embedded.shard import Shard
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume
from storage.errors import StoreError

_NAMELESS = 1_000
"""Nameless events in a file. They are events of nobody: no recipient is known."""

_CHUNK = 1_000
"""Events handed out at a time when all are streamed."""


class EmbeddedEvents:
    """A file of events beside each file of the campaign's ledger, for the same recipients.

    So every person's events are in one file, the files' counts add up, and a walk through the
    ledger reads each file of events once. Nameless events are kept apart, each in a row
    of its own.
    """

    def __init__(self, volume: Volume, ledger: EmbeddedLedger) -> None:
        self._ledger = ledger
        self._campaigns = OpenedFiles(lambda key: EventFiles(volume, key))
        self._damages = volume.damages

    async def append(self, key: CampaignKey, new: Sequence[Event]) -> int:
        numbers = await self._ledger.locate(key, {event.recipient_id for event in new})
        by_file: dict[int, list[Event]] = {}
        for event in new:
            if event.recipient_id in numbers:
                by_file.setdefault(numbers[event.recipient_id], []).append(event)
        nameless = [event for event in new if not event.recipient_id]
        if nameless and not (await self._ledger.counts(key)).recipients:
            nameless = []
        kept = 0
        async with self._campaigns.opened(key) as files:
            for number, named in by_file.items():
                kept += await files.beside(number).change(_appending(named))
            if nameless:
                kept += await files.append_nameless(nameless)
        return kept

    async def engagement(self, key: CampaignKey) -> Engagement:
        async with self._campaigns.opened(key) as files:
            named = [await file.summary() for file in files.named.values()]
            return events.total([*named, *await files.nameless.summaries()])

    async def by_recipient(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        found: dict[str, Sequence[Event]] = {}
        async with self._campaigns.opened(key) as files:
            if not files.named:
                return found
            numbers = await self._ledger.locate(key, recipient_ids)
            for number in sorted(set(numbers.values()) & files.named.keys()):
                file = files.beside(number)
                rows = await file.rows()
                wanted = [(name, rows[name]) for name in rows.keys() & numbers.keys()]
                kept, damage = file.split(wanted, _decoded_person)
                if damage is not None:
                    self._damages.left_out(damage)
                for recipient_id, row in kept.items():
                    found[recipient_id] = _named(recipient_id, row)
        return found

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        async with self._campaigns.opened(key) as files:
            for number in sorted(files.named):
                file = files.beside(number)
                kept, damage = file.split((await file.rows()).items(), _decoded_person)
                if damage is not None:
                    self._damages.left_out(damage)
                named = [
                    event
                    for recipient_id, row in kept.items()
                    for event in _named(recipient_id, row)
                ]
                for start in range(0, len(named), _CHUNK):
                    yield named[start : start + _CHUNK]
            for shard in list(files.nameless.all):
                yield shard.understood((await shard.rows()).items(), _decoded)

    async def drop(self, key: CampaignKey) -> None:
        async with self._campaigns.dropping(key) as files:
            await files.drop()


class EventFiles(CampaignFiles):
    """A campaign's files of events."""

    def __init__(self, volume: Volume, key: CampaignKey) -> None:
        super().__init__()
        self._volume = volume
        self._folder = campaign_folder("events", key)
        self._loading = asyncio.Lock()
        self._loaded = False
        self._dropped = False
        self.named: dict[int, Shard[Engagement]] = {}
        """Files by the number of the ledger's file for the same recipients."""
        self.nameless = Shards(
            volume, campaign_folder("events of nobody", key), _summarise_nameless, size=_NAMELESS
        )

    @property
    def closable(self) -> bool:
        return (
            self.workers == 0
            and self.nameless.quiet
            and all(file.idle for file in self.named.values())
        )

    async def load(self) -> None:
        async with self._loading:
            if not self._loaded:
                names = await self._volume.run(self._volume.names, self._folder)
                for name in names:
                    if name.endswith(".json"):
                        number = int(name.removesuffix(".json"))
                        self.named[number] = self._file(name, known=True)
                await self.nameless.load()
                self._loaded = True

    def beside(self, number: int) -> Shard[Engagement]:
        """Returns the file of events beside the ledger's file of this number; makes it at need."""
        file = self.named.get(number)
        if file is None:
            if self._dropped:
                raise StoreError(f"{self._volume.path(self._folder)} has been removed.")
            file = self.named[number] = self._file(f"{number:05d}.json", known=False)
        return file

    async def append_nameless(self, new: Sequence[Event]) -> int:
        groups: dict[Shard[Engagement], dict[str, Document]] = {}
        same: Counter[Event] = Counter()
        for event in new:
            same[event] += 1
            # The same events told again have the same ids, so they are kept once.
            row_id = _nameless_id(event, same[event])
            groups.setdefault(self.nameless.place(row_id), {})[row_id] = document(event)
        return sum([await shard.change(_adding(rows)) for shard, rows in groups.items()])

    async def drop(self) -> None:
        """Removes the files, and refuses everything from then on."""
        self._dropped = True
        for file in list(self.named.values()):
            await file.drop()
        await self._volume.run(self._volume.discard, self._folder)
        await self.nameless.drop()

    def _file(self, name: str, *, known: bool) -> Shard[Engagement]:
        return Shard(self._volume, self._folder, name, _summarise, known=known, row_by_row=True)


class _PersonRow(msgspec.Struct, frozen=True):
    """One person's events, without the recipient's id, which is the row's id."""

    events: tuple[Event, ...]


_decoded = decoder(Event)
_decoded_person = decoder(_PersonRow)


def _appending(new: Sequence[Event]) -> RowChange[int]:
    def change(edit: Edit) -> int:
        by_person: dict[str, list[Event]] = {}
        for event in new:
            by_person.setdefault(event.recipient_id, []).append(event)
        kept = 0
        for recipient_id, told in by_person.items():
            row = edit.get(recipient_id)
            before = [] if row is None else _events(recipient_id, row)
            if fresh := events.fresh(before, told):
                stripped = (
                    msgspec.structs.replace(each, recipient_id="") for each in (*before, *fresh)
                )
                edit.put(recipient_id, document(_PersonRow(tuple(stripped))))
                kept += len(fresh)
        return kept

    return change


def _adding(rows: Mapping[str, Document]) -> RowChange[int]:
    def change(edit: Edit) -> int:
        new = [row_id for row_id in rows if row_id not in edit]
        for row_id in new:
            edit.put(row_id, rows[row_id])
        return len(new)

    return change


def _nameless_id(event: Event, number: int) -> str:
    """Returns the row id of the so-manieth of equal events that were told together."""
    content = msgspec.json.encode((number, event))
    return hashlib.sha256(content).hexdigest()[:32]


def _events(recipient_id: str, row: Document) -> list[Event]:
    return _named(recipient_id, _decoded_person(row))


def _named(recipient_id: str, row: _PersonRow) -> list[Event]:
    return [msgspec.structs.replace(event, recipient_id=recipient_id) for event in row.events]


def _summarise(rows: Rows) -> Engagement:
    return events.count(msgspec.convert(row, _PersonRow).events for row in rows.values())


def _summarise_nameless(rows: Rows) -> Engagement:
    return events.count((), map(_decoded, rows.values()))
