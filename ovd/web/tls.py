"""Certificates for HTTPS: files that were given, or a pair that ovd makes for itself."""

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ovd.errors import SettingsError

LIFETIME = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class TlsFiles:
    """Files of a certificate and its key.

    Attributes:
        cert: PEM file of the certificate, and of those that vouch for it.
        key: PEM file of the private key.
    """

    cert: Path
    key: Path

    def require_usable(self) -> None:
        """Refuse files that cannot be served with.

        Raises:
            SettingsError: If one cannot be read, is no PEM file, or they do not belong together.
        """
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.cert, self.key, password=_no_password
            )
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"HTTPS needs a certificate and its key, as PEM files without a password; "
                f"{self.cert} and {self.key} cannot be used: {error}"
            ) from error

    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the certificate, as browsers show it."""
        return _read_certificate(self.cert).fingerprint(hashes.SHA256()).hex(":").upper()


def _no_password() -> str:
    raise ValueError("the key has a password")


def _read_certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def open_self_signed(folder: Path, host: str, now: datetime) -> TlsFiles:
    """Return the pair of a folder, made where there is none, or its time is nearly over.

    Args:
        folder: Folder of `cert.pem` and `key.pem`, which only the owner may read.
        host: Address or name that the server listens on, named in the certificate.
        now: Current time, aware.

    Raises:
        SettingsError: If the folder cannot be written, or holds something else.
    """
    files = TlsFiles(folder / "cert.pem", folder / "key.pem")
    try:
        if not _is_current(files, now):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_pair(files, host, now)
    except (OSError, ValueError) as error:
        raise SettingsError(f"a certificate cannot be made in {folder}: {error}") from error
    files.require_usable()
    return files


def _is_current(files: TlsFiles, now: datetime) -> bool:
    if not files.cert.exists() or not files.key.exists():
        return False
    return _read_certificate(files.cert).not_valid_after_utc > now + RENEWED_BEFORE


def _write_pair(files: TlsFiles, host: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ovd")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(_names_of(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(files.key, secret)
    _write(files.cert, certificate.public_bytes(serialization.Encoding.PEM))


def _names_of(host: str) -> list[x509.GeneralName]:
    own = [name for name in (socket.gethostname(), "localhost") if name.isascii()]
    names: dict[str, x509.GeneralName] = {name: x509.DNSName(name) for name in own}
    for address in ("127.0.0.1", "::1", host):
        try:
            names[address] = x509.IPAddress(ipaddress.ip_address(address))
        except ValueError:
            if address.isascii():
                names[address] = x509.DNSName(address)
    return list(names.values())


def _write(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
        writing.write(content)
    part.replace(file)
