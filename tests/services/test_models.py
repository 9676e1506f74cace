from pathlib import Path

import pytest

from ovd.errors import (
    LicenceError,
    ModelMismatchError,
    ModelMissingError,
    UnknownModelError,
    WeightsChecksumError,
)
from ovd.model.hub.client import HubClient, HubOptions
from ovd.model.hub.snapshot import LOCK_FILE
from ovd.services.models import ModelService
from tests.model.hub.hub_server import HubServer

REPOSITORY = "google/owlvit-base-patch32"
FILES = {"config.json": b'{"model_type": "owlvit"}', "model.safetensors": b"weights"}


def make_service(folder: Path, url: str = "http://127.0.0.1:9", *licences: str) -> ModelService:
    return ModelService(folder, HubClient(HubOptions(url)), frozenset(licences))


def write_folder(folder: Path, config: str) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(config)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "model.safetensors.part").write_bytes(b"wei")
    return folder


def test_models_are_listed_with_what_is_here(tmp_path):
    with HubServer(REPOSITORY, dict(FILES)) as hub:
        service = make_service(tmp_path, hub.url)
        service.pull("owlvit-base", lambda progress: None)

    here = {entry.spec.name for entry in service.all() if entry.lock is not None}
    assert here == {"owlvit-base"}
    assert {entry.spec.name for entry in service.all() if not entry.accepted} == {"sam3"}
    assert service.find("owlvit-base").size == sum(map(len, FILES.values()))


def test_model_can_be_pulled_into_another_folder(tmp_path):
    with HubServer(REPOSITORY, dict(FILES)) as hub:
        place = make_service(tmp_path / "a", hub.url).pull(
            "owlvit-base", lambda progress: None, tmp_path / "b"
        )

    assert place == tmp_path / "b" / "owlvit-base"
    assert (place / LOCK_FILE).is_file()


def test_licence_is_asked_for_before_the_download(tmp_path):
    with pytest.raises(LicenceError, match="SAM License"):
        make_service(tmp_path).pull("sam3", lambda progress: None)


def test_unknown_model_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownModelError, match=r"'yolo'.*owlv2-base"):
        make_service(tmp_path).pull("yolo", lambda progress: None)


def test_folder_copied_by_hand_is_recognised_and_locked(tmp_path):
    source = write_folder(tmp_path / "copy", '{"model_type": "owlvit"}')

    place = make_service(tmp_path / "models").add(source)

    assert place == tmp_path / "models" / "owlvit-base"
    assert {path.name for path in place.iterdir()} == {*FILES, LOCK_FILE}


def test_folder_in_its_place_is_locked_there(tmp_path):
    source = write_folder(tmp_path / "owlvit-base", '{"model_type": "owlvit"}')

    assert make_service(tmp_path).add(source) == source
    assert (source / LOCK_FILE).is_file()


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ('{"model_type": "owlv2", "vision_config": {"hidden_size": 1024}}', "owlv2-large"),
        ('{"model_type": "grounding-dino", "backbone_config": {"embed_dim": 128}}',
         "grounding-dino-base"),
    ],
)  # fmt: skip
def test_size_of_a_folder_is_recognised(tmp_path, config, name):
    source = write_folder(tmp_path / "copy", config)

    assert make_service(tmp_path / "models").add(source).name == name


def test_folder_that_fits_several_models_needs_a_name(tmp_path):
    config = '{"model_type": "mm-grounding-dino", "backbone_config": {"embed_dim": 96}}'
    source = write_folder(tmp_path / "copy", config)
    service = make_service(tmp_path / "models")

    with pytest.raises(UnknownModelError, match="--as NAME"):
        service.add(source)
    assert service.add(source, "llmdet-tiny").name == "llmdet-tiny"


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ('{"model_type": "clip"}', None),
        ('{"model_type": "owlvit"}', "owlv2-base"),
        ('{"model_type": "owlv2", "vision_config": {"hidden_size": 1024}}', "owlv2-base"),
        ("no json", None),
    ],
)
def test_folder_of_another_model_is_refused(tmp_path, config, name):
    source = write_folder(tmp_path / "copy", config)

    with pytest.raises(ModelMismatchError):
        make_service(tmp_path / "models").add(source, name)


def test_changed_model_is_told_and_removed_on_wish(tmp_path):
    source = write_folder(tmp_path / "copy", '{"model_type": "owlvit"}')
    service = make_service(tmp_path / "models")
    place = service.add(source)
    service.verify("owlvit-base")
    (place / "model.safetensors").write_bytes(b"changed")

    with pytest.raises(WeightsChecksumError):
        service.verify("owlvit-base")
    service.remove("owlvit-base")
    with pytest.raises(ModelMissingError):
        service.verify("owlvit-base")
