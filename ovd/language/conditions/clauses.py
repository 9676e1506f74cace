"""Splitting of a sentence into its subject and the clauses about it."""

from dataclasses import dataclass

from ovd.domain.query import StateKind
from ovd.language.conditions.words import ConditionWords, Marker
from ovd.language.tokens import Words, split_words

_JOINERS = frozenset({"and", "&", ",", "but"})
_PLACE_LINKS = frozenset({"on", "in", "at", "near", "by", "inside", "under", "outside", "of"})
# Words of a state that also stand before a noun; the others only follow it.
_ADJECTIVES = frozenset(
    map(
        split_words,
        (
            "lying", "fallen", "collapsed", "unconscious", "sitting", "seated", "running",
            "motionless", "stationary", "loitering", "lingering", "lurking", "stopped", "stalled",
            "parked", "abandoned", "unattended", "forgotten", "sprinting", "jogging", "laying",
            "immobile", "not moving", "standing still",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A clause: its first words by their meaning, and the words after them."""

    marker: Marker
    words: Words


@dataclass(frozen=True)
class Clauses:
    """A subject, empty where none is named, and the clauses about it."""

    subject: Words
    clauses: tuple[Clause, ...]


def split_clauses(words: Words, condition_words: ConditionWords) -> Clauses | None:
    """Return the subject and its clauses; None where nothing begins a clause."""
    words = _without_fillers(words, condition_words)
    before, words = _split_adjectives(words, condition_words)
    starts = _clause_starts(words, condition_words)
    if not starts and not before:
        return None
    subject = words[: starts[0][0]] if starts else words
    clauses = []
    for number, (at, marker, length) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(words)
        clauses.append(Clause(marker, _without_joiners(words[at + length : end])))
    return Clauses(_without_joiners(subject), (*before, *clauses))


def _clause_starts(words: Words, known: ConditionWords) -> list[tuple[int, Marker, int]]:
    """Return position, meaning and number of words of what begins each clause."""
    starts: list[tuple[int, Marker, int]] = []
    at = 0
    while at < len(words):
        found = known.marker_at(words, at)
        after_state = starts and isinstance(starts[-1][1], StateKind)
        is_place = after_state and words[at] in _PLACE_LINKS
        if found is None or is_place:
            at += 1
            continue
        starts.append((at, *found))
        at += found[1]
    return starts


def _split_adjectives(words: Words, known: ConditionWords) -> tuple[tuple[Clause, ...], Words]:
    """Return states that are named before the subject, and the words without them."""
    clauses: list[Clause] = []
    kept: list[str] = []
    at = 0
    while at < len(words):
        found = known.marker_at(words, at)
        end = at + (found[1] if found is not None else 1)
        if found is not None and words[at:end] not in _ADJECTIVES:
            break
        before_noun = end < len(words) and known.marker_at(words, end) is None
        if found is not None and before_noun and words[end] not in _JOINERS | _PLACE_LINKS:
            clauses.append(Clause(found[0], ()))
        else:
            kept += words[at:end]
        at = end
    return tuple(clauses), (*kept, *words[at:])


def _without_fillers(words: Words, known: ConditionWords) -> Words:
    kept = []
    for at, word in enumerate(words):
        following = known.marker_at(words, at + 1) if at + 1 < len(words) else None
        before_state = following is not None and isinstance(following[0], StateKind)
        auxiliary = word in known.perfect and (before_state or words[at + 1 : at + 2] == ("been",))
        if not auxiliary and not (word in known.fillers and known.marker_at(words, at) is None):
            kept.append(word)
    return tuple(kept)


def _without_joiners(words: Words) -> Words:
    while words and words[-1] in _JOINERS:
        words = words[:-1]
    while words and words[0] in _JOINERS:
        words = words[1:]
    return words
