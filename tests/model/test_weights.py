import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from ovd.errors import WeightsChecksumError, WeightsError
from ovd.model.weights import (
    WeightsRole,
    WeightsState,
    check_weights,
    load_weights,
    read_manifest,
    verify_weights,
)

ENTRY = """
[[weights]]
file = "{file}"
role = "network"
used_by = ["tiny"]
sha256 = "{sha256}"
size = {size}
licence = "Apache-2.0"
origin = "made for a test"
"""


def write_weights(folder: Path, content: bytes, file: str = "tiny.safetensors") -> Path:
    (folder / file).write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    entry = ENTRY.format(file=file, sha256=sha256, size=len(content))
    (folder / "manifest.toml").write_text(entry, encoding="utf-8")
    return folder / file


@pytest.fixture
def content() -> bytes:
    return save({"w": np.arange(3, dtype=np.float32)}, {"ovd": json.dumps({"names": ["a", "b"]})})


def test_load_weights_returns_tensors_and_names_of_the_verified_file(tmp_path, content):
    write_weights(tmp_path, content)

    loaded = load_weights(tmp_path, "tiny", WeightsRole.NETWORK)

    assert loaded.tensors["w"].tolist() == [0.0, 1.0, 2.0]
    assert loaded.names == ("a", "b")
    assert loaded.entry.licence == "Apache-2.0"


def test_changed_file_is_refused_with_both_checksums(tmp_path, content):
    path = write_weights(tmp_path, content)
    wanted = hashlib.sha256(content).hexdigest()
    changed = content[:-1] + b"\x01"
    path.write_bytes(changed)

    with pytest.raises(WeightsChecksumError) as caught:
        load_weights(tmp_path, "tiny", WeightsRole.NETWORK)

    message = str(caught.value)
    assert path.name in message
    assert wanted in message
    assert hashlib.sha256(changed).hexdigest() in message


def test_missing_file_says_which_and_what_to_do(tmp_path, content):
    write_weights(tmp_path, content).unlink()

    with pytest.raises(WeightsError, match=r"tiny\.safetensors.*OVD_WEIGHTS_DIR") as caught:
        load_weights(tmp_path, "tiny", WeightsRole.NETWORK)

    assert caught.value.code == "weights_missing"


def test_missing_manifest_says_where_it_was_sought(tmp_path):
    with pytest.raises(WeightsError, match=r"manifest\.toml.*OVD_WEIGHTS_DIR"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["[[weights", "", "[[weights]]\nfile = 'a'", ENTRY.format(file="../a", sha256="", size=1)],
    ids=["no toml", "no entries", "missing keys", "outside of the folder"],
)
def test_damaged_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")

    with pytest.raises(WeightsError, match="damaged"):
        read_manifest(tmp_path)


def test_verified_file_that_is_no_safetensors_is_refused(tmp_path):
    write_weights(tmp_path, b"not a tensor in sight")

    with pytest.raises(WeightsError, match="no safetensors file"):
        load_weights(tmp_path, "tiny", WeightsRole.NETWORK)


def test_detector_without_entry_is_refused(tmp_path, content):
    write_weights(tmp_path, content)

    with pytest.raises(WeightsError, match="no text_embeddings file for the detector 'tiny'"):
        load_weights(tmp_path, "tiny", WeightsRole.TEXT_EMBEDDINGS)


def test_check_weights_tells_good_changed_and_missing_apart(tmp_path, content):
    path = write_weights(tmp_path, content)
    states = []
    for action in (lambda: None, lambda: path.write_bytes(content + b"x"), path.unlink):
        action()
        states += [status.state for status in check_weights(tmp_path)]

    assert states == [WeightsState.OK, WeightsState.CHANGED, WeightsState.MISSING]


@pytest.mark.weights
def test_committed_weights_are_those_of_their_manifest(weights_dir):
    entries = verify_weights(weights_dir)

    on_disk = {
        path.name for kind in ("safetensors", "json") for path in weights_dir.glob(f"*.{kind}")
    }
    assert {entry.file for entry in entries} == on_disk
    assert all(entry.size == (weights_dir / entry.file).stat().st_size for entry in entries)
