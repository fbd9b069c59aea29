from __future__ import annotations

from pathlib import Path

import pytest

from storage import postgres
from storage.postgres.queries import load, parse

NAMED = ("lists", "surveys", "templates")

TEXT = """\
-- What these statements are for.

-- name: one
-- Says one,
-- and nothing else.
SELECT 1;


-- name: two
SELECT '-- no comment'
-- a comment in the middle
    AS two;
"""


def test_statements_are_found_by_name_without_the_comments_and_the_semicolon() -> None:
    assert parse(TEXT) == {"one": "SELECT 1", "two": "SELECT '-- no comment'\n    AS two"}


def test_a_text_without_names_has_no_statements() -> None:
    assert parse("SELECT 1;") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;", "two statements have the name one"),
        ("-- name: one\n-- name: two\nSELECT 2;", "one has no statement"),
        ("-- name: not a name\nSELECT 1;", "'not a name' is no name"),
        ("-- name:\nSELECT 1;", "'' is no name"),
    ],
)
def test_what_is_no_file_of_statements_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_every_statement_of_the_store_is_used() -> None:
    folder = Path(postgres.__file__).parent
    programs = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    # One class names the statements of several tables.
    programs += "".join(programs.replace("{self._table}", table) for table in NAMED)
    names = load(folder / "queries.sql")
    assert names
    assert [name for name in names if f'"{name}"' not in programs] == []
