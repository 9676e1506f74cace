"""CameraQueryReader: the queries that a camera of the database is asked."""

from collections.abc import Callable, Sequence

from ovd.domain.cameras import Camera, CameraOptions
from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.domain.spelling import SavedQueries
from ovd.errors import QueryError
from ovd.services.queries import merge_aliases


class CameraQueryReader:
    """Reads the queries of cameras for the detector that counts."""

    def __init__(
        self,
        reader: QueryReader,
        saved: SavedQueries,
        reader_of: Callable[[CameraOptions], QueryReader] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            reader: Reads queries for the detector.
            saved: What a camera is asked that has no queries of its own.
            reader_of: Gives the reader for the detector that a camera chooses; None where none
                can choose.
        """
        self._reader = reader
        self._saved = saved
        self._reader_of = reader_of or (lambda options: reader)

    def saved_texts(self, camera: Camera) -> tuple[str, ...]:
        """Return the saved queries that a camera is asked; none for one with its own.

        Raises:
            StoreError: If they cannot be read.
        """
        return () if camera.queries else tuple(self._saved.all())

    def read(self, camera: Camera) -> tuple[Query, ...]:
        """Return the queries of a camera; for one without any, those that are saved.

        Of several that count the same only the first is asked.

        Raises:
            QueryError: If one of them cannot be read, or there is none.
            StoreError: If the saved queries cannot be read.
            OvdError: If the detector or the judge that it chooses cannot be used.
        """
        reader = self._reader_of(camera.options)
        if camera.queries:
            read = [reader.read(query.text, query.min_score) for query in camera.queries]
            return merge_aliases(read).queries
        texts = self._saved.all()
        if not texts:
            raise QueryError(
                f"camera {camera.name!r} has no queries and none is saved; add one to the camera, "
                'or for all: ovd queries add "person"'
            )
        return merge_aliases([reader.read(text) for text in texts]).queries

    def read_again(self, camera: Camera, queries: Sequence[Query]) -> tuple[Query, ...]:
        """Return queries as the detector that a camera chooses understands them.

        Raises:
            QueryError: If one of them cannot be read.
            OvdError: If the detector or the judge cannot be used.
        """
        reader = self._reader_of(camera.options)
        return tuple(reader.read(query.text, query.min_score) for query in queries)
