"""The engine's promises under random interleavings of everything that can happen to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, InDoubtPolicy, Status
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.drafting import when_in_doubt
from campaigns.errors import NotPossible
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
    outcome_tag,
)
from delivery.supervision import Cancelled
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from tests.support.engine_room import TENANT, Clock, Room, run
from tests.support.examples import every_row
from tests.support.stores.flaky import Refusals, flaky

PEOPLE = 12
NOBODY = "nobody@example.com"
ACTIONS = ("send", "pause", "resume", "stop", "resend", "crash", "end", "wait", "wait")

steps = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.sampled_from([0.0, 0.001, 0.01, 0.05, 0.06, 0.2, 1.0, 3.0, 30.0, 400.0]),
    ),
    max_size=12,
)
"""Actions, and the seconds until the next one: from the midst of it to long after."""


class Weather:
    """The channel's answers: anything, until it is calm."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._roughness = self._dice.choice([0.1, 0.5, 1.0])
        self.calm = False

    def __call__(self, _: str) -> tuple[float, Outcome, bool]:
        dice = self._dice
        if self.calm or dice.random() > self._roughness:
            return dice.choice([0.0, 0.1, 2.0]), Sent("1"), True
        outcomes: list[Outcome] = [
            Throttled(dice.choice([None, 0.5, 20.0])),
            Transient(Reason.NOT_CONNECTED),
            Stale(),
            Unreachable(Reason.BLOCKED),
            Rejected(Reason.BAD_REQUEST),
            Rejected(Reason.UNAUTHORISED),
            Unknown(Reason.NO_ANSWER),
            Unknown(Reason.SERVER_ERROR),
        ]
        outcome = dice.choice(outcomes)
        arrived = isinstance(outcome, Unknown) and dice.random() < 0.5
        return dice.choice([0.0, 0.1, 2.0]), outcome, arrived


class Watch(logging.Handler):
    """Notes background work that failed by another error than the store's."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, (StoreError, Cancelled)):
            self.faults.append(f"{record.getMessage()}: {error!r}")


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(steps=steps, seed=st.integers(0, 10_000), resend=st.booleans())
@example(steps=[("send", 0.0), ("send", 0.0), ("send", 0.0)], seed=0, resend=False)
@example(steps=[("send", 0.001), ("stop", 0.0), ("crash", 0.0)], seed=0, resend=False)
@example(steps=[("send", 0.0), ("crash", 0.0), ("crash", 0.0), ("end", 0.0)], seed=1, resend=True)
@example(
    steps=[("send", 0.0), ("stop", 0.0), ("resume", 0.0), ("resend", 1.0)], seed=2, resend=False
)
def test_nothing_is_lost_or_doubled_whatever_happens_in_whatever_order(
    steps: Sequence[tuple[str, float]], seed: int, resend: bool
) -> None:
    tell(steps, seed, resend=resend)


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(steps=steps, seed=st.integers(0, 1_000_000), resend=st.booleans(), after=st.booleans())
def test_a_store_that_refuses_now_and_then_loses_and_doubles_nothing(
    steps: Sequence[tuple[str, float]], seed: int, resend: bool, after: bool
) -> None:
    tell(steps, seed, resend=resend, refusals=Refusals(seed, after=after))


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps, seed=st.integers(0, 1_000_000), resend=st.booleans(), after=st.booleans())
def test_a_store_that_refuses_loses_and_doubles_nothing_in_thousands_of_stories(
    steps: Sequence[tuple[str, float]], seed: int, resend: bool, after: bool
) -> None:
    tell(steps, seed, resend=resend, refusals=Refusals(seed, after=after))


def tell(
    steps: Sequence[tuple[str, float]],
    seed: int,
    *,
    resend: bool,
    refusals: Refusals | None = None,
) -> None:
    """Tells a story, and checks the promises after each step and at its end.

    :param refusals: the store refuses so until the end of the steps; None: it always serves.
    """
    if refusals is None:
        refusals = Refusals(seed, share=0.0, slow=0.0)

    async def story(clock: Clock) -> None:
        room = Room(clock, store=flaky(EmbeddedStore(None), refusals))
        weather = Weather(seed)
        room.channel.answer = weather
        await room.open(PEOPLE)
        draft = await listed(room, resend=resend)
        await room.begin()
        refusals.on = True
        doing: list[asyncio.Task[None]] = []
        for action, pause in steps:
            if action in ("crash", "end"):
                if action == "end":
                    await room.engine.stop()
                await room.crash()
                # A process that can't read the store at its start has to be started again.
                with refusals.suspended():
                    await room.begin()
            elif action != "wait":
                doing.append(asyncio.create_task(does(room, draft, action)))
            await asyncio.sleep(pause)
            with refusals.suspended():
                await check(room, draft)
        await asyncio.gather(*doing, return_exceptions=True)
        refusals.on = False
        weather.calm = True
        await carry_through(room, draft)
        actions = {action for action, _ in steps}
        await check(room, draft, ended=True, stopped="stop" in actions)
        # Of a process that was killed, or ended while the store refused, nobody knows.
        if "crash" not in actions and not ("end" in actions and refusals.refused):
            await nobody_is_in_doubt_without_a_call(room, draft)
        await room.close()

    watch = Watch()
    logging.getLogger("delivery").addHandler(watch)
    try:
        run(story)
    finally:
        logging.getLogger("delivery").removeHandler(watch)
    assert not watch.faults


async def listed(room: Room, *, resend: bool) -> Campaign:
    """A draft for a list with everyone, the author whom the bot can't reach, and nobody known."""
    addresses = [f"{number}@example.com" for number in range(1, PEOPLE + 1)]
    now = room.clock.now()
    everyone = lists.create(
        TENANT,
        "all",
        name="All",
        addresses=[*addresses, "author@example.com", NOBODY],
        author_id="author",
        now=now,
    )
    await room.store.lists.add(everyone)
    draft = await room.draft(audience=ListAudience("all"))
    if not resend:
        return draft
    return await room.store.campaigns.save(when_in_doubt(draft, InDoubtPolicy.RESEND))


async def does(room: Room, draft: Campaign, action: str) -> None:
    """Whatever is not possible just now is refused, and changes nothing."""
    engine = room.engine
    with contextlib.suppress(NotPossible, StoreError):
        match action:
            case "send":
                await engine.send(draft)
            case "pause":
                await engine.pause(draft.key)
            case "resume":
                await engine.resume(draft.key)
            case "stop":
                await engine.end(draft.key)
            case "resend":
                await engine.resend(draft.key)


async def carry_through(room: Room, draft: Campaign) -> None:
    """Sends it if nobody has, and resumes it as often as it is paused, until it has ended."""
    await does(room, draft, "send")
    deadline = room.clock.seconds + 5_000.0
    while True:
        now = await room.store.campaigns.get(draft.key)
        assert now is not None
        if now.run.ended_at is not None:
            return
        if now.status is Status.PAUSED:
            await does(room, draft, "resume")
        assert room.clock.seconds < deadline, now
        await asyncio.sleep(1.0)


async def check(room: Room, draft: Campaign, *, ended: bool = False, stopped: bool = False) -> None:
    rows = await every_row(room.store.ledger, draft.key)
    campaign = await room.store.campaigns.get(draft.key)
    assert campaign is not None
    ids = [row.recipient_id for row in rows]
    assert len(ids) == len(set(ids))
    everyone = {*map(str, range(1, PEOPLE + 1)), "author", f"mailto:{NOBODY}"}
    if campaign.run.recipients is not None:
        assert set(ids) == everyone
        assert campaign.run.recipients == len(everyone)
    if campaign.run.ended_at is not None:
        assert all(row.status.has_ended for row in rows)
    for row in rows:
        sent_once_or_as_told(row, room.channel.arrived[row.recipient_id])
    if ended:
        counts = await room.store.ledger.counts(draft.key)
        assert counts.recipients == len(everyone)
        assert counts.open == 0
        assert counts.skipped == 2
        assert campaign.status in (Status.COMPLETED, Status.STOPPED)
        # One that was stopped and whose deliveries in doubt were resent is completed after that.
        assert counts.cancelled == 0 or stopped or campaign.status is Status.STOPPED


async def nobody_is_in_doubt_without_a_call(room: Room, draft: Campaign) -> None:
    for row in await every_row(room.store.ledger, draft.key):
        tags = {attempt.reason for attempt in row.trace if attempt.outcome == UNKNOWN}
        assert Reason.INTERRUPTED not in tags, row
        if tags:
            assert room.channel.tried[row.recipient_id], row


def sent_once_or_as_told(row: Delivery, arrived: int) -> None:
    """Twice only when it was in doubt and then resent; and the row tells what became of it."""
    assert arrived <= 1 + row.resends
    doubted = any(attempt.outcome == UNKNOWN for attempt in row.trace)
    assert not row.resends or doubted
    match row.status:
        case DeliveryStatus.SENT:
            assert arrived >= 1
        case DeliveryStatus.SKIPPED:
            assert arrived == 0
        case DeliveryStatus.FAILED | DeliveryStatus.CANCELLED | DeliveryStatus.PENDING:
            # What was in doubt once may have arrived then.
            assert arrived == 0 or doubted


UNKNOWN = outcome_tag(Unknown(Reason.NO_ANSWER))
