"""``GET /r/{token}``: counts a click on a message's link, and sends the browser on."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from bot.metrics import Metrics
from bot.public.pages import HEADERS, not_found
from campaigns.campaign import CampaignKey
from campaigns.feedback.events import Event, EventKind
from campaigns.seal import NotOurs, Seal
from delivery.clock import Clock
from delivery.feedback.recorder import Recorder

_PROGRAM = re.compile(
    # Cubot is a brand of telephones.
    r"(?<!cu)bot\b|crawl|spider|preview|scan|fetch|facebookexternalhit|slurp|monitor"
    r"|^(?:curl|wget|python|go-http|java|okhttp|axios|node|libwww|ruby|php|powershell|winhttp"
    r"|microsoft office|ms-office|apache-httpclient|dalvik)",
    re.IGNORECASE,
)
"""Matches the user agents of programs that say what they are: link previews of chats, scanners of
mail, scripts. A program that pretends to be a browser can't be told from one."""

_PREFETCH_HEADERS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Headers in which a browser says that nobody has pressed yet: ``prefetch``, ``preview``."""

NAMELESS_A_DAY = 100_000
"""Events that are recorded of a campaign within a day, at most, when its links name nobody. Of
people the store keeps so many each; of nobody, anybody with one link could fill it."""


class Clicks:
    """Redirects browsers that follow a link, and records the click."""

    def __init__(self, seal: Seal, recorder: Recorder, clock: Clock, metrics: Metrics) -> None:
        self._seal = seal
        self._recorder = recorder
        self._clock = clock
        self._metrics = metrics
        self._nameless: Counter[CampaignKey] = Counter()
        self._day: date | None = None

    def routes(self) -> list[web.RouteDef]:
        """Returns the route of a click."""
        return [web.get("/r/{token}", self.follow)]

    async def follow(self, request: web.Request) -> web.Response:
        """Redirects (302) to the address in the token. Looks nothing up, and waits for nothing."""
        try:
            target, recipient_id = self._seal.clicked(request.match_info["token"])
        except NotOurs:
            self._metrics.clicked("unknown")
            return not_found()
        kind = EventKind.PREVIEW if is_program(request) else EventKind.CLICK
        now = self._clock.now()
        if recipient_id or self._may_be_nobodys(target.key, now.date()):
            self._recorder.note(
                target.key,
                Event(kind=kind, at=now, recipient_id=recipient_id, detail=target.link),
            )
        self._metrics.clicked(kind.value)
        return web.Response(
            status=HTTPStatus.FOUND,
            headers={**HEADERS, "Location": _in_ascii(target.address)},
        )

    def _may_be_nobodys(self, key: CampaignKey, day: date) -> bool:
        if day != self._day:
            self._day = day
            self._nameless.clear()
        self._nameless[key] += 1
        return self._nameless[key] <= NAMELESS_A_DAY


def is_program(request: web.Request) -> bool:
    """True when the request itself says that nobody has pressed the link."""
    agent = request.headers.get("User-Agent", "").strip()
    return (
        request.method == "HEAD"
        or not agent
        or _PROGRAM.search(agent) is not None
        or any("pre" in request.headers.get(name, "").lower() for name in _PREFETCH_HEADERS)
    )


def _in_ascii(address: str) -> str:
    """Returns the address in ASCII, as a header needs it; ASCII characters stay as written."""
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~")
