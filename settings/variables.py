"""Reads one variable after the other, and collects the problems on the way."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from settings.problems import Problem
from settings.showing import shortened

_T = TypeVar("_T")


class Variables:
    """The variables of the environment, and the problems that were met while reading them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in environ.items()}
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
        show: Callable[[str], str] = repr,
    ) -> _T:
        """Returns the parsed value. `parse` raises ValueError for a value that is not `allowed`.

        A value with a problem is reported and replaced by the default, so that reading goes on.

        :param allowed: the allowed values in words, for the operator's line.
        :param show: shows a bad value; must not give a secret away.
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
        """Reports a variable whose value does not go together with the other variables."""
        value = self._values.get(variable)
        self.problems.append(
            _refused(variable, show(value), allowed) if value else _missing(variable, allowed)
        )


def _missing(variable: str, allowed: str) -> Problem:
    return Problem(variable, "is missing", allowed)


def _refused(variable: str, shown: str, allowed: str) -> Problem:
    return Problem(variable, f"= {shortened(shown)} is not allowed", allowed)
