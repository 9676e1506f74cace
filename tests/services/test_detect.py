from ovd.services.detect import DetectService
from tests.builders import make_frame, make_query, make_unsupported
from tests.fakes import FakeDetector


def test_detect_gives_one_result_per_image_in_order():
    images = [make_frame(index).image for index in (1, 3)]

    found = list(DetectService(FakeDetector()).detect(images, [make_query("person")]))

    assert [len(one) for one in found] == [1, 3]


def test_detect_finds_nothing_for_unsupported_queries():
    detector = FakeDetector()

    (found,) = DetectService(detector).detect([make_frame(3).image], [make_unsupported()])

    assert len(found) == 0
    assert detector.calls == 0
