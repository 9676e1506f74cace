"""Correctly spelled query phrases, from which training data of the spelling network is made."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from string import Formatter

import numpy as np

from ovd.datasets.captions import caption_phrases, load_captions
from ovd.errors import DatasetError
from ovd.language.grammar import load_grammar
from ovd.language.hangul import has_hangul, to_letters
from ovd.language.korean.lexicon import load_korean_readings
from ovd.language.lexicon import Lexicon, load_lexicon
from ovd.language.tokens import split_words

_TEMPLATES_FILE = Path(__file__).parent / "spelling.toml"
_MIN_MENTIONS = 2
_BUCKETS = 50
_SHARES = {"word": 0.6, "phrase": 0.15, "template": 0.25}
_PARTICLES = {"을": ("을", "를"), "과": ("과", "와")}


class Split(StrEnum):
    """Data splits; `UNSEEN` holds the words that are in no other split."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"
    UNSEEN = "unseen"


def split_of(phrase: str) -> Split:
    """Return the split of a phrase, the same in every run; all but train get 1 in 50 each."""
    if any(_bucket(f"word {word}") == 0 for word in phrase.split()):
        return Split.UNSEEN
    return {0: Split.DEV, 1: Split.TEST}.get(_bucket(phrase), Split.TRAIN)


def _bucket(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _BUCKETS


@dataclass(frozen=True)
class Templates:
    """Phrase templates and the words for their gaps.

    Attributes:
        patterns: Phrases with gaps such as `{noun}`.
        fillers: Words by name of the gap.
    """

    patterns: tuple[str, ...]
    fillers: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class LanguagePhrases:
    """Vocabulary and templates of one language.

    Attributes:
        nouns: Object names, as words or fixed phrases.
        phrases: Whole phrases from captions.
        templates: Patterns to put nouns into.
        share: How often its phrases are drawn.
    """

    nouns: tuple[str, ...]
    phrases: tuple[str, ...]
    templates: Templates
    share: float = 1.0

    def draw(self, random: Random) -> str:
        """Draw one phrase."""
        kinds = {kind: share for kind, share in _SHARES.items() if kind != "phrase" or self.phrases}
        (kind,) = random.choices(list(kinds), list(kinds.values()))
        if kind == "word":
            return random.choice(self.nouns)
        return random.choice(self.phrases) if kind == "phrase" else self._fill(random)

    def _fill(self, random: Random) -> str:
        phrase = ""
        for text, gap, _, _ in Formatter().parse(random.choice(self.templates.patterns)):
            phrase += text
            if gap in _PARTICLES:
                phrase += _PARTICLES[gap][not _ends_in_consonant(phrase)]
            elif gap:
                phrase += random.choice(self.templates.fillers.get(gap, self.nouns))
        return phrase


class CleanPhrases:
    """Draws phrases of one split; immutable once built."""

    def __init__(self, languages: Sequence[LanguagePhrases], english_words: Iterable[str]) -> None:
        """Keep the languages, and further words that are spelled correctly."""
        self._languages = tuple(languages)
        self._shares = [language.share for language in languages]
        self._real_words = tuple(dict.fromkeys(english_words))
        known = (
            word
            for item in languages
            for noun in (*item.nouns, *item.phrases)
            for word in noun.split()
        )
        fillers = (
            word
            for item in languages
            for words in item.templates.fillers.values()
            for word in words
        )
        self._known = frozenset([*known, *fillers, *self._real_words])

    def draw(self, random: Random, split: Split) -> str:
        """Draw a phrase of a split."""
        while True:
            (language,) = random.choices(self._languages, self._shares)
            phrase = language.draw(random)
            if split_of(phrase) is split:
                return phrase

    def draw_real_word(self, random: Random, split: Split) -> str:
        """Draw a correctly spelled word that is rare in queries."""
        while True:
            word = random.choice(self._real_words)
            if split_of(word) is split:
                return word

    def is_clean(self, text: str) -> bool:
        """Return whether every word of a text is known, so that it is not a typo."""
        return all(word in self._known for word in text.split())


def load_clean_phrases(
    names: Path | None, captions: Path | None, english_words: Iterable[str]
) -> CleanPhrases:
    """Load words and phrases from the lexicon and from files.

    Args:
        names: `.npz` file with an array `names` of objects in English; None for none.
        captions: File of captions, for the noun phrases of its train split; None for none.
        english_words: English words that are spelled right.

    Raises:
        DatasetError: If a file cannot be read.
    """
    lexicon = load_lexicon()
    readings = load_korean_readings()
    listed = _load_names(names) if names else ()
    words = (*_lexicon_words(lexicon), *readings, *readings.values(), *listed)
    plain = [
        phrase for phrase in dict.fromkeys(" ".join(split_words(word)) for word in words) if phrase
    ]
    korean = tuple(word for word in plain if has_hangul(word))
    english = [word for word in plain if word.isascii()]
    grammar = load_grammar()
    singular = [word for word in english if not word.endswith("s")]
    plurals = [plural for word in singular for plural in grammar.plurals_of(word)[:1]]
    mentioned = _load_phrases(captions) if captions else ()
    templates = _load_templates()
    return CleanPhrases(
        (
            LanguagePhrases((*english, *english, *plurals), mentioned, templates["english"], 0.6),
            LanguagePhrases(korean, (), templates["korean"], 0.4),
        ),
        english_words,
    )


def _lexicon_words(lexicon: Lexicon) -> Iterable[str]:
    for concept in lexicon.concepts:
        yield from concept.synonyms
        for related in concept.related:
            yield from (*related.words, *related.korean)
    for group in lexicon.groups:
        yield from group.synonyms
    for entry in lexicon.unsupported:
        yield from (*entry.words, *entry.korean)


def _load_names(path: Path) -> tuple[str, ...]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return tuple(str(name).replace("_", " ") for name in file["names"])
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(f"cannot read names {path}: {error}") from error


def _load_phrases(path: Path) -> tuple[str, ...]:
    mentions: Counter[str] = Counter()
    for texts in load_captions(path, "train").values():
        mentions.update(caption_phrases(texts))
    return tuple(phrase for phrase, count in mentions.items() if count >= _MIN_MENTIONS)


def _load_templates() -> dict[str, Templates]:
    document = tomllib.loads(_TEMPLATES_FILE.read_text(encoding="utf-8"))
    singular = {"colours": "colour", "attributes": "attribute", "people": "person"}
    return {
        language: Templates(
            tuple(entry["templates"]),
            {
                singular.get(gap, gap): tuple(words.split())
                for gap, words in entry.items()
                if gap != "templates"
            },
        )
        for language, entry in document.items()
    }


def _ends_in_consonant(phrase: str) -> bool:
    return to_letters(phrase)[-1:] < "ㅏ"
