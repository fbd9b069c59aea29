"""What became of a campaign: the report, live while sending, its recipients, and the facts."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Status
from campaigns.delivery import Delivery
from campaigns.followup import may_be_followed
from campaigns.report import Counts, Result
from campaigns.user import User
from cards import actions, personal
from cards import elements as ac
from cards.campaign import is_live
from cards.elements.values import Color, ContainerStyle
from cards.markdown import escape
from cards.texts import (
    FAULTS,
    FORMATS,
    POLICIES,
    RESULTS,
    RESULTS_EXPLAINED,
    STATUSES,
    clock,
    count,
    duration,
    kind,
    people,
    reason,
    share,
    when,
)
from cards.view import Notice, View, link, on, paged, text, view

PAGE = 10

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


def report(
    campaign: Campaign, counts: Counts, *, zone: ZoneInfo, notice: Notice | None = None
) -> View:
    """Counts by result and their recipients; the same card shows progress while sending."""
    at = on(campaign)
    live = is_live(campaign)
    if notice is None and campaign.fault is not None:
        notice = Notice(f"**Paused.** {FAULTS[campaign.fault]}", "attention")
    buttons: list[ac.Action] = []
    if live:
        if campaign.status is Status.SENDING:
            buttons.append(link("Pause", actions.Pause(**at)))
        if campaign.status is Status.PAUSED:
            buttons.append(link("Resume", actions.Resume(**at), main=True))
        if campaign.status is not Status.STOPPED:
            buttons.append(link("Stop", actions.AskStop(**at)))
        buttons.append(link("Refresh", actions.OpenReport(**at)))
    elif counts.in_doubt:
        title = f"Resend {counts.in_doubt:,} in doubt"
        buttons.append(link(title, actions.AskResend(**at), main=True))
    if campaign.survey is not None and campaign.original_key is None:
        buttons.append(link("Results", actions.OpenResults(**at), main=not live))
    if may_be_followed(campaign):
        buttons.append(link("Follow up", actions.OpenFollowUp(**at)))
    buttons.append(link("Information", actions.OpenInformation(**at)))
    if not live:
        buttons += [
            *([link("Clone", actions.OpenClone(**at))] if campaign.original_key is None else []),
            link("Save as template", actions.OpenSaveTemplate(**at)),
            link("Delete", actions.AskDelete(**at)),
        ]
    buttons.append(link("Back", actions.OpenCampaigns(shelf="sending" if live else "completed")))
    return view(
        campaign.name,
        [
            *_headline(campaign, counts, zone),
            *_bar(counts),
            *_rows(campaign, counts),
        ],
        above=f"{_of(campaign)} · {STATUSES[campaign.status]}",
        notice=notice,
        actions=buttons,
    )


def _of(campaign: Campaign) -> str:
    what = kind(campaign)
    return "Report" if campaign.original_key is None else f"Report · {what}"


def recipients_of(
    campaign: Campaign,
    result: Result,
    shown: Sequence[Delivery],
    *,
    page: int,
    total: int,
    zone: ZoneInfo,
) -> View:
    """One page of the recipients of a result."""
    at = on(campaign)
    body: list[ac.Element] = [text(RESULTS_EXPLAINED[result], subtle=True)]
    body += [_recipient(delivery, zone) for delivery in shown]
    buttons: list[ac.Action] = []
    if not total:
        body.append(text("Nobody."))
    elif total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            previous = actions.OpenResult(**at, result=result.value, page=page - 1)
            buttons.append(link("Previous", previous))
        if (page + 1) * PAGE < total:
            following = actions.OpenResult(**at, result=result.value, page=page + 1)
            buttons.append(link("Next", following))
    buttons.append(link("Back", actions.OpenReport(**at)))
    return view(
        f"{RESULTS[result]}: {people(total)}",
        body,
        above=f"Report · {escape(campaign.name)}",
        actions=buttons,
    )


def information(campaign: Campaign, reader: User, *, sender: str, zone: ZoneInfo) -> View:
    """The facts of a campaign that has started."""
    at = on(campaign)
    facts = [
        ac.Fact("Channel", "Microsoft Teams, one-to-one chat"),
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Recipients", escape(campaign.audience_name)),
        ac.Fact("Sent by", escape(sender)),
        ac.Fact("If in doubt", POLICIES[campaign.in_doubt]),
    ]
    if campaign.started_at is not None:
        facts.append(ac.Fact("Start", escape(when(campaign.started_at, zone))))
    facts.append(ac.Fact("Duration", _lasted(campaign)))
    return view(
        campaign.name,
        [
            ac.FactSet(facts),
            *personal.shown(campaign, reader),
        ],
        above=f"Information · {STATUSES[campaign.status]}",
        actions=[
            link("Back to the report", actions.OpenReport(**at), main=True),
        ],
    )


def _headline(campaign: Campaign, counts: Counts, zone: ZoneInfo) -> list[ac.Element]:
    if campaign.recipients is None:
        return [text("Preparing the recipients …")]
    live = is_live(campaign)
    facts = []
    if campaign.started_at is not None:
        label = "Started" if live else "Sent"
        facts.append(ac.Fact(label, escape(when(campaign.started_at, zone))))
    left_out = f", {counts.skipped:,} of them left out" if counts.skipped else ""
    facts.append(ac.Fact("Recipients", f"{people(counts.recipients)}{left_out}"))
    if live:
        ended, all_ = counts.ended - counts.skipped, counts.recipients - counts.skipped
        facts.append(ac.Fact("Done", f"{ended:,} of {all_:,} ({share(ended, all_)})"))
    else:
        facts.append(ac.Fact("Duration", _lasted(campaign)))
    return [ac.FactSet(facts)]


def _bar(counts: Counts) -> list[ac.Element]:
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


def _rows(campaign: Campaign, counts: Counts) -> list[ac.Element]:
    """A row for each result: how many, and the way to their names."""
    shown = [result for result in Result if result in _ALWAYS or counts.of(result)]
    return [_row(campaign, result, counts) for result in shown]


def _row(campaign: Campaign, result: Result, counts: Counts) -> ac.Element:
    number = counts.of(result)
    percent = share(number, counts.recipients)
    columns = [
        ac.Column(
            [ac.TextBlock(RESULTS[result], weight="bolder", color=_COLORS.get(result))],
            width="stretch",
            vertical_content_alignment="center",
        ),
        ac.Column(
            [ac.TextBlock(f"{number:,} ({percent})", horizontal_alignment="right")],
            width="stretch",
            vertical_content_alignment="center",
        ),
    ]
    names: list[ac.Element] = []
    if number:
        opened = actions.OpenResult(**on(campaign), result=result.value)
        tooltip = f"Show these recipients: {RESULTS[result].lower()}"
        names.append(ac.ActionSet([link("Show", opened, tooltip=tooltip)]))
    columns.append(ac.Column(names, width="70px", vertical_content_alignment="center"))
    return ac.ColumnSet(columns, spacing="small")


def _recipient(delivery: Delivery, zone: ZoneInfo) -> ac.Element:
    name = escape(delivery.name or delivery.email or delivery.recipient_id)
    known = delivery.email and delivery.email != delivery.name
    lines: list[ac.Element] = [
        ac.TextBlock(f"**{name}**" + (f" · {escape(delivery.email)}" if known else ""), wrap=True)
    ]
    details = []
    if delivery.reason is not None:
        details.append(escape(reason(delivery.reason)))
    if delivery.settled_at is not None:
        details.append(escape(clock(delivery.settled_at, zone)))
    elif delivery.attempts:
        details.append(f"next try {escape(clock(delivery.due_at, zone))}")
    if delivery.attempts > 1:
        details.append(count(delivery.attempts, "try", "tries"))
    if details:
        lines.append(
            ac.TextBlock(
                " · ".join(details), is_subtle=True, size="small", spacing="none", wrap=True
            )
        )
    return ac.Container(lines, separator=True)


def _lasted(campaign: Campaign) -> str:
    if campaign.started_at is None or campaign.ended_at is None:
        return "not ended yet"
    return duration(campaign.ended_at - campaign.started_at)
