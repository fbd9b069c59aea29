"""Bodies of answers: read to a limit, unpacked to a limit, and decoded without an exception.

We ask for answers that are not compressed. Somebody in between may compress them all the same, and
60 KB can unpack to 60 MB. So the HTTP libraries unpack nothing; it is done here, to a limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final, TypeVar

import aiohttp
import msgspec

from campaigns.text.storable import storable
from teams.parsing import text_of

T = TypeVar("T")

UNCOMPRESSED: Final[Mapping[str, str]] = {"Accept-Encoding": "identity"}
"""Headers of a request whose answer is wanted as it is."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


async def whole_body(response: aiohttp.ClientResponse, longest: int) -> bytes:
    """Returns the body, or only its beginning: one byte more than ``longest``, when it is longer.

    The session of the response must have ``auto_decompress=False``. A body that is compressed in a
    way that is not known is empty. Raises aiohttp.ClientError, TimeoutError or OSError when the
    connection breaks.

    :param longest: bytes, before and after unpacking.
    """
    body = bytearray()
    await _collect(response, longest, body)
    return _plain(response, body, longest)


async def arrived_body(response: aiohttp.ClientResponse, longest: int) -> bytes:
    """Returns the part of the body that came before the connection broke; raises nothing.

    The rest is as in :func:`whole_body`.
    """
    body = bytearray()
    try:
        await _collect(response, longest, body)
    except (aiohttp.ClientError, TimeoutError, OSError):
        response.close()
    return _plain(response, body, longest)


def unpacked(body: bytes, encoding: str | None, longest: int) -> bytes:
    """Returns the body unpacked, as far as that is possible, up to ``longest`` bytes and one.

    :param encoding: the header ``Content-Encoding``. gzip and deflate are known.
    """
    match (encoding or "identity").strip().lower():
        case "identity" | "":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body, _GZIP_OR_ZLIB, longest)
        case "deflate":
            # The standard means zlib's format, and some servers send the bare one.
            return _inflated(body, _GZIP_OR_ZLIB, longest) or _inflated(body, _RAW_DEFLATE, longest)
    return b""


def from_json(body: bytes, kind: type[T]) -> T | None:
    """Returns the JSON in the body as this type; None when it is not JSON, or of another shape.

    A text in ISO-8859-1 is read as that; half of an emoji costs that character and not the answer.
    """
    try:
        return msgspec.json.decode(storable(text_of(body).encode()), type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def text_or_empty(value: object) -> str:
    """Returns the value when it is a text; else an empty one."""
    return value if isinstance(value, str) else ""


async def _collect(response: aiohttp.ClientResponse, longest: int, body: bytearray) -> None:
    async for part in response.content.iter_any():
        body += part
        if len(body) > longest:
            # Not kept alive: the rest of the body would have to be read first.
            response.close()
            return


def _plain(response: aiohttp.ClientResponse, body: bytearray, longest: int) -> bytes:
    return unpacked(bytes(body[: longest + 1]), response.headers.get("Content-Encoding"), longest)


def _inflated(body: bytes, window: int, longest: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(body, longest + 1)
    except zlib.error:
        return b""
