"""Deliveries in doubt are sent again with the content that stands, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from campaigns import drafting, followup, lifecycle
from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign, Status
from campaigns.content import Content
from campaigns.delivery import DeliveryStatus
from campaigns.errors import NotPossible
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Sent, Unknown
from campaigns.refusals.campaigns import CampaignRefusal
from campaigns.refusals.sending import OriginalUnfinished
from campaigns.user import ConversationReference
from delivery.messenger import CallLine
from tests.support.engine_room import Channel, Clock, Room, run


def test_what_was_recalled_is_not_sent_again() -> None:
    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        recall = await _follow(room, original, followup.recall, "recall")
        await room.until_ended(await room.engine.send(recall))
        with pytest.raises(NotPossible) as refused:
            await room.engine.resend(original.key)
        assert refused.value.refusal is CampaignRefusal.RECALLED
        await asyncio.sleep(60)
        assert room.channel.arrived["2"] == 0
        await room.close()

    run(story)


def test_what_was_corrected_is_sent_again_with_its_correction() -> None:
    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        correction = await _corrected(room, original)
        await room.until_ended(await room.engine.send(correction))
        texts = _record_texts(room.channel)
        await room.engine.resend(original.key)
        await room.until_ended(original)
        assert len(texts) == 1
        assert "The office is open" in texts[0]
        await room.close()

    run(story)


def test_nothing_is_sent_again_while_a_correction_is_under_way() -> None:
    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        correction = await _corrected(room, original)
        _answer_updates_late(room.channel)
        await room.engine.send(correction)
        await asyncio.sleep(1)
        with pytest.raises(NotPossible) as refused:
            await room.engine.resend(original.key)
        assert refused.value.refusal is CampaignRefusal.BEING_CORRECTED
        await room.until_ended(correction)
        await room.engine.resend(original.key)
        await room.until_ended(original)
        await room.close()

    run(story)


def test_a_correction_can_not_be_sent_while_the_original_is_sent_again() -> None:
    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        correction = await _corrected(room, original)
        room.channel.answer = lambda who: (30.0, Sent("m" + who), True)
        await room.engine.resend(original.key)
        await asyncio.sleep(1)
        assert await room.engine.obstacle(correction) == OriginalUnfinished()
        with pytest.raises(NotPossible):
            await room.engine.send(correction)
        await room.until_ended(original)
        await room.until_ended(await room.engine.send(correction))
        assert sorted(room.channel.updates) == ["m1", "m2", "m3"]
        await room.close()

    run(story)


def test_a_correction_that_starts_at_the_same_moment_reaches_who_gets_it_again() -> None:
    """Two processes can start both: each reads the other's campaign before that is saved."""

    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        correction = await _corrected(room, original)
        room.channel.answer = lambda who: (30.0, Sent("m" + who), True)
        await room.engine.resend(original.key)
        await asyncio.sleep(1)
        started = await room.store.campaigns.save(
            lifecycle.start(correction, audience=FrozenAudience(), now=clock.now())
        )
        await room.crash()
        await room.begin()
        await room.until_ended(original)
        await room.until_ended(started)
        row = await room.store.ledger.find(correction.key, "1")
        assert row is not None
        assert row.status is DeliveryStatus.SENT
        await room.close()

    run(story)


def test_a_recall_that_starts_at_the_same_moment_keeps_what_is_in_doubt_from_being_sent() -> None:
    async def story(clock: Clock) -> None:
        room, original = await _one_in_doubt(clock)
        recall = await _follow(room, original, followup.recall, "recall")
        present = await room.store.campaigns.get(original.key)
        assert present is not None
        await room.store.campaigns.save(lifecycle.reopen(present, clock.now()))
        await room.store.campaigns.save(
            lifecycle.start(recall, audience=FrozenAudience(), now=clock.now())
        )
        await room.crash()
        await room.begin()
        ended = await room.until_ended(original)
        await room.until_ended(recall)
        assert ended.status is Status.COMPLETED
        assert (await room.store.ledger.counts(original.key)).in_doubt == 1
        assert room.channel.arrived["2"] == 0
        assert sorted(room.channel.deleted) == ["m1", "m3"]
        await room.close()

    run(story)


async def _one_in_doubt(clock: Clock) -> tuple[Room, Campaign]:
    """Returns a room with a campaign that has ended, with the second of three people in doubt."""
    room = Room(clock)
    await room.open(3)
    await room.begin()
    room.channel.answer = lambda who: (
        (0.0, Unknown(Reason.NO_ANSWER), False) if who == "2" else (0.0, Sent("m" + who), True)
    )
    original = await room.until_ended(await room.engine.send(await room.draft()))
    assert (await room.store.ledger.counts(original.key)).in_doubt == 1
    room.channel.answer = lambda who: (0.0, Sent("m" + who), True)
    return room, original


async def _follow(
    room: Room, original: Campaign, follow: Callable[..., Campaign], campaign_id: str
) -> Campaign:
    draft = await room.store.campaigns.add(
        follow(original, campaign_id, author_id="author", now=room.clock.now())
    )
    await room.store.campaigns.save(followup.followed(original, campaign_id))
    return draft


async def _corrected(room: Room, original: Campaign) -> Campaign:
    draft = await _follow(room, original, followup.correction, "correction")
    return await room.store.campaigns.save(
        drafting.write(draft, Content("The office is open"), room.clock.now())
    )


def _record_texts(channel: Channel) -> list[str]:
    texts: list[str] = []
    send = channel.send

    async def recorded(
        reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        if reference.account_id != "author":
            texts.append(msgspec.json.encode(message.card).decode())
        return await send(reference, message, line)

    channel.send = recorded  # type: ignore[method-assign]
    return texts


def _answer_updates_late(channel: Channel) -> None:
    update = channel.update

    async def late(
        reference: ConversationReference, activity_id: str, message: Message, line: CallLine
    ) -> Outcome:
        await asyncio.sleep(20)
        return await update(reference, activity_id, message, line)

    channel.update = late  # type: ignore[method-assign]
