"""The settings as frozen values: those of the bot, and those of the app package."""

import zoneinfo
from pathlib import Path

import msgspec

from settings.values import (
    MAX_RATE_PER_SECOND,
    Admins,
    AppType,
    Cloud,
    LogLevel,
    PostgreSQLStore,
    Secret,
    TinyDBStore,
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's decisions. The defaults are local mode on this machine."""

    host: str = "127.0.0.1"
    port: int = 3978
    app_id: str | None = None
    """The bot's app id in Microsoft Entra, in lower case; None is *local mode*."""
    app_password: Secret | None = None
    app_tenant_id: str | None = None
    """The tenant in which the app is registered, in lower case."""
    app_type: AppType = AppType.SINGLE_TENANT
    allowed_tenants: frozenset[str] = frozenset()
    """The tenants that are served, in lower case; empty (local mode only) means any."""
    admins: Admins = Admins(everyone=True)
    store: TinyDBStore | PostgreSQLStore = TinyDBStore(Path("data"))
    public_url: str = "http://127.0.0.1:3978"
    """The bot's address from outside, without a slash at the end; empty: not known."""
    personal_tracking: bool = True
    """True when reports may say who clicked, read and reacted; otherwise they only count."""
    rate_per_second: float = MAX_RATE_PER_SECOND
    """Outbound calls per second and tenant, all kinds together."""
    time_zone: zoneinfo.ZoneInfo = zoneinfo.ZoneInfo("UTC")
    """The organisation's zone; also used for people whose own is not known."""
    schedule_days_ahead: int = 6
    """Number of days ahead for which a campaign may be scheduled."""
    log_level: LogLevel = LogLevel.INFO
    start_paused: bool = False
    """True when nothing may begin by itself, as after restoring a backup."""
    cloud: Cloud = Cloud()

    @property
    def local(self) -> bool:
        """True in local mode: no credentials, no authentication, and therefore loopback only."""
        return self.app_id is None

    @property
    def client_secret(self) -> Secret | None:
        """The secret that the app signs in with; None when it has a managed identity instead.

        A registered app has one or the other.
        """
        if self.app_type is AppType.USER_ASSIGNED_MSI:
            return None
        assert self.app_password is not None
        return self.app_password

    @property
    def sign_in_tenant(self) -> str:
        """The tenant in which the app signs in to send messages; empty for a multi-tenant app."""
        one_tenant = self.app_type is AppType.SINGLE_TENANT
        return (self.app_tenant_id or "") if one_tenant else ""

    def serves(self, tenant: str) -> bool:
        """True when activities from this tenant are answered."""
        return not self.allowed_tenants or tenant.lower() in self.allowed_tenants


class PackageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that the app package needs; running the bot takes more."""

    app_id: str
    """In lower case."""
    public_url: str
    """`https://…`, without a slash at the end."""
