"""The bot's HTTP: activities in, and health, readiness and metrics for the operator."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Final

import prometheus_client
from aiohttp import web

from bot.activities import Activity, NotAnActivity, decode
from bot.adapter import Adapter
from bot.authentication import KeysUnavailable, Unauthenticated
from bot.metrics import Metrics
from bot.readiness import Check, reasons

_log = logging.getLogger(__name__)

MESSAGES_PATH: Final = "/api/messages"
BODY_LIMIT: Final = 1024 * 1024
"""Bytes. A pasted list of 10,000 addresses comes to half a megabyte."""
BODY_TIMEOUT: Final = 10.0
"""Seconds until the body of a request has to be complete. Teams' own come at once; a client that
sends drop by drop would hold a connection for as long as it likes."""
Lifetime = Callable[[web.Application], AsyncIterator[None]]
"""A cleanup context of aiohttp's. It runs up to ``yield`` before the first request, and the rest of
it runs after the last one."""


def create_http(
    adapter: Adapter,
    *,
    metrics: Metrics,
    checks: Mapping[str, Check] | None = None,
    lifetimes: Iterable[Lifetime] = (),
    public: Iterable[web.RouteDef] = (),
    body_timeout: float = BODY_TIMEOUT,
) -> web.Application:
    """Returns the application with all its routes.

    It serves ``POST /api/messages``, ``GET /healthz``, ``GET /readyz``, ``GET /metrics`` and
    the public routes.

    :param checks: readiness checks, by the name that ``/readyz`` shows for them.
    :param lifetimes: entered in this order and left in the reverse one.
    :param public: routes for everyone's browser.
    :param body_timeout: seconds until the body of a request has to be complete.
    """
    http = _Http(adapter, metrics, checks or {}, body_timeout)
    application = web.Application(client_max_size=BODY_LIMIT)
    application.add_routes(
        [
            web.post(MESSAGES_PATH, http.messages),
            web.get("/healthz", http.healthz),
            web.get("/readyz", http.readyz),
            web.get("/metrics", http.metrics),
            *public,
        ]
    )
    application.cleanup_ctx.extend(lifetimes)
    return application


class _Http:
    def __init__(
        self,
        adapter: Adapter,
        metrics: Metrics,
        checks: Mapping[str, Check],
        body_timeout: float,
    ) -> None:
        self._adapter = adapter
        self._metrics = metrics
        self._checks = checks
        self._body_timeout = body_timeout

    async def messages(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        activity = await self._activity(request)
        header = request.headers.get("Authorization", "")
        try:
            answer = await self._adapter.process(activity, header)
        except Unauthenticated as error:
            _log.warning("request from %s refused: %s", request.remote, _shown(error))
            return self._refuse(HTTPStatus.UNAUTHORIZED, "not authenticated")
        except KeysUnavailable as error:
            _log.error("request refused: %s", error)
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "can't authenticate now")
        self._metrics.answered(activity.type, time.perf_counter() - started)
        return web.Response(
            status=answer.status,
            body=answer.body or None,
            content_type="application/json" if answer.body else None,
        )

    async def _activity(self, request: web.Request) -> Activity:
        """Returns the activity in the request. Raises the HTTP answer when there is none."""
        if request.content_type != "application/json":
            raise self._refusal(
                web.HTTPUnsupportedMediaType, "Content-Type is not application/json"
            )
        try:
            async with asyncio.timeout(self._body_timeout):
                body = await request.read()
            return decode(body)
        except TimeoutError as error:
            _log.warning("request from %s refused: its body comes too slowly", request.remote)
            refusal = self._refusal(web.HTTPRequestTimeout, "body too slow")
            refusal.force_close()
            raise refusal from error
        except web.HTTPRequestEntityTooLarge:
            self._metrics.refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            raise
        except web.RequestPayloadError as error:
            # The body is cut off, or not encoded as its headers say.
            raise self._refusal(web.HTTPBadRequest, "body not readable") from error
        except NotAnActivity as error:
            _log.warning("request from %s is no activity: %s", request.remote, _shown(error))
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
        """Answers 200 when activities can be worked on now; else 503, with the reasons."""
        not_ready = await reasons(self._checks)
        if not_ready:
            return web.json_response(
                {"status": "not ready", "reasons": not_ready},
                status=HTTPStatus.SERVICE_UNAVAILABLE,
            )
        return web.json_response({"status": "ok"})

    async def metrics(self, request: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.exposed(),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )


def _shown(error: Exception) -> str:
    """Returns the error's text as one line of limited length. Outsiders may have written it."""
    return repr(str(error)[:200])
