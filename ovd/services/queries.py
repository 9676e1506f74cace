"""The list of queries of a camera: the rules for changing it, whoever asks for the change."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovd.domain.cameras import CameraQuery
from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.errors import QueryError, QueryListedError

Queries = tuple[Query, ...]


@dataclass(frozen=True)
class Alias:
    """A typed form of a query that is counted under another form already.

    Attributes:
        text: What was typed.
        counted_as: Text of the query that counts the same.
    """

    text: str
    counted_as: str

    def __str__(self) -> str:
        return f"{self.text!r} is already counted as {self.counted_as!r}"


@dataclass(frozen=True)
class DistinctQueries:
    """Queries of which no two count the same.

    Attributes:
        queries: The first of those that count the same, in order.
        aliases: The other forms that were typed.
    """

    queries: Queries
    aliases: tuple[Alias, ...]


@dataclass(frozen=True)
class DistinctCameraQueries:
    """The same as they are kept for a camera.

    Attributes:
        queries: The first of those that count the same, in order.
        aliases: The other forms that were typed.
    """

    queries: tuple[CameraQuery, ...]
    aliases: tuple[Alias, ...]


def merge_aliases(queries: Sequence[Query]) -> DistinctQueries:
    """Return queries without those that count the same as one before them."""
    distinct: list[Query] = []
    aliases: list[Alias] = []
    for query in queries:
        same = find_same(query, distinct)
        if same is None:
            distinct.append(query)
        elif same.text != query.text:
            aliases.append(Alias(query.text, same.text))
    return DistinctQueries(tuple(distinct), tuple(aliases))


def merge_camera_queries(
    reader: QueryReader, given: Sequence[CameraQuery]
) -> DistinctCameraQueries:
    """Return the queries of a camera without those that count the same as one before them.

    Raises:
        QueryError: If one cannot be read.
    """
    read = [reader.read(query.text, query.min_score) for query in given]
    by_text = {query.text: kept for query, kept in reversed(list(zip(read, given, strict=True)))}
    distinct = merge_aliases(read)
    kept = tuple(by_text[query.text] for query in distinct.queries)
    return DistinctCameraQueries(kept, distinct.aliases)


def find_same(query: Query, listed: Sequence[Query]) -> Query | None:
    """Return the query of a list that counts the same as another one, None if none does."""
    return next((other for other in listed if _counts_the_same(query, other)), None)


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
            same = find_same(query, known)
            if same is not None:
                raise QueryListedError(query.text, same.text)
            known.append(query)
        return tuple(known)

    def replace(self, listed: Sequence[Query], query_text: str, instead: str) -> Queries:
        """Put another query in the place of one on the list; one that is listed stays where it is.

        One that counts the same as another one on the list takes no second place.

        Raises:
            QueryError: If the other query cannot be read.
        """
        others = [query for query in listed if query.text != query_text]
        read = tuple(query for query in self.read(instead) if find_same(query, others) is None)
        if not read:
            return tuple(others)
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
