"""Alembic's entry point: run the revisions on the connection that `upgrade` hands over."""

from alembic import context

from ovd.store.schema.tables import Base

# The caller owns the transaction, so a failed upgrade leaves nothing behind. Batch mode is how
# SQLite gets an altered table.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
