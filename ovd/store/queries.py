"""QueryRows: the rows that counts point to, one for each reading and threshold."""

from ovd.domain.query import Query
from ovd.store.database import Database
from ovd.store.statements import writing


class QueryRows:
    """Finds and makes rows of `queries`; they never change, so their keys are remembered."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database
        self._ids: dict[Query, int] = {}

    def known_id(self, query: Query) -> int | None:
        """Return the key that `id_of` gave this query before; None if it did not."""
        return self._ids.get(query)

    def id_of(self, query: Query) -> int:
        """Return the key of the row with exactly this reading and threshold, made when it is new.

        Raises:
            ValueError: If the query is unsupported.
            StoreError: If it cannot be written.
        """
        if not query.supported:
            raise ValueError(f"{query.text!r} is unsupported, so it cannot have been counted")
        known = self._ids.get(query)
        if known is None:
            now = self._database.now()
            known = self._database.change(lambda to: writing.save_query(to, query, now))
            self._ids[query] = known
        return known
