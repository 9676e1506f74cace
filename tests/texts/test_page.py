import re
import string
from dataclasses import fields
from pathlib import Path

import pytest

import ovd.ui
from ovd.texts.languages import LANGUAGE_NAMES, Language
from ovd.texts.page import PAGE_TEXTS, PageTexts, page_texts

KEYS = [field.name for field in fields(PageTexts)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", list(Language))
def test_every_language_has_a_name_and_words(language: Language):
    assert language in LANGUAGE_NAMES
    assert [key for key in KEYS if not getattr(page_texts(language), key).strip()] == []


@pytest.mark.parametrize("key", KEYS)
def test_texts_of_all_languages_take_the_same_values(key: str):
    wanted = placeholders(getattr(page_texts(Language.EN), key))

    for language in Language:
        assert placeholders(getattr(PAGE_TEXTS[language], key)) == wanted


# The placeholder of the URL is an address, which has no language.
@pytest.mark.parametrize("key", [key for key in KEYS if key != "url_placeholder"])
def test_korean_texts_are_translated(key: str):
    assert getattr(page_texts(Language.KO), key) != getattr(page_texts(Language.EN), key)


def test_korean_texts_are_written_in_hangul():
    without = [
        key
        for key in KEYS
        if not any("가" <= letter <= "힣" for letter in getattr(page_texts(Language.KO), key))
    ]

    assert without == ["url_placeholder"]


def test_no_text_is_left_over():
    sources = Path(ovd.ui.__file__).parent.rglob("*.py")
    used = {
        name
        for source in sources
        for name in re.findall(r"texts\.(\w+)", source.read_text(encoding="utf-8"))
    }

    assert [key for key in KEYS if key not in used] == []
