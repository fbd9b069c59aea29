"""Signs the bot in through MSAL. No other module imports it.

Each fetch makes a new MSAL client: MSAL's own caches would return a refused token again, and would
repeat an error for a minute after its cause is gone. :class:`teams.tokens.Tokens` is the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msal
import msal.exceptions
import requests

from campaigns.outcome import Reason
from teams.errors import TokenError
from teams.tokens import Token

ENTRA = "https://login.microsoftonline.com"
BOT_CONNECTOR = "https://api.botframework.com"
"""The audience of tokens for the Bot Connector."""
MULTI_TENANT = "botframework.com"
"""The tenant in which multi-tenant bots sign in."""
_TIMEOUT = 10.0
"""Seconds until a connection has to be made, and longest wait between two bytes."""

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
        with _session(self._trusted) as session, _explained():
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
        with _session(None) as session, _explained():
            # The endpoint is on this machine: no proxy leads there.
            session.trust_env = False
            client = msal.ManagedIdentityClient(self._identity, http_client=session)
            return _token(client.acquire_token_for_client(resource=self._resource), _MANAGED)


class _Session(requests.Session):
    """A session with a timeout, which requests lacks by default."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", _TIMEOUT)
        return super().request(*args, **kwargs)


def _session(trusted: str | None) -> requests.Session:
    session = _Session()
    if trusted is not None:
        session.verify = trusted
        # Otherwise requests lets REQUESTS_CA_BUNDLE win over the session.
        session.trust_env = False
    return session


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
        status = error.response.status_code if error.response is not None else "no"
        raise TokenError(
            Reason.NOT_CONNECTED, f"The sign-in service failed with status {status}."
        ) from error
    except requests.RequestException as error:
        raise TokenError(
            Reason.NOT_CONNECTED, "The sign-in service could not be reached."
        ) from error
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
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


def _token(answer: dict[str, Any], advice: str = "") -> Token:
    if "access_token" in answer:
        return Token(answer["access_token"], float(answer.get("expires_in", 3600)))
    error = str(answer.get("error", ""))
    if error in _TEMPORARY:
        raise TokenError(Reason.NOT_CONNECTED, "The sign-in service is busy or ill.")
    codes = answer.get("error_codes") or []
    description = str(answer.get("error_description", ""))
    for code, sentence in _SENTENCES.items():
        if code in codes or f"AADSTS{code}:" in description:
            raise TokenError(Reason.UNAUTHORISED, sentence)
    # The rest of Entra's text is trace ids and times.
    reason = description.splitlines()[0].partition(" Trace ID")[0] if description else error
    sentence = f"The sign-in service refused the app: {reason[:300]} {advice}".strip()
    raise TokenError(Reason.UNAUTHORISED, sentence)
