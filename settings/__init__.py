"""The settings: environment variables (and a `.env` file) in, one frozen value out.

`from_environment` reads the environment once, at the start; `load` is the pure function under it.
Every bad value is reported, not just the first. Each gets one line, with the variable, its value
(unless it is a secret) and the values that are allowed.

::

    environment     the process's variables and the `.env` file; the only reader of `os.environ`
    loading         turns the variables into settings
    names           all names, and what is meant by a misspelt one
    variables       reads one variable after the other and collects the problems
    parsing         turns the text of a variable into a value
    addresses       does so for the store and the public address
    showing         shows a bad value to the operator, but never a secret
    settings        the frozen values that result
    values          the types of their fields
    problems        the errors that stop the start
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
