"""Microsoft Graph: the directory's details of people, and their presence.

Needs the application permission ``User.Read.All``, and ``Presence.Read.All`` for presence. Retries
nothing: the outcome tells the caller what to do.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

import msgspec
from yarl import URL

from campaigns.outcome import Outcome, Reason, Rejected, Sent, TeamsAnswer, Transient
from campaigns.schedule.presence import Presence, presence_of
from campaigns.text.typed import from_outside
from campaigns.user import DEPARTMENT_LIMIT, PLACE_LIMIT, Details
from teams.answers import classify
from teams.bodies import from_json, text_or_empty
from teams.errors import TokenError
from teams.tokens import TokenSource
from teams.transport import TIMEOUTS, Answered, Timeouts, Transport

BATCH = 20
"""Requests in one ``$batch``, at most (Graph's limit)."""

_PAGE = 500
"""People on a page. Graph allows 999 at most."""

_MOST_PAGES = 10_000
"""Pages that are read of one directory, at most: five million people. A service whose next page is
always there would keep us for ever."""

_LONGEST_ANSWER = 2 * 1024 * 1024
"""Bytes; a page of the longest values has about 500 KB."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_FIELDS = "id,department,jobTitle,country,city"

_FoundDetails = tuple[dict[str, Details], Outcome | None]
"""Details by user id, and the outcome that kept the rest from being read; None when all were read.
People whom the directory does not have get empty details."""


class _Person(msgspec.Struct, rename="camel"):
    """A person as Graph describes them. A field of another type counts as missing."""

    id: Any = None
    department: Any = None
    job_title: Any = None
    country: Any = None
    city: Any = None

    def details(self) -> Details:
        return Details(
            department=from_outside(text_or_empty(self.department), DEPARTMENT_LIMIT),
            job_title=from_outside(text_or_empty(self.job_title), PLACE_LIMIT),
            country=from_outside(text_or_empty(self.country), PLACE_LIMIT),
            city=from_outside(text_or_empty(self.city), PLACE_LIMIT),
        )


class _Part(msgspec.Struct):
    """One answer within a batch."""

    id: str
    status: int
    headers: Any = None
    body: Any = None


# The entries of a list are decoded one by one: an odd one costs one person, not the whole page.


class _Batch(msgspec.Struct):
    responses: list[Any]


class _Page(msgspec.Struct):
    value: list[Any]
    next: Any = msgspec.field(name="@odata.nextLink", default=None)


class _Availability(msgspec.Struct):
    id: str
    availability: Any = None


class _Presences(msgspec.Struct):
    value: list[Any]


class Graph:
    """Implements the engine's ``Directory`` and ``Presences``.

    ``async with`` it, or call :meth:`start` and :meth:`close`.

    :param tokens: makes the token source of a tenant.
    :param url: Graph's address; each cloud has its own.
    """

    def __init__(
        self,
        tokens: Callable[[str], TokenSource],
        url: str,
        *,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        self._make_tokens = tokens
        self._tokens: dict[str, TokenSource] = {}
        self._url = url.rstrip("/")
        self._transport = Transport(timeouts, longest_body=_LONGEST_ANSWER)

    async def start(self) -> None:
        """Prepares for calls; needs the running event loop."""
        await self._transport.start()

    async def close(self) -> None:
        """Closes all connections; calls under way fail."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def details(self, tenant_id: str, user_ids: Sequence[str]) -> _FoundDetails:
        """Returns the details of these people, at most ``BATCH`` of them, in one call."""
        requests = [
            {
                "id": str(number),
                "method": "GET",
                "url": f"/users/{quote(user_id, safe='')}?$select={_FIELDS}",
            }
            for number, user_id in enumerate(user_ids)
        ]
        answer = await self._call(
            "POST", tenant_id, f"{self._url}/v1.0/$batch", {"requests": requests}
        )
        batch = _understood(answer, _Batch)
        if not isinstance(batch, _Batch):
            return {}, batch
        asked = {str(number): user_id for number, user_id in enumerate(user_ids)}
        details: dict[str, Details] = {}
        refused: Outcome | None = None
        for part in _each(batch.responses, _Part):
            user_id = asked.get(part.id)
            if user_id is None:
                continue
            if part.status == 200:
                details[user_id] = _details(part.body)
            elif part.status == 404:
                details[user_id] = Details()
            else:
                refused = _refusal(part.status, _texts(part.headers), _encoded(part.body))
        return details, refused

    async def everyone(self, tenant_id: str) -> AsyncIterator[_FoundDetails]:
        """Yields the details of everyone in the directory, page by page.

        For many people it takes fewer calls than :meth:`details`. Stops at the first page that
        can't be read, and yields the outcome of that.
        """
        url: str = f"{self._url}/v1.0/users?$select={_FIELDS}&$top={_PAGE}"
        read: set[str] = set()
        while url:
            page = _understood(await self._call("GET", tenant_id, url), _Page)
            if not isinstance(page, _Page):
                yield {}, page
                return
            people = (person for person in _each(page.value, _Person) if text_or_empty(person.id))
            yield {person.id: person.details() for person in people}, None
            read.add(url)
            url = text_or_empty(page.next)
            if url and not url.startswith(f"{self._url}/"):
                # The token goes to Graph and nowhere else.
                yield {}, _not_followed("The next page is elsewhere.")
                return
            if url in read or len(read) >= _MOST_PAGES:
                yield {}, _not_followed("The pages have no end.")
                return

    async def presences(
        self, tenant_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Presence] | Outcome:
        """Returns the presence of these people, at most 650. Leaves out those unknown to Graph."""
        # Only Entra ids have a presence, and Graph refuses the whole call for one wrong id.
        known = [user_id for user_id in user_ids if _GUID.fullmatch(user_id)]
        if not known:
            return {}
        url = f"{self._url}/v1.0/communications/getPresencesByUserId"
        answer = await self._call("POST", tenant_id, url, {"ids": known})
        presences = _understood(answer, _Presences)
        if not isinstance(presences, _Presences):
            return presences
        return {
            person.id: presence_of(text_or_empty(person.availability))
            for person in _each(presences.value, _Availability)
        }

    async def _call(
        self, method: str, tenant_id: str, url: str, body: dict[str, Any] | None = None
    ) -> Answered | Outcome:
        tokens = self._tokens.setdefault(tenant_id, self._make_tokens(tenant_id))
        try:
            token = await tokens.get()
        except TokenError as error:
            answer = TeamsAnswer(message=str(error))
            if error.reason is Reason.UNAUTHORISED:
                return Rejected(error.reason, answer)
            return Transient(error.reason, answer)
        try:
            address = URL(url, encoded=True)
        except ValueError:
            return _not_followed("The address of the next page is none.")
        result = await self._transport.request(method, address, token, body)
        if isinstance(result, Answered) and result.status == 401:
            await tokens.forget(token)
        return result


_Content = TypeVar("_Content", _Batch, _Page, _Presences)
_Entry = TypeVar("_Entry", _Part, _Person, _Availability)


def _understood(result: Answered | Outcome, kind: type[_Content]) -> _Content | Outcome:
    if not isinstance(result, Answered):
        return result
    if result.status != 200:
        return _refusal(result.status, result.headers, result.body)
    content = from_json(result.body, kind)
    return _not_understood(result.status) if content is None else content


def _each(values: Sequence[object], kind: type[_Entry]) -> list[_Entry]:
    """Returns those of the values that have this shape."""
    entries: list[_Entry] = []
    for value in values:
        try:
            entries.append(msgspec.convert(value, kind))
        except msgspec.ValidationError:
            continue
    return entries


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Returns why there is no answer; ``UNAUTHORISED`` when the app lacks the permission."""
    outcome = classify(status, headers, body)
    if isinstance(outcome, Sent):
        # A success without what was asked for.
        return _not_understood(status)
    if status in (401, 403) and isinstance(outcome, (Rejected, Transient)):
        return Rejected(Reason.UNAUTHORISED, outcome.answer)
    return outcome


def _not_understood(status: int) -> Outcome:
    answer = TeamsAnswer(status=status, message="The answer could not be understood.")
    return Transient(Reason.NO_ANSWER, answer)


def _not_followed(message: str) -> Outcome:
    return Rejected(Reason.WRONG_HOST, TeamsAnswer(message=message))


def _details(body: object) -> Details:
    people = _each([body], _Person)
    return people[0].details() if people else Details()


def _texts(headers: object) -> dict[str, str]:
    """Returns those of the headers that are texts."""
    if not isinstance(headers, dict):
        return {}
    return {
        name: value
        for name, value in headers.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (OverflowError, RecursionError):
        return b""
