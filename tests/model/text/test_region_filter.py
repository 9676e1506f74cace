from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from ovd.model import detector as detector_module
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.runtimes.options import RuntimeOptions
from ovd.model.text.region_filter import (
    MIN_TEXTS,
    REGION_DIRECTIONS,
    RegionFilters,
    build_filter,
    longest_directions,
)
from tests.builders import make_query, make_vocabulary

CLIP = Path(__file__).resolve().parents[3] / "samples" / "pedestrians.mp4"


def make_texts(count=60, needed=9.0):
    rng = np.random.default_rng(0)
    texts = rng.normal(size=(count, 32)).astype(np.float32)
    return texts / np.linalg.norm(texts, axis=1, keepdims=True), np.full(count, needed, np.float32)


def make_regions(texts, count=400):
    """Regions that share a long part, as those of a network do; every tenth shows an object."""
    rng = np.random.default_rng(1)
    regions = rng.normal(size=(count, 32)).astype(np.float32) + 1
    regions[::10] += 10 * texts[rng.integers(0, len(texts), len(regions[::10]))]
    return regions


@pytest.mark.parametrize("needed", [1.0, 5.0, 9.0, 20.0])
@pytest.mark.parametrize("seen_before", [True, False])
def test_no_region_is_left_out_that_reaches_what_is_needed(needed, seen_before):
    texts, all_needed = make_texts(needed=needed)
    regions = make_regions(texts)
    seen = regions if seen_before else np.random.default_rng(2).normal(size=(50, 32))
    own = build_filter(
        texts, all_needed, longest_directions(seen.astype(np.float32), REGION_DIRECTIONS)
    )

    kept = own.select(regions)

    reaching = np.flatnonzero((regions @ texts.T >= needed).any(axis=1))
    assert set(reaching) <= set(kept)
    assert list(kept) == sorted(kept)


def test_most_regions_are_left_out():
    texts, needed = make_texts()
    regions = make_regions(texts)

    own = build_filter(texts, needed, longest_directions(regions, REGION_DIRECTIONS))

    assert len(own.select(regions)) < 0.5 * len(regions)


@pytest.mark.parametrize("needed", [0.0, -np.inf])
def test_threshold_that_every_region_may_reach_makes_no_filter(needed):
    texts, all_needed = make_texts()
    all_needed[3] = needed

    assert build_filter(texts, all_needed, np.eye(32, dtype=np.float32)[:2]) is None


def test_few_texts_make_no_filter():
    texts, needed = make_texts(MIN_TEXTS - 1)

    assert build_filter(texts, needed, np.eye(32, dtype=np.float32)[:2]) is None


def test_filter_is_made_once_per_vocabulary():
    texts, needed = make_texts()
    filters, vocabulary = RegionFilters(), make_vocabulary([make_query("person")])

    first, again = (filters.find(vocabulary, texts, needed, make_regions(texts)) for _ in range(2))

    assert first is again is not None


@pytest.mark.weights
def test_same_objects_are_found_with_the_filter_and_without(weights_dir, monkeypatch):
    with av.open(str(CLIP)) as container:
        frames = [
            frame.to_ndarray(format="rgb24")
            for frame in islice(container.decode(video=0), 0, 80, 40)
        ]
    detector = load_ovdense(LoadOptions(weights_dir, run=RuntimeOptions(threads=1)))
    names = detector.info.known_names[:60]
    filtered = detector.detect(frames, detector.encode([make_query(name) for name in names]))
    monkeypatch.setattr(detector_module, "MIN_TEXTS", 1000)

    unfiltered = detector.detect(frames, detector.encode([make_query(name) for name in names]))

    assert sum(map(len, filtered)) > 0
    for one, other in zip(filtered, unfiltered, strict=True):
        np.testing.assert_array_equal(one.label_id, other.label_id)
        np.testing.assert_allclose(one.xyxy, other.xyxy, atol=1e-3)
        np.testing.assert_allclose(one.score, other.score, atol=1e-5)
