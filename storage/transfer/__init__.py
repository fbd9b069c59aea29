"""Moves everything from an embedded store into a PostgreSQL database, and compares the two."""

from __future__ import annotations

from storage.transfer.moving import move

__all__ = ["move"]
