"""Alembic revisions; `ovd.store.schema.upgrade` runs them."""
