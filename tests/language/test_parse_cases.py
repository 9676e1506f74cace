"""A table of texts and how they must be read; `data/parse_cases.tsv` explains its columns."""

from pathlib import Path

import pytest

from ovd.language import VocabularyReader
from tests.language.vocabularies import COCO

LINES = (Path(__file__).parent / "data" / "parse_cases.tsv").read_text(encoding="utf-8")
CASES = [line.split("\t") for line in LINES.splitlines() if not line.startswith("#")]
READER = VocabularyReader(COCO, 0.35)


def names(cell):
    if cell == "*":
        return COCO
    return () if cell in ("", "-") else tuple(cell.split(", "))


def test_the_table_is_long_and_repeats_nothing():
    assert len({case[0] for case in CASES}) == len(CASES) >= 200


@pytest.mark.parametrize(("text", "read_as", "prompts", "excluded", "min_score"), CASES)
def test_text_is_read_as_written_in_the_table(text, read_as, prompts, excluded, min_score):
    query = READER.read(text)

    assert (query.read_as, query.prompts, query.excluded, query.min_score) == (
        read_as,
        names(prompts),
        names(excluded),
        float(min_score or 0.35),
    )
