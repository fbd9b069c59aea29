"""Programs and servers that some tests need and that not everyone has."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

PROGRAMS = {
    "node": ("node",),
    "npm": ("npm",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
}
"""Each tool under the names that its program has on the systems we know."""


def require(tool: str) -> str:
    """The path of the program. Without it the test is skipped at home and fails in CI."""
    paths = (shutil.which(program) for program in PROGRAMS[tool])
    found = next(filter(None, paths), None)
    return found or missing(f"{tool} is not installed")


def missing(reason: str) -> NoReturn:
    """Skips the test at home; in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and in CI it has to be")
    pytest.skip(reason)
