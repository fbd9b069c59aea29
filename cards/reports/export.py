"""A report as a table with a row for each recipient, and the card with the links to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.feedback.acknowledging import is_asked
from campaigns.feedback.events import Event, EventKind, reactions_of
from campaigns.report import result_of
from cards import actions
from cards import elements as ac
from cards.reports.facts import report_line
from cards.texts import RESULTS, people, reaction, reason
from cards.view import View, campaign_fields, link, text, view

Cell: TypeAlias = str | int | float | datetime | None

WIDTHS = (26, 34, 12, 34, 20, 8, 20, 8, 20, 14, 20)
"""Widths of a workbook's columns, in characters."""

MINUTES = 15
"""Minutes for which a link to a download works."""


def export(campaign: Campaign, *, recipients: int, csv: str, xlsx: str) -> View:
    """Returns the card with the links to the report as a table; see :func:`download_card`."""
    return download_card(
        people(recipients),
        above=report_line(campaign),
        back=link("Back to the report", actions.OpenReport(**campaign_fields(campaign))),
        csv=csv,
        xlsx=xlsx,
    )


def download_card(rows: str, *, above: str, back: ac.CardAction, csv: str, xlsx: str) -> View:
    """Returns the card with the links to a table.

    :param rows: the rows of the table in words, such as ``12 people``.
    :param above: the line over the heading, as Markdown.
    :param back: the button that leads back.
    :param csv: the link to the CSV file; empty when the bot has no public address.
    :param xlsx: the link to the Excel workbook.
    """
    if not csv:
        return view(
            "Export",
            [
                text(
                    "Downloads are not set up: the bot has no address that browsers can reach. Ask "
                    "the people who run it to set PUBLIC_URL."
                )
            ],
            above=above,
            actions=[back],
        )
    return view(
        "Export",
        [
            text(f"A table with a row for each of {rows}."),
            text(
                f"The links work for {MINUTES} minutes. Whoever has them can download the table, "
                "so don't pass them on.",
                subtle=True,
            ),
        ],
        above=above,
        actions=[
            ac.OpenUrl("Excel workbook", url=xlsx),
            ac.OpenUrl("CSV file", url=csv),
            back,
        ],
    )


def header(campaign: Campaign, zone: ZoneInfo, *, personal: bool) -> list[str]:
    """Returns the names of the columns.

    :param personal: True when a report may say who clicked, read or reacted.
    """
    named = ["Name", "E-mail", "Result", "Reason", f"Time ({zone.key})", "Tries"]
    if personal:
        named += ["Read", "Clicks", "First click", "Reactions"]
    return [*named, "Confirmed"] if is_asked(campaign) else named


def row(
    campaign: Campaign,
    delivery: Delivery,
    events: Sequence[Event],
    zone: ZoneInfo,
    *,
    personal: bool,
) -> list[Cell]:
    """Returns the row of a recipient, in the order of :func:`header`.

    Times are by the reader's clock and carry no zone, because tables have none.

    :param events: the recipient's feedback.
    """

    def local(moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)

    def first(kind: EventKind) -> datetime | None:
        return local(next((event.at for event in events if event.kind is kind), None))

    cells: list[Cell] = [
        delivery.name,
        delivery.email,
        RESULTS[result_of(delivery)],
        reason(delivery.reason),
        local(delivery.settled_at),
        delivery.attempts,
    ]
    if personal:
        cells += [
            first(EventKind.READ),
            sum(event.kind is EventKind.CLICK for event in events),
            first(EventKind.CLICK),
            " ".join(map(reaction, reactions_of(events))),
        ]
    return [*cells, first(EventKind.ACKNOWLEDGED)] if is_asked(campaign) else cells
