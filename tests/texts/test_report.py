from dataclasses import fields
from string import Formatter

import pytest

from ovd.errors import InputError
from ovd.texts.report import ENGLISH, KOREAN, TEXTS, report_texts


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_has_the_same_fields_in_every_language():
    for field in fields(ENGLISH):
        english, korean = getattr(ENGLISH, field.name), getattr(KOREAN, field.name)
        assert english
        assert len(korean) > 0
        if isinstance(english, str):
            assert fields_of(english) == fields_of(korean), field.name


@pytest.mark.parametrize("texts", TEXTS.values())
def test_sheet_names_are_ones_that_excel_takes(texts):
    names = [texts.summary_sheet, texts.charts_sheet, texts.data_sheet, texts.counts_sheet]

    assert len({*names, texts.heat_map}) == 5
    assert all(len(name) < 28 and not set(name) & set("[]:*?/\\'") for name in names)


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 s"), (90, "90 s"), (900, "15 min"), (7200, "2 h"), (86400, "1 d")]
)
def test_lengths_are_said_in_the_largest_whole_unit(seconds, words):
    assert ENGLISH.length(seconds) == words


def test_unknown_language_is_refused():
    with pytest.raises(InputError, match="no report language 'fr'; available: en, ko"):
        report_texts("fr")
