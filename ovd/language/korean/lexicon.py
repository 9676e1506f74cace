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
    """Words that say something about a thing; English readings by Korean word.

    Attributes:
        describing: Stand before a thing.
        describing_people: The same, but never said of what stands between.
        doing_to: Stand after a thing, in a clause about the next one.
        doing: Stand before a thing and say what it does.
        places: Stand after a thing, and say where the next one is.
        numbers: Numerals.
        counters: Counting words.
        uncounted: English words without an article.
        ignored: Words without a meaning of their own in a query.
        negations_before: Turn the next verb into its contrary.
        negations_after: Turn the verb before into its contrary.
        helpers: Verbs without a meaning of their own.
        held: English words for things that Korean wears and English holds.
        on_something: English words for actions that happen on something.
    """

    describing: Mapping[str, str]
    describing_people: Mapping[str, str]
    doing_to: Mapping[str, str]
    doing: Mapping[str, str]
    places: Mapping[str, str]
    numbers: frozenset[str]
    counters: frozenset[str]
    uncounted: frozenset[str]
    ignored: frozenset[str]
    negations_before: frozenset[str]
    negations_after: frozenset[str]
    helpers: frozenset[str]
    held: frozenset[str]
    on_something: frozenset[str]

    @property
    def before_things(self) -> Mapping[str, str]:
        """Words after which a thing must come."""
        return {**self.describing, **self.describing_people, **self.doing_to, **self.doing}

    @property
    def words(self) -> frozenset[str]:
        """Every word of the grammar."""
        small = self.ignored | self.negations_before | self.negations_after | self.helpers
        return small.union(self.before_things, self.places)


def load_korean_grammar() -> KoreanGrammar:
    """Read the data file that ships with the package."""
    data = tomllib.loads(_read("korean_grammar.toml"))
    readings = {
        name: {word: english for english, words in data[name].items() for word in words}
        for name in ("describing", "describing_people", "doing_to", "doing", "places")
    }
    lists = {name: frozenset(words) for name, words in data["counting"].items()}
    return KoreanGrammar(
        describing=readings["describing"],
        describing_people=readings["describing_people"],
        doing_to=readings["doing_to"],
        doing=readings["doing"],
        places=readings["places"],
        **lists,
    )


def load_readings() -> Mapping[str, str]:
    """English reading by Korean word, of things that the files of this language list."""
    return {word: english for name in _DOMAINS for word, english in read_domain(name)}


def read_domain(name: str) -> tuple[tuple[str, str], ...]:
    """Korean words and readings of `data/korean_<name>.txt`, in order, repetitions and all."""
    lines = (line for line in _read(f"korean_{name}.txt").splitlines() if not line.startswith("#"))
    pairs = (line.split(": ") for line in lines)
    return tuple((word, english) for english, words in pairs for word in words.split(", "))


def all_readings(lexicon: Lexicon) -> Mapping[str, str]:
    """English reading by Korean word without its spaces, of this language's files and `lexicon`."""
    readings = dict(load_readings())
    for thing in lexicon.things:
        readings.update(dict.fromkeys(thing.korean, thing.name))
    for group in lexicon.groups:
        readings.update(dict.fromkeys(group.korean, group.name))
    for entry in lexicon.unlearned:
        readings.update(dict.fromkeys(entry.korean, entry.words[0]))
    readings.update(read_domain("close"))
    return {word.replace(" ", ""): english for word, english in readings.items()}


def _read(name: str) -> str:
    path = resources.files("ovd.language") / "data" / name
    return path.read_text(encoding="utf-8")
