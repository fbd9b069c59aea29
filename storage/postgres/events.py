"""Events in the PostgreSQL store."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.feedback import events
from campaigns.feedback.events import Engagement, Event, EventKind, LinkCount
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Row, Session
from storage.postgres.encoding import damaged, row_name, storable
from storage.postgres.ledger import ledgers

_CHUNK = 1_000
"""Events read at a time when all are streamed."""


class PostgresEvents:
    """All events in one table; a campaign's numbers are counted anew each time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, key: CampaignKey, new: Sequence[Event]) -> int:
        people = sorted({storable(event.recipient_id) for event in new} - {""})
        async with self._database.transaction() as session:
            ledger = await ledgers.keep(session, key)
            if ledger is None:
                return 0
            rows = await session.fetch("recipients_among", ledger, people)
            recipients = [recipient_id for (recipient_id,) in rows]
            by_person: dict[str, list[Event]] = {}
            for event in map(_stored, new):
                by_person.setdefault(event.recipient_id, []).append(event)
            nameless = by_person.pop("", [])
            await session.fetch("hold_people", ledger, [*recipients, *([""] if nameless else [])])
            before = await _events(session, key, ledger, recipients)
            kept = await _new_nameless(session, ledger, nameless) if nameless else []
            for recipient_id in recipients:
                kept += events.fresh(before.get(recipient_id, ()), by_person[recipient_id])
            if kept:
                await _add(session, ledger, kept)
        return len(kept)

    async def engagement(self, key: CampaignKey) -> Engagement:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return Engagement()
            kinds = await session.fetch("people_by_kind", ledger)
            numbers = {kind: (number, people) for kind, number, people in kinds}
            if not numbers:
                return Engagement()
            links = await session.fetch("clicks_by_link", ledger)
            reactions = dict(map(tuple, await session.fetch("reactions", ledger)))
        clicks, clicked = numbers.get(EventKind.CLICK.value, (0, 0))
        return Engagement(
            clicked=clicked,
            clicks=clicks,
            previews=numbers.get(EventKind.PREVIEW.value, (0, 0))[0],
            links={link: LinkCount(number, people) for link, number, people in links},
            read=numbers.get(EventKind.READ.value, (0, 0))[1],
            reacted=reactions.pop("", 0),
            reactions=reactions,
            acknowledged=numbers.get(EventKind.ACKNOWLEDGED.value, (0, 0))[1],
        )

    async def by_recipient(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return {}
            rows = await session.fetch("events_of", ledger, list(recipient_ids))
        found: dict[str, list[Event]] = {}
        for event in self._database.damages.understood(rows, partial(_event, key)):
            found.setdefault(event.recipient_id, []).append(event)
        return found

    async def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        """Yields all events, chunk by chunk; no connection is held between two chunks."""
        last: tuple[str, int] = ("", 0)
        while True:
            async with self._database.session() as session:
                ledger = await ledgers.find(session, key)
                if ledger is None:
                    return
                rows = await session.fetch("events_after", ledger, *last, _CHUNK)
            if not rows:
                return
            yield self._database.damages.understood(rows, partial(_event, key))
            last = (rows[-1][0], rows[-1][-1])

    async def put(self, key: CampaignKey, given: Sequence[Event]) -> None:
        """Adds these events as given; for moving in, after the deliveries."""
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is not None:
                await _add(session, ledger, given)

    async def drop(self, key: CampaignKey) -> None:
        """Does nothing: events belong to the ledger's number, and are cleared away with it."""


def _stored(event: Event) -> Event:
    """Returns the event as the database keeps it."""
    return msgspec.structs.replace(
        event, recipient_id=storable(event.recipient_id), detail=storable(event.detail)
    )


async def _new_nameless(session: Session, ledger: int, told: Sequence[Event]) -> list[Event]:
    """Returns those of these events, which are linked to nobody, that are not kept yet."""
    rows = await session.fetch("events_of_nobody", ledger, [event.at for event in told])
    known = Counter({(kind, detail, moment): number for kind, detail, moment, number in rows})
    new = []
    for event in told:
        same = (event.kind.value, event.detail, event.at)
        if known[same] > 0:
            known[same] -= 1
        else:
            new.append(event)
    return new


async def _events(
    session: Session, key: CampaignKey, ledger: int, people: list[str]
) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for row in await session.fetch("events_of", ledger, people):
        event = _event(key, row)
        found.setdefault(event.recipient_id, []).append(event)
    return found


async def _add(session: Session, ledger: int, kept: Sequence[Event]) -> None:
    await session.run(
        "add_events",
        ledger,
        [event.recipient_id for event in kept],
        [event.kind.value for event in kept],
        [event.detail for event in kept],
        [event.at for event in kept],
    )


def _event(key: CampaignKey, row: Row) -> Event:
    recipient_id, kind, detail, moment, number = row
    if kind not in _KINDS:
        place = row_name("events", key.tenant_id, key.campaign_id, recipient_id, str(number))
        raise damaged(place, f"{kind!r} is no kind of event")
    return Event(kind=_KINDS[kind], at=moment, recipient_id=recipient_id, detail=detail)


_KINDS = {kind.value: kind for kind in EventKind}
