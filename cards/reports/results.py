"""Of a report: how many recipients came to each result."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.report import Counts, Result
from cards import actions
from cards import elements as ac
from cards.elements.values import ChartColor, Color, ContainerStyle
from cards.purposes import succeeded
from cards.texts import RESULTS, share
from cards.view import link, on, text

_ALWAYS = (Result.SUCCESS, Result.ERROR, Result.RESCHEDULED, Result.ONGOING)
"""The report's four results; the others show only when there are any."""

_TONES: dict[Result, ContainerStyle] = {
    Result.SUCCESS: "good",
    Result.ERROR: "attention",
    Result.IN_DOUBT: "warning",
    Result.RESCHEDULED: "accent",
    Result.ONGOING: "emphasis",
    Result.CANCELLED: "warning",
}

_COLORS: dict[Result, Color] = {
    Result.SUCCESS: "good",
    Result.ERROR: "attention",
    Result.IN_DOUBT: "warning",
    Result.RESCHEDULED: "accent",
}

_SLICES: dict[Result, ChartColor] = {
    Result.SUCCESS: "good",
    Result.ERROR: "attention",
    Result.IN_DOUBT: "warning",
    Result.RESCHEDULED: "categoricalBlue",
    Result.ONGOING: "categoricalLavender",
    Result.SKIPPED: "neutral",
    Result.CANCELLED: "categoricalPurple",
}


def donut(campaign: Campaign, counts: Counts) -> list[ac.Element]:
    """The results as parts of the whole; clients without charts have the rows below it.

    One result alone is no picture.
    """
    slices = [
        ac.Slice(RESULTS[result], counts.of(result), color=_SLICES[result])
        for result in Result
        if counts.of(result)
    ]
    if len(slices) < 2:
        return []
    success = share(counts.success, counts.recipients)
    said = text(succeeded(campaign, success), subtle=True)
    return [ac.DonutChart(slices, fallback=said)]


def bar(counts: Counts) -> list[ac.Element]:
    """How far it is, as a bar with a part for each result."""
    # Who was left out from the start is no part of what there is to do.
    shown = [result for result in Result if result is not Result.SKIPPED]
    parts = [(result, counts.of(result)) for result in shown if counts.of(result)]
    if not parts:
        return []
    # Weights are cut at 2 % so that a result with few recipients can still be seen.
    least = max(1, counts.recipients // 50)
    return [
        ac.ColumnSet(
            [
                ac.Column(
                    [],
                    width=max(number, least),
                    style=_TONES[result],
                    min_height="10px",
                    spacing="none",
                )
                for result, number in parts
            ]
        )
    ]


def part_bar(part: int, whole: int) -> list[ac.Element]:
    """A part of a whole, as a bar whose full length is the whole; nothing when the part is none.

    No chart of Teams' does that: they measure by the longest bar, or by the sum of all.
    """
    part = min(part, whole)
    if not part:
        return []
    # As in ``bar``, what is little can still be seen.
    least = max(1, whole // 50)
    parts: list[tuple[int, ContainerStyle]] = [(part, "accent"), (whole - part, "emphasis")]
    return [
        ac.ColumnSet(
            [
                ac.Column(
                    [],
                    width=max(number, least),
                    style=style,
                    min_height="6px",
                    spacing="none",
                )
                for number, style in parts
                if number
            ],
            spacing="small",
        )
    ]


def rows(campaign: Campaign, counts: Counts) -> list[ac.Element]:
    """A row for each result: how many, and the way to their names."""
    shown = [result for result in Result if result in _ALWAYS or counts.of(result)]
    lines = [_row(campaign, result, counts) for result in shown]
    if campaign.hides_names:
        said = "Who these people are is not shown, since the survey is anonymous."
        lines.append(text(said, subtle=True, small=True))
    return lines


def _row(campaign: Campaign, result: Result, counts: Counts) -> ac.Element:
    number = counts.of(result)
    names: list[ac.CardAction] = []
    if number and not campaign.hides_names:
        opened = actions.OpenResult(**on(campaign), result=result.value)
        tooltip = f"Show these recipients: {RESULTS[result].lower()}"
        names.append(link("Show", opened, tooltip=tooltip))
    return row(
        RESULTS[result],
        f"{number:,} ({share(number, counts.recipients)})",
        names,
        color=_COLORS.get(result),
    )


def row(
    label: str,
    value: str,
    names: list[ac.CardAction],
    *,
    color: Color | None = None,
    below: tuple[str, str] = ("", ""),
) -> ac.Element:
    """A number with its name before it, and the way to whom it is about behind it.

    :param below: what stands small under the name and under the number.
    """
    under_name, under_number = below
    return ac.ColumnSet(
        [
            ac.Column(
                [ac.TextBlock(label, weight="bolder", color=color, wrap=True), *_small(under_name)],
                width=5,
                vertical_content_alignment="center",
            ),
            ac.Column(
                [
                    ac.TextBlock(value, horizontal_alignment="right", wrap=True),
                    *_small(under_number, right=True),
                ],
                width=6 if not under_name else 3,
                vertical_content_alignment="center",
            ),
            ac.Column(
                [ac.ActionSet(names)] if names else [],
                width="70px",
                vertical_content_alignment="center",
            ),
        ],
        spacing="small",
    )


def _small(words: str, *, right: bool = False) -> list[ac.Element]:
    if not words:
        return []
    return [
        ac.TextBlock(
            words,
            size="small",
            is_subtle=True,
            spacing="none",
            wrap=True,
            horizontal_alignment="right" if right else None,
        )
    ]
