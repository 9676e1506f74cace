"""SeriesKey: the name of a series of a report."""

from typing import NamedTuple


class SeriesKey(NamedTuple):
    """The camera and the reading of the query that identify a series of a report."""

    camera: str
    query: str
