"""One row that goes wrong, or one tenant that hangs, costs the others nothing.

Each story has a row named *bad*, which comes first, and another one named *fine*. The bad one fails
each time, or hangs for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Content, Format
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.message import Message
from campaigns.outcome import Outcome, Sent
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from campaigns.user import ConversationReference, Details, Profile, User
from delivery.feedback.recorder import Recorder
from delivery.messenger import CallLine
from delivery.people.entra import Directory, DirectorySweep, FoundDetails
from delivery.supervision import WorkKind
from storage.embedded.store import EmbeddedStore
from storage.errors import Damaged
from tests.support.engine_room import BEGAN, TENANT, Channel, Clock, Room, person, run
from tests.support.examples import campaign
from tests.support.stores.spoilt import Spoilt, spoil

OTHER = "tenant-2"
LONG = 600.0
"""Seconds in which a row that failed is tried again only a few times."""

FEW = 20
"""Most tries in that time."""

LINES = 30
"""Most log lines in that time: one a minute for each kind of work that meets the row."""


class Trouble:
    """Work with two rows."""

    within = 20.0
    """Seconds in which the fine row has to be served."""

    hangs = True
    """False where a store that never answers is not withstood: its own time limits end that."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        """Returns True for the calls that are about the bad row."""
        raise NotImplementedError

    async def prepare(self, room: Room) -> None:
        """Happens before the engine starts."""

    async def act(self, room: Room) -> None:
        """Happens once the engine has started."""

    async def served(self, room: Room) -> bool:
        """Returns True when the fine row is served."""
        raise NotImplementedError


def about(campaign_id: str, given: tuple[Any, ...]) -> bool:
    """True when a call is about this campaign."""
    first = given[0] if given else None
    return isinstance(first, CampaignKey) and first.campaign_id == campaign_id


async def has_ended(room: Room, campaign_id: str) -> bool:
    known = await room.store.campaigns.get(CampaignKey(TENANT, campaign_id))
    return known is not None and known.run.ended_at is not None


def idea(campaign_id: str, **changes: Any) -> Campaign:
    return campaign(
        campaign_id,
        TENANT,
        at=BEGAN,
        **{"content": Content("Hello"), "audience": AllUsers(), **changes},
    )


def has_it(user_id: str) -> Delivery:
    return Delivery(
        recipient_id=user_id,
        due_at=BEGAN,
        status=DeliveryStatus.SENT,
        activity_id="1",
        attempts=1,
    )


class OneStart(Trouble):
    """A scheduled campaign whose list can't be read."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "lists.get" and given[1] == "bad"

    async def prepare(self, room: Room) -> None:
        for name, audience, seconds in (("bad", ListAudience("bad"), 4), ("fine", AllUsers(), 5)):
            schedule = Schedule(
                at=BEGAN + timedelta(seconds=seconds), zone="Etc/UTC", scheduled_by="author"
            )
            await room.store.campaigns.add(
                idea(name, audience=audience, status=Status.SCHEDULED, schedule=schedule)
            )

    async def served(self, room: Room) -> bool:
        return await has_ended(room, "fine")


class OneReminder(Trouble):
    """A survey whose reminder can't be made."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "campaigns.add" and given[0].id == "bad-reminder-1"

    async def prepare(self, room: Room) -> None:
        for name in ("bad", "fine"):
            asked = Survey(
                tenant_id=TENANT,
                id="s",
                name="Coffee",
                author_id="author",
                created_at=BEGAN,
                updated_at=BEGAN,
                questions=(Question(id="q1", kind=QuestionKind.YES_NO, text="Good?"),),
                closes_at=BEGAN + timedelta(days=1),
                remind_before=2,
            )
            sent = idea(
                name,
                format=Format.SURVEY,
                content=Content("", survey=asked),
                status=Status.COMPLETED,
                started_at=BEGAN - timedelta(days=9),
                ended_at=BEGAN - timedelta(days=8),
                recipients=2,
            )
            await room.store.campaigns.add(sent)
            await room.store.ledger.freeze(sent.key, [has_it("1"), has_it("2")])

    async def served(self, room: Room) -> bool:
        return await has_ended(room, "fine-reminder-1")


class OneCampaign(Trouble):
    """A campaign whose recipients can't be written."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "ledger.freeze" and about("bad", given)

    async def act(self, room: Room) -> None:
        for name in ("bad", "fine"):
            await room.engine.send(await room.store.campaigns.add(idea(name)))

    async def served(self, room: Room) -> bool:
        return await has_ended(room, "fine")


class OneSending(OneCampaign):
    """A campaign whose deliveries can't be looked for."""

    within = 70.0
    hangs = False

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "ledger.next_due" and about("bad", given)

    async def act(self, room: Room) -> None:
        # More than one round, so that the bad one comes before it.
        room.channel.answer = lambda _: (1.0, Sent("1"), True)
        await super().act(room)


class OneClaim(OneSending):
    """A campaign whose deliveries can't be claimed."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "ledger.claim" and about("bad", given)


class OneResult(OneSending):
    """A campaign whose results can't be written."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "ledger.settle" and about("bad", given)


class OneProfile(Trouble):
    """A person whose profile can't be kept."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "users.change" and given[1] == "bad"

    async def prepare(self, room: Room) -> None:
        for name in ("bad", "fine"):
            await room.store.users.put(person(name, profile=Profile(), profile_known=False))

    async def served(self, room: Room) -> bool:
        user = await room.store.users.get(TENANT, "fine")
        return user is not None and user.profile_known


class Organisation(Directory):
    """A directory in which everybody is in Oslo."""

    async def details(self, tenant_id: str, user_ids: Sequence[str]) -> FoundDetails:
        return {user_id: Details(city="Oslo") for user_id in user_ids}, None

    async def everyone(self, tenant_id: str) -> AsyncIterator[FoundDetails]:
        raise AssertionError("there are few")
        yield {}, None


class OnePersonsDetails(Trouble):
    """A person whose details can't be kept."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "users.change" and given[1] == "bad"

    async def prepare(self, room: Room) -> None:
        for name in ("bad", "fine"):
            await room.store.users.put(person(name))

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
            WorkKind.DIRECTORY, f"directory of {TENANT}", lambda: sweep.run(TENANT)
        )

    async def served(self, room: Room) -> bool:
        user = await room.store.users.get(TENANT, "fine")
        return user is not None and user.details.city == "Oslo"


class OneCampaignsEvents(Trouble):
    """A campaign whose events can't be written."""

    def spoils(self, call: str, given: tuple[Any, ...]) -> bool:
        return call == "events.append" and about("bad", given)

    async def act(self, room: Room) -> None:
        recorder = Recorder(room.store, room.clock, room.supervisor.crew())
        recorder.start()
        for name in ("bad", "fine"):
            ended = idea(name, status=Status.COMPLETED, started_at=BEGAN, ended_at=BEGAN)
            await room.store.campaigns.add(ended)
            await room.store.ledger.freeze(ended.key, [has_it("1")])
            event = Event(kind=EventKind.READ, at=BEGAN, recipient_id="1")
            recorder.note(ended.key, event)

    async def served(self, room: Room) -> bool:
        return (await room.store.events.engagement(CampaignKey(TENANT, "fine"))).read == 1


TROUBLES = [
    OneStart,
    OneReminder,
    OneCampaign,
    OneSending,
    OneClaim,
    OneResult,
    OneProfile,
    OnePersonsDetails,
    OneCampaignsEvents,
]
ERRORS = [Damaged("the row bad is not understood"), RuntimeError("a bug"), None]


CASES = [(kind, error) for kind in TROUBLES for error in ERRORS if error or kind.hangs]


@pytest.mark.parametrize(("kind", "error"), CASES)
def test_the_others_are_served(
    kind: Callable[[], Trouble], error: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        trouble = kind()
        spoilt = Spoilt(trouble.spoils, error)
        room = Room(clock, store=spoil(EmbeddedStore(None), spoilt))
        await room.open(2)
        await trouble.prepare(room)
        await room.begin()
        await trouble.act(room)
        await asyncio.sleep(trouble.within)
        assert spoilt.calls >= 1
        assert await trouble.served(room)
        await asyncio.sleep(LONG)
        assert spoilt.calls <= FEW, "it is tried again, and not hotly"
        await room.supervisor.stop()
        await room.close()

    with caplog.at_level(logging.WARNING):
        run(story)
    if error is None:
        return
    lines = [record.getMessage() for record in caplog.records]
    assert any("bad" in line for line in lines), "the row is named"
    assert len(lines) <= LINES


def elsewhere(user: User) -> User:
    return msgspec.structs.replace(user, tenant_id=OTHER)


class SilentChannel(Channel):
    """Never answers for one person, or never answers who they are."""

    def __init__(self, silent: str) -> None:
        super().__init__()
        self._silent = silent
        self.asked = 0

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        if reference.account_id == self._silent:
            self.asked += 1
            await asyncio.Event().wait()
        return await super().send(reference, message, line)

    async def profile(self, reference: ConversationReference, line: CallLine) -> Profile | Outcome:
        if reference.account_id.startswith(self._silent):
            self.asked += 1
            await asyncio.Event().wait()
        return await super().profile(reference, line)


def test_a_notice_that_hangs_delays_nobodys_start() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel = SilentChannel("author")
        await room.open(2)
        await room.store.users.put(person("author"))
        await room.store.users.put(elsewhere(person("3")))
        for tenant_id, name, audience, seconds in (
            (TENANT, "gone", ListAudience("gone"), 5),
            (OTHER, "fine", AllUsers(), 6),
        ):
            schedule = Schedule(
                at=BEGAN + timedelta(seconds=seconds), zone="Etc/UTC", scheduled_by="author"
            )
            await room.store.campaigns.add(
                campaign(
                    name,
                    tenant_id,
                    at=BEGAN,
                    content=Content("Hello"),
                    audience=audience,
                    status=Status.SCHEDULED,
                    schedule=schedule,
                )
            )
        await room.begin()
        await asyncio.sleep(10.0)
        assert room.channel.asked == 1
        assert room.channel.arrived == {"3": 1}
        started = await room.store.campaigns.get(CampaignKey(OTHER, "fine"))
        assert started is not None
        assert started.late_by < timedelta(seconds=1)
        await room.close()

    run(story)


def test_a_tenant_whose_look_ups_hang_delays_no_other_tenants() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel = SilentChannel("silent")
        await room.open(0)
        unknown = {"profile": Profile(), "profile_known": False}
        for number in range(120):
            await room.store.users.put(person(f"silent {number}", **unknown))
        await room.store.users.put(elsewhere(person("a", **unknown)))
        await room.begin()
        await asyncio.sleep(1.0)
        assert room.channel.looked_up == ["a"]
        user = elsewhere(person("b", **unknown))
        await room.store.users.put(user)
        room.contacts.newcomers_in.add(OTHER)
        room.contacts.newcomers.set()
        await asyncio.sleep(1.0)
        assert room.channel.looked_up == ["a", "b"]
        await asyncio.sleep(LONG)
        assert room.channel.asked <= 120, "nobody is asked about again while the answer is awaited"
        await room.close()

    run(story)


class SilentOrganisation(Organisation):
    """A directory that does not answer for one tenant."""

    async def details(self, tenant_id: str, user_ids: Sequence[str]) -> FoundDetails:
        if tenant_id == TENANT:
            await asyncio.Event().wait()
        return await super().details(tenant_id, user_ids)


def test_a_directory_that_does_not_answer_delays_no_other_tenants() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.store.users.put(elsewhere(person("a")))
        await room.begin()
        crew = room.supervisor.crew()
        sweep = DirectorySweep(
            room.store, room.contacts, clock, crew, SilentOrganisation(), [TENANT, OTHER]
        )
        for tenant in sweep.tenants:
            crew.keep(WorkKind.DIRECTORY, f"directory of {tenant}", partial(sweep.run, tenant))
        await asyncio.sleep(1.0)
        user = await room.store.users.get(OTHER, "a")
        assert user is not None
        assert user.details.city == "Oslo"
        await room.store.users.put(elsewhere(person("b")))
        room.contacts.undetailed.add(OTHER, "b")
        await asyncio.sleep(1.0)
        user = await room.store.users.get(OTHER, "b")
        assert user is not None
        assert user.details.city == "Oslo"
        await room.supervisor.stop()
        await room.close()

    run(story)
