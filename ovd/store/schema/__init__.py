"""The tables and how a database is brought up to date."""

from ovd.store.schema.taught_tables import TaughtNameRow

__all__ = ["TaughtNameRow"]
