"""Brings the names of an older database into one Unicode form, without spaces around them."""

import unicodedata

from sqlalchemy import Connection, column, select, table, text

# Tables that name their camera; rollups are summed apart.
_OF_CAMERAS = ("runs", "frame_counts", "gaps", "tracks", "zones", "watches")


def _unify(name: str) -> str:
    """Return what `ovd.domain.names.normalise_name` did when this revision was written."""
    return unicodedata.normalize("NFC", name).strip()


def unify_names(connection: Connection) -> None:
    """Unify cameras, queries, zones and saved queries; what gets one name becomes one thing."""
    _unify_cameras(connection)
    _unify_saved_queries(connection)
    _unify_column(connection, "queries", "text")
    _unify_column(connection, "zones", "name")


def _unify_column(connection: Connection, table_name: str, name: str) -> None:
    named = table(table_name, column("id"), column(name))
    for key, value in connection.execute(select(named.c.id, named.c[name])).all():
        if _unify(value) != value:
            change = named.update().where(named.c.id == key)
            connection.execute(change.values({name: _unify(value)}))


def _unify_cameras(connection: Connection) -> None:
    first: dict[str, int] = {}
    rows = connection.execute(text("SELECT id, name FROM cameras ORDER BY id")).all()
    # A camera whose name has the form already is the one that others are joined to.
    for key, name in sorted(rows, key=lambda row: (row[1] != _unify(row[1]), row[0])):
        unified = _unify(name) or name
        kept = first.setdefault(unified, key)
        if kept != key:
            _join(connection, key, kept)
        elif unified != name:
            change = text("UPDATE cameras SET name = :name WHERE id = :key")
            connection.execute(change, {"name": unified, "key": key})


def _join(connection: Connection, key: int, kept: int) -> None:
    """Give all that a camera has to another one, and remove it."""
    values = {"key": key, "kept": kept}
    for name in _OF_CAMERAS:
        owned = table(name, column("camera_id"))
        change = owned.update().where(owned.c.camera_id == key)
        connection.execute(change.values(camera_id=kept))
    connection.execute(
        text(
            "INSERT INTO rollups (camera_id, query_id, bucket, bucket_start, observed_s, samples, "
            "count_sum, count_max, uniques) "
            "SELECT :kept, query_id, bucket, bucket_start, observed_s, samples, count_sum, "
            "count_max, uniques FROM rollups WHERE camera_id = :key "
            "ON CONFLICT (camera_id, query_id, bucket, bucket_start) DO UPDATE SET "
            "observed_s = rollups.observed_s + excluded.observed_s, "
            "samples = rollups.samples + excluded.samples, "
            "count_sum = rollups.count_sum + excluded.count_sum, "
            "count_max = CASE WHEN excluded.count_max > rollups.count_max "
            "THEN excluded.count_max ELSE rollups.count_max END, "
            "uniques = rollups.uniques + excluded.uniques"
        ),
        values,
    )
    connection.execute(text("DELETE FROM rollups WHERE camera_id = :key"), values)
    connection.execute(text("DELETE FROM cameras WHERE id = :key"), values)


def _unify_saved_queries(connection: Connection) -> None:
    rows = connection.execute(text("SELECT key, text FROM saved_queries ORDER BY created_at")).all()
    wanted: dict[str, tuple[str, str]] = {}
    for key, query in rows:
        wanted.setdefault(_unify(_unify(query).casefold()), (key, _unify(query)))
    kept = {key for key, _ in wanted.values()}
    for key, _ in rows:
        if key not in kept:
            connection.execute(text("DELETE FROM saved_queries WHERE key = :key"), {"key": key})
    for unified, (key, query) in wanted.items():
        change = text("UPDATE saved_queries SET key = :new, text = :text WHERE key = :key")
        connection.execute(change, {"new": unified, "text": query, "key": key})
