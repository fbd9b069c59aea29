"""Whichever call to the store fails in the background, and however, its work is done all the same.

Each kind of background work has a story. The story is run once for each call to the store that this
work makes, with a fault in that call, before its effect or after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.readiness import background_check, background_remark
from campaigns import drafting
from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import (
    Campaign,
    CampaignKey,
    CardPlace,
    Fault,
    FaultPause,
    Missed,
    Status,
)
from campaigns.content import Content, Format
from campaigns.delivery import Claim, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.outcome import Reason, Sent, Throttled
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from campaigns.user import Details, Profile
from delivery.feedback.recorder import Recorder
from delivery.people.entra import AFTER_FAILURE, Directory, DirectorySweep, FoundDetails
from delivery.people.profiles import PAUSE_AFTER_FAILURE
from delivery.supervision import WorkKind
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.errors import Damaged, Unavailable
from tests.support.engine_room import BEGAN, TENANT, Clock, Room, person, run
from tests.support.examples import changed
from tests.support.stores.failing import BEGINNINGS, Calls, PlannedFault, SharedLeases, failing

LONG = 150.0
"""Seconds in which everything has been tried again."""

PEOPLE = 2


class Story:
    """Something that background work has to get done, once."""

    seconds = LONG
    """Seconds until the work is done, also when it has to be tried again."""
    shared = False
    """True: other processes may work with the same store."""

    async def prepare(self, room: Room) -> None:
        """Happens before the engine starts."""

    async def act(self, room: Room) -> None:
        """Happens once the engine has started."""

    async def check(self, room: Room) -> None:
        """Fails unless the work is done, once."""
        raise NotImplementedError


def draft(campaign_id: str, **changes: Any) -> Campaign:
    made = drafting.draft(
        TENANT, campaign_id, name="News", format=Format.IDEA, author_id="author", now=BEGAN
    )
    made = drafting.write(made, Content("Hello"), BEGAN)
    return changed(drafting.target(made, AllUsers(), BEGAN), **changes)


def survey(closes: float) -> Survey:
    return Survey(
        tenant_id=TENANT,
        id="s",
        name="Coffee",
        author_id="author",
        created_at=BEGAN,
        updated_at=BEGAN,
        questions=(Question(id="q1", kind=QuestionKind.YES_NO, text="Good?"),),
        closes_at=BEGAN + timedelta(seconds=closes),
        remind_before=2,
    )


async def present(room: Room, campaign_id: str) -> Campaign:
    found = await room.store.campaigns.get(CampaignKey(TENANT, campaign_id))
    assert found is not None
    return found


async def is_sent(room: Room, campaign_id: str, *, people: int = PEOPLE) -> None:
    known = await present(room, campaign_id)
    assert known.status is Status.COMPLETED
    counts = await room.store.ledger.counts(known.key)
    assert counts.success == people


class Starts(Story):
    """A campaign and a survey start at their time; one whose list is gone does not."""

    async def prepare(self, room: Room) -> None:
        asked = survey(closes=10 * 86_400.0)
        await room.store.surveys.add(asked)
        schedule = Schedule(
            at=BEGAN + timedelta(seconds=5), zone="Europe/London", scheduled_by="author", seed="s"
        )
        for scheduled in (
            draft("news"),
            draft("asks", format=Format.SURVEY, content=Content("", survey=asked)),
            draft("gone", audience=ListAudience("gone")),
        ):
            await room.store.campaigns.add(
                changed(scheduled, status=Status.SCHEDULED, schedule=schedule)
            )
        author = person("author")
        await room.store.users.put(author)

    async def check(self, room: Room) -> None:
        # The author is reachable in this story.
        await is_sent(room, "news", people=PEOPLE + 1)
        await is_sent(room, "asks", people=PEOPLE + 1)
        gone = await present(room, "gone")
        assert (gone.status, gone.draft.missed) == (Status.DRAFT, Missed.LIST_GONE)
        assert [notice for notice in room.channel.notices if "Not sent" in notice] == [
            "Not sent: News"
        ]
        assert set(room.channel.arrived.values()) == {2}


class Reminds(Story):
    """A survey is reminded of by itself."""

    async def prepare(self, room: Room) -> None:
        asked = draft(
            "asks",
            format=Format.SURVEY,
            content=Content("", survey=survey(closes=86_400.0)),
            status=Status.COMPLETED,
            started_at=BEGAN - timedelta(days=9),
            ended_at=BEGAN - timedelta(days=8),
            recipients=0,
        )
        await room.store.campaigns.add(asked)
        await room.store.ledger.freeze(asked.key, [sent("1"), sent("2")])

    async def check(self, room: Room) -> None:
        known = await present(room, "asks")
        assert known.survey_state.reminders == ("asks-reminder-1",)
        assert known.survey_state.reminded
        assert known.follow_up.followers == ("asks-reminder-1",)
        await is_sent(room, "asks-reminder-1")
        assert room.channel.arrived == {"1": 1, "2": 1}


def sent(user_id: str) -> Any:
    row = drafted_row(user_id)
    return msgspec.structs.replace(row, status=DeliveryStatus.SENT, activity_id="1", attempts=1)


def drafted_row(user_id: str) -> Any:
    from campaigns.delivery import Delivery

    return Delivery(recipient_id=user_id, name=user_id, email="", due_at=BEGAN)


class Completes(Story):
    """Profiles are fetched."""

    seconds = 2 * PAUSE_AFTER_FAILURE

    async def prepare(self, room: Room) -> None:
        for number in range(3):
            await room.store.users.put(
                person(f"new {number}", profile=Profile(), profile_known=False)
            )

    async def check(self, room: Room) -> None:
        assert not await room.store.users.without_profile(1)
        # Looked up again only when what was found could not be kept.
        assert len(room.channel.looked_up) <= 4


class Organisation(Directory):
    """A directory in which everybody is in Oslo."""

    def __init__(self) -> None:
        self.calls = 0

    async def details(self, tenant_id: str, user_ids: Sequence[str]) -> FoundDetails:
        self.calls += 1
        return {user_id: Details(city="Oslo") for user_id in user_ids}, None

    async def everyone(self, tenant_id: str) -> AsyncIterator[FoundDetails]:
        raise AssertionError("there are few")
        yield {}, None


class Reads(Story):
    """The directory is read."""

    seconds = 2 * AFTER_FAILURE

    async def act(self, room: Room) -> None:
        sweep = DirectorySweep(
            room.store,
            room.contacts,
            room.clock,
            room.supervisor.crew(),
            Organisation(),
            [TENANT],
        )
        room.supervisor.crew().keep(
            WorkKind.DIRECTORY, "directory of a tenant", lambda: sweep.run(TENANT)
        )

    async def check(self, room: Room) -> None:
        users = await room.store.users.get_many(TENANT, ["1", "2"])
        assert [user.details.city for user in users.values()] == ["Oslo"] * 2


class Beats(Story):
    """The leases are kept, and what another process has left is found and sent."""

    shared = True

    async def act(self, room: Room) -> None:
        await asyncio.sleep(10.0)
        # As another process would: this one is not told.
        started = draft("news", status=Status.SENDING, started_at=BEGAN)
        await room.store.campaigns.add(started)

    async def check(self, room: Room) -> None:
        await is_sent(room, "news")
        assert room.channel.arrived == {"1": 1, "2": 1}
        assert room.engine.running


class Carries(Story):
    """Campaigns are sent, stopped, recalled, resent, and one that was left is finished."""

    async def prepare(self, room: Room) -> None:
        left = draft("left", status=Status.SENDING, started_at=BEGAN, recipients=2)
        await room.store.campaigns.add(left)
        await room.store.ledger.freeze(left.key, [drafted_row("1"), drafted_row("2")])
        lapsed = Claim("lost", BEGAN - timedelta(seconds=1))
        await room.store.ledger.claim(left.key, lapsed, now=BEGAN, limit=1)

    async def act(self, room: Room) -> None:
        news = await room.engine.send(await room.store.campaigns.add(draft("news")))
        stopped = await room.engine.send(await room.store.campaigns.add(draft("stopped")))
        await room.engine.pause(stopped.key)
        await room.engine.end(stopped.key)
        await room.until_ended(news)
        left = await room.until_ended(await present(room, "left"))
        await room.engine.resend(left.key)

    async def check(self, room: Room) -> None:
        await is_sent(room, "news")
        await is_sent(room, "left")
        stopped = await room.until_ended(await present(room, "stopped"))
        assert stopped.status is Status.STOPPED
        counts = await room.store.ledger.counts(stopped.key)
        assert not counts.open
        once = 2 * PEOPLE + counts.success
        assert room.channel.arrived.total() == once


class Sends(Story):
    """A campaign is sent."""

    async def act(self, room: Room) -> None:
        await room.engine.send(await room.store.campaigns.add(draft("news")))

    async def check(self, room: Room) -> None:
        await is_sent(room, "news")
        assert room.channel.arrived == {"1": 1, "2": 1}


class Redates(Story):
    """A wait that a wrong clock has set is found when the clock is right again."""

    async def act(self, room: Room) -> None:
        room.channel.answer = lambda _: (0.0, Throttled(20.0), False)
        await room.engine.send(await room.store.campaigns.add(draft("news")))
        await asyncio.sleep(10.0)
        room.channel.answer = lambda _: (0.0, Sent("1"), True)
        room.clock.set_wrong(-86_400.0)

    async def check(self, room: Room) -> None:
        await is_sent(room, "news")
        assert room.channel.arrived == {"1": 1, "2": 1}


class Follows(Story):
    """A progress card is kept up to date until the end."""

    async def act(self, room: Room) -> None:
        await room.store.users.put(person("admin"))
        room.channel.answer = lambda _: (3.0, Sent("1"), True)
        news = await room.engine.send(await room.store.campaigns.add(draft("news")))
        await room.engine.follow(news.key, CardPlace("admin", "card"))

    async def check(self, room: Room) -> None:
        known = await present(room, "news")
        assert known.status is Status.COMPLETED
        assert known.run.progress is None, "the card shows the end"
        shown = len(room.channel.updates)
        assert 1 <= shown <= 12
        await asyncio.sleep(LONG)
        assert len(room.channel.updates) == shown


class TakesUp(Story):
    """A campaign that a fault has paused goes on by itself, and its sender is told."""

    seconds = 2 * LONG

    async def prepare(self, room: Room) -> None:
        await room.store.users.put(person("author"))
        pause = FaultPause(
            fault=Fault.DOWN,
            began_at=BEGAN - timedelta(minutes=1),
            probe_at=BEGAN + timedelta(seconds=5),
        )
        paused = draft(
            "news",
            status=Status.PAUSED,
            sender_id="author",
            started_at=BEGAN,
            recipients=4,
            fault=Fault.DOWN,
            fault_pause=pause,
        )
        await room.store.campaigns.add(paused)
        failed = msgspec.structs.replace(
            drafted_row("3"), status=DeliveryStatus.FAILED, reason=Reason.NOT_CONNECTED
        )
        pending = [drafted_row(user_id) for user_id in ("1", "2", "4")]
        await room.store.users.put(person("3"))
        await room.store.users.put(person("4"))
        await room.store.ledger.freeze(paused.key, [*pending, failed])

    async def check(self, room: Room) -> None:
        await is_sent(room, "news", people=4)
        assert room.channel.arrived == {"1": 1, "2": 1, "3": 1, "4": 1}
        # A notice may arrive twice when it could not be written down that it was sent.
        notices = room.channel.notices
        assert set(notices) == {"Paused: News", "Going on again: News"}
        assert len(notices) <= 3


class Records(Story):
    """Reads of recipients are written down."""

    async def prepare(self, room: Room) -> None:
        ended = draft(
            "news", status=Status.COMPLETED, recipients=2, started_at=BEGAN, ended_at=BEGAN
        )
        await room.store.campaigns.add(ended)
        await room.store.ledger.freeze(ended.key, [sent("1"), sent("2")])

    async def act(self, room: Room) -> None:
        recorder = Recorder(room.store, room.clock, room.supervisor.crew())
        recorder.start()
        for user_id in ("1", "2"):
            event = Event(kind=EventKind.READ, at=BEGAN, recipient_id=user_id)
            recorder.note(CampaignKey(TENANT, "news"), event)

    async def check(self, room: Room) -> None:
        engagement = await room.store.events.engagement(CampaignKey(TENANT, "news"))
        assert engagement.read == 2


STORIES: dict[WorkKind, Callable[[], Story]] = {
    WorkKind.SCHEDULER: Starts,
    WorkKind.NOTICES: Starts,
    WorkKind.REMINDERS: Reminds,
    WorkKind.PROFILES: Completes,
    WorkKind.DIRECTORY: Reads,
    WorkKind.LEASES: Beats,
    WorkKind.REVIEW: Beats,
    WorkKind.CHANGES: Beats,
    WorkKind.CAMPAIGN: Carries,
    WorkKind.DISPATCHER: Sends,
    WorkKind.RESULTS: Sends,
    WorkKind.CLOCK: Redates,
    WorkKind.PROGRESS: Follows,
    WorkKind.EVENTS: Records,
    WorkKind.PROBES: TakesUp,
}

TOLD = [*STORIES.items(), (WorkKind.NOTICES, TakesUp), (WorkKind.CAMPAIGN, TakesUp)]
"""Each kind of work with a story of it; some have two."""

ERRORS = [Unavailable("no answer"), Damaged("this row is not understood"), RuntimeError("a bug")]


def tell(story: Story, planned: PlannedFault | None) -> Calls:
    """Tells the story once; returns the calls that were made."""
    calls = Calls(planned)

    async def told(clock: Clock) -> None:
        leases = SharedLeases(TENANT) if story.shared else None
        real: Store = EmbeddedStore(None)
        room = Room(clock, store=failing(real, calls, leases))
        await room.open(PEOPLE)
        await story.prepare(room)
        await room.begin()
        await story.act(room)
        await asyncio.sleep(story.seconds)
        await story.check(room)
        assert room.supervisor.failing == ()
        if planned is not None:
            assert calls.failed
            failures = room.supervisor.failures
            if isinstance(planned.error, Unavailable):
                assert not failures, "a store that is away is no fault"
            elif isinstance(planned.error, RuntimeError):
                assert failures == {planned.kind: 1}
        await room.supervisor.stop()
        await room.close()

    run(told)
    return calls


MOST = 12
"""How often the same call is failed in a story, each time at another place. Loops go on and on."""


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("kind", "story"), TOLD, ids=[f"{kind.value} {story.__name__}" for kind, story in TOLD]
)
def test_each_call_fails_once_and_the_work_is_done_once(
    kind: WorkKind, story: Callable[[], Story]
) -> None:
    made = tell(story(), None).made[kind]
    assert made
    wrong = []
    for number, call in enumerate(made):
        if made[:number].count(call) > MOST:
            continue
        for after in (False, True):
            for error in ERRORS:
                planned = PlannedFault(kind=kind, number=number, after=after, error=error)
                try:
                    tell(story(), planned)
                except AssertionError as failure:
                    when = "after" if after else "before"
                    name = type(error).__name__
                    why = str(failure).splitlines()[:3]
                    wrong.append(f"{number} {call} {when} {name}: {why}")
    assert not wrong, "\n".join(wrong)


def test_each_task_is_killed_once_and_lives_again() -> None:
    """Whoever cancels a task, and whatever it was doing."""

    async def told(clock: Clock) -> None:
        room = Room(clock, store=failing(EmbeddedStore(None), Calls(), SharedLeases(TENANT)))
        room.channel.answer = lambda _: (1_000.0, Sent("1"), True)
        await room.open(PEOPLE)
        await room.store.users.put(person("admin"))
        await room.begin()
        await Reads().act(room)
        await Records().prepare(room)
        await Records().act(room)
        sending = await room.engine.send(await room.store.campaigns.add(draft("sending")))
        await room.engine.follow(sending.key, CardPlace("admin", "card"))
        await asyncio.sleep(30.0)
        check, remark = background_check(room.supervisor), background_remark(room.supervisor)
        killed: set[WorkKind] = set()
        for task in sorted(asyncio.all_tasks(), key=asyncio.Task.get_name):
            name = task.get_name()
            kind = BEGINNINGS.get(name.partition(" ")[0])
            if kind is None or task.done():
                continue
            failures = room.supervisor.failures[kind]
            task.cancel()
            await asyncio.sleep(0.1)
            told = await remark() if kind is WorkKind.PROGRESS else await check()
            assert told == f"{kind.value}: 1 failing (Cancelled)"
            assert room.supervisor.failing_by_kind() == {kind: 1}
            await asyncio.sleep(30.0)
            assert await check() == await remark() == ""
            assert room.supervisor.failures[kind] == failures + 1
            assert name in {task.get_name() for task in asyncio.all_tasks()}
            killed.add(kind)
        assert killed == {
            WorkKind.CHANGES,
            WorkKind.CLOCK,
            WorkKind.DIRECTORY,
            WorkKind.DISPATCHER,
            WorkKind.EVENTS,
            WorkKind.LEASES,
            WorkKind.PROBES,
            WorkKind.PROFILES,
            WorkKind.PROGRESS,
            WorkKind.REMINDERS,
            WorkKind.REVIEW,
            WorkKind.SCHEDULER,
        }
        await room.until_ended(sending)
        assert room.channel.arrived == {"1": 1, "2": 1, "admin": 1}
        await room.supervisor.stop()
        await room.close()

    run(told)


WITHOUT_STORY = {
    "sign_in",  # asks no store
}
"""Kinds of work that are tested elsewhere."""


def test_every_kind_of_work_has_a_story() -> None:
    assert {kind.value for kind in set(WorkKind) - STORIES.keys()} <= WITHOUT_STORY
