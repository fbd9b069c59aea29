"""Whatever ends the process, at whatever moment: nobody gets it twice, and nobody is forgotten.

What the fake service received is held against the ledger that is left.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from campaigns.lists import DistributionList
from campaigns.report import Counts
from storage.embedded.store import EmbeddedStore
from tests.fake_teams import FakeTeams, FakeUser, Slow
from tests.support.chats.cards import counts, recipients, texts
from tests.support.chats.chat import Bot, Person, write
from tests.support.processes.bot_process import (
    TENANT,
    BotProcess,
    Ledger,
    begin,
    opened,
    read,
    remember,
)

KILLS = 10
FEW = 25
"""Deliveries under way at a moment: answers take 0.2 s here, at 50 per second; and as many again,
because what is claimed waits for its turn to leave."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    """It outlives the bot."""
    async with FakeTeams() as fake:
        yield fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
async def bot(folder: Path, tmp_path: Path) -> AsyncIterator[BotProcess]:
    process = BotProcess(folder, tmp_path / "log")
    yield process
    await process.close()


def slow_answers(fake: FakeTeams, people: list[FakeUser]) -> None:
    """The message arrives at once, and the answer comes later: there is time to be killed in."""
    for user in people:
        fake.script(user.conversation_id, [Slow(0.2)])


def messages(fake: FakeTeams) -> int:
    """Messages that the fake was sent so far."""
    return fake.arrived().total()


def arrived(fake: FakeTeams, number: int) -> Callable[[], bool]:
    """True when so many messages have arrived."""
    return lambda: messages(fake) >= number


def listens(bot: BotProcess, time: int) -> Callable[[], bool]:
    """True when the process of this number, counted from 1, has read its settings."""
    return lambda: bot.log.count("listening on") >= time


def completed(folder: Path) -> bool:
    """True when the only campaign has ended, as the disk has it."""
    [file] = (folder / "campaigns").glob("*.json")
    return b'"completed"' in file.read_bytes()


def require_truth(fake: FakeTeams, people: list[FakeUser], ledger: Ledger) -> None:
    """The ledger of a completed campaign agrees with what people received."""
    per_person = fake.arrived()
    times = {user.id: per_person[user.conversation_id] for user in people}
    assert ledger.campaign.status is Status.COMPLETED
    assert ledger.deliveries.keys() >= times.keys()
    assert set(times.values()) <= {0, 1}
    received = {who for who in times if times[who]}
    sent = ledger.having(DeliveryStatus.SENT)
    in_doubt = ledger.having(DeliveryStatus.IN_DOUBT)
    assert sent <= received
    assert received <= sent | in_doubt
    assert times.keys() - received <= in_doubt
    assert ledger.counts.open == 0
    assert ledger.counts.recipients == len(ledger.deliveries) == ledger.campaign.run.recipients


async def test_sigterm_in_the_middle_leaves_nothing_in_doubt(
    fake: FakeTeams, folder: Path, bot: BotProcess
) -> None:
    people = fake.add_users(1_000, tenant=TENANT)
    await remember(folder, fake, people)
    key = await begin(folder, people[0], AllUsers())
    slow_answers(fake, people)
    for number, interrupted_at in enumerate((200, 500, 503, 800), 1):
        await bot.start()
        # Before it listens, the signal would kill it; and so many may have arrived already.
        await bot.until(listens(bot, number))
        await bot.until(arrived(fake, interrupted_at))
        code, seconds = await bot.terminate()
        assert (code, seconds < 10) == (0, True), bot.log
        left = await read(folder, key)
        assert left.having(DeliveryStatus.CLAIMED) == set()
        assert left.having(DeliveryStatus.IN_DOUBT) == set()
        assert left.counts.success == messages(fake) < 1_000
    await bot.start()
    await bot.until(lambda: completed(folder))
    await bot.terminate()
    ledger = await read(folder, key)
    require_truth(fake, people, ledger)
    assert ledger.counts == Counts(success=1_000)


async def test_sigterm_while_teams_does_not_answer_ends_in_time(
    fake: FakeTeams, folder: Path, bot: BotProcess
) -> None:
    [user] = people = fake.add_users(1, tenant=TENANT)
    await remember(folder, fake, people)
    key = await begin(folder, user, AllUsers())
    fake.script(user.conversation_id, [Slow(30.0)])
    await bot.start()
    await bot.until(arrived(fake, 1))
    code, seconds = await bot.terminate()
    assert (code, seconds < 10) == (0, True), bot.log
    await bot.start()
    await bot.until(lambda: completed(folder))
    await bot.terminate()
    ledger = await read(folder, key)
    require_truth(fake, people, ledger)
    assert ledger.counts == Counts(in_doubt=1)


async def test_a_turn_that_hangs_does_not_keep_a_campaign_going_after_sigterm(
    fake: FakeTeams, folder: Path, bot: BotProcess
) -> None:
    people = fake.add_users(300, tenant=TENANT)
    await remember(folder, fake, people)
    await begin(folder, people[0], AllUsers())
    fake.script(people[0].conversation_id, [Slow(30.0)] * 5)
    await bot.start()
    await bot.answers()
    visitor = Person(fake, Bot(bot.messages, EmbeddedStore(None), signed=False), people[0])
    hanging = asyncio.create_task(visitor.says("menu"))
    await bot.until(arrived(fake, 50))
    before = messages(fake)
    code, seconds = await bot.terminate()
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    assert (code, seconds < 10) == (0, True), (seconds, bot.log)
    assert messages(fake) <= before + FEW


@pytest.mark.parametrize(
    "seed", [20261122, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 21))]
)
async def test_sigkill_at_random_moments_doubles_nothing_and_loses_nothing(
    fake: FakeTeams, folder: Path, bot: BotProcess, seed: int
) -> None:
    dice = random.Random(seed)
    people = fake.add_users(300, tenant=TENANT)
    await remember(folder, fake, people)
    key = await begin(folder, people[0], AllUsers())
    slow_answers(fake, people)
    interrupted: set[str] = set()
    for number in range(1, KILLS + 1):
        await bot.start()
        if dice.random() < 0.7:
            # In the middle of sending.
            await bot.until(arrived(fake, messages(fake) + dice.randint(1, 25)))
        else:
            # While it takes up what the one before has left.
            await bot.until(listens(bot, number))
            await asyncio.sleep(dice.uniform(0.0, 0.3))
        await bot.kill()
        left = await read(folder, key)
        claimed = left.having(DeliveryStatus.CLAIMED)
        interrupted |= claimed
        assert len(claimed) <= FEW
    assert not completed(folder)
    assert interrupted
    await bot.start()
    await bot.until(lambda: completed(folder))
    await bot.terminate()
    ledger = await read(folder, key)
    require_truth(fake, people, ledger)
    assert ledger.having(DeliveryStatus.IN_DOUBT) == interrupted
    assert ledger.counts.success == 300 - len(interrupted)


@pytest.mark.parametrize("files", [0, 1, 4])
async def test_sigkill_while_the_audience_is_frozen_forgets_nobody(
    fake: FakeTeams, folder: Path, bot: BotProcess, files: int
) -> None:
    """Only few on the long list have the app: it takes long to freeze and not to send."""
    people = fake.add_users(20, tenant=TENANT)
    await remember(folder, fake, people)
    nobody = [f"nobody{number}@example.com" for number in range(9_980)]
    now = datetime.now(UTC)
    everyone = DistributionList(
        tenant_id=TENANT,
        id="everyone",
        name="Everyone",
        addresses=(*nobody[:5_000], *(user.email for user in people), *nobody[5_000:]),
        author_id=people[0].id,
        created_at=now,
        updated_at=now,
    )
    async with opened(folder) as store:
        await store.lists.add(everyone)
    key = await begin(folder, people[0], ListAudience("everyone"))
    await bot.start()
    await bot.until(listens(bot, 1))
    await bot.until(lambda: len(list(folder.glob("ledger/*/*/*.json"))) >= files)
    await bot.kill()
    left = await read(folder, key)
    assert left.campaign.run.recipients is None
    assert len(left.deliveries) < 10_000
    assert messages(fake) == 0
    await bot.start()
    await bot.until(lambda: completed(folder))
    await bot.terminate()
    ledger = await read(folder, key)
    require_truth(fake, people, ledger)
    assert ledger.counts == Counts(success=20, skipped=9_980)


async def test_a_living_card_goes_on_after_a_kill(
    fake: FakeTeams, folder: Path, bot: BotProcess
) -> None:
    people = fake.add_users(150, tenant=TENANT)
    await remember(folder, fake, people)
    await bot.start()
    await bot.answers()
    # Local mode: nobody signs, and everybody is an admin.
    admin = Person(fake, Bot(bot.messages, EmbeddedStore(None), signed=False), people[0])
    await write(admin, name="News", message="Hello [FIRSTNAME]")
    await admin.presses("Send now")
    await admin.presses("Yes, send to 150 people")
    await bot.until(arrived(fake, 50))
    await bot.kill()
    await bot.start()
    report = await admin.sees("Report · Completed")
    assert recipients(report) == sum(counts(report).values()) == 150
    assert counts(report)["Success"] >= 150 - FEW
    assert counts(report)["Success"] + counts(report).get("In doubt", 0) == 150
    pressed = await admin.presses("Information")
    assert "Report · Completed" not in texts(pressed)
