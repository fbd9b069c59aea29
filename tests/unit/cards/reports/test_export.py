"""The card with the links to a report as a table."""

from __future__ import annotations

from cards.reports.export import export
from tests.support.adaptive_card_schema import assert_valid_card
from tests.support.campaigns.report_examples import sent_campaign


def test_the_export_card_is_valid() -> None:
    assert_valid_card(
        export(sent_campaign(), recipients=1, csv="https://b/x/a", xlsx="https://b/x/b").card
    )
    assert_valid_card(export(sent_campaign(), recipients=1, csv="", xlsx="").card)
