"""One contract for every `SavedQueries`: in SQLite, in PostgreSQL and in the fake."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from ovd.domain.spelling import SavedQueries
from tests.builders import START
from tests.fakes import MemorySavedQueries
from tests.store.databases import make_empty, make_url, open_store

COMPOSED, DECOMPOSED = "\uc0ac\ub78c", "\u1109\u1161\u1105\u1161\u11b7"


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SavedQueries]:
    if request.param == "fake":
        yield MemorySavedQueries()
        return
    url = make_url(make_empty(tmp_path / "ovd.db"))
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    seconds = count()
    with open_store(url, now=lambda: START + timedelta(seconds=next(seconds))) as store:
        yield store.saved_queries


def test_saved_queries_come_in_the_order_in_which_they_were_added(saved: SavedQueries):
    added = [saved.add(text) for text in ("vehicle except bus", "사람", "car >0.5")]

    assert added == [True, True, True]
    assert saved.all() == ("vehicle except bus", "사람", "car >0.5")


def test_a_query_is_saved_once_whatever_its_case(saved: SavedQueries):
    saved.add("Person")

    assert not saved.add("person")
    assert saved.all() == ("Person",)


def test_a_removed_query_is_gone_and_can_be_added_again(saved: SavedQueries):
    saved.add("Person")

    assert saved.remove("person")
    assert not saved.remove("person")
    assert saved.all() == ()
    assert saved.add("person")


@pytest.mark.parametrize("other", [DECOMPOSED, f" {COMPOSED} "])
def test_spellings_of_one_text_are_saved_once(saved: SavedQueries, other: str):
    saved.add(COMPOSED)

    assert not saved.add(other)
    assert saved.remove(other)
    assert saved.all() == ()
