"""Korean words and their English readings, read from `data/korean_*`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from ovd.language.lexicon import Lexicon

_DOMAINS = (
    "people", "body", "vehicles", "road", "animals", "plants", "food", "kitchen", "home",
    "electronics", "tools", "clothing", "leisure", "places",
)  # fmt: skip


@dataclass(frozen=True)
class KoreanGrammar:
    """Modifiers and counters, mostly as English reading by Korean word.

    Attributes:
        adjectives: Before a noun.
        person_adjectives: The same, but for people only, across another noun in between.
        transitive_verbs: After their object, in a clause about the next noun.
        actions: Before a noun, naming what it does.
        locations: After a noun, locating the next one.
        numbers: Numerals.
        counters: Counting words.
        uncountable: English words without an article.
        stopwords: Words without a meaning of their own in a query.
        negations_before: Turn the next verb into its contrary.
        negations_after: Turn the verb before into its contrary.
        auxiliary_verbs: Verbs without a meaning of their own.
        held_objects: English words for objects that Korean "wears" and English "holds".
        actions_on_objects: English words for actions that happen on something.
    """

    adjectives: Mapping[str, str]
    person_adjectives: Mapping[str, str]
    transitive_verbs: Mapping[str, str]
    actions: Mapping[str, str]
    locations: Mapping[str, str]
    numbers: frozenset[str]
    counters: frozenset[str]
    uncountable: frozenset[str]
    stopwords: frozenset[str]
    negations_before: frozenset[str]
    negations_after: frozenset[str]
    auxiliary_verbs: frozenset[str]
    held_objects: frozenset[str]
    actions_on_objects: frozenset[str]

    @property
    def prenominal(self) -> Mapping[str, str]:
        """Return the words that must be followed by a noun."""
        return {
            **self.adjectives,
            **self.person_adjectives,
            **self.transitive_verbs,
            **self.actions,
        }

    @property
    def words(self) -> frozenset[str]:
        """Return every word of the grammar."""
        small = self.stopwords | self.negations_before | self.negations_after | self.auxiliary_verbs
        return small.union(self.prenominal, self.locations)


def load_korean_grammar() -> KoreanGrammar:
    """Load the grammar that ships with the package."""
    data = tomllib.loads(_read("korean_grammar.toml"))
    readings = {
        name: {word: english for english, words in data[name].items() for word in words}
        for name in ("adjectives", "person_adjectives", "transitive_verbs", "actions", "locations")
    }
    lists = {name: frozenset(words) for name, words in data["counting"].items()}
    return KoreanGrammar(
        adjectives=readings["adjectives"],
        person_adjectives=readings["person_adjectives"],
        transitive_verbs=readings["transitive_verbs"],
        actions=readings["actions"],
        locations=readings["locations"],
        **lists,
    )


def load_korean_readings() -> Mapping[str, str]:
    """Return the English reading by Korean word, of the nouns in the domain files."""
    return {word: english for name in _DOMAINS for word, english in load_domain(name)}


def load_domain(name: str) -> tuple[tuple[str, str], ...]:
    """Return (Korean word, reading) pairs of `data/korean_<name>.txt`, in file order."""
    lines = (line for line in _read(f"korean_{name}.txt").splitlines() if not line.startswith("#"))
    pairs = (line.split(": ") for line in lines)
    return tuple((word, english) for english, words in pairs for word in words.split(", "))


def merge_readings(lexicon: Lexicon) -> Mapping[str, str]:
    """Return the English reading by Korean word without spaces, of all files and `lexicon`."""
    readings = dict(load_korean_readings())
    for concept in lexicon.concepts:
        readings.update(dict.fromkeys(concept.korean, concept.name))
    for group in lexicon.groups:
        readings.update(dict.fromkeys(group.korean, group.name))
    for entry in lexicon.unsupported:
        readings.update(dict.fromkeys(entry.korean, entry.words[0]))
    readings.update(load_domain("close"))
    return {word.replace(" ", ""): english for word, english in readings.items()}


def _read(name: str) -> str:
    path = resources.files("ovd.language") / "data" / name
    return path.read_text(encoding="utf-8")
