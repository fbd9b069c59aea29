"""Upgrade of campaigns' documents that earlier versions stored."""

from __future__ import annotations

import re
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
"""Groups of today's layout, each with the fields that earlier stood at the top level."""

_NUMBER = r"(?: \((?P<people>[0-9][0-9,]{0,12}) (?:person|people)\))?"

_CALLED: Mapping[str, re.Pattern[str]] = {
    "all": re.compile("All users"),
    "list": re.compile("(?P<name>.+)"),
    "received": re.compile(f"Everyone who has the message{_NUMBER}"),
    "newcomers": re.compile(f"Newcomers{_NUMBER}"),
    "unanswered": re.compile(f"Those who have not answered{_NUMBER}"),
    "waiting": re.compile("Those who have not confirmed (?:“(?P<name>.+)”|a deleted campaign)"),
}
"""Patterns of the words that earlier versions stored for an audience, by the tag of its kind."""


def upgraded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a campaign's document in today's layout.

    Until format 2 of the data folder and schema 8 of the database, all fields stood side by side.
    A document that has today's layout already is returned unchanged. Values of a wrong type are
    passed on as they are, for the decoder to refuse.
    """
    if "run" in document:
        return document
    grouped: dict[str, Any] = {
        group: {name: document[name] for name in names if name in document}
        for group, names in _MOVED.items()
    }
    grouped["run"]["audience"] = _frozen_audience(
        document.get("audience"), document.get("audience_name", "")
    )
    grouped["survey_state"] = document.get("poll", {})
    moved = {"audience_name", "poll", *(name for names in _MOVED.values() for name in names)}
    return {name: value for name, value in document.items() if name not in moved} | grouped


def _frozen_audience(audience: object, called: object) -> Mapping[str, Any]:
    """Returns the name and number from the words that were stored for an audience.

    Words that match no pattern are kept whole, so that an old report still shows the same.
    """
    if called == "":
        return {}
    kind = audience.get("type") if isinstance(audience, Mapping) else None
    pattern = _CALLED.get(kind) if isinstance(kind, str) else None
    match = pattern.fullmatch(called) if pattern is not None and isinstance(called, str) else None
    if match is None:
        return {"called": called}
    values: dict[str, Any] = {name: text for name, text in match.groupdict().items() if text}
    if "people" in values:
        values["people"] = int(values["people"].replace(",", ""))
    return values
