"""The cards that the engine keeps up to date by itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.feedback.insight import Insight
from campaigns.message import Message
from campaigns.user import User
from cards import actions
from cards.purposes import titled
from cards.reports.measured import Measuring
from cards.reports.report import report
from cards.texts import MISSED
from cards.view import Notice, link, on, text, view


class Views:
    """The engine's view of the report.

    :param time_zone: the organisation's, for people whose own is not known.
    :param measure: what is measured of a campaign, see :class:`~cards.reports.measured.Measured`.
    """

    def __init__(self, time_zone: ZoneInfo, measure: Measuring) -> None:
        self._time_zone = time_zone
        self._measure = measure

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """The report as it is now, for this reader; it makes no sound."""
        shown = report(campaign, insight, self._measure(campaign), zone=self._zone(reader))
        return Message(card=shown.card, summary=shown.title, alert=False)

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """For the author of a campaign that was paused by itself: what happened, what to do."""
        shown = report(campaign, insight, self._measure(campaign), zone=self._zone(reader))
        return Message(card=shown.card, summary=f"Paused: {titled(campaign)}")

    def missed(self, campaign: Campaign, reader: User) -> Message:
        """For who scheduled a campaign that did not start: why, and the way to the draft."""
        why = MISSED[campaign.draft.missed] if campaign.draft.missed is not None else ""
        shown = view(
            campaign.name,
            [text("It is a draft again.")],
            above="Scheduled campaign",
            notice=Notice(f"**Not sent.** {why}", "attention"),
            actions=[link("Open", actions.OpenCampaign(**on(campaign)), main=True)],
        )
        return Message(card=shown.card, summary=f"Not sent: {campaign.name}")

    def _zone(self, reader: User) -> ZoneInfo:
        return ZoneInfo(reader.time_zone) if reader.time_zone else self._time_zone
