import pickle

import numpy as np
import pytest

from ovd.detection.relations import RelationDetector
from ovd.detection.taught.detector import TaughtDetector
from ovd.detection.taught.reader import TaughtReader
from ovd.domain.notes import NoteCode
from ovd.domain.ports import DetectorInfo
from ovd.domain.query import Query, RelationKind, RequiredRelation
from ovd.domain.teaching.regions import RegionVector
from ovd.errors import TaughtNameError
from ovd.language import VocabularyReader
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.network_runner import NetworkOutput
from ovd.model.text.projection import TextProjection
from tests.builders import make_query, make_taught
from tests.detection.taught.spaces import DIMENSIONS, CellEncoder, draw_image, make_bank, make_info

NAMES = ("car", "person")
DETECTOR_ID = "fake@000000000000"


class CellNetwork:
    """Sixteen regions per image, as `CellEncoder` sees them."""

    def __call__(self, images):
        found = CellEncoder().find_regions(list(images))
        side = np.float32(images.shape[1])
        return NetworkOutput(
            np.stack([regions.embeds for regions in found]),
            np.stack([regions.xyxy / side for regions in found]),
        )


class AxisEncoder:
    encoder_id = "axes"

    def embed(self, names):
        return np.stack([item.vector / 2.0 for item in CellEncoder().text_vectors(names)])


def make_inner() -> VocabularyDetector:
    spec = DetectorSpec(make_info(), ((80, 80),), PostprocessConfig())
    return VocabularyDetector(
        spec, CellNetwork(), TextProjection(scale=2.0, bias=-8.0), AxisEncoder()
    )


def vector_of(axis: int) -> RegionVector:
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[axis] = 1.0
    return RegionVector(vector, -3.0)


def make_detector(*taught, bank=None) -> TaughtDetector:
    inner = make_inner()
    kept = [item.kept_as(version, None) for version, item in enumerate(taught, start=1)]
    return TaughtDetector(inner, inner, lambda: kept, lambda: bank)


GIZMO = make_taught("gizmo", [vector_of(0), vector_of(2)], detector_id=DETECTOR_ID)


def draw(cell: int, red: int) -> np.ndarray:
    image = np.zeros((80, 80, 3), np.uint8)
    y, x = divmod(cell, 4)
    image[y * 20 : (y + 1) * 20, x * 20 : (x + 1) * 20, 0] = red
    return image


def boxes_of(detector, query, image):
    return detector.detect([image], detector.encode([query]))[0].xyxy.tolist()


@pytest.mark.parametrize("red", [200, 100])
def test_taught_name_is_found_by_any_of_its_vectors(red):
    found = boxes_of(make_detector(GIZMO), make_query("gizmo"), draw(6, red))

    assert found == [[40, 20, 60, 40]]


def test_taught_name_leaves_what_other_names_find_as_it_was():
    inner, detector = make_inner(), make_detector(GIZMO)
    query, image = make_query("car", min_score=0.01), draw(6, 200)
    alone = inner.detect([image], inner.encode([query]))[0]

    beside = detector.detect([image], detector.encode([make_query("gizmo"), query]))[0]

    assert beside.of_label(1).xyxy.tolist() == alone.xyxy.tolist()
    assert beside.of_label(1).score.tolist() == alone.score.tolist()


def test_queries_without_taught_names_are_encoded_as_before():
    inner, detector = make_inner(), make_detector(GIZMO)

    encoded, expected = (item.encode([make_query("car")]) for item in (detector, inner))

    assert encoded.prompt_vectors == expected.prompt_vectors == ()


def test_a_pickled_vocabulary_finds_the_same_without_the_names():
    detector = make_detector(GIZMO)
    vocabulary = pickle.loads(pickle.dumps(detector.encode([make_query("gizmo")])))  # noqa: S301

    [found] = make_inner().detect([draw(6, 200)], vocabulary)

    assert found.xyxy.tolist() == [[40, 20, 60, 40]]


def test_names_taught_to_other_weights_are_not_known():
    other = make_taught("gizmo", [vector_of(0)], detector_id="fake@111111111111")

    assert make_detector(other).info.known_names == NAMES


def test_version_that_is_not_in_use_is_refused():
    query = Query("gizmo", "gizmo", ("gizmo [taught 7]",))

    with pytest.raises(TaughtNameError, match="ovd teach list"):
        make_detector(GIZMO).encode([query])


def test_words_that_were_never_learned_get_a_threshold_of_their_own():
    inner, image = make_inner(), draw(6, 200)
    query = make_query("gizmo")

    assert boxes_of(inner, query, np.maximum(image, 0)) == boxes_of(make_detector(), query, image)
    calibrated = make_detector(bank=make_bank())
    [vector] = calibrated.encode([query]).prompt_vectors
    assert vector is not None
    assert boxes_of(calibrated, query, image) == [[40, 20, 60, 40]]
    assert boxes_of(calibrated, query, draw(6, 0)) == []


def make_reader(detector) -> TaughtReader:
    def build(info: DetectorInfo) -> VocabularyReader:
        return VocabularyReader(info.known_names, info.default_min_score, open_vocabulary=True)

    return TaughtReader(lambda: detector.info, build)


def test_reader_asks_for_the_version_in_use_and_says_so():
    query = make_reader(make_detector(GIZMO)).read("gizmos except car")

    assert (query.prompts, query.excluded) == (("gizmo [taught 1]",), ("car",))
    assert query.read_as == "gizmo except car"
    assert [note.code for note in query.notes] == [NoteCode.TAUGHT]


def test_reader_follows_what_is_taught_meanwhile():
    taught: list = []
    inner = make_inner()
    reader = make_reader(TaughtDetector(inner, inner, lambda: taught))
    before = reader.read("gizmo")

    taught.append(GIZMO.kept_as(3, None))

    assert not before.supported
    assert reader.read("gizmo").prompts == ("gizmo [taught 3]",)


def test_reader_says_that_quoted_words_were_never_learned():
    query = make_reader(make_detector()).read('"gizmo"')

    assert query.supported
    assert [note.code for note in query.notes] == [NoteCode.WORDS_ONLY]


def test_reader_says_what_can_be_done_about_a_word_that_was_never_learned():
    query = make_reader(make_detector()).read("gizmo")

    assert not query.supported
    assert query.notes[-1].code is NoteCode.TEACHABLE


def test_taught_names_can_be_subjects_and_objects_of_relations():
    widget = make_taught("widget", [vector_of(2)], detector_id=DETECTOR_ID)
    detector = RelationDetector(make_detector(make_taught_gizmo(), widget))
    beside = RequiredRelation(RelationKind.NEXT_TO, ("gizmo [taught 1]",))
    query = Query(
        "widget next to gizmo",
        "widget next to gizmo",
        ("widget [taught 2]",),
        min_score=0.35,
        relations=(beside,),
    )
    vocabulary = detector.encode([query])
    images = [draw_image({5: 100, 6: 200}), draw_image({5: 100}), draw_image({0: 100, 15: 200})]

    found = detector.detect(images, vocabulary)

    assert [len(item) for item in found] == [1, 0, 0]


def make_taught_gizmo():
    return make_taught("gizmo", [vector_of(0)], detector_id=DETECTOR_ID)
