"""Activities of every shape: reading raises nothing, and the results can be kept in every store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.activities import ID_LENGTH, Activity, NotAnActivity, decode
from bot.reading import (
    Missing,
    html_of,
    is_personal,
    last_read_of,
    membership_of,
    pressed_of,
    reactions_of,
    sighting_of,
    tenant_of,
    text_of,
)
from tests.unit.bot.test_reading import MESSAGE

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

# With halves of surrogate pairs and NULs, which JSON can write.
odd_text = st.text(alphabet=st.characters() | st.sampled_from("\ud800\udfff\x00\n\x1b\u2028"))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | odd_text
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(odd_text, inner, max_size=4),
    max_leaves=8,
)
VALUES: dict[str, Any] = {
    "type": st.sampled_from(
        ["message", "invoke", "event", "messageReaction", "installationUpdate", "typing"]
    ),
    "id": odd_text,
    "name": odd_text,
    "action": odd_text,
    "text": odd_text,
    "serviceUrl": odd_text,
    "channelId": odd_text,
    "replyToId": odd_text,
    "from": st.fixed_dictionaries({"id": odd_text}, optional={"aadObjectId": odd_text}),
    "recipient": st.fixed_dictionaries({"id": odd_text}),
    "conversation": st.fixed_dictionaries({"id": odd_text}, optional={"tenantId": odd_text}),
    "channelData": st.fixed_dictionaries({"tenant": st.fixed_dictionaries({"id": odd_text})}),
    "value": st.fixed_dictionaries(
        {}, optional={"lastReadMessageId": odd_text, "action": anything}
    ),
    "attachments": st.lists(
        st.fixed_dictionaries({"contentType": st.just("text/html"), "content": odd_text})
    ),
    "entities": st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["mention", "clientInfo"])},
            optional={"text": odd_text, "locale": odd_text, "timezone": odd_text},
        )
    ),
    "reactionsAdded": st.lists(st.fixed_dictionaries({"type": odd_text})),
    "locale": odd_text,
    "localTimezone": odd_text,
    "membersAdded": st.lists(st.fixed_dictionaries({"id": odd_text})),
}


def changed(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(list(VALUES)), unique=True))
    return MESSAGE | {
        name: draw(anything if draw(st.integers(0, 3)) == 0 else VALUES[name]) for name in names
    }


bodies = st.composite(changed)().map(json.dumps).map(str.encode)


def read(activity: Activity) -> list[object]:
    """Returns everything that is read of an activity and may be kept."""
    sighting = sighting_of(activity, NOW)
    return [
        tenant_of(activity),
        text_of(activity),
        html_of(activity),
        pressed_of(activity),
        last_read_of(activity),
        reactions_of(activity),
        membership_of(activity),
        is_personal(activity),
        *([] if isinstance(sighting, Missing) else [msgspec.to_builtins(sighting)]),
    ]


@given(bodies | anything.map(json.dumps).map(str.encode) | st.binary())
def test_any_bytes_are_no_activity_or_one_whose_parts_can_be_kept(body: bytes) -> None:
    try:
        activity = decode(body)
    except NotAnActivity:
        return
    for part in read(activity):
        # As stores do: JSON in UTF-8, and PostgreSQL keeps no NUL.
        assert b"\\u0000" not in msgspec.json.encode(part)
        json.dumps(part, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "x" * (ID_LENGTH + 1)},
        {"id": "😀" * ID_LENGTH},
        {"serviceUrl": "https://" + "x" * ID_LENGTH},
        {"from": {"id": "x" * (ID_LENGTH + 1)}},
        {"from": {"id": "a", "aadObjectId": "x" * (ID_LENGTH + 1)}},
        {"conversation": {"id": "x" * (ID_LENGTH + 1)}},
        {"membersAdded": [{"id": "x" * (ID_LENGTH + 1)}]},
    ],
)
def test_an_endless_id_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(NotAnActivity, match="too long"):
        decode(json.dumps(MESSAGE | changed).encode())


def test_endless_details_of_a_person_are_left_out() -> None:
    endless = "x" * 100_000
    activity = decode(
        json.dumps(
            MESSAGE
            | {"locale": endless, "localTimezone": endless, "entities": []}
            | {"channelData": {"tenant": {"id": endless}}}
        ).encode()
    )
    sighting = sighting_of(activity, NOW)
    assert not isinstance(sighting, Missing)
    assert (sighting.locale, sighting.time_zone) == ("", "")
    assert sighting.tenant_id == "tenant-1"


def test_countless_mentions_in_a_long_text_take_no_time_to_speak_of() -> None:
    # 200,000 searches in a megabyte would take minutes.
    mention = {"type": "mention", "text": "<at>x</at>", "mentioned": MESSAGE["recipient"]}
    activity = decode(
        json.dumps(MESSAGE | {"text": "y" * 500_000, "entities": [mention] * 5_000}).encode()
    )
    assert text_of(activity) == "y" * 500_000
