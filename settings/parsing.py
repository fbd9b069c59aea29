"""Parses the texts of variables.

Each function returns the value, and raises ValueError for a text that is not allowed. It is a
NotAllowed when the mistake is one that people make, and there is a sentence for it.
"""

import difflib
import ipaddress
import math
import re
import zoneinfo
from collections.abc import Iterable

from settings.problems import NotAllowed
from settings.values import MAX_RATE_PER_SECOND, Admins, AppType, LogLevel, Secret

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>:]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")

_SECRET_S_ID = (
    "This is the secret's id. Copy what stands under Value in Entra ID (Certificates & secrets). "
    "It is shown only when the secret is made, so make a new one."
)
_ZEROS = "00000000-0000-0000-0000-000000000000"

_ON = ("true", "yes", "y", "1", "enabled", "enable", "ein", "an", "ja", "oui", "wahr")
_OFF = ("false", "no", "n", "0", "disabled", "disable", "aus", "nein", "non", "falsch", "none")

_LEVELS = {"WARN": "WARNING", "ERR": "ERROR", "FATAL": "CRITICAL", "TRACE": "DEBUG"}
"""Names of other programs for the same severities."""

_NO_ZONES = ("localtime", "posixrules", "Factory")
"""Files beside the zones. What they mean depends on the machine."""


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
        if "://" in value:
            raise NotAllowed("Write it without https:// and path.") from None
        if value == "*":
            raise NotAllowed("Every address is 0.0.0.0.") from None
        if value.startswith("[") and value.endswith("]"):
            raise NotAllowed("Write it without the brackets.") from None
        if re.fullmatch(r".*:\d+", value):
            raise NotAllowed("The port belongs into PORT.") from None
        if not _HOST_NAME.fullmatch(value):
            raise
    return value


def port(value: str) -> int:
    """Parses a TCP port, 1 to 65535."""
    return _whole_number(value, 65535)


def days_ahead(value: str) -> int:
    """Parses a whole number of days, 1 to 365."""
    return _whole_number(value, 365)


def rate(value: str) -> float:
    """Parses a rate above 0 and at most `MAX_RATE_PER_SECOND`."""
    # `float` takes more: "1_0", "5e1", "nan", digits of any script.
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        _refuse_unit(value)
        raise ValueError
    number = float(value)
    if not (math.isfinite(number) and 0 < number <= MAX_RATE_PER_SECOND):
        raise ValueError
    return number


def _whole_number(value: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        _refuse_unit(value)
        raise ValueError
    if not 1 <= int(value) <= most:
        raise ValueError
    return int(value)


def _refuse_unit(value: str) -> None:
    if re.fullmatch(r"[0-9]+,[0-9]+", value):
        raise NotAllowed("Write the number with a point.")
    if re.fullmatch(r"[0-9]+([.,][0-9]+)?\s*[a-z/][^0-9]*", value, re.IGNORECASE):
        raise NotAllowed("Write the number alone, without a unit.")


def guid(value: str) -> str:
    """Parses a GUID; returns it in lower case."""
    if not GUID.fullmatch(value):
        bare = value.strip("{}()<>").removeprefix("urn:uuid:")
        if bare != value and GUID.fullmatch(bare):
            raise NotAllowed("Write it without what is around it.")
        raise ValueError
    if value == _ZEROS:
        raise NotAllowed("The zeros stand in .env.example for an id of yours.")
    return value.lower()


def secret(value: str) -> Secret:
    """Parses the app's client secret."""
    if GUID.fullmatch(value):
        raise NotAllowed(_SECRET_S_ID)
    if re.search(r"\s", value) or not value.isascii():
        raise NotAllowed("A secret has no spaces and only plain characters: copy it again.")
    if value[0] in "'\"<[" or value[-1] in "'\">]":
        raise NotAllowed("Write it without the quotes or brackets around it.")
    return Secret(value)


def tenant(value: str) -> str:
    """Parses the id of a tenant; returns it in lower case."""
    if _DOMAIN.fullmatch(value) or value.lower() in ("common", "organizations", "consumers"):
        raise NotAllowed("Write the tenant's id (Entra ID, Overview), not its domain or name.")
    return guid(value)


def tenants(value: str) -> frozenset[str]:
    """Parses the ids of tenants, separated by commas; returns them in lower case."""
    return frozenset(tenant(item) for item in _items(value))


def app_type(value: str) -> AppType:
    """Parses an app type, written in any case."""
    bare = re.sub(r"[ _-]", "", value).lower()
    for known in AppType:
        if known.lower() == bare:
            return known
    if bare in ("msi", "managedidentity", "userassignedmanagedidentity", "userassigned"):
        raise NotAllowed(f"Is {AppType.USER_ASSIGNED_MSI} meant?")
    raise ValueError


def admins(value: str) -> Admins:
    """Parses e-mail addresses and GUIDs separated by commas; returns them in lower case."""
    people = _items(value)
    for person in people:
        _require_person(person)
    return Admins(people=frozenset(person.lower() for person in people))


def admins_or_everyone(value: str) -> Admins:
    """Parses admins separated by commas, or `*` for everyone."""
    return Admins(everyone=True) if value == "*" else admins(value)


def _require_person(item: str) -> None:
    """Raises ValueError unless the item is an e-mail address or a GUID."""
    if _EMAIL.fullmatch(item) or GUID.fullmatch(item):
        if item == _ZEROS:
            raise NotAllowed("The zeros are nobody's id.")
        return
    if re.search(r"<[^<>]+@[^<>]+>", item):
        raise NotAllowed("Write the address alone, without the name and the < >.")
    if item.lower().startswith("mailto:"):
        raise NotAllowed("Write the address without mailto:.")
    if item.count("@") > 1 or (" " in item and "@" in item):
        raise NotAllowed("Write a comma between two addresses.")
    if item.startswith("@"):
        raise NotAllowed("Write whole addresses: a domain alone is nobody.")
    if "@" in item:
        raise NotAllowed("Write whole addresses, with their domains, such as anna@contoso.com.")
    if item != "*":
        raise NotAllowed("Write addresses, not names or groups.")
    raise ValueError


def _items(value: str) -> list[str]:
    if ";" in value:
        raise NotAllowed("Write commas in place of the semicolons.")
    items = [item.strip() for item in value.split(",") if item.strip()]
    if not items:
        raise ValueError
    return items


def on_or_off(value: str) -> bool:
    """Parses `on` or `off`, in any case."""
    written = value.lower()
    if written in _ON:
        raise NotAllowed("Write on.")
    if written in _OFF:
        raise NotAllowed("Write off.")
    if written not in ("on", "off"):
        raise ValueError
    return written == "on"


def time_zone(value: str) -> zoneinfo.ZoneInfo:
    """Parses the name of an IANA time zone."""
    try:
        if not value.startswith(("posix/", "right/")) and value not in _NO_ZONES:
            return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: the name of a folder of zones, such as "Europe".
        pass
    known = zoneinfo.available_timezones() - {*_NO_ZONES}
    meant = _nearest_zone(value, known)
    if meant is not None:
        raise NotAllowed(f"Is {meant} meant?")
    raise ValueError


def _nearest_zone(value: str, known: Iterable[str]) -> str | None:
    written = value.removeprefix("posix/").removeprefix("right/").strip().replace(" ", "_")
    zones = {name.casefold(): name for name in sorted(known)}
    cities = {
        name.casefold().rpartition("/")[2]: name
        for name in sorted(known)
        # Etc/GMT+1 is one hour *behind* UTC, and nobody means that.
        if "/" in name and not name.startswith("Etc/")
    }
    for names in (zones, cities):
        if written.casefold() in names:
            return names[written.casefold()]
    for names in (zones, cities):
        near = difflib.get_close_matches(written.casefold(), names, n=1, cutoff=0.8)
        if near:
            return names[near[0]]
    return None


def log_level(value: str) -> LogLevel:
    """Parses a log level, written in any case."""
    written = value.upper()
    if written in _LEVELS:
        raise NotAllowed(f"Is {_LEVELS[written]} meant?")
    return LogLevel(written)
