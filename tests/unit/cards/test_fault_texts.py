"""A pause by a fault says what happened, what the bot does about it, and what its reader can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns import lifecycle
from campaigns.campaign import Campaign, Fault, FaultPause, Purpose, Status
from campaigns.feedback.insight import Insight
from campaigns.report import Counts
from cards.fault_texts import fault_advice, went_on
from cards.reports.measured import Measured
from cards.reports.messages import CampaignMessages
from cards.reports.report import report
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.campaigns.report_examples import NOW, ZONE, as_text, sent_campaign
from tests.support.chats.cards import buttons
from tests.support.examples import user

INSIGHT = Insight(counts=Counts(success=20, rescheduled=10, ongoing=5))
PAUSED_AT = NOW + timedelta(minutes=3)


def paused(fault: Fault, **changes: Any) -> Campaign:
    sending = sent_campaign(Status.SENDING, **changes)
    return lifecycle.pause(sending, PAUSED_AT, fault)


def pause_of(campaign: Campaign) -> FaultPause:
    assert campaign.run.fault_pause is not None
    return campaign.run.fault_pause


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("fault", [Fault.SIGN_IN, Fault.DOWN])
def test_it_says_when_the_bot_tries_again_and_who_has_something_to_do(
    purpose: Purpose, fault: Fault
) -> None:
    campaign = paused(fault, purpose=purpose)
    words = fault_advice(campaign, fault, ZONE)
    # 09:03 in UTC, a minute later, in Paris.
    assert "The bot tries again by itself, next at about 10:04" in words
    assert ("You need not do anything." in words) == (fault is Fault.DOWN)
    assert "Press Resume" not in words
    kept = fault_advice(lifecycle.pause(campaign, NOW), fault, ZONE)
    assert "The bot does not try again by itself. Press Resume" in kept
    assert "10:04" not in kept


@pytest.mark.parametrize("purpose", Purpose)
def test_a_refused_message_is_left_to_its_author(purpose: Purpose) -> None:
    words = fault_advice(paused(Fault.REFUSED, purpose=purpose), Fault.REFUSED, ZONE)
    assert "does not try again by itself. Press Resume to try again, or stop this" in words


def test_the_card_of_a_paused_campaign_offers_what_a_person_can_do() -> None:
    for fault, offered in ((Fault.DOWN, True), (Fault.REFUSED, False)):
        card = report(paused(fault), INSIGHT, Measured(clicks=False), zone=ZONE).card
        assert_valid_card(card)
        titles = buttons(card)
        assert [title for title in titles if title in ("Resume", "Keep paused", "Stop")] == [
            "Resume",
            *(["Keep paused"] if offered else []),
            "Stop",
        ]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("fault", [Fault.SIGN_IN, Fault.DOWN])
@pytest.mark.parametrize(
    ("minutes", "span"),
    [
        (13, "Mon 2 Mar 2026, 10:03 to 10:16 (Paris)"),
        (1_400, "Mon 2 Mar 2026, 10:03 to Tue 3 Mar 2026, 09:23 (Paris)"),
    ],
)
def test_it_says_from_when_to_when_it_was_paused_once_it_goes_on(
    purpose: Purpose, fault: Fault, minutes: int, span: str
) -> None:
    campaign = paused(fault, purpose=purpose)
    ended_at = PAUSED_AT + timedelta(minutes=minutes)
    again = lifecycle.take_up(campaign, pause_of(campaign), ended_at)
    assert f"went on by itself. It was paused from {span}." in went_on(again, ZONE).replace(
        "\\", ""
    )
    reader = user("reader")
    told = CampaignMessages(ZONE, lambda _: Measured(clicks=False)).taken_up(again, INSIGHT, reader)
    card = told.card
    assert isinstance(card, dict)
    assert_valid_card(card)
    assert told.summary.startswith("Going on again: ")
    assert "**Going on again.**" in as_text(card)
    shown = as_text(report(again, INSIGHT, Measured(clicks=False), zone=ZONE).card)
    assert "Paused by the bot" in shown
    assert "**Paused.**" not in shown


def test_a_campaign_that_did_not_go_on_by_itself_says_nothing_of_it() -> None:
    for campaign in (
        sent_campaign(),
        paused(Fault.DOWN),
        lifecycle.resume(paused(Fault.DOWN), NOW),
        lifecycle.stop(paused(Fault.DOWN), NOW),
    ):
        assert went_on(campaign, ZONE) == ""
        shown = as_text(report(campaign, INSIGHT, Measured(clicks=False), zone=ZONE).card)
        assert "Paused by the bot" not in shown
