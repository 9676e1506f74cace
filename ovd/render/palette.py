"""Colours of queries: the same in images, charts and lists, and distinct for the colour-blind."""

from collections.abc import Sequence
from hashlib import blake2b

Rgb = tuple[int, int, int]

# The closest two differ by 0.05 in OKLab in normal vision and in simulated red and green
# blindness; the first eight by more in all but one pair. Tests hold them to that.
PALETTE: tuple[Rgb, ...] = (
    (0x2F, 0x7F, 0xE0),
    (0xF2, 0x8A, 0x1A),
    (0x0B, 0x8A, 0x68),
    (0xEA, 0x6C, 0xB8),
    (0x62, 0x38, 0xD0),
    (0xB0, 0x1C, 0x1C),
    (0x45, 0xB8, 0xEC),
    (0x94, 0x8B, 0x00),
    (0x99, 0x00, 0x88),
    (0x55, 0xBB, 0x77),
    (0x88, 0x66, 0xAA),
    (0xEE, 0x22, 0x77),
    (0x00, 0x66, 0x33),
    (0x00, 0x55, 0xFF),
    (0x00, 0x55, 0x99),
    (0xEE, 0x99, 0xAA),
    (0xEE, 0x22, 0xCC),
    (0x99, 0x88, 0xFF),
    (0xAA, 0x66, 0x44),
    (0x88, 0x44, 0x66),
)
WHITE: Rgb = (255, 255, 255)
INK: Rgb = (16, 20, 26)

# Queries start in the most distinct part of the palette.
_PREFERRED = 8
# Chosen so that person, bicycle, car, dog, truck, bus and motorcycle do not collide.
_HASH_KEY = b"15632"


def query_colours(texts: Sequence[str]) -> tuple[Rgb, ...]:
    """Return one colour per query, in order.

    The colour depends on the query text only, unless an earlier query has the same one; then the
    next free colour is used. Beyond 20 different queries, colours repeat.

    Args:
        texts: Query texts as typed; equal texts share a colour.
    """
    slots: dict[str, int] = {}
    for text in texts:
        if text not in slots:
            taken = set(slots.values()) if len(slots) < len(PALETTE) else set()
            slot = _preferred_slot(text)
            while slot in taken:
                slot = (slot + 1) % len(PALETTE)
            slots[text] = slot
    return tuple(PALETTE[slots[text]] for text in texts)


def _preferred_slot(text: str) -> int:
    digest = blake2b(text.casefold().encode(), digest_size=4, key=_HASH_KEY).digest()
    return digest[0] % _PREFERRED


def text_colour_on(ground: Rgb) -> Rgb:
    """Return white or near-black, whichever has the better contrast to a background."""
    return max((WHITE, INK), key=lambda ink: contrast(ink, ground))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def css_colour(colour: Rgb) -> str:
    """Return the colour in CSS notation, `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _luminance(colour: Rgb) -> float:
    """Return the relative luminance in [0, 1] as WCAG 2 defines it."""
    shares = (value / 255 for value in colour)
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
