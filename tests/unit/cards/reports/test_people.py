"""The people behind the numbers of a report."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.report import Result
from cards.reports.people import people_in_group, recipients_of
from cards.size import LIMIT, size_in_bytes
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.campaigns.report_examples import NOW, WIDE, ZONE, as_text, sent_campaign


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
    first = recipients_of(sent_campaign(), Result.SUCCESS, rows, {}, **about, zone=ZONE)
    second = people_in_group(
        sent_campaign(), "waiting", rows, {}, **about, link_id="", link_name="", zone=ZONE,
        reminder_id="r" * 32,
    )  # fmt: skip
    for view in (first, second):
        assert_valid_card(view.card)
        assert size_in_bytes(view.card) <= LIMIT
    assert (f"Remind {total:,} " in as_text(second.card)) == bool(total)
