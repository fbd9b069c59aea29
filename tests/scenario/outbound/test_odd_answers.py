"""Answers of any bytes: each call ends in an outcome, and the parts that are good are read."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from yarl import URL

from campaigns.outcome import Outcome, Rejected, Sent, Transient
from campaigns.schedule.presence import Presence
from campaigns.user import Details
from teams.answers import Call
from teams.graph import Graph
from teams.tokens import NoToken
from teams.transport import Answered, Timeouts, Transport
from tests.support.raw_server import RawServer, raw_server

TENANT = "tenant-1"
ADELE = "aaaaaaaa-0000-4000-8000-000000000001"
BOMB = gzip.compress(b"\0" * 30_000_000)
SHORT = Timeouts(connect=2.0, total=2.0)


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as server:
        yield server


@pytest.fixture
async def graph(server: RawServer) -> AsyncIterator[Graph]:
    async with Graph(lambda tenant: NoToken(), server.address, timeouts=SHORT) as graph:
        yield graph


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport(SHORT)
    await transport.start()
    yield transport
    await transport.close()


async def test_what_unpacks_to_megabytes_is_cut_at_the_limit(
    server: RawServer, transport: Transport
) -> None:
    server.says(BOMB, Content_Encoding="gzip")
    answer = await transport.request("GET", URL(server.address), "", None)
    assert isinstance(answer, Answered)
    assert len(answer.body) == 65_537
    assert b"Accept-Encoding: identity\r\n" in server.requests[0]


async def test_what_was_compressed_all_the_same_is_read(
    server: RawServer, transport: Transport
) -> None:
    server.says(gzip.compress(b'{"id":"17"}'), status=201, Content_Encoding="gzip")
    answer = await transport.request("POST", URL(server.address), "", {})
    assert isinstance(answer, Answered)
    assert answer.outcome(Call.SEND) == Sent("17")


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/\x00", "/é"])
async def test_an_address_that_could_split_a_request_is_not_called(
    server: RawServer, transport: Transport, path: str
) -> None:
    url = URL(server.address).with_path(path, encoded=True)
    assert isinstance(await transport.request("GET", url, "", None), Rejected)
    assert server.requests == []


PERSON = {"id": ADELE, "department": "Sales"}


async def test_one_odd_person_does_not_cost_the_others_of_the_page(
    server: RawServer, graph: Graph
) -> None:
    odd = [None, 5, {"id": 7}, {"id": "b", "department": ["x"], "city": "Bonn"}]
    server.says(json.dumps({"value": [*odd, PERSON]}).encode())
    pages = [page async for page in graph.everyone(TENANT)]
    assert pages == [({ADELE: Details(department="Sales"), "b": Details(city="Bonn")}, None)]


async def test_a_name_in_another_encoding_is_read_and_half_an_emoji_costs_itself_alone(
    server: RawServer, graph: Graph
) -> None:
    body = '{"value": [{"id": "a", "city": "Zürich"}, {"id": "b", "city": "\\ud800Bern"}]}'
    server.says(body.encode("latin-1"))
    [(found, failure)] = [page async for page in graph.everyone(TENANT)]
    assert failure is None
    assert found == {"a": Details(city="Zürich"), "b": Details(city="\ufffdBern")}


@pytest.mark.parametrize(
    "link",
    [
        "SAME",
        "SERVER/\r\nX: y",
        "SERVER/ü",
        "SERVER/a b",
        "https://elsewhere.example/",
        "SERVER:99999999/",
    ],
)
async def test_a_next_page_that_leads_nowhere_ends_the_reading(
    server: RawServer, graph: Graph, link: str
) -> None:
    first = f"{server.address}/v1.0/users?$select=id,department,jobTitle,country,city&$top=500"
    link = link.replace("SAME", first).replace("SERVER", server.address)
    server.says(json.dumps({"value": [PERSON], "@odata.nextLink": link}).encode())
    pages = [page async for page in graph.everyone(TENANT)]
    assert isinstance(pages[-1][1], Rejected)
    assert len(server.requests) == 1


async def test_a_batch_with_parts_of_any_shape_gives_those_that_are_good(
    server: RawServer, graph: Graph
) -> None:
    parts = [
        None,
        {"id": "²", "status": 200, "body": PERSON},
        {"id": "9" * 5_000, "status": 200, "body": PERSON},
        {"id": "1", "status": "200"},
        {"id": "0", "status": 200, "headers": {"a": 1}, "body": PERSON},
        {"id": "2", "status": 204, "headers": {"Retry-After": 5}, "body": {"x": 10**30}},
    ]
    server.says(json.dumps({"responses": parts}).encode())
    found, failure = await graph.details(TENANT, [ADELE, "b", "c"])
    assert found == {ADELE: Details(department="Sales")}
    assert isinstance(failure, Transient)


async def test_one_odd_presence_does_not_cost_the_others(server: RawServer, graph: Graph) -> None:
    entries = [7, {"id": ADELE, "availability": "Available"}, {"id": "b", "availability": {}}, {}]
    server.says(json.dumps({"value": entries}).encode())
    assert await graph.presences(TENANT, [ADELE]) == {
        ADELE: Presence.AVAILABLE,
        "b": Presence.UNKNOWN,
    }


# Anything at all


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("value", "responses", "@odata.nextLink", "id", "status", "headers", "body", "error")
answers = st.dictionaries(
    st.sampled_from(FIELDS),
    json_values | st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4)),
    max_size=4,
).map(lambda value: json.dumps(value).encode())
well_formed = st.builds(
    lambda status, headers, body: (
        b"HTTP/1.1 %d X\r\n%s\r\n" % (status, b"".join(b"%s: %s\r\n" % pair for pair in headers))
        + body
    ),
    st.integers(100, 999),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"Content-Encoding",
                    b"Content-Length",
                    b"Transfer-Encoding",
                    b"Content-Type",
                    b"Retry-After",
                    b"Set-Cookie",
                    b"Location",
                    b"Connection",
                    b"Upgrade",
                ]
            ),
            st.sampled_from([b"gzip", b"br", b"zstd", b"deflate", b"chunked", b"5", b"9" * 30])
            | st.binary(max_size=20).map(lambda value: value.replace(b"\n", b"")),
        ),
        max_size=4,
    ),
    answers | st.binary(max_size=200),
)


@given(answer=well_formed | st.binary(max_size=200))
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_bring_an_exception_out_of_a_call(runner: asyncio.Runner, answer: bytes) -> None:
    async def ask() -> list[object]:
        timeouts = Timeouts(connect=0.3, total=0.3)
        async with (
            raw_server() as server,
            Graph(lambda tenant: NoToken(), server.address, timeouts=timeouts) as graph,
        ):
            server.answer = answer
            transport = Transport(timeouts)
            await transport.start()
            sent = await transport.request("POST", URL(server.address), "token", {"a": 1})
            await transport.close()
            outcome = sent.outcome(Call.SEND) if isinstance(sent, Answered) else sent
            _, details = await graph.details(TENANT, [ADELE])
            pages = [failure async for _, failure in graph.everyone(TENANT)]
            presences = await graph.presences(TENANT, [ADELE])
            return [outcome, details, *pages, presences]

    for result in runner.run(ask()):
        assert result is None or isinstance(result, dict | Outcome)
