"""Documents with a revision in the embedded store: nobody's change is overwritten unseen."""

from __future__ import annotations

from typing import Any

from storage.base.revisions import R, with_revision
from storage.embedded.documents import document
from storage.embedded.edit import Edit
from storage.embedded.shards import Shards
from storage.errors import Conflict


async def add(shards: Shards[Any], row_id: str, value: R) -> R:
    """Keeps a new document; raises Conflict when there is one already."""
    kept = with_revision(value, 1)
    row = document(kept)

    def change(edit: Edit) -> None:
        if edit.get(row_id) is not None:
            raise Conflict("There is one with this id already.")
        edit.put(row_id, row)

    await shards.place(row_id).change(change)
    return kept


async def save(shards: Shards[Any], row_id: str, value: R) -> R:
    """Keeps a changed document; raises Conflict when it was changed or deleted since."""
    shard = shards.find(row_id)
    if shard is None:
        raise Conflict("It has been deleted.")
    kept = with_revision(value, value.revision + 1)
    row = document(kept)

    def change(edit: Edit) -> None:
        stored = edit.get(row_id)
        if stored is None:
            raise Conflict("It has been deleted.")
        if stored.get("revision", 0) != value.revision:
            raise Conflict("It has been changed by someone else.")
        edit.put(row_id, row)

    await shard.change(change)
    return kept


async def delete(shards: Shards[Any], row_id: str) -> bool:
    """Forgets the document; False when there is none."""
    shard = shards.find(row_id)
    return shard is not None and await shard.change(lambda edit: edit.remove(row_id))
