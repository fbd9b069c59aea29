"""Campaigns start at their time, once, whatever happens; a series goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Campaign, CampaignKey, Missed, Status
from campaigns.content import Content, Format
from campaigns.errors import NotPossible
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Schedule
from cards.audiences import frozen_audience_name
from delivery.starting.scheduler import AT_ONCE, LOOK, Scheduler
from delivery.supervision import Supervisor, WorkKind
from storage.embedded.store import EmbeddedStore
from storage.errors import Conflict
from tests.support import examples
from tests.support.engine_room import BEGAN, TENANT, Clock, Room, person, run

HOUR = 3600.0


def later(seconds: float, **changes: object) -> Schedule:
    schedule = Schedule(
        at=BEGAN + timedelta(seconds=seconds), zone="Europe/London", scheduled_by="author", seed="s"
    )
    return msgspec.structs.replace(schedule, **changes)


async def now(room: Room, campaign: Campaign) -> Campaign:
    found = await room.store.campaigns.get(campaign.key)
    assert found is not None
    return found


def test_a_campaign_starts_at_its_time_and_not_before() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), later(HOUR))
        await asyncio.sleep(HOUR - 1)
        assert (await now(room, scheduled)).status is Status.SCHEDULED
        assert not room.channel.arrived
        ended = await room.until_ended(scheduled)
        assert ended.run.started_at is not None
        assert ended.schedule is not None
        assert 0 <= (ended.run.started_at - ended.schedule.at).total_seconds() < 0.1
        assert (ended.run.sender_id, frozen_audience_name(ended)) == ("author", "All users")
        assert room.channel.arrived.total() == len(room.channel.arrived) == 3
        await room.close()

    run(story)


def test_what_another_process_has_scheduled_is_found_in_time() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, others=True)
        await room.open(3)
        await room.begin()
        # Longer than any timer: as if nobody had told the scheduler.
        await asyncio.sleep(HOUR)
        draft = await room.draft()
        soon = clock.now() + timedelta(seconds=0.5)
        await room.store.campaigns.save(
            msgspec.structs.replace(draft, status=Status.SCHEDULED, schedule=later(0, at=soon))
        )
        ended = await room.until_ended(draft)
        assert ended.late_by <= timedelta(seconds=LOOK)
        await room.close()

    run(story)


def test_a_start_that_was_missed_is_made_up_for_once_and_says_how_late() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), later(HOUR))
        await room.engine.stop()
        await asyncio.sleep(3 * HOUR)
        await room.begin()
        ended = await room.until_ended(scheduled)
        assert ended.late_by == timedelta(hours=2)
        await room.engine.stop()
        await room.begin()
        await asyncio.sleep(HOUR)
        assert room.channel.arrived.total() == len(room.channel.arrived) == 3
        await room.close()

    run(story)


def test_a_crash_at_any_moment_of_a_start_starts_it_once() -> None:
    async def story(clock: Clock) -> None:
        for moment in (0.0, 0.001, 0.002, 0.05, 0.3):
            room = Room(clock, rate=20.0)
            await room.open(5)
            await room.begin()
            soon = clock.now() + timedelta(minutes=2)
            scheduled = await room.engine.schedule(await room.draft(), later(0, at=soon))
            await asyncio.sleep(120.0 + moment)
            await room.crash()
            await room.begin()
            ended = await room.until_ended(scheduled)
            counts = await room.store.ledger.counts(scheduled.key)
            assert ended.status is Status.COMPLETED
            assert counts.recipients == counts.success + counts.in_doubt == 5
            assert max(room.channel.arrived.values()) == 1
            await room.close()

    run(story)


def test_unscheduled_it_does_not_start_and_keeps_what_was_chosen() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), later(HOUR))
        draft = await room.engine.unschedule(scheduled)
        assert (draft.status, draft.schedule) == (Status.DRAFT, later(HOUR))
        await asyncio.sleep(2 * HOUR)
        assert (await now(room, draft)).status is Status.DRAFT
        assert not room.channel.arrived
        with pytest.raises(NotPossible):
            await room.engine.unschedule(draft)
        await room.close()

    run(story)


def test_sent_by_hand_it_goes_at_once_and_does_not_start_again() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), later(HOUR))
        sent = await room.engine.send(scheduled)
        assert sent.schedule is None
        await room.until_ended(sent)
        with pytest.raises(Conflict):
            await room.engine.unschedule(scheduled)
        await asyncio.sleep(2 * HOUR)
        assert room.channel.arrived.total() == 3
        await room.close()

    run(story)


def test_without_its_list_it_becomes_a_draft_again_and_who_scheduled_it_is_told() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(3)
        author = await room.store.users.get(TENANT, "author")
        assert author is not None
        await room.store.users.put(
            msgspec.structs.replace(author, reachable=True, unreachable_because=None)
        )
        await room.begin()
        draft = await room.draft(audience=ListAudience("gone"))
        scheduled = await room.engine.schedule(draft, later(60))
        await asyncio.sleep(90)
        missed = await now(room, scheduled)
        assert (missed.status, missed.draft.missed) == (Status.DRAFT, Missed.LIST_GONE)
        assert room.channel.notices == ["Not sent: News"]
        await room.close()

    run(story)


def test_nobody_to_reach_is_no_start() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), later(60))
        await asyncio.sleep(90)
        missed = await now(room, scheduled)
        assert (missed.status, missed.draft.missed) == (Status.DRAFT, Missed.NOBODY)
        await room.close()

    run(story)


def weekly(times: int | None = None) -> Schedule:
    """Mondays at 10:00; it begins on a Monday at 9:00."""
    mondays = Recurrence(every=Every.WEEK, days=(0,), time_of_day=time(10), zone="UTC", times=times)
    return later(HOUR, series=Series(id="series", recurrence=mondays))


async def starts(room: Room) -> list[datetime]:
    page = await room.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=50)
    return sorted(
        campaign.run.started_at for campaign in page.items if campaign.run.started_at is not None
    )


def test_each_occurrence_is_a_campaign_of_its_own_until_the_last() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        await room.engine.schedule(await room.draft(), weekly(times=3))
        await asyncio.sleep(5 * 7 * 24 * HOUR)
        assert [started.date() for started in await starts(room)] == [
            date(2026, 1, 5),
            date(2026, 1, 12),
            date(2026, 1, 19),
        ]
        assert set(room.channel.arrived.values()) == {3}
        for key in ("news", "series-2", "series-3"):
            counts = await room.store.ledger.counts(CampaignKey(TENANT, key))
            assert counts.success == counts.recipients == 2
        assert not (await room.store.campaigns.calendar(TENANT, offset=0, limit=9)).total
        await room.close()

    run(story)


def test_occurrences_that_were_missed_are_not_all_made_up_for() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        await room.engine.schedule(await room.draft(), weekly())
        await room.engine.stop()
        await asyncio.sleep(17 * 24 * HOUR)
        await room.begin()
        await asyncio.sleep(HOUR)
        assert [started.date() for started in await starts(room)] == [date(2026, 1, 22)]
        calendar = await room.store.campaigns.calendar(TENANT, offset=0, limit=9)
        assert [following.starts_at for following in calendar.items] == [
            BEGAN + timedelta(days=21, hours=1)
        ]
        await room.close()

    run(story)


def test_a_series_ends_with_the_occurrence_that_is_unscheduled() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        await room.engine.schedule(await room.draft(), weekly())
        await asyncio.sleep(24 * HOUR)
        [following] = (await room.store.campaigns.calendar(TENANT, offset=0, limit=9)).items
        draft = await room.engine.unschedule(following)
        assert draft.schedule is not None
        assert draft.schedule.series is None
        await asyncio.sleep(30 * 24 * HOUR)
        assert len(await starts(room)) == 1
        await room.close()

    run(story)


def test_sending_an_occurrence_by_hand_does_not_end_the_series() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        scheduled = await room.engine.schedule(await room.draft(), weekly())
        await room.engine.send(scheduled)
        await asyncio.sleep(60.0)
        calendar = await room.store.campaigns.calendar(TENANT, offset=0, limit=9)
        assert [following.id for following in calendar.items] == ["series-2"]
        await room.close()

    run(story)


def test_150_at_the_same_minute_all_start_within_seconds() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        await room.begin()
        scheduled = [
            await room.engine.schedule(await room.draft(f"c{number}"), later(HOUR))
            for number in range(150)
        ]
        await asyncio.sleep(HOUR + 60)
        delays = [(await now(room, campaign)).late_by for campaign in scheduled]
        assert all([(await now(room, campaign)).run.started_at for campaign in scheduled])
        assert max(delays) <= timedelta(seconds=5)
        await room.close()

    run(story)


def test_those_of_other_processes_take_nobodys_place() -> None:
    """A tenant of another process has more campaigns due than are read at a time."""

    async def story(clock: Clock) -> None:
        store = EmbeddedStore(None)
        await store.open()
        begun: list[str] = []

        async def start(campaign: Campaign, *, sender_id: str, scheduled: bool = False) -> Campaign:
            begun.append(campaign.id)
            return campaign

        supervisor = Supervisor()
        scheduler = Scheduler(
            store,
            clock,
            start,
            supervisor.crew(),
            may_act=lambda tenant_id: tenant_id == TENANT,
            tenants=lambda: {TENANT},
            missed=lambda campaign: None,
        )
        for number in range(AT_ONCE + 20):
            other = scheduled_in(clock, f"other-{number}", tenant_id="another")
            await store.campaigns.add(other)
        await store.users.put(person("1"))
        await store.campaigns.add(scheduled_in(clock, "ours", seconds=1))
        await asyncio.sleep(2)
        await scheduler.start_due()
        assert begun == ["ours"]
        await supervisor.stop()
        await store.close()

    run(story)


def test_a_start_that_hangs_or_fails_holds_up_no_other() -> None:
    async def story(clock: Clock) -> None:
        store = EmbeddedStore(None)
        await store.open()
        await store.users.put(person("1"))
        begun: dict[str, float] = {}

        async def start(campaign: Campaign, *, sender_id: str, scheduled: bool = False) -> Campaign:
            if campaign.id.startswith("hangs"):
                await asyncio.sleep(100_000)
            if campaign.id.startswith("fails"):
                raise RuntimeError(campaign.id)
            begun[campaign.id] = clock.seconds
            return await store.campaigns.save(
                msgspec.structs.replace(campaign, status=Status.SENDING)
            )

        supervisor = Supervisor()
        crew = supervisor.crew()
        scheduler = Scheduler(store, clock, start, crew, missed=lambda campaign: None)
        crew.keep(WorkKind.SCHEDULER, "scheduler", scheduler.run)
        await asyncio.sleep(1)
        for number in range(30):
            for kind in ("hangs", "fails"):
                await store.campaigns.add(scheduled_in(clock, f"{kind}-{number}", seconds=10))
            await store.campaigns.add(scheduled_in(clock, f"goes-{number}", seconds=10 + number))
        scheduler.wake()
        due = clock.seconds + 10
        await asyncio.sleep(100)
        assert len(begun) == 30
        assert max(begun[f"goes-{number}"] - number for number in range(30)) < due + 6
        await supervisor.stop()
        await store.close()

    run(story)


def scheduled_in(
    clock: Clock, campaign_id: str, *, seconds: float = 0.0, tenant_id: str = TENANT
) -> Campaign:
    return examples.campaign(
        campaign_id,
        tenant_id,
        format=Format.MESSAGE,
        content=Content("Hello"),
        audience=AllUsers(),
        status=Status.SCHEDULED,
        schedule=Schedule(
            at=clock.now() + timedelta(seconds=seconds), zone="Etc/UTC", scheduled_by="author"
        ),
    )


@pytest.mark.parametrize("deletes", [False, True])
def test_a_series_that_is_taken_off_while_others_start_ends(deletes: bool) -> None:
    """The scheduler has read both; while it starts the first, an admin takes the second off."""

    async def story(clock: Clock) -> None:
        taken_off: list[Campaign] = []
        store = TakesOff(None)
        room = Room(clock, store=store)
        await room.open(3)
        await room.begin()
        weekly = Recurrence(every=Every.WEEK, days=(0,), time_of_day=time(10), zone="Etc/UTC")
        series = Series(id="weekly", recurrence=weekly)
        await room.engine.schedule(await room.draft("a"), later(HOUR))
        second = await room.engine.schedule(await room.draft("b"), later(HOUR, series=series))

        async def take_off() -> None:
            if clock.seconds > HOUR - 1 and not taken_off:
                taken_off.append(second)
                if deletes:
                    await room.store.campaigns.delete(second.key)
                else:
                    await room.engine.unschedule(second)

        store.meanwhile = take_off
        await asyncio.sleep(HOUR + 60)
        assert taken_off
        assert await room.store.campaigns.get(CampaignKey(TENANT, "weekly-2")) is None
        ended = await room.store.campaigns.get(second.key)
        assert ended is None if deletes else ended is not None and ended.status is Status.DRAFT
        await room.close()

    run(story)


class TakesOff(EmbeddedStore):
    """A store in which something else happens when campaigns that are due have been read."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    @property
    def campaigns(self) -> Any:
        kept = super().campaigns
        meanwhile = self.meanwhile

        class Campaigns:
            def __getattr__(self, name: str) -> Any:
                return getattr(kept, name)

            async def starting(self, *given: Any, **named: Any) -> Sequence[Campaign]:
                due = await kept.starting(*given, **named)
                if due and meanwhile is not None:
                    await meanwhile()
                return due

        return Campaigns()


def test_a_series_goes_on_after_a_crash_between_the_start_and_the_next_occurrence() -> None:
    async def story(clock: Clock) -> None:
        for moment in (0.0, 0.001, 0.002, 0.01):
            room = Room(clock)
            await room.open(3)
            await room.begin()
            weekly = Recurrence(every=Every.WEEK, days=(0,), time_of_day=time(10), zone="Etc/UTC")
            soon = clock.now() + timedelta(minutes=2)
            await room.engine.schedule(
                await room.draft("b"),
                later(0, at=soon, series=Series(id="weekly", recurrence=weekly)),
            )
            await asyncio.sleep(120 + moment)
            await room.crash()
            await room.begin()
            await asyncio.sleep(60)
            following = await room.store.campaigns.get(CampaignKey(TENANT, "weekly-2"))
            assert following is not None
            assert following.status is Status.SCHEDULED
            await room.close()

    run(story)
