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
    ],
)
def test_a_file_holds_enough_rows_and_no_row_twice(name, columns, least):
    found = rows(name)

    assert {len(row) for row in found} == {columns}
    assert len({row[0] for row in found}) == len(found) >= least


@pytest.mark.parametrize("name", ["typos_en.tsv", "typos_ko.tsv"])
def test_a_typo_differs_from_what_was_meant(name):
    assert [typed for typed, meant in rows(name) if typed == meant] == []
