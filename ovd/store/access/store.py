"""SqlAccessStore: the repositories of access on one database."""

from ovd.store.access.audit import SqlAuditRepository
from ovd.store.access.sessions import SqlSessionRepository
from ovd.store.access.tokens import SqlTokenRepository
from ovd.store.access.users import SqlUserRepository
from ovd.store.database import Database


class SqlAccessStore:
    """Implements `ovd.domain.ports.AccessStore`."""

    def __init__(self, database: Database) -> None:
        """Build the repositories of an open database."""
        self.users = SqlUserRepository(database)
        self.sessions = SqlSessionRepository(database)
        self.tokens = SqlTokenRepository(database)
        self.audit = SqlAuditRepository(database)
