"""A campaign's files of deliveries."""

from __future__ import annotations

from campaigns.campaign import CampaignKey
from storage.embedded.folders import campaign_folder
from storage.embedded.ledger.summaries import summarise
from storage.embedded.opened import CampaignFiles
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume

SIZE = 256
"""Deliveries in a file. At full speed, a claim and a settlement have as many deliveries, so each of
them writes one file."""


class LedgerFiles(CampaignFiles):
    """A campaign's deliveries. They stay open while some of them have not ended."""

    def __init__(self, volume: Volume, key: CampaignKey) -> None:
        super().__init__()
        self.shards = Shards(volume, campaign_folder("ledger", key), summarise, size=SIZE)

    @property
    def closable(self) -> bool:
        return (
            self.workers == 0
            and self.shards.quiet
            and all(
                shard.known_summary is not None and not shard.known_summary.counts.open
                for shard in self.shards.all
            )
        )

    async def load(self) -> None:
        await self.shards.load()

    def leave(self) -> None:
        super().leave()
        if self.closable:
            self.shards.release()
