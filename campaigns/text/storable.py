"""JSON from outside, made such that every text in it can be kept, sent and shown.

JSON can write two things that cannot be kept: half of a surrogate pair, which has no UTF-8, and the
character NUL, which PostgreSQL refuses. A client leaves a half when it cuts a text inside an emoji.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|(?P<nul>\\u0000)"
)
"""Matches an escaped backslash, a whole surrogate pair, half of a pair, or NUL. It matches the
first two so that it sees no half, and no NUL, inside them."""


def storable(body: bytes) -> bytes:
    """Returns JSON with U+FFFD in the place of each half of a surrogate pair, and without NULs.

    U+0001 takes the place of a NUL. It is a control character, too: cleaning removes it from texts,
    and our own ids never have one. Without it, a bad id could become a good one.
    """
    if rb"\u" not in body:
        return body
    return _ESCAPE.sub(_mended, body)


def _mended(match: re.Match[bytes]) -> bytes:
    if match["half"] is not None:
        return rb"\ufffd"
    return rb"\u0001" if match["nul"] is not None else match[0]
