"""Reads the process's environment and the `.env` file. The only module that does."""

import io
import os
from pathlib import Path

from dotenv.parser import parse_stream

from settings.loading import load, load_package_settings
from settings.problems import Problem, SettingsError
from settings.settings import PackageSettings, Settings


def from_environment(dotenv_path: Path = Path(".env")) -> Settings:
    """Reads the process's environment and the `.env` file; the environment wins over the file.

    A missing file is no error. Raises `SettingsError` with every problem that was found.
    """
    return load(_environment(dotenv_path))


def package_settings_from_environment(dotenv_path: Path = Path(".env")) -> PackageSettings:
    """Reads what the app package needs, as `from_environment` does; nothing else has to be set."""
    return load_package_settings(_environment(dotenv_path))


def _environment(dotenv_path: Path) -> dict[str, str]:
    """Returns the variables of the file, overridden by those of the process."""
    return {**_file_variables(dotenv_path), **os.environ}


def _file_variables(path: Path) -> dict[str, str]:
    """Returns the file's variables; none when there is no file.

    A file or line that can't be read raises `SettingsError`: going on without it would start
    another bot than the operator meant. No line is shown, because it may have a secret in it.
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
    return {
        binding.key: binding.value
        for binding in bindings
        if binding.key is not None and binding.value is not None
    }


def _lines_before(text: str) -> int:
    """Counts the line ends before the first visible character."""
    return text[: len(text) - len(text.lstrip())].count("\n")
