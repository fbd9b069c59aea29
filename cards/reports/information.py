"""The facts of a campaign that has started, and the message as its reader would have got it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose
from campaigns.feedback.acknowledging import is_asked
from campaigns.feedback.insight import Insight, rate_of
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.audiences import frozen_audience_name
from cards.markdown import escape
from cards.message import personal
from cards.purposes import status, titled
from cards.reports.measured import Measured
from cards.reports.report import CHANNEL
from cards.reports.times import lasted, late, pace
from cards.texts import FORMATS, POLICIES, count, people, when
from cards.times import facts as schedule_facts
from cards.view import View, link, on, text, view


def information(
    campaign: Campaign,
    reader: User,
    insight: Insight,
    measured: Measured,
    *,
    standing: Campaign,
    recall: Campaign | None,
    senders: Mapping[str, str],
    as_sent: bool,
    zone: ZoneInfo,
) -> View:
    """:param standing: what people have now: the campaign itself, or its last correction.
    :param recall: what took its messages back.
    :param senders: the names of those who pressed Send, by id; empty: not known any more.
    :param as_sent: whether the message is shown as it was first.
    """
    facts = [
        ac.Fact("Channel", CHANNEL),
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Author", escape(insight.author or _LEFT)),
        ac.Fact("Sent by", escape(_by(campaign, senders))),
        ac.Fact("Audience", escape(frozen_audience_name(campaign))),
        ac.Fact("Recipients", people(insight.counts.recipients)),
    ]
    if campaign.follow_up.purpose is Purpose.SEND:
        # What changes messages is repeated until it is done, and clicks count for the original.
        facts.append(ac.Fact("If in doubt", POLICIES[campaign.in_doubt]))
        facts.append(ac.Fact("Clicks", _clicks(measured)))
    if is_asked(campaign) and campaign.follow_up.purpose is not Purpose.RECALL:
        facts.append(ac.Fact("Confirmation", "asked for: “I have read this”"))
    if campaign.run.started_at is not None:
        facts.append(
            ac.Fact("Started", escape(when(campaign.run.started_at, zone)) + late(campaign))
        )
    if campaign.schedule is not None:
        facts.append(ac.Fact("Scheduled for", escape(when(campaign.schedule.at, zone))))
        facts += [
            ac.Fact(title, escape(value)) for title, value in schedule_facts(campaign.schedule)
        ]
    if campaign.run.ended_at is not None:
        facts.append(ac.Fact("Finished", escape(when(campaign.run.ended_at, zone))))
    facts.append(ac.Fact("Duration", lasted(campaign)))
    if rate := rate_of(campaign, insight):
        facts.append(ac.Fact("Rate", pace(rate)))
    return view(
        titled(campaign),
        [
            ac.FactSet(facts),
            *_changes(campaign, standing, recall, senders, as_sent=as_sent, zone=zone),
            *personal.shown(campaign if as_sent else standing, reader),
        ],
        above=f"Information · {status(campaign)}",
        actions=[
            *_other(campaign, standing, as_sent=as_sent),
            link("Back to the report", actions.OpenReport(**on(campaign)), main=True),
        ],
    )


_LEFT = "someone who has left"


def _by(campaign: Campaign, senders: Mapping[str, str]) -> str:
    return senders.get(campaign.run.sender_id) or _LEFT


def _changes(
    campaign: Campaign,
    standing: Campaign,
    recall: Campaign | None,
    senders: Mapping[str, str],
    *,
    as_sent: bool,
    zone: ZoneInfo,
) -> list[ac.Element]:
    """What has become of the message since it was sent, above the message."""
    said = []
    if recall is not None and recall.run.started_at is not None:
        by = escape(_by(recall, senders))
        said.append(f"**Recalled** on {escape(when(recall.run.started_at, zone))} by {by}.")
    if standing.id != campaign.id and standing.run.started_at is not None:
        by = escape(_by(standing, senders))
        said.append(f"**Corrected** on {escape(when(standing.run.started_at, zone))} by {by}.")
        said.append("This is how it was sent first:" if as_sent else "This is the corrected one:")
    return [text(" ".join(said))] if said else []


def _other(campaign: Campaign, standing: Campaign, *, as_sent: bool) -> list[ac.CardAction]:
    if standing.id == campaign.id:
        return []
    title = "Show as corrected" if as_sent else "Show as first sent"
    return [link(title, actions.OpenInformation(**on(campaign), as_sent=not as_sent))]


def _clicks(measured: Measured) -> str:
    if not measured.clicks:
        return "not measured: the bot has no public address"
    if not measured.links:
        return "the message has no links"
    links = count(len(measured.links), "link", "links")
    return f"{links} measured" if measured.personal else f"{links} measured, without names"
