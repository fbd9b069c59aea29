"""A wall clock that is set while campaigns are sent hides nothing, and starts nothing twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from datetime import datetime, time, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import AT_ONCE, Attempt, DeliveryStatus
from campaigns.outcome import Outcome, Reason, Sent, Throttled, Transient
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Schedule
from campaigns.schedule.windows import Hours, Window, starts_at
from delivery.redating import AGAIN_AFTER
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import BEGAN, TENANT, Clock, Room, run
from tests.support.examples import every_row

HOUR = 3_600.0
DAY = 24 * HOUR
PEOPLE = 40


class Stumbles:
    """Refuses each person's first tries, and then accepts the message."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.tried: Counter[str] = Counter()

    def __call__(self, recipient_id: str) -> tuple[float, Outcome, bool]:
        self.tried[recipient_id] += 1
        tries = self.tried[recipient_id]
        if tries > self.times:
            return 0.05, Sent("1"), True
        refused = Throttled(2.0) if (int(recipient_id) + tries) % 2 else Transient(Reason.NOT_DONE)
        return 0.05, refused, False


async def sending(room: Room) -> Campaign:
    draft = await room.draft()
    return await room.engine.send(draft)


async def everybody_has_it_once(room: Room, campaign: Campaign, *, within: float) -> None:
    ended = await room.until_ended(campaign, seconds=within)
    assert ended.status is Status.COMPLETED
    assert room.channel.arrived.total() == len(room.channel.arrived) == PEOPLE


STEPS = [
    pytest.param([(-600.0, 60.0)], id="ten minutes back"),
    pytest.param([(-600.0, 0.7), (0.0, 60.0)], id="back and right again within a second"),
    pytest.param([(DAY, 60.0), (0.0, 60.0)], id="a day ahead and back"),
    pytest.param([(DAY, 0.7), (0.0, 60.0)], id="a day ahead for a moment"),
    pytest.param([(-20 * 365 * DAY, 60.0)], id="back to where a clock begins"),
    pytest.param([(2.0, 1.0), (0.0, 1.0)] * 20, id="here and there"),
]


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("stumbles", [0, 3])
@pytest.mark.parametrize("steps", STEPS)
def test_sending_goes_on_whatever_the_clock_shows(
    steps: list[tuple[float, float]], stumbles: int, restart: bool
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        room.channel.answer = Stumbles(stumbles)
        await room.open(PEOPLE)
        await room.begin()
        campaign = await sending(room)
        await asyncio.sleep(2.0)
        for wrong, seconds in steps:
            clock.set_wrong(wrong)
            if restart:
                await room.engine.stop()
                await room.begin()
            await asyncio.sleep(seconds)
        await everybody_has_it_once(room, campaign, within=200.0)
        await room.close()

    run(story)


def test_a_clock_that_was_set_back_between_two_processes_hides_no_retry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The second process can't have seen the step; the rows tell."""

    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = lambda _: (0.0, Throttled(60.0), False)
        await room.open(PEOPLE)
        clock.set_wrong(DAY)
        await room.begin()
        campaign = await sending(room)
        await asyncio.sleep(10)
        await room.crash()
        clock.set_wrong(0)
        room.channel.answer = Stumbles(0)
        await room.begin()
        await everybody_has_it_once(room, campaign, within=30.0)
        await room.close()

    run(story)
    assert f"campaign news: {PEOPLE} deliveries waited for a time that a wrong clock had set" in (
        caplog.messages
    )


def test_what_an_earlier_version_left_is_sent_when_it_is_resumed() -> None:
    """Its rows were due at the time of the launch, which a clock that was set back has hidden."""

    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(PEOPLE)
        await room.begin()
        campaign = await sending(room)
        await room.engine.pause(campaign.key)
        await asyncio.sleep(5)
        rows = await every_row(room.store.ledger, campaign.key)
        waiting = [row for row in rows if row.status is DeliveryStatus.PENDING]
        await room.store.ledger.drop(campaign.key)
        later = clock.now() + timedelta(hours=5)
        await room.store.ledger.freeze(
            campaign.key, [msgspec.structs.replace(row, due_at=later) for row in rows]
        )
        assert waiting
        await room.engine.resume(campaign.key)
        await everybody_has_it_once(room, campaign, within=30.0)
        await room.close()

    run(story)


def test_results_that_were_decided_on_before_a_step_and_written_after_it_are_found() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        # One person keeps the campaign going.
        refused = {"1": Throttled(30.0)}
        room.channel.answer = lambda name: (
            (0.0, refused[name], False) if name in refused else (0.0, Sent("1"), True)
        )
        await room.open(PEOPLE)
        await room.begin()
        campaign = await sending(room)
        await asyncio.sleep(1)
        clock.set_wrong(-HOUR)
        await asyncio.sleep(40 + 2 * AGAIN_AFTER)
        # As if the store had been full all the time, and has served only now.
        rows = await every_row(room.store.ledger, campaign.key)
        [late] = [row for row in rows if row.recipient_id == "2"]
        written_late = msgspec.structs.replace(
            late,
            status=DeliveryStatus.PENDING,
            settled_at=None,
            due_at=clock.right() + timedelta(seconds=2),
            trace=(Attempt(at=clock.right(), outcome="transient"),),
        )
        await room.store.ledger.drop(campaign.key)
        others = [row for row in rows if row.recipient_id != "2"]
        await room.store.ledger.freeze(campaign.key, [*others, written_late])
        assert room.channel.arrived.pop("2") == 1
        await asyncio.sleep(AGAIN_AFTER + 1)
        assert room.channel.arrived["2"] == 1
        refused.clear()
        await everybody_has_it_once(room, campaign, within=100.0)
        await room.close()

    run(story)


def test_the_step_is_logged_once_with_both_times(caplog: pytest.LogCaptureFixture) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        await room.begin()
        await asyncio.sleep(HOUR)
        clock.set_wrong(-600)
        await asyncio.sleep(HOUR)
        await room.close()

    with caplog.at_level(logging.WARNING):
        run(story)
    [line] = [message for message in caplog.messages if "clock" in message]
    assert line.startswith("this machine's clock was set from 2026-01-05 10:00:")
    assert " to 2026-01-05 09:50:" in line


# --- what is scheduled


def at(moment: datetime, **changes: object) -> Schedule:
    schedule = Schedule(at=moment, zone="Europe/London", scheduled_by="author", seed="s")
    return msgspec.structs.replace(schedule, **changes)


async def present(room: Room, key: CampaignKey) -> Campaign:
    found = await room.store.campaigns.get(key)
    assert found is not None
    return found


def test_a_clock_that_is_put_right_forward_starts_what_is_due_soon() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        clock.set_wrong(-2 * HOUR)
        await room.begin()
        scheduled = await room.engine.schedule(
            await room.draft(), at(clock.right() + timedelta(minutes=1))
        )
        await asyncio.sleep(10 * 60)
        assert (await present(room, scheduled.key)).status is Status.SCHEDULED
        clock.set_wrong(0)
        await asyncio.sleep(45)
        assert (await present(room, scheduled.key)).status is Status.COMPLETED
        await room.close()

    run(story)


def test_a_clock_that_is_a_day_ahead_for_a_moment_starts_nothing() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        schedule = at(clock.now() + timedelta(hours=5))
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        for _ in range(200):
            clock.set_wrong(DAY)
            await asyncio.sleep(2)
            clock.set_wrong(0)
            await asyncio.sleep(2)
        assert (await present(room, scheduled.key)).status is Status.SCHEDULED
        await asyncio.sleep(5 * HOUR - 200 * 4 + 2)
        assert (await present(room, scheduled.key)).run.started_at is not None
        await room.close()

    run(story)


def test_a_series_that_a_wrong_clock_has_started_misses_no_day_and_sends_none_twice() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        await room.begin()
        daily = Recurrence(
            every=Every.WEEK, days=tuple(range(7)), time_of_day=time(12), zone="Etc/UTC", times=3
        )
        noon = BEGAN + timedelta(hours=3)
        series = Series(id="daily", recurrence=daily)
        await room.engine.schedule(await room.draft("daily-1"), at(noon, series=series))
        await asyncio.sleep(HOUR)
        clock.set_wrong(2 * DAY)
        await asyncio.sleep(HOUR)
        clock.set_wrong(0)
        await asyncio.sleep(3 * DAY)
        ends = [
            (await present(room, CampaignKey(TENANT, f"daily-{number}"))).schedule
            for number in range(1, 4)
        ]
        # The first one left too early, with the wrong clock; all others at their own noon.
        assert [schedule and schedule.at for schedule in ends] == [
            noon + timedelta(days=number) for number in range(3)
        ]
        assert room.channel.arrived == {"1": 3}
        await room.close()

    run(story)


# --- everything together

jumps = st.sampled_from(
    [-20 * 365 * DAY, -DAY, -HOUR, -600.0, -1.5, -0.5, 0.0, 0.5, 1.5, 30.0, 600.0, HOUR, DAY / 2]
)
moments = st.sampled_from([0.0, 0.3, 0.7, 3.0, 12.0, 40.0, 400.0])
stories = st.lists(
    st.tuples(st.sampled_from(["set", "set", "right", "crash", "end", "resume"]), jumps, moments),
    max_size=10,
)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=stories, seed=st.integers(0, 1_000))
def test_everybody_gets_everything_once_and_in_its_time_however_the_clock_is_set(
    steps: list[tuple[str, float, float]], seed: int
) -> None:
    """One campaign with retries, one over days, one that is scheduled."""

    async def story(clock: Clock) -> None:
        dice = random.Random(seed)
        calm = False

        def answer(_: str) -> tuple[float, Outcome, bool]:
            if calm or dice.random() < 0.5:
                return dice.choice([0.0, 0.5]), Sent("1"), True
            refusals: list[Outcome] = [
                Throttled(None),
                Throttled(40.0),
                Transient(Reason.NOT_DONE),
            ]
            return dice.choice([0.0, 0.5]), dice.choice(refusals), False

        room = Room(clock, store=EmbeddedStore(None), rate=20.0)
        room.channel.answer = answer
        await room.open(5)
        await room.begin()
        plain = await sending(room)
        window = Window(
            first_day=clock.now().date(),
            days=2,
            zone="Etc/UTC",
            hours=Hours(opens=time(9), closes=time(11), weekdays=tuple(range(7))),
        )
        begins = starts_at(window, clock.now()).replace(microsecond=0) + timedelta(minutes=1)
        spread = await room.engine.schedule(
            await room.draft("spread"), at(begins, window=window, zone="Etc/UTC")
        )
        timed = await room.engine.schedule(
            await room.draft("timed"), at(clock.now() + timedelta(minutes=8))
        )
        for what, jump, seconds in steps:
            match what:
                case "set":
                    clock.set_wrong(jump)
                case "right":
                    clock.set_wrong(0)
                case "crash":
                    await room.crash()
                    await room.begin()
                case "end":
                    await room.engine.stop()
                    await room.begin()
                case "resume":
                    if (await present(room, plain.key)).status is Status.SENDING:
                        await room.engine.pause(plain.key)
                        await room.engine.resume(plain.key)
            await asyncio.sleep(seconds)
        clock.set_wrong(0)
        calm = True
        for campaign in (plain, timed):
            # What is scheduled starts within half a minute, by the right clock or a wrong one.
            wait = max(0.0, (BEGAN + timedelta(minutes=8) - clock.right()).total_seconds())
            await room.until_ended(campaign, seconds=wait + 500.0)
        while (await present(room, spread.key)).run.ended_at is None:
            assert clock.right() < BEGAN + timedelta(days=2)
            await asyncio.sleep(60)
        for campaign in (plain, timed, spread):
            rows = await every_row(room.store.ledger, campaign.key)
            in_doubt = sum(row.status is DeliveryStatus.IN_DOUBT for row in rows)
            sent = [row for row in rows if row.status is DeliveryStatus.SENT]
            # A crash leaves some in doubt. Nothing else keeps anybody from getting it.
            assert len(sent) + in_doubt == len(rows) == 5
            if not any(what == "crash" for what, _, _ in steps):
                assert in_doubt == 0
        assert all(count <= 3 for count in room.channel.arrived.values())
        await room.close()

    run(story)


def test_no_clock_shows_a_time_before_what_is_due_at_once() -> None:
    assert datetime.fromtimestamp(0, AT_ONCE.tzinfo) - AT_ONCE > timedelta(days=365 * 1_900)
