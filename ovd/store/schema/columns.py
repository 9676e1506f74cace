"""Types of columns that mean the same in every database."""

import json
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator

from ovd.domain.frame import require_aware

# SQLite counts rows only in a column declared exactly INTEGER; other databases need 64 bits.
BigKey = BigInteger().with_variant(Integer, "sqlite")


def to_json(value: object) -> str:
    """Write a JSON column readable in the file, whatever the script."""
    return json.dumps(value, ensure_ascii=False)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware times, kept as UTC; a database without time zones gives them back aware, too.

    Raises:
        ValueError: If a naive time is to be written (SQLAlchemy wraps it in StatementError).
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, convert the others to UTC."""
        if value is None:
            return None
        require_aware(value, "a stored time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Attach or convert to UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
