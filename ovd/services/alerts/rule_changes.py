"""Take over changed rules at a camera, so that no alert is left open or begins twice."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from ovd.domain.alerts import AlertRule, AlertStatus, SavedRule
from ovd.services.alerts.boards import Board, Entry, Outcome
from ovd.services.alerts.judging import Observation
from ovd.services.alerts.series import Series

MakeEntry = Callable[[SavedRule, str], Entry]


def follow_rules(
    board: Board, rules: Sequence[SavedRule], make_entry: MakeEntry, at: datetime
) -> Iterator[Outcome]:
    """Yield what becomes of the rules of a camera that were changed, disabled or are not its own.

    A rule that is removed ends its alerts where it is removed, in one transaction with that.

    Args:
        board: The rules at the camera until now.
        rules: The rules from now on.
        make_entry: Makes the entry of a rule that is new here.
        at: The time by the clock of the camera.
    """
    covering = {saved.id: saved for saved in rules if _covers(saved.rule, board.camera)}
    existing = {saved.id for saved in rules}
    for rule_id, entry in tuple(board.entries.items()):
        if rule_id not in covering:
            if rule_id in existing:
                before = entry.status
                yield Outcome(entry, before, entry.finish(Observation(at)))
            board.drop(rule_id)
    for rule_id, saved in covering.items():
        entry_now = board.entries.get(rule_id)
        if entry_now is None:
            board.put(make_entry(saved, board.camera))
            yield from board.judge_again(rule_id, at)
        elif entry_now.saved.version != saved.version:
            yield from _change(board, entry_now, saved, at)


def _change(board: Board, entry: Entry, saved: SavedRule, at: datetime) -> Iterator[Outcome]:
    """Go on under changed values; an alert about something else ends."""
    if not _have_same_subject(entry.rule, saved.rule):
        before = entry.status
        yield Outcome(entry, before, entry.finish(Observation(at)))
        entry = Entry(saved, AlertStatus(board.camera, alerts=entry.status.alerts))
        board.put(entry)
        return
    board.drop(saved.id)
    entry.saved = saved
    board.put(entry)
    yield from board.judge_again(saved.id, at)


def _covers(rule: AlertRule, camera: str) -> bool:
    return rule.covers(camera) if camera else not rule.is_about_cameras


def _have_same_subject(before: AlertRule, after: AlertRule) -> bool:
    """Return whether two versions of a rule are about the same objects in the same place."""
    return before.when is after.when and (
        not before.when.counts_objects or Series.of(before) == Series.of(after)
    )
