import pytest

from ovd.language.korean.segmenter import Segment, Segmenter, with_particle

JOINED = Segmenter(
    ["빨간", "자동차", "차", "사람", "나무", "의자", "배"], ["빨간"], ["이", "를", "들", "들이"]
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("자동차", ("자동차",)),
        ("빨간자동차", ("빨간", "자동차")),
        ("빨간차", ("빨간", "차")),
        ("사람들이", ("사람",)),
        ("나무의자를", ("나무", "의자")),
        ("배차", None),
        ("자동차표", None),
        ("person", None),
        ("", None),
    ],
)
def test_text_is_segmented_into_known_words(text, words):
    assert JOINED.split_words(text) == words


def test_overlong_text_is_not_segmented():
    assert JOINED.split_words("빨간자동차" * 40) is None


def test_a_particle_is_removed_from_known_words_only():
    assert JOINED.match("사람이") == Segment("사람", "이")
    assert JOINED.match("사람") == Segment("사람")
    assert JOINED.match("고양이") is None


def test_segments_keep_their_particles():
    assert JOINED.segment("나무의자를") == (Segment("나무"), Segment("의자", "를"))


def test_a_stem_keeps_two_syllables():
    assert JOINED.strip_particle("자동챠를") == Segment("자동챠", "를")
    assert JOINED.strip_particle("나이") == Segment("나이")


@pytest.mark.parametrize(
    ("word", "particle", "joined_text"),
    [
        ("자동차", "을", "자동차를"),
        ("컵", "를", "컵을"),
        ("컵", "와", "컵과"),
        ("차", "이나", "차나"),
        ("사람", "들", "사람들"),
        ("차", "", "차"),
        ("car", "을", "car을"),
    ],
)
def test_a_particle_takes_the_form_the_word_needs(word, particle, joined_text):
    assert with_particle(word, particle) == joined_text
