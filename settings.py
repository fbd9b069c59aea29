"""The settings: environment variables (and a `.env` file) in, one frozen value out.

This is the only module that reads the environment. `from_environment` does so once, at the start;
`load` is the pure function under it. Every bad value is reported, not just the first, each in one
line that names the variable, its value (never a secret's) and what is allowed.
"""

import enum
import io
import ipaddress
import math
import os
import re
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from dotenv.parser import parse_stream

MAX_RATE_PER_SECOND = 50.0
"""Requests per second that Teams allows one app in one tenant, of all kinds together.

Source: "Optimize your bot with rate limiting in Teams", Microsoft Learn. A higher rate would only
collect 429 answers; a lower one leaves room for another service under the same app id.
"""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
_SHOWN_CHARACTERS = 80

_T = TypeVar("_T")


class Problem(msgspec.Struct, frozen=True):
    """One variable, or the `.env` file, that stops the start. `str` is the operator's line."""

    variable: str
    wrong: str
    """What is wrong with it: "is missing", "= 'x' is not allowed". Never shows a secret."""
    allowed: str

    def __str__(self) -> str:
        return f"{self.variable} {self.wrong}: {self.allowed}"


class SettingsError(Exception):
    """The settings don't allow a start. `str` has one line for each problem, in a fixed order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Secret:
    """A text that no log line, traceback or `repr` shows; `reveal` gives it to its one user."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Pass it on; never format it into a message."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


class AppType(enum.StrEnum):
    """How the bot's app is registered in Microsoft Entra."""

    SINGLE_TENANT = "SingleTenant"
    """For one organisation, with a secret."""
    MULTI_TENANT = "MultiTenant"
    """For several organisations, with a secret. None can be registered since 2025-07-31."""
    USER_ASSIGNED_MSI = "UserAssignedMSI"
    """For one organisation, with a managed identity of Azure instead of a secret."""


class LogLevel(enum.StrEnum):
    """The least severity that is logged, by the names of Python's `logging`."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class Admins(msgspec.Struct, frozen=True):
    """Who may author, send and read reports."""

    everyone: bool = False
    people: frozenset[str] = frozenset()
    """E-mail addresses and Entra object ids, in lower case."""

    def include(self, *identities: str | None) -> bool:
        """Whether a person is an admin, given the identities known of them (None = not known)."""
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
    their own, and a token of one cloud is nothing to another.
    """

    login_url: str = "https://login.microsoftonline.com"
    """Microsoft Entra; the tenant is appended to it."""
    token_scope: str = "https://api.botframework.com/.default"
    """The scope of the token that the bot shows to the Bot Connector."""
    token_issuer: str = "https://api.botframework.com"
    """The issuer of the tokens that the channel shows to the bot."""
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    """Where the keys of those tokens are found."""
    graph_url: str = "https://graph.microsoft.com"
    graph_scope: str = "https://graph.microsoft.com/.default"
    service_hosts: frozenset[str] = frozenset(
        {
            "smba.trafficmanager.net",
            "smba.onyx.prod.teams.trafficmanager.net",
            "smba.infra.gcc.teams.microsoft.com",
        }
    )
    """The only hosts that are sent the bot's token, over HTTPS, compared exactly.

    Source: "Service URL validation" in the documentation of Microsoft's Teams SDK. No wildcards:
    anyone can register a name under trafficmanager.net.
    """


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decides. The defaults are local mode on this machine."""

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
    """Where this bot is reached from outside, without a slash at the end; empty: not known."""
    personal_tracking: bool = True
    """Whether reports may say who clicked, read and reacted; otherwise they only count."""
    rate_per_second: float = MAX_RATE_PER_SECOND
    """Outbound calls per second and tenant, all kinds together."""
    time_zone: zoneinfo.ZoneInfo = zoneinfo.ZoneInfo("UTC")
    """The organisation's zone, for people whose own is not known."""
    schedule_days_ahead: int = 6
    """How many days ahead a campaign may be scheduled."""
    log_level: LogLevel = LogLevel.INFO
    cloud: Cloud = Cloud()

    @property
    def local(self) -> bool:
        """Local mode: no credentials, no authentication, and therefore loopback only."""
        return self.app_id is None

    def serves(self, tenant: str) -> bool:
        """Whether activities from this tenant are answered."""
        return not self.allowed_tenants or tenant.lower() in self.allowed_tenants


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What the app package says of the bot; it takes less than running it."""

    app_id: str
    """In lower case."""
    public_url: str
    """`https://…`, without a slash at the end."""


def from_environment(dotenv_path: Path = Path(".env")) -> Settings:
    """Read the process's environment and the `.env` file; where both speak, the environment wins.

    Raises `SettingsError`. A file that is not there is no error.
    """
    return load(_environment(dotenv_path))


def published_from_environment(dotenv_path: Path = Path(".env")) -> Published:
    """As `from_environment`, but only what the app package needs: nothing else has to be set."""
    return load_published(_environment(dotenv_path))


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from variables alone. A blank variable counts as missing.

    Raises `SettingsError` with every problem that was found.
    """
    variables = _Variables(environ)
    local = not variables.given("MICROSOFT_APP_ID")
    host = variables.read("HOST", _host, "127.0.0.1", "an IP address or a host name")
    port = variables.read("PORT", _port, 3978, "a whole number from 1 to 65535")
    read = _local if local else _registered
    settings = read(variables, host, port)
    if variables.problems:
        raise SettingsError(*variables.problems)
    return settings


def load_published(environ: Mapping[str, str]) -> Published:
    """What the app package needs, from variables alone.

    Raises `SettingsError` with every problem that was found.
    """
    variables = _Variables(environ)
    published = Published(
        app_id=_app_id(variables),
        public_url=variables.read(
            "PUBLIC_URL",
            _https_url,
            "",
            "an https:// address without user, query or fragment, because Teams takes no other",
            required=True,
            show=_without_user,
        ),
    )
    if variables.problems:
        raise SettingsError(*variables.problems)
    return published


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host` (an IP address or a name)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# Reading ------------------------------------------------------------------------------------------


def _environment(dotenv_path: Path) -> dict[str, str]:
    """The variables of the file and, before them, of the process."""
    return {**_of_file(dotenv_path), **os.environ}


def _of_file(path: Path) -> dict[str, str]:
    """The file's variables; none when it is not there.

    Going on without a file or line that was meant would start another bot than the operator's, so
    each raises `SettingsError`. No line is shown: it may have a secret in it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        wrong = f"can't be read ({error.strerror})"
        raise SettingsError(Problem(path.name, wrong, "a text file, or none")) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = f"line {line} is not in UTF-8"
        raise SettingsError(Problem(path.name, wrong, "a text file in UTF-8")) from error
    # Not interpolated: a `$` in a password is a `$`.
    bindings = list(parse_stream(io.StringIO(text, newline=None)))
    problems = [
        Problem(
            path.name,
            # The blank lines before a line belong to its binding.
            f"line {binding.original.line + _lines_before(binding.original.string)} is not "
            "understood",
            "NAME=VALUE, with both quotes or none around the value, or a comment after #",
        )
        for binding in bindings
        if binding.error
    ]
    if problems:
        raise SettingsError(*problems)
    return {of.key: of.value for of in bindings if of.key is not None and of.value is not None}


def _lines_before(text: str) -> int:
    """Line ends before the first thing to be read."""
    return text[: len(text) - len(text.lstrip())].count("\n")


class _Variables:
    """The environment, and the problems met while reading it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in environ.items()}
        self.problems: list[Problem] = []

    def given(self, variable: str) -> bool:
        return bool(self._values.get(variable))

    def read(
        self,
        variable: str,
        parse: Callable[[str], _T],
        default: _T,
        allowed: str,
        *,
        required: bool = False,
        show: Callable[[str], str] = repr,
    ) -> _T:
        """The parsed value. `parse` raises ValueError for what is not `allowed`.

        The default stands in for a value with a problem too, so that reading goes on to the next.
        """
        value = self._values.get(variable)
        if not value:
            if required:
                self.problems.append(_missing(variable, allowed))
            return default
        try:
            return parse(value)
        except ValueError:
            self.problems.append(_refused(variable, show(value), allowed))
            return default

    def refuse(self, variable: str, allowed: str, *, show: Callable[[str], str] = repr) -> None:
        """Report a variable whose value is sound by itself, but not beside the others."""
        value = self._values.get(variable)
        self.problems.append(
            _refused(variable, show(value), allowed) if value else _missing(variable, allowed)
        )


def _missing(variable: str, allowed: str) -> Problem:
    return Problem(variable, "is missing", allowed)


def _refused(variable: str, shown: str, allowed: str) -> Problem:
    return Problem(variable, f"= {_cut(shown)} is not allowed", allowed)


def _local(variables: _Variables, host: str, port: int) -> Settings:
    for variable in ("MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"):
        if variables.given(variable):
            # Half a registration is a mistake; taking it for local mode would hide it.
            variables.refuse("MICROSOFT_APP_ID", f"the bot's app id, because {variable} is set")
            break
    else:
        if not is_loopback(host):
            variables.refuse(
                "HOST",
                "a loopback address (127.0.0.1, ::1 or localhost) while MICROSOFT_APP_ID is not "
                "set, because nobody is authenticated in local mode",
            )
    return _common(
        variables,
        Settings(
            host=host,
            port=port,
            allowed_tenants=_allowed_tenants(variables, frozenset(), required=False),
            admins=variables.read("ADMINS", _admins_or_everyone, Admins(everyone=True), _ADMINS),
            public_url=_public_url_of(variables, _local_url(host, port)),
        ),
    )


def _registered(variables: _Variables, host: str, port: int) -> Settings:
    app_type = variables.read(
        "MICROSOFT_APP_TYPE", _app_type, AppType.SINGLE_TENANT, " | ".join(AppType)
    )
    with_secret = app_type is not AppType.USER_ASSIGNED_MSI
    for_one_tenant = app_type is not AppType.MULTI_TENANT
    app_id = _app_id(variables)
    password = variables.read(
        "MICROSOFT_APP_PASSWORD",
        Secret,
        None,
        f"the app's client secret, because MICROSOFT_APP_TYPE is {app_type}",
        required=with_secret,
        show=_hidden,
    )
    tenant = variables.read(
        "MICROSOFT_APP_TENANT_ID",
        _guid,
        None,
        "the Entra tenant id (a GUID) in which the app is registered",
        required=for_one_tenant,
    )
    home = frozenset({tenant}) if tenant and for_one_tenant else frozenset[str]()
    return _common(
        variables,
        Settings(
            host=host,
            port=port,
            app_id=app_id,
            app_password=password if with_secret else None,
            app_tenant_id=tenant,
            app_type=app_type,
            allowed_tenants=_allowed_tenants(variables, home, required=not for_one_tenant),
            admins=variables.read(
                "ADMINS", _admins, Admins(), f"{_ADMINS}; * only in local mode", required=True
            ),
            public_url=_public_url_of(variables, ""),
        ),
    )


def _app_id(variables: _Variables) -> str:
    return variables.read(
        "MICROSOFT_APP_ID", _guid, "", "the bot's app id in Microsoft Entra (a GUID)", required=True
    )


def _common(variables: _Variables, settings: Settings) -> Settings:
    """What reads the same in every mode."""
    return msgspec.structs.replace(
        settings,
        store=variables.read(
            "STORE",
            _store,
            settings.store,
            "tinydb:FOLDER or postgresql://USER:PASSWORD@HOST/DATABASE, with %40 for an @ in the "
            "password",
            show=_scheme_only,
        ),
        personal_tracking=variables.read(
            "PERSONAL_TRACKING", _on_or_off, settings.personal_tracking, "on | off"
        ),
        rate_per_second=variables.read(
            "RATE_PER_SECOND",
            _rate,
            settings.rate_per_second,
            f"a number above 0, and at most {MAX_RATE_PER_SECOND:g}, which is what Teams allows "
            "one app in one tenant",
        ),
        time_zone=variables.read(
            "TIME_ZONE", _time_zone, settings.time_zone, "an IANA time zone, such as Europe/Berlin"
        ),
        schedule_days_ahead=variables.read(
            "SCHEDULE_DAYS_AHEAD",
            _days_ahead,
            settings.schedule_days_ahead,
            "a whole number of days from 1 to 365",
        ),
        log_level=variables.read("LOG_LEVEL", _log_level, settings.log_level, " | ".join(LogLevel)),
    )


def _allowed_tenants(
    variables: _Variables, default: frozenset[str], *, required: bool
) -> frozenset[str]:
    return variables.read(
        "ALLOWED_TENANTS",
        _guids,
        default,
        "comma-separated Entra tenant ids (GUIDs)",
        required=required,
    )


def _public_url_of(variables: _Variables, default: str) -> str:
    return variables.read(
        "PUBLIC_URL",
        _public_url,
        default,
        "an https:// address without user, query or fragment (http:// on loopback only)",
        show=_without_user,
    )


# Parsing: each raises ValueError for what is not allowed ------------------------------------------

_ADMINS = "comma-separated e-mail addresses or Entra object ids"


def _host(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not _HOST_NAME.fullmatch(value):
            raise
    return value


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise ValueError
    return int(value)


def _days_ahead(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 365):
        raise ValueError
    return int(value)


def _guid(value: str) -> str:
    if not _GUID.fullmatch(value):
        raise ValueError
    return value.lower()


def _items(value: str) -> list[str]:
    items = [item.strip() for item in value.split(",") if item.strip()]
    if not items:
        raise ValueError
    return items


def _guids(value: str) -> frozenset[str]:
    return frozenset(_guid(item) for item in _items(value))


def _app_type(value: str) -> AppType:
    for app_type in AppType:
        if app_type.lower() == value.lower():
            return app_type
    raise ValueError


def _admins(value: str) -> Admins:
    people = _items(value)
    if not all(_EMAIL.fullmatch(person) or _GUID.fullmatch(person) for person in people):
        raise ValueError
    return Admins(people=frozenset(person.lower() for person in people))


def _admins_or_everyone(value: str) -> Admins:
    return Admins(everyone=True) if value == "*" else _admins(value)


def _store(value: str) -> TinyDBStore | PostgreSQLStore:
    scheme, _, rest = value.partition(":")
    if scheme == "tinydb" and rest:
        return TinyDBStore(Path(rest))
    parts = urlsplit(value)
    # Of two, a password has one that is not encoded, and the host would be part of it.
    if parts.netloc.count("@") > 1:
        raise ValueError
    # Reading the port raises ValueError for one that is not a number.
    if parts.scheme == "postgresql" and parts.netloc and parts.path.strip("/") and parts.port != 0:
        return PostgreSQLStore(Secret(value))
    raise ValueError


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    surplus = "@" in parts.netloc or "?" in value or "#" in value
    if not secure or surplus or parts.port == 0 or not _host(host):
        raise ValueError
    return value.rstrip("/")


def _https_url(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError
    return _public_url(value)


def _on_or_off(value: str) -> bool:
    if value.lower() not in ("on", "off"):
        raise ValueError
    return value.lower() == "on"


def _rate(value: str) -> float:
    rate = float(value)
    if not (math.isfinite(rate) and 0 < rate <= MAX_RATE_PER_SECOND):
        raise ValueError
    return rate


def _time_zone(value: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        # OSError: the name of a folder of zones, such as "Europe".
        raise ValueError from error


def _log_level(value: str) -> LogLevel:
    return LogLevel(value.upper())


# Showing ------------------------------------------------------------------------------------------


def _hidden(_value: str) -> str:
    return "(hidden)"


def _scheme_only(value: str) -> str:
    """A store without what may be a password; a mistyped one may have it anywhere."""
    scheme, colon, _ = value.partition(":")
    if scheme == "tinydb" or not (colon or "@" in value):
        return repr(value)
    return repr(f"{scheme}:…") if colon and "@" not in scheme else "(hidden)"


def _without_user(value: str) -> str:
    return "(hidden)" if "@" in value else repr(value)


def _cut(shown: str) -> str:
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[: _SHOWN_CHARACTERS - 1]}…"


def _local_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
