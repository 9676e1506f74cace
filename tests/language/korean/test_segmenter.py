import pytest

from ovd.language.korean.segmenter import Joined, Piece, with_particle

JOINED = Joined(
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
def test_text_is_taken_apart_into_known_words(text, words):
    assert JOINED.split(text) == words


def test_endless_text_is_left_whole():
    assert JOINED.split("빨간자동차" * 40) is None


def test_a_particle_is_taken_off_known_words_only():
    assert JOINED.piece("사람이") == Piece("사람", "이")
    assert JOINED.piece("사람") == Piece("사람")
    assert JOINED.piece("고양이") is None


def test_pieces_keep_their_particles():
    assert JOINED.pieces("나무의자를") == (Piece("나무"), Piece("의자", "를"))


def test_a_bare_word_keeps_two_syllables():
    assert JOINED.bare("자동챠를") == Piece("자동챠", "를")
    assert JOINED.bare("나이") == Piece("나이")


@pytest.mark.parametrize(
    ("word", "particle", "joined"),
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
def test_a_particle_takes_the_form_that_the_word_asks_for(word, particle, joined):
    assert with_particle(word, particle) == joined
