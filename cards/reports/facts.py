"""The facts of a campaign that its report and its information share."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.feedback.insight import Insight
from cards import elements as ac
from cards.markdown import escape
from cards.purpose_texts import campaign_title
from cards.reports.times import delay_text, duration_text
from cards.texts import when

CHANNEL = "Microsoft Teams, one-to-one chat"

LEFT = "someone who has left"
"""Words for a person whose name is not known any more."""


def report_line(campaign: Campaign) -> str:
    """Returns the line, as Markdown, over the heading of the cards that belong to a report."""
    return f"Report · {escape(campaign_title(campaign))}"


def author_fact(insight: Insight) -> ac.Fact:
    """Returns the fact that names the campaign's author."""
    return ac.Fact("Author", escape(insight.author or LEFT))


def start_facts(campaign: Campaign, zone: ZoneInfo) -> list[ac.Fact]:
    """Returns the fact that says when sending started, and how late; nothing before the start."""
    started_at = campaign.run.started_at
    if started_at is None:
        return []
    return [ac.Fact("Started", escape(when(started_at, zone)) + delay_text(campaign))]


def end_facts(campaign: Campaign, zone: ZoneInfo) -> list[ac.Fact]:
    """Returns the facts that say when sending ended, if it has, and how long it took."""
    facts = []
    if campaign.run.ended_at is not None:
        facts.append(ac.Fact("Finished", escape(when(campaign.run.ended_at, zone))))
    return [*facts, ac.Fact("Duration", duration_text(campaign))]
