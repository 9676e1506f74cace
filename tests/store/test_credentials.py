import errno
import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ovd.errors import CredentialsError
from ovd.store.credentials import CredentialCipher

SECRET = "rtsp://viewer:hunter2@192.0.2.7/1"


def test_text_comes_back_with_the_same_key_file(tmp_path: Path):
    token = CredentialCipher(tmp_path / "secret.key").encrypt(SECRET)

    assert "hunter2" not in token
    assert CredentialCipher(tmp_path / "secret.key").decrypt(token) == SECRET


def test_key_file_is_readable_by_its_owner_only(tmp_path: Path):
    CredentialCipher(tmp_path / "new" / "secret.key").encrypt(SECRET)

    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


def test_two_threads_that_make_the_key_at_once_use_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cipher, link, tokens = CredentialCipher(tmp_path / "secret.key"), os.link, []

    def link_later(part: Path, target: Path) -> None:
        monkeypatch.setattr("os.link", link)
        tokens.append(cipher.encrypt(SECRET))  # as if in another thread, at this moment
        link(part, target)

    monkeypatch.setattr("os.link", link_later)
    tokens.append(cipher.encrypt(SECRET))

    assert [cipher.decrypt(token) for token in tokens] == [SECRET, SECRET]
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_two_threads_use_the_same_key_on_a_disk_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cipher, tokens = CredentialCipher(tmp_path / "secret.key"), []

    def refuse(part: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "no hard links")

    def refuse_later(part: Path, target: Path) -> None:
        monkeypatch.setattr("os.link", refuse)
        tokens.append(CredentialCipher(tmp_path / "secret.key").encrypt("other"))
        refuse(part, target)

    monkeypatch.setattr("os.link", refuse_later)
    tokens.append(cipher.encrypt("own"))

    assert [cipher.decrypt(token) for token in tokens] == ["other", "own"]


def test_no_key_is_made_before_something_is_encrypted(tmp_path: Path):
    with pytest.raises(CredentialsError, match="OVD_SECRET_KEY is not set"):
        CredentialCipher(tmp_path / "secret.key").decrypt("token")

    assert list(tmp_path.iterdir()) == []


def test_key_of_the_environment_wins_over_the_file(tmp_path: Path):
    token = CredentialCipher(tmp_path / "secret.key").encrypt(SECRET)
    key = Fernet.generate_key().decode()
    other = CredentialCipher(tmp_path / "secret.key", key)

    assert CredentialCipher(tmp_path / "none.key", key).decrypt(other.encrypt(SECRET)) == SECRET
    with pytest.raises(CredentialsError, match="another key than OVD_SECRET_KEY"):
        other.decrypt(token)


def test_another_key_file_is_told_with_its_name(tmp_path: Path):
    token = CredentialCipher(tmp_path / "secret.key").encrypt(SECRET)
    other = CredentialCipher(tmp_path / "other.key")
    other.encrypt(SECRET)

    with pytest.raises(CredentialsError, match=r"another key than .*other\.key"):
        other.decrypt(token)


@pytest.mark.parametrize("key", ["short", "x" * 44, "ÿ"])
def test_what_is_no_key_is_refused_without_being_repeated(tmp_path: Path, key: str):
    with pytest.raises(CredentialsError, match="OVD_SECRET_KEY is no key") as caught:
        CredentialCipher(tmp_path / "secret.key", key).encrypt(SECRET)

    assert key not in str(caught.value)


def test_a_key_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CredentialsError, match=r"cannot (read|write) the key"):
        CredentialCipher(tmp_path / "file" / "secret.key").encrypt(SECRET)


def test_a_key_file_that_cannot_be_read_is_told(tmp_path: Path):
    (tmp_path / "secret.key").mkdir()

    with pytest.raises(CredentialsError, match="cannot read the key"):
        CredentialCipher(tmp_path / "secret.key").encrypt(SECRET)
