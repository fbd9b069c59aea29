"""Responses to surveys in the embedded store.

::

    responses/<tenant>/<campaign>/0.json ... f.json    responses
    answered/<tenant>/<campaign>/0.json ... f.json     who has answered, and how many on which day

A response's id leads to its file, and a person's id to the file that says whether they have
answered. Each file is sorted by id, so no order of arrival is left by which a response could be
matched to a person. With each anonymous response all of these files get the same times, so
that the times don't tell which two were written together.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded
from storage.embedded.documents import Document, Rows, decoder, document
from storage.embedded.edit import Edit, RowChange
from storage.embedded.folders import campaign_folder
from storage.embedded.opened import CampaignFiles, OpenedFiles
from storage.embedded.shard import Shard, understood
from storage.embedded.volume import Volume
from storage.errors import StoreError

_log = logging.getLogger(__name__)

_FILES = 16
"""Files of each kind per campaign: a change of 100,000 responses writes some 2 MB."""

_NAMES = [f"{number:x}.json" for number in range(_FILES)]

_ROW = "all"
"""The id of a file's only row."""

_CHUNK = 1_000
"""Responses or people handed out at a time when all are streamed."""


class EmbeddedResponses:
    """Two sets of files for each campaign: of responses, and of the people who have answered.

    Both have the same number of files, and nothing else in common.
    """

    def __init__(self, volume: Volume) -> None:
        self._campaigns = OpenedFiles(lambda key: ResponseFiles(volume, key))
        self._volume = volume
        self._damages = volume.damages

    async def load(self) -> None:
        """Gives each campaign's files the same times.

        The last response before a crash may have left them different. Raises nothing when the disk
        refuses: the next response does the same.
        """
        try:
            await self._volume.run(self._level_all)
        except StoreError as error:
            _log.warning("the times of files with answers stay as they are: %s", error)

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        async with self._campaigns.opened(key) as files, files.lock(recipient_id):
            people = files.people(recipient_id)
            file = files.responses(response.id)
            if recipient_id not in _people(await people.rows()):
                await file.change(_putting(response))
                await people.change(_marking(recipient_id, day))
                if response.id != recipient_id:
                    await files.level()
                return Recorded.NEW
            kept = _response(file, await file.rows(), response.id)
            if kept is None:
                return Recorded.ELSEWHERE
            if kept == response or not change:
                if response.id != recipient_id:
                    # The first try may have been cut off before this.
                    await files.level()
                return Recorded.KEPT
            await file.change(_putting(response))
            return Recorded.CHANGED

    async def get(self, key: CampaignKey, response_id: str) -> Response | None:
        async with self._campaigns.opened(key) as files:
            file = files.responses(response_id)
            return _response(file, await file.rows(), response_id)

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        answered: set[str] = set()
        async with self._campaigns.opened(key) as files:
            wanted: dict[Shard[_PeopleSummary], set[str]] = {}
            for recipient_id in recipient_ids:
                wanted.setdefault(files.people(recipient_id), set()).add(recipient_id)
            for file, ids in wanted.items():
                answered |= ids & _people(await file.rows())
        return frozenset(answered)

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        async with self._campaigns.opened(key) as files:
            total: Counter[date] = Counter()
            for file in files.all_people:
                total.update((await file.summary()).days)
        return dict(sorted(total.items()))

    async def tally(self, key: CampaignKey) -> Mapping[str, int]:
        async with self._campaigns.opened(key) as files:
            total: Counter[str] = Counter()
            for file in files.all_responses:
                total.update(await file.summary())
        return total

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        async with self._campaigns.opened(key) as files:
            for file in files.all_responses:
                kept = _content(await file.rows())
                found, damage = file.split(kept.items(), _answers)
                if damage is not None:
                    self._damages.left_out(damage)
                responses = [Response(response_id, given) for response_id, given in found.items()]
                for start in range(0, len(responses), _CHUNK):
                    yield responses[start : start + _CHUNK]

    async def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        async with self._campaigns.opened(key) as files:
            for file in files.all_people:
                people = sorted(_people(await file.rows()))
                for start in range(0, len(people), _CHUNK):
                    yield people[start : start + _CHUNK]

    def _level_all(self) -> None:
        for tenant in self._volume.names("responses"):
            for campaign in self._volume.names(f"responses/{tenant}"):
                folder = f"{tenant}/{campaign}"
                self._volume.level([f"responses/{folder}", f"answered/{folder}"])

    async def drop(self, key: CampaignKey) -> None:
        async with self._campaigns.dropping(key) as files:
            await files.drop()


class _PeopleSummary(msgspec.Struct, frozen=True):
    """The summary of one file of people."""

    days: dict[date, int]
    """How many people first answered on each day."""


class _PeopleRow(msgspec.Struct, frozen=True):
    """The only row of a file of people."""

    people: list[str] = []
    days: dict[str, int] = {}


class ResponseFiles(CampaignFiles):
    """A campaign's files of responses, and of the people who have answered."""

    def __init__(self, volume: Volume, key: CampaignKey) -> None:
        super().__init__()
        self._volume = volume
        self._folders = (campaign_folder("responses", key), campaign_folder("answered", key))
        self._loading = asyncio.Lock()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.all_responses: list[Shard[Counter[str]]] = []
        self.all_people: list[Shard[_PeopleSummary]] = []

    @property
    def closable(self) -> bool:
        return self.workers == 0 and all(file.idle for file in self._all)

    async def load(self) -> None:
        async with self._loading:
            if not self.all_responses:
                responses, people = self._folders
                kept = set(await self._volume.run(self._volume.names, responses))
                all_responses = [
                    Shard(self._volume, responses, name, _counts, known=name in kept)
                    for name in _NAMES
                ]
                kept = set(await self._volume.run(self._volume.names, people))
                self.all_people = [
                    Shard(self._volume, people, name, _summarise_people, known=name in kept)
                    for name in _NAMES
                ]
                self.all_responses = all_responses

    def responses(self, response_id: str) -> Shard[Counter[str]]:
        """Returns the file that has this response, if any file has it."""
        return self.all_responses[_number(response_id)]

    def people(self, recipient_id: str) -> Shard[_PeopleSummary]:
        """Returns the file that says whether this person has answered."""
        return self.all_people[_number(recipient_id)]

    def lock(self, recipient_id: str) -> asyncio.Lock:
        """Returns the lock of one person, who may press twice at once."""
        return self._locks.setdefault(recipient_id, asyncio.Lock())

    async def level(self) -> None:
        """Gives all files the same times, so that they don't tell which were written together."""
        await self._volume.run(self._volume.level, self._folders)

    async def drop(self) -> None:
        for file in self._all:
            await file.drop()
        for folder in self._folders:
            await self._volume.run(self._volume.discard, folder)

    @property
    def _all(self) -> list[Shard[Any]]:
        return [*self.all_responses, *self.all_people]


_answers = decoder(dict[str, Answer])


def _number(text: str) -> int:
    """Returns the number of the file that an id leads to."""
    return zlib.crc32(text.encode("utf-8", "replace")) % _FILES


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
                # Kept, since counting 100,000 responses anew takes seconds.
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
    """Returns the answers of each response in a file, by the response's id."""
    content: Document = rows.get(_ROW, {}).get("responses", {})
    return content


def _people(rows: Rows) -> set[str]:
    return set(rows.get(_ROW, {}).get("people", ()))


def _response(file: Shard[Any], rows: Rows, response_id: str) -> Response | None:
    answers = _content(rows).get(response_id)
    if answers is None:
        return None
    with understood(file):
        return Response(response_id, msgspec.convert(answers, dict[str, Answer]))


def _counts(rows: Rows) -> Counter[str]:
    if not isinstance(_content(rows), dict):
        raise TypeError("its responses are none")
    return Counter(msgspec.convert(rows.get(_ROW, {}).get("counts", {}), dict[str, int]))


def _summarise_people(rows: Rows) -> _PeopleSummary:
    row = msgspec.convert(rows.get(_ROW, {}), _PeopleRow)
    return _PeopleSummary({date.fromisoformat(day): count for day, count in row.days.items()})
