"""The names of the variables, and the names that are misspelt.

A misspelt name would be passed over in silence, and the bot would do what the operator has
forbidden. In `.env` every name is ours. The process's environment has many others, so there a name
is refused only when it looks like one of ours.
"""

import re
from collections.abc import Iterable

from settings.problems import Problem

NAMES = (
    "MICROSOFT_APP_ID",
    "MICROSOFT_APP_PASSWORD",
    "MICROSOFT_APP_TENANT_ID",
    "MICROSOFT_APP_TYPE",
    "ALLOWED_TENANTS",
    "ADMINS",
    "HOST",
    "PORT",
    "STORE",
    "PUBLIC_URL",
    "PERSONAL_TRACKING",
    "RATE_PER_SECOND",
    "TIME_ZONE",
    "SCHEDULE_DAYS_AHEAD",
    "LOG_LEVEL",
    "START_PAUSED",
)
"""All variables of the bot, in the order of the guide."""

COMPOSE_NAMES = ("DATABASE_PASSWORD", "DOMAIN")
"""Variables of `compose.yaml`. It reads them from the same `.env`; the bot does not."""
_COMPOSE_PREFIX = "COMPOSE_"
"""Docker's own variables, which it reads from `.env` as well."""

_PREFIXES = ("MICROSOFTAPP", "ALLOWEDTENANT", "PERSONALTRACK", "RATEPER", "SCHEDULEDAYS")
"""Nobody else's names begin like this."""

_OTHER_WORDS = {
    "APPID": "MICROSOFT_APP_ID",
    "BOTID": "MICROSOFT_APP_ID",
    "CLIENTID": "MICROSOFT_APP_ID",
    "APPPASSWORD": "MICROSOFT_APP_PASSWORD",
    "APPSECRET": "MICROSOFT_APP_PASSWORD",
    "BOTPASSWORD": "MICROSOFT_APP_PASSWORD",
    "CLIENTSECRET": "MICROSOFT_APP_PASSWORD",
    "MICROSOFTAPPSECRET": "MICROSOFT_APP_PASSWORD",
    "SECRET": "MICROSOFT_APP_PASSWORD",
    "APPTENANTID": "MICROSOFT_APP_TENANT_ID",
    "TENANTID": "MICROSOFT_APP_TENANT_ID",
    "APPTYPE": "MICROSOFT_APP_TYPE",
    "BASEURL": "PUBLIC_URL",
    "DATABASE": "STORE",
    "DATABASEURL": "STORE",
    "TRACKING": "PERSONAL_TRACKING",
    "TZ": "TIME_ZONE",
}
"""Names that other programs have for the same things, without their underscores."""

_SHOWN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
"""A name that may be shown. Anything else may be a secret that was pasted without its name."""


def misspelt(environ: Iterable[str]) -> list[Problem]:
    """Returns a problem for each name that looks like one of ours and is none."""
    found = []
    for name in sorted(environ):
        meant = None if name in NAMES else _meant(name)
        if meant is not None:
            found.append(_unknown(name, "environment", meant))
    return found


def unknown(lines: Iterable[tuple[str, int]]) -> list[Problem]:
    """Returns a problem for each name of the `.env` file that is not known.

    :param lines: the names with the numbers of their lines.
    """
    known = {*NAMES, *COMPOSE_NAMES}
    return [
        _unknown(name, f".env line {line}", _meant(name) or _other_word(name))
        for name, line in lines
        if name not in known and not name.startswith(_COMPOSE_PREFIX)
    ]


def _unknown(name: str, place: str, meant: str | None) -> Problem:
    advice = f"is {meant} meant?" if meant else "the names are those in .env.example"
    if not _SHOWN.fullmatch(name):
        return Problem(place, "has a name that is not known", advice)
    return Problem(name, f"({place}) is not known", advice)


def _meant(name: str) -> str | None:
    """Returns the variable that is surely meant by this name; None when it is no name of ours."""
    bare = _bare(name)
    distance, nearest = min((_distance(bare, _bare(known)), known) for known in NAMES)
    # Four letters are too few to tell a slip from another word: POST is not PORT.
    if distance <= min(len(nearest), len(bare)) // 5:
        return nearest
    return _OTHER_WORDS.get(bare, nearest) if bare.startswith(_PREFIXES) else None


def _other_word(name: str) -> str | None:
    """Returns the variable that may be meant by this name in a file of ours."""
    bare = _bare(name)
    if bare in _OTHER_WORDS:
        return _OTHER_WORDS[bare]
    distance, nearest = min((_distance(bare, _bare(known)), known) for known in NAMES)
    return nearest if distance <= len(nearest) // 3 else None


def _bare(name: str) -> str:
    """Returns the name without regard to case and underscores: `MicrosoftAppId` is one of ours."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _distance(one: str, other: str) -> int:
    """Counts the letters that are added, left out, changed or swapped between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
