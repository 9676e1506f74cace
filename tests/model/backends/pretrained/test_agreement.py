"""Every family finds what the library's own processor, model and post-processing find."""

import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ovd.domain.boxes import clip_xyxy, nms
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.model.backends import BACKENDS, Captions, LoadOptions, find_backend, load_backend
from ovd.model.backends.pretrained.detector import MAX_IOU
from ovd.model.backends.pretrained.loading import read_snapshot
from ovd.model.backends.pretrained.omdet import TASK
from ovd.model.hub.snapshot import make_lock, write_lock
from tests.model.backends.pretrained.tiny_models import save_tiny

NAMES = [spec.name for spec in BACKENDS if spec.hub is not None and spec.is_permissive]
# One model of each architecture: the others differ from it in size, which tiny ones do not have.
OWN = {
    spec.hub.model_type: spec.name
    for spec in reversed(BACKENDS)
    if spec.hub is not None and spec.is_permissive
}
FUSED = [spec.name for spec in BACKENDS if spec.fuses_text and spec.name in OWN.values()]
TEXTS = ("cat", "dog", "red cat", "bus", "van", "hat", "big bag")
SIZES = ((60, 90), (90, 60), (40, 120))
# Thresholds that some candidates of the tiny models reach, and others do not.
MIN_SCORE = {
    "grounding": 0.3,
    "mm": 0.02,
    "llmdet": 0.02,
    "owlvit": 0.4,
    "owlv2": 0.4,
    "omdet": 0.05,
}


def min_score(name: str) -> float:
    return MIN_SCORE[name.partition("-")[0]]


def make_query(name: str, text: str) -> Query:
    return Query(text, text, (text,), (), min_score(name))


def make_images(size_hw: tuple[int, int], count: int) -> list[Image]:
    generator = np.random.default_rng(3)
    return [generator.integers(0, 256, (*size_hw, 3), dtype=np.uint8) for _ in range(count)]


def find(detector: Detector, name: str, texts: Sequence[str], images: list[Image]) -> list[Any]:
    return detector.detect(images, detector.encode([make_query(name, text) for text in texts]))


def make_tokens(name: str, text: str, count: int) -> dict[str, Any]:
    if name.startswith("omdet"):
        return {"text": [[text]] * count, "task": [TASK] * count}
    if name.startswith("owl"):
        return {"text": [[f"a photo of a {text}"]] * count}
    return {"text": [[text]] * count}


def reference(
    name: str, folder: Path, images: list[Image], text: str
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return boxes and scores of one text by the library, suppressed and clipped as ovd does."""
    model, processor = READ[folder]
    inputs = processor(images=images, return_tensors="pt", **make_tokens(name, text, len(images)))
    with torch.inference_mode():
        outputs = model(**inputs)
    sizes = [image.shape[:2] for image in images]
    arguments = {"max_num_det": None} if name.startswith("omdet") else {}
    results = processor.post_process_grounded_object_detection(
        outputs, threshold=min_score(name), target_sizes=sizes, **arguments
    )
    suppressed = []
    for result, size_hw in zip(results, sizes, strict=True):
        boxes, scores = result["boxes"].numpy(), result["scores"].numpy()
        boxes = clip_xyxy(boxes, size_hw)
        whole = np.min(boxes[:, 2:] - boxes[:, :2], axis=1, initial=np.inf) > 0
        boxes, scores = boxes[whole], scores[whole]
        kept = nms(boxes, scores, np.zeros(len(scores), dtype=np.int64), MAX_IOU)
        suppressed.append((boxes[kept], scores[kept]))
    return suppressed


READ: dict[Path, Any] = {}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model; each is made and read by the library once."""
    models_dir = tmp_path_factory.mktemp("models")

    def saved(name: str) -> Path:
        folder = models_dir / name
        if not folder.is_dir():
            save_tiny(name, models_dir)
            READ[folder] = read_snapshot(name, folder)
        return folder

    return saved


@pytest.fixture(scope="module", params=OWN.values())
def tiny(request: pytest.FixtureRequest, saved: Callable[[str], Path]) -> Any:
    """Name, folder and detector of a tiny model."""
    folder = saved(request.param)
    options = LoadOptions(Path("none"), models_dir=folder.parent)
    return request.param, folder, load_backend(request.param, options)


def assert_same(found: Detections, wanted: tuple[Any, Any], label_id: int, size: int) -> None:
    own = found.of_label(label_id)
    boxes, scores = wanted
    assert len(scores) > 0
    np.testing.assert_allclose(own.score, scores, atol=1e-4)
    np.testing.assert_allclose(own.xyxy / size, boxes / size, atol=1e-4)


@pytest.mark.parametrize("size_hw", SIZES, ids=str)
def test_boxes_and_scores_are_those_of_the_library(tiny, size_hw):
    name, folder, detector = tiny
    images = make_images(size_hw, 3)
    alone = [find(detector, name, TEXTS[:1], [image])[0] for image in images]
    several = find(detector, name, TEXTS, images)

    for label_id, text in enumerate(TEXTS):
        for image, wanted in enumerate(reference(name, folder, images, text)):
            assert_same(several[image], wanted, label_id, max(size_hw))
            if label_id == 0:
                assert_same(alone[image], wanted, 0, max(size_hw))


def test_scores_of_a_query_do_not_depend_on_the_others(tiny):
    name, _, detector = tiny
    images = make_images(SIZES[0], 1)
    (before,) = find(detector, name, TEXTS, images)
    (after,) = find(detector, name, (*TEXTS[:3], "plane", *TEXTS[4:]), images)

    assert detector.info.independent_scores
    for label_id in (0, 1, 2, 4, 5, 6):
        np.testing.assert_array_equal(
            before.of_label(label_id).score, after.of_label(label_id).score
        )


def test_a_result_does_not_depend_on_the_other_images(tiny):
    name, _, detector = tiny
    (wide,), (tall,) = make_images(SIZES[0], 1), make_images(SIZES[1], 1)
    (alone,) = find(detector, name, TEXTS[:2], [wide])
    together = find(detector, name, TEXTS[:2], [tall, wide])

    np.testing.assert_array_equal(alone.score, together[1].score)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OWN.values()])
def test_another_size_of_an_architecture_is_asked_as_the_first_one_is(name, saved, tmp_path):
    first = OWN[find_backend(name).hub.model_type]
    folder = shutil.copytree(saved(first), tmp_path / name)
    write_lock(folder, make_lock(folder, name))
    detector = load_backend(name, LoadOptions(Path("none"), models_dir=tmp_path))
    images = make_images(SIZES[0], 1)

    (found,) = find(detector, first, TEXTS[:1], images)

    (wanted,) = reference(first, saved(first), images, TEXTS[0])
    assert_same(found, wanted, 0, max(SIZES[0]))


@pytest.mark.parametrize("name", FUSED)
def test_texts_asked_together_score_as_in_the_library(name, saved):
    folder = saved(name)
    options = LoadOptions(Path("none"), models_dir=folder.parent, captions=Captions.TOGETHER)
    detector = load_backend(name, options)
    images = make_images(SIZES[0], 2)
    model, processor = READ[folder]

    found = find(detector, name, TEXTS, images)

    assert not detector.info.independent_scores
    for image, result in enumerate(found):
        for label_id, wanted in enumerate(together(name, model, processor, images)[image]):
            own = result.of_label(label_id).score
            assert own[0] == pytest.approx(wanted, abs=1e-4)


def together(name: str, model: Any, processor: Any, images: list[Image]) -> list[list[float]]:
    """Return the best score of each text in each image by the library."""
    texts: dict[str, Any] = {"text": [list(TEXTS)] * len(images)}
    if name.startswith("omdet"):
        texts["task"] = [TASK] * len(images)
    inputs = processor(images=images, return_tensors="pt", **texts)
    with torch.inference_mode():
        outputs = model(**inputs)
    if name.startswith("omdet"):
        scores = outputs.decoder_class_logits.sigmoid()
        return [[float(best) for best in image.max(dim=0).values] for image in scores]
    ids = inputs["input_ids"][0].tolist()
    ends = [0, *(place for place, token in enumerate(ids) if token == 1012)]
    scores = outputs.logits.sigmoid()
    return [
        [float(image[:, start + 1 : end].max()) for start, end in pairwise(ends)]
        for image in scores
    ]
