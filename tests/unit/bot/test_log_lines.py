"""Log lines: nobody from outside can write one of their own, or fill the disk with them."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.log_lines import LONGEST_LINE, LineFormatter, SeldomLog


def logged(write: object) -> str:
    """Returns what the log has after ``write`` was called with it."""
    assert callable(write)
    stream = io.StringIO()
    lines = logging.StreamHandler(stream)
    lines.setFormatter(LineFormatter())
    log = logging.getLogger("test")
    log.addHandler(lines)
    log.propagate = False
    write(log)
    log.removeHandler(lines)
    return stream.getvalue()


@given(st.text(alphabet=st.characters()))
def test_no_text_leaves_its_line(text: str) -> None:
    line = logged(lambda log: log.warning("said %s", text))
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert line[:-1].isprintable() or not [c for c in line[:-1] if ord(c) < 32 or c == "\x7f"]
    line.encode("utf-8")


def test_a_line_has_a_limit() -> None:
    line = logged(lambda log: log.warning("%s", "x" * 1_000_000))
    assert len(line) < LONGEST_LINE + 200
    assert "(1000000 characters)" in line


def test_a_stack_can_not_forge_a_line() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            raise ValueError("bad\n2026-11-29 10:00:00,000 ERROR app: forged\x1b[2J")
        except ValueError:
            log.exception("failed")

    first, *rest = logged(fail).splitlines()
    assert first.endswith("ERROR test: failed")
    assert all(line.startswith("  ") for line in rest)
    assert any("forged" in line for line in rest)
    assert not any("\x1b" in line for line in rest)


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_many_lines_of_one_kind_are_some_and_a_number(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    seldom = SeldomLog(logging.getLogger("flood"), most=3, clock=time)
    for number in range(100):
        seldom.warning("refused %d", number)
    assert caplog.messages == ["refused 0", "refused 1", "refused 2"]
    caplog.clear()
    time.now += 60
    seldom.warning("refused %d", 100)
    seldom.warning("refused %d", 101)
    assert caplog.messages == [
        "refused 100 (97 lines like this were left out)",
        "refused 101",
    ]
