"""The database, and how long counts are kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ovd.domain.ports import CountStore, EvidenceArchive
from ovd.domain.records import Keep, RetentionPolicy
from ovd.services.closing import Closer
from ovd.services.upkeep.archive import EVIDENCE, ArchiveParts, write_archive
from ovd.services.upkeep.storage import Storage, StoragePlaces, measure_storage
from ovd.settings import MQTT_TARGET, Settings
from ovd.store import open_store as open_sql_store
from ovd.store.connection.engine import folder_of, parse_url
from ovd.store.credentials import CredentialCipher
from ovd.store.database import DatabaseOptions
from ovd.video.clock import SystemClock

KEY_FILE = "secret.key"


def open_cipher(settings: Settings) -> CredentialCipher:
    """Return what encrypts credentials, and signs addresses."""
    return CredentialCipher(settings.data_dir / KEY_FILE, settings.secret_key)


def open_catalogue(settings: Settings, must_exist: bool = False) -> CountStore:
    """Open the database for its cameras and saved queries, created where there is none.

    Args:
        settings: Where it lies, and the key of its credentials.
        must_exist: Whether a missing database is an error.

    Raises:
        StoreError: If it cannot be used.
    """
    cipher = open_cipher(settings)
    options = DatabaseOptions(settings.flush_interval_s, must_exist)
    also_to = () if settings.mqtt is None else (MQTT_TARGET,)
    return open_sql_store(settings.db_url, cipher, options, also_to=also_to)


def open_history(settings: Settings) -> CountStore:
    """Open the database to read it; one that does not exist is not created.

    Raises:
        StoreError: If it cannot be read.
    """
    return open_catalogue(settings, must_exist=True)


def open_store(settings: Settings) -> CountStore:
    """Open the database to count into it, created and brought up to date where needed.

    Runs that a dead process left open are closed as interrupted.

    Raises:
        StoreError: If it cannot be used.
    """
    store = open_catalogue(settings)
    closer = Closer()
    closer.add("database", store.close)
    with closer.on_error():
        store.runs.close_stale(SystemClock().now())
    return store


def retention_policy(settings: Settings) -> RetentionPolicy:
    """Return the retention policy of the settings."""
    return RetentionPolicy(
        frame_counts=Keep(settings.keep_counts_days, settings.keep_counts_bytes),
        tracks=Keep(settings.keep_tracks_days, settings.keep_tracks_bytes),
        zone_events=Keep(settings.keep_zone_events_days, settings.keep_zone_events_bytes),
        alerts=Keep(settings.keep_alerts_days),
        min_free_bytes=settings.min_free_bytes,
    )


def read_storage(settings: Settings) -> Storage:
    """Return how the disk of the data folder is used now."""
    file = parse_url(settings.db_url).database
    is_file = folder_of(settings.db_url) is not None and file is not None
    return measure_storage(
        StoragePlaces(
            settings.data_dir,
            Path(file or "") if is_file else None,
            settings.data_dir / EVIDENCE,
            settings.data_dir / "uploads",
            settings.data_dir / "jobs",
        )
    )


def write_backup(settings: Settings, target: Path, now: datetime, overwrite: bool = False) -> int:
    """Write database, key and images into one file; return its size in bytes.

    Raises:
        InputError: If the database is not a file.
        OutputError: If `target` exists and may not be overwritten, or cannot be written.
        StoreError: If the database cannot be copied.
    """
    from ovd.store.maintenance.backup import backup_file

    parts = ArchiveParts(
        lambda copy: backup_file(settings.db_url, copy),
        settings.data_dir / KEY_FILE,
        settings.data_dir / EVIDENCE,
    )
    return write_archive(target, parts, now, overwrite)


def give_room(settings: Settings, evidence: EvidenceArchive) -> Callable[[int], int]:
    """Return what frees bytes for counts: the oldest images, if both are on one disk."""

    def make_room(size: int) -> int:
        folder, data_dir = folder_of(settings.db_url), settings.data_dir
        if folder is None or not data_dir.exists():
            return 0
        return evidence.make_room(size) if folder.stat().st_dev == data_dir.stat().st_dev else 0

    return make_room
