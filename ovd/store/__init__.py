"""SQLAlchemy behind the CountStore port."""

from ovd.store.counts import SqlCountStore

__all__ = ["SqlCountStore"]
