"""A table of texts with conditions and how they must be read; its first lines explain it."""

from pathlib import Path

import pytest

from ovd.domain.query import AttributeKind, JudgedConditions, RelationKind, StateKind
from ovd.language import VocabularyReader
from ovd.language.hangul import has_hangul
from tests.language.vocabularies import COCO, SITE

DATA = Path(__file__).parent.parent / "data"
LINES = (DATA / "condition_cases.tsv").read_text(encoding="utf-8")
CASES = [line.split("\t") for line in LINES.splitlines() if not line.startswith("#")]
NAMES = tuple(dict.fromkeys((*COCO, *SITE)))
COLOURS = frozenset({AttributeKind.COLOUR, AttributeKind.CLOTHES_COLOUR})
JUDGED = JudgedConditions(frozenset(RelationKind), frozenset(StateKind), groups=True)


@pytest.fixture(scope="module")
def reader():
    return VocabularyReader(NAMES, 0.35, COLOURS, conditions=JUDGED)


def conditions_of(query):
    parts = [
        f"{'not ' if item.negated else ''}{item.kind.value}: {' or '.join(item.prompts)}"
        for item in query.relations
    ]
    if query.state is not None:
        parts.append(f"{query.state.kind.value}: {query.state.for_s:g}")
    if query.group is not None:
        parts.append(f"{'group' if query.group.near else 'at least'}: {query.group.least}")
    alerts = [note.code.value for note in query.notes if note.code.value.startswith("alert")]
    return "; ".join(parts or alerts)


def test_the_table_is_long_and_takes_nothing_from_other_tables():
    texts = [case[0] for case in CASES]
    others = {
        line.split("\t")[0].strip()
        for path in DATA.glob("*.t*")
        if path.name != "condition_cases.tsv"
        for line in path.read_text(encoding="utf-8").splitlines()
    }

    assert len(set(texts)) == len(texts) >= 120
    assert sum(map(has_hangul, texts)) >= 60
    assert others.isdisjoint(texts)


@pytest.mark.parametrize(("text", "read_as", "conditions"), CASES)
def test_text_is_read_as_written_in_the_table(reader, text, read_as, conditions):
    query = reader.read(text)

    reading = query.read_as if query.supported else f"[{query.notes[0].code.value}]"
    assert (reading, conditions_of(query)) == (read_as, conditions)


@pytest.mark.parametrize("text", [case[0] for case in CASES if not case[1].startswith("[")])
def test_a_reading_is_read_the_same_again(reader, text):
    query = reader.read(text)
    again = reader.read(query.read_as)

    assert (again.read_as, again.prompts) == (query.read_as, query.prompts)
    assert (again.relations, again.state, again.group) == (
        query.relations,
        query.state,
        query.group,
    )
