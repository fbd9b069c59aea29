"""Events in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from campaigns.campaign import CampaignKey
from campaigns.feedback import events
from campaigns.feedback.events import Engagement, Event, EventKind, LinkCount
from storage.errors import Damaged
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Row, Session
from storage.postgres.encoding import storable
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
            ledger = await ledgers.find(session, key)
            if ledger is None:
                return 0
            rows = await session.fetch("recipients_among", ledger, people)
            recipients = [recipient_id for (recipient_id,) in rows]
            await session.fetch("hold_people", ledger, recipients)
            before = await _events(session, ledger, recipients)
            so_far: dict[str, list[Event]] = {
                recipient_id: list(before.get(recipient_id, ())) for recipient_id in recipients
            }
            kept: list[Event] = []
            for event in new:
                own = so_far.get(storable(event.recipient_id))
                if own is not None:
                    if len(own) >= events.PER_PERSON or not events.is_new(own, event):
                        continue
                    own.append(event)
                elif event.recipient_id:
                    continue
                kept.append(event)
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
            return await _events(session, ledger, list(recipient_ids))

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
            yield [_event(row[:-1]) for row in rows]
            last = (rows[-1][0], rows[-1][-1])

    async def put(self, key: CampaignKey, given: Sequence[Event]) -> None:
        """Adds these events as given; for moving in, after the deliveries."""
        async with self._database.session() as session:
            ledger = await ledgers.find(session, key)
            if ledger is not None:
                await _add(session, ledger, given)

    async def drop(self, key: CampaignKey) -> None:
        """Does nothing: events belong to the ledger's number, and are cleared away with it."""


async def _events(session: Session, ledger: int, people: list[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for row in await session.fetch("events_of", ledger, people):
        event = _event(row)
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


def _event(row: Row) -> Event:
    recipient_id, kind, detail, moment = row
    return Event(kind=_kind(kind), at=moment, recipient_id=recipient_id, detail=detail)


def _kind(value: str) -> EventKind:
    try:
        return EventKind(value)
    except ValueError as error:
        raise Damaged(f"An event in the database is not understood: {error}.") from error
