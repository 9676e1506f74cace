import threading
from collections.abc import Sequence

import pytest

from ovd.detection.encoding import QueryEncoder
from ovd.domain.query import Query, Vocabulary
from ovd.errors import QueryError
from tests.builders import make_query, make_unsupported
from tests.fakes import FakeDetector

WAIT_S = 10.0
PERSON, UNICORN = (make_query("person"),), (make_query("unicorn"),)


class SlowDetector(FakeDetector):
    """Encodes "unicorn" only once it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_encode = threading.Event()
        self.has_encoded = threading.Event()
        self.refuses = False

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        if queries[0].text == "unicorn":
            assert self.may_encode.wait(WAIT_S)
        if self.refuses:
            raise QueryError("cannot be encoded")
        vocabulary = super().encode(queries)
        threading.Timer(0.0, self.has_encoded.set).start()
        return vocabulary


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> SlowDetector:
    monkeypatch.setattr("ovd.detection.encoding.PATIENCE_S", 0.01)
    return SlowDetector()


def labels_of(vocabulary: Vocabulary | None) -> tuple[str, ...]:
    return () if vocabulary is None else vocabulary.labels


def wait_for(encoder: QueryEncoder, queries: tuple[Query, ...]) -> tuple[str, ...]:
    for _ in range(1000):
        labels = labels_of(encoder.vocabulary_of(queries))
        if labels == tuple(query.text for query in queries):
            return labels
    pytest.fail("the queries were never encoded")


def test_a_camera_is_counted_on_while_a_new_word_is_encoded(detector):
    encoder = QueryEncoder(detector, waits=False)
    encoder.vocabulary_of(PERSON)

    meanwhile = labels_of(encoder.vocabulary_of(UNICORN))
    detector.may_encode.set()

    assert meanwhile == ("person",)
    assert wait_for(encoder, UNICORN) == ("unicorn",)


def test_a_recording_waits_for_its_queries(detector):
    encoder = QueryEncoder(detector, waits=True)
    encoder.vocabulary_of(PERSON)
    detector.may_encode.set()

    assert labels_of(encoder.vocabulary_of(UNICORN)) == ("unicorn",)


def test_the_first_queries_of_a_camera_are_waited_for(detector):
    detector.may_encode.set()

    assert labels_of(QueryEncoder(detector, waits=False).vocabulary_of(UNICORN)) == ("unicorn",)


def test_queries_that_cannot_be_encoded_fail_the_loop_and_not_a_thread(detector):
    encoder = QueryEncoder(detector, waits=False)
    encoder.vocabulary_of(PERSON)
    detector.refuses = True
    detector.may_encode.set()

    with pytest.raises(QueryError):
        wait_for(encoder, UNICORN)


def test_unsupported_queries_alone_give_nothing_to_count(detector):
    encoder = QueryEncoder(detector, waits=False)

    assert encoder.vocabulary_of((make_unsupported(),)) is None
