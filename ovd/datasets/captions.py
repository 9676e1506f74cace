"""Noun phrases of image captions: what an image shows in people's words, without boxes."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ovd.errors import DatasetError

MAX_WORDS = 4
MIN_LETTERS = 3
_WORDS_FILE = Path(__file__).parent / "captions.toml"


@dataclass(frozen=True)
class _Words:
    """Word lists; the file says what each is for."""

    breaks: frozenset[str]
    nouns_in_ing: frozenset[str]
    modifiers_in_ing: frozenset[str]
    nouns_in_ed: frozenset[str]
    kept_in_s: frozenset[str]
    adjectives: frozenset[str]
    irregular: Mapping[str, str]


@cache
def _words() -> _Words:
    document = tomllib.loads(_WORDS_FILE.read_text(encoding="utf-8"))
    lists = {key: frozenset(text.split()) for key, text in document.items() if key != "irregular"}
    return _Words(**lists, irregular=document["irregular"])


def caption_phrases(captions: Iterable[str]) -> tuple[str, ...]:
    """Return the noun phrases of the captions of one image, in the singular.

    A phrase is a sequence of words between function words and verbs: "two young men in a red
    car" gives "young man", "man", "red car" and "car". No grammar is parsed, so that a rare verb
    may slip in; phrases of more captions come first.
    """
    counts: Counter[str] = Counter()
    for caption in captions:
        counts.update(list(dict.fromkeys(_phrases(caption))))
    return tuple(phrase for phrase, _ in counts.most_common())


def load_captions(path: Path, split: str) -> dict[str, tuple[str, ...]]:
    """Read the captions of a split: `{split: {file_name: [captions]}}`.

    Raises:
        DatasetError: If the file cannot be read or holds no such split.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(f"cannot read captions {path}: {error}") from error
    images = document.get(split) if isinstance(document, dict) else None
    if not isinstance(images, dict):
        raise DatasetError(f"captions {path} hold no split {split!r}")
    for name, captions in images.items():
        if not isinstance(captions, list) or not all(isinstance(text, str) for text in captions):
            raise DatasetError(f"captions {path}: {name} must have a list of texts")
    return {name: tuple(captions) for name, captions in images.items()}


def _phrases(caption: str) -> list[str]:
    phrases: list[str] = []
    words_between: list[str] = []
    for word in [*re.findall(r"[a-z][a-z'-]*|[^a-z\s]+", caption.lower()), "."]:
        if _ends_phrase(word):
            phrases += _read(words_between)
            words_between = []
        else:
            words_between.append(word)
    return phrases


def _ends_phrase(word: str) -> bool:
    lists = _words()
    if not word[0].isalpha() or word in lists.breaks or word.endswith(("ly", "'s")):
        return True
    return word.endswith("ing") and word not in lists.nouns_in_ing | lists.modifiers_in_ing


def _read(words_between: list[str]) -> list[str]:
    """Return the longest phrase at the end of some words, then the same without its adjectives."""
    lists = _words()
    words = words_between[-MAX_WORDS:]
    if not words or words[-1] in lists.adjectives | lists.modifiers_in_ing:
        return []
    if words[-1].endswith("ed") and words[-1] not in lists.nouns_in_ed:
        return []
    words = [*words[:-1], _singular(words[-1])]
    if len(words[-1]) < MIN_LETTERS:
        return []
    bare = [word for word in words[:-1] if word not in lists.adjectives] + words[-1:]
    return list(dict.fromkeys([" ".join(words), " ".join(bare)]))


def _singular(word: str) -> str:
    lists = _words()
    if word in lists.irregular:
        return lists.irregular[word]
    if word in lists.kept_in_s or word.endswith("ss") or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses", "toes", "zes")):
        return word[:-2]
    return word[:-1]
