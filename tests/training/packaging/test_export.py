import numpy as np
import pytest
import torch

from ovd.domain.query import Query
from ovd.errors import QueryError, WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.text.adapter import TextAdapter
from ovd.model.weights import file_sha256
from ovd.training.engine.checkpoint import load_weights, save_weights
from ovd.training.packaging.calibration import Calibration
from ovd.training.packaging.candidate_detector import load_candidate
from ovd.training.packaging.export import (
    ExportRequest,
    export_detector,
    undo_calibration,
    without_templates,
)
from tests.training.sentence_builders import FEATURE_DIM, HashedSentences

IMAGE = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
ENTRY = """
[[weights]]
file = "{file}"
role = "{role}"
used_by = ["ovdense"]
sha256 = "{sha256}"
size = {size}
licence = "Apache-2.0"
origin = "a test"
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("run") / "weights.safetensors"
    modules = {
        "network": OvDense(OvDenseConfig(width=8, embed_dim=8)),
        "adapter": TextAdapter(FEATURE_DIM, 8),
    }
    save_weights(path, modules, {"names": ["car", "person"], "images": 8})
    return path


def export(trained, folder, calibration=Calibration()):  # noqa: B008
    request = ExportRequest(trained, ("car", "automobile", "person"), calibration)
    files = export_detector(request, HashedSentences(), folder)
    entries = [
        ENTRY.format(file=path.name, role=role, sha256=file_sha256(path), size=path.stat().st_size)
        for path, role in zip(files, ("network", "text_embeddings"), strict=True)
    ]
    (folder / "manifest.toml").write_text("".join(entries))
    return load_ovdense(LoadOptions(folder))


def scores(detector, name="automobile"):
    query = Query(name, name, (name,), min_score=0.0)
    return detector.detect([IMAGE], detector.encode([query]))[0].score


def test_exported_detector_gives_the_scores_of_the_trained_one(trained, tmp_path):
    shipped = export(trained, tmp_path / "weights")
    candidate = load_candidate(trained, HashedSentences())

    assert shipped.info.known_names == ("car", "person")
    np.testing.assert_allclose(scores(shipped)[:20], scores(candidate)[:20], atol=1e-3)


def test_calibration_is_part_of_the_weights(trained, tmp_path):
    plain = export(trained, tmp_path / "plain")
    calibration = Calibration(slope=0.5, offset=1.0)
    calibrated = export(trained, tmp_path / "calibrated", calibration)

    best = scores(plain)[:1].astype(np.float64)
    np.testing.assert_allclose(scores(calibrated)[:1], calibration.apply(best), atol=1e-3)


def test_calibration_can_be_taken_out_again(trained, tmp_path):
    export(trained, tmp_path / "calibrated", Calibration(slope=2.6, offset=-0.4))
    first, again = (OvDense(OvDenseConfig(width=8, embed_dim=8)) for _ in range(2))
    undo_calibration(first, load_weights(trained, {"network": first}))
    facts = load_weights(tmp_path / "calibrated" / "ovdense.safetensors", {"network": again})

    undo_calibration(again, facts)

    for own, before in zip(again.text_head.parameters(), first.text_head.parameters(), strict=True):
        torch.testing.assert_close(own, before)


def test_text_beyond_the_table_is_refused(trained, tmp_path):
    detector = export(trained, tmp_path / "weights")

    with pytest.raises(QueryError, match="no text embedding for 'unicorn'"):
        scores(detector, "unicorn")


def test_calibration_must_keep_the_order_of_scores(trained, tmp_path):
    with pytest.raises(WeightsError, match="slope -1"):
        export(trained, tmp_path / "weights", Calibration(slope=-1.0))


def test_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, {"adapter": TextAdapter(FEATURE_DIM, 8)}, {})

    with pytest.raises(WeightsError, match="no trained detector"):
        export_detector(ExportRequest(path, ("car",)), HashedSentences(), tmp_path)


def test_phrases_in_templates_are_left_out():
    phrases = ("car", "a car", "a la carte", "the car")

    assert without_templates(phrases, ("a {}", "the {}")) == ("car", "a la carte")


def test_large_convolutions_are_written_in_eight_bits_and_can_be_trained_on(
    trained, tmp_path, monkeypatch
):
    export(trained, tmp_path / "halves")
    monkeypatch.setattr("ovd.training.packaging.export.LARGE", 1000)
    shipped = export(trained, tmp_path / "bytes")

    sizes = [
        (tmp_path / name / "ovdense.safetensors").stat().st_size for name in ("halves", "bytes")
    ]
    assert sizes[1] < 0.8 * sizes[0]
    whole = load_candidate(trained, HashedSentences())
    np.testing.assert_allclose(scores(shipped)[:20], scores(whole)[:20], atol=0.01)
    again = OvDense(OvDenseConfig(width=8, embed_dim=8))
    load_weights(tmp_path / "bytes" / "ovdense.safetensors", {"network": again})
    first = OvDense(OvDenseConfig(width=8, embed_dim=8))
    load_weights(trained, {"network": first})
    for own, before in zip(again.state_dict().values(), first.state_dict().values(), strict=True):
        torch.testing.assert_close(own, before, atol=before.abs().max().item() / 100 + 1e-3, rtol=0)
