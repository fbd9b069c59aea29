"""Documents of campaigns as earlier versions kept them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOVED = {
    "draft": ("replaced", "missed"),
    "run": (
        "sender_id",
        "started_at",
        "ended_at",
        "recipients",
        "fault",
        "reopened",
        "progress",
    ),
    "follow_up": ("purpose", "followers"),
}
"""Groups of today's document, each with the fields that stood beside it before."""


def upgraded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a campaign's document in today's layout.

    Until format 2 of the data folder and schema 8 of the database, all fields stood side by side.
    A document of today is returned as it is.
    """
    if "run" in document:
        return document
    grouped: dict[str, Any] = {
        group: {name: document[name] for name in names if name in document}
        for group, names in _MOVED.items()
    }
    grouped["run"]["audience"] = {"name": document.get("audience_name", "")}
    grouped["survey_state"] = document.get("poll", {})
    moved = {"audience_name", "poll", *(name for names in _MOVED.values() for name in names)}
    return {name: value for name, value in document.items() if name not in moved} | grouped
