from dataclasses import replace

import numpy as np
import pytest

from ovd.detection.colour import ColourDetector
from ovd.domain.detections import Detections
from ovd.domain.query import AttributeKind, ColouredPrompt, Look, Part
from ovd.errors import QueryError
from tests.builders import make_query, make_unsupported
from tests.fakes import FakeDetector

RED, WHITE = (200, 20, 30), (240, 240, 240)
LEFT, RIGHT = (10.0, 10.0, 50.0, 40.0), (60.0, 10.0, 100.0, 40.0)


def make_coloured(colour, thing="car", others=(), part=Part.WHOLE):
    prompt = f"{colour} {thing}"
    coloured = (ColouredPrompt(prompt, thing, (Look(colour, part),)),)
    return replace(make_query(prompt), prompts=(prompt, *others), coloured=coloured)


class TwoCars(FakeDetector):
    """Finds a red thing on the left and a white one on the right, for every query."""

    def encode(self, queries):
        if not all(query.supported for query in queries):
            raise QueryError("unsupported")
        return super().encode(queries)

    def detect(self, images, vocabulary):
        count = len(vocabulary.queries)
        boxes = np.array([LEFT, RIGHT] * count, dtype=np.float32)
        score = np.linspace(0.9, 0.6, 2 * count, dtype=np.float32)
        label_id = np.repeat(np.arange(count), 2)
        return [Detections(boxes, score, label_id, vocabulary.labels) for _ in images]


@pytest.fixture
def image():
    picture = np.full((60, 120, 3), 100, dtype=np.uint8)
    picture[10:40, 10:50] = RED
    picture[10:40, 60:100] = WHITE
    return picture


def found_by(queries, image):
    detector = ColourDetector(TwoCars())
    found = detector.detect([image], detector.encode(queries))[0]
    return {
        label: sorted(tuple(box) for box in found.of_label(label_id).xyxy.tolist())
        for label_id, label in enumerate(found.labels)
    }


def test_only_things_of_the_colour_are_found(image):
    queries = [make_query("car"), make_coloured("red"), make_coloured("blue")]

    assert found_by(queries, image) == {"car": [LEFT, RIGHT], "red car": [LEFT], "blue car": []}


def test_alternatives_with_and_without_a_colour_are_one_query(image):
    query = make_coloured("white", others=("truck",))

    assert found_by([query], image) == {"white car": [LEFT, RIGHT, RIGHT]}


def test_network_is_asked_for_the_thing_alone():
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
