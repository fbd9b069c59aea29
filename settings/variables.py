"""Reads one variable after the other, and collects the problems on the way."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from settings import showing
from settings.names import NAMES
from settings.problems import NotAllowed, Problem

_T = TypeVar("_T")

_QUOTES = ('""', "''", "“”", "„“", "\u2018\u2019", "``", "»«", "«»")
_REFERENCE = re.compile(r"\$\{[A-Za-z_]\w*[^}]*\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


class Variables:
    """The variables of the environment, and the problems that were met while reading them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = {name: environ[name].strip() for name in NAMES if name in environ}
        self.problems: list[Problem] = []

    def given(self, variable: str) -> bool:
        """True when the variable has a value that is not blank."""
        return bool(self._values.get(variable))

    def read(
        self,
        variable: str,
        parse: Callable[[str], _T],
        default: _T,
        allowed: str,
        *,
        required: bool = False,
        show: Callable[[str], str] = showing.plainly,
    ) -> _T:
        """Returns the parsed value.

        `parse` raises ValueError for a value that is not `allowed`, and NotAllowed when it knows
        more to say. A value with a problem is reported and replaced by the default, so that reading
        goes on.

        :param allowed: the allowed values in words, for the operator's line.
        :param show: shows a bad value; must not give a secret away.
        """
        assert variable in NAMES, variable
        value = self._values.get(variable)
        if not value:
            if required:
                self.problems.append(_missing(variable, allowed))
            return default
        try:
            _require_plain(value)
            return parse(value)
        except NotAllowed as error:
            self.problems.append(_refused(variable, show(value), f"{allowed}. {error}"))
        except ValueError:
            self.problems.append(_refused(variable, show(value), allowed))
        return default

    def refuse(
        self, variable: str, allowed: str, *, show: Callable[[str], str] = showing.plainly
    ) -> None:
        """Reports a variable whose value does not go together with the other variables."""
        value = self._values.get(variable)
        self.problems.append(
            _refused(variable, show(value), allowed) if value else _missing(variable, allowed)
        )


def _require_plain(value: str) -> None:
    """Refuses what is wrong in any value, because it came along when the value was copied."""
    if value[0] + value[-1] in _QUOTES and len(value) > 1:
        raise NotAllowed("Write it without the quotes around it.")
    if _REFERENCE.search(value):
        raise NotAllowed("Write the value itself: other variables are not filled in.")
    if _CONTROL.search(value) or _INVISIBLE.search(value):
        raise NotAllowed("It has invisible characters: type it anew.")


def _missing(variable: str, allowed: str) -> Problem:
    return Problem(variable, "is missing", allowed)


def _refused(variable: str, shown: str, allowed: str) -> Problem:
    return Problem(variable, f"= {showing.shortened(shown)} is not allowed", allowed)
