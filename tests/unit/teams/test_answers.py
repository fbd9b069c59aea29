"""Every row of the table of answers, and the odd places in which Teams puts its codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.outcome import (
    LONGEST_ANSWER,
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
from teams.answers import Call, classify
from teams.parsing import LONGEST_RETRY_AFTER

NOW = datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "In words."}}


def kind(outcome: Outcome) -> tuple[type, Reason | None]:
    return type(outcome), getattr(outcome, "reason", None)


TABLE = [
    # not done, our mistake
    (400, "BadArgument", Rejected, Reason.BAD_REQUEST),
    (400, "BadSyntax", Rejected, Reason.BAD_REQUEST),
    (400, "MissingProperty", Rejected, Reason.BAD_REQUEST),
    (400, "MessageSizeTooBig", Rejected, Reason.TOO_BIG),
    (401, "Unauthorized", Rejected, Reason.UNAUTHORISED),
    (403, "InvalidBotApiHost", Rejected, Reason.WRONG_HOST),
    (413, "MessageSizeTooBig", Rejected, Reason.TOO_BIG),
    (413, "", Rejected, Reason.TOO_BIG),
    # the person does not want it, or cannot get it
    (403, "ConversationBlockedByUser", Unreachable, Reason.BLOCKED),
    (403, "MessageWritesBlocked", Unreachable, Reason.BLOCKED),
    (403, "BotDisabledByAdmin", Unreachable, Reason.DISABLED_BY_ADMIN),
    (403, "ForbiddenOperationException", Unreachable, Reason.NOT_INSTALLED),
    (403, "BotNotInConversationRoster", Unreachable, Reason.NOT_INSTALLED),
    (404, "MemberNotFoundInConversation", Unreachable, Reason.NOT_INSTALLED),
    # the chat is gone
    (404, "ConversationNotFound", Stale, None),
    (404, "", Stale, None),
    (410, "Gone", Stale, None),
    # not done, again later
    (409, "Conflict", Transient, Reason.NOT_DONE),
    (412, "PreconditionFailed", Transient, Reason.NOT_DONE),
    (421, "MisdirectedRequest", Transient, Reason.NOT_DONE),
    (423, "Locked", Transient, Reason.NOT_DONE),
    (425, "TooEarly", Transient, Reason.NOT_DONE),
    (429, "TooManyRequests", Throttled, None),
    # something before Teams has answered
    (301, "", Transient, Reason.NOT_CONNECTED),
    (302, "", Transient, Reason.NOT_CONNECTED),
    (307, "", Transient, Reason.NOT_CONNECTED),
    (308, "", Transient, Reason.NOT_CONNECTED),
    (407, "", Transient, Reason.NOT_CONNECTED),
    # refused for certain, and nobody knows why: at times in passing
    (400, "", Transient, Reason.REFUSED),
    (400, "SomethingNew", Transient, Reason.REFUSED),
    (402, "", Transient, Reason.REFUSED),
    (403, "", Transient, Reason.REFUSED),
    (403, "BadArgument", Transient, Reason.REFUSED),
    (403, "Forbidden", Transient, Reason.REFUSED),
    (403, "ServiceError", Transient, Reason.REFUSED),
    (403, "SomethingNew", Transient, Reason.REFUSED),
    (403, "Unknown", Transient, Reason.REFUSED),
    (404, "NotFound", Transient, Reason.REFUSED),
    # A message is not sought when a new one is sent.
    (404, "ActivityNotFoundInConversation", Transient, Reason.REFUSED),
    (405, "", Transient, Reason.REFUSED),
    (406, "", Transient, Reason.REFUSED),
    (411, "", Transient, Reason.REFUSED),
    (415, "", Transient, Reason.REFUSED),
    (418, "", Transient, Reason.REFUSED),
    (422, "", Transient, Reason.REFUSED),
    (431, "", Transient, Reason.REFUSED),
    (451, "", Transient, Reason.REFUSED),
    # nobody knows
    (408, "RequestTimeout", Unknown, Reason.NO_ANSWER),
    (499, "ClientClosedRequest", Unknown, Reason.NO_ANSWER),
    (500, "ServiceError", Unknown, Reason.SERVER_ERROR),
    (501, "NotImplemented", Unknown, Reason.SERVER_ERROR),
    (502, "", Unknown, Reason.SERVER_ERROR),
    (503, "", Unknown, Reason.SERVER_ERROR),
    (504, "", Unknown, Reason.SERVER_ERROR),
    (511, "", Unknown, Reason.SERVER_ERROR),
    (599, "", Unknown, Reason.SERVER_ERROR),
    (999, "", Unknown, Reason.SERVER_ERROR),
    # a known code does not turn an unknown fate into a known one
    (500, "ConversationBlockedByUser", Unknown, Reason.SERVER_ERROR),
    # no answer of HTTP to a POST, or one that says that it was carried out
    (0, "", Unknown, Reason.NO_ANSWER),
    (102, "", Unknown, Reason.NO_ANSWER),
    (303, "", Unknown, Reason.NO_ANSWER),
    (304, "", Unknown, Reason.NO_ANSWER),
    (-1, "", Unknown, Reason.NO_ANSWER),
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


UPDATE, DELETE, OPEN, PROFILE = Call.UPDATE, Call.DELETE, Call.OPEN, Call.PROFILE
EARLIER = (UPDATE, DELETE)

# Where the other calls differ from a send.
BY_CALL = [
    # the message that is corrected or recalled is gone
    (EARLIER, 400, "BadArgument", "not a known activity id", Rejected, Reason.MESSAGE_GONE),
    (EARLIER, 400, "BadArgument", "Unknown activity id", Rejected, Reason.MESSAGE_GONE),
    (EARLIER, 404, "ActivityNotFoundInConversation", "", Rejected, Reason.MESSAGE_GONE),
    (EARLIER, 404, "MessageNotFound", "", Rejected, Reason.MESSAGE_GONE),
    (EARLIER, 404, "NotFound", "Activity not found.", Rejected, Reason.MESSAGE_GONE),
    (
        EARLIER,
        404,
        "NotFound",
        "Message does not exist in the thread.",
        Rejected,
        Reason.MESSAGE_GONE,
    ),
    (EARLIER, 410, "Gone", "", Rejected, Reason.MESSAGE_GONE),
    # perhaps gone
    (EARLIER, 403, "Unknown", "", Transient, Reason.MESSAGE_GONE),
    (EARLIER, 403, "ServiceError", "Unknown", Transient, Reason.MESSAGE_GONE),
    # something else
    (EARLIER, 403, "ServiceError", "Busy", Transient, Reason.REFUSED),
    (EARLIER, 403, "BadArgument", "Failed to decrypt", Transient, Reason.REFUSED),
    (EARLIER, 404, "NotFound", "No such page", Transient, Reason.REFUSED),
    (EARLIER, 404, "ConversationNotFound", "Conversation not found.", Stale, None),
    (EARLIER, 403, "ConversationBlockedByUser", "", Unreachable, Reason.BLOCKED),
    (EARLIER, 501, "", "", Rejected, Reason.BAD_REQUEST),
    ((UPDATE,), 400, "BadArgument", "Invalid card", Rejected, Reason.BAD_REQUEST),
    ((UPDATE,), 413, "", "", Rejected, Reason.TOO_BIG),
    # Calls without a message of ours can't have been refused because of it.
    ((DELETE, OPEN, PROFILE), 400, "BadArgument", "Invalid card", Transient, Reason.REFUSED),
    ((DELETE, OPEN, PROFILE), 413, "", "", Transient, Reason.REFUSED),
    ((OPEN,), 400, "BadArgument", "Failed to decrypt pairwise id", Transient, Reason.REFUSED),
    ((PROFILE,), 404, "MemberNotFoundInConversation", "", Unreachable, Reason.NOT_INSTALLED),
    ((OPEN, PROFILE), 410, "Gone", "", Transient, Reason.REFUSED),
]


@pytest.mark.parametrize(("calls", "status", "code", "text", "outcome", "reason"), BY_CALL)
def test_the_same_answer_may_mean_something_else_to_another_call(
    calls: tuple[Call, ...], status: int, code: str, text: str, outcome: type, reason: Reason | None
) -> None:
    body = json.dumps({"error": {"code": code, "message": text}}).encode() if code else b""
    for call in calls:
        assert kind(classify(status, {}, body, now=NOW, call=call)) == (outcome, reason)


@pytest.mark.parametrize(
    "text",
    [
        "Failed to decrypt conversation id",
        "Failed to decrypt pairwise id",
        "Invalid user identity in provided tenant",
        "Unknown conversation",
    ],
)
def test_a_bad_argument_that_is_the_chat_is_not_our_message(text: str) -> None:
    body = json.dumps({"error": {"code": "BadArgument", "message": text}}).encode()
    for status in (400, 403):
        assert kind(classify(status, {}, body)) == (Transient, Reason.REFUSED)


PAGES = [
    b"<html><head><title>403 Forbidden</title></head></html>",
    b"<!DOCTYPE html><h1>Blocked by your organisation</h1>",
    b"404 page not found",
    b"default backend - 404",
]


@pytest.mark.parametrize("body", PAGES)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_page_of_something_on_the_way_says_nothing_about_the_person(
    status: int, body: bytes
) -> None:
    assert kind(classify(status, {}, body)) == (Transient, Reason.REFUSED)


def test_the_code_that_tells_more_counts() -> None:
    inner = {"statusCode": 403, "body": error("ConversationBlockedByUser")}
    body = {"error": {"code": "BadArgument", "message": "Refused.", "innerHttpError": inner}}
    result = classify(400, {}, json.dumps(body).encode())
    assert kind(result) == (Unreachable, Reason.BLOCKED)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_sent_keeps_the_activity_id(status: int) -> None:
    assert classify(status, {}, b'{"id":"1712"}') == Sent("1712")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"id":',
        b'{"id":17}',
        b"[]",
        b"<html>",
        b"\xff\xfe",
        # No store could keep these, and no request could name them.
        b'{"id":"17\\u0000"}',
        b'{"id":"\\ud800"}',
        b'{"id":"17\\r\\nX: y"}',
        b'{"id":"  "}',
        b'{"id":"' + b"1" * 5_000 + b'"}',
        b'{"id":"17","of":' + b"9" * 5_000 + b"}",
    ],
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
    assert kind(classify(403, {}, body)) == (Transient, Reason.REFUSED)


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
        ("Sat, 28 Nov 2026 18:10:00 99999", None),
        ("Mon, 1 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_RETRY_AFTER),
        ("Sat, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("\udcff", None),
        ("\0", None),
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
    assert len(result.answer.message) <= LONGEST_ANSWER
    assert len(result.answer.code) <= LONGEST_ANSWER


@given(
    status=st.integers(-1, 1_000),
    body=st.binary(max_size=200),
    header=st.text(max_size=40),
    call=st.sampled_from(Call),
)
def test_anything_has_an_outcome(status: int, body: bytes, header: str, call: Call) -> None:
    result = classify(status, {"Retry-After": header}, body, now=NOW, call=call)
    assert isinstance(result, Sent) == (200 <= status < 300)
    # What may have been done is never taken for undone.
    if call is Call.SEND and (status in (408, 499) or status >= 500 or status < 200):
        assert isinstance(result, Unknown)
    if isinstance(result, Unknown):
        assert not 400 <= status < 500 or status in (408, 499)


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


@given(
    status=st.sampled_from([201, 400, 403, 404, 429]),
    body=json_values,
    call=st.sampled_from(Call),
)
def test_any_json_has_an_outcome(status: int, body: object, call: Call) -> None:
    result = classify(status, {}, json.dumps(body).encode(), call=call)
    assert isinstance(result, Sent) == (status == 201)


@given(status=st.integers(400, 498), code=st.text(max_size=30), call=st.sampled_from(Call))
def test_a_code_that_nobody_knows_marks_nobody(status: int, code: str, call: Call) -> None:
    """Only words of the table do, wherever they stand."""
    body = json.dumps({"error": {"code": f"x{code}", "message": "?"}}).encode()
    result = classify(status, {}, body, call=call)
    assert not isinstance(result, (Unreachable, Sent, Unknown)) or status == 408
