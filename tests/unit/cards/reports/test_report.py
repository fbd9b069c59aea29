"""The report: valid, within its size, and complete."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from campaigns.audience import AllUsers, ReceivedAudience
from campaigns.campaign import Fault, Purpose, Status
from campaigns.feedback.events import Engagement, LinkCount
from campaigns.feedback.insight import Insight
from campaigns.report import Counts, Result
from campaigns.seal import link_id
from cards.message.tracking import Link
from cards.reports.measured import Measured
from cards.reports.people import recipients_of
from cards.reports.report import report
from cards.size import LIMIT, size_in_bytes
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.campaigns.report_examples import NOW, WIDE, ZONE, as_text, sent_campaign

LINKS = tuple(
    Link(link_id(f"https://example.com/{n}" + "x" * 900), f"*{n}* ](http://evil)" + "y" * 60,
         f"https://example.com/{n}" + "x" * 900)
    for n in range(60)
)  # fmt: skip
MEASURED = Measured(clicks=True, links=LINKS)
COUNTED = Measured(clicks=True, links=LINKS, personal=False)
FULL = Insight(
    counts=Counts(
        success=WIDE, error=1, rescheduled=2, ongoing=3, in_doubt=4, skipped=5, cancelled=6
    ),
    engagement=Engagement(
        clicked=70_000,
        clicks=123_456,
        previews=1,
        links={link.id: LinkCount(1_000 + index, 900) for index, link in enumerate(LINKS)}
        | {"gonegone": LinkCount(5_000, 1)},
        read=WIDE,
        reacted=1,
        reactions={"like": 12_345, "1f389_partypopper": 1, "<b>](x)": 2},
        acknowledged=1,
    ),
    timeline={NOW + timedelta(minutes=3 * n): 9_000 for n in range(10)},
    step=timedelta(minutes=3),
    author="Zoë ](http://evil)",
)


@pytest.mark.parametrize(
    "status", [Status.SENDING, Status.PAUSED, Status.COMPLETED, Status.STOPPED]
)
@pytest.mark.parametrize("insight", [Insight(), FULL])
@pytest.mark.parametrize(
    "measured",
    [MEASURED, Measured(clicks=False), Measured(clicks=True, links=LINKS, personal=False)],
)
def test_every_report_is_valid_and_fits(
    status: Status, insight: Insight, measured: Measured
) -> None:
    card = report(sent_campaign(status), insight, measured, zone=ZONE).card
    assert_valid_card(card)
    assert size_in_bytes(card) <= LIMIT
    assert "](http://evil" not in as_text(card).replace("\\\\](", "")


def test_a_report_says_what_came_back() -> None:
    shown = as_text(report(sent_campaign(), FULL, MEASURED, zone=ZONE).card)
    for words in (
        '"100,000 (> 99 %)"',
        '"at least 100,000 (100 %)"',
        '"70,000 (70 %)"',
        "👍 12,345",
        "🎉 1",
        "1,059 clicks",
        "A link that was changed since",
        "Not counted: 1 visit of link scanners and previews.",
        "Messages in each 3 minutes, by Paris time.",
        "56 per second",
    ):
        assert words in shown, words


def bars(card: dict[str, Any]) -> list[list[int]]:
    return [
        [column["width"] for column in part["columns"]]
        for part in card["body"]
        if part["type"] == "ColumnSet" and all(not column["items"] for column in part["columns"])
    ]


def test_what_came_back_is_measured_by_those_who_got_it() -> None:
    insight = Insight(
        counts=Counts(success=200, error=50), engagement=Engagement(read=50, acknowledged=1)
    )
    card = report(sent_campaign(), insight, Measured(clicks=False), zone=ZONE).card
    # Read by 50 of 200, nobody reacted, confirmed by one, who can still be seen.
    assert bars(card) == [[50, 150], [4, 199]]
    nothing = Insight(counts=Counts(success=0, error=3))
    assert bars(report(sent_campaign(), nothing, Measured(clicks=False), zone=ZONE).card) == []


MEANINGS = {
    Purpose.SEND: "These people got the message.",
    Purpose.CORRECT: "These people have the corrected message.",
    Purpose.RECALL: "The message is not in these people's chats any more.",
}


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("fault", [None, *Fault])
def test_a_report_says_of_a_correction_and_a_recall_what_they_did(
    purpose: Purpose, fault: Fault | None
) -> None:
    reported = sent_campaign(
        Status.COMPLETED if fault is None else Status.PAUSED,
        purpose=purpose,
        fault=fault,
        audience=AllUsers() if purpose is Purpose.SEND else ReceivedAudience("original"),
    )
    words = as_text(report(reported, FULL, MEASURED, zone=ZONE).card)
    for result in Result:
        words += as_text(
            recipients_of(
                reported, result, [], {}, page=0, total=0, all_=0, search="", zone=ZONE
            ).card
        )
    assert MEANINGS[purpose] in words
    if purpose is not Purpose.SEND:
        for untrue in ("got the message", "did not get", "being sent", "Sending it again"):
            assert untrue not in words, untrue
        assert not re.search(r"Nobody gets|clone it|taking messages", words)


def test_charts_are_for_what_has_ended_and_have_a_fallback() -> None:
    ended = as_text(report(sent_campaign(), FULL, MEASURED, zone=ZONE).card)
    assert all(chart in ended for chart in ("Donut", "HorizontalBar", "VerticalBar"))
    live = as_text(report(sent_campaign(Status.SENDING), FULL, MEASURED, zone=ZONE).card)
    assert '"Chart.' not in live
    assert "Time left" in live


def test_without_a_public_address_it_says_that_clicks_are_not_measured() -> None:
    shown = as_text(report(sent_campaign(), FULL, Measured(clicks=False), zone=ZONE).card)
    assert "Clicks are not measured: the bot has no public address." in shown
    assert "Clicked a link" not in shown


def test_without_personal_tracking_only_confirmations_have_names() -> None:
    shown = as_text(report(sent_campaign(), FULL, COUNTED, zone=ZONE).card)
    assert "Show these people: read" not in shown
    assert "Show these people: confirmed" in shown
    assert "Who clicked is not recorded here." in shown
