"""What words mean to one detector: the lexicon seen through the names it has learned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import ColouredPrompt
from ovd.language.grammar import Grammar, korean_singular
from ovd.language.lexicon import Also, Group, Lexicon, Thing
from ovd.language.tokens import Words, key_of, phrase_key

_MAX_NEAR = 3
_EVERYTHING = (
    "everything", "anything", "all things", "any thing", "all objects", "any object",
    "모든 것", "모든것들", "모든 물체", "모든 사물", "아무거나", "무엇이든", "뭐든지",
)  # fmt: skip


@dataclass(frozen=True)
class Sense:
    """A phrase that the detector supports.

    Attributes:
        read_as: English reading; reading it again gives the same sense.
        prompts: Known names, each an alternative; at least one.
        notes: What to tell the operator.
        narrower: Whether the phrase named only some of what will count.
        coloured: Which of the prompts name a colour.
    """

    read_as: str
    prompts: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    narrower: bool = False
    coloured: tuple[ColouredPrompt, ...] = ()

    @property
    def stands_for_others(self) -> bool:
        """Whether the reading names a group, so that the operator should see its members."""
        return self.prompts != (self.read_as,)


@dataclass(frozen=True)
class Foreign:
    """A phrase that has a meaning, which the detector has not learned.

    Attributes:
        read_as: English reading.
        near: At most three known names to offer instead.
    """

    read_as: str
    near: tuple[str, ...] = ()


Meaning = Sense | Foreign
_Form = tuple[str, Meaning]


class Senses:
    """Looks phrases up; immutable once built."""

    def __init__(self, lexicon: Lexicon, grammar: Grammar, known_names: Sequence[str]) -> None:
        """Join the lexicon with the names of one detector.

        Args:
            lexicon: What people call things.
            grammar: Plurals and the words to ignore around a phrase.
            known_names: Names the detector has learned, in its own spelling and order.
        """
        self._grammar = grammar
        self._known = {phrase_key(name): name for name in reversed(known_names)}
        self._things = {thing.name: thing for thing in lexicon.things}
        self._groups = {group.name: group for group in lexicon.groups}
        forms = [
            *self._supported_forms(lexicon, known_names),
            *_forms_of_everything(known_names),
            *self._foreign_forms(lexicon),
        ]
        self._by_key: dict[str, Meaning] = {}
        all_forms = [*forms, *self._wordnet_forms(lexicon)]
        for phrase, meaning in all_forms:
            self._by_key.setdefault(phrase_key(phrase), meaning)
        for phrase, meaning in all_forms:
            for plural in grammar.plurals_of(phrase):
                self._by_key.setdefault(phrase_key(plural), meaning)
        self._supported_words = tuple(
            {phrase: None for phrase, meaning in forms if self._reads_as(phrase, meaning)}
        )

    @property
    def supported_words(self) -> tuple[str, ...]:
        """Every supported phrase in its basic form: known names, then groups, then the rest."""
        return self._supported_words

    def find(self, words: Words) -> Meaning | None:
        """The meaning of a whole phrase, articles and plural endings aside."""
        bare = self._grammar.bare(words)
        singular = tuple(korean_singular(word) for word in bare)
        for form in (words, bare, singular):
            meaning = self._by_key.get(key_of(form))
            if meaning is not None:
                return meaning
        return None

    def _reads_as(self, phrase: str, meaning: Meaning) -> bool:
        return isinstance(meaning, Sense) and self._by_key[phrase_key(phrase)] is meaning

    def _supported_forms(self, lexicon: Lexicon, known_names: Sequence[str]) -> Iterator[_Form]:
        groups = [self._group_forms(group) for group in lexicon.groups]
        group_keys = {phrase_key(word) for forms in groups for word, _ in forms}
        things = {phrase_key(thing.name): thing for thing in lexicon.things}
        for name in known_names:
            key = phrase_key(name)
            if key not in group_keys:
                thing = things.get(key)
                yield name, Sense(name, (name,), _said(thing) if thing else ())
        for forms in groups:
            yield from forms
        for thing in lexicon.things:
            known = self._known_as(thing)
            if known is not None:
                yield from _thing_forms(thing, known)

    def _group_forms(self, group: Group) -> tuple[_Form, ...]:
        prompts = self._learned(group)
        if not prompts:
            return ()
        own = Sense(group.name, prompts)
        other = Sense(group.name, prompts, (Note(NoteCode.READ_AS, group.name),))
        return tuple((word, own if word == group.name else other) for word in group.same)

    def _learned(self, group: Group) -> tuple[str, ...]:
        """Known names that the group stands for, its own first where the detector knows it."""
        own = (self._known[key] for key in map(phrase_key, group.same) if key in self._known)
        members = (name for member in group.members for name in self._names_of(member))
        return tuple(dict.fromkeys((*own, *members)))

    def _names_of(self, member: str) -> tuple[str, ...]:
        if member in self._groups:
            return self._learned(self._groups[member])
        name = self._known_as(self._things[member])
        return () if name is None else (name,)

    def _known_as(self, thing: Thing) -> str | None:
        keys = map(phrase_key, (thing.name, *thing.words))
        return next((self._known[key] for key in keys if key in self._known), None)

    def _foreign_forms(self, lexicon: Lexicon) -> Iterator[_Form]:
        for thing in lexicon.things:
            foreign = Foreign(thing.name, self._near(thing.near))
            words = (*thing.same, *(word for also in thing.also for word in _all_words(also)))
            yield from ((word, foreign) for word in words)
        for group in lexicon.groups:
            foreign = Foreign(group.name, self._near(group.near))
            yield from ((word, foreign) for word in group.same)
        for entry in lexicon.unlearned:
            near = self._near(entry.near)
            yield from ((word, Foreign(word, near)) for word in entry.words)
            yield from ((word, Foreign(entry.words[0], near)) for word in entry.korean)

    def _wordnet_forms(self, lexicon: Lexicon) -> Iterator[_Form]:
        """Words that only WordNet leads to what was learned; they are read, but not suggested."""
        for group in lexicon.wordnet:
            name = self._known_as(self._things[group.name]) if group.name in self._things else None
            if name is None:
                continue
            same = Sense(name, (name,), (Note(NoteCode.SYNONYM, name),))
            yield from ((word, same) for word in group.same)
            for word in group.kinds:
                notes = (Note(NoteCode.KIND_OF, name), Note(NoteCode.ALL_COUNT, name, word))
                yield word, Sense(name, (name,), notes, narrower=True)

    def _near(self, near: tuple[str, ...]) -> tuple[str, ...]:
        names = (name for item in near for name in self._names_of(item))
        return tuple(dict.fromkeys(names))[:_MAX_NEAR]


def _forms_of_everything(known_names: Sequence[str]) -> Iterator[_Form]:
    everything = Sense(_EVERYTHING[0], tuple(dict.fromkeys(known_names)))
    yield from ((phrase, everything) for phrase in _EVERYTHING)


def _thing_forms(thing: Thing, name: str) -> Iterator[_Form]:
    read_as = Note(NoteCode.READ_AS, name)
    same = Sense(name, (name,), (read_as, *_said(thing)))
    yield from ((word, same) for word in thing.same)
    for also in thing.also:
        for word in _all_words(also):
            said = _said(also) or (Note(NoteCode.ALL_COUNT, name, word),)
            yield word, Sense(name, (name,), (read_as, *said), also.narrower)


def _said(entry: Thing | Also) -> tuple[Note, ...]:
    return (Note(NoteCode.SAID, entry.note, entry.note_ko),) if entry.note else ()


def _all_words(also: Also) -> tuple[str, ...]:
    return (*also.words, *also.korean)
