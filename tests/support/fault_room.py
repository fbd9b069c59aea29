"""A campaign that a fault has paused, in an engine room, and the service that was at fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, Status
from campaigns.delivery import DeliveryStatus
from campaigns.outcome import Outcome, Sent
from tests.support.engine_room import TENANT, Clock, Room, person
from tests.support.examples import every_row

PEOPLE = 40
MINUTE = 60.0


class Service:
    """Teams: out of order for some seconds after the start, and right after that."""

    def __init__(self, clock: Clock, trouble: Outcome, *, seconds: float) -> None:
        self.clock = clock
        self.trouble = trouble
        self.until = clock.seconds + seconds
        self.tries: list[tuple[float, str]] = []
        self._tried = asyncio.Event()

    def __call__(self, recipient_id: str) -> tuple[float, Outcome, bool]:
        self.tries.append((self.clock.seconds, recipient_id))
        self._tried.set()
        if self.clock.seconds < self.until:
            return 0.1, self.trouble, False
        return 0.1, Sent("1"), True

    async def next_try(self) -> None:
        self._tried.clear()
        await self._tried.wait()

    def since(self, moment: float) -> int:
        return sum(seconds >= moment for seconds, _ in self.tries)


async def paused(room: Room, service: Service, *, people: int = PEOPLE) -> Campaign:
    """A campaign that this trouble has paused."""
    room.channel.answer = service
    await room.open(people)
    await room.store.users.put(person("author"))  # who is told
    await room.store.lists.add(
        lists.create(
            TENANT,
            "all",
            name="All",
            addresses=[f"{number}@example.com" for number in range(1, people + 1)],
            author_id="author",
            now=room.clock.now(),
        )
    )
    await room.begin()
    started = await room.engine.send(await room.draft(audience=ListAudience("all")))
    return await until(room, started, lambda present: present.status is Status.PAUSED, 600.0)


async def present(room: Room, campaign: Campaign) -> Campaign:
    found = await room.store.campaigns.get(campaign.key)
    assert found is not None
    return found


async def until(
    room: Room, campaign: Campaign, done: Callable[[Campaign], bool], seconds: float
) -> Campaign:
    deadline = room.clock.seconds + seconds
    while not done(found := await present(room, campaign)):
        assert room.clock.seconds < deadline, found
        await asyncio.sleep(0.5)
    return found


async def everybody_has_it_once(room: Room, campaign: Campaign, people: int = PEOPLE) -> None:
    rows = await every_row(room.store.ledger, campaign.key)
    assert {row.status for row in rows} == {DeliveryStatus.SENT}
    assert len(rows) == people
    assert room.channel.arrived == {str(number): 1 for number in range(1, people + 1)}
