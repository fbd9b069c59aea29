"""Every row of the table of answers, and the odd places in which Teams puts its codes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    TeamsAnswer,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from teams.answers import LONGEST_MESSAGE, LONGEST_RETRY_AFTER, classify

NOW = datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "In words."}}


def kind(outcome: Outcome) -> tuple[type, Reason | None]:
    return type(outcome), getattr(outcome, "reason", None)


TABLE = [
    # not done, our mistake
    (400, "BadArgument", Rejected, Reason.BAD_REQUEST),
    (400, "BadSyntax", Rejected, Reason.BAD_REQUEST),
    (400, "MessageSizeTooBig", Rejected, Reason.TOO_BIG),
    (401, "Unauthorized", Rejected, Reason.UNAUTHORISED),
    (413, "MessageSizeTooBig", Rejected, Reason.TOO_BIG),
    (413, "", Rejected, Reason.TOO_BIG),
    # the person does not want it, or cannot get it
    (403, "ConversationBlockedByUser", Unreachable, Reason.BLOCKED),
    (403, "MessageWritesBlocked", Unreachable, Reason.BLOCKED),
    (403, "BotDisabledByAdmin", Unreachable, Reason.DISABLED_BY_ADMIN),
    (403, "ForbiddenOperationException", Unreachable, Reason.NOT_INSTALLED),
    (403, "BotNotInConversationRoster", Unreachable, Reason.NOT_INSTALLED),
    (404, "MemberNotFoundInConversation", Unreachable, Reason.NOT_INSTALLED),
    # wrong in itself
    (403, "InvalidBotApiHost", Rejected, Reason.WRONG_HOST),
    (403, "SomethingNew", Rejected, Reason.BAD_REQUEST),
    (404, "ConversationNotFound", Stale, None),
    (404, "", Stale, None),
    (404, "ActivityNotFoundInConversation", Rejected, Reason.MESSAGE_GONE),
    # not done, again later
    (412, "PreconditionFailed", Transient, Reason.NOT_DONE),
    (429, "TooManyRequests", Throttled, None),
    # nobody knows
    (408, "RequestTimeout", Unknown, Reason.NO_ANSWER),
    (500, "ServiceError", Unknown, Reason.SERVER_ERROR),
    (502, "", Unknown, Reason.SERVER_ERROR),
    (503, "", Unknown, Reason.SERVER_ERROR),
    (504, "", Unknown, Reason.SERVER_ERROR),
    (501, "NotImplemented", Unknown, Reason.SERVER_ERROR),
    # a known code does not turn an unknown fate into a known one
    (500, "ConversationBlockedByUser", Unknown, Reason.SERVER_ERROR),
    # not foreseen
    (301, "", Rejected, Reason.WRONG_HOST),
    (307, "", Rejected, Reason.WRONG_HOST),
    (405, "", Rejected, Reason.BAD_REQUEST),
    (418, "", Rejected, Reason.BAD_REQUEST),
    (599, "", Unknown, Reason.SERVER_ERROR),
]


@pytest.mark.parametrize(("status", "code", "outcome", "reason"), TABLE)
def test_table(status: int, code: str, outcome: type, reason: Reason | None) -> None:
    body = json.dumps(error(code)).encode() if code else b""
    result = classify(status, {}, body, now=NOW)
    assert kind(result) == (outcome, reason)
    assert not isinstance(result, Sent)
    assert result.answer == TeamsAnswer(
        status=status, code=code, message="In words." if code else ""
    )


@pytest.mark.parametrize("status", [200, 201, 202])
def test_sent_keeps_the_activity_id(status: int) -> None:
    assert classify(status, {}, b'{"id":"1712"}') == Sent("1712")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"id":', b'{"id":17}', b"[]", b"<html>", b"\xff\xfe"]
)
def test_sent_without_a_readable_id_is_sent_all_the_same(body: bytes) -> None:
    assert classify(201, {}, body) == Sent("")


SUB_CODE = json.dumps({"subCode": "MessageWritesBlocked", "details": "Thread is not accessible."})
IN_TEXT = {"body": json.dumps(error("MessageWritesBlocked"))}
INNER = {"statusCode": 403, "body": {"error": {"code": "ConversationBlockedByUser"}}}
ODD_PLACES = [
    {"errorCode": 209, "message": "Thread is not accessible."},
    {"errorCode": "209"},
    {"errorCode": 209, "message": SUB_CODE},
    {"message": SUB_CODE},
    {"code": "ConversationBlockedByUser"},
    {"error": {"code": "Forbidden", "innerHttpError": INNER}},
    {
        "error": {
            "code": "Forbidden",
            "innerHttpError": {"body": json.dumps(error("MessageWritesBlocked"))},
        }
    },
    {"error": {"code": "Forbidden", "message": "Failed: MessageWritesBlocked."}},
    {"error": {"code": "CONVERSATIONBLOCKEDBYUSER"}},
    {"error": "ConversationBlockedByUser"},
    [{"code": "ConversationBlockedByUser"}],
    "ConversationBlockedByUser",
]


@pytest.mark.parametrize("body", ODD_PLACES)
def test_the_code_is_found_wherever_it_stands(body: object) -> None:
    result = classify(403, {}, json.dumps(body).encode())
    assert kind(result) == (Unreachable, Reason.BLOCKED)


def test_the_code_is_found_in_a_body_that_was_cut() -> None:
    whole = json.dumps(error("BotNotInConversationRoster")).encode()
    assert kind(classify(403, {}, whole[:-10])) == (Unreachable, Reason.NOT_INSTALLED)


def test_209_in_the_text_is_just_a_number() -> None:
    body = b'{"message":"Waited 209 ms"}'
    assert kind(classify(403, {}, body)) == (Rejected, Reason.BAD_REQUEST)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1", 1.0),
        (" 30 ", 30.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-3", 0.0),
        ("Wed, 01 Apr 2026 12:00:20 GMT", 20.0),
        ("Wed, 01 Apr 2026 12:00:20 -0000", 20.0),
        ("Wed, 01 Apr 2026 11:59:00 GMT", 0.0),
        ("1e12", LONGEST_RETRY_AFTER),
        ("Fri, 01 Jan 2100 00:00:00 GMT", LONGEST_RETRY_AFTER),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    result = classify(429, {"retry-AFTER": header}, b"", now=NOW)
    assert isinstance(result, Throttled)
    assert result.retry_after == seconds


def test_retry_after_may_be_missing() -> None:
    assert classify(429, {}, b"") == Throttled(None, TeamsAnswer(status=429))


def test_an_html_page_is_kept_as_its_words() -> None:
    page = b"<html><title>413</title>\r\n<body><pre>Payload  Too Large</pre></body></html>"
    result = classify(413, {}, page)
    assert isinstance(result, Rejected)
    assert result.answer.message == "413 Payload Too Large"


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 5_000_000,
        b"<" * 100_000,
        json.dumps(error("C" * 10_000)).encode(),
        json.dumps({"error": {"message": "long " * 10_000}}).encode(),
        b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
)
def test_what_is_kept_of_a_huge_body_is_small(body: bytes) -> None:
    result = classify(500, {}, body)
    assert isinstance(result, Unknown)
    assert len(result.answer.message) <= LONGEST_MESSAGE
    assert len(result.answer.code) <= LONGEST_MESSAGE


@given(
    status=st.integers(200, 599),
    body=st.binary(max_size=200),
    header=st.text(max_size=40),
)
def test_anything_has_an_outcome(status: int, body: bytes, header: str) -> None:
    result = classify(status, {"Retry-After": header}, body, now=NOW)
    assert isinstance(result, Sent) == (status < 300)
    if status == 408 or status >= 500:
        assert isinstance(result, Unknown)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "errorCode", "message", "innerHttpError", "body", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(status=st.sampled_from([201, 400, 403, 404, 429]), body=json_values)
def test_any_json_has_an_outcome(status: int, body: object) -> None:
    result = classify(status, {}, json.dumps(body).encode())
    assert isinstance(result, Sent) == (status == 201)
