"""Alembic revisions; `ovd.store.upgrade` runs them."""
