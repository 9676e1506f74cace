"""Notes on how a query was read: a code, and the words that fill its sentence."""

from collections.abc import Mapping, Sequence
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
    NOT_EXCLUDABLE = "not_excludable"
    NOTHING_LEFT = "nothing_left"


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

    def describe(self, notes: Sequence[Note]) -> str:
        """Return all notes as one text; empty without notes."""
        return "; ".join(map(self._sentence, notes))

    def _sentence(self, note: Note) -> str:
        quoted = [self.quoted.format(name) for name in note.names]
        return self.sentences[note.code].format(
            about=note.about,
            other=note.other,
            all=self.and_joiner.join(quoted),
            any=self.or_joiner.join(quoted),
            plain=self._join_names(note.names),
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
            NoteCode.NOT_EXCLUDABLE: 'cannot leave out "{about}" alone; the detector reads it as '
            '"{other}"',
            NoteCode.NOTHING_LEFT: 'nothing is left to count in "{about}"',
        }
    ),
    and_joiner=" and ",
    or_joiner=" or ",
    quoted='"{}"',
    more="{names} and {count} more names",
)
