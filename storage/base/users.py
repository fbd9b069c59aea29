"""Users: people, and how to reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from campaigns.outcome import Reason
from campaigns.user import User

ChangedUser = TypeVar("ChangedUser", bound=User | None)


def owners(users: Iterable[User], emails: Iterable[str]) -> dict[str, User]:
    """Returns the user with each of these addresses, by the address as given.

    Every store finds them by this rule; see :meth:`Users.by_emails`.
    """
    by_address: dict[str, User] = {}
    for user in sorted(users, key=_precedence, reverse=True):
        for address in (user.profile.email.lower(), user.profile.upn.lower()):
            by_address[address] = user  # the last one stays
    return {
        email: by_address[email.lower()]
        for email in emails
        if email and email.lower() in by_address
    }


def _precedence(user: User) -> tuple[bool, float, str]:
    """Returns a key by which the user to be preferred comes first."""
    installed = user.installed_at.timestamp() if user.installed_at is not None else 0.0
    return (not user.reachable, -installed, user.id)


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
        """Returns those of these users who are known, by id.

        Raises Damaged, with the ids of all of them that are not understood: the others can be asked
        for again.
        """
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

        Case does not matter. Of several users with the same address, a reachable one is preferred,
        then the one who installed the app last, then the one with the smallest id. So the answer
        does not depend on the order in which they were written. Users who are not understood are
        left out, and logged.
        """
        ...

    async def count_reachable(self, tenant_id: str) -> int: ...

    async def count_unreachable(self, tenant_id: str) -> dict[Reason, int]:
        """Returns the number of users who can't be reached, by the reason."""
        ...

    def unreachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields every user who can't be reached, in chunks of at most about a thousand.

        Users who are not understood are left out, and logged.
        """
        ...

    def reachable(self, tenant_id: str) -> AsyncIterator[Sequence[User]]:
        """Yields every reachable user, in chunks of at most about a thousand.

        Users who are not understood are left out, and logged.
        """
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
