import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from ovd.detection.colour import ColourDetector
from ovd.domain.detections import Detections
from ovd.domain.query import AttributeKind, ColouredPrompt, ObjectPart, RequiredColour
from ovd.errors import QueryError, VocabularyMismatchError
from tests.builders import make_query, make_unsupported
from tests.fakes import FakeDetector

RED, WHITE = (200, 20, 30), (240, 240, 240)
LEFT, RIGHT = (10.0, 10.0, 50.0, 40.0), (60.0, 10.0, 100.0, 40.0)


def make_coloured(colour, name="car", others=(), part=ObjectPart.WHOLE):
    prompt = f"{colour} {name}"
    coloured = (ColouredPrompt(prompt, name, (RequiredColour(colour, part),)),)
    return replace(make_query(prompt), prompts=(prompt, *others), coloured=coloured)


class TwoCars(FakeDetector):
    """Finds a red object on the left and a white one on the right, for every query."""

    def encode(self, queries):
        if not all(query.supported for query in queries):
            raise QueryError("unsupported")
        return super().encode(queries)

    def detect(self, images, vocabulary):
        count = len(vocabulary.queries)
        boxes = np.array([LEFT, RIGHT] * count, dtype=np.float32)
        score = np.linspace(0.9, 0.6, 2 * count, dtype=np.float32)
        label_id = np.repeat(np.arange(count), 2)
        found = Detections(boxes, score, label_id, vocabulary.labels)
        return [found.where(score >= vocabulary.min_score[label_id]) for _ in images]


def draw_cars():
    image = np.full((60, 120, 3), 100, dtype=np.uint8)
    image[10:40, 10:50] = RED
    image[10:40, 60:100] = WHITE
    return image


@pytest.fixture
def image():
    return draw_cars()


def found_by(queries, image):
    detector = ColourDetector(TwoCars())
    found = detector.detect([image], detector.encode(queries))[0]
    return {
        label: sorted(tuple(box) for box in found.of_label(label_id).xyxy.tolist())
        for label_id, label in enumerate(found.labels)
    }


def test_only_objects_of_the_colour_are_found(image):
    queries = [make_query("car"), make_coloured("red"), make_coloured("blue")]

    assert found_by(queries, image) == {"car": [LEFT, RIGHT], "red car": [LEFT], "blue car": []}


def test_an_object_that_matches_several_alternatives_counts_once(image):
    query = make_coloured("white", others=("truck",))

    assert found_by([query], image) == {"white car": [LEFT, RIGHT]}


def test_the_name_alone_is_encoded():
    vocabulary = ColourDetector(TwoCars()).encode([make_coloured("red")])

    assert vocabulary.prompts == ("car",)
    assert vocabulary.labels == ("red car",)


def test_queries_without_a_colour_are_passed_on(image):
    inner = TwoCars()
    detector = ColourDetector(inner)
    vocabulary = detector.encode([make_query("car")])

    found = detector.detect([image], vocabulary)[0]

    assert found.labels == ("car",)
    assert len(found) == 2


def test_it_judges_what_the_inner_detector_does_and_colours():
    assert ColourDetector(TwoCars()).info.judged_attributes == {
        AttributeKind.COLOUR,
        AttributeKind.CLOTHES_COLOUR,
    }


def test_unsupported_query_is_refused_as_ever():
    with pytest.raises(QueryError):
        ColourDetector(TwoCars()).encode([make_coloured("red"), make_unsupported("unicorn")])


def count_red_cars(vocabulary):
    """Count with a detector that has not seen the vocabulary before."""
    return len(ColourDetector(TwoCars()).detect([draw_cars()], vocabulary)[0])


@pytest.mark.parametrize(
    "copied",
    [
        lambda vocabulary: pickle.loads(pickle.dumps(vocabulary)),  # noqa: S301
        copy.copy,
        copy.deepcopy,
        replace,
    ],
    ids=["pickle", "copy", "deepcopy", "replace"],
)
def test_a_copied_vocabulary_counts_the_same(copied):
    vocabulary = copied(ColourDetector(TwoCars()).encode([make_coloured("red")]))

    assert count_red_cars(vocabulary) == 1


def test_a_vocabulary_counts_the_same_in_another_process():
    vocabulary = ColourDetector(TwoCars()).encode([make_coloured("red")])

    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        count = pool.submit(count_red_cars, vocabulary).result()

    assert count == 1


def test_a_replaced_threshold_holds_for_queries_with_colours():
    detector = ColourDetector(TwoCars())
    vocabulary = detector.encode([make_coloured("red")])
    strict = replace(
        vocabulary, queries=tuple(query.with_min_score(0.95) for query in vocabulary.queries)
    )

    assert len(detector.detect([draw_cars()], strict)[0]) == 0


def test_a_vocabulary_whose_colours_were_encoded_as_text_is_refused():
    vocabulary = TwoCars().encode([make_coloured("red")])

    with pytest.raises(VocabularyMismatchError, match="'red car'"):
        ColourDetector(TwoCars()).detect([draw_cars()], vocabulary)


def test_excluded_names_stay_with_their_query():
    query = replace(make_coloured("red"), excluded=("bus",))
    inner = TwoCars()
    asked = []
    inner.detect = lambda images, vocabulary: asked.append(vocabulary) or []

    ColourDetector(inner).detect([], ColourDetector(TwoCars()).encode([make_query("dog"), query]))

    assert asked[0].labels == ("dog", "red car")
    assert [query.prompts for query in asked[0].queries] == [("dog",), ("car",)]
    assert asked[0].queries[1].excluded == ("bus",)
