"""Tables as files: CSV and Excel workbooks, written a few rows at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bot.public.inert import inert
from cards.reports.export import Cell


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Returns the rows as lines of CSV. A file begins with :data:`BOM`."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


BOM = b"\xef\xbb\xbf"
"""Tells Excel that a file is in UTF-8."""


_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001  # tables know no zones
_DAY = timedelta(days=1)


class Workbook:
    """An Excel workbook of one sheet; the rows written so far are on disk and not in memory.

    Calls block. No text of a cell becomes a formula or a link.
    """

    def __init__(
        self,
        file: IO[bytes],
        header: Sequence[str],
        *,
        sheet: str,
        widths: Sequence[int],
    ) -> None:
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._sheet: Worksheet = self._book.add_worksheet(sheet)
        self._times: Format = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold: Format = self._book.add_format({"bold": True})
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        self._columns = len(header)
        self._next = 1
        for column, name in enumerate(header):
            self._sheet.write_string(0, column, name, bold)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Writes further rows."""
        write_string, write_number = self._sheet.write_string, self._sheet.write_number
        for row in rows:
            line = self._next
            self._next += 1
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        write_string(line, column, cell)
                elif isinstance(cell, datetime):
                    # Excel's own number for a time. Letting the library make it takes four times
                    # as long.
                    write_number(line, column, (cell - _DAY_0) / _DAY, self._times)
                elif cell is not None:
                    write_number(line, column, cell)

    def close(self) -> None:
        """Completes the file."""
        self._sheet.autofilter(0, 0, self._next - 1, self._columns - 1)
        self._book.close()


def _harmless(cell: Cell) -> Any:
    """Returns the cell in a form that no program runs."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return inert(cell) if isinstance(cell, str) else cell
