"""Decides which service addresses are trusted with the bot's token.

Activities bring a service address with them. Anyone who has the token can act as the bot. So it is
sent to Teams' own hosts only, and over HTTPS only.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from yarl import URL

_REMEMBERED = 256
"""Service addresses for which the decision is remembered; Teams has a handful."""


class Hosts:
    """The hosts that are trusted.

    :param names: host names. ``*.example.com`` means every name below ``example.com``, but not
        ``example.com`` itself. A loopback host in the list (``localhost``, ``127.0.0.1``) is
        trusted without TLS.
    :param local: local mode: every loopback host is trusted, without TLS and on any port.
    """

    def __init__(self, names: Iterable[str] = (), *, local: bool = False) -> None:
        self._names = frozenset(name.lower() for name in names)
        self._local = local
        self._judged: dict[str, URL | None] = {}

    def allows(self, service_url: str) -> bool:
        """True when this address is trusted."""
        return self.trusted(service_url) is not None

    def trusted(self, service_url: str) -> URL | None:
        """Returns the address to call, or None when it is not trusted.

        Call the returned URL and not the text, because two parsers may read two different hosts in
        one text.
        """
        if service_url not in self._judged:
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            self._judged[service_url] = self._judge(service_url)
        return self._judged[service_url]

    def _judge(self, service_url: str) -> URL | None:
        try:
            url = URL(service_url)
            port = url.explicit_port
        except ValueError:
            return None
        host = (url.raw_host or "").lower()
        if not host or url.raw_user is not None or url.raw_password is not None:
            return None
        if url.raw_query_string or url.raw_fragment:
            return None
        if _is_loopback(host):
            known = self._local or host in self._names
            return url if known and url.scheme in ("http", "https") else None
        if url.scheme == "https" and port in (None, 443) and self._names_host(host):
            return url
        return None

    def _names_host(self, host: str) -> bool:
        _, _, parent = host.partition(".")
        while parent:
            if f"*.{parent}" in self._names:
                return True
            _, _, parent = parent.partition(".")
        return host in self._names


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
