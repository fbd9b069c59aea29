"""The HTTP answer to one activity: a status, and for an invoke a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from campaigns.message import Card


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one activity, ready to be written."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    """JSON; only an invoke has one."""

    private: bool = False
    """True when it must not be stored anywhere."""

    @property
    def size(self) -> int:
        """Bytes of body."""
        return len(self.body)


DONE = HttpAnswer()
NOT_IMPLEMENTED = HttpAnswer(status=HTTPStatus.NOT_IMPLEMENTED)
FORBIDDEN = HttpAnswer(status=HTTPStatus.FORBIDDEN)
UNAVAILABLE = HttpAnswer(status=HTTPStatus.SERVICE_UNAVAILABLE)


def card_in_place(card: Card, *, private: bool = False) -> HttpAnswer:
    """Returns the answer that puts the card in the place of the one that was pressed on."""
    answer = _card_invoke(HTTPStatus.OK, "application/vnd.microsoft.card.adaptive", card)
    return msgspec.structs.replace(answer, private=private)


def refusal(status: HTTPStatus, text: str) -> HttpAnswer:
    """Returns the answer that leaves the card as it is; the client shows the text under it.

    Teams reads the status inside the body. The HTTP status is 200, because the request was handled.
    """
    value = {"code": status.phrase.replace(" ", ""), "message": text}
    return _card_invoke(status, "application/vnd.microsoft.error", value)


def _card_invoke(status: HTTPStatus, kind: str, value: dict[str, Any]) -> HttpAnswer:
    body = {"statusCode": int(status), "type": kind, "value": value}
    return HttpAnswer(body=msgspec.json.encode(body))
