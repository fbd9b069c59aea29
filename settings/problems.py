"""Problems that stop the start, with one line for each."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One variable, or the `.env` file, that stops the start. `str` is the operator's line."""

    variable: str
    wrong: str
    """The problem: "is missing", "= 'x' is not allowed". Never shows a secret."""
    allowed: str
    """The values that are allowed, in words."""

    def __str__(self) -> str:
        return f"{self.variable} {self.wrong}: {self.allowed}"


class SettingsError(Exception):
    """The settings don't allow a start. `str` has one line for each problem, in a fixed order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class NotAllowed(ValueError):
    """A value is not allowed. The text is a sentence that says what to write instead.

    The operator reads it after the allowed values. It shows nothing that may be a secret.
    """
