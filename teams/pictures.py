"""Looks at pictures on the web as Teams would: are they there, and small enough?

A person typed the address, so a look is limited: HTTPS on its usual port, hosts on the public
internet only, no redirect, no proxy, no cookies, a megabyte, a few seconds.

Where a host is, is asked three times: of the host as it is written, of all addresses that its name
has, and of the very address that is connected to. The last one is what counts: between two answers
a name may lead elsewhere.
"""

from __future__ import annotations

import io
import socket
import ssl
import time

import aiohttp
import imagesize
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from campaigns.pictures import LARGEST, WIDEST, Finding
from campaigns.refusals.authoring import (
    PictureAnswered,
    PictureDoubt,
    PictureMissing,
    PictureRefusal,
    PictureTooBig,
    PictureTooLarge,
)
from teams.addresses import NotPublicError, is_public_address, may_be_public, public_socket
from teams.bodies import UNCOMPRESSED, whole_body

_TIMEOUT = 5.0
"""Seconds for a look; somebody waits for the answer."""

_REMEMBERED_FOR = 300.0
"""Seconds that a finding stays valid: an author presses *Next* several times."""
_REMEMBERED = 500
"""Findings that are remembered, at most."""

_KINDS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
"""First bytes of PNG, JPEG and GIF."""


class WebPictures:
    """Implements the dialogs' ``Pictures``.

    :param private: True allows hosts outside the public internet, on any port (for tests).
    :param trust: the certificates to trust; None: the usual ones.
    :param names: resolves host names; None: the usual way.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        trust: ssl.SSLContext | None = None,
        names: AbstractResolver | None = None,
    ) -> None:
        self._private = private
        self._trust = trust
        self._names = names
        self._known: dict[str, tuple[float, Finding]] = {}

    async def look(self, address: str) -> Finding:
        """Returns the finding on the picture at this address; never raises."""
        known = self._known.get(address)
        if known is not None and time.monotonic() - known[0] < _REMEMBERED_FOR:
            return known[1]
        finding = await self._look(address)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[address] = (time.monotonic(), finding)
        return finding

    async def _look(self, address: str) -> Finding:
        try:
            url = URL(address)
            # Decoded only when it is asked for: a name like `xn--` fails here.
            host, port = url.host, url.explicit_port
        except ValueError:
            return Finding(wrong=PictureRefusal.NO_ADDRESS)
        if url.scheme != "https" or not host:
            return Finding(wrong=PictureRefusal.NOT_HTTPS)
        if not self._private and (port not in (None, 443) or not may_be_public(host)):
            return Finding(unsure=PictureDoubt.NOT_PUBLIC)
        try:
            return await self._fetch(url)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, NotPublicError):
                return Finding(unsure=PictureDoubt.NOT_PUBLIC)
            if isinstance(error, aiohttp.ClientConnectorDNSError):
                return Finding(unsure=PictureDoubt.NOT_FOUND)
            return Finding(unsure=PictureDoubt.NOT_REACHED)
        except TimeoutError:
            return Finding(unsure=PictureDoubt.NO_ANSWER)
        except (aiohttp.ClientError, OSError, ValueError):
            return Finding(unsure=PictureDoubt.NOT_REACHED)

    async def _fetch(self, url: URL) -> Finding:
        connector = aiohttp.TCPConnector(
            resolver=None if self._private else _Public(self._names or ThreadedResolver()),
            ssl=self._trust or True,
            socket_factory=None if self._private else public_socket,
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"User-Agent": "teams-campaigns", "Accept": "image/*", **UNCOMPRESSED},
            ) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if 300 <= response.status < 400:
                return Finding(wrong=PictureRefusal.LEADS_ON)
            if response.status in (404, 410):
                return Finding(wrong=PictureMissing(response.status))
            if response.status != 200:
                return Finding(unsure=PictureAnswered(response.status))
            if (response.content_length or 0) > LARGEST:
                return _too_big(response.content_length or 0)
            return _judged(await whole_body(response, LARGEST))


def _judged(body: bytes) -> Finding:
    """Returns the finding on a picture with this body."""
    if not body.startswith(_KINDS):
        return Finding(wrong=PictureRefusal.NOT_A_PICTURE)
    if len(body) > LARGEST:
        return _too_big(len(body))
    try:
        width, height = imagesize.get(io.BytesIO(body))
    except (ValueError, OSError):
        width = height = -1
    if width < 1 or height < 1:
        return Finding(wrong=PictureRefusal.DAMAGED)
    if max(width, height) > WIDEST:
        return Finding(wrong=PictureTooLarge(width, height, WIDEST))
    return Finding()


def _too_big(size: int) -> Finding:
    return Finding(wrong=PictureTooBig(size / LARGEST))


class _Public(AbstractResolver):
    """Resolves names to addresses on the public internet only: a name may lead anywhere."""

    def __init__(self, names: AbstractResolver) -> None:
        self._resolver = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolver.resolve(host, port, family)
        if not addresses or not all(is_public_address(address["host"]) for address in addresses):
            raise NotPublicError(host)
        return addresses

    async def close(self) -> None:
        await self._resolver.close()
