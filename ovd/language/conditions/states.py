"""States in a query: how long each lasts by default, and whose state it may be."""

from collections.abc import Mapping

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import StateKind

# Seconds that a state must have lasted, where the query names none.
DEFAULT_S: Mapping[StateKind, float] = {
    StateKind.LYING: 2.0,
    StateKind.SITTING: 2.0,
    StateKind.RUNNING: 1.0,
    StateKind.STILL: 10.0,
    StateKind.LOITERING: 60.0,
    StateKind.STOPPED: 5.0,
    StateKind.PARKED: 30.0,
    StateKind.ABANDONED: 30.0,
}
_PERSONAL = (StateKind.LYING, StateKind.SITTING, StateKind.RUNNING, StateKind.LOITERING)
_NOTES = {
    StateKind.LYING: NoteCode.STATE_LYING,
    StateKind.SITTING: NoteCode.STATE_SITTING,
    StateKind.RUNNING: NoteCode.STATE_RUNNING,
    StateKind.STILL: NoteCode.STATE_STILL,
    StateKind.LOITERING: NoteCode.STATE_LOITERING,
    StateKind.STOPPED: NoteCode.STATE_STOPPED,
    StateKind.PARKED: NoteCode.STATE_STOPPED,
    StateKind.ABANDONED: NoteCode.STATE_ABANDONED,
}


def fits_state(
    kind: StateKind, prompts: tuple[str, ...], objects: Mapping[str, frozenset[str]]
) -> bool:
    """Return whether a state can be judged of objects of these names."""
    if kind in _PERSONAL:
        return set(prompts) == {"person"}
    if kind is StateKind.STILL:
        return set(prompts) <= {"person", *objects["animals"]}
    if kind is StateKind.ABANDONED:
        return set(prompts) <= objects["luggage"]
    return set(prompts) <= objects["vehicles"]


def state_note(kind: StateKind, for_s: float) -> Note:
    """Return how a state is judged."""
    return Note(_NOTES[kind], f"{for_s:g}")
