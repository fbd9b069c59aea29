"""Damaged rows that are left out where many are read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from storage.errors import Damaged

S = TypeVar("S")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_REMEMBERED = 1_000
"""Most damaged rows that are remembered as logged. More than a few have a common cause."""


class DamageLog:
    """Logs each damaged row once, however often it is met.

    :param strict: True when nothing may be left out, as when all is moved: Damaged is raised.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._told: set[str] = set()

    def left_out(self, damage: Damaged) -> None:
        """Logs that a row was left out, unless it is known. Raises it when nothing may be."""
        if self._strict:
            raise damage
        message = str(damage)
        if message not in self._told and len(self._told) < _REMEMBERED:
            self._told.add(message)
            _log.error("left out: %s", message)

    def understood(self, rows: Iterable[S], decode: Callable[[S], T]) -> list[T]:
        """Returns the rows that are understood. Those for which ``decode`` raises Damaged are left
        out, and logged.
        """
        values = []
        for row in rows:
            try:
                values.append(decode(row))
            except Damaged as damage:
                self.left_out(damage)
        return values

    def unless_all(self, values: Sequence[object], damages: Iterable[Damaged]) -> None:
        """Logs the damaged rows of a page, which has these values besides.

        Raises Damaged when it has none: an empty page would say that there is nothing.
        """
        met = list(damages)
        if met and not values:
            raise together(met)
        for damage in met:
            self.left_out(damage)

    def page(self, rows: Sequence[S], decode: Callable[[S], T]) -> list[T]:
        """Returns the rows of a page as :meth:`understood` does.

        Raises Damaged when there are some and none is understood: an empty page would say that
        there is nothing.
        """
        values = self.understood(rows, decode)
        if rows and not values:
            decode(rows[0])
        return values


def split(
    rows: Iterable[S], decode: Callable[[S], T], row_id: Callable[[S], str]
) -> tuple[list[T], Damaged | None]:
    """Returns the rows that are understood, and one error for all others; None: there are none.

    :param row_id: returns the id that a row is known by, for the error.
    """
    values: list[T] = []
    damages: list[Damaged] = []
    for row in rows:
        try:
            values.append(decode(row))
        except Damaged as damage:
            damages.append(Damaged(str(damage), rows=[row_id(row)]))
    return values, together(damages) if damages else None


def together(damages: Sequence[Damaged]) -> Damaged:
    """Returns one error for several, with the ids of all rows. It names the first of them."""
    first, *more = damages
    rows = frozenset(row_id for damage in damages for row_id in damage.rows)
    return Damaged(f"{first} There are {len(rows)} such rows." if more else str(first), rows=rows)
