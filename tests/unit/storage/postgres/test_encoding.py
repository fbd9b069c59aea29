from __future__ import annotations

import json

import pytest

from campaigns.outcome import TeamsAnswer
from campaigns.report import Counts
from campaigns.user import Profile
from storage.errors import Damaged
from storage.postgres.encoding import json_text, row_name, storable, understood
from storage.postgres.store import PostgresStore
from tests.support.examples import CLAIM, KEY, NOW, TENANT, ended, pending, user


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("Zoë 👋 漢字", "Zoë 👋 漢字"),
        ("a\0b\0", "a\ufffdb\ufffd"),
        ("cut \ud83d", "cut ?"),
        ("\0é\udc4b", "\ufffdé?"),
    ],
)
def test_a_text_is_kept_but_for_what_the_database_can_not_keep(text: str, kept: str) -> None:
    assert storable(text) == kept


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("as it is", "as it is"),
        ("one \0 two \0\0", "one \ufffd two \ufffd\ufffd"),
        ("typed: \\u0000", "typed: \\u0000"),
        ("a backslash and NUL: \\\0", "a backslash and NUL: \\\ufffd"),
        ("cut \ud83d", "cut ?"),
        ("\ud83d and \0", "? and \ufffd"),
    ],
)
def test_the_same_goes_for_texts_in_json(message: str, kept: str) -> None:
    text = json_text(Profile(name=message))
    assert json.loads(text)["name"] == kept
    assert understood(text, Profile, row="t") == Profile(name=kept)


def test_a_row_of_another_kind_is_damaged() -> None:
    row = row_name("users", "tenant", "id")
    with pytest.raises(Damaged, match=r"The row users \('tenant', 'id'\) .* not understood"):
        understood('{"status": "two hundred"}', TeamsAnswer, row=row)


async def test_nul_characters_keep_nothing_from_being_stored_or_found(store: PostgresStore) -> None:
    await store.users.put(user("a\0", profile=Profile(name="A\0B", email="a\0@example.com")))
    found = await store.users.get(TENANT, "a\0")
    assert found is not None
    assert found.profile.name == "A\ufffdB"
    assert await store.users.by_emails(TENANT, ["a\0@example.com"]) == {"a\0@example.com": found}
    await store.ledger.freeze(KEY, [pending("r\0", name="N\0")])
    [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(KEY, [ended(row)])
    assert await store.ledger.counts(KEY) == Counts(success=1)
