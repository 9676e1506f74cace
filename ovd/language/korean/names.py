"""Names of queries in Korean: what their reading is called, where the lexicon has a word for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from ovd.domain.notes import Note, NoteCode
from ovd.language.hangul import has_hangul
from ovd.language.korean.lexicon import load_domain, load_korean_grammar
from ovd.language.lexicon import Lexicon, load_lexicon
from ovd.texts.catalogue import EXAMPLES
from ovd.texts.languages import Language
from ovd.texts.notes import NOTE_TEXTS
from ovd.texts.particles import settle_particles

_DOMAINS = ("people", "vehicles", "road", "animals", "clothing", "tools", "home", "electronics")
_OR, _EXCEPT = " or ", " except "
# What someone does with a thing, and does not do.
_VERBS = {
    "wearing": ("착용한", "착용하지 않은"),
    "carrying": ("든", "들지 않은"),
    "holding": ("든", "들지 않은"),
    "riding": ("탄", "타지 않은"),
}
_STATES = {
    "lying": "쓰러진",
    "sitting": "앉아 있는",
    "running": "뛰는",
    "standing still": "가만히 서 있는",
    "loitering": "서성이는",
    "stopped": "멈춰 있는",
    "parked": "주차된",
    "abandoned": "방치된",
}
_DOING = re.compile(rf"(.+?) (not )?({'|'.join(_VERBS)}) (.+)")
_BEING = re.compile(rf"(.+?) ({'|'.join(_STATES)})")


def name_reading(reading: str, language: Language) -> str:
    """Return what a reading is called in a language; the reading itself where it has no name."""
    if language is not Language.KO:
        return reading
    return _translate(reading) or reading


def name_query(text: str, reading: str, language: Language) -> str:
    """Return what a query is called in a language: as typed, where that is in the language.

    Args:
        text: What was typed.
        reading: How it was read.
        language: The language.
    """
    if language is not Language.KO or has_hangul(text):
        return text
    return _translate(reading) or text


def describe_notes(notes: Sequence[Note], language: Language) -> str:
    """Return how a query was read in the words of a language; empty without notes."""
    texts = NOTE_TEXTS[language]
    if language is not Language.KO:
        return texts.describe(notes)
    told = [
        # The English reading of a Korean word tells a Korean reader nothing.
        replace(note, other="") if note.code is NoteCode.NOT_LEARNED else note
        for note in notes
    ]
    return settle_particles(texts.describe(told, lambda name: name_reading(name, language)))


@lru_cache(maxsize=4096)
def _translate(reading: str) -> str:
    """Return a reading in Korean; empty where a part of it has no name."""
    wanted, separator, unwanted = reading.partition(_EXCEPT)
    if separator:
        kept, left_out = _translate(wanted), _translate(unwanted)
        return f"{kept}({left_out} 제외)" if kept and left_out else ""
    if _OR in reading:
        parts = [_translate(part) for part in reading.replace(", ", _OR).split(_OR)]
        return " 또는 ".join(parts) if all(parts) else ""
    nouns, adjectives = _load_names()
    if reading in nouns:
        return nouns[reading]
    if doing := _DOING.fullmatch(reading):
        who, thing = _translate(doing[1]), _translate(doing[4])
        verb = _VERBS[doing[3]][1 if doing[2] else 0]
        return settle_particles(f"{thing}을(를) {verb} {who}") if who and thing else ""
    if being := _BEING.fullmatch(reading):
        who = _translate(being[1])
        return f"{_STATES[being[2]]} {who}" if who else ""
    adjective, _, noun = reading.partition(" ")
    if adjective in adjectives and noun in nouns:
        return f"{adjectives[adjective]} {nouns[noun]}"
    return ""


@cache
def _load_names() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the Korean names of things and of their qualities, by English reading."""
    nouns: dict[str, str] = {}
    for name in _DOMAINS:
        for word, english in load_domain(name):
            nouns.setdefault(english, word)
    nouns |= _names_of(load_lexicon())
    nouns |= _examples()
    adjectives: dict[str, str] = {}
    for word, english in load_korean_grammar().adjectives.items():
        adjectives.setdefault(english, word)
    return nouns, adjectives


def _names_of(lexicon: Lexicon) -> dict[str, str]:
    """Return the usual Korean word of each entry of a lexicon that has one."""
    names = {entry.words[0]: entry.korean[0] for entry in lexicon.unsupported if entry.korean}
    names |= {group.name: group.korean[0] for group in lexicon.groups if group.korean}
    return names | {one.name: one.korean[0] for one in lexicon.concepts if one.korean}


def _examples() -> dict[str, str]:
    """Return the names of the examples, which stand in the same order in both languages."""
    english, korean = EXAMPLES[Language.EN], EXAMPLES[Language.KO]
    return {
        text: name
        for texts, names in zip(english.topics, korean.topics, strict=True)
        for text, name in zip(texts.queries, names.queries, strict=False)
    }
