"""TaughtReader: reads queries for a detector to which names are taught meanwhile."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from ovd.domain.notes import ENGLISH, Note, NoteCode
from ovd.domain.ports import DetectorInfo, QueryReader, TaughtPrompt
from ovd.domain.query import ColouredPrompt, Query, RequiredRelation


class TaughtReader:
    """Implements `ovd.domain.ports.QueryReader`, and follows what the detector is taught.

    A taught name in a query becomes the prompt of exactly the version that is in use, so that a
    count says by which version it was made, and another version is another query.
    """

    def __init__(
        self, info: Callable[[], DetectorInfo], build: Callable[[DetectorInfo], QueryReader]
    ) -> None:
        """Read for a detector.

        Args:
            info: Gives what the detector knows now.
            build: Builds a reader for what it knows; called again when names were taught.
        """
        self._info = info
        self._build = build
        self._lock = threading.Lock()
        self._built: tuple[DetectorInfo, QueryReader] | None = None

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Read one query; see the port."""
        info, reader = self._current()
        return _explain(reader.read(text, min_score), info)

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Read queries separated by commas, semicolons or lines; see the port."""
        info, reader = self._current()
        return tuple(_explain(query, info) for query in reader.read_many(text, min_score))

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Return supported completions; see the port."""
        return self._current()[1].suggest(prefix, limit)

    def _current(self) -> tuple[DetectorInfo, QueryReader]:
        info = self._info()
        with self._lock:
            if self._built is None or self._built[0] != info:
                self._built = (info, self._build(info))
            return self._built


def _explain(query: Query, info: DetectorInfo) -> Query:
    """Return a query with its taught versions, or a note on what can be done about a new word."""
    if info.phrases:
        return pin_versions(query, info.taught)
    unlearned = any(note.code is NoteCode.NOT_LEARNED for note in query.notes)
    if info.open_vocabulary and not query.supported and unlearned:
        notes = (*query.notes, Note(NoteCode.TEACHABLE))
        query = replace(query, notes=notes, note=ENGLISH.describe(notes))
    if info.open_vocabulary and query.supported and not query.coloured:
        new = [name for name in query.prompts if name not in info.known_names]
        if new:
            notes = (*query.notes, Note(NoteCode.WORDS_ONLY, new[0]))
            query = replace(query, notes=notes, note=ENGLISH.describe(notes))
    return pin_versions(query, info.taught)


def pin_versions(query: Query, taught: Iterable[TaughtPrompt]) -> Query:
    """Return a query whose taught names ask for the versions in use, and say so in a note."""
    by_name = {item.name: item for item in taught}
    asked = (*query.prompts, *query.excluded, *(item.name for item in query.coloured))
    used = dict.fromkeys(by_name[name] for name in asked if name in by_name)
    related = any(name in by_name for item in query.relations for name in item.prompts)
    if not used and not related:
        return query
    notes = (
        *query.notes,
        *(Note(NoteCode.TAUGHT, item.name, str(item.version)) for item in used),
    )
    prompts = {name: item.prompt for name, item in by_name.items()}
    return replace(
        query,
        prompts=_pin(query.prompts, prompts),
        excluded=_pin(query.excluded, prompts),
        coloured=_pin_coloured(query.coloured, prompts),
        relations=tuple(_pin_relation(item, prompts) for item in query.relations),
        notes=notes,
        note=ENGLISH.describe(notes),
    )


def _pin(names: tuple[str, ...], prompts: dict[str, str]) -> tuple[str, ...]:
    return tuple(prompts.get(name, name) for name in names)


def _pin_coloured(
    coloured: tuple[ColouredPrompt, ...], prompts: dict[str, str]
) -> tuple[ColouredPrompt, ...]:
    return tuple(replace(item, name=prompts.get(item.name, item.name)) for item in coloured)


def _pin_relation(relation: RequiredRelation, prompts: dict[str, str]) -> RequiredRelation:
    return replace(
        relation,
        prompts=_pin(relation.prompts, prompts),
        coloured=_pin_coloured(relation.coloured, prompts),
        opposites=_pin(relation.opposites, prompts),
    )
