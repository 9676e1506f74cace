import pytest

from ovd.domain.ports import SourceOptions
from ovd.errors import CameraError
from ovd.services.counting.slots import CameraPlan, Slot, SlotTable
from ovd.threads import Backoff
from tests.services.counting.yard import CAR, PERSON


def make_slot(camera: str = "gate") -> Slot:
    return Slot(CameraPlan(camera, camera, (PERSON,), SourceOptions()))


@pytest.fixture
def slots() -> SlotTable:
    return SlotTable()


def test_camera_is_claimed_by_one_caller_at_a_time(slots: SlotTable):
    claim = slots.claim("gate")

    with pytest.raises(CameraError, match="already being counted"):
        slots.claim("gate")
    slots.release(claim)

    assert slots.claim("gate") is not claim


def test_camera_that_was_removed_or_replaced_is_not_started_again(slots: SlotTable):
    removed, replaced, stopped = make_slot("a"), make_slot("b"), make_slot("c")
    for slot in (removed, replaced, stopped):
        slots.put(slot)
    slots.drop("a")
    assert not slots.put(make_slot("b"))
    assert slots.put(make_slot("b"), replaced)
    slots.stop_wanting("c")

    assert [slots.claim_again(slot) for slot in (removed, replaced, stopped)] == [None] * 3


def test_camera_that_is_being_started_is_not_started_again(slots: SlotTable):
    slot = make_slot()
    slots.put(slot)

    assert slots.claim_again(slot) is not None
    assert slots.claim_again(slot) is None


def test_stopping_cancels_a_start_under_way(slots: SlotTable):
    slots.put(make_slot())
    claim = slots.claim("gate")

    slots.stop_wanting("gate")

    assert claim.cancelled


def test_closed_table_refuses_and_cancels_starts(slots: SlotTable):
    claim = slots.claim("gate")

    assert slots.close() == ()

    assert claim.cancelled
    with pytest.raises(CameraError, match="ovd is ending"):
        slots.claim("door")


def test_name_is_found_in_either_unicode_form(slots: SlotTable):
    slots.put(make_slot("caf\u00e9"))

    assert slots.find("cafe\u0301 ").plan.camera == "caf\u00e9"


def test_queries_of_a_camera_that_does_not_run_are_replaced(slots: SlotTable):
    slots.put(make_slot())

    slots.replace_queries("gate", [CAR])

    assert slots.find("gate").status().queries == (CAR,)


def test_pauses_grow_while_a_camera_cannot_be_started(slots: SlotTable):
    slot = make_slot()
    slots.put(slot)
    now_s, pauses = 1000.0, []

    for _ in range(3):
        slots.plan_restart(slot, Backoff(first_s=1.0), now_s, "no room")
        pauses.append(slot.pause_s)

    assert pauses == [1.0, 2.0, 4.0]


def test_camera_that_was_stopped_is_not_planned_to_start_again(slots: SlotTable):
    slot = make_slot()
    slots.put(slot)
    slots.stop_wanting("gate")

    slots.plan_restart(slot, Backoff(), 0.0, "no room")

    assert (slot.due_s, slot.restarts) == (None, 0)
