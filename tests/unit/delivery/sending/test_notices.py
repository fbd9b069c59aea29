"""The person who sent a campaign is told of the fault that paused it, and that it goes on by
itself, however long that takes."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import msgspec
import pytest

from campaigns.campaign import Campaign, Fault, FaultPause, Missed, Status
from campaigns.feedback.insight import Insight
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Transient, Unreachable
from campaigns.user import ConversationReference, User
from delivery.messenger import CallLine, Messenger
from delivery.pacing.pacer import Pacer
from delivery.sending.notices import CALL_LIMIT, FIRST_PAUSE, MISSED_TRIES, TOLD_FOR, Notices
from storage.base import Store, Users
from storage.embedded.store import EmbeddedStore
from storage.errors import Unavailable
from tests.support.engine_room import BEGAN, TENANT, Clock, person, run
from tests.support.examples import campaign, changed

PAUSE = FaultPause(
    fault=Fault.DOWN, began_at=BEGAN - timedelta(minutes=3), probe_at=BEGAN + timedelta(minutes=2)
)
ENDED = msgspec.structs.replace(PAUSE, probe_at=None, ended_at=BEGAN)


class Views:
    """Draws cards with nothing on them."""

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        raise AssertionError

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        return Message(card={}, summary=f"Paused: {campaign.id}")

    def taken_up(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        return Message(card={}, summary=f"Going on: {campaign.id}")

    def missed(self, campaign: Campaign, reader: User) -> Message:
        return Message(card={}, summary=f"Not sent: {campaign.id}")


class Channel:
    """Answers as scripted, the last answer again and again, and notes what was sent when."""

    def __init__(self, clock: Clock, answers: Sequence[Outcome]) -> None:
        self._clock = clock
        self._answers = list(answers)
        self.sent: list[tuple[float, str, str]] = []
        self.hangs = 0
        """Calls that are not answered."""

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        await line.reach()
        self.sent.append((self._clock.seconds, reference.account_id, message.summary))
        if self.hangs:
            self.hangs -= 1
            await asyncio.sleep(100_000.0)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def answers(self, answers: Sequence[Outcome]) -> None:
        self._answers = list(answers)


class Moody:
    """A store that can't read its users now and then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refuses = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def users(self) -> Users:
        if self.refuses:
            self.refuses -= 1
            raise Unavailable("no connection")
        return self._store.users


class Office:
    """A paused campaign, the person who sent it, and the notices of the process."""

    def __init__(self, clock: Clock, *answers: Outcome) -> None:
        self.store = EmbeddedStore(None)
        self.channel = Channel(clock, answers)
        pacer = Pacer(clock, math.inf, monotonic=clock.monotonic)
        messenger = cast(Messenger, self.channel)
        self.moody = Moody(self.store)
        self.notices = Notices(cast(Store, self.moody), messenger, pacer, clock, Views())
        self.campaign: Campaign

    async def open(self, **changes: Any) -> None:
        await self.store.open()
        await self.store.users.put(person("sender", reachable=True))
        paused = campaign(
            "news",
            tenant_id=TENANT,
            sender_id="sender",
            **{
                "status": Status.PAUSED,
                "fault": Fault.DOWN,
                "fault_pause": PAUSE,
                **changes,
            },
        )
        self.campaign = await self.store.campaigns.add(paused)

    async def now(self) -> Campaign:
        present = await self.store.campaigns.get(self.campaign.key)
        assert present is not None
        return present


def test_a_notice_that_does_not_get_through_is_sent_again_later_and_later() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, *[Transient(Reason.NOT_CONNECTED)] * 3, Sent("1"))
        await office.open()
        await office.notices.tell(office.campaign.key)
        moments = [moment for moment, _, _ in office.channel.sent]
        pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
        assert pauses == pytest.approx([FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE])
        assert {(name, text) for _, name, text in office.channel.sent} == {
            ("sender", "Paused: news")
        }
        await office.store.close()

    run(story)


def test_a_sender_who_is_refused_for_a_day_is_tried_no_more() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Transient(Reason.REFUSED))
        await office.open()
        await office.notices.tell(office.campaign.key)
        first, *_, last = (moment for moment, _, _ in office.channel.sent)
        assert TOLD_FOR.total_seconds() <= last - first <= TOLD_FOR.total_seconds() + 600.0
        tried = len(office.channel.sent)
        await office.notices.tell(office.campaign.key)
        assert len(office.channel.sent) == tried
        await office.store.close()

    run(story)


def test_a_sender_who_can_not_be_told_is_not_tried_again() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Unreachable(Reason.BLOCKED))
        await office.open()
        await office.notices.tell(office.campaign.key)
        assert len(office.channel.sent) == 1
        await office.store.close()

    run(story)


def test_a_refused_sign_in_is_tried_again() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Rejected(Reason.UNAUTHORISED), Sent("1"))
        await office.open()
        await office.notices.tell(office.campaign.key)
        assert len(office.channel.sent) == 2
        await office.store.close()

    run(story)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ["Paused: news"]),
        ({"status": Status.SENDING, "fault": None, "fault_pause": ENDED}, ["Going on: news"]),
        ({"status": Status.COMPLETED, "fault": None, "fault_pause": ENDED}, ["Going on: news"]),
        # It is over, a person has done something about it, or knows it.
        ({"fault": None, "fault_pause": None}, []),
        ({"status": Status.SENDING, "fault": None, "fault_pause": None}, []),
        ({"status": Status.STOPPED, "fault": None, "fault_pause": None}, []),
        ({"fault_pause": msgspec.structs.replace(PAUSE, told=True)}, []),
        # An earlier version has paused it, and told it.
        ({"fault_pause": None}, []),
    ],
)
def test_what_is_told_is_what_the_sender_does_not_know(
    changes: dict[str, Any], told: list[str]
) -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        await office.open(**changes)
        for _ in range(3):
            await office.notices.tell(office.campaign.key)
        assert [text for _, _, text in office.channel.sent] == told
        await office.store.close()

    run(story)


def test_a_notice_is_not_repeated_by_the_next_process() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        await office.open()
        await office.notices.tell(office.campaign.key)
        assert (await office.now()).run.fault_pause == msgspec.structs.replace(PAUSE, told=True)
        other = Notices(
            office.store,
            cast(Messenger, office.channel),
            Pacer(clock, math.inf, monotonic=clock.monotonic),
            clock,
            Views(),
        )
        await other.tell(office.campaign.key)
        assert len(office.channel.sent) == 1
        await office.store.close()

    run(story)


def test_news_that_come_while_the_notice_can_not_leave_take_its_place_at_once() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, *[Transient(Reason.NOT_CONNECTED)] * 5, Sent("1"))
        await office.open()
        telling = asyncio.create_task(office.notices.tell(office.campaign.key))
        await asyncio.sleep(400.0)
        tried = len(office.channel.sent)
        await office.store.campaigns.save(
            changed(await office.now(), status=Status.SENDING, fault=None, fault_pause=ENDED)
        )
        office.channel.answers([Sent("1")])
        await office.notices.tell(office.campaign.key)  # one is enough
        assert len(office.channel.sent) == tried
        office.notices.hurry(office.campaign.key)
        await asyncio.sleep(1.0)
        assert [text for _, _, text in office.channel.sent[tried:]] == ["Going on: news"]
        await telling
        await office.store.close()

    run(story)


def test_a_notice_that_gets_through_hastens_the_probe_of_a_refused_sign_in() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        far = BEGAN + timedelta(minutes=14)
        paused = msgspec.structs.replace(PAUSE, fault=Fault.SIGN_IN, probe_at=far)
        await office.open(fault=Fault.SIGN_IN, fault_pause=paused)
        await office.notices.tell(office.campaign.key)
        hastened = (await office.now()).run.fault_pause
        assert hastened is not None
        assert hastened.probe_at == clock.now()
        await office.store.close()

    run(story)


def test_a_call_that_hangs_does_not_hang_the_notice() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        await office.open(author_id="sender")
        office.channel.hangs = 2
        await office.notices.tell(office.campaign.key)
        moments = [moment for moment, _, _ in office.channel.sent]
        assert [later - earlier for earlier, later in itertools.pairwise(moments)] == pytest.approx(
            [CALL_LIMIT + FIRST_PAUSE, CALL_LIMIT + 2 * FIRST_PAUSE]
        )
        await office.store.close()

    run(story)


def missed(**changes: Any) -> dict[str, Any]:
    return {
        "author_id": "sender",
        "status": Status.DRAFT,
        "fault": None,
        "fault_pause": None,
        "missed": Missed.NOBODY,
        **changes,
    }


@pytest.mark.parametrize(
    "trouble", [Transient(Reason.NOT_CONNECTED), Rejected(Reason.UNAUTHORISED), None]
)
def test_the_person_who_scheduled_a_campaign_is_told_that_it_did_not_start(
    trouble: Outcome | None,
) -> None:
    """Also when the call, or the store (None), fails at first."""

    async def story(clock: Clock) -> None:
        office = Office(clock, *([trouble] * 2 if trouble is not None else []), Sent("1"))
        await office.open(**missed())
        if trouble is None:
            office.moody.refuses = 2
        await office.notices.missed(office.campaign)
        expected = 1 if trouble is None else 3
        assert [told for _, _, told in office.channel.sent] == ["Not sent: news"] * expected
        assert clock.seconds == pytest.approx(3 * FIRST_PAUSE)
        await office.store.close()

    run(story)


def test_telling_that_a_campaign_did_not_start_has_an_end() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Transient(Reason.NOT_CONNECTED))
        await office.open(**missed())
        await office.notices.missed(office.campaign)
        assert len(office.channel.sent) == MISSED_TRIES
        await office.store.close()

    run(story)


@pytest.mark.parametrize("changes", [{"missed": None}, {"status": Status.SCHEDULED}])
def test_nobody_is_told_of_a_draft_that_was_scheduled_again(changes: dict[str, Any]) -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        await office.open(**missed(**changes))
        await office.notices.missed(office.campaign)
        assert not office.channel.sent
        await office.store.close()

    run(story)
