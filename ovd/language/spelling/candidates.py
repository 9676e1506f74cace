"""Candidates in the word index for one typed word, or for a few with spaces between them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language.hangul import has_hangul, to_letters
from ovd.language.korean.segmenter import Segment, Segmenter
from ovd.language.spelling import edit_costs
from ovd.language.spelling.keyboard import typed_as_latin
from ovd.language.spelling.phonetics import phonetic_sources, phonetic_variants
from ovd.language.spelling.word_index import KeyedEntries, WordEntry, WordIndex

_MAX_RESCORED = 40
_MIN_KEYS = 3
_TWO_EDITS_FROM = 6
_MAX_COST = {3: 4.7, 4: 5.7, 5: 6.5, 6: 9.2, 7: 10.7}
_LONG_MAX_COST = 11.0
_MAX_WORD_COST_OF_THREE_KEYS = 5.5
_LONE_JAMO = re.compile("[\u1100-\u11ff\u3131-\u318e]")
_PARTICLE_COST = {"": 0.0, "들": 0.5, **dict.fromkeys(("을", "를", "과", "와", "의"), 1.0)}
_RARE_PARTICLE_COST = 2.0
_PARTICLE_KEYS = {particle: typed_as_latin(particle) for particle in ("을", "를", "과", "와", "들")}
_MAX_PARTICLE_KEYS = 4


@dataclass(frozen=True)
class Candidate:
    """A word that may have been intended.

    Attributes:
        entry: Its entry in the index.
        cost: Edit cost from it to the typed text.
        particle: The Korean particle behind it; empty for none.
    """

    entry: WordEntry
    cost: float
    particle: str = ""


class Candidates:
    """Finds candidates; immutable once built."""

    def __init__(self, word_index: WordIndex, segmenter: Segmenter) -> None:
        """Take the index to search, and the segmenter that recognises particles."""
        self._word_index = word_index
        self._segmenter = segmenter

    def find(self, typed: str, alone: bool) -> Iterator[Candidate]:
        """Yield every entry near a typed text, unordered and possibly repeated.

        Args:
            typed: A word, or several without the spaces between them.
            alone: Whether it was one word, so that words count that are no part of phrases.
        """
        hangul = is_korean(typed)
        lists = [
            self._word_index.of_script(hangul),
            *([self._word_index.standalone(hangul)] if alone else []),
        ]
        for indexed, stem in itertools.product(lists, self._stems(typed, hangul)):
            particle_cost = _PARTICLE_COST.get(stem.particle, _RARE_PARTICLE_COST)
            for entry, cost in _within_edit_cost(stem.word, indexed):
                yield Candidate(entry, cost + particle_cost, stem.particle)
        if hangul:
            yield from self._with_misspelled_particle(typed)
        for stem in self._stems(typed, hangul):
            yield from self._phonetic_matches(stem, hangul)
        yield from self._on_other_layout(typed, hangul)

    def _stems(self, typed: str, hangul: bool) -> tuple[Segment, ...]:
        whole = Segment(typed)
        without_particle = self._segmenter.strip_particle(typed) if hangul else whole
        return (whole,) if without_particle == whole else (whole, without_particle)

    def _with_misspelled_particle(self, typed: str) -> Iterator[Candidate]:
        """Yield a known word whose particle is misspelled: 컵울 for 컵을."""
        keys = typed_as_latin(typed)
        for length in range(1, min(_MAX_PARTICLE_KEYS, len(keys) - _MIN_KEYS) + 1):
            entry = self._word_index.find_keys(keys[:-length].lower())
            if entry is None:
                continue
            for particle, meant in _PARTICLE_KEYS.items():
                if OSA.distance(keys[-length:], meant) == 1:
                    edits = edit_costs.edit_cost(keys[-length:].lower(), meant) or edit_costs.SHIFT
                    yield Candidate(entry, edits + _PARTICLE_COST[particle], particle)

    def _phonetic_matches(self, stem: Segment, hangul: bool) -> Iterator[Candidate]:
        if len(to_letters(stem.word)) < _MIN_KEYS:
            return
        particle_cost = _PARTICLE_COST.get(stem.particle, _RARE_PARTICLE_COST)
        for spelling in {*phonetic_variants(stem.word), *phonetic_sources(stem.word)}:
            entry = self._word_index.find(spelling)
            if entry is not None and is_korean(spelling) == hangul:
                yield Candidate(entry, edit_costs.PHONETIC + particle_cost, stem.particle)

    def _on_other_layout(self, typed: str, hangul: bool) -> Iterator[Candidate]:
        keys = typed_as_latin(typed).lower()
        if len(keys) < _MIN_KEYS:
            return
        indexed = self._word_index.of_script(not hangul)
        for entry, distance in _search(keys, indexed, len(keys) >= _TWO_EDITS_FROM):
            edits = edit_costs.edit_cost(keys, entry.keys) if distance else 0.0
            yield Candidate(entry, edit_costs.LAYOUT + edits)


def is_korean(word: str) -> bool:
    """Return whether a word holds Hangul syllables, or single letters of them."""
    return has_hangul(word) or _LONE_JAMO.search(word) is not None


def _within_edit_cost(typed: str, indexed: KeyedEntries) -> Iterator[tuple[WordEntry, float]]:
    keys = typed_as_latin(typed).lower()
    limit = _max_cost(keys)
    if limit == 0.0:
        return
    for entry, _ in _search(keys, indexed, 2 if len(keys) >= _TWO_EDITS_FROM else 1):
        if len(keys) == _MIN_KEYS and entry.cost > _MAX_WORD_COST_OF_THREE_KEYS:
            continue
        cost = edit_costs.edit_cost(keys, entry.keys) or edit_costs.SHIFT
        if cost <= min(limit, _max_cost(entry.keys)):
            yield entry, cost


def _search(keys: str, indexed: KeyedEntries, cutoff: int) -> Iterator[tuple[WordEntry, int]]:
    found = process.extract(
        keys, indexed.keys, scorer=OSA.distance, score_cutoff=cutoff, limit=_MAX_RESCORED
    )
    yield from ((indexed.entries[index], int(distance)) for _, distance, index in found)


def _max_cost(keys: str) -> float:
    """Return the largest edit cost at which a word of this length is still recognised."""
    if len(keys) < _MIN_KEYS:
        return 0.0
    return _MAX_COST.get(len(keys), _LONG_MAX_COST)
