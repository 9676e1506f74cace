"""Typo correction and Korean readings on held-out data: `python -m bench.language`.

The hand-written typos, clean texts and Korean queries lie in tests/language/data; the fresh texts
were written before the corrector was changed last, and their misses are not looked at. Generated
typos are one slip each on the held-out clean texts; with --dev they are made of phrases of the
training material instead, and only these may guide a change. A slip that nobody could undo is
drawn again: one that leaves only words of the dictionaries (the obscure ones of large dictionaries
aside), or less than three letters of a word.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process
from symspellpy import SymSpell, Verbosity  # type: ignore[import-untyped]  # it ships no types

from ovd.language import VocabularyReader
from ovd.language.grammar import load_grammar
from ovd.language.hangul import has_hangul, to_letters, to_syllables
from ovd.language.korean.lexicon import load_korean_grammar, merge_readings
from ovd.language.korean.reader import KoreanReader
from ovd.language.lexicon import load_lexicon
from ovd.language.spelling.dictionary import Frequency, load_dictionary
from ovd.language.spelling.neural import SyllableSpeller
from ovd.language.spelling.noise import TypoKind, add_typos
from ovd.language.spelling.word_index import WordIndex, build_word_index
from ovd.language.tokens import key_of, split_words
from ovd.model.spelling.speller import load_speller
from ovd.training.speller.clean_phrases import Split, load_clean_phrases

DATA = Path(__file__).parent.parent / "tests" / "language" / "data"
WEIGHTS = Path(__file__).parent.parent / "weights"
SEED, DEV_SEED = 20, 77
DEV_PHRASES = 300
SHORTEST_WORD = 3
DRAWS = 20
KEYED = frozenset(
    {TypoKind.EXTRA, TypoKind.MISSING, TypoKind.NEIGHBOUR, TypoKind.SWAPPED, TypoKind.PHONETIC}
)
ARTICLES = frozenset({"a", "an", "the"})

Corrector = Callable[[str], str]


@dataclass(frozen=True)
class TextPair:
    """A text as typed and as meant; equal for clean texts."""

    typed: str
    meant: str


def read_pairs(name: str) -> list[TextPair]:
    """Read the rows of a held-out file of two columns."""
    return [TextPair(*line.split("\t")) for line in read_lines(name)]


def read_lines(name: str) -> list[str]:
    """Read the lines of a held-out file, without its header."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


class Words:
    """Word lists that tell whether a text holds a typo and whether two texts are equal."""

    def __init__(self) -> None:
        grammar, lexicon = load_grammar(), load_lexicon()
        self.names = [thing.name for thing in lexicon.concepts]
        readings = merge_readings(lexicon)
        self.korean = KoreanReader(grammar, load_korean_grammar(), readings)
        self._dictionary = load_dictionary()
        self.word_index = build_word_index(lexicon, grammar, self.names, self.korean.vocabulary)

    def is_word(self, word: str) -> bool:
        """Return whether a dictionary holds a word, in any inflection or with a particle."""
        frequency = self._dictionary.frequency_of(word)
        if (frequency is not None and frequency > Frequency.OBSCURE) or self.word_index.find(
            word
        ) is not None:
            return True
        return self.korean.segmenter.split_words(word) is not None or not word.isalpha()

    def is_same_query(self, one: str, other: str) -> bool:
        """Return whether two texts are one query, ignoring spaces, articles and inflection."""
        return self._meaning(one) == self._meaning(other)

    def _meaning(self, text: str) -> str:
        typed = split_words(text)
        read = self.korean.translate(typed)
        words = typed if read is None else split_words(read)
        found = ((word, self.word_index.find(word)) for word in words if word not in ARTICLES)
        return key_of([word if entry is None else entry.lemma for word, entry in found])


def generate_typos(phrases: Sequence[str], words: Words, seed: int = SEED) -> list[TextPair]:
    """Generate one reversible typo for each phrase of three letters or more."""
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    typos = (
        draw_typo(phrase, words, chance)
        for phrase in phrases
        if len(to_letters(phrase)) >= SHORTEST_WORD
    )
    return [typo for typo in typos if typo is not None]


def draw_typo(phrase: str, words: Words, chance: random.Random) -> TextPair | None:
    """Draw a typo of a phrase that is recognisable as one, by a rule without a corrector."""
    for _ in range(DRAWS):
        typo = add_typos(phrase, chance)
        typed = split_words(typo.typed)
        changed = [word for word in typed if word not in split_words(phrase)]
        short = any(len(to_letters(word)) < SHORTEST_WORD for word in changed)
        if not all(map(words.is_word, typed)) and not (short and KEYED.issuperset(typo.kinds)):
            return TextPair(typo.typed, typo.clean)
    return None


def dev_phrases(hangul: bool) -> list[str]:
    """Return phrases of the lexicon's and the grammar's words that the model was not trained on."""
    phrases = load_clean_phrases(None, None, ())
    chance = random.Random(DEV_SEED)  # noqa: S311 - no secret depends on it
    drawn: dict[str, None] = {}
    while len(drawn) < DEV_PHRASES:
        phrase = phrases.draw(chance, Split.DEV)
        if has_hangul(phrase) == hangul:
            drawn[phrase] = None
    return list(drawn)


def build_ovd_corrector(reader: VocabularyReader) -> Corrector:
    """Build ovd's corrector; a text it is uncertain of stays as typed."""

    def correct(text: str) -> str:
        correction = reader.correct(text)
        return correction[0] if len(correction) == 1 else text

    return correct


def build_model(model: SyllableSpeller) -> Corrector:
    """Build the learned speller alone, asked about every text."""

    def correct(text: str) -> str:
        found = model.correct(text)
        return text if found is None else found.text

    return correct


def build_symspell(word_index: WordIndex) -> Corrector:
    """Build SymSpell with the same words and frequencies; Korean by letters."""
    speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    for entry in (*word_index.of_script(False).entries, *word_index.of_script(True).entries):
        word = to_letters(" ".join(entry.words))
        speller.create_dictionary_entry(word, max(1, round(1e7 * 2.718**-entry.cost)))

    def correct(text: str) -> str:
        letters = to_letters(" ".join(split_words(text)))
        whole = speller.lookup(letters, Verbosity.TOP, max_edit_distance=0)
        found = whole or speller.lookup_compound(letters, max_edit_distance=2)
        return to_syllables(found[0].term) if found else text

    return correct


def build_rapidfuzz(word_index: WordIndex) -> Corrector:
    """Build a corrector that takes the most similar entry of the whole text."""
    entries = (*word_index.of_script(False).entries, *word_index.of_script(True).entries)
    texts = [" ".join(entry.words) for entry in entries]
    letters = [to_letters(text) for text in texts]

    def correct(text: str) -> str:
        typed = to_letters(" ".join(split_words(text)))
        found = process.extractOne(typed, letters, scorer=fuzz.ratio, score_cutoff=75)
        return texts[found[2]] if found else text

    return correct


def measure(
    correct: Corrector, pairs: Sequence[TextPair], words: Words
) -> tuple[float, float, list[str]]:
    """Return the share of correct pairs, the 95th percentile in ms of CPU time, and the misses."""
    times, misses = [], []
    for pair in pairs:
        start = time.thread_time()
        found = correct(pair.typed)
        times.append(1e3 * (time.thread_time() - start))
        if not words.is_same_query(found, pair.meant):
            misses.append(f"{pair.typed} -> {found} ({pair.meant})")
    return 1 - len(misses) / len(pairs), statistics.quantiles(times, n=20)[-1], misses


def print_typos(
    correctors: Mapping[str, Corrector], sets: Mapping[str, Sequence[TextPair]], words: Words
) -> dict[str, list[str]]:
    """Print one row per corrector: the share right in each set and the slowest p95."""
    print(f"| | {' | '.join(f'{name} ({len(pairs)})' for name, pairs in sets.items())} | p95 ms |")
    print("|---|" + "---|" * (len(sets) + 1))
    missed = {}
    for name, correct in correctors.items():
        results = [measure(correct, pairs, words) for pairs in sets.values()]
        shares = " | ".join(f"{share:.3f}" for share, _, _ in results)
        print(f"| {name} | {shares} | {max(p95 for _, p95, _ in results):.1f} |", flush=True)
        missed[name] = [miss for _, _, misses in results for miss in misses]
    return missed


def without_articles(text: str) -> str:
    """Return the key under which English readings are compared."""
    return key_of([word for word in split_words(text) if word not in ARTICLES])


def measure_korean(korean: KoreanReader) -> tuple[float, list[str]]:
    """Return the share of Korean queries with an expected reading, and the misses."""
    misses = []
    rows = read_pairs("korean_queries.tsv")
    for row in rows:
        found = korean.translate(split_words(row.typed)) or ""
        expected = {without_articles(reading) for reading in row.meant.split(" | ")}
        if without_articles(found) not in expected:
            misses.append(f"{row.typed} -> {found} ({row.meant})")
    return 1 - len(misses) / len(rows), misses


def build_sets(words: Words, dev: bool) -> dict[str, list[TextPair]]:
    """Build the sets of texts to correct, by name."""
    sets = {}
    for language, name in (("en", "clean_en.txt"), ("ko", "clean_ko.txt")):
        clean = dev_phrases(language == "ko") if dev else read_lines(name)
        sets[f"{language}, generated"] = generate_typos(clean, words, DEV_SEED if dev else SEED)
        if not dev:
            sets[f"{language}, written"] = read_pairs(f"typos_{language}.tsv")
        sets[f"{language}, kept"] = [TextPair(text, text) for text in clean]
        if not dev:
            fresh = read_lines(f"fresh_{language}.txt")
            sets[f"{language}, fresh generated"] = generate_typos(fresh, words)
            sets[f"{language}, fresh kept"] = [TextPair(text, text) for text in fresh]
    return sets


def build_correctors(words: Words, quick: bool) -> dict[str, Corrector]:
    """Build the correctors to compare, by name."""
    channel = build_ovd_corrector(VocabularyReader(words.names, 0.35))
    if quick:
        return {"noisy channel": channel}
    model = SyllableSpeller(load_speller(WEIGHTS))
    return {
        "noisy channel": channel,
        "model": build_model(model),
        "channel, then model": build_ovd_corrector(
            VocabularyReader(words.names, 0.35, speller=model)
        ),
        "symspellpy": build_symspell(words.word_index),
        "rapidfuzz": build_rapidfuzz(words.word_index),
    }


def every_nth(pairs: Sequence[TextPair], most: int) -> Sequence[TextPair]:
    """Return at most this number of the pairs, evenly spaced."""
    return pairs[:: -(-len(pairs) // most)]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dev", action="store_true", help="on phrases that may guide a change")
    options.add_argument("--misses", action="store_true", help="list what went wrong")
    options.add_argument("--channel", action="store_true", help="the noisy channel only")
    options.add_argument("--texts", type=int, default=1000, help="at most so many of each set")
    chosen = options.parse_args()
    words = Words()
    sets = {
        name: every_nth(pairs, chosen.texts)
        for name, pairs in build_sets(words, chosen.dev).items()
    }
    missed = print_typos(build_correctors(words, chosen.channel), sets, words)
    share, missed["korean queries"] = measure_korean(words.korean)
    print(f"\nKorean queries read as expected: {share:.3f}")
    if chosen.misses:
        for name, misses in missed.items():
            print(f"\n{name}:", *misses, sep="\n  ")


if __name__ == "__main__":
    main()
