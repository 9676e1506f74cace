"""The review of the Korean word files."""

from collections import Counter

import pytest

from ovd.language.korean.lexicon import (
    load_domain,
    load_korean_grammar,
    load_korean_readings,
    merge_readings,
)
from ovd.language.lexicon import load_lexicon
from ovd.language.spelling.dictionary import load_dictionary

DOMAINS = (
    "people", "body", "vehicles", "road", "animals", "plants", "food", "kitchen", "home",
    "electronics", "tools", "clothing", "leisure", "places",
)  # fmt: skip
# Reviewed by hand: words that WordNet does not list as a thing, and names that English took over.
REVIEWED = frozenset(
    {"americano", "and", "avalanche", "badminton", "barcode", "barista", "beige", "bibimbap",
     "billiard", "bulgogi", "bulletproof", "buoy", "chihuahua", "claus", "cooktop",
     "crossbody", "cutlet", "dehumidifier", "digital", "dvd", "ferris", "for", "gayageum",
     "gimbap", "hanbok", "hanok", "hockey", "hoodie", "hotteok", "hoverboard", "hula",
     "humidifier", "iced", "inline", "intercity", "janggu", "kart", "kickboard", "kimchi",
     "lying", "macaron", "midsize", "monorail", "nightstand", "paraglider", "passport",
     "persian", "placemat", "pomeranian", "postcard", "ramen", "rearview", "recycling",
     "rental", "rugby", "santa", "segway", "selfie", "smartwatch", "soccer", "soju", "spicy",
     "the", "tracksuit", "trophy", "tteokbokki", "udon", "ufo", "usb", "using", "walkie",
     "welsh", "whiteboard", "wildfire", "with", "without", "zelkova"}
)  # fmt: skip


def korean_words_of_the_lexicon():
    lexicon = load_lexicon()
    close = {word for word, _ in load_domain("close")}
    for item in (*lexicon.concepts, *lexicon.groups, *lexicon.unsupported):
        yield from item.korean
    for concept in lexicon.concepts:
        for related in concept.related:
            yield from (word for word in related.korean if word not in close)


def test_no_word_stands_in_two_places():
    grammar = load_korean_grammar()
    words = [word for domain in DOMAINS for word, _ in load_domain(domain)]
    words += [word for word, _ in load_domain("close")]
    words += [word.replace(" ", "") for word in korean_words_of_the_lexicon()]
    words += [word for word in grammar.prenominal if word != "수"]

    assert [word for word, count in Counter(words).items() if count > 1] == []


def test_there_are_three_thousand_words():
    assert len({**merge_readings(load_lexicon()), **load_korean_grammar().prenominal}) >= 3000


def test_words_are_hangul_without_spaces():
    words = [word for domain in (*DOMAINS, "close") for word, _ in load_domain(domain)]

    assert [word for word in words if not all("가" <= char <= "힣" for char in word)] == []


def test_every_reading_is_english():
    real = load_dictionary()
    readings = {*load_korean_readings().values(), *load_korean_grammar().prenominal.values()}
    words = {word for reading in readings for word in reading.replace("-", " ").split()}

    assert all(reading.isascii() and reading == reading.strip().lower() for reading in readings)
    strange = {word for word in words if len(word) > 2 and real.frequency_of(word) is None}
    assert strange <= REVIEWED


def test_close_readings_are_of_words_of_the_lexicon():
    close = {
        word
        for concept in load_lexicon().concepts
        for related in concept.related
        for word in related.korean
    }

    assert {word for word, _ in load_domain("close")} <= close


@pytest.mark.parametrize(
    ("korean", "english"), [("남자", "man"), ("풍차", "windmill"), ("사람", "person")]
)
def test_the_closest_reading_is_taken(korean, english):
    assert merge_readings(load_lexicon())[korean] == english
