"""Entries of the stock that one typed word, or a few written apart, may stand for."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language.hangul import has_hangul, to_letters
from ovd.language.korean.segmenter import Joined, Piece
from ovd.language.spelling import edit_costs
from ovd.language.spelling.keyboard import typed_as_latin
from ovd.language.spelling.phonetics import other_spellings, spelled_by_ear
from ovd.language.spelling.word_index import Entry, Stock

_RESCORED = 40
_SHORTEST = 3
_TWO_SLIPS_FROM = 6
_MAX_COST = {3: 4.7, 4: 5.7, 5: 6.5, 6: 9.2, 7: 10.7}
_LONG_MAX_COST = 11.0
_KNOWN_BY_THREE_KEYS = 5.5
_LONE_JAMO = re.compile("[\u1100-\u11ff\u3131-\u318e]")
_PARTICLE_COST = {"": 0.0, "들": 0.5, **dict.fromkeys(("을", "를", "과", "와", "의"), 1.0)}
_RARE_PARTICLE_COST = 2.0
_SLIPPED_PARTICLES = {
    particle: typed_as_latin(particle) for particle in ("을", "를", "과", "와", "들")
}
_LONGEST_SLIPPED_PARTICLE = 4

_Shelf = tuple[Sequence[Entry], Sequence[str]]


@dataclass(frozen=True)
class Candidate:
    """An entry that may be meant.

    Attributes:
        entry: The entry.
        cost: What the slips cost that lead from it to the typed text.
        particle: The Korean particle behind it; empty for none.
    """

    entry: Entry
    cost: float
    particle: str = ""


class Candidates:
    """Finds candidates; immutable once built."""

    def __init__(self, stock: Stock, joined: Joined) -> None:
        """Take the words that may be meant, and what tells particles."""
        self._stock = stock
        self._joined = joined

    def find(self, typed: str, alone: bool) -> Iterator[Candidate]:
        """Everything near a typed text, in no order, some of it more than once.

        Args:
            typed: A word, or several without the spaces between them.
            alone: Whether it was one word, so that words count that are no part of phrases.
        """
        hangul = is_korean(typed)
        shelves = [self._stock.shelf(hangul), *([self._stock.others(hangul)] if alone else [])]
        for shelf, stem in itertools.product(shelves, self._stems(typed, hangul)):
            rare = _PARTICLE_COST.get(stem.particle, _RARE_PARTICLE_COST)
            for entry, cost in _near(stem.word, shelf):
                yield Candidate(entry, cost + rare, stem.particle)
        if hangul:
            yield from self._with_slipped_particle(typed)
        for stem in self._stems(typed, hangul):
            yield from self._sounding(stem, hangul)
        yield from self._on_other_layout(typed, hangul)

    def _stems(self, typed: str, hangul: bool) -> tuple[Piece, ...]:
        whole = Piece(typed)
        bare = self._joined.bare(typed) if hangul else whole
        return (whole,) if bare == whole else (whole, bare)

    def _with_slipped_particle(self, typed: str) -> Iterator[Candidate]:
        """A known word behind which the particle is misspelled: 컵울 for 컵을."""
        keys = typed_as_latin(typed)
        for length in range(1, min(_LONGEST_SLIPPED_PARTICLE, len(keys) - _SHORTEST) + 1):
            entry = self._stock.find_keys(keys[:-length].lower())
            if entry is None:
                continue
            for particle, meant in _SLIPPED_PARTICLES.items():
                if OSA.distance(keys[-length:], meant) == 1:
                    slip = edit_costs.slip_cost(keys[-length:].lower(), meant) or edit_costs.SHIFT
                    yield Candidate(entry, slip + _PARTICLE_COST[particle], particle)

    def _sounding(self, stem: Piece, hangul: bool) -> Iterator[Candidate]:
        if len(to_letters(stem.word)) < _SHORTEST:
            return
        rare = _PARTICLE_COST.get(stem.particle, _RARE_PARTICLE_COST)
        for spelling in {*other_spellings(stem.word), *spelled_by_ear(stem.word)}:
            entry = self._stock.find(spelling)
            if entry is not None and is_korean(spelling) == hangul:
                yield Candidate(entry, edit_costs.SOUND + rare, stem.particle)

    def _on_other_layout(self, typed: str, hangul: bool) -> Iterator[Candidate]:
        keys = typed_as_latin(typed).lower()
        if len(keys) < _SHORTEST:
            return
        shelf = self._stock.shelf(not hangul)
        for entry, distance in _search(keys, shelf, len(keys) >= _TWO_SLIPS_FROM):
            slip = edit_costs.slip_cost(keys, entry.keys) if distance else 0.0
            yield Candidate(entry, edit_costs.LAYOUT + slip)


def is_korean(word: str) -> bool:
    """Whether a word is Hangul, or letters of it that stand alone."""
    return has_hangul(word) or _LONE_JAMO.search(word) is not None


def _near(typed: str, shelf: _Shelf) -> Iterator[tuple[Entry, float]]:
    keys = typed_as_latin(typed).lower()
    limit = _max_cost(keys)
    if limit == 0.0:
        return
    for entry, _ in _search(keys, shelf, 2 if len(keys) >= _TWO_SLIPS_FROM else 1):
        if len(keys) == _SHORTEST and entry.cost > _KNOWN_BY_THREE_KEYS:
            continue
        cost = edit_costs.slip_cost(keys, entry.keys) or edit_costs.SHIFT
        if cost <= min(limit, _max_cost(entry.keys)):
            yield entry, cost


def _search(keys: str, shelf: _Shelf, cutoff: int) -> Iterator[tuple[Entry, int]]:
    entries, all_keys = shelf
    found = process.extract(
        keys, all_keys, scorer=OSA.distance, score_cutoff=cutoff, limit=_RESCORED
    )
    yield from ((entries[index], int(distance)) for _, distance, index in found)


def _max_cost(keys: str) -> float:
    """Cost of the slips that a word of this length can bear and still be recognised."""
    if len(keys) < _SHORTEST:
        return 0.0
    return _MAX_COST.get(len(keys), _LONG_MAX_COST)
