"""Users: people, and how to reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from campaigns.outcome import Reason
from campaigns.user import User

ChangedUser = TypeVar("ChangedUser", bound=User | None)


def by_reason(stored: Iterable[tuple[str, int]]) -> dict[Reason, int]:
    """Returns the numbers of people by reason, from the values that are stored.

    A value that this version does not know counts as *not installed*: who reads the row itself gets
    Damaged, and the numbers of the others are still right.
    """
    known = {reason.value for reason in Reason}
    counts: dict[Reason, int] = {}
    for value, number in stored:
        reason = Reason(value) if value in known else Reason.NOT_INSTALLED
        counts[reason] = counts.get(reason, 0) + number
    return counts


class Users(Protocol):
    """All tenants' users."""

    async def get(self, tenant_id: str, user_id: str) -> User | None: ...

    async def get_many(self, tenant_id: str, user_ids: Collection[str]) -> dict[str, User]:
        """Returns those of these users who are known, by id."""
        ...

    async def put(self, user: User) -> None:
        """Remembers the user as given.

        The last one wins: the channel knows best, and no person edits users.
        """
        ...

    async def change(
        self, tenant_id: str, user_id: str, change: Callable[[User | None], ChangedUser]
    ) -> ChangedUser:
        """Applies ``change`` to the user as it is now; remembers and returns the result.

        ``change`` is given None for an unknown user; when it returns None, nothing is remembered.
        It must be pure, since it may be applied again. No process changes the user meanwhile.
        """
        ...

    async def by_emails(self, tenant_id: str, emails: Collection[str]) -> dict[str, User]:
        """Returns the users with one of these addresses as e-mail or UPN, by the address as given.

        Case does not matter. Of two users with the same address, a reachable one is preferred.
        """
        ...

    async def count_reachable(self, tenant_id: str) -> int: ...

    async def count_unreachable(self, tenant_id: str) -> dict[Reason, int]:
        """Returns the number of users who can't be reached, by the reason."""
        ...

    def unreachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields every user who can't be reached, in chunks of at most about a thousand."""
        ...

    def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields every reachable user, in chunks of at most about a thousand."""
        ...

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        """Returns up to ``limit`` reachable users of these tenants whose profile is not known yet.

        :param tenant_ids: None: all tenants.
        """
        ...

    def everyone(self) -> AsyncIterator[Sequence[User]]:
        """Yields all users of all tenants, in chunks; for moving them out."""
        ...
