"""Typed words that are none become the words that were meant.

A noisy-channel corrector decides what it can. What it leaves open goes to a learned model, where
there is one.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ovd.domain.spelling import SpellingModel
from ovd.language.hangul import to_letters
from ovd.language.korean.segmenter import Joined, with_particle
from ovd.language.spelling import edit_costs
from ovd.language.spelling.candidates import Candidates, is_korean
from ovd.language.spelling.dictionary import RealWords, Use
from ovd.language.spelling.keyboard import typed_as_latin, typed_with_shift
from ovd.language.spelling.word_index import Stock
from ovd.language.tokens import Words, key_of, split_words

_MAX_OPTIONS = 3
_MAX_SUSPECTS = 4
_MARGIN = 1.25
_KEPT = 24.0
_KNOWN = 6.0
_BEAM = 5
_LONGEST_SPAN = 3
_PER_SPAN = 6
_SHORTEST = 3
_RARE_WORD_MAX_COST = 4.2
_RARE_WORD_COST = 11.0
_ARTICLES = frozenset({"a", "an", "the"})
_SURE_CHOICE = 0.5
_SURE = 0.8


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

    def __init__(
        self,
        stock: Stock,
        real_words: RealWords,
        joined: Joined,
        model: SpellingModel | None = None,
    ) -> None:
        """Take the words that may be meant and those that must be left alone.

        Args:
            stock: Words that may be meant.
            real_words: Other words that are none of the stock's, but no typos.
            joined: Takes Korean apart.
            model: Asked where nothing is sure by the words alone; None for never.
        """
        self._stock = stock
        self._real = real_words
        self._joined = joined
        self._model = model
        self._candidates = Candidates(stock, joined)

    def correct(self, words: Words, typed: Words = ()) -> Correction | None:
        """What may have been meant by a text; None if it holds no typo that can be told.

        `typed` are the words in their case, which tells where Shift was held on another layout.
        A text with more than four words that are none is in another language, or no query.
        """
        if all(map(self._is_word, words)) or self._stock.holds(words):
            return None
        relaid = self._relaid(words, typed if len(typed) == len(words) else words)
        suspects = [not self._is_word(word) for word in relaid]
        if not any(suspects):
            return Correction((relaid,), True)
        if sum(suspects) > _MAX_SUSPECTS:
            return None
        best, *others = self._guesses(relaid, suspects)
        near = [best, *(other for other in others if other.cost - best.cost < _MARGIN)]
        distinct = _distinct(near)
        options = tuple(guess.words for guess in distinct if guess.words != words)
        if options and len(distinct) == 1:
            return Correction(options, True)
        return self._ask_model(words, options[:_MAX_OPTIONS])

    def _ask_model(self, words: Words, options: tuple[Words, ...]) -> Correction | None:
        """Let the model choose an option, or say what none of them says."""
        found = self._model.correct(" ".join(words)) if self._model is not None else None
        meant = () if found is None else split_words(found.text)
        if found is None or not meant or not all(map(self._is_word, meant)):
            return Correction(options, False) if options else None
        for at, option in enumerate(options):
            if key_of(option) == key_of(meant):
                chosen = (option, *options[:at], *options[at + 1 :])
                return Correction(chosen, found.confidence >= _SURE_CHOICE)
        if found.confidence >= _SURE and not options:
            return Correction((meant,), True)
        return Correction((*options, meant)[:_MAX_OPTIONS], False)

    def _is_word(self, word: str) -> bool:
        """Whether a word can stand as it is, so that it is not taken for a typo."""
        if not any(char.isalpha() for char in word) or any(char.isdigit() for char in word):
            return True
        if self._joined.split(word) is not None or self._stock.find(word) is not None:
            return True
        use = self._use_of(word)
        return use is not None and use > Use.RARE

    def _use_of(self, word: str) -> Use | None:
        bare = self._joined.bare(word).word
        return self._real.use_of(bare if len(bare) >= _SHORTEST else word)

    def _relaid(self, words: Words, typed: Words) -> Words:
        """The text with those words switched to the other layout that are words there only."""
        switched = tuple(map(self._on_other_layout, words, typed))
        long = any(
            len(typed_as_latin(word)) >= _SHORTEST and not self._is_word(word) for word in words
        )
        if long and all(switched):
            return tuple(itertools.chain(*switched))
        return tuple(
            itertools.chain.from_iterable(
                other if other and not self._is_word(word) and _is_long(word) else (word,)
                for word, other in zip(words, switched, strict=True)
            )
        )

    def _on_other_layout(self, word: str, typed: str) -> Words:
        """The words that the same keys give on the other layout; empty if none."""
        if is_korean(word):
            other = typed_as_latin(word).lower()
            return (other,) if self._is_latin_word(other) else ()
        if not word.isalpha():
            return ()
        return next(((other,) for other in typed_with_shift(typed) if self._is_korean(other)), ())

    def _is_korean(self, word: str) -> bool:
        """Whether a word that another layout gives is one, dictionaries of rare words included."""
        if self._joined.split(word) is not None:
            return True
        use = self._use_of(word) if len(word) > 1 else None
        return use is not None and (len(word) >= _SHORTEST or use > Use.RARE)

    def _is_latin_word(self, word: str) -> bool:
        if self._stock.find(word) is not None or word in _ARTICLES:
            return True
        return len(word) > _SHORTEST and self._real.use_of(word) is not None

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
        rare = self._use_of(word) is not None
        found = [*self._corrections(span, alone=True), *self._parts(word)]
        if rare:
            found = [guess for guess in found if guess.words == span or _is_sure(guess)]
        kept = _Guess(_RARE_WORD_COST if rare else _KEPT, span, span)
        return sorted([*found, kept], key=lambda guess: guess.cost)[:_PER_SPAN]

    def _corrections(self, span: Words, alone: bool = False) -> list[_Guess]:
        """Entries that a span of typed words may stand for, likeliest first."""
        costs: dict[Words, _Guess] = {}
        for found in self._candidates.find(key_of(span), alone):
            *before, last = found.entry.words
            words = (*before, with_particle(last, found.particle))
            spaces = edit_costs.SPACE * abs(len(words) - len(span))
            guess = _Guess(found.cost + spaces + found.entry.cost, words, (found.entry.lemma,))
            known = costs.get(words)
            if known is None or guess.cost < known.cost:
                costs[words] = guess
        if not alone:
            costs.update(self._written_apart(span))
        return sorted(costs.values(), key=lambda guess: guess.cost)[:_PER_SPAN]

    def _written_apart(self, span: Words) -> dict[Words, _Guess]:
        """One word with spaces in it, of those that are no part of phrases."""
        word = key_of(span)
        entry = self._stock.find(word)
        if entry is None:
            return {}
        cost = edit_costs.SPACE * (len(span) - 1) + entry.cost
        return {(word,): _Guess(cost, (word,), (entry.lemma,))}

    def _parts(self, word: str) -> Iterator[_Guess]:
        """Two words without the space between them, one of them perhaps misspelled."""
        hangul = is_korean(word)
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
        if entry is None:
            return None
        return _Guess(entry.cost, (word,) if piece else entry.words, (entry.lemma,))


def _distinct(guesses: Sequence[_Guess]) -> list[_Guess]:
    """Of guesses that are written alike, or mean the same, spaces aside, the first."""
    seen: set[str] = set()
    distinct = []
    for guess in guesses:
        lemmas = key_of([lemma for lemma in guess.lemmas if lemma not in _ARTICLES])
        if seen.isdisjoint((lemmas, key_of(guess.words))):
            distinct.append(guess)
        seen |= {lemmas, key_of(guess.words)}
    return distinct


def _joined(first: _Guess, second: _Guess) -> _Guess:
    cost = first.cost + second.cost + edit_costs.SPACE
    return _Guess(cost, first.words + second.words, first.lemmas + second.lemmas)


def _is_sure(guess: _Guess) -> bool:
    return guess.cost <= _RARE_WORD_MAX_COST + _KNOWN


def _is_long(word: str) -> bool:
    return len(to_letters(word)) > _SHORTEST
