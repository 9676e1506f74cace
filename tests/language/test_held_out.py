"""The held-out files are well formed, and held out; `bench/language.py` measures on them."""

from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


def rows(name):
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(
    ("name", "columns", "least"),
    [
        ("typos_en.tsv", 2, 200),
        ("typos_ko.tsv", 2, 200),
        ("korean_queries.tsv", 2, 300),
        ("clean_en.txt", 1, 250),
        ("clean_ko.txt", 1, 250),
        ("fresh_en.txt", 1, 150),
        ("fresh_ko.txt", 1, 200),
    ],
)
def test_a_file_holds_enough_rows_and_no_row_twice(name, columns, least):
    found = rows(name)

    assert {len(row) for row in found} == {columns}
    assert len({row[0] for row in found}) == len(found) >= least


@pytest.mark.parametrize("language", ["en", "ko"])
def test_fresh_texts_are_none_of_the_clean_ones(language):
    clean, fresh = (
        {row[0] for row in rows(f"{name}_{language}.txt")} for name in ("clean", "fresh")
    )

    assert clean.isdisjoint(fresh)


@pytest.mark.parametrize("name", ["typos_en.tsv", "typos_ko.tsv"])
def test_a_typo_differs_from_what_was_meant(name):
    assert [typed for typed, meant in rows(name) if typed == meant] == []
