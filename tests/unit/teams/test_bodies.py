"""Bodies of answers: reading any bytes raises nothing, and stays inside a limit."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.text.storable import storable
from teams.bodies import from_json, unpacked

LIMIT = 1_000


@given(
    st.binary(), st.sampled_from([None, "", "identity", "gzip", "deflate", "br", "zstd", "\xff"])
)
def test_any_bytes_are_unpacked_to_the_limit_or_not_at_all(
    body: bytes, encoding: str | None
) -> None:
    assert len(unpacked(body, encoding, LIMIT)) <= max(LIMIT + 1, len(body))


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("X-GZIP ", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
    ],
)
def test_what_was_compressed_all_the_same_is_read(encoding: str, pack: object) -> None:
    assert callable(pack)
    assert unpacked(pack(b'{"id":"1"}'), encoding, LIMIT) == b'{"id":"1"}'
    bomb = pack(b"\0" * 1_000_000)
    assert len(unpacked(bomb, encoding, LIMIT)) == LIMIT + 1


@given(st.binary(max_size=200) | st.text().map(json.dumps).map(str.encode))
def test_any_bytes_are_a_value_or_none_and_the_value_can_be_kept(body: bytes) -> None:
    value = from_json(body, object)
    kept = json.dumps(value, ensure_ascii=False).encode("utf-8")
    assert b"\\u0000" not in kept


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"name": "Zoë"}'.encode("latin-1"), {"name": "Zoë"}),
        (rb'{"name": "\ud83d"}', {"name": "\ufffd"}),
        (rb'{"name": "A\u0000B"}', {"name": "A\u0001B"}),
        (b"[" * 100_000, None),
        (b"9" * 10_000, None),
        (b"", None),
        (b"<html>", None),
        (b"\xef\xbb\xbf{}", {}),
        ("{}".encode("utf-16"), None),
    ],
)
def test_an_odd_character_costs_that_character_alone(body: bytes, value: object) -> None:
    assert from_json(body, object) == value


@given(st.binary(max_size=300))
def test_bytes_are_made_storable_without_an_exception(body: bytes) -> None:
    # Once is enough, and what has no escapes stays as it is.
    assert storable(storable(body)) == storable(body) or rb"\u" in storable(body)
    if rb"\u" not in body:
        assert storable(body) == body


@pytest.mark.parametrize("kept", [rb'"\\u0000"', rb'"\\ud800"', rb'"\ud83d\udc4d"', rb'"\u00e9"'])
def test_what_only_looks_like_one_stays(kept: bytes) -> None:
    assert storable(kept) == kept
