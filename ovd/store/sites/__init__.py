"""Keep sites: their settings, corrections, and the screens that show them."""

from ovd.store.sites.displays import SqlDisplayRepository
from ovd.store.sites.records import SqlSiteRecords
from ovd.store.sites.repository import SqlSiteRepository

__all__ = ["SqlDisplayRepository", "SqlSiteRecords", "SqlSiteRepository"]
