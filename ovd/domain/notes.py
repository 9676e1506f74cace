"""Notes on how a query was read: a code, and the words that fill its sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

_MAX_NAMES_SHOWN = 5
_MAX_FULL_LIST = 20


class NoteCode(StrEnum):
    """The kind of a note; `ENGLISH` has its sentence."""

    READ_AS = "read_as"
    SYNONYM = "synonym"
    KIND_OF = "kind_of"
    COUNTS = "counts"
    COUNTS_ALL = "counts_all"
    USAGE = "usage"
    TYPO = "typo"
    DID_YOU_MEAN = "did_you_mean"
    NOT_LEARNED = "not_learned"
    NEAREST = "nearest"
    NEAREST_WIDER = "nearest_wider"
    KNOWN_NAMES = "known_names"
    NOT_LITERAL = "not_literal"
    NOT_JUDGED = "not_judged"
    SEVERAL = "several"
    LISTED = "listed"
    NOT_EXCLUDABLE = "not_excludable"
    NOTHING_LEFT = "nothing_left"
    TAUGHT = "taught"
    WORDS_ONLY = "words_only"
    TEACHABLE = "teachable"
    PHRASE = "phrase"
    VERIFIED = "verified"
    CROWD = "crowd"
    ALERT_ABOVE = "alert_above"
    ALERT_BELOW = "alert_below"
    AT_LEAST = "at_least"
    NEGATED_STATE = "negated_state"
    DURATION_WITHOUT_STATE = "duration_without_state"
    STATE_OF_OTHERS = "state_of_others"
    PLACE_NOT_JUDGED = "place_not_judged"
    RELATION = "relation"
    RELATION_NEGATED = "relation_negated"
    RELATION_NOT_JUDGED = "relation_not_judged"
    STATE_LYING = "state_lying"
    STATE_SITTING = "state_sitting"
    STATE_RUNNING = "state_running"
    STATE_STILL = "state_still"
    STATE_LOITERING = "state_loitering"
    STATE_STOPPED = "state_stopped"
    STATE_ABANDONED = "state_abandoned"


@dataclass(frozen=True)
class Note:
    """One sentence, independent of a language.

    Attributes:
        code: Its kind.
        about: The word that it is about.
        other: A second word that it needs; the Korean text of a `USAGE`.
        names: Names that it lists.
    """

    code: NoteCode
    about: str = ""
    other: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoteTexts:
    """The sentences of one language.

    Attributes:
        sentences: By code, to be filled by `str.format`: `{about}`, `{other}`, and of the names
            `{all}` and `{any}` (quoted), `{plain}` (not quoted, long lists cut), `{commas}` and
            `{ors}` (one text to type).
        and_joiner: Before the last item of a conjunction.
        or_joiner: Before the last item of a choice.
        quoted: Pattern of a quoted word.
        more: Pattern of a shortened list, with `{names}` and `{count}`.
    """

    sentences: Mapping[NoteCode, str]
    and_joiner: str
    or_joiner: str
    quoted: str
    more: str

    def describe(self, notes: Sequence[Note], call: Callable[[str], str] = str) -> str:
        """Return all notes as one text; empty without notes.

        Args:
            notes: The notes.
            call: Returns what a name is called in the language; names to be typed stay.
        """
        return "; ".join(self._sentence(note, call) for note in notes)

    def _sentence(self, note: Note, call: Callable[[str], str]) -> str:
        called = [call(name) for name in note.names]
        quoted = [self.quoted.format(name) for name in called]
        return self.sentences[note.code].format(
            about=call(note.about),
            other=call(note.other),
            all=self.and_joiner.join(quoted),
            any=self.or_joiner.join(quoted),
            plain=self._join_names(called),
            commas=", ".join(note.names),
            ors=" or ".join(note.names),
        )

    def _join_names(self, names: Sequence[str]) -> str:
        if len(names) > _MAX_FULL_LIST:
            shown = ", ".join(names[:_MAX_NAMES_SHOWN])
            return self.more.format(names=shown, count=len(names) - _MAX_NAMES_SHOWN)
        *before, last = names or ("",)
        return self.and_joiner.join((", ".join(before), last)) if before else last


ENGLISH = NoteTexts(
    sentences=MappingProxyType(
        {
            NoteCode.READ_AS: 'read as "{about}"',
            NoteCode.SYNONYM: 'read as "{about}" (synonym)',
            NoteCode.KIND_OF: 'read as "{about}" (kind of)',
            NoteCode.COUNTS: "counts {plain}",
            NoteCode.COUNTS_ALL: 'every {about} counts, not only "{other}"',
            NoteCode.USAGE: "{about}",
            NoteCode.TYPO: 'typo corrected: "{about}" to "{other}"',
            NoteCode.DID_YOU_MEAN: "did you mean {any}?",
            NoteCode.NOT_LEARNED: 'the detector has not learned "{about}"{other}',
            NoteCode.NEAREST: "nearest supported: {any}",
            NoteCode.NEAREST_WIDER: "nearest supported: {any}, which counts all of them",
            NoteCode.KNOWN_NAMES: "no supported name comes near; it knows {plain}",
            NoteCode.NOT_LITERAL: 'words in quotes are looked for as they are, and "{about}" is no '
            "name that the detector knows; leave the quotes out",
            NoteCode.NOT_JUDGED: "the detector cannot judge {all}",
            NoteCode.SEVERAL: 'several things in one query; type "{commas}" for a count of each, '
            'or "{ors}" for one count of all',
            NoteCode.LISTED: '"{about}" was read as {other} queries, each counted by itself',
            NoteCode.NOT_EXCLUDABLE: 'cannot leave out "{about}" alone; the detector reads it as '
            '"{other}"',
            NoteCode.NOTHING_LEFT: 'nothing is left to count in "{about}"',
            NoteCode.WORDS_ONLY: 'the detector never learned "{about}": it is looked for by its '
            "words alone, at a threshold of its own, and much of it may be missed; a few example "
            "boxes teach it",
            NoteCode.PHRASE: 'the model is asked for "{about}" as it stands',
            NoteCode.VERIFIED: 'looked for as "{other}"; {plain} judges each for "{about}"',
            NoteCode.TEACHABLE: "a few example boxes teach it (ovd teach); in quotation "
            "marks it is looked for by its words alone",
            NoteCode.TAUGHT: '"{about}" is found by what examples taught (version {other})',
            NoteCode.CROWD: "counts crowds: {other} or more of {about} near each other are one",
            NoteCode.ALERT_ABOVE: "every {about} is counted; to be told when there are more than "
            '{other}, make an alert rule: when = "above", count = {other}',
            NoteCode.ALERT_BELOW: "every {about} is counted; to be told when there are fewer than "
            '{other}, make an alert rule: when = "below", count = {other}',
            NoteCode.AT_LEAST: "counts {about} only in images that show at least {other}",
            NoteCode.NEGATED_STATE: '"{about}" cannot be judged: only '
            "states themselves can be, not "
            "that they are absent",
            NoteCode.DURATION_WITHOUT_STATE: "a duration needs a state, such "
            'as "lying" or "standing still"; '
            '"{about}" has none',
            NoteCode.STATE_OF_OTHERS: '"{about}" cannot be judged of "{other}"',
            NoteCode.PLACE_NOT_JUDGED: 'the place "{about}" is not judged; draw '
            "a zone to count in one "
            "place only",
            NoteCode.RELATION: "counts each {about} that is seen with {other}, judged by their "
            "places and sizes over several frames",
            NoteCode.RELATION_NEGATED: "counts each {about} that is "
            "clearly seen without {other} over "
            "several frames; one too small, cut off or not sure is unknown, "
            "and not counted",
            NoteCode.RELATION_NOT_JUDGED: 'nothing can judge how "{about}" '
            'and "{other}" belong together '
            "here; what can be judged: {plain}",
            NoteCode.STATE_LYING: "counts a person whose shape and rest show lying for {about} s, "
            "judged over time; one image cannot tell",
            NoteCode.STATE_SITTING: "counts a person whose shape and "
            "rest show sitting for {about} s, "
            "judged over time; one image cannot tell",
            NoteCode.STATE_RUNNING: "counts a person who moves fast for "
            "the own height for {about} s, "
            "judged over time; one image cannot tell",
            NoteCode.STATE_STILL: "counts one that rests in one place for {about} s; one image "
            "cannot tell",
            NoteCode.STATE_LOITERING: "counts a person who stays within a "
            "few steps for {about} s; one "
            "image cannot tell",
            NoteCode.STATE_STOPPED: "counts one that does not move for {about} s; one image cannot "
            "tell",
            NoteCode.STATE_ABANDONED: "counts one that rests with no "
            "person near for {about} s; one "
            "image cannot tell",
        }
    ),
    and_joiner=" and ",
    or_joiner=" or ",
    quoted='"{}"',
    more="{names} and {count} more names",
)
