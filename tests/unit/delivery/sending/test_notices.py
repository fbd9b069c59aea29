"""The person who sent a campaign is told of the fault that paused it, however long that takes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, cast

import pytest

from campaigns.campaign import Campaign, Fault, Status
from campaigns.feedback.insight import Insight
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Transient, Unreachable
from campaigns.user import ConversationReference, User
from delivery.messenger import CallLine, Messenger
from delivery.pacing.pacer import Pacer
from delivery.sending.notices import FIRST_PAUSE, Notices
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import TENANT, Clock, person, run
from tests.support.examples import campaign


class Views:
    """Draws cards with nothing on them."""

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        raise AssertionError

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        return Message(card={}, summary=f"Paused: {campaign.id}")

    def missed(self, campaign: Campaign, reader: User) -> Message:
        return Message(card={}, summary=f"Not sent: {campaign.id}")


class Channel:
    """Answers as scripted, the last answer again and again, and notes what was sent when."""

    def __init__(self, clock: Clock, answers: Sequence[Outcome]) -> None:
        self._clock = clock
        self._answers = list(answers)
        self.sent: list[tuple[float, str, str]] = []

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        await line.reach()
        self.sent.append((self._clock.seconds, reference.account_id, message.summary))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Office:
    """A paused campaign, the person who sent it, and the notices of the process."""

    def __init__(self, clock: Clock, *answers: Outcome) -> None:
        self.store = EmbeddedStore(None)
        self.channel = Channel(clock, answers)
        pacer = Pacer(clock, math.inf, monotonic=clock.monotonic)
        messenger = cast(Messenger, self.channel)
        self.notices = Notices(self.store, messenger, pacer, clock, Views())
        self.campaign: Campaign

    async def open(self, **changes: Any) -> None:
        await self.store.open()
        await self.store.users.put(person("sender", reachable=True))
        paused = campaign(
            "news",
            tenant_id=TENANT,
            status=Status.PAUSED,
            sender_id="sender",
            **{"fault": Fault.DOWN, **changes},
        )
        self.campaign = await self.store.campaigns.add(paused)


def test_a_notice_that_does_not_get_through_is_sent_again_later_and_later() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, *[Transient(Reason.NOT_CONNECTED)] * 3, Sent("1"))
        await office.open()
        await office.notices.tell(office.campaign.key, Fault.DOWN)
        moments = [moment for moment, _, _ in office.channel.sent]
        pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
        assert pauses == pytest.approx([FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE])
        assert {(name, text) for _, name, text in office.channel.sent} == {
            ("sender", "Paused: news")
        }
        await office.store.close()

    run(story)


def test_a_sender_who_can_not_be_told_is_not_tried_again() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Unreachable(Reason.BLOCKED))
        await office.open()
        await office.notices.tell(office.campaign.key, Fault.DOWN)
        assert len(office.channel.sent) == 1
        await office.store.close()

    run(story)


def test_a_refused_sign_in_is_tried_again() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Rejected(Reason.UNAUTHORISED), Sent("1"))
        await office.open()
        await office.notices.tell(office.campaign.key, Fault.DOWN)
        assert len(office.channel.sent) == 2
        await office.store.close()

    run(story)


@pytest.mark.parametrize("fault", [None, Fault.SIGN_IN])
def test_nobody_is_told_of_a_fault_that_is_over(fault: Fault | None) -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Sent("1"))
        await office.open(fault=fault)
        await office.notices.tell(office.campaign.key, Fault.DOWN)
        assert not office.channel.sent
        await office.store.close()

    run(story)


def test_the_person_who_scheduled_a_campaign_is_told_once_that_it_did_not_start() -> None:
    async def story(clock: Clock) -> None:
        office = Office(clock, Transient(Reason.NOT_CONNECTED))
        await office.open(author_id="sender")
        await office.notices.missed(office.campaign)
        assert [told for _, _, told in office.channel.sent] == ["Not sent: news"]
        await office.store.close()

    run(story)
