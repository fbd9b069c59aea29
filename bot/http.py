"""The bot's HTTP: activities in, and health, readiness and metrics for the operator."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Final

import prometheus_client
from aiohttp import web

from bot.activities import Activity, NotAnActivity, decode
from bot.adapter import Adapter
from bot.log_lines import SeldomLog
from bot.metrics import Metrics
from bot.readiness import Check, reasons
from bot.signing_keys import KeysUnavailable, Unauthenticated
from bot.startup import STARTUP, Lifetime, Startup, only_when_started

_log = logging.getLogger(__name__)

MESSAGES_PATH: Final = "/api/messages"
BODY_LIMIT: Final = 1024 * 1024
"""Bytes. A pasted list of 10,000 addresses comes to half a megabyte."""
BODY_TIMEOUT: Final = 10.0
"""Seconds until the body of a request has to be complete. Teams' own come at once; a client that
sends drop by drop would hold a connection for as long as it likes."""
BODY_KINDS: Final = ("", "identity")
"""Encodings of a body that are read. A small body that is compressed may unpack to any size, and
nobody we know of compresses requests."""


def create_http(
    adapter: Adapter,
    *,
    metrics: Metrics,
    checks: Mapping[str, Check] | None = None,
    remarks: Mapping[str, Check] | None = None,
    lifetimes: Iterable[Lifetime] = (),
    public: Iterable[web.RouteDef] = (),
    body_timeout: float = BODY_TIMEOUT,
) -> web.Application:
    """Returns the application with all its routes.

    It serves ``POST /api/messages``, ``GET /healthz``, ``GET /readyz``, ``GET /metrics`` and
    the public routes. Until its start is done, it answers 503 to activities and public routes.

    :param checks: readiness checks, by the name that ``/readyz`` shows for them.
    :param remarks: the same, for what ``/readyz`` shows although the bot is ready.
    :param lifetimes: entered in this order and left in the reverse one.
    :param public: routes for everyone's browser.
    :param body_timeout: seconds until the body of a request has to be complete.
    """
    application = web.Application(client_max_size=BODY_LIMIT)
    startup = application[STARTUP] = Startup(application, [_running(adapter), *lifetimes])
    http = _Http(
        adapter,
        metrics,
        {"start": startup.check, **(checks or {})},
        remarks or {},
        body_timeout,
    )
    always = ("/healthz", "/readyz", "/metrics")
    application.middlewares.append(http.refuse_compressed_bodies)
    application.middlewares.append(only_when_started(startup, always, MESSAGES_PATH))
    application.add_routes(
        [
            web.post(MESSAGES_PATH, http.messages),
            web.get("/healthz", http.healthz),
            web.get("/readyz", http.readyz),
            web.get("/metrics", http.metrics),
            *public,
        ]
    )
    application.cleanup_ctx.append(startup.context)
    return application


def _running(adapter: Adapter) -> Lifetime:
    async def run(_: web.Application) -> AsyncIterator[None]:
        adapter.start()
        yield
        await adapter.stop()

    return run


class _Http:
    def __init__(
        self,
        adapter: Adapter,
        metrics: Metrics,
        checks: Mapping[str, Check],
        remarks: Mapping[str, Check],
        body_timeout: float,
    ) -> None:
        self._adapter = adapter
        self._metrics = metrics
        self._checks = checks
        self._remarks = remarks
        self._body_timeout = body_timeout
        self._outsiders = SeldomLog(_log)

    @web.middleware
    async def refuse_compressed_bodies(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuses a compressed body on every route, before a byte of it is read."""
        if request.headers.get("Content-Encoding", "").strip().lower() not in BODY_KINDS:
            raise self._refusal(web.HTTPUnsupportedMediaType, "compressed requests are not read")
        return await handler(request)

    async def messages(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        self._check_headers(request)
        header = request.headers.get("Authorization", "")
        try:
            # Before the body: of a caller who is not known, nothing is kept and nothing decoded.
            await self._adapter.admit(header)
            activity = await self._activity(request)
            answer = await self._adapter.process(activity, header)
        except Unauthenticated as error:
            self._outsiders.warning("request from %s refused: %s", request.remote, _shown(error))
            return self._refuse(HTTPStatus.UNAUTHORIZED, "not authenticated")
        except KeysUnavailable as error:
            self._outsiders.warning("request refused: %s", error)
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "can't authenticate now")
        self._metrics.answered(activity.type, time.perf_counter() - started)
        return web.Response(
            status=answer.status,
            body=answer.body or None,
            content_type="application/json" if answer.body else None,
        )

    def _check_headers(self, request: web.Request) -> None:
        """Raises the HTTP answer to a request whose headers show that it is no activity."""
        if request.content_type != "application/json":
            raise self._refusal(
                web.HTTPUnsupportedMediaType, "Content-Type is not application/json"
            )
        if (request.content_length or 0) > BODY_LIMIT:
            self._metrics.refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)

    async def _activity(self, request: web.Request) -> Activity:
        """Returns the activity in the request. Raises the HTTP answer when there is none."""
        try:
            async with asyncio.timeout(self._body_timeout):
                body = await request.read()
            return decode(body)
        except TimeoutError as error:
            self._outsiders.warning(
                "request from %s refused: its body comes too slowly", request.remote
            )
            refusal = self._refusal(web.HTTPRequestTimeout, "body too slow")
            refusal.force_close()
            raise refusal from error
        except web.HTTPRequestEntityTooLarge:
            self._metrics.refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            raise
        except (web.RequestPayloadError, ConnectionError) as error:
            # The body is cut off, or its pieces are not as they should be.
            raise self._refusal(web.HTTPBadRequest, "body not readable") from error
        except NotAnActivity as error:
            self._outsiders.warning(
                "request from %s is no activity: %s", request.remote, _shown(error)
            )
            raise self._refusal(web.HTTPBadRequest, "not an activity") from error

    def _refusal(self, kind: type[web.HTTPError], text: str) -> web.HTTPError:
        self._metrics.refused(kind.status_code)
        return kind(text=text)

    def _refuse(self, status: HTTPStatus, text: str) -> web.Response:
        self._metrics.refused(status)
        return web.Response(status=status, text=text)

    async def healthz(self, request: web.Request) -> web.Response:
        """Answers 200 as long as the process lives and its event loop runs."""
        return web.json_response({"status": "ok"})

    async def readyz(self, request: web.Request) -> web.Response:
        """Answers 200 when all parts of the bot work now; else 503, with the reasons."""
        not_ready, failing = await asyncio.gather(reasons(self._checks), reasons(self._remarks))
        shown: dict[str, object] = {"status": "not ready" if not_ready else "ok"}
        if not_ready:
            shown["reasons"] = not_ready
        if failing:
            shown["failing"] = failing
        status = HTTPStatus.SERVICE_UNAVAILABLE if not_ready else HTTPStatus.OK
        return web.json_response(shown, status=status)

    async def metrics(self, request: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.exposed(),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )


def _shown(error: Exception) -> str:
    """Returns the error's text as one line of limited length. Outsiders may have written it."""
    return repr(str(error)[:200])
