"""DamageMonitor: which decoded frames can be believed after damage in a stream."""

from av.video.frame import VideoFrame

# Without a key frame, blocks that were coded afresh have repaired most of the image by then.
_RECOVERY_S = 10.0


class DamageMonitor:
    """Tells whether frames of a decoder can be believed.

    Decoders go on after damage with frames that are partly old or grey, and flag only the first
    of them. So after damage no frame is believed until a key frame that was sent after it, but
    for those that were sent before it and only waited for their turn to be shown. Frames are
    told apart by the order in which their packets were sent, because time stamps may start again.

    Attributes:
        harmed: Whether there was any damage so far.
    """

    def __init__(self, fps: float) -> None:
        """Begin without damage.

        Args:
            fps: Frames per second, as declared.
        """
        self._recovery_frames = max(1, int(_RECOVERY_S * fps))
        self._left = 0
        self._first = 0
        self._last = 0
        self.harmed = False

    @property
    def broken(self) -> bool:
        """Return whether frames sent now are damaged."""
        return self._left > 0

    def damage(self, order: int) -> None:
        """Note damage in the packet of this number."""
        self._first = min(self._first, order) if self.broken else order
        self._last = max(self._last, order) if self.broken else order
        self._left = self._recovery_frames
        self.harmed = True

    def believes(self, frame: VideoFrame, order: int) -> bool:
        """Judge the next frame that the decoder gave.

        Args:
            frame: The frame.
            order: Number of its packet.
        """
        if frame.is_corrupt:
            # What was decoded after it may lean on it, complaint or not.
            self.damage(order)
            return False
        if not self.broken or order < self._first:
            return True
        self._left -= 1
        if frame.key_frame and order > self._last:
            self._left = 0
        return not self.broken
