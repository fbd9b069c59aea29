"""The messages to admins that the engine sends, and keeps up to date, by itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.feedback.insight import Insight
from campaigns.message import Message
from campaigns.user import User
from cards import actions
from cards.fault_texts import went_on
from cards.purpose_texts import campaign_title
from cards.reports.measured import Measuring
from cards.reports.report import report
from cards.texts import MISSED
from cards.view import Notice, campaign_fields, link, text, view


class CampaignMessages:
    """Makes the messages about a campaign: its progress, a pause by a fault and its end, a missed
    start.

    :param time_zone: the organisation's time zone, for people whose own is not known.
    :param measure: returns the facts about the feedback that is measured for a campaign.
    """

    def __init__(self, time_zone: ZoneInfo, measure: Measuring) -> None:
        self._time_zone = time_zone
        self._measure = measure

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the report as it is now, for this reader. It asks for no notification."""
        shown = report(campaign, insight, self._measure(campaign), zone=self._zone(reader))
        return Message(card=shown.card, summary=shown.title, alert=False)

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the report of a campaign that the bot has paused: the reason, and what to do."""
        shown = report(campaign, insight, self._measure(campaign), zone=self._zone(reader))
        return Message(card=shown.card, summary=f"Paused: {campaign_title(campaign)}")

    def taken_up(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the report of a campaign that went on by itself after a fault had paused it."""
        zone = self._zone(reader)
        notice = Notice(f"**Going on again.** {went_on(campaign, zone)}")
        shown = report(campaign, insight, self._measure(campaign), zone=zone, notice=notice)
        return Message(card=shown.card, summary=f"Going on again: {campaign_title(campaign)}")

    def missed(self, campaign: Campaign, reader: User) -> Message:
        """Returns the message that says why a scheduled campaign did not start.

        It has a button that opens the draft.
        """
        why = MISSED[campaign.draft.missed] if campaign.draft.missed is not None else ""
        shown = view(
            campaign.name,
            [text("It is a draft again.")],
            above="Scheduled campaign",
            notice=Notice(f"**Not sent.** {why}", "attention"),
            actions=[link("Open", actions.OpenCampaign(**campaign_fields(campaign)), main=True)],
        )
        return Message(card=shown.card, summary=f"Not sent: {campaign.name}")

    def _zone(self, reader: User) -> ZoneInfo:
        return ZoneInfo(reader.time_zone) if reader.time_zone else self._time_zone
