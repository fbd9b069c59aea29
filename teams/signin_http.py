"""The HTTP client that MSAL is given, with limits for time and size.

requests waits for as long as bytes come, however slowly, and reads as many as come. A sign-in that
never ends would keep every message from leaving.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from teams.bodies import UNCOMPRESSED, unpacked

_TIMEOUT = 10.0
"""Seconds until a connection has to be made, and longest wait between two bytes."""
_WHOLE_HEAD = 10.0
"""Seconds until status line and headers have to be there."""
_WHOLE_ANSWER = 30.0
"""Seconds until the whole body has to be there: bytes may come drop by drop."""
_LONGEST_ANSWER = 1024 * 1024
"""Bytes. Tokens and descriptions of the service have a few thousand."""


class SignInAnswer(msgspec.Struct, frozen=True):
    """An answer with the parts that MSAL reads."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def raise_for_status(self) -> None:
        """Raises requests.HTTPError for a status of 400 or above."""
        if self.status_code >= 400:
            raise requests.HTTPError(f"status {self.status_code}")


class SignInHttp:
    """The HTTP client that MSAL is given: with limits for time and size, which requests lacks.

    It follows no redirect, so the secret goes to the address in the settings only.

    :param trusted: file with the certificates to trust; None: the usual ones.
    :param direct: True uses no proxy.
    """

    def __init__(self, trusted: str | None, *, direct: bool = False) -> None:
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter())
        if trusted is not None:
            self._session.verify = trusted
        # With a file of our own: requests lets REQUESTS_CA_BUNDLE win over the session otherwise.
        self._session.trust_env = trusted is None and not direct

    def __enter__(self) -> SignInHttp:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str, **options: Any) -> SignInAnswer:
        """Makes a GET request, with the options of requests."""
        return self._ask("GET", url, options)

    def post(self, url: str, **options: Any) -> SignInAnswer:
        """Makes a POST request, with the options of requests."""
        return self._ask("POST", url, options)

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()

    def _ask(self, method: str, url: str, options: dict[str, Any]) -> SignInAnswer:
        limits = {"timeout": _TIMEOUT, "stream": True, "allow_redirects": False}
        headers = {**(options.pop("headers", None) or {}), **UNCOMPRESSED}
        with self._session.request(method, url, headers=headers, **{**options, **limits}) as answer:
            body = _read(answer)
            return SignInAnswer(answer.status_code, answer.headers, body.decode("utf-8", "replace"))


class _HeadInTime(HTTPConnection):
    """A connection that ends when the head of an answer takes too long."""

    def getresponse(self) -> Any:
        """Returns the answer, once its head is there."""
        late = threading.Timer(_WHOLE_HEAD, _end, (self.sock,))
        late.daemon = True
        late.start()
        try:
            return super().getresponse()
        finally:
            late.cancel()


class _TlsHeadInTime(_HeadInTime, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    """Makes such connections, with a proxy and without."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _TlsHeadInTime if pool.scheme == "https" else _HeadInTime
        return pool


def _end(wire: socket.socket) -> None:
    """Wakes the thread that reads from this socket: it sees the end of the answer."""
    with contextlib.suppress(OSError):
        # Not TLS' own, which waits for the other side.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)


def _read(answer: requests.Response) -> bytes:
    """Returns the body, unpacked, up to the limit. Raises requests.RequestException."""
    body = bytearray()
    end = time.monotonic() + _WHOLE_ANSWER
    try:
        # Not unpacked by the library, which has no limit. `read1` waits for no more than one part.
        while part := answer.raw.read1(65_536, decode_content=False):
            body += part
            if len(body) > _LONGEST_ANSWER:
                break
            if time.monotonic() > end:
                raise requests.Timeout("the body comes too slowly")
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout(str(error)) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(str(error)) from error
    return unpacked(bytes(body), answer.headers.get("Content-Encoding"), _LONGEST_ANSWER)
