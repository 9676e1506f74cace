"""The list of queries of a camera: the rules for changing it, whoever asks for the change."""

from collections.abc import Sequence

from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.errors import QueryError, QueryListedError

Queries = tuple[Query, ...]


class QueryService:
    """Changes lists of queries; each method returns the new list and leaves the old one alone."""

    def __init__(self, reader: QueryReader) -> None:
        """Work with a reader.

        Args:
            reader: Reads what users type.
        """
        self._reader = reader

    def read(self, query_text: str, min_score: float | None = None) -> Queries:
        """Read one query, or several between commas.

        Raises:
            QueryError: If one cannot be read.
        """
        return self._reader.read_many(query_text, min_score)

    def add(self, listed: Sequence[Query], query_text: str) -> Queries:
        """Read one query, or several between commas, and put all of them or none at the end.

        Raises:
            QueryListedError: If one is on the list already, as typed or as another that counts
                the same.
            QueryError: If one cannot be read.
        """
        added = self.read(query_text)
        known = list(listed)
        for query in added:
            same = next((other for other in known if _counts_the_same(query, other)), None)
            if same is not None:
                raise QueryListedError(query.text, same.text)
            known.append(query)
        return tuple(known)

    def replace(self, listed: Sequence[Query], query_text: str, instead: str) -> Queries:
        """Put another query in the place of one on the list; one that is listed stays where it is.

        Raises:
            QueryError: If the other query cannot be read.
        """
        if instead.casefold() in {query.text.casefold() for query in listed}:
            return self.remove(listed, query_text)
        read = self.read(instead)
        if query_text not in {query.text for query in listed}:
            return (*listed, *read)
        return tuple(
            new for query in listed for new in (read if query.text == query_text else (query,))
        )

    def read_again(self, listed: Sequence[Query], query_text: str) -> Queries:
        """Read a query of the list anew, because names were taught meanwhile.

        Raises:
            QueryError: If it cannot be read.
        """
        return tuple(
            self._reader.read(query_text) if query.text == query_text else query for query in listed
        )

    def remove(self, listed: Sequence[Query], query_text: str) -> Queries:
        """Take a query off the list; one that is not on it is gone already."""
        return tuple(query for query in listed if query.text != query_text)

    def change_min_score(
        self, listed: Sequence[Query], query_text: str, min_score: float
    ) -> Queries:
        """Give a query another threshold.

        Raises:
            QueryError: If the threshold is outside [0, 1].
        """
        if not 0.0 <= min_score <= 1.0:
            raise QueryError(f"a threshold is a number from 0 to 1, got {min_score}")
        return tuple(
            query.with_min_score(min_score) if query.text == query_text else query
            for query in listed
        )


def _counts_the_same(query: Query, other: Query) -> bool:
    if query.text.casefold() == other.text.casefold():
        return True
    if not (query.supported and other.supported) or query.min_score != other.min_score:
        return False
    return _what_counts(query) == _what_counts(other)


def _what_counts(query: Query) -> tuple[object, ...]:
    """Return all that decides which objects a query counts, but for its threshold."""
    sets = (query.prompts, query.excluded, query.coloured, query.relations)
    return (*map(frozenset, sets), query.state, query.group)
