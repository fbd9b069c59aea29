"""Percent-encoding of a value that becomes one part of a web address."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

_RESERVED: Final = re.compile(r"[^A-Za-z0-9_.~-]+")


def percent_encoded(text: str) -> str:
    """Returns the same as ``urllib.parse.quote(text, safe="")``, faster.

    ``quote`` goes byte by byte through a text in which a single character needs encoding, as in
    every e-mail address and conversation id. Here only the characters that need it are handed to
    ``quote``, and the result is mostly cached.
    """
    return _RESERVED.sub(_quoted, text)


def _quoted(match: re.Match[str]) -> str:
    return _quote(match[0])


@lru_cache(maxsize=1024)
def _quote(run: str) -> str:
    return quote(run, safe="")
