"""The types of the settings' fields."""

import enum
from pathlib import Path

import msgspec

MAX_RATE_PER_SECOND = 50.0
"""Requests per second that Teams allows one app in one tenant, of all kinds together.

Source: "Optimize your bot with rate limiting in Teams", Microsoft Learn. A higher rate would only
collect 429 answers; a lower one leaves room for another service under the same app id.
"""


class Secret:
    """A text that no log line, traceback or `repr` shows. Only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Returns the text itself. Pass it on; never format it into a message."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


class AppType(enum.StrEnum):
    """The kind of the app's registration in Microsoft Entra."""

    SINGLE_TENANT = "SingleTenant"
    """For one organisation, with a secret."""
    MULTI_TENANT = "MultiTenant"
    """For several organisations, with a secret. Nobody can register a new one since 2025-07-31."""
    USER_ASSIGNED_MSI = "UserAssignedMSI"
    """For one organisation, with a managed identity of Azure instead of a secret."""


class LogLevel(enum.StrEnum):
    """The lowest severity that is logged; the names are those of Python's `logging`."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class Admins(msgspec.Struct, frozen=True):
    """The people who may author, send and read reports."""

    everyone: bool = False
    people: frozenset[str] = frozenset()
    """E-mail addresses and Entra object ids, in lower case."""

    def include(self, *identities: str | None) -> bool:
        """True when one of these identities of a person is an admin's (None = not known)."""
        return self.everyone or any(
            identity is not None and identity.lower() in self.people for identity in identities
        )


class TinyDBStore(msgspec.Struct, frozen=True):
    """The embedded store, for one process."""

    folder: Path
    """Relative to the working directory; created at the start when it does not exist."""


class PostgreSQLStore(msgspec.Struct, frozen=True):
    """A PostgreSQL server, for several processes."""

    url: Secret
    """`postgresql://…`; secret because it may carry a password."""


class Cloud(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of the Microsoft cloud in which the bot is registered.

    The defaults are those of the public cloud (commercial and GCC). GCC High, DoD and China have
    their own, and no cloud accepts a token of another one.
    """

    login_url: str = "https://login.microsoftonline.com"
    """Microsoft Entra; the tenant is appended to it."""
    token_scope: str = "https://api.botframework.com/.default"
    """The scope of the token that the bot shows to the Bot Connector."""
    token_issuer: str = "https://api.botframework.com"
    """The issuer of the tokens that the channel shows to the bot."""
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    """The address that leads to the keys of those tokens."""
    graph_url: str = "https://graph.microsoft.com"
    graph_scope: str = "https://graph.microsoft.com/.default"
    service_hosts: frozenset[str] = frozenset(
        {
            "smba.trafficmanager.net",
            "smba.onyx.prod.teams.trafficmanager.net",
            "smba.infra.gcc.teams.microsoft.com",
        }
    )
    """The only hosts that the bot sends its token to, over HTTPS. Names are compared exactly.

    Source: "Service URL validation" in the documentation of Microsoft's Teams SDK. No wildcards:
    anyone can register a name under trafficmanager.net.
    """
