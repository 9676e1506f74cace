import pytest

from ovd.language.completion import Completion

WORDS = ("person", "traffic light", "train", "cell phone", "자동차", "자전거", "사람")


@pytest.fixture(scope="module")
def completion():
    return Completion(WORDS)


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("tra", ("traffic light", "train")),
        ("TRAFFIC-L", ("traffic light",)),
        ("lig", ("traffic light",)),
        ("cellp", ("cell phone",)),
        ("자", ("자동차", "자전거")),
        ("잗", ("자동차",)),
        ("ㅅ", ("사람",)),
        ("p", ("person", "cell phone")),
        ("zzz", ()),
    ],
)
def test_words_are_completed(completion, prefix, words):
    assert completion.complete(prefix, 8) == words


def test_an_empty_prefix_gives_the_first_words(completion):
    assert completion.complete("  ", 2) == ("person", "traffic light")


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (-1, 0), (1, 1)])
def test_limit_is_kept(completion, limit, count):
    assert len(completion.complete("t", limit)) == count


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("tkfk", ("사람",)),
        ("ㅔㄷㄱ", ("person",)),
        ("pesro", ("person",)),
        ("trafic", ("traffic light",)),
        ("자즌", ("자전거",)),
        ("lihgt", ("traffic light",)),
        ("xy", ()),
    ],
)
def test_completion_tolerates_typos_and_the_other_layout(completion, prefix, words):
    assert completion.complete(prefix, 8)[:1] == words


def test_exact_prefixes_come_before_misspelled_ones(completion):
    assert completion.complete("tra", 8) == ("traffic light", "train")
