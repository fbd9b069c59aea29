"""The part of Microsoft Graph that a bot asks for what the directory knows of people."""

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
    """Answers for these people.

    :param people: all that the fake has.
    :param url: where this Graph is.
    """

    def __init__(self, people: Callable[[], Iterable[FakeUser]], url: Callable[[], str]) -> None:
        self._people = people
        self._url = url
        self.allowed = True
        """False: the app has no permission."""
        self.script: deque[Reply] = deque()
        """What the next calls are answered with."""
        self.inner_script: deque[Reply] = deque()
        """What the next requests within a batch are answered with."""
        self.presences: Callable[[str], str] | None = None
        """Somebody's availability, by their id; None: the app may not ask."""
        self.largest_page = _MOST_ON_A_PAGE
        self.looked_for: list[list[str]] = []
        """Whose presence was asked for, call by call."""
        self.calls: list[str] = []
        """Every call by its path and query, and each within a batch."""

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        """What the service says to a call whose token is good."""
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
            said = self.inner_script.popleft() if self.inner_script else None
            said = said or self._one(request["method"], request["url"])
            headers = {"Retry-After": str(said.retry_after)} if said.retry_after else {}
            content = said.body or error_body(said.code, said.message)
            answers.append(
                {"id": request["id"], "status": said.status, "headers": headers, "body": content}
            )
        return Reply(200, body={"responses": answers})

    def _presences(self, ids: list[str]) -> Reply:
        if self.presences is None:
            return Reply(403, "Forbidden", "Insufficient privileges.")
        if not 0 < len(ids) <= _MOST_PRESENCES or not all(_GUID.fullmatch(of) for of in ids):
            return Reply(400, "BadRequest", "The ids are not valid.")
        self.looked_for.append(ids)
        known = {of.id for of in self._people() if of.in_directory}
        found = [
            {"id": of, "availability": self.presences(of), "activity": "Unknown"}
            for of in ids
            if of in known
        ]
        # Answers come in any order.
        return Reply(200, body={"value": found[::-1]})

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
                found = next((of for of in self._people() if of.id == user_id), None)
                if found is None or not found.in_directory:
                    return Reply(404, "Request_ResourceNotFound", "Resource does not exist.")
                return Reply(200, body=_person(found, fields))
            case _:
                return Reply(400, "BadRequest", f"Resource not found for {target}.")

    def _page(self, fields: list[str], query: dict[str, list[str]]) -> Reply:
        size = min(int(query.get("$top", ["100"])[0]), self.largest_page)
        begin = int(query.get("$skiptoken", ["0"])[0])
        people = [of for of in self._people() if of.in_directory]
        body: dict[str, Any] = {
            "value": [_person(of, fields) for of in people[begin : begin + size]]
        }
        if begin + size < len(people):
            body["@odata.nextLink"] = (
                f"{self._url()}/v1.0/users?$select={','.join(fields)}&$top={size}"
                f"&$skiptoken={begin + size}"
            )
        return Reply(200, body=body)


def _person(of: FakeUser, fields: list[str]) -> dict[str, Any]:
    known = {
        "id": of.id,
        "department": of.department or None,
        "jobTitle": of.job_title or None,
        "country": of.country or None,
        "city": of.city or None,
    }
    return {field: known[field] for field in fields}
