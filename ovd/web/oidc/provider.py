"""OidcProvider: asks an OpenID Connect provider who somebody at a browser is."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx

from ovd.domain.access import ExternalIdentity
from ovd.domain.ports import Clock
from ovd.errors import SingleSignOnError
from ovd.settings import OidcSettings
from ovd.web.oidc.flow import Flow
from ovd.web.oidc.libraries import Libraries

TIMEOUT_S = 5.0
KEPT_S = 3600.0
ASKED_AGAIN_S = 60.0
LEEWAY_S = 30
# Signatures with the keys that a provider publishes; never those with a shared secret, nor none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LARGEST = 1_000_000
_LONGEST_CODE = 4000
_MOST_GROUPS = 10_000


@dataclass(frozen=True)
class _Published:
    """The discovery document and the keys of a provider, and when they were fetched."""

    metadata: Mapping[str, Any]
    keys: Any
    fetched_s: float


class OidcProvider:
    """A provider with discovery; authorization code with PKCE, and signed ID tokens."""

    def __init__(self, settings: OidcSettings, clock: Clock) -> None:
        """Ask nothing yet.

        Args:
            settings: The table `[oidc]`.
            clock: Checks when tokens end.

        Raises:
            MissingExtraError: If the libraries are not installed.
        """
        self._settings = settings
        self._clock = clock
        self._libraries = Libraries()
        self._lock = threading.Lock()
        self._published: _Published | None = None

    def authorization_url(self, flow: Flow) -> str:
        """Return the address at the provider that the browser is sent to.

        Raises:
            SingleSignOnError: If the provider cannot be reached, or is not the one of the settings.
        """
        metadata = self._publish().metadata
        with self._client(metadata, flow) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=flow.state,
                code_verifier=flow.verifier,
                nonce=flow.nonce,
            )
        return str(url)

    def redeem(self, code: str, issuer: str | None, flow: Flow) -> ExternalIdentity:
        """Return who signed in at the provider.

        Args:
            code: The code that the browser brought.
            issuer: Who the answer says sent it; None where it says nothing.
            flow: The sign-in.

        Raises:
            SingleSignOnError: If the provider cannot be reached, does not take the code, or its
                token is not signed by it, not for us, not for this sign-in, or has ended.
        """
        if issuer is not None and issuer != self._settings.issuer:
            raise SingleSignOnError("the answer comes from another provider")
        published = self._publish()
        claims = dict(self._claims_of(code, flow, published))
        name = claims.get(self._settings.name_claim) or claims.get("email") or claims["sub"]
        groups = claims.get(self._settings.groups_claim, ())
        held = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        return ExternalIdentity(
            self._settings.issuer,
            str(claims["sub"]),
            str(name),
            frozenset(str(group) for group in held[:_MOST_GROUPS]),
        )

    def _claims_of(self, code: str, flow: Flow, published: _Published) -> Mapping[str, Any]:
        metadata = published.metadata
        try:
            with self._client(metadata, flow) as client:
                answer = client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code[:_LONGEST_CODE],
                    code_verifier=flow.verifier,
                )
                claims = self._check(answer, flow, published)
                asks = metadata.get("userinfo_endpoint")
                if self._settings.groups_claim in claims or not asks:
                    return claims
                return claims | self._more(client, str(asks), claims["sub"])
        except self._libraries.Error as error:
            raise SingleSignOnError("the provider does not take the code") from error
        except (httpx.HTTPError, ValueError, TypeError, KeyError) as error:
            raise SingleSignOnError("the provider does not answer as it should") from error

    def _more(self, client: Any, url: str, subject: str) -> dict[str, Any]:
        """Return what the provider tells about the person beside the token."""
        _require_safe(url)
        told = _read_object(client.get(url))
        if told.get("sub") != subject:
            raise SingleSignOnError("the provider tells about somebody else")
        return {key: value for key, value in told.items() if key not in ("iss", "aud", "sub")}

    def _check(self, answer: Mapping[str, Any], flow: Flow, by: _Published) -> dict[str, Any]:
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SingleSignOnError("the provider gave no ID token")
        try:
            decoded = self._decode(token, by)
            claims = self._libraries.IdToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                },
                params={
                    "nonce": flow.nonce,
                    "client_id": self._settings.client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except self._libraries.TokenError as error:
            raise SingleSignOnError(f"the ID token cannot be trusted: {error}") from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise SingleSignOnError("the ID token names no person")
        return dict(claims)

    def _decode(self, token: str, by: _Published) -> Any:
        try:
            return self._libraries.decode(token, by.keys, algorithms=list(ALGORITHMS))
        except (self._libraries.TokenError, ValueError):
            # The provider may have changed its keys.
            if self._clock.monotonic() - by.fetched_s < ASKED_AGAIN_S:
                raise
        keys = self._publish(stale_s=by.fetched_s).keys
        return self._libraries.decode(token, keys, algorithms=list(ALGORITHMS))

    def _publish(self, stale_s: float | None = None) -> _Published:
        with self._lock:
            now_s, known = self._clock.monotonic(), self._published
            fresh = known is not None and now_s - known.fetched_s < KEPT_S
            if known is not None and fresh and known.fetched_s != stale_s:
                return known
            self._published = self._fetch(now_s)
            return self._published

    def _fetch(self, now_s: float) -> _Published:
        url = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with httpx.Client(timeout=TIMEOUT_S, verify=self._trust) as client:
                metadata = _read_object(client.get(url))
                if metadata.get("issuer") != self._settings.issuer:
                    raise SingleSignOnError("the provider calls itself by another name")
                for endpoint in _ENDPOINTS:
                    _require_safe(str(metadata[endpoint]))
                keys = _read_object(client.get(str(metadata["jwks_uri"])))["keys"]
            usable = [key for key in keys if key.get("kty") != "oct" and key.get("use") != "enc"]
            return _Published(
                metadata, self._libraries.KeySet.import_key_set({"keys": usable}), now_s
            )
        except (httpx.HTTPError, OSError) as error:
            raise SingleSignOnError("the provider cannot be reached; try again") from error
        except (
            self._libraries.TokenError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
        ) as error:
            raise SingleSignOnError("the provider does not answer as it should") from error

    def _client(self, metadata: Mapping[str, Any], flow: Flow) -> Any:
        settings = self._settings
        known = metadata.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)
        method = "none"
        if settings.client_secret:
            basic = "client_secret_basic" in known
            method = "client_secret_basic" if basic else "client_secret_post"
        return self._libraries.Client(
            settings.client_id,
            settings.client_secret or None,
            token_endpoint_auth_method=method,
            scope=" ".join(settings.scopes),
            redirect_uri=flow.redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            verify=self._trust,
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        ca_file = self._settings.ca_file
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise SingleSignOnError("an address of the provider is not https")


def _read_object(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != httpx.codes.OK or len(answer.content) > _LARGEST:
        raise SingleSignOnError(f"the provider answers with {answer.status_code}")
    read = answer.json()
    if not isinstance(read, dict):
        raise SingleSignOnError("the provider does not answer as it should")
    return read
