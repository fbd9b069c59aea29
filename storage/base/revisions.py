"""Revisions: a document's number, which each saved change raises by one."""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec


class Revised(Protocol):
    """A document that counts its saved changes; 0 is not saved yet."""

    @property
    def revision(self) -> int: ...


R = TypeVar("R", bound=Revised)


def with_revision(document: R, revision: int) -> R:
    """Returns the same document with this revision."""
    return msgspec.structs.replace(document, revision=revision)  # type: ignore[type-var]  # documents are structs
