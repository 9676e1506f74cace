"""Function words, attributes and plurals of the query language, read from `data/grammar.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from ovd.domain.query import AttributeKind
from ovd.language.hangul import has_hangul
from ovd.language.tokens import Words, split_words

_KOREAN_PLURAL = "들"
_SHORTEST_PARTICIPLE = 5


_KINDS_BY_NAME: Mapping[str, AttributeKind] = MappingProxyType(
    {kind.value: kind for kind in AttributeKind}
)


@dataclass(frozen=True)
class Grammar:
    """Function words and attributes; every entry is split into words.

    Attributes:
        leading_stopwords: Dropped before a phrase.
        trailing_stopwords: Dropped after a phrase.
        or_words: Between alternatives of one query.
        and_words: Between nouns that should be queries of their own.
        commas: The same, but between alternatives in a list that ends with one of `or_words`.
        exclusion_markers: Before what is left out, English order.
        korean_exclusion_markers: After what is left out, Korean order.
        object_particles: Endings of a Korean word that is left out.
        particles: Endings of any Korean word.
        postmodifier_markers: Start a modifier of the noun before them: "with", "wearing".
        attributes: Kind of attribute by adjective; None if no detector could judge it.
        wearables: Clothes and other objects that are worn.
        negated_adjectives: Phrase for an adjective that negates: "helmetless", "without helmet".
        plurals: Irregular plurals of a word.
    """

    leading_stopwords: tuple[Words, ...]
    trailing_stopwords: frozenset[str]
    or_words: frozenset[str]
    and_words: frozenset[str]
    commas: frozenset[str]
    exclusion_markers: tuple[Words, ...]
    korean_exclusion_markers: frozenset[str]
    object_particles: tuple[str, ...]
    particles: tuple[str, ...]
    postmodifier_markers: frozenset[str]
    attributes: Mapping[str, AttributeKind | None]
    wearables: frozenset[str]
    negated_adjectives: Mapping[str, Words]
    plurals: Mapping[str, tuple[str, ...]]

    @property
    def words(self) -> frozenset[str]:
        """Return every function word and attribute, one by one, without punctuation."""
        phrases = (*self.leading_stopwords, *self.exclusion_markers)
        alone = (
            self.trailing_stopwords
            | self.or_words
            | self.and_words
            | self.korean_exclusion_markers
            | self.postmodifier_markers
        )
        every = alone.union(
            self.attributes,
            self.negated_adjectives,
            self.wearables,
            *phrases,
            *self.plurals.values(),
        )
        return frozenset(word for word in every if word.isalpha())

    def strip_stopwords(self, words: Words) -> Words:
        """Return the phrase without articles and quantifiers; empty only if `words` is."""
        while len(words) > 1:
            dropped = next(
                (lead for lead in self.leading_stopwords if words[: len(lead)] == lead), ()
            )
            if dropped and len(dropped) < len(words):
                words = words[len(dropped) :]
            elif words[-1] in self.trailing_stopwords:
                words = words[:-1]
            else:
                break
        return words

    def is_modifier(self, word: str) -> bool:
        """Return whether a word modifies a noun instead of being one; numbers do."""
        participle = word.endswith("ing") and len(word) >= _SHORTEST_PARTICIPLE
        nameless = not any(char.isalpha() for char in word)
        small = (
            word in self.postmodifier_markers
            or word in self.attributes
            or word in self.negated_adjectives
        )
        return participle or nameless or small

    def plurals_of(self, phrase: str) -> tuple[str, ...]:
        """Return the English plurals of a phrase (of its last word); none for other scripts."""
        words = split_words(phrase)
        if not words or not (words[-1].isascii() and words[-1].isalpha()):
            return ()
        *before, last = words
        return tuple(" ".join((*before, plural)) for plural in self._plurals_of_word(last))

    def _plurals_of_word(self, word: str) -> tuple[str, ...]:
        if word in self.plurals:
            return self.plurals[word]
        if word.endswith(("s", "x", "z", "ch", "sh")):
            return (f"{word}es",)
        if word.endswith("y") and word[-2:-1] not in "aeiou":
            return (f"{word[:-1]}ies",)
        if word.endswith("o"):
            return (f"{word}s", f"{word}es")
        return (f"{word}s",)


def korean_singular(word: str) -> str:
    """Return the word without the Korean plural ending, if it has one."""
    if word.endswith(_KOREAN_PLURAL) and len(word) > 1 and has_hangul(word[:-1]):
        return word.removesuffix(_KOREAN_PLURAL)
    return word


def load_grammar() -> Grammar:
    """Load the grammar that ships with the package."""
    path = resources.files("ovd.language") / "data" / "grammar.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Grammar(
        leading_stopwords=_longest_first(data["leading_stopwords"]),
        trailing_stopwords=frozenset(data["trailing_stopwords"]),
        or_words=frozenset(data["or_words"]),
        and_words=frozenset(data["and_words"]),
        commas=frozenset(data["commas"]),
        exclusion_markers=_longest_first(data["exclusion_markers"]),
        korean_exclusion_markers=frozenset(data["korean_exclusion_markers"]),
        object_particles=tuple(data["object_particles"]),
        particles=tuple(data["particles"]),
        postmodifier_markers=frozenset(data["postmodifier_markers"]),
        attributes={
            word: _KINDS_BY_NAME.get(name)
            for name, words in data["attributes"].items()
            for word in words
        },
        wearables=frozenset(data["wearables"]),
        negated_adjectives={
            word: split_words(phrase) for word, phrase in data["negated_adjectives"].items()
        },
        plurals={word: tuple(plurals) for word, plurals in data["plurals"].items()},
    )


def _longest_first(phrases: Sequence[str]) -> tuple[Words, ...]:
    return tuple(sorted(map(split_words, phrases), key=len, reverse=True))
