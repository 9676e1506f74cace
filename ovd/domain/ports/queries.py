"""Port of the query reader."""

from typing import Protocol

from ovd.domain.query import Query


class QueryReader(Protocol):
    """Reads query texts."""

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Read one query; `min_score` None takes the detector's default.

        A thing the detector has not learned gives a query with `supported` False and a note
        that names the nearest supported names.

        Raises:
            QueryError: If the text is empty, too long or holds control characters, or the
                threshold is outside [0, 1].
        """
        ...

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Read queries separated by commas, semicolons or lines; repetitions are dropped.

        Raises:
            QueryError: As `read`; also if there are too many.
        """
        ...

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Return supported completions of `prefix`, tolerant of typos; best first."""
        ...
