"""The start of everything that requests need: the store, the engine, the calls to Teams.

It can take a minute, when the database is not there yet. HTTP may answer meanwhile: that the
process lives, why it is not ready, and to everyone else that they should come again.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.public.pages import page

RETRY_AFTER: Final = 5
"""Seconds after which callers are asked to come again. Teams does so by itself."""

Lifetime = Callable[[web.Application], AsyncIterator[None]]
"""A cleanup context of aiohttp's. It runs up to ``yield`` before the first request that needs it,
and the rest of it runs after the last one."""


class Startup:
    """Enters the lifetimes in their order, and leaves them in the reverse one.

    This is done while the application is set up, before it listens; or, after
    :meth:`wait_to_begin`, when :meth:`begin` is called.
    """

    def __init__(self, application: web.Application, lifetimes: Iterable[Lifetime]) -> None:
        self._application = application
        self._lifetimes = tuple(lifetimes)
        self._waits = False
        self._entered = contextlib.AsyncExitStack()
        self.done = False
        """True from the end of the start on."""

    def wait_to_begin(self) -> None:
        """Makes the set-up leave the start to :meth:`begin`."""
        self._waits = True

    async def begin(self) -> None:
        """Enters all lifetimes. When one can't be entered, leaves the others and raises its error.

        When it is cancelled, it does the same.
        """
        async with contextlib.AsyncExitStack() as stack:
            for lifetime in self._lifetimes:
                context = contextlib.asynccontextmanager(lifetime)(self._application)
                await stack.enter_async_context(context)
            self._entered = stack.pop_all()
        self.done = True

    async def check(self) -> str:
        """Is the readiness check of the start."""
        return "" if self.done else "the bot is starting"

    async def context(self, _: web.Application) -> AsyncIterator[None]:
        """Is the cleanup context in which the application runs."""
        if not self._waits:
            await self.begin()
        yield
        await self._entered.aclose()


STARTUP: Final = web.AppKey("startup", Startup)
"""The key of an application's start."""


def only_when_started(startup: Startup, always: Iterable[str], messages: str) -> Middleware:
    """Returns a middleware that answers 503 to what can't be answered before the start is done.

    :param always: paths that are answered all the same.
    :param messages: the path to which Teams sends; browsers come to all others.
    """
    paths = frozenset(always)

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        exists = request.match_info.http_exception is None
        if startup.done or request.path in paths or not exists:
            return await handler(request)
        if request.path == messages:
            response = web.Response(
                status=HTTPStatus.SERVICE_UNAVAILABLE, text="the bot is starting"
            )
        else:
            response = page(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "One moment, please",
                "The bot is just starting. Load this page again in a minute.",
            )
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    return answer
