"""The ledger in the embedded store."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import re
import uuid
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.outcome import Reason
from campaigns.report import Counts, Result, result_of
from storage.base import Page
from storage.embedded.documents import Document, Rows, document
from storage.embedded.shard import Edit, RowChange, Shard, understood
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume
from storage.errors import StoreError

T = TypeVar("T")

SIZE = 256
"""Deliveries in a file: as many as are claimed and settled at once at full speed, so that either
writes a file once."""

_KEPT_OPEN = 32
"""Campaigns whose summaries are kept in memory, besides those that are being sent."""

_ALWAYS = datetime.min.replace(tzinfo=UTC)


class EmbeddedLedger:
    """A collection per campaign, its rows in the order in which they were frozen.

    A campaign is read at its first use. While it has deliveries that have not ended, the place of
    each is kept in memory (about 20 MB for 100,000); after that only a summary per file.

    Claims carry the *run* of the store that made them. One process at a time has the data folder,
    so a claim of another run is known to be abandoned.
    """

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self._campaigns: dict[CampaignKey, _Opened] = {}
        self._run = uuid.uuid4().hex[:12]

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        rows = {delivery.recipient_id: document(delivery) for delivery in reversed(deliveries)}
        async with self._using(key) as shards:
            await shards.load_places()
            groups: dict[Shard[_Summary], list[str]] = {}
            for recipient_id in dict.fromkeys(delivery.recipient_id for delivery in deliveries):
                groups.setdefault(shards.place(recipient_id), []).append(recipient_id)
            return sum(
                [
                    await shard.change(_adding({place: rows[place] for place in places}))
                    for shard, places in groups.items()
                ]
            )

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        taken: list[Delivery] = []
        async with self._using(key) as shards:
            for shard in await _earliest_first(shards, now):
                if len(taken) >= limit:
                    break
                try:
                    taken += await shard.change(
                        _claiming(claim, now, limit - len(taken), self._run)
                    )
                except StoreError:
                    if not taken:
                        raise
                    # What was claimed is durable, and lost to everyone if it isn't handed out.
                    break
        return taken

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        found: list[str] = []
        async with self._using(key) as shards:
            for shard in await _earliest_first(shards, now):
                if len(found) >= limit:
                    break
                rows = await shard.rows()
                found += [
                    place
                    for place, row in rows.items()
                    if row.get("status", "pending") == "pending"
                    and datetime.fromisoformat(row["due_at"]) <= now
                ]
        return found[:limit]

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> None:
        rows = {delivery.recipient_id: self._row(delivery) for delivery in deliveries}
        async with self._using(key) as shards:
            await shards.load_places()
            await _all(
                shard.change(_replacing({place: rows[place] for place in places}))
                for shard, places in shards.group(rows).items()
            )

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        def lapsed(row: Document) -> bool:
            others = holder is not None and row["claim"]["owner"] != holder
            return others or _lapse(row, self._run) <= now

        found: list[Delivery] = []
        async with self._using(key) as shards:
            for shard in list(shards.all):
                lapse = (await shard.summary()).lapse(self._run)
                if lapse is None or (lapse > now and holder is None):
                    continue
                rows = await shard.rows()
                with understood(shard):
                    found += [
                        msgspec.convert(row, Delivery)
                        for row in rows.values()
                        if _status(row) is DeliveryStatus.CLAIMED and lapsed(row)
                    ]
        return found

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        return await self._change_all(
            key, DeliveryStatus.PENDING, lambda delivery: ledger.cancelled(delivery, now)
        )

    async def resend_in_doubt(self, key: CampaignKey, now: datetime) -> int:
        return await self._change_all(
            key, DeliveryStatus.IN_DOUBT, lambda delivery: ledger.resent(delivery, now)
        )

    async def retry_failed(
        self, key: CampaignKey, reasons: Collection[Reason], now: datetime
    ) -> int:
        return await self._change_all(
            key,
            DeliveryStatus.FAILED,
            lambda delivery: ledger.retried(delivery, now),
            reasons=frozenset(reason.value for reason in reasons),
        )

    async def counts(self, key: CampaignKey) -> Counts:
        async with self._using(key) as shards:
            return _total(await shards.summaries())

    async def next_due(self, key: CampaignKey) -> datetime | None:
        async with self._using(key) as shards:
            dues = (summary.next_due for summary in await shards.summaries())
            return min((due for due in dues if due is not None), default=None)

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        found: list[Delivery] = []
        skip = offset
        async with self._using(key) as shards:
            total = _total(await shards.summaries()).of(result)
            for shard in list(shards.all):
                if len(found) >= limit:
                    break
                here = (await shard.summary()).counts.of(result)
                if here <= skip:
                    skip -= here
                    continue
                rows = await shard.rows()
                matching = [row for row in rows.values() if _result(row) is result]
                with understood(shard):
                    found += [
                        msgspec.convert(row, Delivery)
                        for row in matching[skip : skip + limit - len(found)]
                    ]
                skip = 0
        return Page(tuple(found), total)

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        wanted = text.casefold()
        matching: list[Document] = []
        total = 0
        async with self._using(key) as shards:
            for shard in list(shards.all):
                if not (await shard.summary()).counts.of(result):
                    continue
                rows = await shard.rows()
                here = [
                    row for row in rows.values() if _result(row) is result and _says(row, wanted)
                ]
                first, last = max(0, offset - total), offset + limit - total
                with understood(shard):
                    matching += here[first : max(0, last)]
                total += len(here)
            return Page(tuple(msgspec.convert(row, Delivery) for row in matching), total)

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        found: dict[str, Delivery] = {}
        async with self._using(key) as shards:
            located: dict[int, list[str]] = {}
            for recipient_id, number in (await shards.locate(recipient_ids)).items():
                located.setdefault(number, []).append(recipient_id)
            for number, here in located.items():
                shard = shards.all[number]
                rows = await shard.rows()
                with understood(shard):
                    found |= {
                        recipient_id: msgspec.convert(rows[recipient_id], Delivery)
                        for recipient_id in here
                        if recipient_id in rows
                    }
        return found

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        return (await self.get_many(key, [recipient_id])).get(recipient_id)

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        async with self._using(key) as shards:
            for shard in list(shards.all):
                rows = await shard.rows()
                with understood(shard):
                    chunk = [msgspec.convert(row, Delivery) for row in rows.values()]
                yield chunk

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        seconds: Counter[str] = Counter()
        async with self._using(key) as shards:
            for summary in await shards.summaries():
                seconds.update(summary.sent)
        steps: Counter[int] = Counter()
        width = int(step.total_seconds())
        for second, number in seconds.items():
            if not second:
                continue
            at = int(datetime.fromisoformat(f"{second}+00:00").timestamp())
            steps[at // width * width] += number
        return {datetime.fromtimestamp(at, UTC): steps[at] for at in sorted(steps)}

    async def locate(self, key: CampaignKey, recipient_ids: Collection[str]) -> dict[str, int]:
        """The number of the file that each of these recipients' delivery is in; of those who have
        one.
        """
        async with self._using(key) as shards:
            return await shards.locate(recipient_ids)

    async def drop(self, key: CampaignKey) -> None:
        async with self._using(key) as shards:
            await shards.drop()
            # Whoever still works with the old collection is refused; who comes now finds a new one.
            opened = self._campaigns.get(key)
            if opened is not None and opened.shards is shards:
                del self._campaigns[key]

    async def _change_all(
        self,
        key: CampaignKey,
        status: DeliveryStatus,
        change: Callable[[Delivery], Delivery],
        *,
        reasons: frozenset[str] | None = None,
    ) -> int:
        async with self._using(key) as shards:
            having = [shard for shard in list(shards.all) if (await shard.summary()).has(status)]
            return sum(
                await _all(shard.change(_changing(status, change, reasons)) for shard in having)
            )

    def _row(self, delivery: Delivery) -> Document:
        row = document(delivery)
        if delivery.claim is not None:
            row[_RUN] = self._run
        return row

    @asynccontextmanager
    async def _using(self, key: CampaignKey) -> AsyncIterator[Shards[_Summary]]:
        """The campaign's collection, which stays in memory at least until the block ends."""
        opened = self._campaigns.pop(key, None)
        if opened is None:
            opened = _Opened(Shards(self._volume, _folder(key), _summarise, size=SIZE))
        self._campaigns[key] = opened  # now the last one used
        opened.users += 1
        try:
            await opened.shards.load()
            yield opened.shards
        finally:
            opened.users -= 1
            self._tidy(opened)

    def _tidy(self, used: _Opened) -> None:
        if used.ended:
            used.shards.release()
        if len(self._campaigns) > _KEPT_OPEN:
            for key, opened in list(self._campaigns.items()):
                if opened is not used and opened.ended:
                    del self._campaigns[key]
                    break


class _Opened:
    """A campaign's collection, and how many coroutines are working with it."""

    def __init__(self, shards: Shards[_Summary]) -> None:
        self.shards = shards
        self.users = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be sent and nobody is at work."""
        return (
            self.users == 0
            and self.shards.quiet
            and all(
                shard.known_summary is not None and not shard.known_summary.counts.open
                for shard in self.shards.all
            )
        )


class _Summary(msgspec.Struct, frozen=True):
    """What is known of a file of deliveries without reading it."""

    counts: Counts
    next_due: datetime | None
    """When the first of the pending ones is due."""
    lapses: dict[str, datetime]
    """When the first claim lapses, by the run that made it."""
    sent: dict[str, int]
    """How many were sent in each second (UTC, as rows write it)."""

    def lapse(self, run: str) -> datetime | None:
        """When the first claim lapses or has lapsed; None when nothing is claimed."""
        if any(other != run for other in self.lapses):
            return _ALWAYS
        return self.lapses.get(run)

    def has(self, status: DeliveryStatus) -> bool:
        if status is DeliveryStatus.PENDING:
            return self.next_due is not None
        return self.counts.of(_RESULTS[status.value, True]) > 0


_RUN = "run"
"""Key that claimed rows have beside the delivery's own: the run of the store that claimed it."""

_TO_THE_SECOND = len("2026-03-02T09:00:00")

_RESULTS = {
    (status.value, tried): result_of(
        Delivery(recipient_id="", due_at=_ALWAYS, status=status, attempts=int(tried))
    )
    for status in DeliveryStatus
    for tried in (False, True)
}
"""What rows count as: the report's definition, looked up without making a Delivery of each row."""


def _summarise(rows: Rows) -> _Summary:
    totals = dict.fromkeys(Result, 0)
    dues: set[str] = set()
    lapses: dict[str, datetime] = {}
    sent: Counter[str] = Counter()
    for row in rows.values():
        totals[_result(row)] += 1
        status = row.get("status", "pending")
        if status == "sent":
            sent[row.get("settled_at", "")[:_TO_THE_SECOND]] += 1
        elif status == "pending":
            dues.add(row["due_at"])
        elif status == "claimed":
            run, until = row.get(_RUN, ""), datetime.fromisoformat(row["claim"]["until"])
            lapses[run] = min(until, lapses.get(run, until))
    return _Summary(
        counts=Counts(**{result.value: total for result, total in totals.items()}),
        next_due=min(map(datetime.fromisoformat, dues), default=None),
        lapses=lapses,
        sent=dict(sent),
    )


def _total(summaries: Sequence[_Summary]) -> Counts:
    counts = [summary.counts for summary in summaries]
    return Counts(**{result.value: sum(each.of(result) for each in counts) for result in Result})


# Rows leave out what is the default.
def _status(row: Document) -> DeliveryStatus:
    return DeliveryStatus(row.get("status", "pending"))


def _result(row: Document) -> Result:
    return _RESULTS[row.get("status", "pending"), row.get("attempts", 0) > 0 or "waiting" in row]


def _says(row: Document, wanted: str) -> bool:
    return wanted in row.get("name", "").casefold() or wanted in row.get("email", "").casefold()


def _lapse(row: Document, run: str) -> datetime:
    return datetime.fromisoformat(row["claim"]["until"]) if row.get(_RUN) == run else _ALWAYS


async def _all(changes: Iterable[Awaitable[T]]) -> list[T]:
    """What they return; all of them end before the first error is raised."""
    results = await asyncio.gather(*changes, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results  # type: ignore[return-value]  # no exception is left in it


async def _earliest_first(shards: Shards[_Summary], now: datetime) -> list[Shard[_Summary]]:
    """The shards that have something due."""
    dues = [(await shard.summary()).next_due for shard in list(shards.all)]
    due = [(due, place) for place, due in enumerate(dues) if due is not None and due <= now]
    return [shards.all[place] for _, place in sorted(due)]


def _adding(rows: dict[str, Document]) -> RowChange[int]:
    def change(edit: Edit) -> int:
        new = [place for place in rows if edit.get(place) is None]
        for place in new:
            edit.put(place, rows[place])
        return len(new)

    return change


def _claiming(claim: Claim, now: datetime, limit: int, run: str) -> RowChange[list[Delivery]]:
    def change(edit: Edit) -> list[Delivery]:
        pending = [
            (datetime.fromisoformat(row["due_at"]), number, place)
            for number, (place, row) in enumerate(edit.items())
            if row.get("status", "pending") == "pending"
        ]
        taken = []
        for _, _, place in heapq.nsmallest(limit, (one for one in pending if one[0] <= now)):
            delivery = ledger.claimed(msgspec.convert(edit.get(place), Delivery), claim)
            edit.put(place, {**document(delivery), _RUN: run})
            taken.append(delivery)
        return taken

    return change


def _replacing(rows: dict[str, Document]) -> RowChange[None]:
    def change(edit: Edit) -> None:
        for place, row in rows.items():
            if edit.get(place) is not None:
                edit.put(place, row)

    return change


def _changing(
    status: DeliveryStatus, to: Callable[[Delivery], Delivery], reasons: frozenset[str] | None
) -> RowChange[int]:
    def change(edit: Edit) -> int:
        matching = [
            (place, row)
            for place, row in edit.items()
            if _status(row) is status and (reasons is None or row.get("reason") in reasons)
        ]
        for place, row in matching:
            edit.put(place, document(to(msgspec.convert(row, Delivery))))
        return len(matching)

    return change


def _folder(key: CampaignKey) -> str:
    return f"ledger/{folder_of(key)}"


def folder_of(key: CampaignKey) -> str:
    """Where a campaign's files are, below a folder for their kind."""
    return f"{_file_name(key.tenant_id)}/{_file_name(key.campaign_id)}"


def _file_name(of: str) -> str:
    """A name that every file system takes: readable if possible, and another for another id."""
    readable = re.sub(r"[^a-z0-9]+", "-", of.lower()).strip("-")[:40]
    return f"{readable}-{hashlib.sha256(of.encode()).hexdigest()[:16]}"
