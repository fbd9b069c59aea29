"""Collections cut into shards: a change costs the same for few rows and many.

Rows stay on disk. Memory has a bounded number of shards, and a small summary of every shard.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from storage.damage import together
from storage.embedded.documents import Document, Rows
from storage.embedded.shard import Shard
from storage.embedded.volume import Volume
from storage.errors import Damaged, StoreError

S = TypeVar("S")
T = TypeVar("T")


class Shards(Generic[S]):
    """A collection: rows by id, in shards that are filled one after the other.

    Rows get their place before they are kept, so a place does not mean that there is a row.

    :param file_by_file: True when the others are used without a file that is damaged; it is looked
        at again whenever a row is asked for that is in none of the others. False when the
        collection is then refused as a whole.
    """

    def __init__(
        self,
        volume: Volume,
        name: str,
        summarise: Callable[[Rows], S],
        *,
        size: int,
        file_by_file: bool = False,
    ) -> None:
        self._volume = volume
        self._name = name
        self._summarise = summarise
        self._size = size
        self._file_by_file = file_by_file
        self._broken: list[Shard[S]] = []
        """Damaged files that the others are used without."""
        self._shards: list[Shard[S]] | None = None
        self._places: dict[str, Shard[S]] | None = None
        self._packed: _PackedPlaces | None = None
        self._roomy: list[Shard[S]] = []
        """Shards that have room for more rows."""
        self._loading = asyncio.Lock()
        self._next_number = 0
        self._dropped = False

    async def load(self) -> None:
        """Reads every shard once, for its summary and the places; repeating it does nothing."""
        async with self._loading:
            self._require_kept()
            if self._shards is None:
                names = await self._volume.run(self._volume.names, self._name)
                shards = [self._shard(name, known=True) for name in names if name.endswith(".json")]
                self._broken = [shard for shard in shards if await self._is_broken(shard)]
                sound = [shard for shard in shards if shard not in self._broken]
                await self._find_places(sound)
                self._shards = sound
                if shards:
                    last = max(name for name in names if name.endswith(".json"))
                    self._next_number = int(last.removesuffix(".json")) + 1

    async def load_places(self) -> None:
        """Finds the place of each row again, after :meth:`release`."""
        async with self._loading:
            if self._places is None:
                await self._find_places(self.all)

    def release(self) -> None:
        """Forgets the places until they are needed again. Call it when :attr:`quiet`."""
        self._places = None

    async def drop(self) -> None:
        """Removes the whole collection, durably, and refuses everything from then on."""
        async with self._loading:
            # First of all, so that nobody who still works with it makes another file in it.
            self._dropped = True
            for shard in self._shards or ():
                await shard.drop()
            await self._volume.run(self._volume.discard, self._name)

    @property
    def all(self) -> list[Shard[S]]:
        """The shards, in the order in which they were filled."""
        self._require_kept()
        if self._shards is None:
            raise StoreError(f"{self._volume.path(self._name)} is not open.")
        return self._shards

    @property
    def quiet(self) -> bool:
        """True when the collection has been read, is kept, and no change is under way."""
        return (
            self._shards is not None
            and not self._dropped
            and all(shard.idle for shard in self._shards)
        )

    async def summaries(self) -> list[S]:
        await self._look_again()
        return [
            await shard.summary() if shard.known_summary is None else shard.known_summary
            for shard in self.all
        ]

    def find(self, row_id: str) -> Shard[S] | None:
        """Returns the shard with this row; None when the row has no place."""
        return self._known_places.get(row_id)

    def place(self, row_id: str) -> Shard[S]:
        """Returns the shard that has this row, or that the row is to be put into."""
        shard = self._known_places.get(row_id)
        if shard is None:
            shard = self._known_places[row_id] = self._room()
            shard.placed += 1
            self._packed = None
        return shard

    async def locate(self, row_ids: Collection[str]) -> dict[str, int]:
        """Returns the number of each row's shard; rows without a place are left out.

        Unlike ``find`` it also works after :meth:`release`, and keeps 8 bytes for each row.
        """
        if self._places is not None:
            numbers = {shard: number for number, shard in enumerate(self.all)}
            places = ((row_id, self._places.get(row_id)) for row_id in row_ids)
            return {row_id: numbers[shard] for row_id, shard in places if shard is not None}
        packed = await self._pack()
        located: dict[str, int] = {}
        for row_id in row_ids:
            candidates = packed.candidates(row_id)
            # A single candidate is wrong only once in 100 million times, so its rows are not read.
            for number in candidates:
                if len(candidates) == 1 or await self.all[number].has(row_id):
                    located[row_id] = number
        return located

    def group(self, row_ids: Collection[str]) -> dict[Shard[S], list[str]]:
        """Returns these rows by their shard; rows without a place are left out."""
        groups: dict[Shard[S], list[str]] = {}
        for row_id in row_ids:
            shard = self.find(row_id)
            if shard is not None:
                groups.setdefault(shard, []).append(row_id)
        return groups

    async def get(self, row_id: str, decode: Callable[[Document], T]) -> T | None:
        """Returns the row as ``decode`` reads it; raises Damaged when it can't be decoded."""
        return (await self.get_many([row_id], decode)).get(row_id)

    async def get_many(
        self, row_ids: Collection[str], decode: Callable[[Document], T]
    ) -> dict[str, T]:
        """Returns those of these rows that exist, by id.

        Raises Damaged, with the ids of all of them that ``decode`` does not understand.
        """
        found: dict[str, T] = {}
        damages: list[Damaged] = []
        if self._broken and any(self.find(row_id) is None for row_id in row_ids):
            await self._look_again()
        for shard, wanted in self.group(row_ids).items():
            values, refused = await shard.get(wanted, decode)
            found |= values
            damages += refused
        for shard in self._broken:
            # They may be in it: nobody may say that they do not exist.
            nowhere = [row_id for row_id in row_ids if self.find(row_id) is None]
            damages += (await shard.get(nowhere, decode))[1] if nowhere else []
        if damages:
            raise together(damages)
        return found

    async def understood(self, row_ids: Sequence[str], decode: Callable[[Document], T]) -> list[T]:
        """Returns those of these rows that exist and are understood, in the order asked for.

        Others are left out, and logged.
        """
        found, damages = await self._split(row_ids, decode)
        for damage in damages:
            self._volume.damages.left_out(damage)
        return found

    async def page(self, row_ids: Sequence[str], decode: Callable[[Document], T]) -> list[T]:
        """Returns the rows of a page as :meth:`understood` does.

        Raises Damaged when there are some and none is understood: an empty page would say that
        there is nothing.
        """
        found, damages = await self._split(row_ids, decode)
        self._volume.damages.unless_all(found, damages)
        return found

    async def _split(
        self, row_ids: Sequence[str], decode: Callable[[Document], T]
    ) -> tuple[list[T], list[Damaged]]:
        found: dict[str, T] = {}
        damages: list[Damaged] = []
        for shard, wanted in self.group(row_ids).items():
            values, refused = await shard.get(wanted, decode)
            found |= values
            damages += refused
        return [found[row_id] for row_id in row_ids if row_id in found], damages

    async def chunks(self, decode: Callable[[Document], T]) -> AsyncIterator[list[T]]:
        """Yields all rows, shard by shard; raises Damaged when one is not understood."""
        for shard in list(self.all):
            values, damage = shard.split((await shard.rows()).items(), decode)
            if damages := [*shard.aside.values(), *([] if damage is None else [damage])]:
                raise together(damages)
            yield list(values.values())
        for shard in self._broken:
            await shard.rows()  # raises Damaged

    def _require_kept(self) -> None:
        if self._dropped:
            raise StoreError(f"{self._volume.path(self._name)} has been removed.")

    @property
    def _known_places(self) -> dict[str, Shard[S]]:
        self._require_kept()
        if self._places is None:
            raise StoreError(f"{self._volume.path(self._name)} is not open.")
        return self._places

    async def _pack(self) -> _PackedPlaces:
        async with self._loading:
            if self._packed is None:
                if self._places is None:
                    await self._find_places(self.all)
                numbers = {shard: number for number, shard in enumerate(self.all)}
                places = {row_id: numbers[shard] for row_id, shard in self._known_places.items()}
                self._packed = await self._volume.run(_PackedPlaces, places)
            return self._packed

    async def _find_places(self, shards: list[Shard[S]]) -> None:
        places: dict[str, Shard[S]] = {}
        for shard in shards:
            places.update(await self._placed(shard))
        self._places = places
        self._roomy = [shard for shard in shards if shard.placed < self._size]

    async def _placed(self, shard: Shard[S]) -> dict[str, Shard[S]]:
        """Returns the places of a shard's rows, of those that are set aside, too."""
        rows = await shard.rows()
        shard.placed = len(rows) + len(shard.aside)
        return dict.fromkeys((*rows, *shard.aside), shard)

    async def _is_broken(self, shard: Shard[S]) -> bool:
        """Returns True for a damaged file that the others are used without."""
        if not self._file_by_file:
            return False
        try:
            await shard.rows()
        except Damaged as damage:
            self._volume.damages.left_out(damage)
            return True
        return False

    async def _look_again(self) -> None:
        """Takes in the damaged files that people have repaired since."""
        if not self._broken:
            return
        async with self._loading:
            for shard in list(self._broken):
                if not await self._is_broken(shard):
                    self._known_places.update(await self._placed(shard))
                    self.all.append(shard)
                    self._broken.remove(shard)

    def _room(self) -> Shard[S]:
        while self._roomy and self._roomy[-1].placed >= self._size:
            self._roomy.pop()
        if not self._roomy:
            shard = self._shard(f"{self._next_number:05d}.json", known=False)
            self._next_number += 1
            self.all.append(shard)
            self._roomy.append(shard)
        return self._roomy[-1]

    def _shard(self, name: str, *, known: bool) -> Shard[S]:
        return Shard(self._volume, self._name, name, self._summarise, known=known, row_by_row=True)


class _PackedPlaces:
    """The number of each row's shard, in 8 bytes for a row: 44 bits of hash, then the number."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._entries = array(
            "Q",
            sorted(_hashed(row_id) << _NUMBER_BITS | number for row_id, number in places.items()),
        )

    def candidates(self, row_id: str) -> list[int]:
        """Returns the numbers of the shards that the row may be in; nearly always one, or none."""
        wanted = _hashed(row_id)
        index = bisect_left(self._entries, wanted << _NUMBER_BITS)
        numbers = []
        while index < len(self._entries) and self._entries[index] >> _NUMBER_BITS == wanted:
            numbers.append(self._entries[index] & _NUMBER_MASK)
            index += 1
        return numbers


_NUMBER_BITS = 20
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1
_HASH_MASK = (1 << 64 - _NUMBER_BITS) - 1


def _hashed(row_id: str) -> int:
    # Python's hashes differ from process to process; this one is never written down.
    return hash(row_id) & _HASH_MASK


def row_id(tenant_id: str, document_id: str) -> str:
    """Returns the id of a tenant's row in a collection that all tenants share; unique per pair."""
    return f"{len(tenant_id)}:{tenant_id}:{document_id}"
