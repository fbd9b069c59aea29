"""While everything is paused from the start on, nothing reaches anybody by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from campaigns import lifecycle
from campaigns.campaign import Campaign, Fault, Missed, Status
from campaigns.outcome import Reason, Sent, Transient
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Schedule
from delivery.starting.reminders import EVERY
from tests.support.engine_room import Clock, Room, person, run
from tests.unit.delivery.starting.test_reminders import asked

DAY = 86_400.0

Story = Callable[[Room], Awaitable[Campaign]]


async def half_sent(room: Room) -> Campaign:
    """Two of five have it when the process ends; the others were tried, or are not due."""
    room.channel.answer = lambda who: (
        (0.0, Sent("1"), True)
        if who in ("1", "2")
        else (0.0, Transient(Reason.NOT_CONNECTED), False)
    )
    sending = await room.engine.send(await room.draft())
    await asyncio.sleep(1)
    await room.engine.stop()
    return sending


async def just_pressed(room: Room) -> Campaign:
    """Somebody has pressed *Send now*, and the process ends before anything is done."""
    await room.engine.stop()
    now, draft = room.clock.now(), await room.draft()
    started = lifecycle.start(draft, audience=draft.run.audience, sender_id="author", now=now)
    return await room.store.campaigns.save(started)


async def paused_by_a_fault(room: Room) -> Campaign:
    sending = await half_sent(room)
    present = await room.store.campaigns.get(sending.key)
    assert present is not None
    return await room.store.campaigns.save(lifecycle.pause(present, room.clock.now(), Fault.DOWN))


async def overdue(room: Room) -> Campaign:
    """Its time passes while nothing runs."""
    starts_at = room.clock.now() + timedelta(hours=1)
    scheduled = await room.engine.schedule(await room.draft(), Schedule(at=starts_at, zone="UTC"))
    await room.engine.stop()
    await asyncio.sleep(2 * 3600)
    return scheduled


async def due_later(room: Room) -> Campaign:
    starts_at = room.clock.now() + timedelta(hours=10)
    return await room.engine.schedule(await room.draft(), Schedule(at=starts_at, zone="UTC"))


BEFORE: dict[str, Story] = {
    "half sent": half_sent,
    "just pressed": just_pressed,
    "paused by a fault": paused_by_a_fault,
    "overdue": overdue,
    "due later": due_later,
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_nothing_leaves_until_a_person_asks_for_it(before: Story) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(5)
        await room.store.users.put(person("author"))
        await room.begin()
        campaign = await before(room)
        await room.crash()
        room.channel.answer = lambda _: (0.0, Sent("1"), True)
        arrived, tried = dict(room.channel.arrived), dict(room.channel.tried)
        notices = list(room.channel.notices)

        room.start_paused = True
        for _ in range(2):
            await room.begin()
            await asyncio.sleep(3 * DAY)
            assert (room.channel.arrived, room.channel.tried) == (arrived, tried)
            assert room.channel.notices == notices
            held = await room.store.campaigns.get(campaign.key)
            assert held is not None
            if held.status is Status.DRAFT:
                assert held.draft.missed is Missed.STARTED_PAUSED
            else:
                assert (held.status, held.run.fault) == (Status.PAUSED, Fault.STARTED_PAUSED)
            await room.engine.stop()

        await room.begin()
        assert held is not None
        if held.status is Status.DRAFT:
            await room.engine.send(held)
        else:
            await room.engine.resume(held.key)
        await room.until_ended(held)
        assert room.channel.arrived == {str(number): 1 for number in range(1, 6)}
        await room.close()

    run(story)


def test_a_person_may_send_meanwhile() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, start_paused=True)
        await room.open(3)
        await room.begin()
        await room.until_ended(await room.engine.send(await room.draft()))
        assert room.channel.arrived.total() == 3
        await room.close()

    run(story)


def test_what_is_put_off_does_not_go_out_late_when_the_switch_is_off_again() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        await overdue(room)
        await room.crash()
        room.start_paused = True
        await room.begin()
        await asyncio.sleep(60)
        await room.engine.stop()
        room.start_paused = False
        await room.begin()
        await asyncio.sleep(3 * DAY)
        assert room.channel.arrived.total() == 0
        await room.close()

    run(story)


def test_a_series_goes_on_with_what_is_due_after_the_switch_is_off_again() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        starts_at = clock.now() + timedelta(hours=1)
        weekly = Recurrence(
            every=Every.WEEK, days=(starts_at.weekday(),), time_of_day=starts_at.time(), zone="UTC"
        )
        series = Series(id="weekly", recurrence=weekly)
        await room.engine.schedule(
            await room.draft(), Schedule(at=starts_at, zone="UTC", series=series)
        )
        await room.engine.stop()
        room.start_paused = True
        await room.begin()
        await asyncio.sleep(DAY)
        assert room.channel.arrived.total() == 0
        await room.engine.stop()
        room.start_paused = False
        await room.begin()
        await asyncio.sleep(7 * DAY)
        assert room.channel.arrived.total() == 3
        await room.close()

    run(story)


def test_a_reminder_that_is_due_is_left_out_for_good() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        survey = await asked(room)
        await asyncio.sleep(2 * DAY)
        await room.engine.stop()
        room.start_paused = True
        await room.begin()
        await asyncio.sleep(1 * DAY + 2 * EVERY)
        await room.engine.stop()
        room.start_paused = False
        await room.begin()
        await asyncio.sleep(DAY)
        assert room.channel.arrived.total() == 2, "the survey itself"
        present = await room.store.campaigns.get(survey.key)
        assert present is not None
        reminder = await room.engine.reminders.remind(present, 1)
        await room.until_ended(reminder)
        assert room.channel.arrived.total() == 4, "a person may still remind of it"
        await room.close()

    run(story)
