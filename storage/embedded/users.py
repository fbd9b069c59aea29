"""Users in the embedded store."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from weakref import WeakValueDictionary

import msgspec

from campaigns.outcome import Reason
from campaigns.user import User
from storage.base.users import ChangedUser, by_reason, owners
from storage.embedded.documents import Document, Rows, decoder, document
from storage.embedded.shards import Shards, row_id
from storage.embedded.volume import Volume
from storage.errors import Damaged

_SIZE = 1_000
"""Users in a file; writing a file takes about 2 ms."""

_decoded = decoder(User)


class EmbeddedUsers:
    """All tenants' users in one collection.

    Addresses are looked up in an index in memory. The index may still have an address that a user
    has given up, so each hit is checked against the row.
    """

    def __init__(self, volume: Volume) -> None:
        self._rows = Shards(volume, "users", _summarise, size=_SIZE)
        self._damages = volume.damages
        self._by_address: dict[str, dict[str, tuple[str, ...]]] = {}
        """Row ids by tenant and address."""
        self._changing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def load(self) -> None:
        await self._rows.load()
        for shard in self._rows.all:
            # A row without an address that can be read is found by its id alone.
            rows = await shard.rows()
            for key, row in rows.items():
                try:
                    self._index(key, row)
                except (TypeError, AttributeError) as error:
                    self._damages.left_out(shard.not_understood(error, key))

    async def get(self, tenant_id: str, user_id: str) -> User | None:
        return await self._rows.get(row_id(tenant_id, user_id), _decoded)

    async def get_many(self, tenant_id: str, user_ids: Collection[str]) -> dict[str, User]:
        keys = {row_id(tenant_id, user_id): user_id for user_id in user_ids}
        try:
            users = await self._rows.get_many(keys, _decoded)
        except Damaged as error:
            raise Damaged(str(error), rows=[keys[key] for key in error.rows]) from error
        return {user.id: user for user in users.values()}

    async def put(self, user: User) -> None:
        key = row_id(user.tenant_id, user.id)
        row = document(user)
        self._index(key, row)
        await self._rows.place(key).change(lambda edit: edit.put(key, row))

    async def change(
        self, tenant_id: str, user_id: str, change: Callable[[User | None], ChangedUser]
    ) -> ChangedUser:
        # The dictionary forgets a lock as soon as nobody holds it or waits for it.
        key = row_id(tenant_id, user_id)
        async with self._changing.setdefault(key, asyncio.Lock()):
            known = await self.get(tenant_id, user_id)
            user = change(known)
            if user is not None and user != known:
                await self.put(user)
            return user

    async def by_emails(self, tenant_id: str, emails: Collection[str]) -> dict[str, User]:
        index = self._by_address.get(tenant_id, {})
        keys = {key for email in emails for key in index.get(email.lower(), ())}
        users = await self._rows.understood(sorted(keys), _decoded)
        return owners(users, emails)

    async def count_reachable(self, tenant_id: str) -> int:
        return sum(summary.reachable.get(tenant_id, 0) for summary in await self._rows.summaries())

    async def count_unreachable(self, tenant_id: str) -> dict[Reason, int]:
        counts: Counter[str] = Counter()
        for summary in await self._rows.summaries():
            counts.update(summary.unreachable.get(tenant_id, {}))
        return by_reason(counts.items())

    async def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields the reachable users, shard by shard.

        Recipients that are frozen in this order are later found together.
        """
        async for users in self._all_of(tenant_id, reachable=True):
            yield users

    async def unreachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        async for users in self._all_of(tenant_id, reachable=False):
            yield users

    async def _all_of(self, tenant_id: str, *, reachable: bool) -> AsyncIterator[Sequence[User]]:
        for shard in list(self._rows.all):
            summary = await shard.summary()
            if tenant_id not in (summary.reachable if reachable else summary.unreachable):
                continue
            rows = await shard.rows()
            theirs = (
                (key, row)
                for key, row in rows.items()
                if row["tenant_id"] == tenant_id and _is_reachable(row) is reachable
            )
            if users := shard.understood(theirs, _decoded):
                yield users

    async def everyone(self) -> AsyncIterator[Sequence[User]]:
        async for users in self._rows.chunks(_decoded):
            yield users

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        users: list[User] = []
        for shard in list(self._rows.all):
            if len(users) >= limit:
                break
            if not (await shard.summary()).without_profile:
                continue
            rows = await shard.rows()
            theirs = (
                (key, row)
                for key, row in rows.items()
                if _is_reachable(row)
                and not _has_profile(row)
                and (tenant_ids is None or row["tenant_id"] in tenant_ids)
            )
            users += shard.understood(theirs, _decoded)
        return users[:limit]

    def _index(self, key: str, row: Document) -> None:
        index = self._by_address.setdefault(row["tenant_id"], {})
        profile = row.get("profile", {})
        for address in {profile.get("email", "").lower(), profile.get("upn", "").lower()} - {""}:
            keys = index.get(address, ())
            if key not in keys:
                index[address] = (*keys, key)


class _UserSummary(msgspec.Struct, frozen=True):
    """The summary of one shard of users."""

    reachable: dict[str, int]
    """Reachable users by tenant."""
    unreachable: dict[str, dict[str, int]]
    """Users who can't be reached, by tenant and reason."""
    without_profile: int
    """Reachable users whose profile is not known."""


def _summarise(rows: Rows) -> _UserSummary:
    reachable: dict[str, int] = {}
    unreachable: dict[str, dict[str, int]] = {}
    without_profile = 0
    for row in rows.values():
        if _is_reachable(row):
            reachable[row["tenant_id"]] = reachable.get(row["tenant_id"], 0) + 1
            without_profile += not _has_profile(row)
        else:
            counts = unreachable.setdefault(row["tenant_id"], {})
            reason = row.get("unreachable_because") or Reason.NOT_INSTALLED.value
            counts[reason] = counts.get(reason, 0) + 1
    return _UserSummary(reachable, unreachable, without_profile)


# A row leaves out fields that have their default.
def _is_reachable(row: Document) -> bool:
    return bool(row.get("reachable", True))


def _has_profile(row: Document) -> bool:
    return bool(row.get("profile_known", False))
