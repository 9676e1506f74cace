from ovd.domain.ports import Computation
from ovd.services.events import EventHub, SubscriberHealth
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


def test_health_tells_what_subscribers_missed():
    hub = EventHub()
    hub.subscribe("alerts", lambda event: None)

    health = ServicesHealth.of([Service(GOOD)], hub)
    hub.close()

    assert [thread.name for thread in health.threads] == ["fleet", "events alerts"]
    assert health.subscribers == (SubscriberHealth("alerts", queued=0, dropped=0),)


def test_health_tells_why_a_runtime_is_not_used_while_counting_goes_on():
    computation = Computation("onnx", "float32", ("openvino float32 is not used: damaged",))

    health = ServicesHealth.of([Service(GOOD)], computation=computation)

    assert health.computation.notes == ("openvino float32 is not used: damaged",)
    assert health.good
