"""Turns the variables into settings, in local mode and for a registered bot."""

from collections.abc import Mapping

import msgspec

from settings import addresses, parsing, showing
from settings.names import misspelt
from settings.problems import SettingsError
from settings.settings import PackageSettings, Settings
from settings.values import MAX_RATE_PER_SECOND, Admins, AppType, LogLevel
from settings.variables import Variables

_ADMINS = "comma-separated e-mail addresses or Entra object ids"
_URL = "an https:// address without user, path, query or fragment"


def load(environ: Mapping[str, str]) -> Settings:
    """Returns the settings that these variables make. A blank variable counts as missing.

    Raises `SettingsError` with every problem that was found; a misspelt name is one.
    """
    variables = Variables(environ)
    variables.problems += misspelt(environ)
    local = not variables.given("MICROSOFT_APP_ID")
    host = variables.read("HOST", parsing.host, "127.0.0.1", "an IP address or a host name")
    port = variables.read("PORT", parsing.port, 3978, "a whole number from 1 to 65535")
    read = _local if local else _registered
    settings = read(variables, host, port)
    if variables.problems:
        raise SettingsError(*variables.problems)
    return settings


def load_package_settings(environ: Mapping[str, str]) -> PackageSettings:
    """Returns the app package's settings that these variables make.

    Raises `SettingsError` with every problem that was found.
    """
    variables = Variables(environ)
    variables.problems += misspelt(environ)
    settings = PackageSettings(
        app_id=_app_id(variables),
        public_url=variables.read(
            "PUBLIC_URL",
            addresses.https_url,
            "",
            f"{_URL}, because Teams takes no other",
            required=True,
            show=showing.without_user,
        ),
    )
    if variables.problems:
        raise SettingsError(*variables.problems)
    return settings


def _local(variables: Variables, host: str, port: int) -> Settings:
    for variable in ("MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"):
        if variables.given(variable):
            # Half a registration is a mistake; taking it for local mode would hide it.
            variables.refuse("MICROSOFT_APP_ID", f"the bot's app id, because {variable} is set")
            break
    else:
        if not parsing.is_loopback(host):
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
            admins=variables.read(
                "ADMINS", parsing.admins_or_everyone, Admins(everyone=True), _ADMINS
            ),
            public_url=_public_url(variables, _local_url(host, port)),
        ),
    )


def _registered(variables: Variables, host: str, port: int) -> Settings:
    app_type = variables.read(
        "MICROSOFT_APP_TYPE", parsing.app_type, AppType.SINGLE_TENANT, " | ".join(AppType)
    )
    with_secret = app_type is not AppType.USER_ASSIGNED_MSI
    for_one_tenant = app_type is not AppType.MULTI_TENANT
    app_id = _app_id(variables)
    password = variables.read(
        "MICROSOFT_APP_PASSWORD",
        parsing.secret,
        None,
        f"the app's client secret, because MICROSOFT_APP_TYPE is {app_type}",
        required=with_secret,
        show=showing.hidden,
    )
    tenant = variables.read(
        "MICROSOFT_APP_TENANT_ID",
        parsing.tenant,
        None,
        "the Entra tenant id (a GUID) in which the app is registered",
        required=for_one_tenant,
    )
    home = frozenset({tenant}) if tenant and for_one_tenant else frozenset[str]()
    allowed_tenants = _allowed_tenants(variables, home, required=not for_one_tenant)
    admins = variables.read(
        "ADMINS", parsing.admins, Admins(), f"{_ADMINS}; * only in local mode", required=True
    )
    _refuse_mixed_ids(variables, app_id, tenant, allowed_tenants, admins)
    return _common(
        variables,
        Settings(
            host=host,
            port=port,
            app_id=app_id,
            app_password=password if with_secret else None,
            app_tenant_id=tenant,
            app_type=app_type,
            allowed_tenants=allowed_tenants,
            admins=admins,
            public_url=_public_url(variables, ""),
        ),
    )


def _refuse_mixed_ids(
    variables: Variables,
    app_id: str,
    tenant: str | None,
    allowed_tenants: frozenset[str],
    admins: Admins,
) -> None:
    """Reports ids that are certainly not of the kind that their variable takes."""
    if not app_id:
        return
    if tenant == app_id:
        variables.refuse(
            "MICROSOFT_APP_TENANT_ID",
            "the tenant's own id, which is never the same as MICROSOFT_APP_ID",
        )
    elif app_id in allowed_tenants:
        variables.refuse(
            "ALLOWED_TENANTS",
            "ids of tenants; one of these is MICROSOFT_APP_ID. Are app and tenant mixed up?",
        )
    if admins.people & {app_id, tenant}:
        variables.refuse(
            "ADMINS", "ids of people; one of these is the id of the app or of the tenant"
        )


def _app_id(variables: Variables) -> str:
    return variables.read(
        "MICROSOFT_APP_ID",
        parsing.guid,
        "",
        "the bot's app id in Microsoft Entra (a GUID)",
        required=True,
    )


def _common(variables: Variables, settings: Settings) -> Settings:
    """Adds the settings that read the same in every mode."""
    return msgspec.structs.replace(
        settings,
        store=variables.read(
            "STORE",
            addresses.store,
            settings.store,
            "tinydb:FOLDER or postgresql://USER:PASSWORD@HOST/DATABASE, with %40 for an @ in the "
            "password",
            show=showing.scheme_only,
        ),
        personal_tracking=variables.read(
            "PERSONAL_TRACKING", parsing.on_or_off, settings.personal_tracking, "on | off"
        ),
        rate_per_second=variables.read(
            "RATE_PER_SECOND",
            parsing.rate,
            settings.rate_per_second,
            f"a number above 0, and at most {MAX_RATE_PER_SECOND:g}, which is what Teams allows "
            "one app in one tenant",
        ),
        time_zone=variables.read(
            "TIME_ZONE",
            parsing.time_zone,
            settings.time_zone,
            "an IANA time zone, such as Europe/Berlin",
        ),
        schedule_days_ahead=variables.read(
            "SCHEDULE_DAYS_AHEAD",
            parsing.days_ahead,
            settings.schedule_days_ahead,
            "a whole number of days from 1 to 365",
        ),
        log_level=variables.read(
            "LOG_LEVEL", parsing.log_level, settings.log_level, " | ".join(LogLevel)
        ),
        start_paused=variables.read(
            "START_PAUSED", parsing.on_or_off, settings.start_paused, "on | off"
        ),
    )


def _allowed_tenants(
    variables: Variables, default: frozenset[str], *, required: bool
) -> frozenset[str]:
    return variables.read(
        "ALLOWED_TENANTS",
        parsing.tenants,
        default,
        "comma-separated Entra tenant ids (GUIDs)",
        required=required,
    )


def _public_url(variables: Variables, default: str) -> str:
    return variables.read(
        "PUBLIC_URL",
        addresses.public_url,
        default,
        f"{_URL} (http:// on loopback only)",
        show=showing.without_user,
    )


def _local_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
