"""QueryEncoder: queries to vocabularies beside the counting loop, which goes on meanwhile."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future

from ovd.domain.ports import Detector
from ovd.domain.query import Query, Vocabulary
from ovd.threads import Caught

# Most queries are encoded in less; the first word that the detector was not trained with takes
# seconds.
PATIENCE_S = 0.3
Queries = tuple[Query, ...]
Encoding = Future[Vocabulary | None]


class QueryEncoder:
    """Gives the vocabulary of the queries of a run; belongs to the thread that counts.

    While other queries are being encoded, a camera is counted with those from before: waiting
    would miss frames, and end every track. A recording is waited for: it misses nothing.
    """

    def __init__(self, detector: Detector, *, waits: bool) -> None:
        """Begin without queries.

        Args:
            detector: Encodes.
            waits: Whether the loop may wait until queries are encoded.
        """
        self._detector = detector
        self._waits = waits
        self._queries: Queries = ()
        self._vocabulary: Vocabulary | None = None
        self._asked: Queries = ()
        self._encoding: Encoding | None = None

    def vocabulary_of(self, queries: Queries) -> Vocabulary | None:
        """Return the vocabulary to count with now; None while there is nothing to count.

        Raises:
            OvdError: If the queries cannot be encoded.
        """
        if queries is self._queries:
            return self._vocabulary
        if self._encoding is None or self._asked is not queries:
            self._asked, self._encoding = queries, self._start(queries)
        must_wait = self._waits or self._vocabulary is None
        try:
            vocabulary = self._encoding.result(None if must_wait else PATIENCE_S)
        except TimeoutError:
            return self._vocabulary
        self._queries, self._vocabulary, self._encoding = queries, vocabulary, None
        return vocabulary

    def _start(self, queries: Sequence[Query]) -> Encoding:
        supported = [query for query in queries if query.supported]
        encoding: Encoding = Future()
        if not supported:
            encoding.set_result(None)
            return encoding

        def encode() -> None:
            with Caught() as caught:
                encoding.set_result(self._detector.encode(supported))
            if caught.error is not None:
                encoding.set_exception(caught.error)

        if self._waits or self._vocabulary is None:
            encode()
        else:
            threading.Thread(target=encode, name="encode queries", daemon=True).start()
        return encoding
