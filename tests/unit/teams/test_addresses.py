"""Hosts on the public internet, and all the others in all their spellings."""

from __future__ import annotations

import socket

import pytest

from teams.addresses import NotPublicError, is_public_address, may_be_public, public_socket

PUBLIC = {
    "a name server": "8.8.8.8",
    "beside the private networks": "172.32.0.1",
    "beside the addresses between providers": "100.128.0.1",
    "beside the benchmarks": "198.20.0.1",
    "beside Azure's wire server": "168.63.129.15",
    "global unicast": "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "above Teredo and the protocols": "2001:4860:4860::8888",
    "a public address, mapped": "::ffff:8.8.8.8",
    "a public address, in a network without IPv4": "64:ff9b::808:808",
}

NOT_PUBLIC = {
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "private, 10": "10.0.0.1",
    "private, 172.16": "172.16.0.1",
    "private, the end of 172.16": "172.31.255.255",
    "private, 192.168": "192.168.1.1",
    "between a provider and its customers": "100.64.0.1",
    "Alibaba's metadata": "100.100.100.200",
    "the end of 100.64": "100.127.255.255",
    "loopback": "127.0.0.1",
    "the end of loopback": "127.255.255.255",
    "link-local": "169.254.1.1",
    "the clouds' metadata": "169.254.169.254",
    "Azure's wire server": "168.63.129.16",
    "protocol assignments": "192.0.0.1",
    "Oracle's metadata": "192.0.0.192",
    "documentation, 1": "192.0.2.1",
    "documentation, 2": "198.51.100.1",
    "documentation, 3": "203.0.113.1",
    "relays of 6to4": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "the end of the benchmarks": "198.19.255.255",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified, IPv6": "::",
    "loopback, IPv6": "::1",
    "loopback, mapped": "::ffff:127.0.0.1",
    "metadata, mapped": "::ffff:a9fe:a9fe",
    "the wire server, mapped": "::ffff:168.63.129.16",
    "loopback, compatible": "::127.0.0.1",
    "public, compatible": "::8.8.8.8",
    "loopback, translated": "::ffff:0:127.0.0.1",
    "loopback by NAT64": "64:ff9b::7f00:1",
    "metadata by NAT64": "64:ff9b::169.254.169.254",
    "the wire server by NAT64": "64:ff9b::168.63.129.16",
    "local NAT64": "64:ff9b:1::1",
    "local NAT64 of a public address": "64:ff9b:1::808:808",
    "6to4 of loopback": "2002:7f00:1::1",
    "6to4 of a private address": "2002:a00:1::",
    "6to4 of a public address": "2002:808:808::1",
    "Teredo": "2001:0:7f00:1::1",
    "Teredo of loopback, which it inverts": "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "benchmarks, IPv6": "2001:2::1",
    "ORCHID": "2001:20::1",
    "documentation, IPv6": "2001:db8::1",
    "documentation, the newer one": "3fff::1",
    "the former test network": "3ffe::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
    "unique local": "fc00::1",
    "unique local, in use": "fd00::1",
    "Amazon's metadata": "fd00:ec2::254",
    "link-local, IPv6": "fe80::1",
    "site-local": "fec0::1",
    "the end of site-local": "feff::1",
    "multicast, IPv6": "ff02::1",
    "not given out": "4000::1",
    "link-local with a zone": "fe80::1%eth0",
    "public with a zone": "2606:2800:21f:cb07::1%eth0",
    "no address": "example.com",
    "nothing": "",
}


@pytest.mark.parametrize("address", PUBLIC.values(), ids=PUBLIC)
def test_an_address_on_the_public_internet_is_connected_to(address: str) -> None:
    assert is_public_address(address)
    assert may_be_public(address)
    with public_socket(info(address)) as made:
        assert made.type is socket.SOCK_STREAM


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_no_other_address_is_ever_connected_to(address: str) -> None:
    assert not is_public_address(address)
    with pytest.raises(NotPublicError):
        public_socket(info(address))


ODD = {
    "two parts": "127.1",
    "three parts": "127.0.1",
    "hexadecimal": "0x7f.1",
    "hexadecimal in capitals": "0X7F.0.0.1",
    "hexadecimal as a whole": "0x7f000001",
    "octal": "0177.0.0.1",
    "octal as a whole": "017700000001",
    "one number": "2130706433",
    "zero": "0",
    "a zero ahead": "127.0.0.01",
    "hexadecimal without digits": "127.0.0.0x",
    "a trailing dot": "127.0.0.1.",
    "two trailing dots": "127.0.0.1..",
    "a public one in an odd spelling": "0x08080808",
    "a public one with a trailing dot": "8.8.8.8.",
    "five parts": "8.8.8.8.8",
    "full-width digits": "１２７.0.0.1",
    "digits in circles": "①②⑦.0.0.1",
    "full stops of Chinese": "127。0。0。1",
    "Arabic digits": "١٢٧.0.0.1",
    "percent-encoded": "%31%32%37.0.0.1",
    "the machine's own name": "localhost",
    "the same in capitals, with a dot": "LOCALHOST.",
    "a name under it": "a.localhost",
    "a name of the local network": "printer.local.",
    "a name of a home": "nas.home.arpa",
    "a cloud's metadata by name": "metadata.google.internal.",
    "a link-local address with a zone": "fe80::1%25eth0",
}


@pytest.mark.parametrize("host", ODD.values(), ids=ODD)
def test_a_host_in_an_odd_spelling_is_not_asked(host: str) -> None:
    assert not may_be_public(host)


@pytest.mark.parametrize("host", ["example.com", "EXAMPLE.com.", "1.example.com", "0xfe.example"])
def test_a_name_may_be_public(host: str) -> None:
    assert may_be_public(host)


def info(address: str) -> tuple[int, int, int, str, tuple[str, int]]:
    """The address as the resolver tells it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 443)
