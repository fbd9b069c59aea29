"""Tells hosts on the public internet from all others: a person typed the address, and may not make
the bot look around in its own network.

The lists stand here and are not Python's ``is_global``, which differs from release to release.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

import aiohttp

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # between a provider and its customers (CGNAT)
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server: public by its number, inside by its place
        "169.254.0.0/16",  # link-local; clouds tell a machine's secrets at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's cloud has its metadata here
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
"""Source: IANA IPv4 Special-Purpose Address Registry, and the clouds' documentation."""

_PUBLIC_6 = IPv6Network("2000::/3")
"""All that IANA has given out as global unicast; loopback, fc00::/7, fe80::/10, fec0::/10,
multicast and everything unknown are outside of it."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments; Teredo (2001::/32) has an IPv4 address in it
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which has an IPv4 address in it
        "3ffe::/16",  # the former test network
        "3fff::/20",  # documentation
    )
)
"""Source: IANA IPv6 Special-Purpose Address Registry."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""The last 32 bits are an IPv4 address. A network without IPv4 resolves public names to these.
The local kind, 64:ff9b:1::/48, is not among the public addresses."""

_LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.DOTALL)
"""Browsers and the system take such a host for an IPv4 address: ``127.1``, ``0x7f000001``."""


class NotPublicError(OSError):
    """A host leads to an address that is not on the public internet."""


def is_public_address(address: str) -> bool:
    """True for an IP address on the public internet; False for any other text, too."""
    try:
        return _is_public(ip_address(address))
    except ValueError:
        # Also one with a zone id, such as fe80::1%eth0: zones are of local networks.
        return False


def may_be_public(host: str) -> bool:
    """True for a host that may be on the public internet. A name's addresses are to be seen."""
    # IDNA takes the ideographic full stop for a dot.
    name = unicodedata.normalize("NFKC", host).replace("。", ".").casefold().rstrip(".")
    if ":" in name:
        return is_public_address(name)
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        try:
            # Any other spelling is refused, whatever it leads to: 127.1, 0177.0.0.1, 2130706433.
            return _is_public(IPv4Address(host))
        except AddressValueError:
            return False
    return "%" not in name and name != "localhost" and not name.endswith(_LOCAL_NAMES)


def public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Makes the socket for a connection to this address.

    Raises NotPublicError when the address is not on the public internet.
    """
    family, kind, protocol, _, place = address
    if not is_public_address(str(place[0])):
        raise NotPublicError(place[0])
    return socket.socket(family, kind, protocol)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        meant = address.ipv4_mapped
        if address in _NAT64:
            meant = IPv4Address(int(address) & 0xFFFF_FFFF)
        if meant is None:
            return address in _PUBLIC_6 and not any(address in net for net in _NOT_PUBLIC_6)
        address = meant
    return not any(address in network for network in _NOT_PUBLIC_4)
