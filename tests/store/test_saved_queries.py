from collections.abc import Iterator

import pytest

from ovd.store.connection.engine import open_engine
from ovd.store.saved_queries import SqlSavedQueries
from ovd.video.clock import SystemClock


@pytest.fixture
def saved(url: str) -> Iterator[SqlSavedQueries]:
    queries = SqlSavedQueries(open_engine(url), SystemClock())
    yield queries
    queries.close()


def test_saved_queries_come_in_the_order_in_which_they_were_added(saved: SqlSavedQueries):
    added = [saved.add(text) for text in ("vehicle except bus", "사람", "car >0.5")]

    assert added == [True, True, True]
    assert saved.all() == ("vehicle except bus", "사람", "car >0.5")


def test_a_query_is_saved_once_whatever_its_case(saved: SqlSavedQueries):
    saved.add("Person")

    assert not saved.add("person")
    assert saved.all() == ("Person",)


def test_a_removed_query_is_gone_and_can_be_added_again(saved: SqlSavedQueries):
    saved.add("Person")

    assert saved.remove("person")
    assert not saved.remove("person")
    assert saved.all() == ()
    assert saved.add("person")
