"""A campaign that is due is begun once, though two processes find it at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time, timedelta

import pytest

from campaigns import lifecycle
from campaigns.audience import AllUsers, FrozenAudience, UnansweredAudience
from campaigns.campaign import Campaign, Status
from campaigns.content import Content, Format
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from delivery.starting.reminders import Reminders
from delivery.starting.scheduler import Scheduler
from delivery.starting.series import go_on
from delivery.supervision import Supervisor
from storage.postgres.store import PostgresStore
from tests.support.examples import NOW, SECOND, TENANT, campaign, user
from tests.support.stores.postgresql import empty_database

MANY = 12


class Standing:
    """A clock on which it is always the same moment."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Process:
    """The parts of the engine in one process, and the campaigns that it has begun."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.begun: list[str] = []
        crew = Supervisor().crew()
        self.scheduler = Scheduler(
            store, Standing(), self.send, crew, others=True, missed=self._not_expected
        )
        self.reminders = Reminders(store, self.send, Standing(), crew)

    async def send(
        self,
        campaign: Campaign,
        *,
        sender_id: str,
        scheduled: bool = False,
    ) -> Campaign:
        started = lifecycle.start(
            campaign,
            audience=FrozenAudience(),
            sender_id=sender_id,
            scheduled=scheduled,
            now=NOW,
        )
        saved = await self.store.campaigns.save(started)
        self.begun.append(saved.id)
        await go_on(self.store, saved, NOW)
        return saved

    def _not_expected(self, campaign: Campaign) -> None:
        raise AssertionError(campaign)


@pytest.fixture
async def processes(postgresql: str) -> AsyncIterator[Sequence[Process]]:
    async with empty_database(postgresql) as url:
        stores = [PostgresStore(url) for _ in range(2)]
        for store in stores:
            await store.open()
        await stores[0].users.put(user("u1"))
        yield [Process(store) for store in stores]
        for store in stores:
            await store.close()


async def in_status(store: PostgresStore, status: Status) -> list[Campaign]:
    return list(await store.campaigns.in_status((status,)))


async def test_scheduled_campaigns_start_once_and_have_one_next_occurrence(
    processes: Sequence[Process],
) -> None:
    store = processes[0].store
    for number in range(MANY):
        daily = Recurrence(
            every=Every.WEEK, days=tuple(range(7)), time_of_day=time(9), zone="Etc/UTC"
        )
        await store.campaigns.add(
            campaign(
                f"c{number}",
                format=Format.MESSAGE,
                content=Content("Hello"),
                audience=AllUsers(),
                status=Status.SCHEDULED,
                schedule=Schedule(
                    at=NOW - SECOND,
                    zone="Etc/UTC",
                    scheduled_by="author",
                    series=Series(id=f"s{number}", recurrence=daily),
                ),
            )
        )
    await asyncio.gather(*(process.scheduler.start_due() for process in processes))
    begun = [*processes[0].begun, *processes[1].begun]
    assert sorted(begun) == sorted(f"c{number}" for number in range(MANY))
    assert len(await in_status(store, Status.SENDING)) == MANY
    assert len(await in_status(store, Status.SCHEDULED)) == MANY
    await asyncio.gather(*(process.scheduler.start_due() for process in processes))
    assert len(processes[0].begun) + len(processes[1].begun) == MANY


async def test_surveys_are_reminded_of_once(processes: Sequence[Process]) -> None:
    store = processes[0].store
    for number in range(MANY):
        survey = Survey(
            tenant_id=TENANT,
            id=f"s{number}",
            name="Asked",
            author_id="author",
            created_at=NOW,
            updated_at=NOW,
            questions=(Question(id="q1", kind=QuestionKind.YES_NO, text="Are you coming?"),),
            closes_at=NOW + timedelta(days=1),
            remind_before=2,
        )
        await store.campaigns.add(
            campaign(
                f"c{number}",
                format=Format.SURVEY,
                content=Content("", survey=survey),
                audience=AllUsers(),
                status=Status.COMPLETED,
                started_at=NOW - timedelta(days=9),
            )
        )
    await asyncio.gather(*(process.reminders.remind_due() for process in processes))
    begun = [*processes[0].begun, *processes[1].begun]
    assert sorted(begun) == sorted(f"c{number}-reminder-1" for number in range(MANY))
    for asked in await in_status(store, Status.COMPLETED):
        assert asked.survey_state.reminders == (f"{asked.id}-reminder-1",)
        assert asked.follow_up.followers == asked.survey_state.reminders
    for reminder in await in_status(store, Status.SENDING):
        assert isinstance(reminder.audience, UnansweredAudience)
    assert await processes[1].reminders.remind_due() == 0


async def test_what_is_another_ones_is_left_to_it(processes: Sequence[Process]) -> None:
    store = processes[0].store
    await store.campaigns.add(
        campaign(
            "c",
            format=Format.MESSAGE,
            content=Content("Hello"),
            audience=AllUsers(),
            status=Status.SCHEDULED,
            schedule=Schedule(at=NOW - SECOND, zone="Etc/UTC", scheduled_by="author"),
        )
    )
    held: set[str] = set()
    process = processes[0]
    scheduler = Scheduler(
        store,
        Standing(),
        process.send,
        Supervisor().crew(),
        may_act=held.__contains__,
        missed=process._not_expected,
    )
    await scheduler.start_due()
    assert process.begun == []
    held.add(TENANT)
    await scheduler.start_due()
    assert process.begun == ["c"]
