import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from ovd.errors import SettingsError
from ovd.web.app import build_web_app
from ovd.web.listener import open_listener
from ovd.web.server import build_server
from ovd.web.tls import LIFETIME, TlsFiles, open_self_signed
from tests.stages import WAIT_S, Stage

NOW = datetime.now(UTC)


def write_pair(folder: Path, name: str = "localhost") -> TlsFiles:
    issued = trustme.CA().issue_cert(name)
    files = TlsFiles(folder / "cert.pem", folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(files.cert)
    issued.private_key_pem.write_to_path(files.key)
    return files


def test_own_certificate_is_made_once_and_only_its_owner_may_read_the_key(tmp_path: Path):
    first = open_self_signed(tmp_path / "tls", "192.0.2.7", NOW)
    fingerprint = first.fingerprint()

    again = open_self_signed(tmp_path / "tls", "192.0.2.7", NOW)

    assert again.fingerprint() == fingerprint
    assert len(fingerprint) == 32 * 3 - 1
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600


def test_own_certificate_is_renewed_before_it_ends(tmp_path: Path):
    first = open_self_signed(tmp_path, "localhost", NOW).fingerprint()

    later = open_self_signed(tmp_path, "localhost", NOW + LIFETIME - timedelta(days=1))

    assert later.fingerprint() != first


def test_key_of_another_certificate_is_refused(tmp_path: Path):
    own = write_pair(tmp_path)
    (tmp_path / "other").mkdir()
    other = write_pair(tmp_path / "other")

    with pytest.raises(SettingsError, match="cannot be used"):
        TlsFiles(own.cert, other.key).require_usable()


@pytest.mark.parametrize("content", ["", "no certificate", None])
def test_file_that_is_no_certificate_is_refused(tmp_path: Path, content: str | None):
    files = TlsFiles(tmp_path / "cert.pem", tmp_path / "cert.pem")
    if content is not None:
        files.cert.write_text(content)

    with pytest.raises(SettingsError, match="PEM"):
        files.require_usable()


def test_server_answers_by_https_and_takes_a_renewed_certificate(stage: Stage, tmp_path: Path):
    files = open_self_signed(tmp_path / "tls", "127.0.0.1", NOW)

    async def run() -> tuple[bytes, bytes, int]:
        with open_listener("127.0.0.1", 0) as listener:
            server = build_server(lambda closing: build_web_app(stage.services, closing), tls=files)
            running = asyncio.create_task(server.serve(sockets=[listener]))
            port = listener.getsockname()[1]
            trusted = ssl.create_default_context(cafile=str(files.cert))
            async with httpx.AsyncClient(verify=trusted, timeout=WAIT_S) as client:
                answer = await client.get(f"https://127.0.0.1:{port}/api/v1/health")
            first = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
            files.cert.unlink()
            open_self_signed(tmp_path / "tls", "127.0.0.1", NOW)
            server.reload_certificate()
            second = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
            server.should_exit = True
            async with asyncio.timeout(WAIT_S):
                await running
            return first.encode(), second.encode(), answer.status_code

    first, second, status = asyncio.run(run())

    assert status == 200
    assert first != second


def test_broken_new_certificate_leaves_the_former_in_use(stage: Stage, tmp_path: Path):
    files = open_self_signed(tmp_path / "tls", "127.0.0.1", NOW)

    async def run() -> bool:
        with open_listener("127.0.0.1", 0) as listener:
            server = build_server(lambda closing: build_web_app(stage.services, closing), tls=files)
            running = asyncio.create_task(server.serve(sockets=[listener]))
            port = listener.getsockname()[1]
            first = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
            files.cert.write_text("broken")
            with pytest.raises(SettingsError):
                server.reload_certificate()
            second = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
            server.should_exit = True
            await running
            return first == second

    assert asyncio.run(run())
