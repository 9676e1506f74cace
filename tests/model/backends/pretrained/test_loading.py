import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ovd.domain.query import Query
from ovd.errors import (
    LicenceError,
    ModelMismatchError,
    ModelMissingError,
    NoMemoryError,
    QueryError,
    UnknownRuntimeError,
    VocabularyMismatchError,
    WeightsChecksumError,
)
from ovd.model.backends import BACKENDS, Captions, LoadOptions, load_backend
from ovd.model.backends.pretrained import loading
from ovd.model.hub.snapshot import make_lock, write_lock
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from tests.model.backends.pretrained.tiny_models import save_tiny

NAME = "owlv2-base"
PRETRAINED = [spec for spec in BACKENDS if spec.hub is not None]


def make_query(text: str) -> Query:
    return Query(text, text, (text,), (), 0.3)


def options(models_dir: Path, **changes: object) -> LoadOptions:
    return LoadOptions(Path("none"), models_dir=models_dir, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny models, each in the folder of its name."""
    models_dir = tmp_path_factory.mktemp("saved")
    for name in (NAME, "owlvit-base", "grounding-dino-tiny"):
        save_tiny(name, models_dir)
    return models_dir


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(saved / NAME, tmp_path / NAME)


@pytest.mark.parametrize("spec", PRETRAINED, ids=lambda spec: spec.name)
def test_entry_cites_where_repository_and_licence_are_from(spec):
    assert spec.hub.repository.count("/") == 1
    assert spec.hub.cited.startswith("https://huggingface.co/docs/transformers/")


def test_missing_model_is_refused_with_the_command_that_gets_it(tmp_path):
    with pytest.raises(ModelMissingError, match=r"ovd weights pull owlv2-base") as caught:
        load_backend(NAME, options(tmp_path))

    assert caught.value.exit_code == 2


def test_licence_that_is_not_permissive_is_refused_by_name(tmp_path):
    with pytest.raises(LicenceError, match="SAM License"):
        load_backend("sam3", options(tmp_path))


def test_accepted_licence_is_not_asked_for_again(tmp_path):
    accepted = frozenset({"SAM License"})

    with pytest.raises(ModelMissingError, match="does not run it"):
        load_backend("sam3", options(tmp_path, accepted_licences=accepted))


def test_folder_of_another_architecture_is_refused(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "clip"}))
    write_lock(folder, make_lock(folder, NAME))

    with pytest.raises(ModelMismatchError, match="'clip'"):
        load_backend(NAME, options(folder.parent))


def test_folder_of_another_name_is_refused(folder):
    write_lock(folder, make_lock(folder, "owlv2-large"))

    with pytest.raises(ModelMismatchError, match="owlv2-large"):
        load_backend(NAME, options(folder.parent))


def test_changed_weights_are_refused(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\1\2\3")
    detector = load_backend(NAME, options(folder.parent))

    with pytest.raises(WeightsChecksumError, match=r"model\.safetensors"):
        detector.encode([make_query("cat")])


def test_half_a_download_is_refused(folder):
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelMismatchError, match="safetensors"):
        load_backend(NAME, options(folder.parent))


def test_missing_weights_are_never_left_random(folder):
    weights = load_file(folder / "model.safetensors")
    weights.pop(next(name for name in weights if "class_head" in name))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write_lock(folder, make_lock(folder, NAME))

    with pytest.raises(ModelMismatchError, match="class_head"):
        load_backend(NAME, options(folder.parent)).encode([make_query("cat")])


def test_too_little_memory_is_told_before_loading(folder, monkeypatch):
    monkeypatch.setattr(loading, "free_memory", lambda: 100_000_000)

    with pytest.raises(NoMemoryError, match=r"0\.1 GB are free"):
        load_backend(NAME, options(folder.parent)).encode([make_query("cat")])


@pytest.mark.parametrize(
    "run", [RuntimeOptions(Runtime.OPENVINO), RuntimeOptions(precision=Precision.INT8)]
)
def test_other_runtimes_are_refused(folder, run):
    with pytest.raises(UnknownRuntimeError, match=r"PyTorch|float32"):
        load_backend(NAME, options(folder.parent, run=run))


def test_text_longer_than_the_model_reads_is_refused_not_cut(folder):
    detector = load_backend(NAME, options(folder.parent))

    with pytest.raises(QueryError, match="at most 16"):
        detector.encode([make_query("person with a large heavy backpack")])


@pytest.mark.parametrize("text", ["no. 7", "dog?"])
def test_text_that_would_end_a_caption_is_refused(text, saved):
    detector = load_backend("grounding-dino-tiny", options(saved))

    with pytest.raises(QueryError, match="leave them out"):
        detector.encode([make_query(text)])


def test_captions_that_are_too_long_together_are_refused_not_cut(saved):
    detector = load_backend("grounding-dino-tiny", options(saved, captions=Captions.TOGETHER))

    with pytest.raises(QueryError, match="256"):
        detector.encode([make_query(f"{'x' * 20}{chr(97 + i)}") for i in range(20)])


def test_queries_of_another_model_are_refused(saved):
    vocabulary = load_backend("owlvit-base", options(saved)).encode([make_query("cat")])

    with pytest.raises(VocabularyMismatchError, match="owlvit-base"):
        load_backend(NAME, options(saved)).detect([np.zeros((8, 8, 3), dtype=np.uint8)], vocabulary)


def test_description_of_a_model_needs_no_torch(folder):
    code = (
        "import sys; from pathlib import Path; from ovd.model.backends import BACKENDS; "
        f"s = next(s for s in BACKENDS if s.name == {NAME!r}); "
        f"assert s.is_installed(Path('none'), Path({str(folder.parent)!r})); "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
