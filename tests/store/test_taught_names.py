"""One contract for every `TaughtNames`: in SQLite, in PostgreSQL and in the fake."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from ovd.domain.ports import CountStore
from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import ExampleKind
from ovd.errors import CameraError
from ovd.store.schema.taught_tables import TaughtExampleRow
from tests.builders import START, make_example, make_taught
from tests.fakes import MemoryStore
from tests.store.databases import make_empty, make_url, open_store


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CountStore]:
    if request.param == "fake":
        yield MemoryStore()
        return
    url = make_url(make_empty(tmp_path / "ovd.db"))
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    with open_store(url, now=lambda: START) as opened:
        yield opened


def test_taught_name_comes_back_as_it_was_kept(store: CountStore):
    vectors = [
        RegionVector(np.float32([1, 2, 3, 4]), -2.5, (0.5, 0.0, -0.25, 1.0)),
        RegionVector(np.float32([4, 3, 2, 1]), 0.125),
    ]
    examples = [make_example(1), make_example(2, ExampleKind.REFUSED)]

    kept = store.taught_names.add(make_taught("Forklift", vectors, examples))
    [found] = store.taught_names.all()

    assert (found.name, found.version, found.created_at) == ("forklift", 1, START)
    assert kept.prompt == found.prompt == "forklift [taught 1]"
    assert found.estimate == kept.estimate
    for vector, expected in zip(found.vectors, vectors, strict=True):
        assert vector.vector.tolist() == expected.vector.tolist()
        assert (vector.bias, vector.box_offset) == (expected.bias, expected.box_offset)
    for example, expected in zip(found.examples, examples, strict=True):
        assert (example.kind, example.xyxy, example.source) == (
            expected.kind,
            expected.xyxy,
            expected.source,
        )
        assert example.region_embeds.tolist() == expected.region_embeds.tolist()
        assert example.region_xyxy.tolist() == expected.region_xyxy.tolist()
        assert example.other_embeds.tolist() == expected.other_embeds.tolist()


def test_change_is_a_new_version_that_takes_the_place_of_the_last(store: CountStore):
    store.taught_names.add(make_taught("forklift"))
    store.taught_names.add(make_taught("pallet"))
    store.taught_names.add(make_taught("forklift"))

    assert [item.prompt for item in store.taught_names.all()] == [
        "forklift [taught 2]",
        "pallet [taught 1]",
    ]
    assert len(store.taught_names.versions()) == 3


def test_removed_name_is_no_longer_in_use_and_keeps_its_versions(store: CountStore):
    store.taught_names.add(make_taught("forklift"))

    assert store.taught_names.remove("Forklift")
    assert not store.taught_names.remove("forklift")
    assert store.taught_names.all() == ()
    assert [item.version for item in store.taught_names.versions()] == [1]
    assert store.taught_names.add(make_taught("forklift")).version == 2


def test_name_of_one_camera_stands_beside_that_of_all(store: CountStore):
    store.cameras.record("gate", "x.mp4")
    store.taught_names.add(make_taught("forklift"))
    store.taught_names.add(make_taught("forklift", camera="gate"))

    assert {(item.camera, item.version) for item in store.taught_names.all()} == {
        ("", 1),
        ("gate", 2),
    }
    assert store.taught_names.remove("forklift", "gate")
    assert [item.camera for item in store.taught_names.all()] == [""]


def test_camera_of_a_taught_name_must_exist(tmp_path: Path):
    with open_store(f"sqlite:///{tmp_path / 'ovd.db'}") as store, pytest.raises(CameraError):
        store.taught_names.add(make_taught("forklift", camera="nowhere"))


def test_versions_share_the_examples_that_they_have_in_common(tmp_path: Path):
    first, second = make_example(1), make_example(2)
    with open_store(f"sqlite:///{tmp_path / 'ovd.db'}") as store:
        store.taught_names.add(make_taught(examples=[first]))
        store.taught_names.add(make_taught(examples=[replace(first), second]))
        with store.database.read() as connection:
            kept = connection.scalar(select(func.count()).select_from(TaughtExampleRow))

    assert kept == 2
