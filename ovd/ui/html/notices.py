"""Sentences about the machine: what it can do, and what is wrong with it."""

from html import escape

from ovd.domain.ports import Capacity
from ovd.domain.records import StoreHealth, StoreState
from ovd.texts.page import PageTexts


def capacity(load: Capacity, fps: float, texts: PageTexts) -> str:
    """Say how many cameras this machine can count at a rate; nothing while that is unknown."""
    cameras = load.cameras_at(fps)
    if load.frames_per_s is None or cameras is None:
        return ""
    return texts.capacity.format(
        speed=f"{load.frames_per_s:.0f}", cameras=f"{cameras:,}", fps=f"{fps:g}"
    )


def store_notice(health: StoreHealth, texts: PageTexts) -> str:
    """Say what is wrong with the store; nothing when nothing is."""
    if health.state is StoreState.GOOD:
        return ""
    if health.state is StoreState.FAILING:
        words = texts.store_failing.format(queued=f"{health.queued:,}", detail=health.detail)
        return f'<p class="ovd-store bad" role="alert">{escape(words)}</p>'
    words = texts.store_low.format(free=f"{(health.free_bytes or 0) / 1e6:,.0f}")
    return f'<p class="ovd-store" role="status">{escape(words)}</p>'
