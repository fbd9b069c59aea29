"""Responses to surveys in the embedded store.

::

    responses/<tenant>/<campaign>/0.json ... f.json    what was answered
    answered/<tenant>/<campaign>/0.json ... f.json     who has answered, and how many on which day

A response is in the file that its id leads to, and who has answered in the one that the person's id
leads to. In a file everything is sorted by id, so no order of arrival is left in which responses
and people could be laid side by side; and with each anonymous response all of these files get the
same times, so that those don't say which two were written together.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded
from storage.embedded.documents import Document, Rows, document
from storage.embedded.ledger import folder_of
from storage.embedded.shard import Edit, RowChange, Shard, understood
from storage.embedded.volume import Volume

_FILES = 16
"""Of each kind, per campaign: a change of 100,000 responses writes some 2 MB."""

_ROW = "all"
_KEPT_OPEN = 32


class EmbeddedResponses:
    """Two sets of files for each campaign, which nothing but their number has in common."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self._campaigns: dict[CampaignKey, _Opened] = {}

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        async with self._using(key) as opened, opened.turn_of(recipient_id):
            answered = recipient_id in _people(await opened.people(recipient_id).rows())
            file = opened.responses(response.id)
            if not answered:
                await file.change(_putting(response))
                await opened.people(recipient_id).change(_marking(recipient_id, day))
                if response.id != recipient_id:
                    await self._volume.run(self._volume.level, opened.folders)
                return Recorded.NEW
            kept = _response(file, await file.rows(), response.id)
            if kept is None:
                return Recorded.ELSEWHERE
            if kept == response:
                return Recorded.KEPT
            if not change:
                return Recorded.KEPT
            await file.change(_putting(response))
            return Recorded.CHANGED

    async def get(self, key: CampaignKey, response_id: str) -> Response | None:
        async with self._using(key) as opened:
            file = opened.responses(response_id)
            return _response(file, await file.rows(), response_id)

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        found: set[str] = set()
        async with self._using(key) as opened:
            wanted: dict[Shard[_Marked], set[str]] = {}
            for recipient_id in recipient_ids:
                wanted.setdefault(opened.people(recipient_id), set()).add(recipient_id)
            for file, ids in wanted.items():
                found |= ids & _people(await file.rows())
        return frozenset(found)

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        async with self._using(key) as opened:
            total: Counter[date] = Counter()
            for file in opened.marks:
                total.update((await file.summary()).days)
        return dict(sorted(total.items()))

    async def tally(self, key: CampaignKey) -> Mapping[str, int]:
        async with self._using(key) as opened:
            total: Counter[str] = Counter()
            for file in opened.files:
                total.update(await file.summary())
        return total

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        async with self._using(key) as opened:
            for file in opened.files:
                rows = await file.rows()
                with understood(file):
                    found = [
                        Response(of, msgspec.convert(answers, dict[str, Answer]))
                        for of, answers in _content(rows).items()
                    ]
                for at in range(0, len(found), 1_000):
                    yield found[at : at + 1_000]

    async def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        async with self._using(key) as opened:
            for file in opened.marks:
                found = sorted(_people(await file.rows()))
                for at in range(0, len(found), 1_000):
                    yield found[at : at + 1_000]

    async def drop(self, key: CampaignKey) -> None:
        async with self._using(key) as opened:
            for file in opened.all:
                await file.drop()
            for folder in opened.folders:
                await self._volume.run(self._volume.discard, folder)
            if self._campaigns.get(key) is opened:
                del self._campaigns[key]

    @asynccontextmanager
    async def _using(self, key: CampaignKey) -> AsyncIterator[_Opened]:
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


class _Marked(msgspec.Struct, frozen=True):
    days: dict[date, int]


class _Opened:
    """A campaign's files, and how many coroutines are working with them."""

    def __init__(self, volume: Volume, key: CampaignKey) -> None:
        self._volume = volume
        self.folders = (f"responses/{folder_of(key)}", f"answered/{folder_of(key)}")
        self._loading = asyncio.Lock()
        self.files: list[Shard[Counter[str]]] = []
        self.marks: list[Shard[_Marked]] = []
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.users = 0

    @property
    def quiet(self) -> bool:
        """Whether nobody is at work with them."""
        return self.users == 0 and all(file.idle for file in self.all)

    @property
    def all(self) -> list[Shard[Any]]:
        """The files of both kinds."""
        return [*self.files, *self.marks]

    async def load(self) -> None:
        async with self._loading:
            if not self.files:
                of_answers, of_people = self.folders
                there = set(await self._volume.run(self._volume.names, of_answers))
                files = [
                    Shard(self._volume, of_answers, name, _counts, known=name in there)
                    for name in _NAMES
                ]
                there = set(await self._volume.run(self._volume.names, of_people))
                self.marks = [
                    Shard(self._volume, of_people, name, _summarise_people, known=name in there)
                    for name in _NAMES
                ]
                self.files = files

    def responses(self, response_id: str) -> Shard[Counter[str]]:
        """The file that this response is in, if it is."""
        return self.files[_number(response_id)]

    def people(self, recipient_id: str) -> Shard[_Marked]:
        """The file that says whether this person has answered."""
        return self.marks[_number(recipient_id)]

    def turn_of(self, recipient_id: str) -> asyncio.Lock:
        """Held by what one person does: they may press twice at once."""
        return self._turns.setdefault(recipient_id, asyncio.Lock())


_NAMES = [f"{number:x}.json" for number in range(_FILES)]


def _number(of: str) -> int:
    return zlib.crc32(of.encode("utf-8", "replace")) % _FILES


def _putting(response: Response) -> RowChange[None]:
    answers = document(response)["answers"]

    def change(edit: Edit) -> None:
        row = edit.get(_ROW) or {"responses": {}, "counts": {}}
        counts: Counter[str] = Counter(row["counts"])
        before = row["responses"].get(response.id)
        if before is not None:
            counts.subtract(results.tokens(msgspec.convert(before, dict[str, Answer])))
        counts.update(results.tokens(response.answers))
        edit.put(
            _ROW,
            {
                "responses": dict(sorted((row["responses"] | {response.id: answers}).items())),
                # Kept, as counting 100,000 responses anew takes seconds.
                "counts": dict(sorted((+counts).items())),
            },
        )

    return change


def _marking(recipient_id: str, day: date) -> RowChange[None]:
    def change(edit: Edit) -> None:
        row = edit.get(_ROW) or {"people": [], "days": {}}
        if recipient_id in row["people"]:
            return
        name = day.isoformat()
        days: dict[str, int] = row["days"] | {name: row["days"].get(name, 0) + 1}
        edit.put(
            _ROW,
            {"people": sorted([*row["people"], recipient_id]), "days": dict(sorted(days.items()))},
        )

    return change


def _content(rows: Rows) -> Document:
    found: Document = rows.get(_ROW, {}).get("responses", {})
    return found


def _people(rows: Rows) -> set[str]:
    return set(rows.get(_ROW, {}).get("people", ()))


def _response(file: Shard[Any], rows: Rows, response_id: str) -> Response | None:
    answers = _content(rows).get(response_id)
    if answers is None:
        return None
    with understood(file):
        return Response(response_id, msgspec.convert(answers, dict[str, Answer]))


def _counts(rows: Rows) -> Counter[str]:
    return Counter(msgspec.convert(rows.get(_ROW, {}).get("counts", {}), dict[str, int]))


def _summarise_people(rows: Rows) -> _Marked:
    days = rows.get(_ROW, {}).get("days", {})
    return _Marked({date.fromisoformat(day): count for day, count in days.items()})
