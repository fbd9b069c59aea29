"""Users in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from operator import itemgetter

from campaigns.outcome import Reason
from campaigns.user import User
from storage.base.users import ChangedUser, by_reason, owners
from storage.damage import split
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Row, Session
from storage.postgres.encoding import json_text, row_name, storable, understood

_CHUNK = 1_000
"""Users read at a time when all are streamed."""


class PostgresUsers:
    """All tenants' users in one table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant_id: str, user_id: str) -> User | None:
        async with self._database.session() as session:
            text = await session.value("user", tenant_id, user_id)
        return None if text is None else _user((tenant_id, user_id, text))

    async def get_many(self, tenant_id: str, user_ids: Collection[str]) -> dict[str, User]:
        async with self._database.session() as session:
            rows = await session.fetch("users", tenant_id, list(user_ids))
        users, damage = split(((tenant_id, *row) for row in rows), _user, itemgetter(1))
        if damage is not None:
            raise damage
        return {user.id: user for user in users}

    async def put(self, user: User) -> None:
        async with self._database.session() as session:
            await _put(session, "put_user", user)

    async def change(
        self, tenant_id: str, user_id: str, change: Callable[[User | None], ChangedUser]
    ) -> ChangedUser:
        """Reads without a lock first: in most cases nothing changes, and nobody has to wait."""
        while True:
            known = await self.get(tenant_id, user_id)
            user = change(known)
            if user is None or user == known:
                return user
            async with self._database.transaction() as session:
                if known is None:
                    if await _put(session, "add_user", user):
                        return user
                    continue  # another process has added them meanwhile
                text = await session.value("user_to_change", tenant_id, user_id)
                user = change(None if text is None else _user((tenant_id, user_id, text)))
                if user is not None:
                    await _put(session, "put_user", user)
                return user

    async def by_emails(self, tenant_id: str, emails: Collection[str]) -> dict[str, User]:
        wanted = list({storable(email.lower()) for email in emails if email})
        async with self._database.session() as session:
            rows = await session.fetch("users_by_address", tenant_id, wanted)
        users = self._database.damages.understood(((tenant_id, *row) for row in rows), _user)
        found = owners(users, wanted)
        return {
            email: found[address]
            for email in emails
            if email and (address := storable(email.lower())) in found
        }

    async def count_reachable(self, tenant_id: str) -> int:
        async with self._database.session() as session:
            return int(await session.value("count_reachable", tenant_id))

    async def count_unreachable(self, tenant_id: str) -> dict[Reason, int]:
        async with self._database.session() as session:
            rows = await session.fetch("count_unreachable", tenant_id)
        return by_reason((value, number) for value, number in rows)

    async def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields the reachable users by their ids."""
        async for users in self._all_of("reachable_users", tenant_id):
            yield users

    async def unreachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields them by their ids."""
        async for users in self._all_of("unreachable_users", tenant_id):
            yield users

    async def _all_of(self, statement: str, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        async for rows in self._database.chunks(statement, tenant_id, after=("",), size=_CHUNK):
            theirs = ((tenant_id, *row) for row in rows)
            if users := self._database.damages.understood(theirs, _user):
                yield users

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        tenants = None if tenant_ids is None else list(tenant_ids)
        async with self._database.session() as session:
            rows = await session.fetch("users_without_profile", limit, tenants)
        return self._database.damages.understood(rows, _user)

    async def everyone(self) -> AsyncIterator[Sequence[User]]:
        async for rows in self._database.chunks("users_after", after=("", ""), size=_CHUNK):
            yield [_user(row) for row in rows]


def _user(row: Row) -> User:
    """Returns the user in a row: the tenant, the id, the document."""
    tenant_id, user_id, text = row
    return understood(text, User, row=row_name("users", tenant_id, user_id))


async def _put(session: Session, statement: str, user: User) -> bool:
    """Writes the user; returns False when the statement has left the stored one."""
    changed = await session.run(
        statement,
        user.tenant_id,
        user.id,
        user.reachable,
        user.profile_known,
        user.profile.email.lower(),
        user.profile.upn.lower(),
        json_text(user),
    )
    return changed > 0
