"""The product is told the time; only `delivery/clock.py` reads the machine's clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import ROOT

PRODUCT = (
    *("bot", "campaigns", "cards", "delivery", "dialogs", "storage", "teams"),
    *("manifest", "settings", "app.py"),
)

CLOCK = "delivery/clock.py"

EXCEPTIONS = {
    # A server names the moment from which it may be asked again, by the clock of the machines.
    "teams/transport.py": {"datetime.now"},
    # The times of files, which the system gives to all others.
    "storage/embedded/files.py": {"time.time_ns"},
    # How old what is remembered is, and how long an answer took: nothing else depends on it.
    "teams/pictures.py": {"time.monotonic"},
    "teams/signin.py": {"time.monotonic"},
    "bot/http.py": {"time.perf_counter"},
}

READINGS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {
        *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
        *("clock_gettime", "clock_gettime_ns", "localtime", "gmtime", "ctime", "asctime"),
        *("strftime", "process_time", "sleep"),
    },
}
"""Attributes that read a clock, by the name of the module or class that has them."""


def modules() -> Iterator[Path]:
    for place in PRODUCT:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()


def readings(source: str) -> Iterator[str]:
    """The clocks that a source reads.

    A monotonic clock as the default of a parameter is not among them: there it can be replaced.
    """
    tree = ast.parse(source)
    injected = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in (*function.args.defaults, *function.args.kw_defaults)
        if node is not None and ast.unparse(node) == "time.monotonic"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node not in injected:
            owner = ast.unparse(node.value).rpartition(".")[2]
            if node.attr in READINGS.get(owner, ()):
                yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{name.name}" for name in node.names)


def test_only_the_clock_reads_the_machines_clock() -> None:
    found: dict[str, set[str]] = {}
    for path in modules():
        for reading in readings(path.read_text("utf-8")):
            found.setdefault(path.relative_to(ROOT).as_posix(), set()).add(reading)
    assert "datetime.now" in found.pop(CLOCK)
    assert found == EXCEPTIONS


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("import datetime\ndatetime.datetime.now()", ["datetime.now"]),
        ("x = datetime.now(UTC)", ["datetime.now"]),
        ("x = datetime.utcnow()", ["datetime.utcnow"]),
        ("x = date.today()", ["date.today"]),
        ("x = time.time()", ["time.time"]),
        ("f(now=datetime.now)", ["datetime.now"]),
        ("def f(now=datetime.now): ...", ["datetime.now"]),
        ("from time import time", ["time.time"]),
        ("x = time.monotonic()", ["time.monotonic"]),
        ("def f(clock=time.monotonic()): ...", ["time.monotonic"]),
        ("def f(clock=time.monotonic): ...", []),
        ("def f(*, clock=time.monotonic): ...", []),
        ("x = clock.now()", []),
        ("x = now.time()", []),
    ],
)
def test_each_way_to_read_a_clock_is_noticed(source: str, read: list[str]) -> None:
    assert list(readings(source)) == read
