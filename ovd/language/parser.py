"""Phrases, alternatives and exclusions: typed words become a reading or a refusal."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import AttributeKind, ColouredPrompt
from ovd.language.attributes import Attributes
from ovd.language.grammar import Grammar
from ovd.language.korean.reader import KoreanReader
from ovd.language.label_index import Foreign, Meaning, Sense, Senses
from ovd.language.tokens import Words, phrase_key, split_words

_QUOTED_LENGTH = 60


@dataclass(frozen=True)
class Reading:
    """A text that was understood and can be counted.

    Attributes:
        read_as: English reading; reading it again gives the same prompts.
        prompts: Known names, each an alternative; at least one.
        excluded: Known names whose objects must not count.
        notes: What to tell the operator.
        coloured: Which of the prompts name a colour.
    """

    read_as: str
    prompts: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    coloured: tuple[ColouredPrompt, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A text that must not be counted as something else.

    Attributes:
        notes: What is the matter and what to type instead.
        read_as: English reading, empty where there is none.
    """

    notes: tuple[Note, ...]
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
        open_vocabulary: bool = False,
    ) -> None:
        """Join the words with the rules.

        Args:
            senses: What words mean to the detector.
            grammar: Small words of both languages.
            korean: Reads Korean as English.
            known_names: Shown where nothing comes near.
            attributes: What the detector can judge about a thing.
            open_vocabulary: Whether the detector can be asked for names beyond the known ones.
        """
        self._senses = senses
        self._grammar = grammar
        self._korean = korean
        self._known_names = tuple(known_names)
        worn = {AttributeKind.CLOTHES_COLOUR} if AttributeKind.WORN in attributes else set()
        self._attributes = attributes | worn
        self._open_vocabulary = open_vocabulary

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

    def parse_literally(self, text: str) -> Reading | Refusal:
        """Understand a text as one name, which must be known as it stands.

        A detector of open vocabulary is asked for any text; its reading is quoted, so that it is
        taken literally again.
        """
        key = phrase_key(text)
        name = next((name for name in self._known_names if phrase_key(name) == key), None)
        if name is None and not self._open_vocabulary:
            note = Note(NoteCode.NOT_LITERAL, _shown((text,)))
            return Refusal((note, self._offer(())), f'"{text}"')
        prompt = text if name is None else name
        usual = self.parse(prompt)
        same = isinstance(usual, Reading) and (usual.prompts, usual.coloured) == ((prompt,), ())
        return Reading(prompt if same else f'"{prompt}"', (prompt,))

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
        names = tuple(sense.read_as for sense in senses)
        return Refusal((Note(NoteCode.SEVERAL, names=names),))

    def _parse_exclusion(self, wanted: Words, unwanted: Words) -> Reading | Refusal:
        grammar = self._grammar
        kept = self._senses_of(wanted, grammar.either | grammar.commas)
        if isinstance(kept, Refusal):
            return kept
        left_out = self._senses_of(unwanted, grammar.either | grammar.both | grammar.commas)
        if isinstance(left_out, Refusal):
            return left_out
        blurred = next((sense for sense in left_out if sense.narrower or sense.coloured), None)
        if blurred is not None:
            note = Note(NoteCode.NOT_LEFT_OUT, _shown(unwanted), blurred.read_as)
            return Refusal((note,))
        return _reading(kept, left_out)

    def _senses_of(self, words: Words, joiners: Collection[str]) -> tuple[Sense, ...] | Refusal:
        """The parts between joiners, or why the first one that is not supported is not."""
        senses = []
        for part in self._completed(_split_at(words, joiners)) or (words,):
            meaning = self._senses.find(part) or self._find_described(part)
            if not isinstance(meaning, Sense):
                return Refusal(self._refuse(part).notes)
            senses.append(meaning)
        return tuple(senses)

    def _completed(self, parts: list[Words]) -> list[Words]:
        """The parts, those that only describe with the thing of the next: "red or blue truck"."""
        completed: list[Words] = []
        thing: Words = ()
        for part in reversed(parts):
            described = itertools.takewhile(self._grammar.attributes.__contains__, part)
            own = part[len(tuple(described)) :]
            completed.append(part if own else (*part, *thing))
            thing = own or thing
        return completed[::-1]

    def _find_described(self, words: Words) -> Sense | None:
        """A thing with attributes, all of which the detector can judge."""
        head = self._find_head(self._grammar.bare(words))
        if head is None:
            return None
        thing, said = head
        if not isinstance(thing, Sense) or not said.kinds(self._grammar) <= self._attributes:
            return None
        colours = said.colours(self._grammar)
        prompts = tuple(said.around(name, self._grammar) for name in thing.prompts)
        coloured = tuple(
            ColouredPrompt(prompt, name, colours)
            for prompt, name in zip(prompts, thing.prompts, strict=True)
        )
        read_as = said.around(thing.read_as, self._grammar)
        return Sense(read_as, prompts, thing.notes, thing.narrower, coloured if colours else ())

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
            unlearned = Note(NoteCode.NOT_LEARNED, _shown(bare), english)
            return Refusal((unlearned, self._offer(meaning.near)), meaning.read_as)
        unlearned = Note(NoteCode.NOT_LEARNED, _shown(bare))
        head = self._find_head(bare)
        if head is None:
            return Refusal((unlearned, self._offer(())))
        thing, said = head
        phrases = said.phrases
        judged = any(map(self._grammar.describes, itertools.chain(*phrases)))
        if isinstance(thing, Foreign):
            return Refusal((unlearned, self._offer(thing.near if judged else ())))
        if not judged:
            return Refusal((unlearned, self._offer((thing.read_as,))))
        unjudged = Note(NoteCode.NOT_JUDGED, names=tuple(map(_shown, self._unjudged(said))))
        said_itself = (self._senses.find(phrase) for phrase in phrases)
        near = _unique(sense.read_as for sense in said_itself if isinstance(sense, Sense))
        return Refusal((unjudged, Note(NoteCode.WIDER, names=(*near, thing.read_as))))

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

    def _offer(self, near: tuple[str, ...]) -> Note:
        if near:
            return Note(NoteCode.NEAREST, names=near)
        return Note(NoteCode.KNOWS, names=self._known_names)


def _reading(kept: tuple[Sense, ...], left_out: tuple[Sense, ...]) -> Reading | Refusal:
    excluded = _unique(name for sense in left_out for name in sense.prompts)
    wanted = _unique(name for sense in kept for name in sense.prompts)
    prompts = tuple(name for name in wanted if name not in excluded)
    read_as = " or ".join(_unique(sense.read_as for sense in kept))
    if left_out:
        read_as += " except " + " or ".join(_unique(sense.read_as for sense in left_out))
    if not prompts:
        return Refusal((Note(NoteCode.NOTHING_LEFT, read_as),))
    notes = [note for sense in kept for note in sense.notes]
    if any(sense.stands_for_others for sense in kept):
        notes.append(Note(NoteCode.COUNTS, names=prompts))
    coloured = tuple(item for sense in kept for item in sense.coloured if item.prompt in prompts)
    return Reading(read_as, prompts, excluded, tuple(dict.fromkeys(notes)), coloured)


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


def _shown(words: Words) -> str:
    text = " ".join(words)
    return f"{text[:_QUOTED_LENGTH]}…" if len(text) > _QUOTED_LENGTH else text
