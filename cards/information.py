"""The facts of a campaign that has started, and the message as its reader would have got it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.acknowledging import is_asked
from campaigns.campaign import Campaign
from campaigns.insight import Insight, rate_of
from campaigns.user import User
from cards import actions, personal
from cards import elements as ac
from cards.markdown import escape
from cards.measured import Measured
from cards.report import CHANNEL
from cards.report_times import lasted, late, pace
from cards.texts import FORMATS, POLICIES, STATUSES, count, people, when
from cards.times import facts as schedule_facts
from cards.view import View, link, on, view


def information(
    campaign: Campaign,
    reader: User,
    insight: Insight,
    measured: Measured,
    *,
    sender: str,
    zone: ZoneInfo,
) -> View:
    """:param sender: the name of who pressed Send; empty: not known any more."""
    facts = [
        ac.Fact("Channel", CHANNEL),
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Author", escape(insight.author or _LEFT)),
        ac.Fact("Sent by", escape(sender or _LEFT)),
        ac.Fact("Audience", escape(campaign.audience_name)),
        ac.Fact("Recipients", people(insight.counts.recipients)),
        ac.Fact("If in doubt", POLICIES[campaign.in_doubt]),
        ac.Fact("Clicks", _clicks(measured)),
    ]
    if is_asked(campaign):
        facts.append(ac.Fact("Confirmation", "asked for: “I have read this”"))
    if campaign.started_at is not None:
        facts.append(ac.Fact("Started", escape(when(campaign.started_at, zone)) + late(campaign)))
    if campaign.schedule is not None:
        facts.append(ac.Fact("Scheduled for", escape(when(campaign.schedule.at, zone))))
        facts += [
            ac.Fact(title, escape(value)) for title, value in schedule_facts(campaign.schedule)
        ]
    if campaign.ended_at is not None:
        facts.append(ac.Fact("Finished", escape(when(campaign.ended_at, zone))))
    facts.append(ac.Fact("Duration", lasted(campaign)))
    if rate := rate_of(campaign, insight):
        facts.append(ac.Fact("Rate", pace(rate)))
    return view(
        campaign.name,
        [
            ac.FactSet(facts),
            *personal.shown(campaign, reader),
        ],
        above=f"Information · {STATUSES[campaign.status]}",
        actions=[
            link("Back to the report", actions.OpenReport(**on(campaign)), main=True),
        ],
    )


_LEFT = "someone who has left"


def _clicks(measured: Measured) -> str:
    if not measured.clicks:
        return "not measured: the bot has no public address"
    if not measured.links:
        return "the message has no links"
    links = count(len(measured.links), "link", "links")
    return f"{links} measured" if measured.personal else f"{links} measured, without names"
