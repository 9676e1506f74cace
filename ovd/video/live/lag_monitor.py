"""LagMonitor: how far a stream is read behind what its camera sends."""

from ovd.domain.ports import Clock

# Cameras' clocks drift against ours, so what is on time is judged anew this often.
_WINDOW_S = 60.0
# More than any buffer on the way can hold: the camera has set its time stamps anew.
_ABSURD_S = 60.0
_BEHIND_S = 1.5
_CAUGHT_UP_S = 0.5
# While catching up, a frame this often is enough, also where every frame is a key frame.
_CATCH_UP_INTERVAL_S = 0.5


class LagMonitor:
    """Decides which packets are decoded, by comparing their time stamps with their arrival.

    A machine that is too busy to decode everything leaves frames waiting in the buffers of the
    network, and what is counted gets older and older. So when the stream is read late, packets
    are passed over up to a key frame until it is read on time again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._window_s = clock.monotonic()
        self._least: float | None = None
        self._least_before: float | None = None
        self._catching_up = False
        self._decoded_s = self._window_s
        self.skipped = 0

    def wants(self, stamp_s: float | None, key_frame: bool) -> bool:
        """Return whether a packet is to be decoded.

        Args:
            stamp_s: Its time stamp in seconds, None where it has none.
            key_frame: Whether it can be decoded without those before it.
        """
        now_s = self._clock.monotonic()
        behind_s = 0.0 if stamp_s is None else self._behind_s(now_s - stamp_s, now_s)
        if behind_s > _BEHIND_S:
            self._catching_up = True
        if self._catching_up and key_frame and behind_s <= _CAUGHT_UP_S:
            self._catching_up = False
        wanted = not self._catching_up or (
            key_frame and now_s - self._decoded_s >= _CATCH_UP_INTERVAL_S
        )
        if wanted:
            self._decoded_s = now_s
        else:
            self.skipped += 1
        return wanted

    def _behind_s(self, offset_s: float, now_s: float) -> float:
        on_time = [least for least in (self._least, self._least_before) if least is not None]
        if on_time and offset_s - min(on_time) > _ABSURD_S:
            self._least = self._least_before = None
            on_time = []
        if now_s - self._window_s > _WINDOW_S:
            self._window_s, self._least_before, self._least = now_s, self._least, None
        self._least = offset_s if self._least is None else min(self._least, offset_s)
        return offset_s - min([self._least, *on_time])
