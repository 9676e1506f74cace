"""Zones, what happened at them, and when anything was followed at all."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ovd.domain.cameras import Camera
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.query import Query
from ovd.domain.records import CountSelection, Run
from ovd.domain.tracking import TrackedInterval, ZoneEventRecord
from ovd.domain.zones import Zone, require_distinct_names
from ovd.store.database import Database
from ovd.store.queries import QueryRows
from ovd.store.schema.tables import (
    CameraRow,
    QueryRow,
    TrackedIntervalRow,
    TrackRow,
    ZoneEventRow,
    ZoneRow,
)
from ovd.store.statements.reading import by_code_point, read_kept_from, selected
from ovd.store.statements.zones import current_zones, replace_zones, visitors_statement, zones_named
from ovd.store.writing.queued_rows import EventEntry, TrackedIntervalEntry


class SqlZoneRepository:
    """Implements `ovd.domain.tracking.ZoneRepository`."""

    def __init__(self, database: Database, queries: QueryRows) -> None:
        """Work on an open database."""
        self._database = database
        self._queries = queries
        self._zone_ids: dict[tuple[int, Zone], int] = {}

    def of(self, camera: Camera) -> tuple[Zone, ...]:
        """Return the zones of a camera as they are now, the oldest first."""
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.zone() for row in session.scalars(current_zones(camera.id)))

    def replace(self, camera: Camera, zones: Sequence[Zone]) -> None:
        """Replace the zones of a camera; what happened at the others stays with them.

        Raises:
            ZoneError: If two have the same name.
            StoreError: If they cannot be written.
        """
        wanted = require_distinct_names(zones)
        now = self._database.now()
        self._database.change(lambda to: replace_zones(to, camera.id, wanted, now))

    def add_event(self, run: Run, query: Query, event: CountEvent) -> None:
        """Queue what a track did at a zone that was set for the camera.

        Raises:
            ValueError: If the zone was never set, or the query is unsupported.
            StoreError: If an earlier write failed; then this event was not queued.
        """
        entry = EventEntry(
            run_id=run.id,
            zone_id=self._zone_id(run.camera, event.zone),
            query_id=self._queries.id_of(query),
            track_id=event.track_id,
            kind=event.kind.value,
            at=event.at,
            dwell_s=event.dwell_s,
        )
        self._database.put([entry])

    def add_tracked_interval(
        self,
        run: Run,
        query: Query,
        zones: Sequence[Zone],
        first_at: datetime,
        last_at: datetime,
    ) -> None:
        """Queue that a query was followed, at each of the zones too; widens what is known.

        Raises:
            ValueError: If a zone was never set, or the query is unsupported.
            StoreError: If an earlier write failed; then nothing was queued.
        """
        zone_ids = [None, *(self._zone_id(run.camera, zone) for zone in zones)]
        query_id = self._queries.id_of(query)
        self._database.put(
            [
                TrackedIntervalEntry(run.id, run.camera.id, query_id, zone_id, first_at, last_at)
                for zone_id in zone_ids
            ]
        )

    def tracked_intervals(self, selection: CountSelection) -> tuple[TrackedInterval, ...]:
        """Return the intervals that touch the selected time, cut to what pruning left."""
        statement = (
            select(TrackedIntervalRow, CameraRow.name, QueryRow.text, ZoneRow)
            .join(CameraRow, CameraRow.id == TrackedIntervalRow.camera_id)
            .join(QueryRow, QueryRow.id == TrackedIntervalRow.query_id)
            .outerjoin(ZoneRow, ZoneRow.id == TrackedIntervalRow.zone_id)
            .where(
                *selected(
                    selection,
                    TrackedIntervalRow.run_id,
                    TrackedIntervalRow.first_at,
                    TrackedIntervalRow.last_at,
                ),
                TrackedIntervalRow.superseded.is_(False),
            )
            .order_by(TrackedIntervalRow.first_at, TrackedIntervalRow.id)
        )
        with self._database.read() as connection, Session(connection) as session:
            kept_tracks = read_kept_from(connection, TrackRow.__tablename__)
            kept_events = read_kept_from(connection, ZoneEventRow.__tablename__)
            found = []
            for row, camera, query, zone in session.execute(statement):
                kept_from = kept_tracks if zone is None else kept_events
                first_at = row.first_at if kept_from is None else max(row.first_at, kept_from)
                if first_at <= row.last_at:
                    place = None if zone is None else zone.zone()
                    found.append(
                        TrackedInterval(camera, query, row.run_id, place, first_at, row.last_at)
                    )
        return tuple(found)

    def zone_events(self, selection: CountSelection) -> Iterator[ZoneEventRecord]:
        """Events of zones in the selected time, by camera, query and time."""
        event = ZoneEventRow
        statement: Select[*tuple[Any, ...]] = (
            select(CameraRow.name, QueryRow.text, event.run_id, event.zone_id, event.track_id)
            .add_columns(event.kind, event.at, event.dwell_s)
            .join_from(event, ZoneRow, ZoneRow.id == event.zone_id)
            .join(CameraRow, CameraRow.id == ZoneRow.camera_id)
            .join(QueryRow, QueryRow.id == event.query_id)
            .where(
                *selected(selection, event.run_id, event.at, event.at), event.superseded.is_(False)
            )
        )
        with self._database.read() as connection, Session(connection) as session:
            zones = {row.id: row.zone() for row in session.scalars(select(ZoneRow))}
            names = by_code_point(connection, CameraRow.name, QueryRow.text)
            ordered = statement.order_by(*names, event.at, event.id)
            streaming = ordered.execution_options(yield_per=1000)
            for camera, query, run_id, zone_id, track_id, kind, at, dwell_s in session.execute(
                streaming
            ):
                yield ZoneEventRecord(
                    camera,
                    query,
                    run_id,
                    zones[zone_id],
                    track_id,
                    ZoneEventKind(kind),
                    at,
                    dwell_s,
                )

    def visitors(self, selection: CountSelection) -> tuple[ZoneEventRecord, ...]:
        """Return the entries of objects inside a polygon at the start of the selected time."""
        if selection.start_at is None:
            return ()
        with self._database.read() as connection, Session(connection) as session:
            rows = session.execute(visitors_statement(selection, selection.start_at)).all()
            zones = {row.zone_id: session.get_one(ZoneRow, row.zone_id).zone() for row in rows}
            return tuple(
                ZoneEventRecord(
                    row.name,
                    row.text,
                    row.run_id,
                    zones[row.zone_id],
                    row.track_id,
                    ZoneEventKind.ENTER,
                    row.entered_at,
                    None,
                )
                for row in rows
            )

    def _zone_id(self, camera: Camera, zone: Zone) -> int:
        key = (camera.id, zone)
        if key not in self._zone_ids:
            with self._database.read() as connection, Session(connection) as session:
                rows = session.scalars(zones_named(camera.id, zone.name))
                found = next((row.id for row in rows if row.zone() == zone), None)
            if found is None:
                raise ValueError(f"zone {zone.name!r} was never set for camera {camera.name!r}")
            self._zone_ids[key] = found
        return self._zone_ids[key]
