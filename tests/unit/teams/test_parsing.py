"""Bodies and headers of answers: whatever comes, it is read, and can be kept by both stores."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.delivery import Claim, Delivery
from campaigns.ledger import ledger
from campaigns.ledger.retry import decide
from campaigns.outcome import LONGEST_ANSWER, TeamsAnswer
from storage.embedded.documents import document
from storage.postgres.encoding import json_text, storable
from storage.postgres.ledger.deliveries import columns
from teams.answers import classify
from teams.parsing import LONGEST_ID, identifier, json_of, retry_after, text_of

NOW = datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)
ROW = ledger.claimed(Delivery(recipient_id="1", due_at=NOW), Claim("p", NOW + timedelta(hours=1)))

odd_texts = st.text(
    st.sampled_from("aé\0\x1b\u202e\ud800\udfff\U0001f600\ufffe\\\"'<>{}\n") | st.characters(),
    max_size=40,
)
"""Texts with all that a store or an encoder can trip over."""

ids_and_errors = st.fixed_dictionaries(
    {},
    optional={
        "id": odd_texts,
        "code": odd_texts | st.integers(),
        "message": odd_texts,
        "error": st.fixed_dictionaries({"code": odd_texts, "message": odd_texts}),
    },
)

bodies = st.binary(max_size=200) | st.builds(
    lambda value, ascii_only: json.dumps(value, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    ),
    ids_and_errors,
    st.booleans(),
)


@given(body=bodies, status=st.sampled_from([201, 400, 403, 404, 429, 500]), dice=st.just(0.5))
@example(body=b'{"id":"1\\u0000"}', status=201, dice=0.5)
@example(body=b'{"error":{"code":"\\u0000","message":"a\\u0000b"}}', status=403, dice=0.5)
@example(body=b'{"error":{"code":"\xed\xa0\x80"}}', status=403, dice=0.5)
@example(body=b'{"error":{"code":' + b"9" * 5_000 + b"}}", status=400, dice=0.5)
@example(body=b"\xff\xfe{\x00}", status=500, dice=0.5)
def test_every_answer_can_be_kept_word_for_word_by_both_stores(
    body: bytes, status: int, dice: float
) -> None:
    outcome = classify(status, {}, body, now=NOW)
    decision = decide(outcome, ROW, now=NOW, started_at=NOW, dice=dice)
    row = ledger.settled(ROW, outcome, decision, NOW)
    # In files: what is written is what is read again.
    written = msgspec.json.encode(document(row))
    assert msgspec.json.decode(written, type=Delivery) == row
    # In the database: no text has a character that it would refuse or replace.
    assert json_text(row.trace) == msgspec.json.encode(row.trace).decode()
    assert "\\u0000" not in json_text(row.trace)
    for column in columns([row]):
        [value] = column
        assert not isinstance(value, str) or value == storable(value)


@given(code=odd_texts, message=odd_texts)
def test_an_answer_is_fit_to_keep_whoever_makes_it(code: str, message: str) -> None:
    answer = TeamsAnswer(status=403, code=code, message=message)
    for text in (answer.code, answer.message):
        assert text == storable(text)
        assert len(text) <= LONGEST_ANSWER
    # Reading it again changes nothing.
    assert msgspec.json.decode(msgspec.json.encode(answer), type=TeamsAnswer) == answer


@given(body=st.binary(max_size=300))
def test_any_bytes_are_a_text_that_can_be_written(body: bytes) -> None:
    text = text_of(body)
    text.encode()
    json_of(text)


@given(text=st.text(max_size=60))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    assert text_of(text.encode("utf-8", "replace")) == text.encode("utf-8", "replace").decode(
        "utf-8"
    ).removeprefix("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_a_name_is_right_in_each_usual_encoding(encoding: str) -> None:
    body = '{"name":"Zoë Björnsdóttir-Peña"}'.encode(encoding)
    assert json_of(text_of(body)) == {"name": "Zoë Björnsdóttir-Peña"}


@given(value=odd_texts | st.integers() | st.none())
def test_an_id_can_be_used_again_or_is_none(value: object) -> None:
    kept = identifier(value)
    assert kept in ("", value)
    assert kept.isprintable()
    assert len(kept) <= LONGEST_ID


dates = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Sat", "Mon", "", "\0"]),
    st.integers(-5, 40),
    st.sampled_from(["Jan", "Nov", "Foo"]),
    st.integers(0, 10**20) | st.integers(1, 10_000),
    st.integers(-1, 99),
    st.integers(-1, 99),
    st.integers(-1, 99),
    st.sampled_from(["GMT", "-0000", "99999", "+2359", "-9999", "+99999999999", ""]),
)


@given(
    header=st.text(max_size=40) | dates,
    now=st.just(NOW) | st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_any_retry_after_is_a_time_within_a_day_or_none(header: str, now: datetime | None) -> None:
    seconds = retry_after({"Retry-After": header}, now)
    assert seconds is None or 0.0 <= seconds <= 86_400.0
