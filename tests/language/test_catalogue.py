import pytest

from ovd.bootstrap.detectors import build_reader, prepare_detector
from ovd.domain.query import Query
from ovd.errors import QueryError
from ovd.language.catalogue import list_examples
from ovd.settings import load_settings
from ovd.texts.catalogue import EXAMPLES
from ovd.texts.languages import Language
from tests.builders import make_query, make_unsupported
from tests.fakes import FakeReader


class PickyReader(FakeReader):
    """Supports what it is told."""

    def __init__(self, *supported: str) -> None:
        super().__init__()
        self._supported = supported

    def read(self, text: str, min_score: float | None = None) -> Query:
        if text == "bus":
            raise QueryError("a bad day")
        return make_query(text) if text in self._supported else make_unsupported(text)


def test_only_what_can_be_counted_is_offered():
    examples = list_examples(PickyReader("car", "truck", "dog"), Language.EN)

    assert [(topic.title, topic.queries) for topic in examples.topics] == [
        ("Vehicles", ("car", "truck")),
        ("Animals", ("dog",)),
    ]
    assert [(preset.title, preset.queries) for preset in examples.presets] == [
        ("Road", ("car", "truck")),
        ("Yard at night", ("car", "dog")),
    ]


@pytest.mark.parametrize("language", list(Language))
def test_no_query_stands_twice_in_a_list(language: Language):
    for listed in (*EXAMPLES[language].topics, *EXAMPLES[language].presets):
        assert len(set(listed.queries)) == len(listed.queries)


@pytest.mark.weights
@pytest.mark.parametrize("language", list(Language))
def test_shipped_detector_can_count_every_example(language: Language):
    settings = load_settings()
    reader = build_reader(prepare_detector(settings).unopened, settings.weights_dir)

    assert list_examples(reader, language) == EXAMPLES[language]
