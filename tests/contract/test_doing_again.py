"""A verb that is done again, because nobody knows whether it was done, changes nothing more."""

from __future__ import annotations

import contextlib

import pytest

from storage.base import Store
from storage.errors import Conflict
from tests.support.stores.verbs import VERBS, everything


@pytest.mark.parametrize("verb", VERBS)
async def test_doing_it_twice_ends_as_doing_it_once(store: Store, verb: str) -> None:
    before, work = VERBS[verb]
    await before(store)
    await work(store)
    once = await everything(store)
    with contextlib.suppress(Conflict):
        await work(store)
    assert await everything(store) == once
