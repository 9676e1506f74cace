"""A database and a `fleet.json` of version 0.1.0 lose nothing."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy import make_url as parse_url

from ovd.bootstrap import open_catalogue
from ovd.domain.cameras import CameraOptions, CameraQuery
from ovd.domain.live import Transport
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection
from ovd.domain.zones import LineZone
from ovd.errors import CredentialsError
from ovd.services.cameras import CameraService
from ovd.services.fleet_file import import_fleet_file
from ovd.settings import Settings
from ovd.store.schema.upgrade import MIGRATIONS
from tests.postgres_server import PostgresServer
from tests.store.databases import make_url

NFC, NFD = "\uc815\ubb38", "\u110c\u1165\u11bc\u1106\u116e\u11ab"
ALL = CountSelection()
FILL = (
    "INSERT INTO cameras VALUES (1, 'gate', 'rtsp://192.0.2.7/1', :noon, true)",
    "INSERT INTO cameras VALUES (2, 'old', 'old.mp4', :noon, false)",
    "INSERT INTO cameras VALUES (3, :nfc, 'a.mp4', :noon, true)",
    "INSERT INTO cameras VALUES (4, :nfd, 'b.mp4', :noon, true)",
    "INSERT INTO queries VALUES (1, 'person', 'person', '[\"person\"]', '[]', 0.5, :noon)",
    "INSERT INTO queries VALUES (2, :nfd, 'gate', '[\"gate\"]', '[]', 0.5, :noon)",
    "INSERT INTO zones VALUES (1, 1, 'door', 'line', '[[0.1, 0.5], [0.9, 0.5]]', 'bottom', NULL)",
    "INSERT INTO saved_queries VALUES ('person', 'Person', :noon)",
    "INSERT INTO saved_queries VALUES (:nfd, :nfd, :noon)",
    "INSERT INTO saved_queries VALUES (:nfc, :nfc, :noon)",
)
FLEET = {
    "version": 1,
    "cameras": [
        {
            "camera": "gate",
            "uri": "rtsp://192.0.2.7/1",
            "complete": False,
            "queries": [["person", 0.5], ["red car", 0.4]],
            "sample_fps": 2.0,
            "transport": "udp",
        },
        {
            "camera": "yard",
            "uri": "rtsp://viewer:{YARD}@192.0.2.8/1",
            "complete": True,
            "queries": [["person", 0.35]],
            "sample_fps": None,
            "transport": None,
        },
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A data folder as version 0.1.0 left it."""
    url = make_url(tmp_path / "ovd.db")
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create("taking_over")
    fill(url)
    (tmp_path / "fleet.json").write_text(json.dumps(FLEET))
    return Settings(data_dir=tmp_path, db=url)


@contextmanager
def open_store(settings: Settings) -> Iterator[CountStore]:
    """The store as the app opens it."""
    with closing(open_catalogue(settings)) as store:
        import_fleet_file(settings.data_dir / "fleet.json", CameraService(store.cameras))
        yield store


def fill(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    driver = {"postgresql": "postgresql+psycopg"}.get(url.split(":")[0], "sqlite")
    engine = create_engine(parse_url(url).set(drivername=driver))
    zone = "" if driver == "sqlite" else "+00"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        noon = {"noon": f"2026-03-01 12:00:00.000000{zone}"}
        names = {"nfc": NFC, "nfd": NFD}
        for statement in FILL:
            connection.execute(text(statement), noon | names)
        for camera in (1, 2, 3, 4):
            run = {"id": camera, **noon}
            connection.execute(
                text(
                    "INSERT INTO runs VALUES "
                    "(:id, :id, 'fake', '', :noon, NULL, 'done', '', 'here', 1, :noon)"
                ),
                run,
            )
            for query in (1, 2):
                key = 10 * camera + query
                values = {"key": key, "query": query, "count": camera, **run}
                connection.execute(
                    text(
                        "INSERT INTO frame_counts VALUES "
                        "(:key, :id, :id, :query, 0, :noon, 0.5, :count, 0.9)"
                    ),
                    values,
                )
                for bucket in ("minute", "hour", "day"):
                    connection.execute(
                        text(
                            "INSERT INTO rollups VALUES "
                            "(:id, :query, :bucket, :noon, 0.5, 1, :count, :count, 0)"
                        ),
                        values | {"bucket": bucket},
                    )
        if driver != "sqlite":
            connection.execute(text("SELECT setval('cameras_id_seq', 100)"))
    engine.dispose()


def test_counts_zones_and_saved_queries_are_kept(settings: Settings):
    with open_store(settings) as store:
        totals = [
            (total.camera, total.query, total.samples, total.count_sum, total.count_max)
            for total in store.counts.totals(ALL, 60)
        ]
        by_second = {(t.camera, t.query): t.count_sum for t in store.counts.totals(ALL, 1)}
        gate = store.cameras.find("gate")

        assert totals == [
            (camera, query, samples, total, highest)
            for camera, samples, total, highest in (
                ("gate", 1, 1, 1),
                ("old", 1, 2, 2),
                (NFC, 2, 7, 4),
            )
            for query in ("person", NFC)
        ]
        assert by_second == {(camera, query): total for camera, query, _, total, _ in totals}
        assert store.zones.of(gate) == (LineZone("door", ((0.1, 0.5), (0.9, 0.5))),)
        assert sorted(store.saved_queries.all()) == ["Person", NFC]


def test_removed_cameras_stay_removed_and_in_reports(settings: Settings):
    with open_store(settings) as store:
        assert "old" not in {camera.name for camera in store.cameras.all()}
        assert "old" in {extent.camera for extent in store.counts.extents(ALL)}


def test_cameras_that_were_counted_are_enabled_with_all_that_was_set(settings: Settings):
    with open_store(settings) as store:
        enabled = {camera.name: camera for camera in store.cameras.all() if camera.enabled}

        assert set(enabled) == {"gate", "yard"}
        assert enabled["gate"].queries == (CameraQuery("person", 0.5), CameraQuery("red car", 0.4))
        assert enabled["gate"].options == CameraOptions(2.0, Transport.UDP)
        assert store.cameras.find_address("yard") == "rtsp://viewer:{YARD}@192.0.2.8/1"
        with pytest.raises(CredentialsError, match="its password is not kept"):
            store.cameras.find_address("gate")


def test_file_is_read_once(settings: Settings):
    with open_store(settings) as store:
        store.cameras.remove("yard")
    with open_store(settings) as store:
        assert "yard" not in {camera.name for camera in store.cameras.all()}

    assert not (settings.data_dir / "fleet.json").exists()
