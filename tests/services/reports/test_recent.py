from ovd.services.reports.recent import RecentPages
from tests.fakes import FixedClock


def test_page_is_read_once_within_a_second():
    clock, reads = FixedClock(), []
    pages: RecentPages[int] = RecentPages(clock)

    def read() -> int:
        reads.append(1)
        return len(reads)

    assert [pages.get("a", read), pages.get("a", read), pages.get("b", read)] == [1, 1, 2]
    clock.advance(1.0)
    assert pages.get("a", read) == 3


def test_page_that_could_not_be_read_is_not_remembered():
    pages: RecentPages[int] = RecentPages(FixedClock())

    def fail() -> int:
        raise ValueError

    for _ in range(2):
        try:
            pages.get("a", fail)
        except ValueError:
            continue

    assert pages.get("a", lambda: 7) == 7
