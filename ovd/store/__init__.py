"""SQLAlchemy behind the ports of `ovd.domain.ports.store`."""

from ovd.store.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
