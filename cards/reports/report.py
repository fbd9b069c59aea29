"""The report of a campaign, which shows progress while the campaign is being sent."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.feedback.events import Engagement
from campaigns.feedback.insight import Insight, rate_of, time_left
from campaigns.followup import may_be_followed
from campaigns.probing import is_taken_up
from cards import actions
from cards import elements as ac
from cards.audiences import frozen_audience_name
from cards.campaigns.campaign import is_live
from cards.fault_texts import fault_advice, paused_span
from cards.markdown import escape
from cards.purpose_texts import campaign_kind, campaign_status, campaign_title
from cards.reports.facts import CHANNEL, author_fact, end_facts, start_facts
from cards.reports.feedback import feedback
from cards.reports.measured import Measured
from cards.reports.results import progress_bar, result_rows, results_chart
from cards.reports.times import pace, timeline
from cards.schedule_texts import schedule_facts
from cards.texts import FORMATS, duration, people, share
from cards.view import Notice, View, campaign_fields, link, text, view


def report(
    campaign: Campaign,
    insight: Insight,
    measured: Measured,
    *,
    zone: ZoneInfo,
    notice: Notice | None = None,
    recalled: bool = False,
) -> View:
    """Returns the report: facts, recipients by result, feedback, and deliveries over time.

    While the campaign is being sent, the same card shows progress.

    :param recalled: True when its messages were recalled, so that nothing of it is sent again.
    """
    if notice is None and campaign.run.fault is not None:
        notice = Notice(
            f"**Paused.** {fault_advice(campaign, campaign.run.fault, zone)}", "attention"
        )
    body: list[ac.Element] = _facts(campaign, insight, zone)
    counts = insight.counts
    if is_live(campaign):
        # There are no charts while sending, because each update would draw them anew.
        body += [*progress_bar(counts), *result_rows(campaign, counts)]
    else:
        body += [*results_chart(campaign, counts), *result_rows(campaign, counts)]
    has_feedback = campaign.follow_up.purpose is Purpose.SEND
    if has_feedback and (counts.success or insight.engagement != Engagement()):
        body += feedback(campaign, insight, measured, charts=not is_live(campaign))
    if not is_live(campaign):
        body += timeline(campaign, insight, zone)
    return view(
        campaign_title(campaign),
        body,
        above=f"{_report_of(campaign)} · {campaign_status(campaign)}",
        notice=notice,
        actions=_buttons(campaign, insight, recalled=recalled),
    )


def _report_of(campaign: Campaign) -> str:
    return "Report" if campaign.original_key is None else f"Report · {campaign_kind(campaign)}"


def _buttons(campaign: Campaign, insight: Insight, *, recalled: bool) -> list[ac.CardAction]:
    fields = campaign_fields(campaign)
    counts = insight.counts
    live = is_live(campaign)
    buttons: list[ac.CardAction] = []
    if live:
        if campaign.status is Status.SENDING:
            buttons.append(link("Pause", actions.Pause(**fields)))
        if campaign.status is Status.PAUSED:
            buttons.append(link("Resume", actions.Resume(**fields), main=True))
        if is_taken_up(campaign):
            buttons.append(
                link("Keep paused", actions.Pause(**fields), tooltip="Until somebody resumes it")
            )
        if campaign.status is not Status.STOPPED:
            buttons.append(link("Stop", actions.AskStop(**fields)))
    elif counts.in_doubt and not recalled:
        title = f"Resend {counts.in_doubt:,} in doubt"
        buttons.append(link(title, actions.AskResend(**fields), main=True))
    if campaign.survey is not None and campaign.original_key is None:
        buttons.append(link("Results", actions.OpenResults(**fields), main=not live))
    if may_be_followed(campaign):
        buttons.append(link("Follow up", actions.OpenFollowUp(**fields)))
    buttons.append(link("Refresh", actions.OpenReport(**fields)))
    if counts.recipients and not campaign.hides_names:
        buttons.append(link("Export", actions.OpenExport(**fields)))
    buttons.append(link("Information", actions.OpenInformation(**fields)))
    if not live:
        buttons += [
            *(
                [
                    link("Clone", actions.OpenClone(**fields)),
                    link("Save as template", actions.OpenSaveTemplate(**fields)),
                ]
                if campaign.original_key is None
                else []
            ),
            link("Delete", actions.AskDelete(**fields)),
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
        author_fact(insight),
        ac.Fact("Audience", escape(frozen_audience_name(campaign))),
        ac.Fact("Recipients", f"{people(counts.recipients)}{left_out}"),
    ]
    facts += start_facts(campaign, zone)
    if paused := paused_span(campaign, zone):
        facts.append(ac.Fact("Paused by the bot", paused))
    if campaign.schedule is not None:
        facts += schedule_facts(campaign.schedule)
    if live:
        ended, all_ = counts.ended - counts.skipped, counts.recipients - counts.skipped
        facts.append(ac.Fact("Done", f"{ended:,} of {all_:,} ({share(ended, all_)})"))
        if campaign.status is Status.SENDING:
            facts += _speed(rate_of(campaign, insight), time_left(campaign, insight))
    else:
        facts += end_facts(campaign, zone)
        facts += _speed(rate_of(campaign, insight))
    return [ac.FactSet(facts)]


def _speed(rate: float, left: timedelta | None = None) -> list[ac.Fact]:
    facts = [ac.Fact("Rate", pace(rate))] if rate else []
    if left is not None:
        facts.append(ac.Fact("Time left", f"about {duration(left)}"))
    return facts
