import numpy as np
import pytest

from ovd.domain.ports.judging import Verification
from ovd.services.counting.judging.images import VerifyingDetector
from tests.builders import make_detections, make_query, make_vocabulary
from tests.fakes import FakeDetector
from tests.services.counting.judging.test_verifying import LEFT, RIGHT, SIZE_HW, StubJudge


class BoxDetector(FakeDetector):
    """Finds the same two boxes for every query, the second one hardly."""

    def _detect_one(self, image, vocabulary):
        labels = range(len(vocabulary.labels))
        return make_detections(
            *[box for _ in labels for box in (LEFT, RIGHT)],
            labels=vocabulary.labels,
            label_id=[label for label in labels for _ in range(2)],
            score=[score for _ in labels for score in (0.9, 0.2)],
        )


def detect(judge, *bright, queries=None, **options):
    image = np.zeros((*SIZE_HW, 3), dtype=np.uint8)
    for x0, y0, x1, y1 in bright:
        image[int(y0) : int(y1), int(x0) : int(x1)] = 200
    verifying = VerifyingDetector(BoxDetector(), Verification(judge, 0.5), **options)
    return verifying.detect([image], make_vocabulary(queries or [make_query()]))[0]


def test_objects_of_an_image_get_the_geometric_mean_of_both_scores():
    found = detect(StubJudge(), LEFT, RIGHT, min_score=0.0)

    assert found.score.tolist() == pytest.approx([(0.9 * 0.9) ** 0.5, (0.2 * 0.9) ** 0.5])


def test_objects_that_the_judge_denies_are_not_found():
    assert len(detect(StubJudge(), RIGHT)) == 0


def test_what_is_hardly_proposed_is_not_judged():
    judge = StubJudge()

    found = detect(judge, LEFT, RIGHT, proposed_from=0.5, min_score=0.0)

    assert (len(found), len(judge.asked)) == (1, 1)


def test_queries_that_no_judge_is_asked_about_stay_as_they_are():
    query = make_query()
    excluding = type(query)("car except bus", "car", ("car",), ("bus",), 0.1)

    found = detect(StubJudge(), queries=[query, excluding])

    assert found.of_label(1).score.tolist() == pytest.approx([0.9, 0.2])
    assert len(found.of_label(0)) == 0
