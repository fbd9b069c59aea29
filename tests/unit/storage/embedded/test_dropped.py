"""Deleted campaigns go sooner or later, and one that can't go yet keeps no other one."""

from __future__ import annotations

import asyncio

import pytest

from campaigns.campaign import CampaignKey
from storage.embedded.dropped import DroppedCampaigns
from storage.embedded.files import Disk
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError
from tests.support.engine_room import TENANT, Clock, run


@pytest.mark.parametrize(
    "error", [StoreError("a disk"), Damaged("a file"), RuntimeError("a bug")], ids=repr
)
def test_one_that_can_not_go_yet_keeps_no_other_one(error: Exception) -> None:
    async def story(_: Clock) -> None:
        gone: list[str] = []
        broken = [error, error]

        async def drop(key: CampaignKey) -> None:
            if key.campaign_id == "bad" and broken:
                raise broken.pop()
            gone.append(key.campaign_id)

        async def exists(_: CampaignKey) -> bool:
            return False

        volume = Volume(None, Disk(), loaded=8)
        dropped = DroppedCampaigns(volume, exists, [drop])
        await dropped.load()
        for name in ("bad", "fine"):
            await dropped.note(CampaignKey(TENANT, name))
        if isinstance(error, StoreError):
            await dropped.clear()
            assert gone == ["fine"]
        else:
            # Whoever has asked for the deletion gets to know of a bug.
            with pytest.raises(RuntimeError):
                await dropped.clear()
            await dropped.note(CampaignKey(TENANT, "later"))
            broken[:] = [StoreError("a disk"), error, StoreError("a disk")]
            await dropped.clear()
        await asyncio.sleep(400.0)
        assert set(gone) >= {"bad", "fine"}
        await dropped.close()
        await volume.close()

    run(story)
