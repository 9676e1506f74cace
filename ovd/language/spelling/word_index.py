"""Every word that a query may be made of, with how often people mean it."""

import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from ovd.language.grammar import Grammar
from ovd.language.hangul import has_hangul, to_letters
from ovd.language.lexicon import Lexicon
from ovd.language.spelling.dictionary import Use
from ovd.language.spelling.keyboard import typed_as_latin
from ovd.language.tokens import Words, key_of, split_words

# Negative natural logarithms of rough probabilities, as in `ovd.language.spelling.edit_costs`.
_COST_OF_LIST = {"everyday": 4.0, "common": 5.5, "uncommon": 6.5}
_LISTED = 7.5
_SMALL = 4.5
_COST_OF_USE = {Use.COMMON: 9.0, Use.USUAL: 9.5, Use.SELDOM: 10.0, Use.RARE: 11.5}
_KOREAN_THING = 1.5
_SHORTEST_THING = {Use.COMMON: 4, Use.USUAL: 4, Use.SELDOM: 5, Use.RARE: 5}
_PLURAL = 0.5
_PART = 1.0
_LESS_USUAL = 0.3
_LEAST_USUAL = 1.5


@dataclass(frozen=True)
class Entry:
    """A word or a fixed phrase.

    Attributes:
        words: As it is written.
        keys: Lower-case keys that type it, without spaces.
        cost: How unlikely it is to be meant.
        lemma: Key that it shares with its plurals, and with Korean words of the same reading.
    """

    words: Words
    keys: str
    cost: float
    lemma: str


class Stock:
    """Entries of both languages; immutable once built."""

    def __init__(self, entries: Iterable[Entry], others: Iterable[Entry] = ()) -> None:
        """Take the entries; of those that are written alike, the likeliest stays.

        Args:
            entries: Words of queries.
            others: Words that stand alone in queries, if at all.
        """
        best: dict[Words, Entry] = {}
        for entry in entries:
            if entry.words not in best or entry.cost < best[entry.words].cost:
                best[entry.words] = entry
        self._latin, self._hangul = _shelf(best.values(), False), _shelf(best.values(), True)
        alone = [entry for entry in others if entry.words not in best]
        self._others = {hangul: _shelf(alone, hangul) for hangul in (False, True)}
        best.update({entry.words: entry for entry in alone})
        self._by_word = {words[0]: entry for words, entry in best.items() if len(words) == 1}
        likeliest_last = sorted(self._hangul[0], key=lambda entry: -entry.cost)
        self._by_keys = {entry.keys: entry for entry in likeliest_last if len(entry.words) == 1}
        self._written = {key_of(words) for words in best}

    def find(self, word: str) -> Entry | None:
        """The entry of a single word."""
        return self._by_word.get(word)

    def find_keys(self, keys: str) -> Entry | None:
        """The Korean entry of a single word, by the lower-case keys that type it."""
        return self._by_keys.get(keys)

    def holds(self, words: Words) -> bool:
        """Whether a word or phrase is an entry, spaces aside."""
        return key_of(words) in self._written

    def shelf(self, hangul: bool) -> tuple[Sequence[Entry], Sequence[str]]:
        """Entries of one script and, at the same places, their keys."""
        return self._hangul if hangul else self._latin

    def others(self, hangul: bool) -> tuple[Sequence[Entry], Sequence[str]]:
        """The same for words that stand alone."""
        return self._others[hangul]


def _shelf(entries: Iterable[Entry], hangul: bool) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    chosen = tuple(entry for entry in entries if has_hangul("".join(entry.words)) == hangul)
    return chosen, tuple(entry.keys for entry in chosen)


def build_stock(
    lexicon: Lexicon,
    grammar: Grammar,
    known_names: Sequence[str],
    readings: Mapping[str, str],
    things: Mapping[str, Use] = MappingProxyType({}),
) -> Stock:
    """Join all words.

    Args:
        lexicon: What people call things.
        grammar: Small words, attributes and plurals.
        known_names: Names the detector has learned.
        readings: English reading by Korean word; empty for small words.
        things: Other words for what can be seen, and how often they are used.
    """
    costs = _frequencies()
    nouns = {*_english(lexicon), *known_names}
    english = {*nouns, *readings.values(), *costs, *grammar.words}
    singular = grammar.words - nouns - grammar.worn
    entries = [*_entries_of_english(english, costs, grammar, singular)]
    entries += _entries_of_korean(readings, costs)
    entries += [_entry(word, _SMALL) for word in grammar.words if has_hangul(word)]
    others = (
        _entry(word, _COST_OF_USE[use] + _KOREAN_THING * has_hangul(word))
        for word, use in things.items()
        if len(to_letters(word)) >= _SHORTEST_THING[use]
    )
    return Stock(entries, others)


def _entries_of_korean(readings: Mapping[str, str], costs: Mapping[str, float]) -> Iterator[Entry]:
    """Of words with one reading, those that are listed first are the more usual ones."""
    rank: Counter[str] = Counter()
    for word, reading in readings.items():
        unusual = min(_LESS_USUAL * rank[reading], _LEAST_USUAL) if reading else 0.0
        rank[reading] += 1
        yield _entry(word, costs.get(reading, _LISTED) + unusual, key_of(split_words(reading)))


def _entries_of_english(
    phrases: Iterable[str], costs: Mapping[str, float], grammar: Grammar, singular: Container[str]
) -> Iterator[Entry]:
    for phrase in phrases:
        if has_hangul(phrase):
            continue
        own = _entry(phrase, costs.get(phrase, _LISTED))
        if not own.keys:
            continue
        yield own
        for plural in () if phrase in singular else grammar.plurals_of(phrase):
            yield _entry(plural, own.cost + _PLURAL, own.lemma)
        if len(own.words) > 1:
            yield from (_entry(part, _LISTED + _PART) for part in own.words if len(part) > 1)


def _entry(phrase: str, cost: float, lemma: str = "") -> Entry:
    words = split_words(phrase)
    written = key_of(words)
    return Entry(words, typed_as_latin(written).lower(), cost, lemma or written)


def _english(lexicon: Lexicon) -> Iterator[str]:
    for thing in lexicon.things:
        yield from (thing.name, *thing.words)
        yield from (word for also in thing.also for word in also.words)
    for group in lexicon.groups:
        yield from (group.name, *group.words)
    for entry in lexicon.unlearned:
        yield from entry.words


def _frequencies() -> Mapping[str, float]:
    path = resources.files("ovd.language") / "data" / "frequency.toml"
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    costs: dict[str, float] = {}
    for name, cost in _COST_OF_LIST.items():
        for phrase in lists[name]:
            costs.setdefault(phrase, cost)
    return costs
