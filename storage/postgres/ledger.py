"""The ledger in the PostgreSQL store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns.campaign import CampaignKey
from campaigns.delivery import Attempt, Claim, Delivery, DeliveryStatus, PresenceWait
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from storage.base import Page
from storage.errors import Damaged, StoreError, Unavailable
from storage.postgres.claims import Held
from storage.postgres.database import Database, Row, Session
from storage.postgres.encoding import json_text, understood

_log = logging.getLogger(__name__)

_BATCH = 10_000
"""Rows changed with one statement when all of a campaign are: about 0.2 s, in which nobody has to
wait long for one of them."""

_CHUNK = 1_000
"""Rows read at a time when all are streamed."""


class PostgresLedger:
    """Deliveries of all campaigns, in partitions by the age of the campaign.

    Claims carry the *run* of the store that made them, and only that run can settle them. Others
    may be alive, so a claim is abandoned when its time has passed, or when somebody else has the
    tenant's lease, and not before; asking for the abandoned ones takes them over, and whoever had
    them can't settle them any more.

    ``settled_by``: seconds after which a statement that was begun has ended, or never will.
    """

    def __init__(self, database: Database, *, settled_by: float) -> None:
        self._database = database
        self._settled_by = settled_by
        self._held = Held()
        self._clearing: asyncio.Task[None] | None = None
        self._closing = False

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        if not deliveries:
            return 0
        async with self._database.transaction() as session:
            ledger, place = await _places(session, key, len(deliveries))
            return await session.run("freeze", ledger, place, *_columns(deliveries))

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return []
            await self._undo_lost(session, key, ledger)
            call = self._held.next_call()
            try:
                rows = await session.fetch(
                    "claim", ledger, now, limit, claim.owner, claim.until, self._held.run, call
                )
            except BaseException:
                # It may have been done all the same, and then nobody knows what was claimed.
                by_then = asyncio.get_running_loop().time() + self._settled_by
                self._held.lose(key, call, by_then)
                raise
        claimed = [_delivery(row) for row in rows]
        self._held.took(key, (delivery.recipient_id for delivery in claimed), call)
        return claimed

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return []
            rows = await session.fetch("due", ledger, now, limit)
        return [recipient_id for (recipient_id,) in rows]

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        calls = self._held.calls(key, deliveries)
        try:
            async with self._database.session() as session:
                ledger = await _find(session, key)
                if ledger is None:
                    self._held.drop(key)
                    return
                kept = await session.run(
                    "settle", ledger, self._held.run, *_columns(deliveries), calls
                )
        except BaseException:
            # They may be written all the same.
            self._held.unsure(key, deliveries, calls)
            raise
        self._held.settled(key, deliveries, calls)
        if kept < len(deliveries):
            _log.warning(
                "campaign %s: of %d results, %d were settled before or taken over meanwhile",
                key.campaign_id,
                len(deliveries),
                len(deliveries) - kept,
            )

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return []
            call = self._held.next_call()
            rows = await session.fetch("take_over", ledger, now, self._held.run, call, holder)
        for recipient_id, *_, claimed_by in rows:
            self._held.took(key, [recipient_id], claimed_by)
        return [_delivery(row[:-1]) for row in rows]

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        cancelled = 0
        async with self._database.session() as session:
            ledger = await _find(session, key)
            while ledger is not None:
                changed = await session.run("cancel", ledger, now, _BATCH)
                cancelled += changed
                if changed < _BATCH:
                    break
        return cancelled

    async def resend_in_doubt(self, key: CampaignKey, now: datetime) -> int:
        return await self._revive("resend_in_doubt", key, now)

    async def retry_failed(
        self, key: CampaignKey, reasons: Collection[Reason], now: datetime
    ) -> int:
        return await self._revive("retry_failed", key, now, [reason.value for reason in reasons])

    async def counts(self, key: CampaignKey) -> Counts:
        async with self._database.session() as session:
            return await _counts(session, key)

    async def next_due(self, key: CampaignKey) -> datetime | None:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return None
            await self._undo_lost(session, key, ledger)
            due: datetime | None = await session.value("next_due", ledger)
        return due

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return Page((), 0)
            total = (await _counts(session, key)).of(result)
            rows = await session.fetch("deliveries_page", ledger, result.value, offset, limit)
        return Page(tuple(_delivery(row) for row in rows), total)

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """Names are compared here and not in the server: it knows upper and lower case only of the
        languages that it was set up for.
        """
        wanted = text.casefold()
        matching: list[str] = []
        place = 0
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return Page((), 0)
            while rows := await session.fetch(
                "names_of_result", ledger, result.value, place, _BATCH
            ):
                matching += [
                    recipient_id
                    for recipient_id, name, email, _ in rows
                    if wanted in name.casefold() or wanted in email.casefold()
                ]
                place = rows[-1][3]
            shown = matching[offset : offset + limit]
            found = await session.fetch("deliveries_to", ledger, shown)
        return Page(tuple(_delivery(row) for row in found), len(matching))

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return {}
            rows = await session.fetch("deliveries_to", ledger, list(recipient_ids))
        return {row[0]: _delivery(row) for row in rows}

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        return (await self.get_many(key, [recipient_id])).get(recipient_id)

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        """By their recipients' ids, a chunk at a time; no connection is held in between."""
        last = ""
        while True:
            async with self._database.session() as session:
                ledger = await _find(session, key)
                rows = (
                    []
                    if ledger is None
                    else await session.fetch("deliveries_after", ledger, last, _CHUNK)
                )
            if not rows:
                return
            chunk = [_delivery(row) for row in rows]
            yield chunk
            last = chunk[-1].recipient_id

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        async with self._database.session() as session:
            ledger = await _find(session, key)
            if ledger is None:
                return {}
            rows = await session.fetch("timeline", ledger, step)
        return dict(map(tuple, rows))

    async def drop(self, key: CampaignKey) -> None:
        """Out of reach at once; the rows, half a minute's work for a million, go in the background.

        What is left of earlier ones, because a process ended meanwhile, goes as well.
        """
        async with self._database.session() as session:
            await session.run("drop_ledger", key.tenant_id, key.campaign_id)
        self._held.drop(key)
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.create_task(self._clear())

    async def close(self) -> None:
        """Stops clearing away what was dropped, after the present batch."""
        self._closing = True
        if self._clearing is not None:
            await self._clearing

    async def _clear(self) -> None:
        try:
            while not self._closing and (ledger := await self._dropped()) is not None:
                async with self._database.session() as session:
                    if await session.run("clear_events", ledger, _BATCH) == _BATCH:
                        continue
                    if await session.run("clear_ledger", ledger, _BATCH) < _BATCH:
                        await session.run("ledger_cleared", ledger)
        except StoreError as error:
            _log.warning("what was dropped is cleared away later: %s", error)

    async def _dropped(self) -> int | None:
        async with self._database.session() as session:
            ledger: int | None = await session.value("dropped_ledger")
        return ledger

    async def _revive(self, statement: str, key: CampaignKey, now: datetime, *given: Any) -> int:
        """Makes rows due again, batch by batch in the order of their places."""
        revived, place = 0, 0
        async with self._database.session() as session:
            ledger = await _find(session, key)
            while ledger is not None:
                [(changed, last)] = await session.fetch(
                    statement, ledger, now, _BATCH, place, *given
                )
                revived += changed
                if changed < _BATCH:
                    break
                place = last
        return revived

    async def _undo_lost(self, session: Session, key: CampaignKey, ledger: int) -> None:
        """Gives back what was claimed by calls that failed: nobody has it, and nobody sends it."""
        for lost in self._held.lost(key):
            given_back = await session.run("undo_claim", ledger, self._held.run, lost.call)
            if given_back or asyncio.get_running_loop().time() > lost.until:
                self._held.found(key, lost)
            if given_back:
                _log.info("campaign %s: %d lost claims given back", key.campaign_id, given_back)


async def _find(session: Session, key: CampaignKey) -> int | None:
    """The number of the campaign's ledger; None when it has none."""
    ledger: int | None = await session.value("ledger", key.tenant_id, key.campaign_id)
    return ledger


async def _places(session: Session, key: CampaignKey, number: int) -> tuple[int, int]:
    """The campaign's ledger, made at the first use, and the place before those that were taken."""
    taken = await session.row("take_places", key.tenant_id, key.campaign_id, number)
    if taken is None:
        made = await session.value("add_ledger", key.tenant_id, key.campaign_id)
        if made is not None:
            await session.value("open_partition", made)
        taken = await session.row("take_places", key.tenant_id, key.campaign_id, number)
    if taken is None:
        # Made by someone else, and dropped, in between.
        raise Unavailable("The campaign's ledger is being dropped.")
    ledger, place = taken
    return ledger, place


async def _counts(session: Session, key: CampaignKey) -> Counts:
    row = await session.row("counts", key.tenant_id, key.campaign_id)
    if row is None:
        return Counts()
    return Counts(**dict(zip(Counts.__struct_fields__, row, strict=True)))


def _columns(deliveries: Sequence[Delivery]) -> list[list[Any]]:
    """The deliveries as statements take them: an array for each column."""
    rows = [
        (
            delivery.recipient_id,
            delivery.name,
            delivery.email,
            delivery.status.value,
            delivery.due_at,
            delivery.attempts,
            delivery.throttles,
            delivery.resends,
            json_text(delivery.trace) if delivery.trace else None,
            None if delivery.reason is None else delivery.reason.value,
            delivery.activity_id,
            delivery.settled_at,
            delivery.target_id,
            None if delivery.waiting is None else json_text(delivery.waiting),
        )
        for delivery in deliveries
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _delivery(row: Row) -> Delivery:
    (
        recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
        activity_id, settled_at, target_id, waiting, claim_owner, claim_until,
    ) = row  # fmt: skip
    try:
        return Delivery(
            recipient_id=recipient_id,
            name=name,
            email=email,
            status=_STATUSES[status],
            due_at=due_at,
            claim=None if claim_owner is None else Claim(claim_owner, claim_until),
            attempts=attempts,
            throttles=throttles,
            resends=resends,
            trace=() if trace is None else understood(trace, tuple[Attempt, ...]),
            reason=None if reason is None else _REASONS[reason],
            activity_id=activity_id,
            settled_at=settled_at,
            target_id=target_id,
            waiting=None if waiting is None else understood(waiting, PresenceWait),
        )
    except KeyError as error:
        raise Damaged(f"A delivery in the database is not understood: {error}.") from error


_STATUSES = {status.value: status for status in DeliveryStatus}
_REASONS = {reason.value: reason for reason in Reason}
