from datetime import timedelta

from ovd.domain.ports import HistoryPoint
from ovd.errors import StoreError
from ovd.services.history.recent import recall_points
from tests.builders import START, make_frame, make_result
from tests.fakes import MemoryStore


def make_store(*indices: int) -> MemoryStore:
    store = MemoryStore()
    run = store.runs.start(store.cameras.record("gate", "list"), "fake", "0", START)
    for index in indices:
        store.counts.add_result(run, make_result(make_frame(index), {"person": index, "car": 1}))
    return store


def test_counts_of_all_queries_are_recalled_by_frame():
    at = make_frame(3).captured_at

    points = recall_points(make_store(1, 3).counts, "gate", ["person", "car"], at)

    assert points == (HistoryPoint(make_frame(1).captured_at, (("person", 1), ("car", 1))),)


def test_what_is_long_past_is_not_recalled():
    store, at = make_store(1), make_frame(1).captured_at + timedelta(hours=1)

    assert recall_points(store.counts, "gate", ["person"], at) == ()


def test_database_that_cannot_be_read_gives_nothing():
    class Failing:
        def frames(self, *_: object) -> None:
            raise StoreError("the disk is gone")

    assert recall_points(Failing(), "gate", ["person"], START) == ()
