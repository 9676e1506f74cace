"""Typo correction and Korean readings on held-out data: `python -m bench.language`.

The hand-written typos, clean texts and Korean queries lie in tests/language/data. Generated typos
are one slip each on the held-out clean texts; with --dev they are made of the lexicon's own names
instead, and only these may guide a change.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process
from symspellpy import SymSpell, Verbosity

from ovd.language import VocabularyReader
from ovd.language.grammar import load_grammar
from ovd.language.hangul import to_letters, to_syllables
from ovd.language.korean import KoreanReader
from ovd.language.korean_lexicon import all_readings, load_korean_grammar
from ovd.language.lexicon import load_lexicon
from ovd.language.noise import mistype
from ovd.language.phrases import key_of, phrase_key, split_words
from ovd.language.stock import Stock, build_stock

DATA = Path(__file__).parent.parent / "tests" / "language" / "data"
SEED = 20
MISSES_SHOWN = 12

Corrector = Callable[[str], str]


@dataclass(frozen=True)
class Pair:
    """A text as typed and as meant; equal for clean texts."""

    typed: str
    meant: str


def read_pairs(name: str) -> list[Pair]:
    """Lines of a held-out file of two columns."""
    return [Pair(*line.split("\t")) for line in read_lines(name)]


def read_lines(name: str) -> list[str]:
    """Lines of a held-out file, the head left out."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def make_typos(phrases: Sequence[str]) -> list[Pair]:
    """One slip for each phrase of three letters or more."""
    chance = random.Random(SEED)  # noqa: S311 - no secret depends on it
    typos = [mistype(phrase, chance) for phrase in phrases if len(to_letters(phrase)) > 2]
    return [Pair(typo.typed, typo.clean) for typo in typos if typo.typed != typo.clean]


def build_own(reader: VocabularyReader) -> Corrector:
    """The corrector of ovd: what it is not sure of stays as typed."""

    def correct(text: str) -> str:
        correction = reader.correct(text)
        return correction[0] if len(correction) == 1 else text

    return correct


def build_symspell(stock: Stock) -> Corrector:
    """SymSpell on the same words and frequencies; Korean by letters."""
    speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    for entry in (*stock.shelf(hangul=False)[0], *stock.shelf(hangul=True)[0]):
        word = to_letters(" ".join(entry.words))
        speller.create_dictionary_entry(word, max(1, round(1e7 * 2.718**-entry.cost)))

    def correct(text: str) -> str:
        letters = to_letters(" ".join(split_words(text)))
        whole = speller.lookup(letters, Verbosity.TOP, max_edit_distance=0)
        found = whole or speller.lookup_compound(letters, max_edit_distance=2)
        return to_syllables(found[0].term) if found else text

    return correct


def build_rapidfuzz(stock: Stock) -> Corrector:
    """The most similar entry of the whole text, by the ratio of equal letters."""
    entries = (*stock.shelf(hangul=False)[0], *stock.shelf(hangul=True)[0])
    texts = [" ".join(entry.words) for entry in entries]
    letters = [to_letters(text) for text in texts]

    def correct(text: str) -> str:
        typed = to_letters(" ".join(split_words(text)))
        found = process.extractOne(typed, letters, scorer=fuzz.ratio, score_cutoff=75)
        return texts[found[2]] if found else text

    return correct


def same(one: str, other: str) -> bool:
    """Whether two texts are the same query but for spaces and particles of Korean plurals."""
    return phrase_key(one) == phrase_key(other)


def measure(correct: Corrector, pairs: Sequence[Pair]) -> tuple[float, float, list[str]]:
    """Share of pairs that come out as meant, the 95th percentile in ms of CPU time, and misses."""
    times, misses = [], []
    for pair in pairs:
        start = time.thread_time()
        found = correct(pair.typed)
        times.append(1e3 * (time.thread_time() - start))
        if not same(found, pair.meant):
            misses.append(f"{pair.typed} -> {found} ({pair.meant})")
    return 1 - len(misses) / len(pairs), statistics.quantiles(times, n=20)[-1], misses


def print_typos(correctors: Mapping[str, Corrector], sets: Mapping[str, Sequence[Pair]]) -> None:
    """One row per corrector: share right for each set, and the slowest p95."""
    print(f"| | {' | '.join(f'{name} ({len(pairs)})' for name, pairs in sets.items())} | p95 ms |")
    print("|---|" + "---|" * (len(sets) + 1))
    for name, correct in correctors.items():
        results = [measure(correct, pairs) for pairs in sets.values()]
        shares = " | ".join(f"{share:.3f}" for share, _, _ in results)
        print(f"| {name} | {shares} | {max(p95 for _, p95, _ in results):.1f} |", flush=True)


def print_misses(correct: Corrector, sets: Mapping[str, Sequence[Pair]]) -> None:
    """What the corrector gets wrong, so that the sets can be judged; not to be tuned on."""
    for name, pairs in sets.items():
        print(f"{name}: {'; '.join(measure(correct, pairs)[2][:MISSES_SHOWN])}")


def without_articles(text: str) -> str:
    """The key under which English readings are compared."""
    return key_of([word for word in split_words(text) if word not in {"a", "an", "the"}])


def measure_korean(korean: KoreanReader) -> tuple[float, list[str]]:
    """Share of the Korean queries with one of their expected readings, and the others."""
    misses = []
    rows = read_pairs("korean_queries.tsv")
    for row in rows:
        found = korean.translate(split_words(row.typed)) or ""
        expected = {without_articles(reading) for reading in row.meant.split(" | ")}
        if without_articles(found) not in expected:
            misses.append(f"{row.typed} -> {found} ({row.meant})")
    return 1 - len(misses) / len(rows), misses


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dev", action="store_true", help="on words of the lexicon, for tuning")
    options.add_argument("--misses", action="store_true", help="list what went wrong")
    chosen = options.parse_args()
    grammar, lexicon = load_grammar(), load_lexicon()
    names = [thing.name for thing in lexicon.things]
    readings = all_readings(lexicon)
    korean = KoreanReader(grammar, load_korean_grammar(), readings)
    stock = build_stock(lexicon, grammar, names, korean.vocabulary)
    if chosen.dev:
        korean_words = [word for word in readings if len(word) > 1][::5]
        sets = {"en, generated": make_typos(names), "ko, generated": make_typos(korean_words)}
    else:
        clean_en, clean_ko = read_lines("clean_en.txt"), read_lines("clean_ko.txt")
        sets = {
            "en, generated": make_typos(clean_en),
            "en, written": read_pairs("typos_en.tsv"),
            "en, kept": [Pair(text, text) for text in clean_en],
            "ko, generated": make_typos(clean_ko),
            "ko, written": read_pairs("typos_ko.tsv"),
            "ko, kept": [Pair(text, text) for text in clean_ko],
        }
    own = build_own(VocabularyReader(names, 0.35))
    correctors = {"noisy channel": own, "symspellpy": build_symspell(stock)}
    print_typos(correctors | {"rapidfuzz": build_rapidfuzz(stock)}, sets)
    if not chosen.dev:
        share, misses = measure_korean(korean)
        print(f"\nKorean queries read as expected: {share:.3f}")
        if chosen.misses:
            print("\n".join(misses))
    if chosen.misses:
        print_misses(own, sets)


if __name__ == "__main__":
    main()
