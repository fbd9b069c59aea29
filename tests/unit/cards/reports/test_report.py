"""The report's cards: valid, within their size, and saying what there is to say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from campaigns import drafting
from campaigns.audience import AllUsers, FrozenAudience, ReceivedAudience
from campaigns.campaign import Campaign, Fault, Purpose, Status
from campaigns.content import Content, Format
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback.events import Engagement, LinkCount
from campaigns.feedback.insight import Insight
from campaigns.report import Counts, Result
from campaigns.seal import link_id
from cards.message.tracking import Link
from cards.reports.export import export
from cards.reports.measured import Measured
from cards.reports.people import people_who, recipients_of
from cards.reports.report import report
from cards.reports.times import pace
from cards.size import LIMIT, size_in_bytes
from cards.texts import reaction
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.examples import changed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
WIDE = 100_000


def campaign(status: Status = Status.COMPLETED, **changes: Any) -> Campaign:
    draft = drafting.draft("t", "c", name="News", format=Format.IMPORTANT, author_id="a", now=NOW)
    started = msgspec.structs.replace(
        draft,
        content=Content("[a](https://example.com)"),
        audience=AllUsers(),
        status=status,
        acknowledge=True,
        run=msgspec.structs.replace(
            draft.run,
            audience=FrozenAudience(),
            recipients=1,
            started_at=NOW,
            ended_at=NOW + timedelta(minutes=30) if status is Status.COMPLETED else None,
        ),
    )
    return changed(started, **changes)


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
        links={link.id: LinkCount(1_000 + at, 900) for at, link in enumerate(LINKS)}
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


def texts(card: dict[str, Any]) -> str:
    return msgspec.json.encode(card).decode()


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
    card = report(campaign(status), insight, measured, zone=ZONE).card
    assert_valid_card(card)
    assert size_in_bytes(card) <= LIMIT
    assert "](http://evil" not in texts(card).replace("\\\\](", "")


def test_a_report_says_what_came_back() -> None:
    shown = texts(report(campaign(), FULL, MEASURED, zone=ZONE).card)
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
    card = report(campaign(), insight, Measured(clicks=False), zone=ZONE).card
    # Read by 50 of 200, nobody reacted, confirmed by one, who can still be seen.
    assert bars(card) == [[50, 150], [4, 199]]
    nothing = Insight(counts=Counts(success=0, error=3))
    assert bars(report(campaign(), nothing, Measured(clicks=False), zone=ZONE).card) == []


SAID = {
    Purpose.SEND: "These people got the message.",
    Purpose.CORRECT: "These people have the corrected message.",
    Purpose.RECALL: "The message is not in these people's chats any more.",
}


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("fault", [None, *Fault])
def test_a_report_says_of_a_correction_and_a_recall_what_they_did(
    purpose: Purpose, fault: Fault | None
) -> None:
    of = campaign(
        Status.COMPLETED if fault is None else Status.PAUSED,
        purpose=purpose,
        fault=fault,
        audience=AllUsers() if purpose is Purpose.SEND else ReceivedAudience("original"),
    )
    said = texts(report(of, FULL, MEASURED, zone=ZONE).card)
    for result in Result:
        said += texts(
            recipients_of(of, result, [], {}, page=0, total=0, all_=0, search="", zone=ZONE).card
        )
    assert SAID[purpose] in said
    if purpose is not Purpose.SEND:
        for untrue in ("got the message", "did not get", "being sent", "Sending it again"):
            assert untrue not in said, untrue
        assert not re.search(r"Nobody gets|clone it|taking messages", said)


def test_charts_are_for_what_has_ended_and_have_a_fallback() -> None:
    ended = texts(report(campaign(), FULL, MEASURED, zone=ZONE).card)
    assert all(chart in ended for chart in ("Donut", "HorizontalBar", "VerticalBar"))
    live = texts(report(campaign(Status.SENDING), FULL, MEASURED, zone=ZONE).card)
    assert '"Chart.' not in live
    assert "Time left" in live


def test_without_a_public_address_it_says_that_clicks_are_not_measured() -> None:
    shown = texts(report(campaign(), FULL, Measured(clicks=False), zone=ZONE).card)
    assert "Clicks are not measured: the bot has no public address." in shown
    assert "Clicked a link" not in shown


def test_without_personal_tracking_only_confirmations_have_names() -> None:
    shown = texts(report(campaign(), FULL, COUNTED, zone=ZONE).card)
    assert "Show these people: read" not in shown
    assert "Show these people: confirmed" in shown
    assert "Who clicked is not recorded here." in shown


@pytest.mark.parametrize("search", ["", "](http://evil)", "nobody"])
@pytest.mark.parametrize("total", [0, 1, 11, WIDE])
def test_lists_of_people_are_valid_whatever_they_have(search: str, total: int) -> None:
    rows = [
        Delivery(
            recipient_id=f"u{n}",
            name="](http://evil) 🎉" * 20,
            email="e@example.com",
            due_at=NOW,
            status=DeliveryStatus.SENT,
            attempts=3,
            settled_at=NOW,
        )
        for n in range(min(total, 10))
    ]
    about: dict[str, Any] = {"page": 0, "total": total, "all_": total, "search": search}
    first = recipients_of(campaign(), Result.SUCCESS, rows, {}, **about, zone=ZONE)
    second = people_who(
        campaign(), "waiting", rows, {}, **about, link_id="", link_name="", zone=ZONE,
        reminder_id="r" * 32,
    )  # fmt: skip
    for view in (first, second):
        assert_valid_card(view.card)
        assert size_in_bytes(view.card) <= LIMIT
    assert (f"Remind {total:,} " in texts(second.card)) == bool(total)


def test_the_export_card_is_valid() -> None:
    assert_valid_card(
        export(campaign(), recipients=1, csv="https://b/x/a", xlsx="https://b/x/b").card
    )
    assert_valid_card(export(campaign(), recipients=1, csv="", xlsx="").card)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (48.2, "48 per second"),
        (1.0, "1 per second"),
        (0.5, "30 per minute"),
        (0.1, "6 per minute"),
        (0.001, "4 per hour"),
    ],
)
def test_a_rate_is_told_in_numbers_that_people_grasp(rate: float, words: str) -> None:
    assert pace(rate) == words


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("like", "👍"),
        ("1f389_partypopper", "🎉"),
        ("2705_whiteheavycheckmark", "✅"),
        ("cool", "cool"),
        ("0041_x", "0041_x"),
    ],
)
def test_reactions_are_shown_as_what_they_are(kind: str, shown: str) -> None:
    assert reaction(kind) == shown
