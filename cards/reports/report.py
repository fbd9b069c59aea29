"""What became of a campaign: the report, live while it is sent."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.feedback.events import Engagement
from campaigns.feedback.insight import Insight, rate_of, time_left
from campaigns.followup import may_be_followed
from cards import actions
from cards import elements as ac
from cards.audiences import frozen_audience_name
from cards.campaigns.campaign import is_live
from cards.markdown import escape
from cards.purposes import fault, kind, status, titled
from cards.reports.engagement import came_back
from cards.reports.measured import Measured
from cards.reports.results import bar, donut, rows
from cards.reports.times import lasted, late, pace, timeline
from cards.texts import FORMATS, duration, people, share, when
from cards.times import facts as schedule_facts
from cards.view import Notice, View, link, on, text, view

CHANNEL = "Microsoft Teams, one-to-one chat"


def report(
    campaign: Campaign,
    insight: Insight,
    measured: Measured,
    *,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """Counts by result and their recipients, what came back, and when; the same card shows progress
    while sending.
    """
    if notice is None and campaign.run.fault is not None:
        notice = Notice(f"**Paused.** {fault(campaign, campaign.run.fault)}", "attention")
    body: list[ac.Element] = _facts(campaign, insight, zone)
    counts = insight.counts
    if is_live(campaign):
        # No charts: they would be drawn anew with every update.
        body += [*bar(counts), *rows(campaign, counts)]
    else:
        body += [*donut(campaign, counts), *rows(campaign, counts)]
    returns = campaign.follow_up.purpose is Purpose.SEND
    if returns and (counts.success or insight.engagement != Engagement()):
        body += came_back(campaign, insight, measured, charts=not is_live(campaign))
    if not is_live(campaign):
        body += timeline(campaign, insight, zone)
    return view(
        titled(campaign),
        body,
        above=f"{_of(campaign)} · {status(campaign)}",
        notice=notice,
        actions=_buttons(campaign, insight),
    )


def _of(campaign: Campaign) -> str:
    return "Report" if campaign.original_key is None else f"Report · {kind(campaign)}"


def _buttons(campaign: Campaign, insight: Insight) -> list[ac.CardAction]:
    at = on(campaign)
    counts = insight.counts
    live = is_live(campaign)
    buttons: list[ac.CardAction] = []
    if live:
        if campaign.status is Status.SENDING:
            buttons.append(link("Pause", actions.Pause(**at)))
        if campaign.status is Status.PAUSED:
            buttons.append(link("Resume", actions.Resume(**at), main=True))
        if campaign.status is not Status.STOPPED:
            buttons.append(link("Stop", actions.AskStop(**at)))
    elif counts.in_doubt:
        title = f"Resend {counts.in_doubt:,} in doubt"
        buttons.append(link(title, actions.AskResend(**at), main=True))
    if campaign.survey is not None and campaign.original_key is None:
        buttons.append(link("Results", actions.OpenResults(**at), main=not live))
    if may_be_followed(campaign):
        buttons.append(link("Follow up", actions.OpenFollowUp(**at)))
    buttons.append(link("Refresh", actions.OpenReport(**at)))
    if counts.recipients and not campaign.hides_names:
        buttons.append(link("Export", actions.OpenExport(**at)))
    buttons.append(link("Information", actions.OpenInformation(**at)))
    if not live:
        buttons += [
            *(
                [
                    link("Clone", actions.OpenClone(**at)),
                    link("Save as template", actions.OpenSaveTemplate(**at)),
                ]
                if campaign.original_key is None
                else []
            ),
            link("Delete", actions.AskDelete(**at)),
        ]
    buttons.append(link("Back", actions.OpenCampaigns(shelf="sending" if live else "completed")))
    return buttons


def _facts(campaign: Campaign, insight: Insight, zone: ZoneInfo) -> list[ac.Element]:
    counts = insight.counts
    if campaign.run.recipients is None:
        return [text("Preparing the recipients …")]
    live = is_live(campaign)
    left_out = f", {counts.skipped:,} of them left out" if counts.skipped else ""
    facts = [
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Channel", CHANNEL),
        ac.Fact("Author", escape(insight.author or "someone who has left")),
        ac.Fact("Audience", escape(frozen_audience_name(campaign))),
        ac.Fact("Recipients", f"{people(counts.recipients)}{left_out}"),
    ]
    if campaign.run.started_at is not None:
        facts.append(
            ac.Fact("Started", escape(when(campaign.run.started_at, zone)) + late(campaign))
        )
    if campaign.schedule is not None:
        facts += [
            ac.Fact(title, escape(value)) for title, value in schedule_facts(campaign.schedule)
        ]
    if live:
        ended, all_ = counts.ended - counts.skipped, counts.recipients - counts.skipped
        facts.append(ac.Fact("Done", f"{ended:,} of {all_:,} ({share(ended, all_)})"))
        if campaign.status is Status.SENDING:
            facts += _speed(rate_of(campaign, insight), time_left(campaign, insight))
    else:
        if campaign.run.ended_at is not None:
            facts.append(ac.Fact("Finished", escape(when(campaign.run.ended_at, zone))))
        facts.append(ac.Fact("Duration", lasted(campaign)))
        facts += _speed(rate_of(campaign, insight))
    return [ac.FactSet(facts)]


def _speed(rate: float, left: timedelta | None = None) -> list[ac.Fact]:
    facts = [ac.Fact("Rate", pace(rate))] if rate else []
    if left is not None:
        facts.append(ac.Fact("Time left", f"about {duration(left)}"))
    return facts
