"""A campaign over days, with people who come and go: hours, spread, looks, and restarts."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from campaigns.campaign import Campaign, Status
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Throttled, Unknown
from campaigns.schedule.presence import Fallback, Presence, PresenceRule, full_hour_after
from campaigns.schedule.schedule import Schedule
from campaigns.schedule.windows import Window, starts_at
from delivery.sending import presences as looks
from tests.support.engine_room import TENANT, Clock, Room, person, run

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
DAY = timedelta(days=1)


class Crowd:
    """Knows who is available: by their id and the moment."""

    def __init__(self, clock: Clock, there: Callable[[str, datetime], Presence]) -> None:
        self.clock = clock
        self.there = there
        self.calls: list[tuple[datetime, Sequence[str]]] = []
        self.refusal: Outcome | None = None

    async def presences(
        self, tenant_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Presence] | Outcome:
        now = self.clock.now()
        self.calls.append((now, user_ids))
        if self.refusal is not None:
            return self.refusal
        return {user_id: self.there(user_id, now) for user_id in user_ids}


async def rows(room: Room, campaign: Campaign) -> dict[str, Delivery]:
    return {
        row.recipient_id: row
        async for chunk in room.store.ledger.rows(campaign.key)
        for row in chunk
    }


def over_days(clock: Clock, days: int = 3, **changes: Any) -> Schedule:
    window = Window(
        first_day=clock.now().date() + DAY, days=days, zone="Europe/Paris", own_zones=True
    )
    schedule = Schedule(
        at=starts_at(window, clock.now()),
        zone="Europe/Paris",
        scheduled_by="author",
        seed="the seed",
        window=window,
    )
    return msgspec.structs.replace(schedule, **changes)


@pytest.mark.heavy
@pytest.mark.timeout(400)
def test_two_thousand_people_in_five_zones_over_three_days_with_presence_and_a_restart() -> None:
    def there(user_id: str, now: datetime) -> Presence:
        # A tenth is never there, and a fifth comes at the third look of the day.
        number = int(user_id)
        if number % 10 == 0:
            return Presence.ABSENT
        if number % 10 in (1, 2) and (now.minute, now.second) != (0, 0):
            return Presence.AWAY
        return Presence.AVAILABLE

    async def story(clock: Clock) -> None:
        crowd = Crowd(clock, there)
        room = Room(clock, presences=crowd)
        await room.open(0)
        people = [person(str(number), time_zone=ZONES[number % 5]) for number in range(1, 2_001)]
        await asyncio.gather(*map(room.store.users.put, people))
        zone_of = {user.id: ZoneInfo(user.time_zone) for user in people}
        await room.begin()
        schedule = over_days(clock, rule=PresenceRule.AVAILABLE)
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        await asyncio.sleep((schedule.at - clock.now()).total_seconds() + 60.0)
        drawn = await rows(room, scheduled)
        assert len(drawn) == 2_000

        # Day 2: the process is killed, and another one goes on with what was drawn.
        await asyncio.sleep(30 * 3600.0)
        before = await rows(room, scheduled)
        assert 300 < sum(row.status is DeliveryStatus.SENT for row in before.values()) < 1_700
        await room.crash()
        await room.begin()
        untouched = [name for name, row in before.items() if row.due_at == drawn[name].due_at]
        after = await rows(room, scheduled)
        assert all(after[name].due_at == drawn[name].due_at for name in untouched)

        await room.until_ended(scheduled, seconds=10 * 86_400.0)
        final = await rows(room, scheduled)
        counts = await room.store.ledger.counts(scheduled.key)
        assert counts.recipients == 2_000 == counts.success + counts.error
        assert room.channel.arrived.total() == len(room.channel.arrived) == counts.success

        looked: defaultdict[str, list[datetime]] = defaultdict(list)
        for moment, user_ids in crowd.calls:
            for user_id in user_ids:
                looked[user_id].append(moment)
        for user_id, row in final.items():
            zone = zone_of[user_id]
            assert row.settled_at is not None
            wall = row.settled_at.astimezone(zone)
            assert time(9) <= wall.time() < time(17), (user_id, wall)
            assert schedule.window is not None
            assert schedule.window.first_day <= wall.date() <= schedule.window.last_day
            if int(user_id) % 10 == 0:
                assert (row.status, row.reason) == (DeliveryStatus.FAILED, Reason.ABSENT)
                assert row.attempts == 0
            by_day: defaultdict[date, list[datetime]] = defaultdict(list)
            for moment in looked[user_id]:
                by_day[moment.astimezone(zone).date()].append(moment)
            for first, *then in by_day.values():
                steps = {first + timedelta(minutes=10), full_hour_after(first, zone)}
                for step in then:
                    assert min(abs((step - known).total_seconds()) for known in steps) < 2

        # Chi-square of the drawn times over the hours of each day: 24 cells, so above 62 once in
        # 10,000.
        cells: Counter[tuple[date, int]] = Counter()
        for user_id, row in drawn.items():
            wall = row.due_at.astimezone(zone_of[user_id])
            cells[wall.date(), wall.hour] += 1
        assert len(cells) == 24
        expected = 2_000 / 24
        assert sum((number - expected) ** 2 / expected for number in cells.values()) < 62
        await room.close()

    run(story)


def test_who_is_due_at_once_is_looked_for_together() -> None:
    async def story(clock: Clock) -> None:
        crowd = Crowd(clock, lambda user_id, _: Presence.BUSY)
        room = Room(clock, presences=crowd, rate=50.0)
        await room.open(1_000)
        await room.begin()
        starts = clock.now() + timedelta(minutes=2)
        schedule = Schedule(at=starts, zone="UTC", seed="s", rule=PresenceRule.THERE)
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        ended = await room.until_ended(scheduled)
        assert room.channel.arrived.total() == 1_000
        assert ended.run.ended_at is not None
        assert (ended.run.ended_at - starts).total_seconds() < 25
        assert all(len(user_ids) <= looks.AT_ONCE for _, user_ids in crowd.calls)
        assert len(crowd.calls) < 10
        await room.close()

    run(story)


def test_when_it_cant_be_known_it_is_sent_all_the_same_or_waits() -> None:
    async def story(clock: Clock) -> None:
        for fallback in Fallback:
            crowd = Crowd(clock, lambda *_: Presence.AVAILABLE)
            crowd.refusal = Rejected(Reason.UNAUTHORISED)
            room = Room(clock, presences=crowd)
            await room.open(5)
            await room.begin()
            starts = clock.now() + timedelta(minutes=2)
            schedule = Schedule(
                at=starts, zone="UTC", seed="s", rule=PresenceRule.AVAILABLE, fallback=fallback
            )
            scheduled = await room.engine.schedule(await room.draft(), schedule)
            await asyncio.sleep(180.0)
            counts = await room.store.ledger.counts(scheduled.key)
            if fallback is Fallback.SEND:
                assert counts.success == 5
            else:
                assert counts.rescheduled == 5
                assert not room.channel.tried
                crowd.refusal = None
                await room.until_ended(scheduled)
                assert room.channel.arrived.total() == 5
            await room.close()

    run(story)


def test_when_too_much_was_asked_everybody_waits_as_long_as_teams_says() -> None:
    async def story(clock: Clock) -> None:
        crowd = Crowd(clock, lambda *_: Presence.AVAILABLE)
        crowd.refusal = Throttled(400.0)
        room = Room(clock, presences=crowd)
        await room.open(5)
        await room.begin()
        starts = clock.now() + timedelta(minutes=2)
        schedule = Schedule(
            at=starts, zone="UTC", seed="s", rule=PresenceRule.AVAILABLE, fallback=Fallback.SEND
        )
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        await asyncio.sleep(1_000.0)
        assert not room.channel.tried
        asked = [when for when, _ in crowd.calls]
        gaps = [later - one for one, later in itertools.pairwise(asked)]
        assert gaps
        assert all(gap >= timedelta(seconds=400) for gap in gaps)
        crowd.refusal = None
        await room.until_ended(scheduled)
        assert room.channel.arrived.total() == 5
        await room.close()

    run(story)


def test_who_does_not_say_in_time_holds_up_nobody() -> None:
    class Silence:
        async def presences(
            self, tenant_id: str, user_ids: Sequence[str]
        ) -> Mapping[str, Presence] | Outcome:
            await asyncio.sleep(3_600.0)
            return {}

    async def story(clock: Clock) -> None:
        room = Room(clock, presences=Silence())
        await room.open(5)
        await room.begin()
        starts = clock.now() + timedelta(minutes=2)
        schedule = Schedule(at=starts, zone="UTC", seed="s", rule=PresenceRule.AVAILABLE)
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        ended = await room.until_ended(scheduled)
        assert room.channel.arrived.total() == 5
        assert ended.run.ended_at is not None
        assert (ended.run.ended_at - starts).total_seconds() < looks.PATIENCE + 3
        await room.close()

    run(story)


def test_what_is_in_doubt_is_sent_again_when_asked_also_after_hours() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        await room.store.users.put(person("1", time_zone="Europe/Paris"))
        room.channel.answer = lambda _: (0.0, Unknown(Reason.NO_ANSWER), False)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), over_days(clock, days=1))
        ended = await room.until_ended(scheduled, seconds=3 * 86_400.0)
        await asyncio.sleep(86_400.0)
        room.channel.answer = lambda _: (0.0, Sent("1"), True)
        await room.engine.resend(ended.key)
        await room.until_ended(ended)
        assert (await room.store.ledger.counts(ended.key)).success == 1
        await room.close()

    run(story)


def test_what_starts_when_its_days_are_over_is_sent_to_nobody_and_says_why() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), over_days(clock, days=1))
        await room.engine.stop()
        await asyncio.sleep(5 * 86_400.0)
        await room.begin()
        await room.until_ended(scheduled)
        reasons = {row.reason for row in (await rows(room, scheduled)).values()}
        assert reasons == {Reason.TOO_LATE}
        assert not room.channel.tried
        await room.close()

    run(story)


def test_what_is_stopped_while_it_waits_is_cancelled() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, presences=Crowd(clock, lambda *_: Presence.ABSENT))
        await room.open(5)
        await room.begin()
        starts = clock.now() + timedelta(minutes=2)
        schedule = Schedule(at=starts, zone="UTC", seed="s", rule=PresenceRule.AVAILABLE)
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        await asyncio.sleep(180.0)
        assert (await room.store.ledger.counts(scheduled.key)).rescheduled == 5
        await room.engine.end(scheduled.key)
        ended = await room.until_ended(scheduled)
        assert ended.status is Status.STOPPED
        assert (await room.store.ledger.counts(scheduled.key)).cancelled == 5
        await room.close()

    run(story)


def test_what_was_paused_over_night_goes_on_in_working_hours() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        await asyncio.gather(
            *(
                room.store.users.put(person(str(number), time_zone="Europe/Paris"))
                for number in range(1, 51)
            )
        )
        await room.begin()
        schedule = over_days(clock, days=2)
        scheduled = await room.engine.schedule(await room.draft(), schedule)
        # Paris is an hour ahead: the first day begins at 8:00 UTC.
        assert schedule.window is not None
        first = datetime.combine(schedule.window.first_day, time(8), UTC)
        await asyncio.sleep((first - clock.now()).total_seconds() + 60.0)
        await room.engine.pause(scheduled.key)
        await asyncio.sleep(12 * 3600.0)
        await room.engine.resume(scheduled.key)
        await asyncio.sleep(3600.0)
        counts = await room.store.ledger.counts(scheduled.key)
        assert counts.rescheduled > 10
        assert counts.success < 5
        await room.until_ended(scheduled, seconds=3 * 86_400.0)
        for row in (await rows(room, scheduled)).values():
            assert row.settled_at is not None
            assert time(9) <= row.settled_at.astimezone(ZoneInfo("Europe/Paris")).time() < time(17)
        assert room.channel.arrived.total() == 50
        await room.close()

    run(story)


def test_one_look_tells_whether_it_can_be_known() -> None:
    async def story(clock: Clock) -> None:
        crowd = Crowd(clock, lambda *_: Presence.ABSENT)
        assert await looks.Looks(crowd, clock).can_look(TENANT, "1") is None
        crowd.refusal = Rejected(Reason.UNAUTHORISED)
        assert await looks.Looks(crowd, clock).can_look(TENANT, "1") == crowd.refusal
        assert await looks.Looks(None, clock).can_look(TENANT, "1") == looks.NO_GRAPH

    run(story)
