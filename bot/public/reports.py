"""Downloads of a report: one row for each recipient."""

from __future__ import annotations

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from bot.public.downloads import DownloadRefusal, File
from campaigns.campaign import Campaign, CampaignKey
from campaigns.followup import asking
from campaigns.seal import Download
from cards.reports.export import WIDTHS, Cell, header, row
from storage.base import Store


class ReportDownloads:
    """Makes the table of a report.

    :param personal: True when the table may say what each recipient did.
    """

    def __init__(self, store: Store, *, personal: bool) -> None:
        self._store = store
        self._personal = personal

    async def __call__(self, wanted: Download) -> File | DownloadRefusal:
        campaign = await self._store.campaigns.get(wanted.key)
        if campaign is None:
            return DownloadRefusal(
                "This campaign does not exist any more",
                "It has been deleted, and its report with it.",
            )
        if campaign.hides_names:
            return DownloadRefusal(
                "Who these people are is not shown",
                "The survey is anonymous, and this report would tell who has answered.",
            )
        campaign = asking(campaign, await self._followers(campaign))
        zone = ZoneInfo(wanted.time_zone)
        return File(
            name=campaign.name,
            sheet="Recipients",
            header=header(campaign, zone, personal=self._personal),
            widths=WIDTHS,
            rows=self._rows(campaign, zone),
        )

    async def _followers(self, campaign: Campaign) -> list[Campaign]:
        keys = [
            CampaignKey(campaign.tenant_id, follower_id)
            for follower_id in campaign.follow_up.followers
        ]
        followers = [await self._store.campaigns.get(key) for key in keys]
        return [follower for follower in followers if follower is not None]

    async def _rows(self, campaign: Campaign, zone: ZoneInfo) -> AsyncIterator[list[list[Cell]]]:
        async for chunk in self._store.ledger.rows(campaign.key):
            ids = [delivery.recipient_id for delivery in chunk]
            events = await self._store.events.by_recipient(campaign.key, ids)
            yield [
                row(
                    campaign,
                    delivery,
                    events.get(delivery.recipient_id, ()),
                    zone,
                    personal=self._personal,
                )
                for delivery in chunk
            ]
