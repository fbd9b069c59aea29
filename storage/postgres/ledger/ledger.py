"""The ledger in the PostgreSQL store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

from campaigns.campaign import CampaignKey
from campaigns.delivery import AT_ONCE, Claim, Delivery
from campaigns.ledger.retry import RetryRules
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from storage.base import Page
from storage.damage import split, together
from storage.errors import Damaged
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Session
from storage.postgres.encoding import json_text, storable
from storage.postgres.ledger import ledgers
from storage.postgres.ledger.claims import LostCalls
from storage.postgres.ledger.clearing import Clearing
from storage.postgres.ledger.deliveries import columns, decoded

_log = logging.getLogger(__name__)

_BATCH = 10_000
"""Rows changed with one statement when all rows of a campaign are changed. It takes about 0.2 s, so
nobody waits long for one of the rows."""

_CHUNK = 1_000
"""Rows read at a time when all are streamed."""


class PostgresLedger:
    """Deliveries of all campaigns, in partitions by the age of the campaign.

    Other processes may be alive, so a claim is abandoned when its time has passed, or when another
    one has the tenant's lease, and not before. Asking for the abandoned claims takes them over:
    they get the next number, so their former owners can't settle them any more.

    :param settled_by: seconds after which a statement that was begun has taken effect, or never
        will.
    """

    def __init__(self, database: Database, *, settled_by: float) -> None:
        self._database = database
        self._settled_by = settled_by
        self._calls = LostCalls()
        self._clearing = Clearing(database)

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        if not deliveries:
            return 0
        async with self._database.transaction() as session:
            ledger, place = await ledgers.take_places(session, key, len(deliveries))
            return await session.run("freeze", ledger, place, *columns(deliveries))

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return []
            await self._undo_lost(session, key, ledger)
            claimed: list[Delivery] = []
            damages: list[Damaged] = []
            calls: list[int] = []
            try:
                while not claimed:
                    calls.append(self._calls.next_call())
                    values = (claim.owner, claim.until, self._calls.run, calls[-1])
                    rows = await session.fetch("claim", ledger, now, limit, *values)
                    claimed, damage = split(rows, partial(decoded, key), itemgetter(0))
                    if damage is None:
                        break
                    # They stay claimed until others were reached.
                    damages.append(damage)
                if damages:
                    broken = list(together(damages).rows)
                    await session.run("give_back", ledger, self._calls.run, broken)
            except BaseException:
                # Claims may have been made all the same, and nobody will send them.
                until = asyncio.get_running_loop().time() + self._settled_by
                for call in calls:
                    self._calls.lose(key, call, until)
                raise
        if damages and not claimed:
            raise together(damages)
        return claimed

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return []
            rows = await session.fetch("due", ledger, now, limit)
        return [recipient_id for (recipient_id,) in rows]

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> frozenset[str]:
        if not deliveries:
            return frozenset()
        given = {storable(delivery.recipient_id): delivery for delivery in deliveries}
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return frozenset()
            replaced = await session.fetch("settle", ledger, *columns(deliveries))
            kept = {recipient_id for (recipient_id,) in replaced}
            if left := list(given.keys() - kept):
                # Those that were written at an earlier try, whose answer was lost, are as given.
                for row in await session.fetch("deliveries_to", ledger, left):
                    with contextlib.suppress(Damaged):
                        if json_text(decoded(key, row)) == json_text(given[row[0]]):
                            kept.add(row[0])
        if len(kept) < len(given):
            _log.warning(
                "campaign %s: of %d results, %d were settled otherwise or taken over meanwhile",
                key.campaign_id,
                len(given),
                len(given) - len(kept),
            )
        return frozenset(given[recipient_id].recipient_id for recipient_id in kept)

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return []
            rows = await session.fetch("take_over", ledger, now, self._calls.run, holder)
        abandoned, damage = split(rows, partial(decoded, key), itemgetter(0))
        if damage is not None and not abandoned:
            raise damage
        return abandoned

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        cancelled = 0
        while True:
            async with self._database.transaction() as session:
                ledger = await ledgers.find(session, key)
                if ledger is None:
                    return cancelled
                await session.value("hold_ledger", ledger)
                changed = await session.run("cancel", ledger, now, _BATCH)
            cancelled += changed
            if changed < _BATCH:
                return cancelled

    async def resend_in_doubt(self, key: CampaignKey) -> int:
        return await self._revive("resend_in_doubt", key)

    async def retry_failed(self, key: CampaignKey, reasons: Collection[Reason]) -> int:
        return await self._revive("retry_failed", key, [reason.value for reason in reasons])

    async def redate(self, key: CampaignKey, now: datetime, rules: RetryRules | None) -> int:
        latest = None if rules is None else now + rules.longest_wait(None)
        throttled = Reason.THROTTLED
        latest_throttled = None if rules is None else now + rules.longest_wait(throttled)
        redated = 0
        while True:
            async with self._database.transaction() as session:
                ledger = await ledgers.find(session, key)
                if ledger is None:
                    return redated
                await session.value("hold_ledger", ledger)
                changed = await session.run(
                    "redate", ledger, now, _BATCH, AT_ONCE,
                    latest, throttled.value, latest_throttled,
                )  # fmt: skip
            redated += changed
            if changed < _BATCH:
                return redated

    async def counts(self, key: CampaignKey) -> Counts:
        async with self._database.session() as session:
            return await _counts(session, key)

    async def next_due(self, key: CampaignKey) -> datetime | None:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return None
            await self._undo_lost(session, key, ledger)
            due: datetime | None = await session.value("next_due", ledger)
        return due

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return Page((), 0)
            total = (await _counts(session, key)).of(result)
            rows = await session.fetch("deliveries_page", ledger, result.value, offset, limit)
        shown = self._database.damages.page(rows, partial(decoded, key))
        return Page(tuple(shown), total)

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """Compares names here and not in the server, which knows upper and lower case only of the
        languages that it was set up for.
        """
        wanted = text.casefold()
        matching: list[str] = []
        place = 0
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
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
            rows = await session.fetch("deliveries_to", ledger, shown)
        found = self._database.damages.page(rows, partial(decoded, key))
        return Page(tuple(found), len(matching))

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return {}
            rows = await session.fetch("deliveries_to", ledger, list(recipient_ids))
        deliveries, damage = split(rows, partial(decoded, key), itemgetter(0))
        if damage is not None:
            raise damage
        return {delivery.recipient_id: delivery for delivery in deliveries}

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        return (await self.get_many(key, [recipient_id])).get(recipient_id)

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        """Yields all deliveries by their recipients' ids.

        No connection is held between two chunks.
        """
        last = ""
        while True:
            async with self._database.session() as session:
                ledger = await ledgers.find(session, key)
                if ledger is None:
                    return
                rows = await session.fetch("deliveries_after", ledger, last, _CHUNK)
            if not rows:
                return
            yield self._database.damages.understood(rows, partial(decoded, key))
            last = rows[-1][0]

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return {}
            rows = await session.fetch("timeline", ledger, step)
        return dict(map(tuple, rows))

    async def drop(self, key: CampaignKey) -> None:
        """Puts the deliveries out of reach at once; the rows are deleted in the background."""
        async with self._database.session() as session:
            await session.run("drop_ledger", key.tenant_id, key.campaign_id)
        self.dropped(key)

    def dropped(self, key: CampaignKey) -> None:
        """Clears away, in the background, what belonged to a campaign whose ledger was dropped."""
        self._calls.drop(key)
        self._clearing.begin()

    def open(self) -> None:
        """Begins to clear away, in the background, what an earlier process has left."""
        self._clearing.open()

    def clear(self) -> None:
        """Clears away, in the background, whatever was dropped."""
        self._clearing.begin()

    async def close(self) -> None:
        """Stops clearing away what was dropped, after the present batch."""
        await self._clearing.close()

    async def _revive(self, statement: str, key: CampaignKey, *values: Any) -> int:
        """Makes rows due at once, batch by batch in the order of their places."""
        revived: int = 0
        place = 0
        while True:
            async with self._database.transaction() as session:
                ledger = await ledgers.find(session, key)
                if ledger is None:
                    return revived
                await session.value("hold_ledger", ledger)
                [(changed, last)] = await session.fetch(
                    statement, ledger, AT_ONCE, _BATCH, place, *values
                )
            revived += changed
            if changed < _BATCH:
                return revived
            place = last

    async def _undo_lost(self, session: Session, key: CampaignKey, ledger: int) -> None:
        """Gives back the claims of calls that failed: nobody has them, and nobody sends them."""
        for lost in self._calls.lost(key):
            given_back = await session.run("undo_claim", ledger, self._calls.run, lost.call)
            if given_back or asyncio.get_running_loop().time() > lost.until:
                self._calls.found(key, lost)
            if given_back:
                _log.info("campaign %s: %d lost claims given back", key.campaign_id, given_back)


async def _counts(session: Session, key: CampaignKey) -> Counts:
    row = await session.row("counts", key.tenant_id, key.campaign_id)
    if row is None:
        return Counts()
    return Counts(**dict(zip(Counts.__struct_fields__, row, strict=True)))
