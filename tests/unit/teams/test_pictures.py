"""Looking at pictures on the web: what is found, and what is never asked."""

from __future__ import annotations

import gzip
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from campaigns.errors import Refusal
from campaigns.pictures import LARGEST, Finding
from campaigns.refusals.authoring import (
    PictureAnswered,
    PictureDoubt,
    PictureMissing,
    PictureRefusal,
    PictureTooBig,
    PictureTooLarge,
)
from teams.pictures import WebPictures
from tests.fake_teams import FakeWeb, Page, png

TOO_BIG = PictureTooBig((LARGEST + len(png(9, 9))) / LARGEST)

GIF = b"GIF89a" + (20).to_bytes(2, "little") + (10).to_bytes(2, "little") + b"\0" * 20
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b08") + bytes.fromhex(
    "0010001001011100ffd9"
)


@pytest.fixture
async def web() -> AsyncIterator[FakeWeb]:
    async with FakeWeb() as web:
        yield web


async def look(web: FakeWeb, page: Page) -> Finding:
    web.pages["/p"] = page
    return await WebPictures(private=True, trust=web.trust).look(web.url("/p"))


@pytest.mark.parametrize("body", [png(1024, 1024), GIF, JPEG])
async def test_a_picture_that_teams_shows_is_found_good(web: FakeWeb, body: bytes) -> None:
    assert await look(web, Page(body=body, headers={"Content-Type": "text/html"})) == Finding()


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (
            Page(body=b"<html></html>", headers={"Content-Type": "image/png"}),
            PictureRefusal.NOT_A_PICTURE,
        ),
        (Page(body=b"<svg></svg>"), PictureRefusal.NOT_A_PICTURE),
        (Page(body=b""), PictureRefusal.NOT_A_PICTURE),
        (Page(body=png(3, 3)[:12]), PictureRefusal.DAMAGED),
        (Page(body=png(1, 1025)), PictureTooLarge(1, 1025, 1024)),
        (Page(body=png(9, 9) + b"\0" * LARGEST), TOO_BIG),
        (Page(status=301, headers={"Location": "https://a.example/"}), PictureRefusal.LEADS_ON),
        (Page(status=410), PictureMissing(410)),
    ],
)
async def test_one_that_teams_would_not_show_is_wrong(
    web: FakeWeb, page: Page, why: Refusal
) -> None:
    found = await look(web, page)
    assert found == Finding(wrong=why)


@pytest.mark.parametrize("status", [401, 403, 500, 503])
async def test_what_only_we_may_not_see_is_not_called_wrong(web: FakeWeb, status: int) -> None:
    found = await look(web, Page(status=status))
    assert found == Finding(unsure=PictureAnswered(status))


async def test_an_answer_without_a_length_is_read_no_further_than_a_picture_may_be(
    web: FakeWeb,
) -> None:
    endless = Page(body=png(9, 9) + b"\0" * 30_000_000)
    found = await look(web, endless)
    assert isinstance(found.wrong, PictureTooBig)


async def test_what_unpacks_to_megabytes_is_read_no_further_than_a_picture_may_be(
    web: FakeWeb,
) -> None:
    packed = gzip.compress(png(9, 9) + b"\0" * 30_000_000)
    found = await look(web, Page(body=packed, headers={"Content-Encoding": "gzip"}))
    assert isinstance(found.wrong, PictureTooBig)
    assert found.wrong.megabytes == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("host", ["xn--", "a:99999", "[::1", "a:b", "\ud800.example", "é" * 100])
async def test_an_address_that_is_none_is_no_exception(host: str) -> None:
    found = await WebPictures().look(f"https://{host}/p.png")
    assert found == Finding(wrong=PictureRefusal.NO_ADDRESS)


async def test_the_same_address_is_asked_once_in_a_while(web: FakeWeb) -> None:
    web.pages["/p"] = Page(body=png(9, 9))
    pictures = WebPictures(private=True, trust=web.trust)
    for _ in range(3):
        assert await pictures.look(web.url("/p")) == Finding()
    assert web.asked == ["/p"]


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(web: FakeWeb) -> None:
    web.pages["/p"] = Page(body=png(9, 9))
    found = await WebPictures(private=True).look(web.url("/p"))
    assert found == Finding(unsure=PictureDoubt.NOT_REACHED)
    assert web.asked == []


async def test_nothing_that_listens_is_an_answer_too(web: FakeWeb) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"https://127.0.0.1:{closed.getsockname()[1]}/p"
    found = await WebPictures(private=True, trust=web.trust).look(address)
    assert found == Finding(unsure=PictureDoubt.NOT_REACHED)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "0.0.0.0",
        "printer.local",
        "metadata.google.internal",
        "example.com:8443",
        "example.com:80",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
        "１２７.0.0.1",
        "localhost.",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::1]",
        "[2001:0:7f00:1::1]",
        "[fec0::1]",
        "[fe80::1%25eth0]",
        "[::127.0.0.1]",
        "168.63.129.16",
        "100.64.0.1",
        "198.18.0.1",
        "somebody@127.0.0.1",
    ],
)
async def test_what_is_not_on_the_public_internet_is_never_asked(host: str) -> None:
    found = await WebPictures().look(f"https://{host}/p.png")
    assert found == Finding(unsure=PictureDoubt.NOT_PUBLIC)


async def test_a_name_that_leads_into_a_private_network_is_never_asked(web: FakeWeb) -> None:
    names = Names("127.0.0.1")
    found = await WebPictures(trust=web.trust, names=names).look("https://a.example/")
    assert found == Finding(unsure=PictureDoubt.NOT_PUBLIC)
    assert web.asked == []


@pytest.mark.parametrize(
    "private", ["10.0.0.1", "168.63.129.16", "64:ff9b::a00:1", "fec0::1", "2002:a00:1::1"]
)
async def test_one_private_address_among_a_name_s_is_enough(web: FakeWeb, private: str) -> None:
    mixed = WebPictures(trust=web.trust, names=Names("93.184.215.14", private))
    found = await mixed.look("https://a.example/")
    assert found == Finding(unsure=PictureDoubt.NOT_PUBLIC)


class Names(AbstractResolver):
    """Whatever the name: these addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("address", ["http://example.com/a.png", "ftp://a/", "https://", "x", "//"])
async def test_only_https_is_asked(address: str) -> None:
    assert (await WebPictures().look(address)).wrong
