"""Credentials at rest: encrypted with a key that lies beside the database or in the environment."""

import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ovd.errors import CredentialsError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_VARIABLE = "OVD_SECRET_KEY"


class CredentialCipher:
    """Encrypts text with Fernet (AES-128-CBC and HMAC-SHA256).

    The key is made when something is encrypted for the first time, in a file that only its owner
    can read. Nothing is read before it is needed.
    """

    def __init__(self, key_file: Path, key: str = "") -> None:
        """Name the key.

        Args:
            key_file: Where it lies, or will lie.
            key: A key that wins over the file; empty takes the file.
        """
        self._key_file = key_file
        self._key = key

    def encrypt(self, text: str) -> str:
        """Return the text as a token that only this key opens.

        Raises:
            CredentialsError: If the key cannot be used, or a new one cannot be written.
        """
        # Loaded late: most commands never open a camera with a password.
        from cryptography.fernet import Fernet

        key = self._key or self._read_key() or self._make_key(Fernet.generate_key().decode())
        return self._fernet(key).encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Return the text of a token.

        Raises:
            CredentialsError: If the key is missing, cannot be used or is not that of the token.
        """
        from cryptography.fernet import InvalidToken

        key = self._key or self._read_key()
        if not key:
            raise CredentialsError(
                f"the key of the stored credentials is missing: there is no {self._key_file}, and "
                f"{KEY_VARIABLE} is not set; bring the key back, or give the camera's address again"
            )
        try:
            return self._fernet(key).decrypt(token.encode()).decode()
        except InvalidToken:
            raise CredentialsError(
                f"the stored credentials were encrypted with another key than {self._source}; "
                "bring the former key back, or give the camera's address again"
            ) from None

    def sign(self, text: str) -> str:
        """Return the HMAC-SHA256 of a text, in hexadecimal, with a key derived from this one.

        Raises:
            CredentialsError: If the key cannot be used, or a new one cannot be written.
        """
        from cryptography.fernet import Fernet

        key = self._key or self._read_key() or self._make_key(Fernet.generate_key().decode())
        derived = hmac.digest(key.encode(), b"ovd signatures", "sha256")
        return hmac.new(derived, text.encode(), "sha256").hexdigest()

    @property
    def _source(self) -> str:
        return KEY_VARIABLE if self._key else str(self._key_file)

    def _fernet(self, key: str) -> "Fernet":
        from cryptography.fernet import Fernet

        try:
            return Fernet(key.encode())
        except ValueError:
            raise CredentialsError(
                f"{self._source} is no key: 32 bytes in URL-safe base64 are wanted, as in the file "
                f"{self._key_file.name} that ovd writes by itself when it has none"
            ) from None

    def _read_key(self) -> str:
        try:
            return self._key_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialsError(
                f"cannot read the key of the stored credentials from {self._key_file}; check its "
                "permissions"
            ) from error

    def _make_key(self, key: str) -> str:
        """Write a new key, or return that of another thread or process which was sooner."""
        try:
            self._key_file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(  # only its owner can read it
                prefix=f".{self._key_file.name}.", suffix=".part", dir=self._key_file.parent
            )
            part = Path(name)
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(f"{key}\n")
                    file.flush()
                    os.fsync(file.fileno())
                _put_in_place(part, self._key_file)
            finally:
                part.unlink(missing_ok=True)
        except FileExistsError:
            return self._read_key()
        except OSError as error:
            raise CredentialsError(
                f"cannot write the key of the stored credentials to {self._key_file}: "
                f"{error.strerror}; make the folder writable, or set {KEY_VARIABLE}"
            ) from error
        return key


def _put_in_place(part: Path, target: Path) -> None:
    """Give a file its name, unless there is one of that name.

    Raises:
        FileExistsError: If there is.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with _locked(target.parent):
            if target.exists():
                raise FileExistsError(target) from None
            part.replace(target)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep out other threads and processes, where the file system has locks."""
    import fcntl  # not on every system, as hard links are

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
