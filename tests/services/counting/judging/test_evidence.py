import math

from ovd.services.counting.judging.evidence import Evidence, Verdict, frames_needed


def verdicts(beliefs, step_s=0.2, needed=3):
    evidence = Evidence(needed)
    return [evidence.add(index * step_s, belief) for index, belief in enumerate(beliefs)]


def test_nothing_is_decided_before_enough_frames():
    assert verdicts([1.0, 1.0, 1.0]) == [Verdict.PENDING, Verdict.PENDING, Verdict.YES]


def test_a_helmet_hidden_for_a_frame_is_no_violation():
    assert Verdict.YES not in verdicts([0.1] * 10 + [0.9] + [0.1] * 5)


def test_what_holds_is_not_given_up_for_one_frame():
    assert verdicts([0.9] * 10 + [0.1])[-1] is Verdict.YES


def test_what_does_not_hold_any_more_is_given_up():
    assert verdicts([0.9] * 10 + [0.1] * 15)[-1] is Verdict.NO


def test_what_cannot_be_judged_is_unknown_after_a_while():
    assert verdicts([math.nan]) == [Verdict.UNKNOWN]
    assert verdicts([0.9] * 5 + [math.nan])[-1] is Verdict.YES
    assert verdicts([0.9] * 5 + [math.nan] * 12)[-1] is Verdict.UNKNOWN


def test_after_a_long_absence_evidence_starts_again():
    evidence = Evidence(2)
    evidence.add(0.0, 1.0)
    evidence.add(0.2, 1.0)

    assert evidence.add(10.0, 1.0) is Verdict.PENDING


def test_slow_sampling_needs_fewer_frames():
    assert [frames_needed(interval_s) for interval_s in (0.1, 1.0, 5.0)] == [3, 2, 1]
