"""The tables of the database, wherever they are declared."""

from sqlalchemy import MetaData

from ovd.store.schema import (
    access_tables,
    alert_tables,
    delivery_tables,
    site_tables,
    tables,
    taught_tables,
)

# Each adds its tables to the same metadata while it is imported.
MODULES = (tables, access_tables, alert_tables, delivery_tables, site_tables, taught_tables)
METADATA: MetaData = tables.Base.metadata
