"""Tables: no text becomes a formula, whatever a program takes for the end of a cell."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.public.inert import as_written, inert
from bot.public.tables import Workbook, csv_lines

SEPARATORS = ",;\t|"
BEGINNERS = tuple("=+-@")


def runs(cell: str) -> bool:
    """True when a program may take the cell for a formula; it has full-width forms and spaces."""
    seen = "".join(
        character for character in cell if unicodedata.category(character) not in ("Cc", "Cf")
    )
    return (
        unicodedata.normalize("NFKC", seen)
        .strip(' "`')
        .replace("\u2212", "-")
        .startswith(BEGINNERS)
    )


def cells(line: bytes, separator: str) -> list[str]:
    """Returns the cells as programs see them: some heed quotes, some cut at every line break."""
    text = line.decode("utf-8")
    found = [
        cell
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for cell in row
    ]
    found += [cell for row in text.splitlines() for cell in row.split(separator)]
    return [part for cell in found for part in (cell, *cell.split('"'), *cell.splitlines())]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        " =1",
        "\t=1",
        "\r=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "ok;=HYPERLINK(1)",
        "ok,=1",
        "ok|=1",
        "ok\t=1",
        "ok\n=1",
        "ok; \u00a0=1",
        "a;-1+cmd|' /C calc'!A0",
        'say "=1"',
        'ok";=1',
        'ok";"=1',
        "ok；＝1",
        "−1+1",
        "@SUM(1+1)",
    ],
)
def test_no_cell_runs_and_the_text_stays_readable(text: str) -> None:
    for row in ([text], ["Adele", text, "x"], [text, text]):
        line = csv_lines([row])
        assert not [
            cell for separator in SEPARATORS for cell in cells(line, separator) if runs(cell)
        ]
    assert inert(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    "text", ["Adele Vance", "adele@example.com", "a - b", "2026-11-29 10:00", "1,5", "don't", "x=1"]
)
def test_usual_texts_are_left_as_they_are(text: str) -> None:
    assert inert(text) == text


parts = st.sampled_from(
    [*SEPARATORS, *BEGINNERS, *"\"'\r\n\x0b \u00a0\u200b＝＋－＠；", "a", "1", "é"]
)
texts = st.lists(parts | st.characters(exclude_categories=["Cs"])).map("".join)


@given(st.lists(texts, min_size=1, max_size=3))
def test_no_text_at_all_begins_a_formula(row: list[str]) -> None:
    line = csv_lines([row])
    assert not [cell for separator in SEPARATORS for cell in cells(line, separator) if runs(cell)]


@given(texts)
def test_the_text_can_be_had_back(text: str) -> None:
    assert as_written(inert(text)) == text


@pytest.mark.parametrize("piece", [";", "'", " ", ";" + " " * 1_000, ";=", '"', "=", "; "])
def test_long_texts_take_as_many_steps_as_they_have_characters(piece: str) -> None:
    # The limit of a test's time is two minutes; in quadratic time this takes much longer.
    text = (piece * 300_000)[:300_000]
    assert as_written(inert(text)) == text


@given(st.lists(texts, min_size=1, max_size=3))
def test_a_workbook_has_texts_and_no_formulas(row: list[str]) -> None:
    file = io.BytesIO()
    book = Workbook(file, ["=1"], sheet="S", widths=[10])
    book.add([row])
    book.close()
    with zipfile.ZipFile(file) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
