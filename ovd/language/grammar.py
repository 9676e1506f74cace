"""The small words of the query language, read from `data/grammar.toml`."""

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


_KINDS: Mapping[str, AttributeKind] = MappingProxyType({kind.value: kind for kind in AttributeKind})


@dataclass(frozen=True)
class Grammar:
    """Function words; every entry is split into words.

    Attributes:
        leading: Dropped before a phrase.
        trailing: Dropped after a phrase.
        either: Between alternatives of one query.
        both: Between things that should be queries of their own.
        commas: The same, but between alternatives in a list that ends with one of `either`.
        excepting: Before what is left out, English order.
        excepting_korean: After what is left out, Korean order.
        object_particles: Endings of a Korean word that is left out.
        particles: Endings of any Korean word.
        links: Begin what is said about the thing before them.
        attributes: Describe a thing; kind by word, None where no detector could be asked.
        worn: Things that are worn.
        lacking: What one word says to be missing.
        plurals: Irregular plurals of a word.
    """

    leading: tuple[Words, ...]
    trailing: frozenset[str]
    either: frozenset[str]
    both: frozenset[str]
    commas: frozenset[str]
    excepting: tuple[Words, ...]
    excepting_korean: frozenset[str]
    object_particles: tuple[str, ...]
    particles: tuple[str, ...]
    links: frozenset[str]
    attributes: Mapping[str, AttributeKind | None]
    worn: frozenset[str]
    lacking: Mapping[str, Words]
    plurals: Mapping[str, tuple[str, ...]]

    @property
    def words(self) -> frozenset[str]:
        """Every small word and attribute, one by one; no signs."""
        phrases = (*self.leading, *self.excepting)
        alone = self.trailing | self.either | self.both | self.excepting_korean | self.links
        every = alone.union(
            self.attributes, self.lacking, self.worn, *phrases, *self.plurals.values()
        )
        return frozenset(word for word in every if word.isalpha())

    def bare(self, words: Words) -> Words:
        """The phrase without articles and counting words; never empty unless `words` is."""
        while len(words) > 1:
            dropped = next((lead for lead in self.leading if words[: len(lead)] == lead), ())
            if dropped and len(dropped) < len(words):
                words = words[len(dropped) :]
            elif words[-1] in self.trailing:
                words = words[:-1]
            else:
                break
        return words

    def describes(self, word: str) -> bool:
        """Whether a word says something about a thing instead of naming one; so do numbers."""
        participle = word.endswith("ing") and len(word) >= _SHORTEST_PARTICIPLE
        nameless = not any(char.isalpha() for char in word)
        small = word in self.links or word in self.attributes or word in self.lacking
        return participle or nameless or small

    def plurals_of(self, phrase: str) -> tuple[str, ...]:
        """English plurals of a phrase, which change its last word; none for other scripts."""
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
    """The word without the plural ending, where it is a Korean plural."""
    if word.endswith(_KOREAN_PLURAL) and len(word) > 1 and has_hangul(word[:-1]):
        return word.removesuffix(_KOREAN_PLURAL)
    return word


def load_grammar() -> Grammar:
    """Read the data file that ships with the package."""
    path = resources.files("ovd.language") / "data" / "grammar.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Grammar(
        leading=_longest_first(data["leading"]),
        trailing=frozenset(data["trailing"]),
        either=frozenset(data["either"]),
        both=frozenset(data["both"]),
        commas=frozenset(data["comma"]),
        excepting=_longest_first(data["except"]),
        excepting_korean=frozenset(data["except_korean"]),
        object_particles=tuple(data["object_particles"]),
        particles=tuple(data["particles"]),
        links=frozenset(data["links"]),
        attributes={
            word: _KINDS.get(name) for name, words in data["attributes"].items() for word in words
        },
        worn=frozenset(data["worn"]),
        lacking={word: split_words(said) for word, said in data["lacking"].items()},
        plurals={word: tuple(plurals) for word, plurals in data["plurals"].items()},
    )


def _longest_first(phrases: Sequence[str]) -> tuple[Words, ...]:
    return tuple(sorted(map(split_words, phrases), key=len, reverse=True))
