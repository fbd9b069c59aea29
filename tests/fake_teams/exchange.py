"""One call to the fake, and how it is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from tests.fake_teams.faults import CutOff, Reply, error_body
from tests.fake_teams.inbound import Activity

LARGEST_MESSAGE = 100 * 1024
"""Bytes of the activity as UTF-16."""


class Received(msgspec.Struct, kw_only=True):
    """One call to the fake, in the order of arrival."""

    arrived_at: float
    """Seconds, monotonic."""
    method: str
    call: str
    """``send``, ``update``, ``delete``, ``open`` or ``member``."""
    conversation_id: str
    account_id: str = ""
    tenant: str = ""
    activity_id: str = ""
    activity: Activity | None = None
    """The body, whatever the call."""
    authorization: str = ""
    status: int = 0
    """The status of the answer; 0 when the connection was cut."""
    arrived: bool = False
    """True when the message reached the person, or the change took place."""


def respond(post: Received, reply: Reply) -> web.Response:
    post.status = reply.status
    headers = dict(reply.headers)
    if reply.retry_after is not None:
        headers["Retry-After"] = str(reply.retry_after)
    body: Any = reply.body
    if body is None:
        code = reply.code or HTTPStatus(reply.status).phrase.replace(" ", "")
        body = error_body(code, reply.message)
        if reply.status < 300:
            body = {"id": post.activity_id}
    if isinstance(body, bytes):
        headers.setdefault("Content-Type", "text/html")
        return web.Response(status=reply.status, body=body, headers=headers)
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    return web.Response(status=reply.status, body=msgspec.json.encode(body), headers=headers)


async def cut_off(request: web.BaseRequest, fault: CutOff) -> web.StreamResponse:
    assert request.transport is not None
    if not fault.in_body:
        request.transport.abort()
        return web.Response()
    response = web.StreamResponse(status=fault.status, headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"id": "17')
    request.transport.close()
    return response


def too_big(body: bytes) -> bool:
    """True when the message is too big as UTF-16, which is at most twice as long as UTF-8."""
    if len(body) * 2 <= LARGEST_MESSAGE:
        return False
    return len(body.decode("utf-8", "replace").encode("utf-16-le")) > LARGEST_MESSAGE
