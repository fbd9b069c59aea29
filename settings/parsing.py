"""Parses the texts of variables.

Each function returns the value, and raises ValueError for a text that is not allowed.
"""

import ipaddress
import math
import re
import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

from settings.values import (
    MAX_RATE_PER_SECOND,
    Admins,
    AppType,
    LogLevel,
    PostgreSQLStore,
    Secret,
    TinyDBStore,
)

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """True when only this machine reaches `host` (an IP address or a name)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host(value: str) -> str:
    """Parses an IP address or a host name."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not _HOST_NAME.fullmatch(value):
            raise
    return value


def port(value: str) -> int:
    """Parses a TCP port, 1 to 65535."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise ValueError
    return int(value)


def days_ahead(value: str) -> int:
    """Parses a whole number of days, 1 to 365."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 365):
        raise ValueError
    return int(value)


def guid(value: str) -> str:
    """Parses a GUID; returns it in lower case."""
    if not _GUID.fullmatch(value):
        raise ValueError
    return value.lower()


def _items(value: str) -> list[str]:
    items = [item.strip() for item in value.split(",") if item.strip()]
    if not items:
        raise ValueError
    return items


def guids(value: str) -> frozenset[str]:
    """Parses GUIDs separated by commas; returns them in lower case."""
    return frozenset(guid(item) for item in _items(value))


def app_type(value: str) -> AppType:
    """Parses an app type, written in any case."""
    for known in AppType:
        if known.lower() == value.lower():
            return known
    raise ValueError


def admins(value: str) -> Admins:
    """Parses e-mail addresses and GUIDs separated by commas; returns them in lower case."""
    people = _items(value)
    if not all(_EMAIL.fullmatch(person) or _GUID.fullmatch(person) for person in people):
        raise ValueError
    return Admins(people=frozenset(person.lower() for person in people))


def admins_or_everyone(value: str) -> Admins:
    """Parses admins separated by commas, or `*` for everyone."""
    return Admins(everyone=True) if value == "*" else admins(value)


def store(value: str) -> TinyDBStore | PostgreSQLStore:
    """Parses `tinydb:FOLDER` or `postgresql://…`."""
    scheme, _, rest = value.partition(":")
    if scheme == "tinydb" and rest:
        return TinyDBStore(Path(rest))
    parts = urlsplit(value)
    # A second "@" belongs to a password that is not percent-encoded. asyncpg ends the password at
    # the first one, and would take the rest for the host.
    if parts.netloc.count("@") > 1:
        raise ValueError
    # Reading `port` raises ValueError when it is not a number.
    if parts.scheme == "postgresql" and parts.netloc and parts.path.strip("/") and parts.port != 0:
        return PostgreSQLStore(Secret(value))
    raise ValueError


def public_url(value: str) -> str:
    """Parses an `https://` address (`http://` on loopback only); drops a slash at the end."""
    parts = urlsplit(value)
    name = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(name))
    surplus = "@" in parts.netloc or "?" in value or "#" in value
    if not secure or surplus or parts.port == 0 or not host(name):
        raise ValueError
    return value.rstrip("/")


def https_url(value: str) -> str:
    """Parses an `https://` address; drops a slash at the end."""
    if not value.startswith("https://"):
        raise ValueError
    return public_url(value)


def on_or_off(value: str) -> bool:
    """Parses `on` or `off`, in any case."""
    if value.lower() not in ("on", "off"):
        raise ValueError
    return value.lower() == "on"


def rate(value: str) -> float:
    """Parses a rate above 0 and at most `MAX_RATE_PER_SECOND`."""
    number = float(value)
    if not (math.isfinite(number) and 0 < number <= MAX_RATE_PER_SECOND):
        raise ValueError
    return number


def time_zone(value: str) -> zoneinfo.ZoneInfo:
    """Parses the name of an IANA time zone."""
    try:
        return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        # OSError: the name of a folder of zones, such as "Europe".
        raise ValueError from error


def log_level(value: str) -> LogLevel:
    """Parses a log level, written in any case."""
    return LogLevel(value.upper())
