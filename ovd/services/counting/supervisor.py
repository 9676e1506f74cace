"""FleetSupervisor: starts cameras again whose counting failed, and tells how cameras stand."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ovd.domain.live import OnUnreachable, SourceState
from ovd.domain.ports import Clock
from ovd.domain.records import RunStatus
from ovd.errors import InputError, OpenFailure, OvdError, SourceOpenError
from ovd.services.counting.camera_sync import CameraSync
from ovd.services.counting.slots import Claim, Slot, SlotTable
from ovd.services.events import CameraStateChanged, EventHub
from ovd.threads import (
    Backoff,
    Caught,
    SupervisedThread,
    ThreadHealth,
    describe_failure,
    log_failure,
)

_LOG = logging.getLogger(__name__)

Launch = Callable[[Claim, Slot, OnUnreachable], None]


@dataclass(frozen=True)
class SupervisionConfig:
    """Parameters of the supervision of cameras.

    Attributes:
        check_s: Seconds between two checks of all cameras.
        sync_s: Seconds after which the database is asked again for changes of cameras.
        backoff: Pauses before a camera whose counting failed is started again.
    """

    check_s: float = 0.5
    sync_s: float = 2.0
    backoff: Backoff = field(default_factory=Backoff)


class FleetSupervisor:
    """Checks every camera of a fleet again and again, in a thread of its own.

    What goes wrong with one camera, whatever it is, is noted there; the others are checked all the
    same.
    """

    def __init__(
        self,
        slots: SlotTable,
        launch: Launch,
        clock: Clock,
        events: EventHub,
        config: SupervisionConfig,
    ) -> None:
        """Prepare to supervise; `start` begins.

        Args:
            slots: The cameras.
            launch: Starts one of them.
            clock: For pauses.
            events: Told when a camera stands differently than before.
            config: How cameras are looked after.
        """
        self._slots = slots
        self._launch = launch
        self._clock = clock
        self._events = events
        self._config = config
        self._sync: CameraSync | None = None
        self._sync_due_s = 0.0
        self._told: dict[str, tuple[RunStatus, SourceState, str]] = {}
        self._thread = SupervisedThread("fleet", self._work)

    def follow(self, sync: CameraSync) -> None:
        """Follow the database too, from the next check on."""
        self._sync = sync

    def start(self) -> None:
        """Begin, if it has not begun yet."""
        self._thread.start()

    def close(self) -> None:
        """End after the check at hand. Calling it twice is harmless."""
        self._thread.stop()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    def step(self) -> None:
        """Check every camera once."""
        now_s = self._clock.monotonic()
        if self._sync is not None and now_s >= self._sync_due_s:
            self._sync_due_s = now_s + self._config.sync_s
            self._sync.step()
        slots = self._slots.all()
        for slot in slots:
            self._check(slot)
        self._tell_changes(slots)

    def _work(self, stopping: threading.Event) -> None:
        while True:
            self.step()
            if stopping.wait(self._config.check_s):
                return

    def _check(self, slot: Slot) -> None:
        now_s = self._clock.monotonic()
        worker = slot.worker
        failed = worker is not None and worker.failed and slot.camera is not None
        if failed and slot.wanted and slot.due_s is None and not slot.problem:
            self._slots.plan_restart(slot, self._config.backoff, now_s)
        due_s = slot.due_s
        if due_s is not None and due_s <= now_s:
            self._start_again(slot)

    def _start_again(self, slot: Slot) -> None:
        claim = self._slots.claim_again(slot)
        if claim is None:
            return
        with Caught() as caught:
            self._launch(claim, slot, OnUnreachable.DEFER)
        error = caught.error
        if error is None or claim.cancelled:
            return
        problem = str(error) if isinstance(error, OvdError) else describe_failure(error)
        if not isinstance(error, OvdError):
            log_failure(_LOG, f"camera {slot.plan.camera} could not be started again", error)
        refused = isinstance(error, SourceOpenError) and error.failure is OpenFailure.REFUSED
        if refused or isinstance(error, InputError):
            self._slots.note_problem(slot, problem)
        else:
            now_s = self._clock.monotonic()
            self._slots.plan_restart(slot, self._config.backoff, now_s, problem)

    def _tell_changes(self, slots: tuple[Slot, ...]) -> None:
        known = {}
        for slot in slots:
            status = slot.status()
            stands = (status.state, status.health.state, status.error or status.health.detail)
            known[status.camera] = stands
            if self._told.get(status.camera) != stands:
                now = self._clock.now()
                self._events.publish(CameraStateChanged(status.camera, *stands, now))
        self._told = known
