import pytest

from ovd.language.spelling import Spelling

WORDS = (
    "person",
    "car",
    "cat",
    "bird",
    "bear",
    "book",
    "toaster",
    "traffic light",
    "사람",
    "자전거",
)


@pytest.fixture(scope="module")
def spelling():
    return Spelling(WORDS)


@pytest.mark.parametrize(
    ("typed", "offer"),
    [
        ("persn", "person"),
        ("perosn", "person"),
        ("brid", "bird"),
        ("boook", "book"),
        ("trafic ligth", "traffic light"),
        ("자전가", "자전거"),
        ("사럼", "사람"),
    ],
)
def test_a_slip_is_offered_the_word(spelling, typed, offer):
    assert spelling.offers(tuple(typed.split())) == (offer,)


@pytest.mark.parametrize("typed", ["cap", "bead", "hook", "lobster", "xylophone", "🚗", ""])
def test_another_word_is_offered_nothing(spelling, typed):
    assert spelling.offers(tuple(typed.split())) == ()


def test_at_most_three_offers_nearest_first():
    spelling = Spelling(("abcdefgh", "abcdefgx", "abcdefxx", "abcdefyy"))

    assert spelling.offers(("abcdefgx",)) == ("abcdefgx", "abcdefgh", "abcdefxx")
