"""All facts of a campaign that has started, and its message with the reader's own values."""

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
from cards.purpose_texts import campaign_status, campaign_title
from cards.reports.facts import CHANNEL, LEFT, author_fact, end_facts, start_facts
from cards.reports.measured import Measured
from cards.reports.times import pace
from cards.schedule_texts import schedule_facts
from cards.texts import FORMATS, POLICIES, count, people, when
from cards.view import View, campaign_fields, link, text, view


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
    """Returns the facts of a campaign, and its message.

    :param standing: the campaign whose message people have now: itself, or its last correction.
    :param recall: the recall that has deleted its messages; None without one.
    :param senders: the names of the users who pressed Send, by id. Names that are not known any
        more are missing or empty.
    :param as_sent: True shows the message as it was first sent.
    """
    facts = [
        ac.Fact("Channel", CHANNEL),
        ac.Fact("Format", FORMATS[campaign.format]),
        author_fact(insight),
        ac.Fact("Sent by", escape(_sender(campaign, senders))),
        ac.Fact("Audience", escape(frozen_audience_name(campaign))),
        ac.Fact("Recipients", people(insight.counts.recipients)),
    ]
    if campaign.follow_up.purpose is Purpose.SEND:
        # Corrections and recalls are retried until they are done; clicks count for the original.
        facts.append(ac.Fact("If in doubt", POLICIES[campaign.in_doubt]))
        facts.append(ac.Fact("Clicks", _clicks(measured)))
    if is_asked(campaign) and campaign.follow_up.purpose is not Purpose.RECALL:
        facts.append(ac.Fact("Confirmation", "asked for: “I have read this”"))
    facts += start_facts(campaign, zone)
    if campaign.schedule is not None:
        facts.append(ac.Fact("Scheduled for", escape(when(campaign.schedule.at, zone))))
        facts += schedule_facts(campaign.schedule)
    facts += end_facts(campaign, zone)
    if rate := rate_of(campaign, insight):
        facts.append(ac.Fact("Rate", pace(rate)))
    return view(
        campaign_title(campaign),
        [
            ac.FactSet(facts),
            *_changes(campaign, standing, recall, senders, as_sent=as_sent, zone=zone),
            *personal.preview(campaign if as_sent else standing, reader),
        ],
        above=f"Information · {campaign_status(campaign)}",
        actions=[
            *_other_version(campaign, standing, as_sent=as_sent),
            link("Back to the report", actions.OpenReport(**campaign_fields(campaign)), main=True),
        ],
    )


def _sender(campaign: Campaign, senders: Mapping[str, str]) -> str:
    return senders.get(campaign.run.sender_id) or LEFT


def _changes(
    campaign: Campaign,
    standing: Campaign,
    recall: Campaign | None,
    senders: Mapping[str, str],
    *,
    as_sent: bool,
    zone: ZoneInfo,
) -> list[ac.Element]:
    """Returns the sentences that say how the message has changed since it was sent."""
    sentences = []
    if recall is not None and recall.run.started_at is not None:
        sender = escape(_sender(recall, senders))
        sentences.append(
            f"**Recalled** on {escape(when(recall.run.started_at, zone))} by {sender}."
        )
    if standing.id != campaign.id and standing.run.started_at is not None:
        sender = escape(_sender(standing, senders))
        sentences.append(
            f"**Corrected** on {escape(when(standing.run.started_at, zone))} by {sender}."
        )
        sentences.append(
            "This is how it was sent first:" if as_sent else "This is the corrected one:"
        )
    return [text(" ".join(sentences))] if sentences else []


def _other_version(campaign: Campaign, standing: Campaign, *, as_sent: bool) -> list[ac.CardAction]:
    if standing.id == campaign.id:
        return []
    title = "Show as corrected" if as_sent else "Show as first sent"
    return [link(title, actions.OpenInformation(**campaign_fields(campaign), as_sent=not as_sent))]


def _clicks(measured: Measured) -> str:
    if not measured.clicks:
        return "not measured: the bot has no public address"
    if not measured.links:
        return "the message has no links"
    links = count(len(measured.links), "link", "links")
    return f"{links} measured" if measured.personal else f"{links} measured, without names"
