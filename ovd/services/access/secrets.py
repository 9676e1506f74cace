"""Secrets of sessions and tokens: how they are made, and the hashes that are stored of them."""

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
ISSUER_MARK = "ovd_"
PREFIX_LENGTH = len(ISSUER_MARK) + 6
_LONGEST_SECRET = 200


def make_session_secret() -> str:
    """Return a new secret for the cookie of a session."""
    return secrets.token_urlsafe(SECRET_BYTES)


def make_token_secret() -> str:
    """Return a new secret of an API token; its start tells people and scanners what it is."""
    return ISSUER_MARK + secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return the hash that is stored of a random secret.

    SHA-256 is enough: the secret has 256 bits, so that it cannot be guessed from the hash.
    """
    return hashlib.sha256(secret.encode(errors="replace")[:_LONGEST_SECRET]).hexdigest()


def csrf_token_of(secret: str) -> str:
    """Return the token that proves that a request comes from a page of the session."""
    return hmac.new(secret.encode(errors="replace"), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_token(secret: str, given: str) -> bool:
    """Return whether a token is the one of the session, in constant time."""
    return hmac.compare_digest(csrf_token_of(secret).encode(), given.encode(errors="replace"))
