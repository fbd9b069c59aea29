"""Reads the process's environment and the `.env` file. The only module that does."""

import io
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from dotenv.parser import Binding, parse_stream

from settings.loading import load, load_package_settings
from settings.names import NAMES, unknown
from settings.problems import Problem, SettingsError
from settings.settings import PackageSettings, Settings

_T = TypeVar("_T")


def from_environment(dotenv_path: Path = Path(".env")) -> Settings:
    """Reads the process's environment and the `.env` file; the environment wins over the file.

    A missing file is no error. Raises `SettingsError` with every problem that was found.
    """
    return _loaded(dotenv_path, load)


def package_settings_from_environment(dotenv_path: Path = Path(".env")) -> PackageSettings:
    """Reads what the app package needs, as `from_environment` does; nothing else has to be set."""
    return _loaded(dotenv_path, load_package_settings)


def _loaded(dotenv_path: Path, load_from: Callable[[Mapping[str, str]], _T]) -> _T:
    """Loads from the variables of the file, overridden by those of the process."""
    lines = _lines(dotenv_path)
    problems = [*_repeated(lines), *unknown((line.name, line.number) for line in lines)]
    of_file = {line.name: line.value for line in lines if line.name in NAMES}
    try:
        settings = load_from({**of_file, **os.environ})
    except SettingsError as error:
        raise SettingsError(*problems, *error.problems) from None
    if problems:
        raise SettingsError(*problems)
    return settings


class _Line(msgspec.Struct, frozen=True):
    """A line of the `.env` file that sets a variable."""

    number: int
    name: str
    value: str


def _repeated(lines: Iterable[_Line]) -> list[Problem]:
    """Returns a problem for each name that is set more than once: which one is meant?"""
    numbers: dict[str, list[int]] = {}
    for line in lines:
        numbers.setdefault(line.name, []).append(line.number)
    return [
        Problem(name, f"(.env lines {_and(places)}) is set {len(places)} times", "keep one of them")
        for name, places in numbers.items()
        # Names that are not known have a line of their own, and may be secrets.
        if len(places) > 1 and name in NAMES
    ]


def _and(numbers: list[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}"


def _lines(path: Path) -> list[_Line]:
    """Returns the file's lines that set a variable; none when there is no file.

    A file or line that can't be read raises `SettingsError`: going on without it would start
    another bot than the operator meant. No line is shown, because it may have a secret in it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        wrong = f"can't be read ({error.strerror})"
        raise SettingsError(Problem(path.name, wrong, "a text file, or none")) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = f"line {line} is not in UTF-8"
        raise SettingsError(Problem(path.name, wrong, "a text file in UTF-8")) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        wrong = f"line {line} has a NUL character"
        raise SettingsError(Problem(path.name, wrong, "a text file in UTF-8"))
    # Not interpolated: a `$` in a password is a `$`.
    bindings = list(parse_stream(io.StringIO(text, newline=None)))
    problems = [
        Problem(
            path.name,
            f"line {_number(binding)} is not understood",
            "NAME=VALUE, with both quotes or none around the value, or a comment after #",
        )
        for binding in bindings
        # A name without = would count as missing in silence.
        if binding.error or (binding.key is not None and binding.value is None)
    ]
    if problems:
        raise SettingsError(*problems)
    return [
        _Line(_number(binding), binding.key, binding.value)
        for binding in bindings
        if binding.key is not None and binding.value is not None
    ]


def _number(binding: Binding) -> int:
    """Returns the number of the binding's line. The blank lines before it belong to it, too."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
