"""Answers of the sign-in service: any bytes end in a token that can be sent, or a TokenError."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns.outcome import Reason
from teams.errors import TokenError
from teams.signin import ManagedIdentitySignIn
from teams.tokens import Token
from tests.support.raw_server import RawServer, raw_server

BOMB = gzip.compress(b"{" + b" " * 30_000_000)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[RawServer]:
    """The machine's endpoint for tokens, in a thread of its own: signing in blocks."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    found: list[RawServer] = []

    async def serve() -> None:
        async with raw_server() as server:
            found.append(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", found[0].address)
        yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def signed_in() -> Token | TokenError:
    try:
        return ManagedIdentitySignIn(app_id="the-app")()
    except TokenError as error:
        return error


def given_token(endpoint: RawServer, **answer: Any) -> Token | TokenError:
    endpoint.says(json.dumps({"token_type": "Bearer", "resource": "R"} | answer).encode())
    return signed_in()


@pytest.mark.parametrize(
    "value", ["", "a b", "a\r\nX: y", "é", "\ud800", "x" * 20_000, 5, None, []]
)
def test_what_could_not_stand_in_a_header_is_no_token(endpoint: RawServer, value: object) -> None:
    answer = given_token(endpoint, access_token=value, expires_in="3600")
    assert isinstance(answer, TokenError)
    assert answer.reason is Reason.NOT_CONNECTED


@pytest.mark.parametrize("lifetime", ["-5", "0", "1" * 400, "9" * 20])
def test_a_token_of_an_odd_lifetime_is_used_for_a_usual_one(
    endpoint: RawServer, lifetime: str
) -> None:
    answer = given_token(endpoint, access_token="abc", expires_in=lifetime)
    assert isinstance(answer, Token | TokenError)
    if isinstance(answer, Token):
        assert 0 < answer.lifetime <= 86_400


def test_what_unpacks_to_megabytes_is_cut_and_not_understood(endpoint: RawServer) -> None:
    endpoint.says(BOMB, Content_Encoding="gzip")
    assert isinstance(signed_in(), TokenError)


def test_a_redirect_gets_no_secret(endpoint: RawServer) -> None:
    endpoint.says(b"", status=307, Location=f"{endpoint.address}/elsewhere")
    before = len(endpoint.requests)
    assert isinstance(signed_in(), TokenError)
    assert len(endpoint.requests) == before + 1


FIELDS = ("access_token", "expires_in", "resource", "error", "error_codes", "error_description")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values).map(json.dumps).map(str.encode)
answers = st.builds(
    lambda status, header, body: b"HTTP/1.1 %d X\r\n%s\r\n\r\n%s" % (status, header, body),
    st.integers(100, 599),
    st.sampled_from([b"A: b", b"Content-Encoding: gzip", b"Content-Length: 3", b"Location: /x"])
    | st.binary(max_size=20),
    bodies | values.map(json.dumps).map(str.encode) | st.binary(max_size=100),
)


@given(answer=answers | st.binary(max_size=100))
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_bring_another_exception(endpoint: RawServer, answer: bytes) -> None:
    endpoint.answer = answer
    result = signed_in()
    if isinstance(result, Token):
        assert result.value.isascii()
        assert result.value.isprintable()
        assert 0 < result.lifetime <= 86_400
