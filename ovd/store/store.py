"""SqlStore: the repositories of one database."""

from collections.abc import Callable
from datetime import datetime

from ovd.domain.records import Erased, Erasure, RetentionPolicy, StoreHealth
from ovd.store.access.store import SqlAccessStore
from ovd.store.alerts.outbox import SqlOutbox
from ovd.store.alerts.repository import SqlAlertRepository
from ovd.store.alerts.targets import SqlTargetRepository
from ovd.store.alerts.views import SqlCameraViews
from ovd.store.cameras import SqlCameraRepository
from ovd.store.connection.closable import Closable
from ovd.store.counts import SqlCountRepository
from ovd.store.credentials import CredentialCipher
from ovd.store.database import Database, DatabaseOptions, utc_now
from ovd.store.delivery.schedules import SqlSchedules
from ovd.store.delivery.topic_names import SqlTopicNames
from ovd.store.jobs import SqlJobRepository
from ovd.store.maintenance.erasing import erase
from ovd.store.maintenance.upkeep import Upkeep
from ovd.store.queries import QueryRows
from ovd.store.runs import SqlRunRepository
from ovd.store.saved_queries import SqlSavedQueries
from ovd.store.servers import SqlServerLock
from ovd.store.sites import SqlDisplayRepository, SqlSiteRecords, SqlSiteRepository
from ovd.store.taught_names import SqlTaughtNames
from ovd.store.zones import SqlZoneRepository
from ovd.threads import ThreadHealth


class SqlStore(Closable):
    """Implements `ovd.domain.ports.CountStore` over SQLAlchemy."""

    def __init__(
        self, database: Database, cipher: CredentialCipher, also_to: tuple[str, ...] = ()
    ) -> None:
        """Build the repositories of an open database, which is closed with the store.

        Args:
            database: What they share.
            cipher: Encrypts the credentials of cameras.
            also_to: Names of targets that every alert is sent to.
        """
        self.database = database
        queries = QueryRows(database)
        self.cameras = SqlCameraRepository(database, cipher)
        self.runs = SqlRunRepository(database)
        self.counts = SqlCountRepository(database, queries)
        self.zones = SqlZoneRepository(database, queries)
        self.saved_queries = SqlSavedQueries(database)
        self.access = SqlAccessStore(database)
        self.jobs = SqlJobRepository(database)
        self.schedules = SqlSchedules(database)
        self.topic_names = SqlTopicNames(database)
        self.taught_names = SqlTaughtNames(database)
        self.sites = SqlSiteRepository(database)
        self.site_records = SqlSiteRecords(database)
        self.displays = SqlDisplayRepository(database)
        self.alerts = SqlAlertRepository(database, also_to)
        self.targets = SqlTargetRepository(database, cipher)
        self.outbox = SqlOutbox(database)
        self.views = SqlCameraViews(database)
        self._upkeep = Upkeep(database)
        self._server = SqlServerLock(database)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the thread that writes."""
        return self.database.threads

    def flush(self) -> None:
        """Return once everything queued so far is durable.

        Raises:
            StoreError: If it could not be written; it stays queued.
        """
        self.database.flush()

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int] = lambda _: 0) -> int:
        """Remove what a policy no longer keeps; see `Upkeep.trim`."""
        return self._upkeep.trim(policy, make_room)

    def erase(self, erasure: Erasure) -> Erased:
        """Erase a period; see `ovd.store.maintenance.erasing.erase`."""
        self.database.flush()
        return erase(self.database.change, erasure)

    def health(self) -> StoreHealth:
        """Return how the store stands; see `Upkeep.health`."""
        return self._upkeep.health()

    def claim(self) -> None:
        """Claim the database for the server that this process is, until the store is closed.

        Raises:
            ServerRunningError: If another server has it.
            StoreError: If it cannot be written.
        """
        self._server.acquire()

    def close(self) -> None:
        """Write what is queued and release the database. Calling it twice is harmless.

        Raises:
            StoreError: If rows could not be written; the message says how many were lost.
        """
        try:
            self._server.release()
        finally:
            self.database.close()


def open_store(
    url: str,
    cipher: CredentialCipher,
    options: DatabaseOptions | None = None,
    now: Callable[[], datetime] = utc_now,
    also_to: tuple[str, ...] = (),
) -> SqlStore:
    """Open a database with all its repositories; see `Database`.

    Raises:
        StoreError: If it cannot be used.
    """
    return SqlStore(Database(url, options, now), cipher, also_to)
