"""The part of Microsoft Graph that tells a bot about the people in the directory."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from tests.fake_teams.faults import Reply, error_body
from tests.fake_teams.people import FakeUser

_MOST_IN_A_BATCH = 20
_MOST_ON_A_PAGE = 999
_MOST_PRESENCES = 650
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FakeGraph:
    """Answers questions about people.

    :param people: returns all people of the fake.
    :param url: returns the address of this Graph.
    """

    def __init__(self, people: Callable[[], Iterable[FakeUser]], url: Callable[[], str]) -> None:
        self._people = people
        self._url = url
        self.allowed = True
        """False: the app has no permission."""
        self.script: deque[Reply] = deque()
        """Answers to the next calls."""
        self.inner_script: deque[Reply] = deque()
        """Answers to the next requests within a batch."""
        self.presences: Callable[[str], str] | None = None
        """Returns a person's availability by their id; None: the app may not ask."""
        self.largest_page = _MOST_ON_A_PAGE
        self.looked_for: list[list[str]] = []
        """The ids whose presence was asked for, for each call."""
        self.calls: list[str] = []
        """The path and query of every call, and of each request within a batch."""

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        """Answers a call that has a valid token."""
        self.calls.append(f"{method} {target}")
        if self.script:
            return self.script.popleft()
        url = urlsplit(target)
        if method == "POST" and url.path == "/v1.0/communications/getPresencesByUserId":
            return self._presences(msgspec.json.decode(body)["ids"])
        if method == "POST" and url.path == "/v1.0/$batch":
            return self._batch(msgspec.json.decode(body)["requests"])
        return self._one(method, target.removeprefix("/v1.0"))

    def _batch(self, requests: list[dict[str, Any]]) -> Reply:
        if not 0 < len(requests) <= _MOST_IN_A_BATCH:
            return Reply(400, "BadRequest", "Number of batch request steps exceeds the limit.")
        answers = []
        # Answers come in any order.
        for request in reversed(requests):
            self.calls.append(f"{request['method']} {request['url']}")
            scripted = self.inner_script.popleft() if self.inner_script else None
            reply = scripted or self._one(request["method"], request["url"])
            headers = {"Retry-After": str(reply.retry_after)} if reply.retry_after else {}
            content = reply.body or error_body(reply.code, reply.message)
            answers.append(
                {"id": request["id"], "status": reply.status, "headers": headers, "body": content}
            )
        return Reply(200, body={"responses": answers})

    def _presences(self, ids: list[str]) -> Reply:
        if self.presences is None:
            return Reply(403, "Forbidden", "Insufficient privileges.")
        if not 0 < len(ids) <= _MOST_PRESENCES or not all(map(_GUID.fullmatch, ids)):
            return Reply(400, "BadRequest", "The ids are not valid.")
        self.looked_for.append(ids)
        known = {person.id for person in self._people() if person.in_directory}
        presences = [
            {"id": user_id, "availability": self.presences(user_id), "activity": "Unknown"}
            for user_id in ids
            if user_id in known
        ]
        # Answers come in any order.
        return Reply(200, body={"value": presences[::-1]})

    def _one(self, method: str, target: str) -> Reply:
        url = urlsplit(target)
        query = parse_qs(url.query)
        if not self.allowed:
            return Reply(403, "Authorization_RequestDenied", "Insufficient privileges.")
        parts = unquote(url.path).strip("/").split("/")
        fields = query.get("$select", [""])[0].split(",")
        match method, parts:
            case "GET", ["users"]:
                return self._page(fields, query)
            case "GET", ["users", user_id]:
                user = next((person for person in self._people() if person.id == user_id), None)
                if user is None or not user.in_directory:
                    return Reply(404, "Request_ResourceNotFound", "Resource does not exist.")
                return Reply(200, body=_person(user, fields))
            case _:
                return Reply(400, "BadRequest", f"Resource not found for {target}.")

    def _page(self, fields: list[str], query: dict[str, list[str]]) -> Reply:
        size = min(int(query.get("$top", ["100"])[0]), self.largest_page)
        begin = int(query.get("$skiptoken", ["0"])[0])
        people = [person for person in self._people() if person.in_directory]
        body: dict[str, Any] = {
            "value": [_person(person, fields) for person in people[begin : begin + size]]
        }
        if begin + size < len(people):
            body["@odata.nextLink"] = (
                f"{self._url()}/v1.0/users?$select={','.join(fields)}&$top={size}"
                f"&$skiptoken={begin + size}"
            )
        return Reply(200, body=body)


def _person(person: FakeUser, fields: list[str]) -> dict[str, Any]:
    known = {
        "id": person.id,
        "department": person.department or None,
        "jobTitle": person.job_title or None,
        "country": person.country or None,
        "city": person.city or None,
    }
    return {field: known[field] for field in fields}
