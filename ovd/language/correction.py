"""Typed words that are none become the words that were meant: a noisy-channel corrector."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language import slips
from ovd.language.hangul import has_hangul, to_letters
from ovd.language.joined import Joined
from ovd.language.keyboard import typed_as_latin
from ovd.language.phrases import Words, key_of
from ovd.language.real_words import RealWords, Use
from ovd.language.sounds import other_spellings
from ovd.language.stock import Entry, Stock

_MAX_OPTIONS = 3
_MAX_SUSPECTS = 4
_MARGIN = 1.5
_KEPT = 24.0
_KNOWN = 6.0
_BEAM = 5
_LONGEST_SPAN = 3
_PER_SPAN = 6
_RESCORED = 40
_SHORTEST = 3
_TWO_SLIPS_FROM = 6
_MAX_COST = {3: 4.1, 4: 5.7, 5: 6.5, 6: 9.2, 7: 10.7}
_LONG_MAX_COST = 11.0
_RARE_WORD_MAX_COST = 4.2
_RARE_WORD_COST = 11.0
_LONE_JAMO = re.compile("[\u1100-\u11ff\u3131-\u318e]")

_Shelf = tuple[Sequence[Entry], Sequence[str]]


@dataclass(frozen=True)
class Correction:
    """What may have been meant.

    Attributes:
        options: At most three texts as words, the likeliest first; at least one.
        certain: Whether the first is so much likelier that it can be taken.
    """

    options: tuple[Words, ...]
    certain: bool


@dataclass(frozen=True)
class _Guess:
    cost: float
    words: Words
    lemmas: Words


class Corrector:
    """Corrects typed words; immutable once built."""

    def __init__(self, stock: Stock, real_words: RealWords, joined: Joined) -> None:
        """Take the words that may be meant and those that must be left alone."""
        self._stock = stock
        self._real = real_words
        self._joined = joined

    def correct(self, words: Words) -> Correction | None:
        """What may have been meant by a text; None if it holds no typo that can be told.

        A text with more than four words that are none is in another language, or no query.
        """
        suspects = [not self._is_word(word) for word in words]
        if not 0 < sum(suspects) <= _MAX_SUSPECTS or self._stock.holds(words):
            return None
        best, *others = self._guesses(words, suspects)
        near = [best, *(other for other in others if other.cost - best.cost < _MARGIN)]
        distinct = list({guess.lemmas: guess for guess in reversed(near)}.values())[::-1]
        if best.words == words and len(distinct) == 1:
            return None
        options = tuple(guess.words for guess in distinct if guess.words != words)
        return Correction(options[:_MAX_OPTIONS], len(distinct) == 1)

    def _is_word(self, word: str) -> bool:
        """Whether a word can stand as it is, so that it is not taken for a typo."""
        if not any(char.isalpha() for char in word) or any(char.isdigit() for char in word):
            return True
        if self._joined.split(word) is not None or self._stock.find(word) is not None:
            return True
        bare = self._joined.bare(word)
        use = self._real.use_of(bare if len(bare) >= _SHORTEST else word)
        return use is not None and use > Use.RARE

    def _guesses(self, words: Words, suspects: Sequence[bool]) -> list[_Guess]:
        """Ways to read the text, likeliest first; never empty."""
        beams: list[list[_Guess]] = [[] for _ in range(len(words) + 1)]
        beams[0] = [_Guess(0.0, (), ())]
        for start, span in itertools.product(range(len(words)), range(1, _LONGEST_SPAN + 1)):
            end = start + span
            if end > len(words) or (span > 1 and not any(suspects[start:end])):
                continue
            options = self._options(words[start:end], suspects[start])
            beams[end] += [
                _Guess(old.cost + new.cost, old.words + new.words, old.lemmas + new.lemmas)
                for old in beams[start]
                for new in options
            ]
            beams[end].sort(key=lambda guess: guess.cost)
            del beams[end][_BEAM * _PER_SPAN :]
        return beams[-1]

    def _options(self, span: Words, suspect: bool) -> list[_Guess]:
        if len(span) > 1:
            return self._corrections(span)
        (word,) = span
        if not suspect:
            entry = self._stock.find(word)
            return [_Guess(_KNOWN if entry is None else entry.cost, span, span)]
        rare = self._real.use_of(word) is not None
        found = [*self._corrections(span, alone=True), *self._parts(word)]
        if rare:
            found = [guess for guess in found if guess.words == span or _is_sure(guess)]
        kept = _Guess(_RARE_WORD_COST if rare else _KEPT, span, span)
        return sorted([*found, kept], key=lambda guess: guess.cost)[:_PER_SPAN]

    def _corrections(self, span: Words, alone: bool = False) -> list[_Guess]:
        """Entries that a span of typed words may stand for, likeliest first."""
        typed = key_of(span)
        costs: dict[Words, _Guess] = {}
        for entry, slip in self._candidates(typed, alone):
            spaces = slips.SPACE * abs(len(entry.words) - len(span))
            guess = _Guess(slip + spaces + entry.cost, entry.words, (entry.lemma,))
            known = costs.get(entry.words)
            if known is None or guess.cost < known.cost:
                costs[entry.words] = guess
        return sorted(costs.values(), key=lambda guess: guess.cost)[:_PER_SPAN]

    def _candidates(self, typed: str, alone: bool) -> Iterator[tuple[Entry, float]]:
        hangul = _is_korean(typed)
        shelves = [self._stock.shelf(hangul), *([self._stock.others(hangul)] if alone else [])]
        stems = {typed, self._joined.bare(typed)} if hangul else {typed}
        for shelf, stem in itertools.product(shelves, stems):
            yield from _near(stem, shelf)
        yield from self._sounding(typed, hangul)
        yield from self._on_other_layout(typed, hangul)

    def _sounding(self, typed: str, hangul: bool) -> Iterator[tuple[Entry, float]]:
        if len(to_letters(typed)) < _SHORTEST:
            return
        for spelling in other_spellings(typed):
            entry = self._stock.find(spelling)
            if entry is not None and _is_korean(spelling) == hangul:
                yield entry, slips.SOUND

    def _on_other_layout(self, typed: str, hangul: bool) -> Iterator[tuple[Entry, float]]:
        keys = typed_as_latin(typed).lower()
        if len(keys) < _SHORTEST:
            return
        shelf = self._stock.shelf(not hangul)
        for entry, distance in _search(keys, shelf, len(keys) >= _TWO_SLIPS_FROM):
            slip = slips.slip_cost(keys, entry.keys) if distance else 0.0
            yield entry, slips.LAYOUT + slip

    def _parts(self, word: str) -> Iterator[_Guess]:
        """Two words without the space between them, one of them perhaps misspelled."""
        hangul = _is_korean(word)
        shortest = 1 if hangul else _SHORTEST
        for cut in range(shortest, len(word) - shortest + 1):
            sides = word[:cut], word[cut:]
            first, second = map(self._part, sides)
            if first and second:
                yield _joined(first, second)
            elif first and _is_long(sides[0]):
                yield from (_joined(first, guess) for guess in self._corrections(sides[1:])[:2])
            elif second and _is_long(sides[1]):
                yield from (_joined(guess, second) for guess in self._corrections(sides[:1])[:2])

    def _part(self, word: str) -> _Guess | None:
        piece = self._joined.piece(word)
        entry = self._stock.find(word if piece is None else piece.word)
        return None if entry is None else _Guess(entry.cost, entry.words, (entry.lemma,))


def _near(typed: str, shelf: _Shelf) -> Iterator[tuple[Entry, float]]:
    keys = typed_as_latin(typed).lower()
    limit = _max_cost(keys)
    if limit == 0.0:
        return
    for entry, _ in _search(keys, shelf, 2 if len(keys) >= _TWO_SLIPS_FROM else 1):
        cost = slips.slip_cost(keys, entry.keys) or slips.SHIFT
        if cost <= min(limit, _max_cost(entry.keys)):
            yield entry, cost


def _search(keys: str, shelf: _Shelf, cutoff: int) -> Iterator[tuple[Entry, int]]:
    entries, all_keys = shelf
    found = process.extract(
        keys, all_keys, scorer=OSA.distance, score_cutoff=cutoff, limit=_RESCORED
    )
    yield from ((entries[index], int(distance)) for _, distance, index in found)


def _joined(first: _Guess, second: _Guess) -> _Guess:
    cost = first.cost + second.cost + slips.SPACE
    return _Guess(cost, first.words + second.words, first.lemmas + second.lemmas)


def _is_sure(guess: _Guess) -> bool:
    return guess.cost <= _RARE_WORD_MAX_COST + _KNOWN


def _is_long(word: str) -> bool:
    return len(to_letters(word)) > _SHORTEST


def _is_korean(word: str) -> bool:
    return has_hangul(word) or _LONE_JAMO.search(word) is not None


def _max_cost(keys: str) -> float:
    """Cost of the slips that a word of this length can bear and still be recognised."""
    if len(keys) < _SHORTEST:
        return 0.0
    return _MAX_COST.get(len(keys), _LONG_MAX_COST)
