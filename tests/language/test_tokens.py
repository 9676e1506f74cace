import pytest

from ovd.language.tokens import phrase_key, split_words


@pytest.mark.parametrize(
    "text",
    ["Cell Phone", "cellphone", "cell-phone", "CELL_PHONE", "\uff23ell phone", "cell phone."],
)
def test_spellings_of_one_phrase_share_a_key(text):
    assert phrase_key(text) == "cellphone"


def test_decomposed_hangul_equals_composed():
    assert split_words("\u1109\u1161\u1105\u1161\u11b7") == ("사람",)


def test_zero_width_characters_and_apostrophes_do_not_split_words():
    assert split_words("per\u200bson lady\u2019s bag") == ("person", "ladys", "bag")


def test_separator_signs_are_words():
    assert split_words("cars/trucks,bus") == ("cars", "/", "trucks", ",", "bus")


def test_emoji_and_negation_signs_are_kept():
    assert split_words("🔴 !car") == ("🔴", "!", "car")


def test_punctuation_alone_has_an_empty_key():
    assert phrase_key(" (?!) ") == ""
