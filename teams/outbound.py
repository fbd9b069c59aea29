"""Builds the whole outbound edge: sign-in, trusted hosts, Bot Connector and Graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Self

from teams.connector import Connector
from teams.graph import Graph
from teams.hosts import Hosts
from teams.signed_in import STANDARD, SignedIn, SignInRules
from teams.signin import ManagedIdentitySignIn, SecretSignIn
from teams.tokens import DEFAULTS, NoToken, TokenRules, Tokens, TokenSource
from teams.transport import TIMEOUTS, Timeouts


class CloudAddresses(Protocol):
    """Addresses of a Microsoft cloud; each cloud has its own."""

    @property
    def login_url(self) -> str:
        """Microsoft Entra."""
        ...

    @property
    def token_scope(self) -> str:
        """The scope of a token for the Bot Connector."""
        ...

    @property
    def graph_url(self) -> str:
        """Microsoft Graph."""
        ...

    @property
    def graph_scope(self) -> str:
        """The scope of a token for Graph."""
        ...


class Registration:
    """The bot's app as it is registered in Microsoft Entra: makes the sources of its tokens.

    :param secret: the app's client secret; None when it signs in with the machine's managed
        identity.
    :param tenant_id: the tenant in which the app signs in to send messages; empty for a
        multi-tenant app.
    :param trusted: file with the certificates to trust when signing in; None: the usual ones.
    """

    def __init__(
        self,
        app_id: str,
        *,
        secret: str | None,
        tenant_id: str,
        cloud: CloudAddresses,
        trusted: str | None = None,
        rules: TokenRules = DEFAULTS,
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self._tenant_id = tenant_id
        self._cloud = cloud
        self._trusted = trusted
        self._rules = rules

    @property
    def graph_url(self) -> str:
        """The address of Microsoft Graph in the app's cloud."""
        return self._cloud.graph_url

    def connector_tokens(self) -> TokenSource:
        """Returns the source of the tokens for the Bot Connector."""
        if self._secret is None:
            return Tokens(ManagedIdentitySignIn(app_id=self._app_id), rules=self._rules)
        return self._with_secret(self._secret, self._tenant_id, self._cloud.token_scope)

    def graph_tokens(self, tenant_id: str) -> TokenSource:
        """Returns the source of the tokens for this tenant's part of Graph."""
        if self._secret is None:
            sign_in = ManagedIdentitySignIn(app_id=self._app_id, resource=self.graph_url)
            return Tokens(sign_in, rules=self._rules)
        return self._with_secret(self._secret, tenant_id, self._cloud.graph_scope)

    def _with_secret(self, secret: str, tenant_id: str, scope: str) -> TokenSource:
        sign_in = SecretSignIn(
            app_id=self._app_id,
            secret=secret,
            tenant_id=tenant_id,
            login_url=self._cloud.login_url,
            scope=scope,
            trusted=self._trusted,
        )
        return Tokens(sign_in, rules=self._rules)


class Outbound:
    """The clients for all calls to Microsoft. ``async with`` it.

    :param registration: None in local mode, which needs no token and has no directory.
    :param service_hosts: the only hosts that the bot sends its token to.
    """

    def __init__(
        self,
        registration: Registration | None,
        service_hosts: Iterable[str],
        *,
        timeouts: Timeouts = TIMEOUTS,
        sign_in: SignInRules = STANDARD,
    ) -> None:
        self.hosts = Hosts(service_hosts, local=registration is None)
        tokens = NoToken() if registration is None else registration.connector_tokens()
        self.signed_in = None if registration is None else SignedIn(tokens, sign_in)
        """Keeps the bot signed in; None in local mode."""
        self.connector = Connector(tokens, self.hosts, timeouts=timeouts)
        self.graph: Graph | None = None
        """The organisations' directory; None in local mode."""
        if registration is not None:
            url = registration.graph_url
            self.graph = Graph(registration.graph_tokens, url, timeouts=timeouts)

    async def __aenter__(self) -> Self:
        await self.connector.start()
        if self.graph is not None:
            await self.graph.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.graph is not None:
            await self.graph.close()
        await self.connector.close()
