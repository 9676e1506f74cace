"""Correction of misspelled words in a query.

A noisy-channel corrector decides what it can; what it leaves open goes to a learned model, if there
is one.

A noisy-channel corrector decides what it can. What it leaves open goes to a learned model, where
there is one.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ovd.domain.spelling import SpellingModel
from ovd.language.hangul import to_letters
from ovd.language.korean.segmenter import Segmenter, with_particle
from ovd.language.spelling import edit_costs
from ovd.language.spelling.candidates import Candidates, is_korean
from ovd.language.spelling.dictionary import Dictionary, Frequency
from ovd.language.spelling.keyboard import typed_as_latin, typed_with_shift
from ovd.language.spelling.word_index import WordIndex
from ovd.language.tokens import Words, key_of, split_words

_MAX_OPTIONS = 3
_MAX_SUSPECTS = 4
_AMBIGUITY_MARGIN = 1.25
_UNKNOWN_WORD_COST = 24.0
_KNOWN_WORD_COST = 6.0
_BEAM_WIDTH = 5
_MAX_SPAN_WORDS = 3
_MAX_GUESSES_PER_SPAN = 6
_MIN_LETTERS = 3
_RARE_WORD_MAX_COST = 4.2
_RARE_WORD_COST = 11.0
_ARTICLES = frozenset({"a", "an", "the"})
_MIN_CONFIDENCE_FOR_OPTION = 0.5
_MIN_CONFIDENCE_FOR_NEW_TEXT = 0.8


@dataclass(frozen=True)
class Correction:
    """The corrections of a text.

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
        word_index: WordIndex,
        dictionary: Dictionary,
        segmenter: Segmenter,
        model: SpellingModel | None = None,
    ) -> None:
        """Take the words to correct to, and the words that are correct already.

        Args:
            word_index: Words that may be meant.
            dictionary: Other words that are none of the stock's, but no typos.
            segmenter: Takes Korean apart.
            model: Asked where nothing is sure by the words alone; None for never.
        """
        self._word_index = word_index
        self._dictionary = dictionary
        self._segmenter = segmenter
        self._model = model
        self._candidates = Candidates(word_index, segmenter)

    def correct(self, words: Words, typed: Words = ()) -> Correction | None:
        """Return the corrections of a text; None if it holds no typo that can be recognised.

        `typed` are the words in their case, which shows where Shift was held on another keyboard
        layout. A text with more than four unknown words is in another language, or is no query.

        `typed` are the words in their case, which tells where Shift was held on another layout.
        A text with more than four words that are none is in another language, or no query.
        """
        if all(map(self._is_word, words)) or self._word_index.holds(words):
            return None
        switched_words = self._switch_layout(words, typed if len(typed) == len(words) else words)
        suspects = [not self._is_word(word) for word in switched_words]
        if not any(suspects):
            return Correction((switched_words,), True)
        if sum(suspects) > _MAX_SUSPECTS:
            return None
        best, *others = self._guesses(switched_words, suspects)
        near = [best, *(other for other in others if other.cost - best.cost < _AMBIGUITY_MARGIN)]
        distinct = _distinct(near)
        options = tuple(guess.words for guess in distinct if guess.words != words)
        if options and len(distinct) == 1:
            return Correction(options, True)
        return self._ask_model(words, options[:_MAX_OPTIONS])

    def _ask_model(self, words: Words, options: tuple[Words, ...]) -> Correction | None:
        """Let the model choose an option, or propose a text that is not among them."""
        found = self._model.correct(" ".join(words)) if self._model is not None else None
        meant = () if found is None else split_words(found.text)
        if found is None or not meant or not all(map(self._is_word, meant)):
            return Correction(options, False) if options else None
        for at, option in enumerate(options):
            if key_of(option) == key_of(meant):
                chosen = (option, *options[:at], *options[at + 1 :])
                return Correction(chosen, found.confidence >= _MIN_CONFIDENCE_FOR_OPTION)
        if found.confidence >= _MIN_CONFIDENCE_FOR_NEW_TEXT and not options:
            return Correction((meant,), True)
        return Correction((*options, meant)[:_MAX_OPTIONS], False)

    def _is_word(self, word: str) -> bool:
        """Return whether a word is correct as it is, and so not taken for a typo."""
        if not any(char.isalpha() for char in word) or any(char.isdigit() for char in word):
            return True
        if self._segmenter.split_words(word) is not None or self._word_index.find(word) is not None:
            return True
        frequency = self._frequency_of(word)
        return frequency is not None and frequency > Frequency.RARE

    def _frequency_of(self, word: str) -> Frequency | None:
        stem = self._segmenter.strip_particle(word).word
        return self._dictionary.frequency_of(stem if len(stem) >= _MIN_LETTERS else word)

    def _switch_layout(self, words: Words, typed: Words) -> Words:
        """Return the text, converting words that are words only on the other keyboard layout."""
        switched = tuple(map(self._on_other_layout, words, typed))
        long = any(
            len(typed_as_latin(word)) >= _MIN_LETTERS and not self._is_word(word) for word in words
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
        """Return the words that the same keys give on the other layout; empty if none."""
        if is_korean(word):
            other = typed_as_latin(word).lower()
            return (other,) if self._is_latin_word(other) else ()
        if not word.isalpha():
            return ()
        return next(
            ((other,) for other in typed_with_shift(typed) if self._is_korean_word(other)), ()
        )

    def _is_korean_word(self, word: str) -> bool:
        """Return whether this is a Korean word, counting those of large dictionaries."""
        if self._segmenter.split_words(word) is not None:
            return True
        frequency = self._frequency_of(word) if len(word) > 1 else None
        return frequency is not None and (len(word) >= _MIN_LETTERS or frequency > Frequency.RARE)

    def _is_latin_word(self, word: str) -> bool:
        if self._word_index.find(word) is not None or word in _ARTICLES:
            return True
        return len(word) > _MIN_LETTERS and self._dictionary.frequency_of(word) is not None

    def _guesses(self, words: Words, suspects: Sequence[bool]) -> list[_Guess]:
        """Return corrections of the whole text, likeliest first; never empty."""
        beams: list[list[_Guess]] = [[] for _ in range(len(words) + 1)]
        beams[0] = [_Guess(0.0, (), ())]
        for start, span in itertools.product(range(len(words)), range(1, _MAX_SPAN_WORDS + 1)):
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
            del beams[end][_BEAM_WIDTH * _MAX_GUESSES_PER_SPAN :]
        return beams[-1]

    def _options(self, span: Words, suspect: bool) -> list[_Guess]:
        if len(span) > 1:
            return self._corrections(span)
        (word,) = span
        if not suspect:
            entry = self._word_index.find(word)
            return [_Guess(_KNOWN_WORD_COST if entry is None else entry.cost, span, span)]
        rare = self._frequency_of(word) is not None
        found = [*self._corrections(span, alone=True), *self._split_in_two(word)]
        if rare:
            found = [guess for guess in found if guess.words == span or _is_sure(guess)]
        kept = _Guess(_RARE_WORD_COST if rare else _UNKNOWN_WORD_COST, span, span)
        return sorted([*found, kept], key=lambda guess: guess.cost)[:_MAX_GUESSES_PER_SPAN]

    def _corrections(self, span: Words, alone: bool = False) -> list[_Guess]:
        """Return the entries that a span of typed words may stand for, likeliest first."""
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
            costs.update(self._joined_spelling(span))
        return sorted(costs.values(), key=lambda guess: guess.cost)[:_MAX_GUESSES_PER_SPAN]

    def _joined_spelling(self, span: Words) -> dict[Words, _Guess]:
        """Return a word of no phrase that was typed with spaces inside."""
        word = key_of(span)
        entry = self._word_index.find(word)
        if entry is None:
            return {}
        cost = edit_costs.SPACE * (len(span) - 1) + entry.cost
        return {(word,): _Guess(cost, (word,), (entry.lemma,))}

    def _split_in_two(self, word: str) -> Iterator[_Guess]:
        """Yield two words that were typed without the space between, one perhaps misspelled."""
        hangul = is_korean(word)
        shortest = 1 if hangul else _MIN_LETTERS
        for cut in range(shortest, len(word) - shortest + 1):
            sides = word[:cut], word[cut:]
            first, second = map(self._known_half, sides)
            if first and second:
                yield _concatenate(first, second)
            elif first and _is_long(sides[0]):
                yield from (
                    _concatenate(first, guess) for guess in self._corrections(sides[1:])[:2]
                )
            elif second and _is_long(sides[1]):
                yield from (
                    _concatenate(guess, second) for guess in self._corrections(sides[:1])[:2]
                )

    def _known_half(self, word: str) -> _Guess | None:
        match = self._segmenter.match(word)
        entry = self._word_index.find(word if match is None else match.word)
        if entry is None:
            return None
        return _Guess(entry.cost, (word,) if match else entry.words, (entry.lemma,))


def _distinct(guesses: Sequence[_Guess]) -> list[_Guess]:
    """Return the first of the guesses that are spelled alike or share their lemmas."""
    seen: set[str] = set()
    distinct = []
    for guess in guesses:
        lemmas = key_of([lemma for lemma in guess.lemmas if lemma not in _ARTICLES])
        if seen.isdisjoint((lemmas, key_of(guess.words))):
            distinct.append(guess)
        seen |= {lemmas, key_of(guess.words)}
    return distinct


def _concatenate(first: _Guess, second: _Guess) -> _Guess:
    cost = first.cost + second.cost + edit_costs.SPACE
    return _Guess(cost, first.words + second.words, first.lemmas + second.lemmas)


def _is_sure(guess: _Guess) -> bool:
    return guess.cost <= _RARE_WORD_MAX_COST + _KNOWN_WORD_COST


def _is_long(word: str) -> bool:
    return len(to_letters(word)) > _MIN_LETTERS
