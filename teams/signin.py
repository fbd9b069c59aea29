"""Signs the bot in through MSAL. No other module imports it.

Each fetch makes a new MSAL client: MSAL's own caches would return a refused token again, and would
repeat an error for a minute after its cause is gone. :class:`teams.tokens.Tokens` is the cache.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msal
import msal.exceptions
import msgspec
import requests
import urllib3.exceptions

from campaigns.outcome import Reason
from campaigns.text.typed import from_outside
from teams.bodies import UNCOMPRESSED, unpacked
from teams.errors import TokenError
from teams.tokens import Token

ENTRA = "https://login.microsoftonline.com"
BOT_CONNECTOR = "https://api.botframework.com"
"""The audience of tokens for the Bot Connector."""
MULTI_TENANT = "botframework.com"
"""The tenant in which multi-tenant bots sign in."""
_TIMEOUT = 10.0
"""Seconds until a connection has to be made, and longest wait between two bytes."""
_WHOLE_ANSWER = 30.0
"""Seconds until the whole body has to be there: bytes may come drop by drop."""
_LONGEST_ANSWER = 1024 * 1024
"""Bytes. Tokens and descriptions of the service have a few thousand."""

_TOKEN = re.compile(r"[!-~]{1,16384}")
"""Matches a token that can stand in a header. Entra's have one to four thousand characters."""
_USUAL_LIFETIME = 3600.0
"""Seconds; of a token whose lifetime was not told."""
_LONGEST_LIFETIME = 86_400.0
"""Seconds. Entra's tokens live 24 hours at most."""

_NEW_SECRET = (
    "make a new one in Entra ID (App registrations, the app, Certificates & secrets), and set "
    "MICROSOFT_APP_PASSWORD to its value."
)
_SENTENCES = {
    7000222: f"The app's client secret has expired: {_NEW_SECRET}",
    7000215: "The app's client secret is wrong: set MICROSOFT_APP_PASSWORD to the secret's value, "
    f"not to its id. If the value is lost, {_NEW_SECRET}",
    7000216: f"The app signs in without a secret: {_NEW_SECRET}",
    7000218: f"The app signs in without a secret: {_NEW_SECRET}",
    700016: "The app is not known in this tenant: check MICROSOFT_APP_ID, MICROSOFT_APP_TENANT_ID "
    "and MICROSOFT_APP_TYPE.",
    7000229: "The app has no service principal in this tenant: add it in Entra ID.",
    7000112: "The app is disabled in Entra ID: enable it there.",
    500011: "The Bot Framework is not known in this tenant: add its service principal in Entra ID.",
    53003: "A conditional access policy keeps the app from signing in: change it in Entra ID.",
    90002: "The tenant is not known: check MICROSOFT_APP_TENANT_ID.",
    900023: "The tenant is not known: check MICROSOFT_APP_TENANT_ID.",
}
"""Advice to the operator, by the number of Entra's error (``AADSTS...``)."""
_MANAGED = (
    "Is MICROSOFT_APP_ID the client id of a managed identity, and is that assigned to this machine?"
)
"""Advice about a refused managed identity, for which there are no such numbers."""
_TEMPORARY = ("temporarily_unavailable", "server_error", "too_many_requests")


class SecretSignIn:
    """Signs in with app id and client secret (SingleTenant and MultiTenant).

    :param tenant_id: the bot's tenant; empty for a multi-tenant bot.
    :param login_url: Entra's address, HTTPS.
    :param scope: the scope of the token; each cloud has its own.
    :param trusted: file with the certificates to trust there; None: the usual ones.
    """

    def __init__(
        self,
        *,
        app_id: str,
        secret: str,
        tenant_id: str = "",
        login_url: str = ENTRA,
        scope: str = f"{BOT_CONNECTOR}/.default",
        trusted: str | None = None,
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self._authority = f"{login_url}/{tenant_id or MULTI_TENANT}"
        self._scope = scope
        self._trusted = trusted

    def __call__(self) -> Token:
        """Fetches a token; blocks.

        :raises TokenError: none is available.
        """
        with _HttpClient(self._trusted) as session, _explained():
            client = msal.ConfidentialClientApplication(
                self._app_id,
                client_credential=self._secret,
                authority=self._authority,
                http_client=session,
                # The address comes from our settings, not from a user: no need to verify it.
                instance_discovery=False,
            )
            return _token(client.acquire_token_for_client(scopes=[self._scope]))


class ManagedIdentitySignIn:
    """Signs in with the identity that Azure gives to the machine (UserAssignedMSI): no secret.

    MSAL finds the machine's endpoint by the environment variables that Azure sets.
    """

    def __init__(self, *, app_id: str, resource: str = BOT_CONNECTOR) -> None:
        self._identity = msal.UserAssignedManagedIdentity(client_id=app_id)
        self._resource = resource

    def __call__(self) -> Token:
        """Fetches a token; blocks.

        :raises TokenError: none is available.
        """
        # The endpoint is on this machine: no proxy leads there.
        with _HttpClient(None, direct=True) as session, _explained():
            client = msal.ManagedIdentityClient(self._identity, http_client=session)
            return _token(client.acquire_token_for_client(resource=self._resource), _MANAGED)


class _SignInAnswer(msgspec.Struct, frozen=True):
    """An answer with the parts that MSAL reads."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def raise_for_status(self) -> None:
        """Raises requests.HTTPError for a status of 400 or above."""
        if self.status_code >= 400:
            raise requests.HTTPError(f"status {self.status_code}")


class _HttpClient:
    """The HTTP client that MSAL is given: with limits for time and size, which requests lacks.

    It follows no redirect, so the secret goes to the address in the settings only.

    :param trusted: file with the certificates to trust; None: the usual ones.
    :param direct: True uses no proxy.
    """

    def __init__(self, trusted: str | None, *, direct: bool = False) -> None:
        self._session = requests.Session()
        if trusted is not None:
            self._session.verify = trusted
        # With a file of our own: requests lets REQUESTS_CA_BUNDLE win over the session otherwise.
        self._session.trust_env = trusted is None and not direct

    def __enter__(self) -> _HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str, **options: Any) -> _SignInAnswer:
        """Makes a GET request, with the options of requests."""
        return self._ask("GET", url, options)

    def post(self, url: str, **options: Any) -> _SignInAnswer:
        """Makes a POST request, with the options of requests."""
        return self._ask("POST", url, options)

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()

    def _ask(self, method: str, url: str, options: dict[str, Any]) -> _SignInAnswer:
        limits = {"timeout": _TIMEOUT, "stream": True, "allow_redirects": False}
        headers = {**(options.pop("headers", None) or {}), **UNCOMPRESSED}
        with self._session.request(method, url, headers=headers, **{**options, **limits}) as answer:
            body = _read(answer)
            return _SignInAnswer(
                answer.status_code, answer.headers, body.decode("utf-8", "replace")
            )


def _read(answer: requests.Response) -> bytes:
    """Returns the body, unpacked, up to the limit. Raises requests.RequestException."""
    body = bytearray()
    end = time.monotonic() + _WHOLE_ANSWER
    try:
        # Not unpacked by the library, which has no limit. `read1` waits for no more than one part.
        while part := answer.raw.read1(65_536, decode_content=False):
            body += part
            if len(body) > _LONGEST_ANSWER:
                break
            if time.monotonic() > end:
                raise requests.Timeout("the body comes too slowly")
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout(str(error)) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(str(error)) from error
    return unpacked(bytes(body), answer.headers.get("Content-Encoding"), _LONGEST_ANSWER)


@contextmanager
def _explained() -> Iterator[None]:
    """Turns the errors of MSAL and requests into a TokenError."""
    try:
        yield
    except msal.exceptions.MsalError as error:
        # The text of this error is the status and nothing more.
        raise TokenError(Reason.NOT_CONNECTED, f"The sign-in service failed: {error}.") from error
    except requests.Timeout as error:
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service did not answer in time."
        ) from error
    except requests.exceptions.SSLError as error:
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service's certificate is not to be trusted."
        ) from error
    except requests.HTTPError as error:
        raise TokenError(
            Reason.NOT_CONNECTED, f"The sign-in service failed with {error}."
        ) from error
    except requests.RequestException as error:
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service could not be reached."
        ) from error
    except (LookupError, ArithmeticError, TypeError, AttributeError, RuntimeError) as error:
        # The answer is JSON of another shape than MSAL expects. MSAL reads it without checking.
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service's answer could not be understood."
        ) from error
    except ValueError as error:
        # Broken JSON is a ValueError too, and so is MSAL's "no such tenant".
        if "authority" in str(error):
            raise TokenError(Reason.UNAUTHORISED, _SENTENCES[90002]) from error
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service's answer could not be understood."
        ) from error


def _token(answer: object, advice: str = "") -> Token:
    """Returns the token in MSAL's answer, which may have any shape. Raises TokenError."""
    if not isinstance(answer, dict):
        raise _not_understood()
    if "access_token" in answer:
        value = answer["access_token"]
        if not isinstance(value, str) or not _TOKEN.fullmatch(value):
            # It could not stand in a header: each send with it would fail.
            raise _not_understood()
        return Token(value, _lifetime(answer.get("expires_in")))
    error = str(answer.get("error", ""))
    if error in _TEMPORARY:
        raise TokenError(Reason.NOT_CONNECTED, "The sign-in service is busy or ill.")
    codes = answer.get("error_codes")
    numbers = codes if isinstance(codes, list) else []
    description = str(answer.get("error_description") or "")
    for code, sentence in _SENTENCES.items():
        if code in numbers or f"AADSTS{code}:" in description:
            raise TokenError(Reason.UNAUTHORISED, sentence)
    # The rest of Entra's text is trace ids and times.
    lines = description.splitlines() or [error]
    reason = from_outside(lines[0].partition(" Trace ID")[0], 300)
    sentence = f"The sign-in service refused the app: {reason} {advice}".strip()
    raise TokenError(Reason.UNAUTHORISED, sentence)


def _lifetime(value: object) -> float:
    """Returns the seconds that a token lives; the usual ones when they are not told, or odd."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        return _USUAL_LIFETIME
    return min(seconds, _LONGEST_LIFETIME)


def _not_understood() -> TokenError:
    return TokenError(Reason.NOT_CONNECTED, "The sign-in service's answer could not be understood.")
