"""The people of the fake tenants."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

GIVEN_NAMES = ("Adele", "Megan", "Isaiah", "Patti", "Lynne", "Alex", "Zoë", "Çağla")
SURNAMES = ("Vance", "Bowen", "Langer", "Fernandez", "Robbins", "Wilber", "O'Neill", "Müller")
_NAMESPACE = uuid.UUID("b9f2a6d8-0000-4000-8000-000000000000")


class FakeUser(msgspec.Struct, kw_only=True):
    """A person, and how the fake treats them."""

    tenant: str
    id: str
    """Entra object id."""
    account_id: str
    conversation_id: str
    """Empty until the conversation has been created."""
    given_name: str
    surname: str
    email: str
    upn: str
    locale: str = "en-GB"
    time_zone: str = "Europe/London"
    installed: bool = True
    """False: calls are refused with 403."""
    blocked: bool = False
    department: str = ""
    job_title: str = ""
    country: str = ""
    city: str = ""
    in_directory: bool = True

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"

    def member(self) -> dict[str, Any]:
        """Returns the person in the form of the member look-up."""
        return {
            "id": self.account_id,
            "aadObjectId": self.id,
            "name": self.name,
            "givenName": self.given_name,
            "surname": self.surname,
            "email": self.email,
            "userPrincipalName": self.upn,
            "tenantId": self.tenant,
            "userRole": "user",
        }


def make_user(number: int, tenant: str, *, with_conversation: bool) -> FakeUser:
    """Makes a person; the same number and tenant always make the same one."""
    key = uuid.uuid5(_NAMESPACE, f"{tenant}/{number}")
    given_name = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    surname = SURNAMES[number // len(GIVEN_NAMES) % len(SURNAMES)]
    mail = f"person{number}@{tenant[:8]}.example.com"
    return FakeUser(
        tenant=tenant,
        id=str(key),
        account_id=f"29:1{key.hex}",
        conversation_id=f"a:1{key.hex[::-1]}" if with_conversation else "",
        given_name=given_name,
        surname=surname,
        email=mail,
        upn=mail,
    )
