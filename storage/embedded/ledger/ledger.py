"""The ledger in the embedded store."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import RetryRules
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from storage.base import Page
from storage.damage import together
from storage.embedded.documents import Document, decoder, document
from storage.embedded.ledger import edits, summaries
from storage.embedded.ledger.files import LedgerFiles
from storage.embedded.ledger.rows import row_contains, row_lapse, row_result, row_status
from storage.embedded.ledger.summaries import DeliverySummary
from storage.embedded.opened import OpenedFiles
from storage.embedded.shard import Shard, understood
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError

T = TypeVar("T")

_decoded = decoder(Delivery)


class EmbeddedLedger:
    """A collection per campaign, its rows in the order in which they were frozen.

    A campaign is read at its first use. While it has deliveries that have not ended, the place of
    each is kept in memory (about 20 MB for 100,000); after that only a summary per file.

    Claims carry the *run* of the store that made them. One process at a time has the data folder,
    so a claim of another run is known to be abandoned.
    """

    def __init__(self, volume: Volume) -> None:
        self._campaigns = OpenedFiles(lambda key: LedgerFiles(volume, key))
        self._damages = volume.damages
        self._run = uuid.uuid4().hex[:12]

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        rows = {delivery.recipient_id: document(delivery) for delivery in reversed(deliveries)}
        async with self._campaigns.opened(key) as files:
            shards = files.shards
            await shards.load_places()
            groups: dict[Shard[DeliverySummary], list[str]] = {}
            for recipient_id in dict.fromkeys(delivery.recipient_id for delivery in deliveries):
                groups.setdefault(shards.place(recipient_id), []).append(recipient_id)
            return sum(
                [
                    await shard.change(edits.adding({row_id: rows[row_id] for row_id in row_ids}))
                    for shard, row_ids in groups.items()
                ]
            )

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        taken: list[Delivery] = []
        damage: Damaged | None = None
        async with self._campaigns.opened(key) as files:
            for shard in await _earliest_first(files.shards, now):
                if len(taken) >= limit:
                    break
                try:
                    claimed, refused = await shard.change(
                        edits.claiming(claim, now, limit - len(taken), self._run)
                    )
                except Damaged as error:
                    damage = damage or error
                    continue
                except StoreError:
                    if not taken:
                        raise
                    # These claims are durable. Unless they are handed out, nobody will send them.
                    break
                taken += claimed
                if refused and damage is None:
                    damage = shard.not_understood(next(iter(refused.values())), *refused)
        if damage is not None and not taken:
            raise damage
        return taken

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        due: list[str] = []
        async with self._campaigns.opened(key) as files:
            for shard in await _earliest_first(files.shards, now):
                if len(due) >= limit:
                    break
                rows = await shard.rows()
                due += [
                    recipient_id
                    for recipient_id, row in rows.items()
                    if row.get("status", "pending") == "pending"
                    and datetime.fromisoformat(row["due_at"]) <= now
                ]
        return due[:limit]

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> frozenset[str]:
        rows = {delivery.recipient_id: document(delivery) for delivery in deliveries}
        async with self._campaigns.opened(key) as files:
            shards = files.shards
            await shards.load_places()
            kept = await _all(
                shard.change(edits.settling({row_id: rows[row_id] for row_id in row_ids}))
                for shard, row_ids in shards.group(rows).items()
            )
        return frozenset(row_id for row_ids in kept for row_id in row_ids)

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        def lapsed(row: Document) -> bool:
            others = holder is not None and row["claim"]["owner"] != holder
            return others or row_lapse(row, self._run) <= now

        abandoned: list[Delivery] = []
        damage: Damaged | None = None
        async with self._campaigns.opened(key) as files:
            for shard in list(files.shards.all):
                lapse = (await shard.summary()).lapse(self._run)
                if lapse is None or (lapse > now and holder is None):
                    continue
                rows = await shard.rows()
                with understood(shard):
                    ours = [
                        (row_id, row)
                        for row_id, row in rows.items()
                        if row_status(row) is DeliveryStatus.CLAIMED and lapsed(row)
                    ]
                found, refused = shard.split(ours, _decoded)
                abandoned += found.values()
                damage = damage or refused
        if damage is not None and not abandoned:
            raise damage
        return abandoned

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        cancelled, damages = await self._change_all(
            key, DeliveryStatus.PENDING, lambda delivery: ledger.cancelled(delivery, now)
        )
        if damages:
            raise together(damages)
        return cancelled

    async def resend_in_doubt(self, key: CampaignKey) -> int:
        return await self._revive(key, DeliveryStatus.IN_DOUBT, ledger.resent)

    async def retry_failed(self, key: CampaignKey, reasons: Collection[Reason]) -> int:
        return await self._revive(
            key,
            DeliveryStatus.FAILED,
            ledger.retried,
            reasons=frozenset(reason.value for reason in reasons),
        )

    async def redate(self, key: CampaignKey, now: datetime, rules: RetryRules | None) -> int:
        redated = 0
        async with self._campaigns.opened(key) as files:
            for shard in list(files.shards.all):
                last_due = (await shard.summary()).last_due
                if last_due is not None and last_due > now:
                    redated += await shard.change(edits.redating(now, rules))
        return redated

    async def counts(self, key: CampaignKey) -> Counts:
        async with self._campaigns.opened(key) as files:
            return await _counts(files.shards)

    async def next_due(self, key: CampaignKey) -> datetime | None:
        async with self._campaigns.opened(key) as files:
            dues = [summary.next_due for summary in await files.shards.summaries()]
            due = min((due for due in dues if due is not None), default=None)
            if due is None and (aside := _set_aside(files.shards)):
                raise together(aside)
            return due

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        deliveries: list[Delivery] = []
        damages: list[Damaged] = []
        skip, room = offset, limit
        async with self._campaigns.opened(key) as files:
            total = (await _counts(files.shards)).of(result)
            for shard in list(files.shards.all):
                if room <= 0:
                    break
                here = (await shard.summary()).counts.of(result)
                if here <= skip:
                    skip -= here
                    continue
                rows = await shard.rows()
                matching = [item for item in rows.items() if row_result(item[1]) is result]
                here_shown = matching[skip : skip + room]
                found, damage = shard.split(here_shown, _decoded)
                deliveries += found.values()
                damages += [] if damage is None else [damage]
                skip, room = 0, room - len(here_shown)
        self._damages.unless_all(deliveries, damages)
        return Page(tuple(deliveries), total)

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        wanted = text.casefold()
        deliveries: list[Delivery] = []
        damages: list[Damaged] = []
        total = 0
        async with self._campaigns.opened(key) as files:
            for shard in list(files.shards.all):
                if not (await shard.summary()).counts.of(result):
                    continue
                rows = await shard.rows()
                here = [
                    (recipient_id, row)
                    for recipient_id, row in rows.items()
                    if row_result(row) is result and row_contains(row, wanted)
                ]
                first, last = max(0, offset - total), offset + limit - total
                found, damage = shard.split(here[first : max(0, last)], _decoded)
                deliveries += found.values()
                damages += [] if damage is None else [damage]
                total += len(here)
        self._damages.unless_all(deliveries, damages)
        return Page(tuple(deliveries), total)

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        deliveries: dict[str, Delivery] = {}
        damages: list[Damaged] = []
        async with self._campaigns.opened(key) as files:
            located: dict[int, list[str]] = {}
            for recipient_id, number in (await files.shards.locate(recipient_ids)).items():
                located.setdefault(number, []).append(recipient_id)
            for number, here in located.items():
                shard = files.shards.all[number]
                found, refused = await shard.get(here, _decoded)
                deliveries |= found
                damages += refused
        if damages:
            raise together(damages)
        return deliveries

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        return (await self.get_many(key, [recipient_id])).get(recipient_id)

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        async with self._campaigns.opened(key) as files:
            for shard in list(files.shards.all):
                yield shard.understood((await shard.rows()).items(), _decoded)

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        async with self._campaigns.opened(key) as files:
            return summaries.timeline(await files.shards.summaries(), step)

    async def locate(self, key: CampaignKey, recipient_ids: Collection[str]) -> dict[str, int]:
        """Returns the number of the file with each recipient's delivery, if they have one."""
        async with self._campaigns.opened(key) as files:
            return await files.shards.locate(recipient_ids)

    async def drop(self, key: CampaignKey) -> None:
        async with self._campaigns.dropping(key) as files:
            await files.shards.drop()

    async def _revive(
        self,
        key: CampaignKey,
        status: DeliveryStatus,
        change: Callable[[Delivery], Delivery],
        reasons: frozenset[str] | None = None,
    ) -> int:
        """Makes rows due again. Those that are not understood stay as they are, and are logged."""
        revived, damages = await self._change_all(key, status, change, reasons)
        for damage in damages:
            self._damages.left_out(damage)
        return revived

    async def _change_all(
        self,
        key: CampaignKey,
        status: DeliveryStatus,
        change: Callable[[Delivery], Delivery],
        reasons: frozenset[str] | None = None,
    ) -> tuple[int, list[Damaged]]:
        """Returns how many were changed, and errors for those that are not understood."""
        async with self._campaigns.opened(key) as files:
            shards = list(files.shards.all)
            matching = [shard for shard in shards if (await shard.summary()).has(status)]
            changed = await _all(
                shard.change(edits.changing(status, change, reasons)) for shard in matching
            )
            damages = [
                shard.not_understood(next(iter(refused.values())), *refused)
                for shard, (_, refused) in zip(matching, changed, strict=True)
                if refused
            ]
            return sum(number for number, _ in changed), damages + _set_aside(files.shards)


async def _all(changes: Iterable[Awaitable[T]]) -> list[T]:
    """Returns the results of all changes; all of them end before the first error is raised."""
    results = await asyncio.gather(*changes, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results  # type: ignore[return-value]  # no exception is left in it


async def _counts(shards: Shards[DeliverySummary]) -> Counts:
    """Returns the counts by result. What was set aside is open: nobody knows what became of it."""
    counts = summaries.total(await shards.summaries())
    return msgspec.structs.replace(counts, ongoing=counts.ongoing + len(_set_aside(shards)))


def _set_aside(shards: Shards[DeliverySummary]) -> list[Damaged]:
    return [damage for shard in shards.all for damage in shard.aside.values()]


async def _earliest_first(
    shards: Shards[DeliverySummary], now: datetime
) -> list[Shard[DeliverySummary]]:
    """Returns the shards that have something due, the earliest due first."""
    dues = [(await shard.summary()).next_due for shard in list(shards.all)]
    due = [(due, number) for number, due in enumerate(dues) if due is not None and due <= now]
    return [shards.all[number] for _, number in sorted(due)]
