"""The sign-in side of the fake: token endpoint, managed identity, OpenID metadata and signing keys.

It runs in threads of its own, because the Bot Framework SDK fetches the signing keys with a
blocking call *in the event loop*: a fake that lived in the same loop would wait for itself.
"""

from __future__ import annotations

import json
import secrets
import ssl
import tempfile
import threading
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

CHANNEL_ISSUER = "https://api.botframework.com"
"""The issuer of Teams' tokens for a bot, and the audience of a bot's tokens for Teams."""
KEY_ID = "fake-teams-key"


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A scripted answer of the token endpoint; by default it gives a token."""

    status: int = 200
    body: dict[str, Any] | None = None
    delay: float = 0.0
    """Seconds before it answers."""

    @staticmethod
    def refusal(
        code: int, description: str, error: str = "invalid_client", *, status: int = 401
    ) -> TokenAnswer:
        """Returns a refusal like Entra's: ``code`` 7000222 becomes ``AADSTS7000222`` in it."""
        trace = "00000000-0000-0000-0000-000000000000"
        moment = "2026-11-29 10:00:00Z"
        text = (
            f"AADSTS{code}: {description} Trace ID: {trace} Correlation ID: {trace} "
            f"Timestamp: {moment}"
        )
        body = {
            "error": error,
            "error_description": text,
            "error_codes": [code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        }
        return TokenAnswer(status=status, body=body)


class Identity:
    """Gives tokens to the bot, and signs what the channel sends to it.

    ``login_url`` is HTTPS, as MSAL demands, with a self-signed certificate: give ``certificate`` to
    MSAL as the one to trust. ``metadata_url`` (signing keys) and ``imds_url`` (managed identity)
    are plain HTTP, since the SDK's blocking client can't be told which certificate to trust.
    """

    def __init__(self, *, token_lifetime: int = 3600) -> None:
        self.token_lifetime = token_lifetime
        """Seconds that tokens given from now on are valid."""
        self.token_script: deque[TokenAnswer] = deque()
        """The next answers of the token endpoint and the managed identity."""
        self.token_requests: list[dict[str, str]] = []
        """The form (or query) of each request for a token."""
        self.paths: list[str] = []
        """The path of every request."""
        self._given: dict[str, float] = {}
        self._key = _signing_key()

    def __enter__(self) -> Identity:
        self._folder = tempfile.TemporaryDirectory()
        self.certificate, key = self_signed(Path(self._folder.name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._plain = _Server(self)
        self._tls = _Server(self, context)
        self.login_url = f"https://127.0.0.1:{self._tls.server_port}"
        self.imds_url = f"http://127.0.0.1:{self._plain.server_port}"
        self.metadata_url = f"{self.imds_url}/v1/.well-known/openidconfiguration"
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            for server in (self._plain, self._tls)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._plain, self._tls):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._folder.cleanup()

    def channel_token(
        self,
        app_id: str,
        service_url: str,
        *,
        issuer: str = CHANNEL_ISSUER,
        expires_in: int = 3600,
        key: rsa.RSAPrivateKey | None = None,
    ) -> str:
        """Returns a token like Teams' on an activity; other issuers, keys or ages forge one."""
        now = int(time.time())
        claims = {
            "iss": issuer,
            "aud": app_id,
            "serviceurl": service_url,
            "nbf": now - 300,
            "exp": now + expires_in,
        }
        return jwt.encode(claims, key or self._key, algorithm="RS256", headers={"kid": KEY_ID})

    def give_token(self) -> str:
        token = secrets.token_urlsafe(48)
        self._given[token] = time.monotonic() + self.token_lifetime
        return token

    def accepts(self, token: str) -> bool:
        return self._given.get(token, 0.0) > time.monotonic()

    def revoke_all(self) -> None:
        """Refuses all tokens given so far from now on."""
        self._given.clear()

    def answer(self, method: str, target: str, form: str) -> tuple[int, dict[str, Any]]:
        """Answers a request; called in the server's threads."""
        url = urlsplit(target)
        self.paths.append(url.path)
        if url.path.endswith("/oauth2/v2.0/token") and method == "POST":
            return self._token(form)
        if url.path == "/metadata/identity/oauth2/token":
            return self._token(url.query)
        if url.path.startswith("/missing-"):
            return 400, {"error": "invalid_tenant", "error_description": "AADSTS90002: No such."}
        if url.path.endswith("/v2.0/.well-known/openid-configuration"):
            return 200, self._tenant_metadata(url.path.split("/")[1])
        if url.path == "/v1/.well-known/openidconfiguration":
            return 200, {"issuer": CHANNEL_ISSUER, "jwks_uri": f"{self.imds_url}/v1/keys"}
        if url.path == "/v1/keys":
            return 200, {"keys": [self._public_key()]}
        return 404, {"error": "not_found", "error_description": target}

    def _token(self, form: str) -> tuple[int, dict[str, Any]]:
        self.token_requests.append({key: values[0] for key, values in parse_qs(form).items()})
        scripted = self.token_script.popleft() if self.token_script else TokenAnswer()
        if scripted.delay:
            time.sleep(scripted.delay)
        if scripted.body is not None or scripted.status != 200:
            return scripted.status, scripted.body or {}
        token = {
            "token_type": "Bearer",
            "expires_in": self.token_lifetime,
            "access_token": self.give_token(),
        }
        return 200, token

    def _tenant_metadata(self, tenant: str) -> dict[str, Any]:
        base = f"{self.login_url}/{tenant}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
        }

    def _public_key(self) -> dict[str, Any]:
        key: dict[str, Any] = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        # A key vouches for the channels it lists; the SDK refuses a token of any other.
        return key | {"kid": KEY_ID, "use": "sig", "endorsements": ["msteams"]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, identity: Identity, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.identity = identity
        if context is not None:
            # The handshake happens in the connection's thread, not in the one that accepts.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )


class _Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""

    def _answer(self, form: str) -> None:
        assert isinstance(self.server, _Server)
        status, body = self.server.identity.answer(self.command, self.path, form)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """Returns the signing key. Made once per process, since that takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Writes a certificate for 127.0.0.1 and its key, and returns the two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake sign-in")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(address, False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file
