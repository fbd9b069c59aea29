"""Faults of the database while a campaign is being sent.

People are told to try again, ``/readyz`` says so, and when the database is back everyone gets the
message once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest

from bot.texts import FAILED
from campaigns.report import Counts
from storage.postgres.connection.rules import ConnectionRules
from storage.postgres.store import PostgresStore
from tests.fake_teams import FakeTeams, FakeUser, Received
from tests.support.campaigns.staff import staff
from tests.support.chats.cards import texts
from tests.support.chats.chat import Bot, Person, running, write
from tests.support.stores.postgresql import Cable, cable, empty_database
from tests.support.waiting import until, until_stored

PEOPLE = 60
HASTY = ConnectionRules(connect=0.5, statement=1.0, check=1.0, connections=4)
RATE = 25.0


class Database:
    """The bot's database, the cable to it, and the store that uses it."""

    def __init__(self, url: str, wire: Cable, store: PostgresStore) -> None:
        self.url = url
        self.wire = wire
        self.store = store


Trouble = Callable[[Database], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def restarting(database: Database) -> AsyncIterator[None]:
    """All connections break, and no new ones are taken for a while."""
    database.wire.cut()
    yield
    database.wire.mend()


@contextlib.asynccontextmanager
async def unheard(database: Database) -> AsyncIterator[None]:
    """Nothing gets through, and there is no error."""
    database.wire.hush()
    yield
    database.wire.mend()


@contextlib.asynccontextmanager
async def standing_by(database: Database) -> AsyncIterator[None]:
    """The state after a failover to a server that takes no writes yet."""
    name = urlsplit(database.url).path[1:]
    connection = await asyncpg.connect(database.url)
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await _break(connection)
    yield
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await connection.close()


@contextlib.asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """Statements about these tables exceed their time."""
    connection = await asyncpg.connect(database.url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE users, deliveries, inbox")
        yield
    await connection.close()


@contextlib.asynccontextmanager
async def used_up(database: Database) -> AsyncIterator[None]:
    """All of the pool's connections are busy with something else."""
    async with contextlib.AsyncExitStack() as busy:
        for _ in range(HASTY.connections):
            async with asyncio.timeout(10.0):
                await busy.enter_async_context(_patiently(database.store))
        yield


@contextlib.asynccontextmanager
async def _patiently(store: PostgresStore) -> AsyncIterator[None]:
    pool = store._database  # the only way to take all of them
    while True:
        try:
            session = pool.session()
            await session.__aenter__()
            break
        except Exception:  # noqa: BLE001  the bot itself may have them at the moment
            await asyncio.sleep(0.01)
    try:
        yield
    finally:
        await session.__aexit__(None, None, None)


async def _break(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Database]:
    async with empty_database(postgresql) as url, cable(url) as wire:
        yield Database(url, wire, PostgresStore(wire.url, HASTY))


async def ready(bot: Bot) -> bool:
    url = bot.messages.replace("/api/messages", "/readyz")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status == 200


async def not_ready(bot: Bot) -> bool:
    return not await ready(bot)


def news(fake: FakeTeams) -> list[Received]:
    return [
        each
        for each in fake.received
        if each.call == "send" and (each.activity or {}).get("summary") == "News"
    ]


@pytest.mark.parametrize("trouble", [restarting, unheard, standing_by, locked, used_up])
async def test_a_campaign_outlives_trouble_with_the_database(
    teams_service: FakeTeams,
    administrator: FakeUser,
    tmp_path: Path,
    database: Database,
    trouble: Trouble,
) -> None:
    async with running(
        teams_service,
        tmp_path,
        admin=administrator,
        rate_per_second=RATE,
        store=database.store,
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await staff(teams_service, bot, PEOPLE)
        await write(admin, name="News", message="Hello")
        await admin.presses("Send now")
        await admin.presses(f"Yes, send to {PEOPLE + 1} people")
        await until(lambda: len(news(teams_service)) > 15, "the first messages")
        async with trouble(database):
            answer = await admin.says("menu")
            assert FAILED in texts(answer)
            if trouble is not locked:  # the tables that a probe looks at are free
                await until_stored(lambda: not_ready(bot), "the word that it is not ready")
        await until(lambda: len(news(teams_service)) > PEOPLE, "the last message")
        [key] = [
            going_on.key for going_on in await until_stored(bot.store.campaigns.going_on, "it")
        ]

        async def ended() -> bool:
            campaign = await bot.store.campaigns.get(key)
            return campaign is not None and campaign.run.ended_at is not None

        await until_stored(ended, "the end")
        assert await bot.store.ledger.counts(key) == Counts(success=PEOPLE + 1)
        await until_stored(lambda: ready(bot), "the word that it is ready")
    received = [message.conversation_id for message in news(teams_service)]
    assert len(received) == len(set(received)) == PEOPLE + 1
