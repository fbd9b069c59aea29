"""The results in a report: the number of recipients with each of them, as chart, bar and rows."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.campaign import Campaign
from campaigns.report import Counts, Result
from cards import actions
from cards import elements as ac
from cards.elements.values import ChartColor, Color, ContainerStyle, Spacing
from cards.purpose_texts import success_sentence
from cards.texts import RESULTS, share
from cards.view import campaign_fields, link, text

_ALWAYS = (Result.SUCCESS, Result.ERROR, Result.RESCHEDULED, Result.ONGOING)
"""The results that are always shown. The others are shown only when there are any."""

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


def results_chart(campaign: Campaign, counts: Counts) -> list[ac.Element]:
    """Returns a ring with a part for each result; nothing when there is only one result.

    Clients without charts show a sentence instead; the rows below have all numbers.
    """
    slices = [
        ac.Slice(RESULTS[result], counts.of(result), color=_SLICES[result])
        for result in Result
        if counts.of(result)
    ]
    if len(slices) < 2:
        return []
    success = share(counts.success, counts.recipients)
    sentence = text(success_sentence(campaign, success), subtle=True)
    return [ac.DonutChart(slices, fallback=sentence)]


def progress_bar(counts: Counts) -> list[ac.Element]:
    """Returns a bar with a part for each result."""
    # Skipped recipients are left out, because there has never been anything to do for them.
    shown = [result for result in Result if result is not Result.SKIPPED and counts.of(result)]
    if not shown:
        return []
    parts = [(counts.of(result), _TONES[result]) for result in shown]
    return [_bar(parts, counts.recipients, height="10px")]


def part_bar(part: int, whole: int) -> list[ac.Element]:
    """Returns a bar whose full length is the whole, with the part filled; nothing for no part.

    Teams has no chart for that: the length of its bars depends on the longest bar or on their sum.
    """
    part = min(part, whole)
    if not part:
        return []
    parts: list[tuple[int, ContainerStyle]] = [(part, "accent"), (whole - part, "emphasis")]
    return [_bar(parts, whole, height="6px", spacing="small")]


def _bar(
    parts: Sequence[tuple[int, ContainerStyle]],
    whole: int,
    *,
    height: str,
    spacing: Spacing | None = None,
) -> ac.Element:
    # A part has at least 2 % of the length, so that a few people can still be seen.
    least = max(1, whole // 50)
    return ac.ColumnSet(
        [
            ac.Column([], width=max(number, least), style=style, min_height=height, spacing="none")
            for number, style in parts
            if number
        ],
        spacing=spacing,
    )


def result_rows(campaign: Campaign, counts: Counts) -> list[ac.Element]:
    """Returns a row for each result: how many recipients have it, and a button that shows them."""
    shown = [result for result in Result if result in _ALWAYS or counts.of(result)]
    lines = [_row(campaign, result, counts) for result in shown]
    if campaign.hides_names:
        sentence = "Who these people are is not shown, since the survey is anonymous."
        lines.append(text(sentence, subtle=True, small=True))
    return lines


def _row(campaign: Campaign, result: Result, counts: Counts) -> ac.Element:
    number = counts.of(result)
    names: list[ac.CardAction] = []
    if number and not campaign.hides_names:
        opened = actions.OpenResult(**campaign_fields(campaign), result=result.value)
        tooltip = f"Show these recipients: {RESULTS[result].lower()}"
        names.append(link("Show", opened, tooltip=tooltip))
    return number_row(
        RESULTS[result],
        f"{number:,} ({share(number, counts.recipients)})",
        names,
        color=_COLORS.get(result),
    )


def number_row(
    label: str,
    value: str,
    names: list[ac.CardAction],
    *,
    color: Color | None = None,
    below: tuple[str, str] = ("", ""),
) -> ac.Element:
    """Returns a row with a label, a number, and a button that shows the people who are counted.

    :param value: the number in words.
    :param names: the button; empty when the people are not shown.
    :param below: small texts under the label and under the number.
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
