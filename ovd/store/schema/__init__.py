"""The tables and how a database is brought up to date."""

# Every table belongs to the metadata, whichever module is imported first.
from ovd.store.schema import (
    access_tables,
    alert_tables,
    delivery_tables,
    site_tables,
    tables,
    taught_tables,
)

__all__ = [
    "access_tables",
    "alert_tables",
    "delivery_tables",
    "site_tables",
    "tables",
    "taught_tables",
]
