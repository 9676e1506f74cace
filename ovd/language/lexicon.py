"""What people call things, read from `data/lexicon.toml`, whose head explains the entries."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Also:
    """Words that come close to a thing, without being its name.

    Attributes:
        words: English words.
        korean: Korean words.
        note: What to tell the operator.
        note_ko: The same in Korean.
        narrower: Whether the words name only some of the things, so that more would count.
    """

    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    note: str = ""
    note_ko: str = ""
    narrower: bool = False


@dataclass(frozen=True)
class Thing:
    """A label of some detector.

    Attributes:
        name: The label, lower case.
        words: Other English words for the same thing.
        korean: Korean words for the same thing.
        also: Words that come close.
        near: Things and groups to offer when the detector has not learned this one.
        note: What to tell the operator whenever it is counted.
        note_ko: The same in Korean.
    """

    name: str
    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    also: tuple[Also, ...] = ()
    near: tuple[str, ...] = ()
    note: str = ""
    note_ko: str = ""

    @property
    def same(self) -> tuple[str, ...]:
        """The name and all words that mean exactly this."""
        return (self.name, *self.words, *self.korean)


@dataclass(frozen=True)
class Group:
    """A word for several things.

    Attributes:
        name: The word, lower case.
        words: Other English words for the same.
        korean: Korean words for the same.
        members: Names of things and other groups.
        near: Things and groups to offer when the detector has learned no member.
    """

    name: str
    words: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def same(self) -> tuple[str, ...]:
        """The name and all words that mean exactly this."""
        return (self.name, *self.words, *self.korean)


@dataclass(frozen=True)
class Unlearned:
    """Real words for things that no detector here has learned.

    Attributes:
        words: English words; they need not mean the same.
        korean: Korean words for the first of `words`.
        near: Things and groups to offer instead.
    """

    words: tuple[str, ...]
    korean: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordNetGroup:
    """WordNet's words around a thing.

    Attributes:
        name: Name of the thing.
        same: Words that mean the thing.
        kinds: Words for kinds of it.
    """

    name: str
    same: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All entries.

    Attributes:
        things: Labels and their words.
        groups: Hypernyms.
        unlearned: Other words worth knowing.
        wordnet: What WordNet adds; every other entry goes before it.
    """

    things: tuple[Thing, ...]
    groups: tuple[Group, ...]
    unlearned: tuple[Unlearned, ...]
    wordnet: tuple[WordNetGroup, ...] = ()


def load_lexicon() -> Lexicon:
    """Read the data files that ship with the package."""
    data = _read("lexicon.toml")
    groups = _read("wordnet_groups.toml")
    return Lexicon(
        things=tuple(_parse_thing(entry) for entry in data["thing"]),
        groups=tuple(Group(**_frozen(entry)) for entry in data["group"]),
        unlearned=tuple(Unlearned(**_frozen(entry)) for entry in data["unlearned"]),
        wordnet=tuple(WordNetGroup(name, **_frozen(words)) for name, words in groups.items()),
    )


def _read(name: str) -> dict[str, Any]:
    path = resources.files("ovd.language") / "data" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _parse_thing(entry: dict[str, Any]) -> Thing:
    also = tuple(Also(**_frozen(item)) for item in entry.get("also", ()))
    return Thing(**(_frozen(entry) | {"also": also}))


def _frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
