"""Index of the words a query may hold, with the cost of each: how unlikely it is to be meant."""

import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from ovd.language.grammar import Grammar
from ovd.language.hangul import has_hangul, to_letters
from ovd.language.lexicon import Lexicon
from ovd.language.spelling.dictionary import Frequency
from ovd.language.spelling.keyboard import typed_as_latin
from ovd.language.tokens import Words, key_of, split_words

# Negative natural logarithms of rough probabilities, as in `ovd.language.spelling.edit_costs`.
_LIST_COSTS = {"everyday": 4.0, "common": 5.5, "uncommon": 6.5}
_DEFAULT_COST = 7.5
_FUNCTION_WORD_COST = 4.5
_FREQUENCY_COSTS = {
    Frequency.COMMON: 9.0,
    Frequency.USUAL: 9.5,
    Frequency.SELDOM: 10.0,
    Frequency.RARE: 11.5,
}
_KOREAN_NOUN_EXTRA = 1.5
_MIN_LETTERS = {Frequency.COMMON: 4, Frequency.USUAL: 4, Frequency.SELDOM: 5, Frequency.RARE: 5}
_PLURAL_EXTRA = 0.5
_PART_EXTRA = 1.0
_RANK_EXTRA = 0.3
_MAX_RANK_EXTRA = 1.5


@dataclass(frozen=True)
class WordEntry:
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


@dataclass(frozen=True)
class KeyedEntries:
    """Entries of one script, and their keys for a search by edit distance.

    Attributes:
        entries: The entries.
        keys: Lower-case keys that type each entry, at the same positions.
    """

    entries: tuple[WordEntry, ...]
    keys: tuple[str, ...]


class WordIndex:
    """Words and phrases of both languages; immutable once built."""

    def __init__(self, entries: Iterable[WordEntry], standalone: Iterable[WordEntry] = ()) -> None:
        """Index the entries; of those that are spelled alike, the likeliest stays.

        Args:
            entries: Words of queries.
            standalone: Words that stand alone in queries, if at all.
        """
        best: dict[Words, WordEntry] = {}
        for entry in entries:
            if entry.words not in best or entry.cost < best[entry.words].cost:
                best[entry.words] = entry
        self._latin, self._hangul = (
            _select_script(best.values(), False),
            _select_script(best.values(), True),
        )
        alone = [entry for entry in standalone if entry.words not in best]
        self._standalone = {hangul: _select_script(alone, hangul) for hangul in (False, True)}
        best.update({entry.words: entry for entry in alone})
        self._by_word = {words[0]: entry for words, entry in best.items() if len(words) == 1}
        likeliest_last = sorted(self._hangul.entries, key=lambda entry: -entry.cost)
        self._by_keys = {entry.keys: entry for entry in likeliest_last if len(entry.words) == 1}
        self._keys_of_phrases = {key_of(words) for words in best}

    def find(self, word: str) -> WordEntry | None:
        """Return the entry of a single word; None if there is none."""
        return self._by_word.get(word)

    def find_keys(self, keys: str) -> WordEntry | None:
        """Return the Korean entry of a single word by its lower-case keys, or None."""
        return self._by_keys.get(keys)

    def holds(self, words: Words) -> bool:
        """Return whether a word or phrase is an entry, ignoring spaces."""
        return key_of(words) in self._keys_of_phrases

    def of_script(self, hangul: bool) -> KeyedEntries:
        """Return the entries of queries in one script, Hangul or Latin."""
        return self._hangul if hangul else self._latin

    def standalone(self, hangul: bool) -> KeyedEntries:
        """Return the entries of one script that are only used alone, not inside phrases."""
        return self._standalone[hangul]


def _select_script(entries: Iterable[WordEntry], hangul: bool) -> KeyedEntries:
    chosen = tuple(entry for entry in entries if has_hangul("".join(entry.words)) == hangul)
    return KeyedEntries(chosen, tuple(entry.keys for entry in chosen))


def build_word_index(
    lexicon: Lexicon,
    grammar: Grammar,
    known_names: Sequence[str],
    readings: Mapping[str, str],
    nouns: Mapping[str, Frequency] = MappingProxyType({}),
) -> WordIndex:
    """Build the index of everything that can be typed for one detector.

    Args:
        lexicon: Concepts and their synonyms.
        grammar: Small words, attributes and plurals.
        known_names: Names the detector has learned.
        readings: English reading by Korean word; empty for small words.
        nouns: Other words for what can be seen, and how often they are used.
    """
    costs = _load_costs()
    names = {*_english(lexicon), *known_names}
    english = {*names, *readings.values(), *costs, *grammar.words}
    singular = grammar.words - names - grammar.wearables
    entries = [*_entries_of_english(english, costs, grammar, singular)]
    entries += _entries_of_korean(readings, costs)
    entries += [_entry(word, _FUNCTION_WORD_COST) for word in grammar.words if has_hangul(word)]
    standalone = (
        _entry(word, _FREQUENCY_COSTS[frequency] + _KOREAN_NOUN_EXTRA * has_hangul(word))
        for word, frequency in nouns.items()
        if len(to_letters(word)) >= _MIN_LETTERS[frequency]
    )
    return WordIndex(entries, standalone)


def _entries_of_korean(
    readings: Mapping[str, str], costs: Mapping[str, float]
) -> Iterator[WordEntry]:
    """Yield the Korean entries; of words with one reading, those listed first cost less."""
    rank: Counter[str] = Counter()
    for word, reading in readings.items():
        rank_extra = min(_RANK_EXTRA * rank[reading], _MAX_RANK_EXTRA) if reading else 0.0
        rank[reading] += 1
        yield _entry(
            word, costs.get(reading, _DEFAULT_COST) + rank_extra, key_of(split_words(reading))
        )


def _entries_of_english(
    phrases: Iterable[str], costs: Mapping[str, float], grammar: Grammar, singular: Container[str]
) -> Iterator[WordEntry]:
    for phrase in phrases:
        if has_hangul(phrase):
            continue
        own = _entry(phrase, costs.get(phrase, _DEFAULT_COST))
        if not own.keys:
            continue
        yield own
        for plural in () if phrase in singular else grammar.plurals_of(phrase):
            yield _entry(plural, own.cost + _PLURAL_EXTRA, own.lemma)
        if len(own.words) > 1:
            yield from (
                _entry(part, _DEFAULT_COST + _PART_EXTRA) for part in own.words if len(part) > 1
            )


def _entry(phrase: str, cost: float, lemma: str = "") -> WordEntry:
    words = split_words(phrase)
    written = key_of(words)
    return WordEntry(words, typed_as_latin(written).lower(), cost, lemma or written)


def _english(lexicon: Lexicon) -> Iterator[str]:
    for concept in lexicon.concepts:
        yield from (concept.name, *concept.words)
        yield from (word for related in concept.related for word in related.words)
    for group in lexicon.groups:
        yield from (group.name, *group.words)
    for entry in lexicon.unsupported:
        yield from entry.words


def _load_costs() -> Mapping[str, float]:
    path = resources.files("ovd.language") / "data" / "frequency.toml"
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    costs: dict[str, float] = {}
    for name, cost in _LIST_COSTS.items():
        for phrase in lists[name]:
            costs.setdefault(phrase, cost)
    return costs
