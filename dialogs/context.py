"""The context that all dialogs share: finds an action's campaign, and shows it as it is now."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.feedback.insight import Insight
from campaigns.followup import as_corrected, asking, recalled
from campaigns.schedule.schedule import DAYS_AHEAD
from campaigns.user import User
from cards.actions import OnCampaign, OpenCampaigns
from cards.audiences import sized_audience
from cards.campaigns import campaign as campaign_cards
from cards.campaigns.scheduled import scheduled_card
from cards.reports import report as report_cards
from cards.reports.measured import Measuring
from cards.view import Notice
from delivery.feedback.insights import insight
from delivery.starting import audiences
from delivery.starting.audiences import Reach
from delivery.starting.followers import followers_of
from delivery.starting.surveys import with_present_survey
from dialogs.errors import Gone
from dialogs.turn import Reply, Turn, show
from storage.base import Store
from storage.errors import Conflict

_GONE = Notice("This campaign does not exist any more.", "warning")

MOVED_ON = Notice(
    "This campaign has changed since that card was shown. Here it is as it is now.", "warning"
)


class Context:
    """The store, the organisation's settings, and ways to find and show a campaign.

    :param time_zone: the organisation's; also used for people whose own is not known.
    :param measured: returns the feedback that is measured for a campaign.
    :param rate: allowed calls per second and tenant.
    :param days_ahead: number of days ahead for which a campaign may be scheduled.
    """

    def __init__(
        self,
        store: Store,
        time_zone: ZoneInfo,
        measured: Measuring,
        *,
        rate: float = 50.0,
        days_ahead: int = DAYS_AHEAD,
    ) -> None:
        self.store = store
        self.measured = measured
        self.time_zone = time_zone
        self.rate = rate
        self.days_ahead = days_ahead

    def zone(self, user: User) -> ZoneInfo:
        """Returns the time zone of this person."""
        return ZoneInfo(user.time_zone) if user.time_zone else self.time_zone

    async def find(self, turn: Turn, action: OnCampaign) -> Campaign:
        """Returns the campaign that an action is about, as it is now.

        Raises Gone.
        """
        campaign = await self.store.campaigns.get(CampaignKey(turn.tenant_id, action.campaign))
        if campaign is None:
            raise Gone(OpenCampaigns(), _GONE)
        return await with_present_survey(self.store, campaign)

    async def followers(self, original: Campaign) -> list[Campaign]:
        """Returns the campaigns that follow this one and are not deleted, oldest first."""
        return await followers_of(self.store, original)

    async def as_corrected(self, campaign: Campaign) -> Campaign:
        """Returns the campaign with the text that people have now, from its last correction."""
        return as_corrected(campaign, await self.followers(campaign))

    async def present(self, turn: Turn, campaign: Campaign, notice: Notice | None = None) -> Reply:
        """Shows the campaign as it is now: a draft's card, or the report once it has started."""
        if campaign.status.has_started:
            followers = await self.followers(campaign)
            is_recalled = recalled(followers)
            if notice is None and is_recalled:
                notice = Notice("This message was recalled from people's chats.", "warning")
            view = report_cards.report(
                asking(campaign, followers),
                await self.insight(turn, campaign),
                self.measured(as_corrected(campaign, followers)),
                zone=self.zone(turn.user),
                notice=notice,
                recalled=is_recalled,
            )
            live = campaign_cards.is_live(campaign)
            return show(view, follows=campaign.key if live else None)
        words = await self.audience(campaign, turn.at)
        if campaign.status is Status.SCHEDULED:
            view = scheduled_card(
                campaign,
                turn.user,
                audience=words,
                zone=self.zone(turn.user),
                now=turn.at,
                notice=notice,
            )
            return show(view)
        return show(
            campaign_cards.campaign_card(campaign, turn.user, audience=words, notice=notice)
        )

    async def present_now(self, turn: Turn, action: OnCampaign) -> Reply:
        """Shows the campaign of an action as it is now, saying that it has changed.

        Raises Gone.
        """
        return await self.present(turn, await self.find(turn, action), MOVED_ON)

    async def add(self, campaign: Campaign) -> Campaign | None:
        """Adds a campaign whose id a form has chosen, and returns it.

        The same press may have come before, or twice at once, and have added it. Then returns the
        campaign that is there, or None when it has been deleted since.
        """
        try:
            return await self.store.campaigns.add(campaign)
        except Conflict:
            return await self.store.campaigns.get(campaign.key)

    async def insight(self, turn: Turn, campaign: Campaign) -> Insight:
        """Returns the campaign's numbers as they are now."""
        return await insight(self.store, campaign, turn.at)

    async def reach(self, campaign: Campaign, now: datetime) -> Reach:
        """Returns the number of people in the audience now, and of those who can be reached."""
        return await audiences.reach(self.store, campaign.tenant_id, campaign.audience, now)

    async def audience(self, campaign: Campaign, now: datetime) -> str:
        """Returns the audience in words, with its present numbers; empty when none is chosen."""
        size = await self.reach(campaign, now)
        source = await audiences.source(self.store, campaign.tenant_id, campaign.audience)
        return sized_audience(
            campaign.audience,
            source or FrozenAudience(),
            reachable=size.reachable,
            left_out=size.left_out,
        )


def new_id() -> str:
    """Returns an id for something new that a form is about to make, such as a campaign."""
    return uuid.uuid4().hex
