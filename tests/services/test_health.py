from ovd.services.health import ServicesHealth
from ovd.threads import ThreadHealth, ThreadState

GOOD = ThreadHealth("fleet", ThreadState.RUNNING, 1, "ValueError: a bug")
IDLE = ThreadHealth("schedules", ThreadState.IDLE)
BAD = ThreadHealth("pruning", ThreadState.PAUSED, 1, "ValueError: a bug")


class Service:
    def __init__(self, *threads: ThreadHealth) -> None:
        self.threads = threads


def test_health_lists_the_threads_of_all_services():
    health = ServicesHealth.of([Service(GOOD, IDLE), Service()])

    assert health.threads == (GOOD, IDLE)
    assert health.good


def test_health_names_threads_that_do_not_run():
    health = ServicesHealth.of([Service(GOOD), Service(BAD)])

    assert (health.good, health.failing) == (False, (BAD,))
