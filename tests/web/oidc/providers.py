"""A small OpenID Connect provider on loopback: it follows the protocol, or lies as it is told."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "ovd", "secret-of-the-client"
Claims = dict[str, Any]

_KEY = RSAKey.generate_key(2048, {"kid": "first"})


def _keep(claims: Claims) -> Claims:
    return claims


@dataclass
class Provider:
    """Where it listens, who signs in there, and how it lies."""

    port: int = 0
    groups: list[str] | None = field(default_factory=lambda: ["cameras"])
    name: str = "anna"
    subject: str = "42"
    told_groups: list[str] | None = None  # by userinfo
    told_subject: str = ""
    change: Callable[[Claims], Claims] = _keep
    sign: Callable[["Provider", Claims], str] | None = None
    key: RSAKey = field(default_factory=lambda: _KEY)
    discovery: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def describe(self) -> Mapping[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        } | dict(self.discovery)

    def authorize(self, url: str) -> str:
        """Let the person sign in; returns the address that the browser is sent back to."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, form: Mapping[str, str], authorization: str) -> tuple[int, Claims]:
        login = base64.b64decode(authorization.partition(" ")[2]).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if login != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return 401, {"error": "invalid_client"}
        if (
            asked is None
            or proof != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.issue(asked["nonce"]),
        }

    def issue(self, nonce: str) -> str:
        now = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "preferred_username": self.name,
        }
        if self.groups is not None:
            claims["groups"] = self.groups
        return (self.sign or sign_with_rs256)(self, self.change(claims))


def sign_with_rs256(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


@contextmanager
def run_provider() -> Iterator[Provider]:
    """Serve a provider while the block lasts."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            told = {
                "sub": provider.told_subject or provider.subject,
                "groups": provider.told_groups,
            }
            answers: dict[str, Any] = {
                "/.well-known/openid-configuration": provider.describe(),
                "/keys": {"keys": [provider.key.as_dict(private=False) | {"use": "sig"}]},
                "/userinfo": told,
            }
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(self.path))
                self.end_headers()
                return
            self._answer(200 if path in answers else 404, answers.get(path, {}))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            self._answer(*provider.redeem(form, self.headers.get("Authorization", "")))

        def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
