"""Obstacles to sending, and the reason that a scheduled campaign keeps."""

from __future__ import annotations

import pytest

from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Campaign, Missed
from campaigns.content import Content
from campaigns.refusals.sending import (
    AudienceEmpty,
    AudienceGone,
    Incomplete,
    Obstacle,
    Step,
    SurveyClosed,
    SurveyOver,
    SurveyTooBig,
)
from delivery.starting.obstacles import obstacle
from storage.embedded.store import EmbeddedStore
from tests.support.examples import NOW, campaign


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (campaign("c"), Incomplete((Step.WRITE_MESSAGE, Step.CHOOSE_RECIPIENTS))),
        (campaign("c", content=Content("Hi"), audience=ListAudience("l")), AudienceGone()),
        (campaign("c", content=Content("Hi"), audience=AllUsers()), AudienceEmpty(AllUsers())),
    ],
)
async def test_the_first_thing_that_keeps_it_from_being_sent(
    draft: Campaign, reason: Obstacle
) -> None:
    store = EmbeddedStore(None)
    await store.open()
    assert await obstacle(store, draft, NOW, lambda _: True) == reason
    await store.close()


@pytest.mark.parametrize(
    ("reason", "missed"),
    [
        (Incomplete(()), Missed.INCOMPLETE),
        (SurveyOver(), Missed.SURVEY_OVER),
        (SurveyClosed(), Missed.SURVEY_OVER),
        (SurveyTooBig(), Missed.TOO_BIG),
        (AudienceGone(), Missed.LIST_GONE),
        (AudienceEmpty(AllUsers()), Missed.NOBODY),
    ],
)
def test_a_scheduled_campaign_keeps_why_it_did_not_start(reason: Obstacle, missed: Missed) -> None:
    assert reason.missed is missed
