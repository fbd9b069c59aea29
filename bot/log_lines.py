"""Log lines: each stays one line of limited length, and outsiders can cause only so many."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final

LONGEST_LINE: Final = 4_000
"""Characters of a message; the rest is cut off."""
MOST_A_MINUTE: Final = 30
"""Lines that one place writes in a minute, at most, about what outsiders do. A line has some 150
bytes, so a flood of requests costs 5 KB a minute and place."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_STACK = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_ErrorInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class LineFormatter(logging.Formatter):
    """Writes control characters escaped, so that no text from outside can begin a line of its own.

    The lines of a stack are indented, for the same reason.
    """

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record's line, and the lines of its stack if it has one."""
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        lines = [self.formatMessage(record)]
        # Not `record.exc_text`, in which another formatter may have left its own.
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        if record.stack_info:
            lines.append(self.formatStack(record.stack_info))
        return "\n".join(lines)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """Returns the record's one line."""
        message = record.message
        if len(message) > LONGEST_LINE:
            message = f"{message[:LONGEST_LINE]}... ({len(message)} characters)"
        record.message = _CONTROL.sub(_escaped, message)
        return super().formatMessage(record)

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802  # logging's name
        """Returns the lines of a stack."""
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  # logging's name
        """Returns the lines of a stack."""
        return _indented(super().formatStack(stack_info))


class SeldomLog:
    """Writes a limited number of lines a minute, and then how many it has left out.

    It is for what anybody can cause by a request.

    :param clock: seconds, monotonic.
    """

    def __init__(
        self,
        log: logging.Logger,
        *,
        most: int = MOST_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._most = most
        self._clock = clock
        self._since = clock()
        self._written = 0
        self._left_out = 0

    def warning(self, text: str, *values: object) -> None:
        """Writes the line at WARNING, unless there were many within this minute."""
        now = self._clock()
        if now - self._since >= 60.0:
            self._since, self._written = now, 0
        if self._written >= self._most:
            self._left_out += 1
            return
        self._written += 1
        if self._left_out:
            text, values = f"{text} (%d lines like this were left out)", (*values, self._left_out)
            self._left_out = 0
        self._log.warning(text, *values)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def _indented(stack: str) -> str:
    return "\n".join(f"  {_CONTROL_IN_STACK.sub(_escaped, line)}" for line in stack.split("\n"))
