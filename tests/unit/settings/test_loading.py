"""The operator's variables, and the one line that each bad value gets."""

import zoneinfo
from collections.abc import Mapping
from pathlib import Path

import pytest

from settings import (
    Admins,
    AppType,
    LogLevel,
    PostgreSQLStore,
    Secret,
    Settings,
    SettingsError,
    TinyDBStore,
    load,
    load_package_settings,
)
from settings.names import NAMES
from tests.support.tree import ROOT

APP = "0f5e8f0a-6a0e-4f0c-9f53-1f3a4b5c6d7e"
TENANT = "7d3b2a19-0c8e-4d55-8f6b-aa12bb34cc56"
OTHER_TENANT = "11111111-2222-3333-4444-555555555555"

REGISTERED: Mapping[str, str] = {
    "MICROSOFT_APP_ID": APP,
    "MICROSOFT_APP_PASSWORD": "s3cret~value",
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "ADMINS": "anna@contoso.com",
    "PUBLIC_URL": "https://campaigns.contoso.com",
}


def problems(environ: Mapping[str, str]) -> list[str]:
    """The lines that the operator gets for these variables."""
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return str(caught.value).splitlines()


def test_nothing_set_is_local_mode_on_loopback_for_everyone() -> None:
    settings = load({})
    assert settings == Settings()
    assert settings.local
    assert settings.host == "127.0.0.1"
    assert settings.port == 3978
    assert settings.store == TinyDBStore(Path("data"))
    assert settings.rate_per_second == 50
    assert settings.admins.include("anyone@example.com")
    assert settings.serves("any-tenant")
    assert settings.public_url == "http://127.0.0.1:3978"


def test_a_registered_bot_serves_its_own_tenant_and_its_admins() -> None:
    settings = load(REGISTERED)
    assert not settings.local
    assert settings.app_id == APP
    assert settings.app_password == Secret("s3cret~value")
    assert settings.app_type is AppType.SINGLE_TENANT
    assert settings.allowed_tenants == {TENANT}
    assert settings.serves(TENANT.upper())
    assert not settings.serves(OTHER_TENANT)
    assert settings.admins.include(None, "Anna@Contoso.com")
    assert not settings.admins.include(None, "ben@contoso.com")
    assert settings.public_url == "https://campaigns.contoso.com"


def test_a_registered_bot_may_listen_on_every_address() -> None:
    assert load({**REGISTERED, "HOST": "0.0.0.0"}).host == "0.0.0.0"


def test_allowed_tenants_replace_the_home_tenant() -> None:
    settings = load({**REGISTERED, "ALLOWED_TENANTS": f"{OTHER_TENANT.upper()}, {TENANT}"})
    assert settings.allowed_tenants == {TENANT, OTHER_TENANT}


def test_a_managed_identity_needs_no_password() -> None:
    environ = {**REGISTERED, "MICROSOFT_APP_TYPE": "userassignedmsi"}
    del environ["MICROSOFT_APP_PASSWORD"]
    settings = load(environ)
    assert settings.app_type is AppType.USER_ASSIGNED_MSI
    assert settings.app_password is None


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("HOST", "::1", "host", "::1"),
        ("HOST", "localhost", "host", "localhost"),
        ("PORT", "1", "port", 1),
        ("PORT", " 65535 ", "port", 65535),
        ("STORE", "tinydb:/var/lib/campaigns", "store", TinyDBStore(Path("/var/lib/campaigns"))),
        (
            "STORE",
            "postgresql://bot:pw@db:5432/campaigns",
            "store",
            PostgreSQLStore(Secret("postgresql://bot:pw@db:5432/campaigns")),
        ),
        ("PERSONAL_TRACKING", "off", "personal_tracking", False),
        ("PERSONAL_TRACKING", "ON", "personal_tracking", True),
        ("RATE_PER_SECOND", "0.5", "rate_per_second", 0.5),
        ("RATE_PER_SECOND", "50", "rate_per_second", 50.0),
        ("TIME_ZONE", "Europe/Berlin", "time_zone", zoneinfo.ZoneInfo("Europe/Berlin")),
        ("LOG_LEVEL", "debug", "log_level", LogLevel.DEBUG),
        ("PUBLIC_URL", "https://contoso.com/", "public_url", "https://contoso.com"),
        ("PUBLIC_URL", "HTTPS://Contoso.COM:8443", "public_url", "https://contoso.com:8443"),
        ("PUBLIC_URL", "http://localhost:8080", "public_url", "http://localhost:8080"),
        ("ADMINS", "*", "admins", Admins(everyone=True)),
        ("ADMINS", "", "admins", Admins(everyone=True)),
        (
            "ADMINS",
            f"Anna@Contoso.com , {APP.upper()},",
            "admins",
            Admins(people=frozenset({"anna@contoso.com", APP})),
        ),
    ],
)
def test_an_allowed_value_is_understood(
    variable: str, value: str, field: str, expected: object
) -> None:
    assert getattr(load({variable: value}), field) == expected


@pytest.mark.parametrize(
    ("host", "url"),
    [("localhost", "http://localhost:4000"), ("::1", "http://[::1]:4000")],
)
def test_the_local_public_url_follows_host_and_port(host: str, url: str) -> None:
    assert load({"HOST": host, "PORT": "4000"}).public_url == url


PORT = "a whole number from 1 to 65535"
RATE = "a number above 0, and at most 50, which is what Teams allows one app in one tenant"
STORE = (
    "tinydb:FOLDER or postgresql://USER:PASSWORD@HOST/DATABASE, with %40 for an @ in the password"
)
ZONE = "an IANA time zone, such as Europe/Berlin"
URL = "an https:// address without user, path, query or fragment (http:// on loopback only)"
ADMINS = "comma-separated e-mail addresses or Entra object ids"


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("HOST", "my host", "HOST = 'my host' is not allowed: an IP address or a host name"),
        ("PORT", "0", f"PORT = '0' is not allowed: {PORT}"),
        ("PORT", "65536", f"PORT = '65536' is not allowed: {PORT}"),
        ("PORT", "²", f"PORT = '²' is not allowed: {PORT}"),
        ("PORT", "http", f"PORT = 'http' is not allowed: {PORT}"),
        ("PERSONAL_TRACKING", "x", "PERSONAL_TRACKING = 'x' is not allowed: on | off"),
        ("RATE_PER_SECOND", "0", f"RATE_PER_SECOND = '0' is not allowed: {RATE}"),
        ("RATE_PER_SECOND", "50.1", f"RATE_PER_SECOND = '50.1' is not allowed: {RATE}"),
        ("RATE_PER_SECOND", "nan", f"RATE_PER_SECOND = 'nan' is not allowed: {RATE}"),
        ("RATE_PER_SECOND", "fast", f"RATE_PER_SECOND = 'fast' is not allowed: {RATE}"),
        ("STORE", "tinydb:", f"STORE = 'tinydb:' is not allowed: {STORE}"),
        ("STORE", "redis", f"STORE = 'redis' is not allowed: {STORE}"),
        (
            "TIME_ZONE",
            "Berlin",
            f"TIME_ZONE = 'Berlin' is not allowed: {ZONE}. Is Europe/Berlin meant?",
        ),
        ("TIME_ZONE", "Europe", f"TIME_ZONE = 'Europe' is not allowed: {ZONE}"),
        ("TIME_ZONE", "../etc", f"TIME_ZONE = '../etc' is not allowed: {ZONE}"),
        (
            "PUBLIC_URL",
            "http://contoso.com",
            f"PUBLIC_URL = 'http://contoso.com' is not allowed: {URL}",
        ),
        (
            "PUBLIC_URL",
            "contoso.com",
            f"PUBLIC_URL = 'contoso.com' is not allowed: {URL}. Write https:// before it.",
        ),
        ("PUBLIC_URL", "https://", f"PUBLIC_URL = 'https://' is not allowed: {URL}"),
        (
            "PUBLIC_URL",
            "https://a.com/?b",
            f"PUBLIC_URL = 'https://a.com/?b' is not allowed: {URL}",
        ),
        ("PUBLIC_URL", "https://a.com:x", f"PUBLIC_URL = 'https://a.com:x' is not allowed: {URL}"),
        ("ADMINS", "*, *", f"ADMINS = '*, *' is not allowed: {ADMINS}"),
        ("ADMINS", "a@b.c, *", f"ADMINS = 'a@b.c, *' is not allowed: {ADMINS}"),
        ("ADMINS", " , ", f"ADMINS = ',' is not allowed: {ADMINS}"),
        (
            "LOG_LEVEL",
            "loud",
            "LOG_LEVEL = 'loud' is not allowed: DEBUG | INFO | WARNING | ERROR | CRITICAL",
        ),
        (
            "ALLOWED_TENANTS",
            "contoso",
            "ALLOWED_TENANTS = 'contoso' is not allowed: comma-separated Entra tenant ids (GUIDs)",
        ),
    ],
)
def test_a_bad_value_gets_one_line(variable: str, value: str, line: str) -> None:
    assert problems({variable: value}) == [line]


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("PERSONAL_TRACKING", "false", "Write off."),
        ("PERSONAL_TRACKING", "No", "Write off."),
        ("PERSONAL_TRACKING", "0", "Write off."),
        ("PERSONAL_TRACKING", "TRUE", "Write on."),
        ("START_PAUSED", "yes", "Write on."),
        ("RATE_PER_SECOND", "50/s", "Write the number alone, without a unit."),
        ("RATE_PER_SECOND", "10 per second", "Write the number alone, without a unit."),
        ("RATE_PER_SECOND", "0,5", "Write the number with a point."),
        ("RATE_PER_SECOND", "1_0", None),
        ("RATE_PER_SECOND", "5e1", None),
        ("RATE_PER_SECOND", "\u0661\u0660", None),
        ("RATE_PER_SECOND", "9" * 5_000, None),
        ("PORT", "3978/tcp", "Write the number alone, without a unit."),
        ("PORT", "9" * 5_000, None),
        ("SCHEDULE_DAYS_AHEAD", "6 days", "Write the number alone, without a unit."),
        ("HOST", "0.0.0.0:3978", "The port belongs into PORT."),
        ("HOST", "http://0.0.0.0", "Write it without https:// and path."),
        ("HOST", "*", "Every address is 0.0.0.0."),
        ("HOST", "[::1]", "Write it without the brackets."),
        ("LOG_LEVEL", "warn", "Is WARNING meant?"),
        ("TIME_ZONE", "europe/berlin", "Is Europe/Berlin meant?"),
        ("TIME_ZONE", "Europe/Berln", "Is Europe/Berlin meant?"),
        ("TIME_ZONE", "New York", "Is America/New_York meant?"),
        ("TIME_ZONE", "right/Europe/Berlin", "Is Europe/Berlin meant?"),
        ("TIME_ZONE", "GMT+2", None),
        ("TIME_ZONE", "localtime", None),
        ("STORE", "postgres:bot/campaigns", "A database begins with postgresql://."),
        ("STORE", "tinydb://data", "Write the folder right after tinydb:, without //."),
        ("STORE", "tinydb:~/data", "Write the whole path: the ~ is not filled in."),
        ("STORE", "TinyDB:data", "A folder begins with tinydb:, in small letters."),
        ("STORE", "file:data", "A folder begins with tinydb:, in small letters."),
        ("STORE", "/var/lib/data", "A folder begins with tinydb:."),
        (
            "STORE",
            "tinydb:${HOME}/data",
            "Write the value itself: other variables are not filled in.",
        ),
        ("PUBLIC_URL", "contoso.com/bot", "Write https:// before it."),
        ("PUBLIC_URL", "contoso.com:8443", "Write https:// before it."),
        ("PUBLIC_URL", "https:/contoso.com", None),
        (
            "PUBLIC_URL",
            "https://contoso.com/bot",
            "Write the host alone, without a path: the bot's pages are at its root.",
        ),
        (
            "PUBLIC_URL",
            "https://contoso.com/api/messages",
            "Write the host alone, without a path: the bot's pages are at its root.",
        ),
        ("PUBLIC_URL", "https://contoso.com#x", None),
        ("PUBLIC_URL", "https://contoso.com:0", None),
        ("PUBLIC_URL", "https://contoso.com:", None),
        ("PUBLIC_URL", "https://contoso.com.", "Write the host without the dot at its end."),
        ("PUBLIC_URL", "https://contoso.com..", "Write the host without the dot at its end."),
        ("PUBLIC_URL", "https://con toso.com", "It has a space in it."),
        ("PUBLIC_URL", "https://a.com https://b.com", "It has a space in it."),
        (
            "PUBLIC_URL",
            "https://müller.example",
            "Write the host's ASCII form, which begins with xn--.",
        ),
        ("PUBLIC_URL", "https://0.0.0.0", "Write the name by which browsers reach the bot."),
        ("ADMINS", "Anna Muster", "Write addresses, not names or groups."),
        (
            "ADMINS",
            "Anna Muster <anna@contoso.com>",
            "Write the address alone, without the name and the < >.",
        ),
        ("ADMINS", "a@b.com; c@d.com", "Write commas in place of the semicolons."),
        ("ADMINS", "a@b.com c@d.com", "Write a comma between two addresses."),
        ("ADMINS", "mailto:a@b.com", "Write the address without mailto:."),
        ("ADMINS", "@contoso.com", "Write whole addresses: a domain alone is nobody."),
        (
            "ADMINS",
            "anna@contoso",
            "Write whole addresses, with their domains, such as anna@contoso.com.",
        ),
        (
            "ADMINS",
            "anna@",
            "Write whole addresses, with their domains, such as anna@contoso.com.",
        ),
        (
            "ALLOWED_TENANTS",
            "contoso.com",
            "Write the tenant's id (Entra ID, Overview), not its domain or name.",
        ),
        (
            "ALLOWED_TENANTS",
            "organizations",
            "Write the tenant's id (Entra ID, Overview), not its domain or name.",
        ),
        ("ALLOWED_TENANTS", f"{TENANT};{APP}", "Write commas in place of the semicolons."),
        ("ALLOWED_TENANTS", f"{{{TENANT}}}", "Write it without what is around it."),
        (
            "ALLOWED_TENANTS",
            "00000000-0000-0000-0000-000000000000",
            "The zeros stand in .env.example for an id of yours.",
        ),
        ("PORT", '"3978"', "Write it without the quotes around it."),
        ("TIME_ZONE", "'UTC'", "Write it without the quotes around it."),
        ("TIME_ZONE", "\u201cUTC\u201d", "Write it without the quotes around it."),
        ("TIME_ZONE", "U\u200bTC", "It has invisible characters: type it anew."),
        ("TIME_ZONE", "U\nTC", "It has invisible characters: type it anew."),
    ],
)
def test_a_usual_mistake_gets_the_sentence_what_to_write(
    variable: str, value: str, advice: str | None
) -> None:
    [line] = problems({variable: value})
    assert line.startswith(f"{variable} = ")
    assert " is not allowed: " in line
    if advice is None:
        assert not line.endswith(".")
    else:
        assert line.endswith(f". {advice}")


GENERIC = "MICROSOFT_APP_PASSWORD = (hidden) is not allowed: the app's client secret, because "


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        (
            OTHER_TENANT,
            "This is the secret's id. Copy what stands under Value in Entra ID (Certificates & "
            "secrets). It is shown only when the secret is made, so make a new one.",
        ),
        ('"hunter2"', "Write it without the quotes around it."),
        ("'hunter2'", "Write it without the quotes around it."),
        ('"hunter2', "Write it without the quotes or brackets around it."),
        ("<hunter2>", "Write it without the quotes or brackets around it."),
        (
            "hunter2 1/1/2027",
            "A secret has no spaces and only plain characters: copy it again.",
        ),
        ("hunter2\u200b", "It has invisible characters: type it anew."),
        ("${hunter2}", "Write the value itself: other variables are not filled in."),
    ],
)
def test_what_is_no_secret_is_refused_unseen(password: str, advice: str) -> None:
    [line] = problems({**REGISTERED, "MICROSOFT_APP_PASSWORD": password})
    assert line == f"{GENERIC}MICROSOFT_APP_TYPE is SingleTenant. {advice}"


@pytest.mark.parametrize(
    "store",
    [
        "postgres://bot:hunter2@db/campaigns",
        "postgress://bot:hunter2@db/campaigns",
        "postgresql+asyncpg://bot:hunter2@db/campaigns",
        "jdbc:postgresql://bot:hunter2@db/campaigns",
        "postgresql:bot:hunter2@db/campaigns",
        "postgresql://bot:hunter2@db",
        "postgresql://bot:hunter2@db/",
        "postgresql://bot:hunter2@db?sslmode=require",
        "postgresql://bot:1/hunter2@db/campaigns",
        "postgresql://bot:1?hunter2@db/campaigns",
        "postgresql://bot:1#hunter2@db/campaigns",
        "postgresql://bot:hunter2 x@db/campaigns",
        "postgresql://bot:${hunter2}@db/campaigns",
        "'postgresql://bot:hunter2@db/campaigns'",
    ],
)
def test_a_database_that_would_be_another_one_is_refused_without_its_password(store: str) -> None:
    [line] = problems({"STORE": store})
    assert line.startswith("STORE = ")
    assert "hunter2" not in line


SWAPPED = "Abc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456789_-"


@pytest.mark.parametrize(
    "variable",
    ["MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID", "ALLOWED_TENANTS", "ADMINS", "TIME_ZONE"],
)
@pytest.mark.parametrize("secret", [SWAPPED, "postgresql://bot:hunter2@db/campaigns"])
def test_a_secret_in_the_place_of_something_else_is_not_shown(variable: str, secret: str) -> None:
    [line] = problems({**REGISTERED, variable: secret})
    assert line.startswith(f"{variable} = (hidden) is not allowed: ")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"MICROSOFT_APP_TENANT_ID": APP.upper()},
            f"MICROSOFT_APP_TENANT_ID = '{APP.upper()}' is not allowed: the tenant's own id, which "
            "is never the same as MICROSOFT_APP_ID",
        ),
        (
            {
                "MICROSOFT_APP_ID": TENANT,
                "MICROSOFT_APP_TENANT_ID": APP,
                "ALLOWED_TENANTS": TENANT,
            },
            f"ALLOWED_TENANTS = '{TENANT}' is not allowed: ids of tenants; one of these is "
            "MICROSOFT_APP_ID. Are app and tenant mixed up?",
        ),
        (
            {"ADMINS": f"anna@contoso.com,{APP}"},
            f"ADMINS = 'anna@contoso.com,{APP}' is not allowed: ids of people; one of these is the "
            "id of the app or of the tenant",
        ),
    ],
)
def test_ids_that_are_certainly_mixed_up_are_refused(changes: Mapping[str, str], line: str) -> None:
    assert problems({**REGISTERED, **changes}) == [line]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PERSONAL_TRACKNG", "PERSONAL_TRACKING"),
        ("PERSONAL_TRACK", "PERSONAL_TRACKING"),
        ("personal_tracking", "PERSONAL_TRACKING"),
        ("MicrosoftAppId", "MICROSOFT_APP_ID"),
        ("MICROSOFT_APP_SECRET", "MICROSOFT_APP_PASSWORD"),
        ("ALOWED_TENANTS", "ALLOWED_TENANTS"),
        ("ALLOWED_TENANT_IDS", "ALLOWED_TENANTS"),
        ("ADMIN", "ADMINS"),
        ("PUBLICURL", "PUBLIC_URL"),
        ("STRAT_PAUSED", "START_PAUSED"),
    ],
)
def test_a_name_that_looks_like_ours_is_refused_in_the_environment(name: str, meant: str) -> None:
    [line] = problems({name: "off"})
    assert line == f"{name} (environment) is not known: is {meant} meant?"


def test_names_of_other_programs_are_left_alone_in_the_environment() -> None:
    others = (
        "PATH HOME HOSTNAME POST PORTS TZ LANG PWD SHELL USER DOMAIN DATABASE_URL HTTPS_PROXY "
        "STORE_SERVICE_HOST STORE_PORT KUBERNETES_PORT PUBLIC_IP WEBSITES_PORT AZURE_CLIENT_ID "
        "APPSETTING_MICROSOFT_APP_ID CLIENT_SECRET IDENTITY_ENDPOINT PYTHONUNBUFFERED LOG TIME"
    )
    assert load(dict.fromkeys(others.split(), "x")) == Settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "bot.contoso.com"])
def test_local_mode_refuses_to_be_reached_from_other_machines(host: str) -> None:
    assert problems({"HOST": host}) == [
        f"HOST = '{host}' is not allowed: a loopback address (127.0.0.1, ::1 or localhost) while "
        "MICROSOFT_APP_ID is not set, because nobody is authenticated in local mode"
    ]


@pytest.mark.parametrize("variable", ["MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"])
def test_half_a_registration_is_not_taken_for_local_mode(variable: str) -> None:
    assert problems({variable: REGISTERED[variable]}) == [
        f"MICROSOFT_APP_ID is missing: the bot's app id, because {variable} is set"
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"MICROSOFT_APP_ID": "my-bot"},
            "MICROSOFT_APP_ID = 'my-bot' is not allowed: the bot's app id in Microsoft Entra "
            "(a GUID)",
        ),
        (
            {"MICROSOFT_APP_PASSWORD": ""},
            "MICROSOFT_APP_PASSWORD is missing: the app's client secret, because "
            "MICROSOFT_APP_TYPE is SingleTenant",
        ),
        (
            {"MICROSOFT_APP_TENANT_ID": ""},
            "MICROSOFT_APP_TENANT_ID is missing: the Entra tenant id (a GUID) in which the app is "
            "registered",
        ),
        (
            {"MICROSOFT_APP_TYPE": "Both"},
            "MICROSOFT_APP_TYPE = 'Both' is not allowed: "
            "SingleTenant | MultiTenant | UserAssignedMSI",
        ),
        (
            {"MICROSOFT_APP_TYPE": "MultiTenant"},
            "ALLOWED_TENANTS is missing: comma-separated Entra tenant ids (GUIDs)",
        ),
        ({"ADMINS": ""}, f"ADMINS is missing: {ADMINS}; * only in local mode"),
        ({"ADMINS": "*"}, f"ADMINS = '*' is not allowed: {ADMINS}; * only in local mode"),
    ],
)
def test_a_registered_bot_is_refused_what_would_not_work_or_not_be_safe(
    changes: Mapping[str, str], line: str
) -> None:
    assert problems({**REGISTERED, **changes}) == [line]


def test_all_problems_are_reported_at_once() -> None:
    lines = problems({"PORT": "x", "TIME_ZONE": "x", "STORE": "x"})
    assert [line.split()[0] for line in lines] == ["PORT", "STORE", "TIME_ZONE"]


def test_a_line_stays_a_line_and_short() -> None:
    [line] = problems({"TIME_ZONE": "Europe/\n" + "x" * 10_000})
    assert len(line) < 200


def test_a_registered_bot_does_without_a_public_address() -> None:
    assert load({**REGISTERED, "PUBLIC_URL": ""}).public_url == ""


@pytest.mark.parametrize(
    "environ",
    [
        {"STORE": "postgres://bot:hunter2@db/campaigns"},
        {"STORE": "postgresql://bot:hunter2@db:port/campaigns"},
        {"STORE": "postgresql://db?password=hunter2"},
        {"STORE": "postgresql://bot:hunter2@home@db/campaigns"},
        {"STORE": "hunter2@db:5432"},
        {"PUBLIC_URL": "https://anna:hunter2@contoso.com"},
        {**REGISTERED, "MICROSOFT_APP_PASSWORD": "hunter2", "PORT": "x"},
        {"MICROSOFT_APP_PASSWORD": "hunter2"},
    ],
)
def test_a_secret_is_in_no_line(environ: Mapping[str, str]) -> None:
    assert "hunter2" not in "\n".join(problems(environ))


def test_a_secret_is_in_no_repr() -> None:
    settings = load({**REGISTERED, "STORE": "postgresql://bot:hunter2@db/campaigns"})
    assert "s3cret~value" not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert settings.app_password is not None
    assert settings.app_password.reveal() == "s3cret~value"


def test_every_variable_is_in_the_example_file_and_in_the_guide() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    documented = {line.split("=")[0].strip("# ") for line in example.splitlines() if "=" in line}
    assert documented == {*NAMES}
    guide = (ROOT / "docs" / "operator-guide.md").read_text("utf-8")
    assert [name for name in NAMES if f"\n| `{name}` |" not in guide] == []


def test_the_example_file_as_it_is_means_local_mode() -> None:
    example = ROOT / ".env.example"
    assert not [line for line in example.read_text("utf-8").splitlines() if line and line[0] != "#"]


def test_the_package_takes_two_variables_and_nothing_else() -> None:
    given = {"MICROSOFT_APP_ID": APP.upper(), "PUBLIC_URL": "https://Contoso.com/"}
    package = load_package_settings(given)
    assert package.app_id == APP
    assert package.public_url == "https://contoso.com"


PACKAGE_URL = (
    "an https:// address without user, path, query or fragment, because Teams takes no other"
)


@pytest.mark.parametrize(
    ("environ", "lines"),
    [
        (
            {},
            [
                "MICROSOFT_APP_ID is missing: the bot's app id in Microsoft Entra (a GUID)",
                f"PUBLIC_URL is missing: {PACKAGE_URL}",
            ],
        ),
        (
            {"MICROSOFT_APP_ID": "bot", "PUBLIC_URL": "http://127.0.0.1:3978"},
            [
                "MICROSOFT_APP_ID = 'bot' is not allowed: the bot's app id in Microsoft Entra "
                "(a GUID)",
                f"PUBLIC_URL = 'http://127.0.0.1:3978' is not allowed: {PACKAGE_URL}",
            ],
        ),
    ],
)
def test_all_that_the_package_lacks_is_said_at_once(
    environ: Mapping[str, str], lines: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_package_settings(environ)
    assert str(caught.value).splitlines() == lines
