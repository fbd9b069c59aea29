"""People and how to reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Protocol, TypeVar

from campaigns.user import User

ChangedUser = TypeVar("ChangedUser", bound=User | None)


class Users(Protocol):
    """People and how to reach them."""

    async def get(self, tenant_id: str, user_id: str) -> User | None: ...

    async def get_many(self, tenant_id: str, user_ids: Collection[str]) -> dict[str, User]:
        """Those of these users that are known, by id."""
        ...

    async def put(self, user: User) -> None:
        """Remembers the user as given; the last one wins (it is the channel's truth, not a person's
        edit).
        """
        ...

    async def change(
        self, tenant_id: str, user_id: str, to: Callable[[User | None], ChangedUser]
    ) -> ChangedUser:
        """Remembers what ``to`` makes of the user as known now (None: not known), and returns it;
        nobody else changes them meanwhile, in whichever process. Nothing is done for None.

        ``to`` has to be pure: it may be applied again.
        """
        ...

    async def by_emails(self, tenant_id: str, emails: Collection[str]) -> dict[str, User]:
        """The users with one of these addresses as e-mail or UPN, by the address as asked for.

        Case does not matter. When two users have the same address, a reachable one comes first.
        """
        ...

    async def count_reachable(self, tenant_id: str) -> int: ...

    def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Every reachable user, in chunks (at most about a thousand each), for streaming through
        many.
        """
        ...

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        """Some reachable users of these tenants (None: of any) whose profile is not known yet."""
        ...

    def everyone(self) -> AsyncIterator[Sequence[User]]:
        """All users of all tenants, in chunks; for moving them out."""
        ...
