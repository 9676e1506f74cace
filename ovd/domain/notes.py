"""What is told about how a query was read: a code and the words that fill its sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

_NAMES_SHOWN = 5
_MANY_NAMES = 20


class NoteCode(StrEnum):
    """What a note says; `ENGLISH` shows the sentences."""

    READ_AS = "read_as"
    SYNONYM = "synonym"
    KIND_OF = "kind_of"
    COUNTS = "counts"
    ALL_COUNT = "all_count"
    SAID = "said"
    TYPO = "typo"
    DID_YOU_MEAN = "did_you_mean"
    NOT_LEARNED = "not_learned"
    NEAREST = "nearest"
    WIDER = "wider"
    KNOWS = "knows"
    NOT_LITERAL = "not_literal"
    NOT_JUDGED = "not_judged"
    SEVERAL = "several"
    NOT_LEFT_OUT = "not_left_out"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True)
class Note:
    """One sentence, not yet in a language.

    Attributes:
        code: Which sentence.
        about: What it is about.
        other: A second word that it needs; the Korean words of a `SAID`.
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
        also: Between the last two of a list of things that all hold.
        either: The same for a choice.
        quoted: Quotes around a word, to be filled.
        more: How a list that is cut ends; to be filled with `{names}` and `{count}`.
    """

    sentences: Mapping[NoteCode, str]
    also: str
    either: str
    quoted: str
    more: str

    def describe(self, notes: Sequence[Note]) -> str:
        """Return all notes as one text; empty without notes."""
        return "; ".join(map(self._sentence, notes))

    def _sentence(self, note: Note) -> str:
        quoted = [self.quoted.format(name) for name in note.names]
        return self.sentences[note.code].format(
            about=note.about,
            other=note.other,
            all=self.also.join(quoted),
            any=self.either.join(quoted),
            plain=self._plain(note.names),
            commas=", ".join(note.names),
            ors=" or ".join(note.names),
        )

    def _plain(self, names: Sequence[str]) -> str:
        if len(names) > _MANY_NAMES:
            shown = ", ".join(names[:_NAMES_SHOWN])
            return self.more.format(names=shown, count=len(names) - _NAMES_SHOWN)
        *before, last = names or ("",)
        return self.also.join((", ".join(before), last)) if before else last


ENGLISH = NoteTexts(
    sentences=MappingProxyType(
        {
            NoteCode.READ_AS: 'read as "{about}"',
            NoteCode.SYNONYM: 'read as "{about}" (synonym)',
            NoteCode.KIND_OF: 'read as "{about}" (kind of)',
            NoteCode.COUNTS: "counts {plain}",
            NoteCode.ALL_COUNT: 'every {about} counts, not only "{other}"',
            NoteCode.SAID: "{about}",
            NoteCode.TYPO: 'typo corrected: "{about}" to "{other}"',
            NoteCode.DID_YOU_MEAN: "did you mean {any}?",
            NoteCode.NOT_LEARNED: 'the detector has not learned "{about}"{other}',
            NoteCode.NEAREST: "nearest supported: {any}",
            NoteCode.WIDER: "nearest supported: {any}, which counts all of them",
            NoteCode.KNOWS: "no supported name comes near; it knows {plain}",
            NoteCode.NOT_LITERAL: 'words in quotes are looked for as they are, and "{about}" is no '
            "name that the detector knows; leave the quotes out",
            NoteCode.NOT_JUDGED: "the detector cannot judge {all}",
            NoteCode.SEVERAL: 'several things in one query; type "{commas}" for a count of each, '
            'or "{ors}" for one count of all',
            NoteCode.NOT_LEFT_OUT: 'cannot leave out "{about}" alone; the detector reads it as '
            '"{other}"',
            NoteCode.NOTHING_LEFT: 'nothing is left to count in "{about}"',
        }
    ),
    also=" and ",
    either=" or ",
    quoted='"{}"',
    more="{names} and {count} more names",
)
