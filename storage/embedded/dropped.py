"""Campaigns that were deleted, and whose deliveries, events and responses have yet to go.

A deletion takes several steps, and the disk or the process may fail between any two. So the first
step is a durable note. Whatever it names goes, if need be later; see
:meth:`DroppedCampaigns.clear`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from campaigns.campaign import CampaignKey
from storage.embedded.documents import Rows, decoder, document
from storage.embedded.shards import Shards, row_id
from storage.embedded.volume import Volume
from storage.errors import StoreError

_log = logging.getLogger(__name__)

_AGAIN = 60.0
"""Seconds until a deletion that was cut off is tried again."""


class DroppedCampaigns:
    """The notes of deletions that are not complete.

    :param exists: tells whether a campaign is still there: then its deletion did not take place.
    :param parts: the steps that remove what belongs to a campaign, in their order. Each can be
        repeated.
    """

    def __init__(
        self,
        volume: Volume,
        exists: Callable[[CampaignKey], Awaitable[bool]],
        parts: Sequence[Callable[[CampaignKey], Awaitable[None]]],
    ) -> None:
        self._rows = Shards(volume, "dropped", _summarise, size=1_000)
        self._exists = exists
        self._parts = parts
        self._clearing = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None

    async def load(self) -> None:
        await self._rows.load()

    async def note(self, key: CampaignKey) -> None:
        """Notes that what belongs to this campaign has to go as soon as the campaign has gone."""
        name = row_id(key.tenant_id, key.campaign_id)
        row = document(_DroppedRow(key.tenant_id, key.campaign_id))
        await self._rows.place(name).change(lambda edit: edit.put(name, row))

    async def clear(self) -> None:
        """Removes what belongs to the campaigns that are noted and gone.

        Raises nothing when the disk refuses: it is tried again after a minute, and at the next
        start.
        """
        refused: StoreError | None = None
        async with self._clearing:
            try:
                async for notes in self._rows.chunks(_decoded):
                    for note in notes:
                        # One that can't go yet keeps no other one.
                        try:
                            await self._clear(note)
                        except StoreError as error:
                            refused = refused or error
            except StoreError as error:
                refused = refused or error
        if refused is not None:
            _log.warning("what was deleted is cleared away later: %s", refused)
            self._try_again()

    def _try_again(self) -> None:
        if self._again is None or self._again.done():
            self._again = asyncio.create_task(self._clear_later(), name="clear dropped")
            self._again.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # The supervisor of background work is a layer above.
        if not task.cancelled() and (error := task.exception()):
            _log.error("what was deleted is cleared away later", exc_info=error)
            self._try_again()

    async def close(self) -> None:
        """Gives up what is waiting to be tried again; the next start does it."""
        if self._again is not None:
            self._again.cancel()
            await asyncio.gather(self._again, return_exceptions=True)

    async def _clear(self, note: _DroppedRow) -> None:
        key = CampaignKey(note.tenant_id, note.campaign_id)
        if not await self._exists(key):
            for drop in self._parts:
                await drop(key)
        name = row_id(key.tenant_id, key.campaign_id)
        shard = self._rows.find(name)
        if shard is not None:
            await shard.change(lambda edit: edit.remove(name))

    async def _clear_later(self) -> None:
        await asyncio.sleep(_AGAIN)
        self._again = None
        await self.clear()


class _DroppedRow(msgspec.Struct, frozen=True):
    """The note of one campaign."""

    tenant_id: str
    campaign_id: str


_decoded = decoder(_DroppedRow)


def _summarise(rows: Rows) -> tuple[()]:
    """Returns nothing: notes are few, and read from their rows."""
    return ()
