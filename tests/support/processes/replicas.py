"""Three real bots with one PostgreSQL database, and what they have done afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import CampaignKey, InDoubtPolicy
from campaigns.content import Content, Format
from campaigns.drafting import draft, target, when_in_doubt, write
from campaigns.lifecycle import start
from campaigns.schedule.schedule import Schedule
from campaigns.scheduling import schedule
from storage.postgres.store import PostgresStore
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.processes.bot_process import TENANT, BotProcess, Ledger, as_user
from tests.support.stores.postgresql import Cable, cable

LEASE = 4.0
"""Seconds; shorter than in production, so that tests are short."""

CLOCKS = (-300.0, 0.0, 420.0)
"""Seconds that each replica's clock is ahead."""

WINDOW = 0.9
"""Seconds in which calls are counted.

A little less than Teams' own second, since this machine may stand still for a moment between the
bot and the fake.
"""


class Replica(BotProcess):
    """One of the bots, with its own cable to the database."""

    def __init__(self, number: int, wire: Cable, log: Path, *, lease: float) -> None:
        ahead = str(CLOCKS[number])
        program = ("-m", "tests.support.processes.replica", "--ahead", ahead, "--lease", str(lease))
        super().__init__(wire.url, log, program=program)
        self.wire = wire
        self._logged_before = 0

    async def start(self) -> None:
        self._logged_before = len(self.log) if self._log.exists() else 0
        await super().start()

    @property
    def holds(self) -> bool:
        """True when it sends for the tenant, by the last word of this run's log."""
        log = self.log[self._logged_before :]
        took = log.rfind(f"sends for tenant {TENANT} from now on")
        lost = log.rfind(f"sends for tenant {TENANT} no more")
        return took > lost


@contextlib.asynccontextmanager
async def three(url: str, folder: Path, *, lease: float = LEASE) -> AsyncIterator[list[Replica]]:
    """Makes three replicas that are not started yet, and kills them in the end."""
    async with contextlib.AsyncExitStack() as ending:
        replicas = []
        for number in range(3):
            wire = await ending.enter_async_context(cable(url))
            replica = Replica(number, wire, folder / f"log-{number}", lease=lease)
            ending.push_async_callback(replica.close)
            replicas.append(replica)
        yield replicas


async def begin(
    store: PostgresStore,
    fake: FakeTeams,
    people: Sequence[FakeUser],
    *,
    policy: InDoubtPolicy = InDoubtPolicy.ASK,
    starts_in: float | None = None,
) -> CampaignKey:
    """Puts these people into the store, and a campaign to them.

    :param starts_in: seconds until it starts by itself; None: *Send* was just pressed.
    """
    await asyncio.gather(*(store.users.put(as_user(fake, user)) for user in people))
    now = datetime.now(UTC)
    campaign = draft(
        TENANT, "a-campaign", name="News", format=Format.MESSAGE, author_id=people[0].id, now=now
    )
    campaign = target(write(campaign, Content("Hello [FIRSTNAME]"), now), AllUsers(), now)
    kept = await store.campaigns.add(when_in_doubt(campaign, policy))
    if starts_in is None:
        begun = start(kept, audience=FrozenAudience(), now=now)
    else:
        start_at = now + timedelta(seconds=starts_in)
        begun = schedule(
            kept, Schedule(at=start_at, zone="Etc/UTC", scheduled_by=people[0].id), now
        )
    await store.campaigns.save(begun)
    return kept.key


async def read(store: PostgresStore, key: CampaignKey) -> Ledger:
    """Reads a campaign and its deliveries."""
    campaign = await store.campaigns.get(key)
    assert campaign is not None
    rows = [row async for chunk in store.ledger.rows(key) for row in chunk]
    deliveries = {row.recipient_id: row for row in rows}
    assert len(deliveries) == len(rows)
    return Ledger(campaign, await store.ledger.counts(key), deliveries)


def busiest(fake: FakeTeams) -> int:
    """Returns the largest number of calls that came within a :data:`WINDOW`."""
    times = [post.arrived_at for post in fake.received]
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most
