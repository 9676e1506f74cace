"""The libraries of the single sign-on, which come with an extra."""

from importlib import import_module
from typing import Any

from ovd.errors import MissingExtraError


class Libraries:
    """Names of authlib and joserfc that are used here.

    Attributes:
        Client: OAuth 2 client over httpx.
        IdToken: Claims of an ID token, which checks them.
        KeySet: Public keys of a provider.
        decode: Checks the signature of a token.
        Error: What authlib raises.
        TokenError: What joserfc raises.
    """

    def __init__(self) -> None:
        """Load them.

        Raises:
            MissingExtraError: If they are not installed.
        """
        try:
            client = import_module("authlib.integrations.httpx_client")
            claims = import_module("authlib.oidc.core")
            jwk, jwt = import_module("joserfc.jwk"), import_module("joserfc.jwt")
            token_errors = import_module("joserfc.errors")
            base = import_module("authlib.common.errors")
        except ImportError as error:
            raise MissingExtraError(
                f"[oidc] in the settings needs a package that is not installed ({error.name}); "
                "install it with: pip install 'ovd[oidc]'"
            ) from error
        self.Client: Any = client.OAuth2Client
        self.IdToken: Any = claims.CodeIDToken
        self.KeySet: Any = jwk.KeySet
        self.decode: Any = jwt.decode
        self.Error: type[Exception] = base.AuthlibBaseError
        self.TokenError: type[Exception] = token_errors.JoseError
