"""Somebody is thanked for a confirmation only when it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Content, Format
from campaigns.feedback.events import PER_KIND, Event, EventKind
from campaigns.refusals.campaigns import ConfirmationRefusal
from cards import actions
from cards.message import personal
from cards.reports.measured import measuring
from dialogs.context import Context
from dialogs.errors import Refused
from dialogs.reports.acknowledging import AcknowledgeDialog
from dialogs.turn import Turn
from storage.embedded.store import EmbeddedStore
from tests.support.examples import CLAIM, NOW, SECOND, campaign, ended, pending, user

ANN = "ann"


class Deleted(EmbeddedStore):
    """A store in which the campaign is deleted right before an event of it is kept."""

    @property
    def events(self) -> Any:
        store, events = self, super().events

        class Events:
            async def append(self, key: CampaignKey, new: Sequence[Event]) -> int:
                await store.campaigns.delete(key)
                return await events.append(key, new)

            def __getattr__(self, name: str) -> Any:
                return getattr(events, name)

        return Events()


async def sent(store: EmbeddedStore) -> Campaign:
    await store.open()
    kept = await store.campaigns.add(
        campaign(
            "important",
            format=Format.IMPORTANT,
            content=Content("Read this"),
            acknowledge=True,
            status=Status.COMPLETED,
            started_at=NOW,
            ended_at=NOW,
        )
    )
    await store.ledger.freeze(kept.key, [pending(ANN)])
    claimed = await store.ledger.claim(kept.key, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(kept.key, [ended(row) for row in claimed])
    return kept


async def press(store: EmbeddedStore, kept: Campaign) -> str:
    """Presses the button; returns the summary of the card that thanks."""
    context = Context(store, ZoneInfo("UTC"), measuring(personal.Renderer(None), personal=True))
    dialog = AcknowledgeDialog(context, personal.Renderer(None))
    turn = Turn(user=user(ANN), is_admin=False, at=NOW + SECOND)
    return (await dialog.acknowledge(turn, actions.Acknowledge(campaign=kept.id))).summary


async def test_a_confirmation_is_kept_however_often_the_links_were_opened_before() -> None:
    store = EmbeddedStore(None)
    kept = await sent(store)
    for kind in (EventKind.PREVIEW, EventKind.CLICK):
        opened = [
            Event(kind=kind, at=NOW + number * SECOND, recipient_id=ANN, detail="link")
            for number in range(PER_KIND + 9)
        ]
        await store.events.append(kept.key, opened)
    for _ in range(2):  # pressed twice
        assert await press(store, kept)
        assert (await store.events.engagement(kept.key)).acknowledged == 1
    await store.close()


async def test_nobody_is_thanked_for_a_confirmation_that_is_not_kept() -> None:
    store = Deleted(None)
    kept = await sent(store)
    with pytest.raises(Refused) as refused:
        await press(store, kept)
    assert refused.value.refusal is ConfirmationRefusal.MESSAGE_GONE
    await store.close()
