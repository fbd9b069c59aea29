"""A survey that is sent can't be changed any more."""

from __future__ import annotations

import msgspec

from campaigns.surveys import Survey
from storage.base import Store
from storage.errors import Conflict


async def mark_used(store: Store, survey: Survey) -> None:
    """From now on nobody changes it. One that has been deleted is no concern: what is sent has a
    copy.
    """
    while True:
        known = await store.surveys.get(survey.tenant_id, survey.id)
        if known is None or known.used:
            return
        try:
            await store.surveys.save(msgspec.structs.replace(known, used=True))
        except Conflict:
            continue
        return
