"""Names and synonyms of countable objects, read from `data/lexicon.toml`, which explains them."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class RelatedTerms:
    """Terms that come close to a concept without being synonyms.

    Attributes:
        words: English words.
        korean: Korean words.
        note: What to tell the operator.
        note_ko: The same in Korean.
        narrower: Whether the words name only some of the objects that would count.
    """

    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    note: str = ""
    note_ko: str = ""
    narrower: bool = False


@dataclass(frozen=True)
class Concept:
    """A label of some detector, and its synonyms.

    Attributes:
        name: The label, lower case.
        words: English synonyms.
        korean: Korean synonyms.
        related: Terms that come close.
        suggestions: Concepts and groups to offer when the detector has not learned this one.
        note: What to tell the operator whenever it is counted.
        note_ko: The same in Korean.
    """

    name: str
    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    related: tuple[RelatedTerms, ...] = ()
    suggestions: tuple[str, ...] = ()
    note: str = ""
    note_ko: str = ""

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Return the name and all terms with exactly the same meaning."""
        return (self.name, *self.words, *self.korean)


@dataclass(frozen=True)
class Group:
    """A hypernym: one word for several concepts.

    Attributes:
        name: The word, lower case.
        words: English synonyms.
        korean: Korean synonyms.
        members: Names of concepts and other groups.
        suggestions: Concepts and groups to offer when the detector has learned no member.
    """

    name: str
    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Return the name and all terms with exactly the same meaning."""
        return (self.name, *self.words, *self.korean)


@dataclass(frozen=True)
class UnsupportedTerms:
    """Real words for objects that no detector here has learned.

    Attributes:
        words: English words; they need not mean the same.
        korean: Korean words for the first of `words`.
        suggestions: Concepts and groups to offer instead.
    """

    words: tuple[str, ...]
    korean: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordNetGroup:
    """Terms of WordNet for a concept.

    Attributes:
        name: Name of the concept.
        synonyms: Terms with the same meaning.
        hyponyms: Terms for kinds of it.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    hyponyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All entries of the lexicon.

    Attributes:
        concepts: Labels and their synonyms.
        groups: Hypernyms.
        unsupported: Words that no detector has learned.
        wordnet: Terms of WordNet; every other entry takes precedence.
    """

    concepts: tuple[Concept, ...]
    groups: tuple[Group, ...]
    unsupported: tuple[UnsupportedTerms, ...]
    wordnet: tuple[WordNetGroup, ...] = ()


def load_lexicon() -> Lexicon:
    """Load the lexicon that ships with the package."""
    data = _read("lexicon.toml")
    groups = _read("wordnet_groups.toml")
    return Lexicon(
        concepts=tuple(_parse_concept(entry) for entry in data["concept"]),
        groups=tuple(Group(**_frozen(entry)) for entry in data["group"]),
        unsupported=tuple(UnsupportedTerms(**_frozen(entry)) for entry in data["unsupported"]),
        wordnet=tuple(WordNetGroup(name, **_frozen(words)) for name, words in groups.items()),
    )


def _read(name: str) -> dict[str, Any]:
    path = resources.files("ovd.language") / "data" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _parse_concept(entry: dict[str, Any]) -> Concept:
    related = tuple(RelatedTerms(**_frozen(item)) for item in entry.get("related", ()))
    return Concept(**(_frozen(entry) | {"related": related}))


def _frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
