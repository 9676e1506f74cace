"""Parsing of alternatives, exclusions and attributes into a reading, or a refusal with reasons."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import (
    AttributeKind,
    ColouredPrompt,
    RequiredGroup,
    RequiredRelation,
    RequiredState,
)
from ovd.language.attributes import Attributes
from ovd.language.grammar import Grammar
from ovd.language.korean.reader import KoreanReader
from ovd.language.label_index import LabelIndex, PhraseMeaning, SupportedPhrase, UnsupportedPhrase
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
        relations: What must be seen with an object, or not; as in `Query`.
        state: The state that an object must be in; None for any.
        group: How many objects must be seen together; None for any number.
    """

    read_as: str
    prompts: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    coloured: tuple[ColouredPrompt, ...] = ()
    relations: tuple[RequiredRelation, ...] = ()
    state: RequiredState | None = None
    group: RequiredGroup | None = None


@dataclass(frozen=True)
class Refusal:
    """A text that cannot be counted, and why.

    Attributes:
        notes: What is the matter and what to type instead.
        read_as: English reading, empty where there is none.
    """

    notes: tuple[Note, ...]
    read_as: str = ""


class Parser:
    """Parses query text for one detector; immutable once built."""

    def __init__(
        self,
        label_index: LabelIndex,
        grammar: Grammar,
        korean: KoreanReader,
        known_names: Sequence[str],
        attributes: frozenset[AttributeKind] = frozenset(),
        open_vocabulary: bool = False,
    ) -> None:
        """Combine the label index with the grammar.

        Args:
            label_index: Meaning of phrases for the detector.
            grammar: Function words of both languages.
            korean: Translates Korean.
            known_names: Listed in a refusal without a suggestion.
            attributes: Kinds of attribute that the detector can judge.
            open_vocabulary: Whether the detector can be asked for names beyond the known ones.
        """
        self._label_index = label_index
        self._grammar = grammar
        self._korean = korean
        self._known_names = tuple(known_names)
        clothes = {AttributeKind.CLOTHES_COLOUR} if AttributeKind.WORN in attributes else set()
        self._attributes = attributes | clothes
        self._open_vocabulary = open_vocabulary

    def parse(self, text: str) -> Reading | Refusal:
        """Parse a text that holds at least one visible character."""
        words = split_words(text)
        english = None if self._label_index.find(words) else self._korean.translate(words)
        if english is None:
            return self._parse_words(words)
        found = self._parse_words(split_words(english))
        if isinstance(found, Reading) or found.read_as:
            return found
        return replace(found, read_as=english)

    def parse_literally(self, text: str) -> Reading | Refusal:
        """Parse a text as one name, which must be known exactly as written.

        A detector of open vocabulary is asked for any text; its reading is quoted, so that it is
        taken literally again.
        """
        key = phrase_key(text)
        name = next((name for name in self._known_names if phrase_key(name) == key), None)
        if name is None and not self._open_vocabulary:
            note = Note(NoteCode.NOT_LITERAL, _quoted((text,)))
            return Refusal((note, self._offer(())), f'"{text}"')
        prompt = text if name is None else name
        usual = self.parse(prompt)
        same = isinstance(usual, Reading) and (usual.prompts, usual.coloured) == ((prompt,), ())
        return Reading(prompt if same else f'"{prompt}"', (prompt,))

    def _parse_words(self, words: Words) -> Reading | Refusal:
        whole = self._label_index.find(words)
        if isinstance(whole, SupportedPhrase):
            return _reading((whole,), ())
        if whole is not None:
            return self._refuse(words)
        exclusion = self._split_english(words) or self._split_korean(words)
        if exclusion is not None:
            return self._parse_exclusion(*exclusion)
        if not self._grammar.or_words.isdisjoint(words):
            return self._parse_either(words)
        return self._parse_one(words)

    def _parse_either(self, words: Words) -> Reading | Refusal:
        phrases = self._find_all(words, self._grammar.or_words | self._grammar.commas)
        return phrases if isinstance(phrases, Refusal) else _reading(phrases, ())

    def _parse_one(self, words: Words) -> Reading | Refusal:
        phrases = self._find_all(words, self._grammar.and_words | self._grammar.commas)
        if isinstance(phrases, Refusal):
            return phrases
        if len(phrases) == 1:
            return _reading(phrases, ())
        names = tuple(phrase.read_as for phrase in phrases)
        return Refusal((Note(NoteCode.SEVERAL, names=names),))

    def _parse_exclusion(self, wanted: Words, unwanted: Words) -> Reading | Refusal:
        grammar = self._grammar
        kept = self._find_all(wanted, grammar.or_words | grammar.commas)
        if isinstance(kept, Refusal):
            return kept
        left_out = self._find_all(unwanted, grammar.or_words | grammar.and_words | grammar.commas)
        if isinstance(left_out, Refusal):
            return left_out
        inexact = next((phrase for phrase in left_out if phrase.narrower or phrase.coloured), None)
        if inexact is not None:
            note = Note(NoteCode.NOT_EXCLUDABLE, _quoted(unwanted), inexact.read_as)
            return Refusal((note,))
        return _reading(kept, left_out)

    def _find_all(
        self, words: Words, joiners: Collection[str]
    ) -> tuple[SupportedPhrase, ...] | Refusal:
        """Return the meaning of each part between joiners, or refuse the first unsupported one."""
        phrases = []
        for part in self._share_head_nouns(_split_at(words, joiners)) or (words,):
            meaning = self._label_index.find(part) or self._find_with_attributes(part)
            if not isinstance(meaning, SupportedPhrase):
                return Refusal(self._refuse(part).notes)
            phrases.append(meaning)
        return tuple(phrases)

    def _share_head_nouns(self, parts: list[Words]) -> list[Words]:
        """Return the parts, each without a noun of its own given the next: "red or blue truck"."""
        filled: list[Words] = []
        head_noun: Words = ()
        for part in reversed(parts):
            described = itertools.takewhile(self._grammar.attributes.__contains__, part)
            own = part[len(tuple(described)) :]
            filled.append(part if own else (*part, *head_noun))
            head_noun = own or head_noun
        return filled[::-1]

    def _find_with_attributes(self, words: Words) -> SupportedPhrase | None:
        """Return a phrase with attributes, if the detector can judge all of them."""
        head = self._find_head(self._grammar.strip_stopwords(words))
        if head is None:
            return None
        head_noun, attributes = head
        if (
            not isinstance(head_noun, SupportedPhrase)
            or not attributes.required_kinds(self._grammar) <= self._attributes
        ):
            return None
        colours = attributes.colour_constraints(self._grammar)
        prompts = tuple(attributes.apply_to(name, self._grammar) for name in head_noun.prompts)
        coloured = tuple(
            ColouredPrompt(prompt, name, colours)
            for prompt, name in zip(prompts, head_noun.prompts, strict=True)
        )
        read_as = attributes.apply_to(head_noun.read_as, self._grammar)
        return SupportedPhrase(
            read_as, prompts, head_noun.notes, head_noun.narrower, coloured if colours else ()
        )

    def _split_english(self, words: Words) -> tuple[Words, Words] | None:
        for start in range(1, len(words)):
            for phrase in self._grammar.exclusion_markers:
                end = start + len(phrase)
                if words[start:end] == phrase and end < len(words):
                    return words[:start], words[end:]
        return None

    def _split_korean(self, words: Words) -> tuple[Words, Words] | None:
        """Split both orders: "버스 제외한 차량" and "차량 버스 제외"."""
        marks = self._grammar.korean_exclusion_markers
        mark = next((i for i, word in enumerate(words) if i and word in marks), None)
        if mark is None:
            return None
        premodifiers, after = words[:mark], words[mark + 1 :]
        if after:
            return after, self._without_particle(premodifiers)
        for cut in range(1, len(premodifiers)):
            wanted, unwanted = premodifiers[:cut], self._without_particle(premodifiers[cut:])
            if all(
                isinstance(self._label_index.find(side), SupportedPhrase)
                for side in (wanted, unwanted)
            ):
                return wanted, unwanted
        return None

    def _without_particle(self, words: Words) -> Words:
        if self._label_index.find(words) is not None:
            return words
        *premodifiers, last = words
        for particle in self._grammar.object_particles:
            if last.endswith(particle) and last != particle:
                return (*premodifiers, last.removesuffix(particle))
        return words

    def _refuse(self, words: Words) -> Refusal:
        phrase = self._grammar.strip_stopwords(words)
        meaning = self._label_index.find(phrase)
        if isinstance(meaning, UnsupportedPhrase):
            english = "" if meaning.read_as in " ".join(phrase) else f" ({meaning.read_as})"
            unsupported = Note(NoteCode.NOT_LEARNED, _quoted(phrase), english)
            return Refusal((unsupported, self._offer(meaning.suggestions)), meaning.read_as)
        unsupported = Note(NoteCode.NOT_LEARNED, _quoted(phrase))
        head = self._find_head(phrase)
        if head is None:
            return Refusal((unsupported, self._offer(())))
        head_noun, attributes = head
        phrases = attributes.phrases
        is_described = any(map(self._grammar.is_modifier, itertools.chain(*phrases)))
        if isinstance(head_noun, UnsupportedPhrase):
            return Refusal(
                (unsupported, self._offer(head_noun.suggestions if is_described else ()))
            )
        if not is_described:
            return Refusal((unsupported, self._offer((head_noun.read_as,))))
        not_judged = Note(
            NoteCode.NOT_JUDGED, names=tuple(map(_quoted, self._not_judged(attributes)))
        )
        of_phrases = (self._label_index.find(phrase) for phrase in phrases)
        suggestions = _unique(
            phrase.read_as for phrase in of_phrases if isinstance(phrase, SupportedPhrase)
        )
        return Refusal(
            (not_judged, Note(NoteCode.NEAREST_WIDER, names=(*suggestions, head_noun.read_as)))
        )

    def _not_judged(self, attributes: Attributes) -> tuple[Words, ...]:
        """Return the modifier phrases that the detector cannot judge."""
        sides = (
            Attributes(premodifiers=attributes.premodifiers),
            Attributes(postmodifiers=attributes.postmodifiers),
        )
        return tuple(
            side.phrases[0]
            for side in sides
            if side.phrases and not side.required_kinds(self._grammar) <= self._attributes
        )

    def _find_head(self, words: Words) -> tuple[PhraseMeaning, Attributes] | None:
        """Return the head noun of a longer phrase, and its attributes."""
        marker_positions = (
            i for i, word in enumerate(words) if i and word in self._grammar.postmodifier_markers
        )
        cut = next(marker_positions, len(words))
        subject, rest = words[:cut], words[cut:]
        for start in range(len(subject)):
            meaning = self._label_index.find(subject[start:])
            if meaning is not None:
                return meaning, Attributes(subject[:start], rest)
        for end in range(len(subject) - 1, 0, -1):
            described = self._grammar.is_modifier(subject[end])
            found = self._find_head(subject[:end]) if described else None
            if found is not None and not found[1].postmodifiers:
                return found[0], Attributes(found[1].premodifiers, subject[end:] + rest)
        return None

    def _offer(self, suggestions: tuple[str, ...]) -> Note:
        if suggestions:
            return Note(NoteCode.NEAREST, names=suggestions)
        return Note(NoteCode.KNOWN_NAMES, names=self._known_names)


def _reading(
    kept: tuple[SupportedPhrase, ...], left_out: tuple[SupportedPhrase, ...]
) -> Reading | Refusal:
    excluded = _unique(name for phrase in left_out for name in phrase.prompts)
    wanted = _unique(name for phrase in kept for name in phrase.prompts)
    prompts = tuple(name for name in wanted if name not in excluded)
    read_as = " or ".join(_unique(phrase.read_as for phrase in kept))
    if left_out:
        read_as += " except " + " or ".join(_unique(phrase.read_as for phrase in left_out))
    if not prompts:
        return Refusal((Note(NoteCode.NOTHING_LEFT, read_as),))
    notes = [note for phrase in kept for note in phrase.notes]
    if any(phrase.is_group for phrase in kept):
        notes.append(Note(NoteCode.COUNTS, names=prompts))
    coloured = tuple(item for phrase in kept for item in phrase.coloured if item.prompt in prompts)
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


def _quoted(words: Words) -> str:
    text = " ".join(words)
    return f"{text[:_QUOTED_LENGTH]}…" if len(text) > _QUOTED_LENGTH else text
