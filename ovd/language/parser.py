"""Phrases, alternatives and exclusions: typed words become a reading or a refusal."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ovd.language.attributes import Attributes
from ovd.language.grammar import AttributeKind, Grammar
from ovd.language.korean import KoreanReader
from ovd.language.phrases import Words, split_words
from ovd.language.senses import Foreign, Meaning, Sense, Senses

_QUOTED_LENGTH = 60
_NAMES_SHOWN = 5
_MANY_NAMES = 20


@dataclass(frozen=True)
class Reading:
    """A text that was understood and can be counted.

    Attributes:
        read_as: English reading; reading it again gives the same prompts.
        prompts: Known names, each an alternative; at least one.
        excluded: Known names whose objects must not count.
        note: What to tell the operator; may be empty.
    """

    read_as: str
    prompts: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Refusal:
    """A text that must not be counted as something else.

    Attributes:
        note: What is the matter and what to type instead.
        read_as: English reading, empty where there is none.
    """

    note: str
    read_as: str = ""


class Parser:
    """Reads texts for one detector; immutable once built."""

    def __init__(
        self,
        senses: Senses,
        grammar: Grammar,
        korean: KoreanReader,
        known_names: Sequence[str],
        attributes: frozenset[AttributeKind] = frozenset(),
    ) -> None:
        """Join the words with the rules.

        Args:
            senses: What words mean to the detector.
            grammar: Small words of both languages.
            korean: Reads Korean as English.
            known_names: Shown where nothing comes near.
            attributes: What the detector can judge about a thing.
        """
        self._senses = senses
        self._grammar = grammar
        self._korean = korean
        self._known_names = tuple(known_names)
        self._attributes = attributes

    def parse(self, text: str) -> Reading | Refusal:
        """Understand a text that holds at least one visible character."""
        words = split_words(text)
        english = None if self._senses.find(words) else self._korean.translate(words)
        if english is None:
            return self._parse_words(words)
        found = self._parse_words(split_words(english))
        if isinstance(found, Reading) or found.read_as:
            return found
        return replace(found, read_as=english)

    def _parse_words(self, words: Words) -> Reading | Refusal:
        whole = self._senses.find(words)
        if isinstance(whole, Sense):
            return _reading((whole,), ())
        if whole is not None:
            return self._refuse(words)
        exclusion = self._split_english(words) or self._split_korean(words)
        if exclusion is not None:
            return self._parse_exclusion(*exclusion)
        if not self._grammar.either.isdisjoint(words):
            return self._parse_either(words)
        return self._parse_one(words)

    def _parse_either(self, words: Words) -> Reading | Refusal:
        senses = self._senses_of(words, self._grammar.either | self._grammar.commas)
        return senses if isinstance(senses, Refusal) else _reading(senses, ())

    def _parse_one(self, words: Words) -> Reading | Refusal:
        senses = self._senses_of(words, self._grammar.both | self._grammar.commas)
        if isinstance(senses, Refusal):
            return senses
        if len(senses) == 1:
            return _reading(senses, ())
        names = [sense.read_as for sense in senses]
        return Refusal(
            f'several things in one query; type "{", ".join(names)}" for a count of each, or '
            f'"{" or ".join(names)}" for one count of all'
        )

    def _parse_exclusion(self, wanted: Words, unwanted: Words) -> Reading | Refusal:
        grammar = self._grammar
        kept = self._senses_of(wanted, grammar.either | grammar.commas)
        if isinstance(kept, Refusal):
            return kept
        left_out = self._senses_of(unwanted, grammar.either | grammar.both | grammar.commas)
        if isinstance(left_out, Refusal):
            return left_out
        blurred = next((sense for sense in left_out if sense.narrower), None)
        if blurred is not None:
            return Refusal(
                f"cannot leave out {_quoted(unwanted)} alone; the detector reads it as "
                f'"{blurred.read_as}"'
            )
        return _reading(kept, left_out)

    def _senses_of(self, words: Words, joiners: Collection[str]) -> tuple[Sense, ...] | Refusal:
        """The parts between joiners, or why the first one that is not supported is not."""
        senses = []
        for part in _split_at(words, joiners) or (words,):
            meaning = self._senses.find(part) or self._find_described(part)
            if not isinstance(meaning, Sense):
                return Refusal(self._refuse(part).note)
            senses.append(meaning)
        return tuple(senses)

    def _find_described(self, words: Words) -> Sense | None:
        """A thing with attributes, all of which the detector can judge."""
        head = self._find_head(self._grammar.bare(words))
        if head is None:
            return None
        thing, said = head
        if not isinstance(thing, Sense) or not said.kinds(self._grammar) <= self._attributes:
            return None
        read_as, *prompts = (
            said.around(name, self._grammar) for name in (thing.read_as, *thing.prompts)
        )
        return Sense(read_as, tuple(prompts), thing.note, thing.narrower)

    def _split_english(self, words: Words) -> tuple[Words, Words] | None:
        for start in range(1, len(words)):
            for phrase in self._grammar.excepting:
                end = start + len(phrase)
                if words[start:end] == phrase and end < len(words):
                    return words[:start], words[end:]
        return None

    def _split_korean(self, words: Words) -> tuple[Words, Words] | None:
        """Split both orders: "버스 제외한 차량" and "차량 버스 제외"."""
        marks = self._grammar.excepting_korean
        mark = next((i for i, word in enumerate(words) if i and word in marks), None)
        if mark is None:
            return None
        before, after = words[:mark], words[mark + 1 :]
        if after:
            return after, self._without_particle(before)
        for cut in range(1, len(before)):
            wanted, unwanted = before[:cut], self._without_particle(before[cut:])
            if all(isinstance(self._senses.find(side), Sense) for side in (wanted, unwanted)):
                return wanted, unwanted
        return None

    def _without_particle(self, words: Words) -> Words:
        if self._senses.find(words) is not None:
            return words
        *before, last = words
        for particle in self._grammar.object_particles:
            if last.endswith(particle) and last != particle:
                return (*before, last.removesuffix(particle))
        return words

    def _refuse(self, words: Words) -> Refusal:
        bare = self._grammar.bare(words)
        meaning = self._senses.find(bare)
        if isinstance(meaning, Foreign):
            english = "" if meaning.read_as in " ".join(bare) else f" ({meaning.read_as})"
            what = f"the detector has not learned {_quoted(bare)}{english}"
            return Refusal(self._offer(what, meaning.near), meaning.read_as)
        head = self._find_head(bare)
        if head is None:
            return Refusal(self._offer(f"the detector has not learned {_quoted(bare)}", ()))
        thing, said = head
        phrases = said.phrases
        judged = any(map(self._grammar.describes, itertools.chain(*phrases)))
        what = f"the detector has not learned {_quoted(bare)}"
        if isinstance(thing, Foreign):
            return Refusal(self._offer(what, thing.near if judged else ()))
        if not judged:
            return Refusal(self._offer(what, (thing.read_as,)))
        unjudged = self._unjudged(said)
        said_itself = (self._senses.find(phrase) for phrase in phrases)
        near = _unique(sense.read_as for sense in said_itself if isinstance(sense, Sense))
        offered = f"{_either((*near, thing.read_as))}, which counts all of them"
        return Refusal(
            f"the detector cannot judge {' and '.join(map(_quoted, unjudged))}; nearest "
            f"supported: {offered}"
        )

    def _unjudged(self, said: Attributes) -> tuple[Words, ...]:
        """The phrases that stand in the way of counting."""
        sides = (Attributes(before=said.before), Attributes(behind=said.behind))
        return tuple(
            side.phrases[0]
            for side in sides
            if side.phrases and not side.kinds(self._grammar) <= self._attributes
        )

    def _find_head(self, words: Words) -> tuple[Meaning, Attributes] | None:
        """The thing that a longer phrase is about, and what is said about it."""
        links = (i for i, word in enumerate(words) if i and word in self._grammar.links)
        cut = next(links, len(words))
        subject, rest = words[:cut], words[cut:]
        for start in range(len(subject)):
            meaning = self._senses.find(subject[start:])
            if meaning is not None:
                return meaning, Attributes(subject[:start], rest)
        for end in range(len(subject) - 1, 0, -1):
            described = self._grammar.describes(subject[end])
            found = self._find_head(subject[:end]) if described else None
            if found is not None and not found[1].behind:
                return found[0], Attributes(found[1].before, subject[end:] + rest)
        return None

    def _offer(self, what: str, near: tuple[str, ...]) -> str:
        if near:
            return f"{what}; nearest supported: {_either(near)}"
        shown = ", ".join(self._known_names[:_NAMES_SHOWN])
        others = len(self._known_names) - _NAMES_SHOWN
        more = f" and {others} more" if others > 0 else ""
        return f"{what} and no supported name comes near; it knows {shown}{more}"


def _reading(kept: tuple[Sense, ...], left_out: tuple[Sense, ...]) -> Reading | Refusal:
    excluded = _unique(name for sense in left_out for name in sense.prompts)
    wanted = _unique(name for sense in kept for name in sense.prompts)
    prompts = tuple(name for name in wanted if name not in excluded)
    read_as = " or ".join(_unique(sense.read_as for sense in kept))
    if left_out:
        read_as += " except " + " or ".join(_unique(sense.read_as for sense in left_out))
    if not prompts:
        return Refusal(f'nothing is left to count in "{read_as}"')
    notes = [sense.note for sense in kept if sense.note]
    if any(sense.stands_for_others for sense in kept):
        notes.append(f"counts {_listed(prompts)}")
    return Reading(read_as, prompts, excluded, "; ".join(_unique(notes)))


def _split_at(words: Words, joiners: Collection[str]) -> list[Words]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in joiners:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _quoted(words: Words) -> str:
    text = " ".join(words)
    return f'"{text[:_QUOTED_LENGTH]}…"' if len(text) > _QUOTED_LENGTH else f'"{text}"'


def _either(names: Sequence[str]) -> str:
    return " or ".join(f'"{name}"' for name in names)


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MANY_NAMES:
        others = len(names) - _NAMES_SHOWN
        return f"{', '.join(names[:_NAMES_SHOWN])} and {others} more names"
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
