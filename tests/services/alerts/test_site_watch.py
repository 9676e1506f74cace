import threading

import pytest

from ovd.errors import StoreOpenError, UnknownSiteError
from ovd.services.alerts.site_watch import LONGEST_AGE_S, PeopleInside
from tests.services.alerts.scene import StepClock

WAIT_S = 30.0


class Site:
    """A site whose people are read as often as asked."""

    def __init__(self) -> None:
        self.people: int | None = 7
        self.error: Exception | None = None
        self.reads = 0

    def read(self, site: str) -> int | None:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.people


@pytest.fixture
def site() -> Site:
    return Site()


def test_people_are_known_once_they_were_read(site: Site):
    clock = StepClock()
    watch = PeopleInside(site.read, clock)
    watch.people_inside("mall")
    watch.close()

    watch.step()

    assert watch.people_inside("mall") == 7
    watch.close()


@pytest.mark.parametrize("error", [StoreOpenError("away"), UnknownSiteError("no site")])
def test_people_are_unknown_while_they_cannot_be_read(site: Site, error: Exception):
    clock = StepClock()
    watch = PeopleInside(site.read, clock)
    site.error = error
    watch.people_inside("mall")

    watch.step()

    assert watch.people_inside("mall") is None
    watch.close()


def test_number_that_was_read_long_ago_is_unknown(site: Site):
    clock = StepClock()
    watch = PeopleInside(site.read, clock)
    watch.people_inside("mall")
    watch.step()
    watch.close()

    clock.passed_s += LONGEST_AGE_S + 1

    assert watch.people_inside("mall") is None
    watch.close()


def test_rules_do_not_wait_for_a_slow_read():
    read, going_on = threading.Event(), threading.Event()

    def read_slowly(_: str) -> int:
        read.set()
        assert going_on.wait(WAIT_S)
        return 3

    watch = PeopleInside(read_slowly, StepClock())

    assert watch.people_inside("mall") is None
    assert read.wait(WAIT_S)
    assert watch.people_inside("mall") is None
    going_on.set()
    watch.close()
    assert watch.people_inside("mall") == 3
    watch.close()
