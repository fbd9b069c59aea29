"""A recipient's browser: the links of a message, and the pages behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import aiohttp
import msgspec

from tests.support.chats.cards import Card, card_of
from tests.support.chats.chat import PUBLIC_URL, Bot, Person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

_LINK = re.compile(r"https?://[^\s()\"]+")


class Page(msgspec.Struct, frozen=True):
    """The answer that the browser got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str:
        return self.headers["Location"]


async def follow(
    bot: Bot,
    link: str,
    *,
    agent: str = FIREFOX,
    method: str = "GET",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Page:
    """Asks for a link of the bot's, and does not follow a redirect."""
    url = link.replace(PUBLIC_URL, bot.address)
    async with (
        aiohttp.ClientSession(trust_env=False, headers={"User-Agent": agent}) as session,
        session.request(method, url, allow_redirects=False, headers=headers) as response,
    ):
        return Page(response.status, dict(response.headers), await response.read())


def links(person: Person, name: str) -> list[str]:
    """Returns the links of the message with this notification text, in their order."""
    [post] = [
        post
        for post in person.inbox()
        if post.call == "send" and post.activity is not None and post.activity["summary"] == name
    ]
    return list(_links(card_of(post)))


def _links(card: Card) -> Iterator[str]:
    yield from _LINK.findall(msgspec.json.encode(card["body"]).decode())
