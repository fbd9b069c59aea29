"""A report as a table: who got it and what they did, a row for each recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.feedback import events
from campaigns.feedback.acknowledging import is_asked
from campaigns.feedback.events import Event, EventKind
from campaigns.report import result_of
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.purposes import titled
from cards.texts import RESULTS, people, reaction, reason
from cards.view import View, link, on, text, view

Cell: TypeAlias = str | int | float | datetime | None

WIDTHS = (26, 34, 12, 34, 20, 8, 20, 8, 20, 14, 20)
"""Of a workbook's columns, in characters."""
"""Times are in the reader's zone, and without it: tables know none."""

MINUTES = 15
"""How long a link to a download works."""


def export(campaign: Campaign, *, recipients: int, csv: str, xlsx: str) -> View:
    """The links to the downloads; empty: there are none, because the bot has no public address."""
    back = link("Back to the report", actions.OpenReport(**on(campaign)))
    above = f"Report · {escape(titled(campaign))}"
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
            text(f"A table with a row for each of {people(recipients)}."),
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
    """The names of the columns."""
    named = ["Name", "E-mail", "Result", "Reason", f"Time ({zone.key})", "Tries"]
    if personal:
        named += ["Read", "Clicks", "First click", "Reactions"]
    return [*named, "Confirmed"] if is_asked(campaign) else named


def row(
    campaign: Campaign, delivery: Delivery, did: Sequence[Event], zone: ZoneInfo, *, personal: bool
) -> list[Cell]:
    """What stands under the header for one recipient."""

    def local(moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)

    def first(kind: EventKind) -> datetime | None:
        return local(next((event.at for event in did if event.kind is kind), None))

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
            sum(event.kind is EventKind.CLICK for event in did),
            first(EventKind.CLICK),
            " ".join(map(reaction, events.reactions_of(did))),
        ]
    return [*cells, first(EventKind.ACKNOWLEDGED)] if is_asked(campaign) else cells
