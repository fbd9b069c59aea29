"""Pages of a list that may have become shorter."""

from __future__ import annotations

import pytest

from dialogs.paging import last_page, page_or_last
from storage.base import Page

SIZE = 3


@pytest.mark.parametrize(
    ("total", "asked", "shown", "items"),
    [
        (7, 0, 0, (0, 1, 2)),
        (7, 2, 2, (6,)),
        (7, 9, 2, (6,)),
        (6, 2, 1, (3, 4, 5)),
        (0, 0, 0, ()),
        (0, 4, 0, ()),
    ],
)
async def test_a_page_beyond_the_end_becomes_the_last_one(
    total: int, asked: int, shown: int, items: tuple[int, ...]
) -> None:
    async def read(offset: int) -> Page[int]:
        return Page(tuple(range(total))[offset : offset + SIZE], total)

    page, number = await page_or_last(read, asked, SIZE)
    assert (page.items, number) == (items, shown)


@pytest.mark.parametrize(("total", "last"), [(0, 0), (1, 0), (3, 0), (4, 1), (6, 1), (7, 2)])
def test_the_last_page_has_what_is_left(total: int, last: int) -> None:
    assert last_page(total, SIZE) == last
