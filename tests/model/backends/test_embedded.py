import threading
from pathlib import Path

import numpy as np
import pytest

from ovd.domain.query import Query
from ovd.errors import QueryError, WeightsChecksumError, WeightsError
from ovd.model import load_detector
from ovd.model.backends import LoadOptions
from ovd.model.backends.embedded import load_embedded
from tests.builders import make_query
from tests.model.towers import write_tower

pytestmark = pytest.mark.weights

FILES = ("manifest.toml", "ssd_mobilenet_v2_coco.safetensors", "clip_vit_b32_coco80.safetensors")


@pytest.fixture
def copied_weights(tmp_path: Path, weights_dir: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    for file in FILES:
        (folder / file).write_bytes((weights_dir / file).read_bytes())
    return folder


def test_detector_says_who_it_is(embedded):
    assert embedded.info.name == "embedded"
    assert embedded.info.known_names[:3] == ("person", "bicycle", "car")
    assert len(embedded.info.known_names) == 80
    assert len(embedded.info.weights_sha256) == 64
    assert 0.0 < embedded.info.default_min_score < 1.0


def test_detector_finds_what_the_recorded_image_shows(embedded, recorded):
    scores = 1 / (1 + np.exp(-recorded["logits"].astype(np.float64).max(axis=0)))
    shown = {embedded.info.known_names[index] for index in np.flatnonzero(scores > 0.5)}
    vocabulary = embedded.encode([make_query(name, 0.5) for name in embedded.info.known_names])

    (found,) = embedded.detect([recorded["image"]], vocabulary)

    assert {found.labels[index] for index in found.label_id} == shown
    for name in shown:
        label_id = embedded.info.known_names.index(name)
        assert found.of_label(label_id).score[0] == pytest.approx(scores[label_id], abs=0.02)


def test_score_of_a_query_does_not_depend_on_the_others(embedded, recorded):
    alone = embedded.detect([recorded["image"]], embedded.encode([make_query("bowl", 0.2)]))[0]
    everything = embedded.encode([make_query(name, 0.2) for name in embedded.info.known_names])
    together = embedded.detect([recorded["image"]], everything)[0].of_label(
        embedded.info.known_names.index("bowl")
    )

    assert len(alone) > 0
    np.testing.assert_allclose(together.score, alone.score, atol=1e-5)
    np.testing.assert_allclose(together.xyxy, alone.xyxy, atol=1e-2)


def test_excluding_a_name_takes_its_objects_away(embedded, recorded):
    tables = make_query("dining table", 0.2)
    without_bowls = Query("table", "table", ("dining table",), excluded=("bowl",), min_score=0.2)

    (found,) = embedded.detect([recorded["image"]], embedded.encode([tables]))
    (left,) = embedded.detect([recorded["image"]], embedded.encode([without_bowls]))

    assert (len(found), len(left)) == (1, 0)


@pytest.mark.parametrize("size_hw", [(1, 1), (2, 999), (333, 77), (1080, 1920)])
def test_images_of_any_size_give_boxes_inside_of_them(embedded, size_hw):
    noise = np.random.default_rng(0).integers(0, 256, (*size_hw, 3), dtype=np.uint8)

    (found,) = embedded.detect([noise], embedded.encode([make_query("person", 0.01)]))

    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [size_hw[1], size_hw[0], size_hw[1], size_hw[0]]).all()


def test_a_batch_gives_what_single_images_give(embedded, recorded):
    images = [recorded["image"], recorded["image"][:, ::-1], np.zeros((40, 30, 3), np.uint8)]
    vocabulary = embedded.encode([make_query("bowl", 0.3)])

    together = embedded.detect(images, vocabulary)

    for image, detections in zip(images, together, strict=True):
        (alone,) = embedded.detect([image], vocabulary)
        np.testing.assert_allclose(detections.score, alone.score, atol=1e-4)
        np.testing.assert_allclose(detections.xyxy, alone.xyxy, atol=0.1)


def test_two_threads_with_their_own_vocabularies_get_their_own_counts(embedded, recorded):
    expected = {
        name: len(embedded.detect([recorded["image"]], embedded.encode([make_query(name, 0.3)]))[0])
        for name in ("bowl", "zebra")
    }
    got: dict[str, set[int]] = {name: set() for name in expected}

    def look_for(name: str) -> None:
        vocabulary = embedded.encode([make_query(name, 0.3)])
        for _ in range(4):
            got[name].add(len(embedded.detect([recorded["image"]], vocabulary)[0]))

    threads = [threading.Thread(target=look_for, args=(name,)) for name in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert expected["bowl"] > 0
    assert got == {name: {count} for name, count in expected.items()}


def test_name_that_was_not_learned_is_refused(embedded):
    with pytest.raises(QueryError, match="'helmet'"):
        embedded.encode([make_query("helmet")])


def test_changed_weights_are_refused(copied_weights):
    path = copied_weights / FILES[1]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(WeightsChecksumError, match=FILES[1]):
        load_detector("embedded", LoadOptions(copied_weights))


@pytest.mark.parametrize("file", FILES)
def test_missing_files_are_named(copied_weights, file):
    (copied_weights / file).unlink()

    with pytest.raises(WeightsError, match=file):
        load_detector("embedded", LoadOptions(copied_weights))


def test_text_tower_gives_known_names_the_same_scores(tmp_path, weights_dir, embedded, recorded):
    spec = write_tower(tmp_path / "tiny")
    with_tower = load_embedded(LoadOptions(weights_dir, spec))
    queries = [make_query("dog", 0.3), make_query("bowl", 0.3)]

    (expected,) = embedded.detect([recorded["image"]], embedded.encode(queries))
    (found,) = with_tower.detect([recorded["image"]], with_tower.encode(queries))

    assert len(expected) > 0
    np.testing.assert_allclose(found.score, expected.score, atol=1e-3)
    np.testing.assert_array_equal(found.label_id, expected.label_id)


def test_text_tower_does_not_widen_what_the_detector_has_learned(tmp_path, weights_dir):
    detector = load_detector("embedded", LoadOptions(weights_dir, write_tower(tmp_path / "tiny")))

    with pytest.raises(QueryError, match="'helmet'"):
        detector.encode([make_query("helmet")])
