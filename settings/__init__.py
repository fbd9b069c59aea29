"""The settings: environment variables (and a `.env` file) in, one frozen value out.

`from_environment` reads the environment once, at the start; `load` is the pure function under it.
Every bad value is reported, not just the first, each in one line that names the variable, its value
(never a secret's) and what is allowed.

::

    environment     the process's variables and the `.env` file; the only reader of `os.environ`
    loading         which variable becomes which setting
    variables       reads one variable after the other and collects the problems
    parsing         text -> value, or ValueError
    showing         how a bad value is shown without giving a secret away
    settings        the frozen values that come out
    values          the types of their fields
    problems        what stops the start
"""

from settings.environment import from_environment, package_settings_from_environment
from settings.loading import load, load_package_settings
from settings.parsing import is_loopback
from settings.problems import Problem, SettingsError
from settings.settings import PackageSettings, Settings
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

__all__ = [
    "MAX_RATE_PER_SECOND",
    "Admins",
    "AppType",
    "Cloud",
    "LogLevel",
    "PackageSettings",
    "PostgreSQLStore",
    "Problem",
    "Secret",
    "Settings",
    "SettingsError",
    "TinyDBStore",
    "from_environment",
    "is_loopback",
    "load",
    "load_package_settings",
    "package_settings_from_environment",
]
