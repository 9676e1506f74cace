"""VerifiedReader: reads queries where a judge decides what the detector cannot."""

from dataclasses import replace

from ovd.domain.notes import ENGLISH, Note, NoteCode
from ovd.domain.ports import QueryReader
from ovd.domain.query import Query
from ovd.language.phrases import as_one_phrase


class VerifiedReader:
    """Implements `ovd.domain.ports.QueryReader` around the reader of a detector.

    What the detector cannot be asked is looked for by a wider word that it knows, or by the words
    themselves where it is of open vocabulary; the judge is asked for the phrase.
    """

    def __init__(self, reader: QueryReader, judge: str) -> None:
        """Extend a reader; `judge` is the name of the judge, for the notes."""
        self._reader = reader
        self._judge = judge

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Read one query; see the port."""
        return self._verified(self._reader.read(text, min_score))

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Read queries separated by commas, semicolons or lines; see the port."""
        return tuple(map(self._verified, self._reader.read_many(text, min_score)))

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Return supported completions; see the port."""
        return self._reader.suggest(prefix, limit)

    def _verified(self, query: Query) -> Query:
        phrase = as_one_phrase(query)
        if query.supported or not phrase:
            return query
        proposed = self._propose(query, phrase)
        if proposed is None:
            return query
        wider = proposed.read_as.strip('"')
        notes = (Note(NoteCode.VERIFIED, phrase, wider, (self._judge,)),)
        return replace(
            query,
            read_as=phrase,
            prompts=proposed.prompts,
            min_score=query.min_score,
            supported=True,
            notes=notes,
            note=ENGLISH.describe(notes),
        )

    def _propose(self, query: Query, phrase: str) -> Query | None:
        """Return what the detector is asked for instead; None where there is nothing."""
        wider = next(
            (note.names[-1] for note in query.notes if note.code is NoteCode.NEAREST_WIDER), None
        )
        for text in (wider, f'"{phrase}"'):
            proposed = None if text is None else self._reader.read(text)
            if proposed is not None and proposed.supported and not proposed.has_conditions:
                return proposed
        return None
