"""Small drawings of what can be typed, for the catalogue; own work, as the paths of SVG images."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.catalogue import EXAMPLES
from ovd.texts.languages import Language

RED = "#d6322c"


@dataclass(frozen=True)
class Icon:
    """A drawing in a square of 24 units, of lines.

    Attributes:
        path: The `d` of its path.
        tint: CSS colour, where the colour is the point; empty takes that of the text.
    """

    path: str
    tint: str = ""


def find_icon(text: str) -> Icon | None:
    """Return the drawing of an example of the catalogue, in any language; None for other texts."""
    return _ICONS.get(_ENGLISH.get(text, text))


def _circle(x: float, y: float, radius: float) -> str:
    return f"M{x - radius:g} {y:g}a{radius:g} {radius:g} 0 1 0 {2 * radius:g} 0" + (
        f"a{radius:g} {radius:g} 0 1 0 {-2 * radius:g} 0"
    )


def _wheels(y: float, *places: float, radius: float = 1.9) -> str:
    return "".join(_circle(x, y, radius) for x in places)


_PERSON = _circle(12, 5, 2.6) + (
    "M7.5 21v-6L6 14v-3a2.3 2.3 0 0 1 2.3-2h7.4a2.3 2.3 0 0 1 2.3 2v3l-1.5 1v6M12 15.5V21"
)
_CAR = "M3 16v-3l2-1 2-4.5a1.5 1.5 0 0 1 1.4-1h7.2a1.5 1.5 0 0 1 1.4 1L19 12l2 1v3zM6 12h12" + (
    _wheels(16.5, 7, 17)
)
_TRUCK = "M2 6h11v10H2zM13 9h4l4 4v3h-8z" + _wheels(17, 6, 17)
_BICYCLE = _wheels(16, 5.5, 18.5, radius=3.5) + (
    "M5.5 16l4-7h6l3 7M9.5 9l3 7h-7M12.5 16l3-7M8 7h3M15.5 9l-.7-2.5H17"
)
_HELMET = "M4 15a8 8 0 0 1 16 0M2.5 15h19v2.5h-19zM10 7.3V12M14 7.3V12"
_VEST = "M8 3l4 4 4-4 2 2v4l1.5 2V21h-15V11L6 9V5zM12 7v14M5 15h4.5M14.5 15H19"
_SUITCASE = "M6 8h12v12H6zM9.5 8V4h5v4M9 8v12M15 8v12M8 20v2M16 20v2"
_TRASH = "M5 7h14l-1.3 14H6.3zM4 7h16M9.5 7V4.5h5V7M10 11v6M14 11v6"
_ICONS: Mapping[str, Icon] = MappingProxyType(
    {
        "person": Icon(_PERSON),
        "person in red": Icon(_PERSON, RED),
        "person with backpack": Icon(_PERSON + "M18 10h3v6.5h-3"),
        "person with umbrella": Icon(
            _circle(11, 10.5, 1.8) + "M3 7.5a9 5 0 0 1 18 0zM11 13v5M9 21l2-3 2 3M11 14.5l4-1.5V7.5"
        ),
        "person riding a bicycle": Icon(
            _wheels(18, 6, 18, radius=2.8)
            + _circle(12, 4, 1.9)
            + "M6 18l4-4-2-4.5 4-2 2.5 3H18M10 14l2.5 1v3"
        ),
        "person sitting": Icon(_circle(10, 4.5, 2.3) + "M10 8v7h6v6M10 11h5M6 8v8h4M6 16v5"),
        "person lying on the ground": Icon(_circle(4.5, 13, 2.2) + "M8 12h9l4 4M8 15h8M2 19h20"),
        "car": Icon(_CAR),
        "red car": Icon(_CAR, RED),
        "parked car": Icon(_CAR + "M11 1h2.2a1.4 1.4 0 0 1 0 2.8H11M11 1v5"),
        "truck": Icon(_TRUCK),
        "bus": Icon(
            "M4 5h16a1 1 0 0 1 1 1v10H3V6a1 1 0 0 1 1-1zM3 11h18M9 5v6M15 5v6" + _wheels(17, 7, 17)
        ),
        "van": Icon("M2 7h12l5 4 2 1v4H2zM14 7v5h5M8 7v5h6" + _wheels(17, 6.5, 17)),
        "taxi": Icon(_CAR + "M10 4h4v2.5h-4z"),
        "ambulance": Icon(_TRUCK + "M7.5 8.5v5M5 11h5"),
        "motorcycle": Icon(
            _wheels(16, 5.5, 18.5, radius=3)
            + "M5.5 16l4-5h5l4 5M9.5 11l-1-2H6M14.5 11 13 7h-2.5M11 16h3"
        ),
        "bicycle": Icon(_BICYCLE),
        "scooter": Icon(_wheels(18, 6, 18, radius=2) + "M8 18h8L14 6h3"),
        "safety helmet": Icon(_HELMET),
        "safety vest": Icon(_VEST),
        "person without helmet": Icon(
            _circle(12, 12, 3.6)
            + "M5 21.5c0-3.5 3-5.5 7-5.5s7 2 7 5.5M7 7a5 5 0 0 1 10 0zM4 2l16 8"
        ),
        "person without safety vest": Icon(_VEST + "M4 21.5 20 2.5"),
        "face mask": Icon(
            "M4 9c3-1.5 5-2 8-2s5 .5 8 2v5c-2 3-5 4.5-8 4.5S6 17 4 14zM4 10 1.5 9M20 10l2.5-1"
            "M8 11.5h8M8 14.5h8"
        ),
        "forklift": Icon("M3 17v-5h5l2-6h4l1 11zM10 12h4M18 4v15h4" + _wheels(18, 6, 13, radius=2)),
        "pallet": Icon("M2 8h20v3H2zM2 16h20v2.5H2zM4 11v5M12 11v5M20 11v5"),
        "conveyor belt": Icon(
            "M5 13h14a3 3 0 0 1 0 6H5a3 3 0 0 1 0-6zM7 13V7h6v6" + _wheels(16, 5, 12, 19, radius=1)
        ),
        "traffic cone": Icon("M10.5 4h3L18 19H6zM4 19.5h16M8.6 11h6.8M7.5 15h9"),
        "heavy machinery": Icon(
            "M3 14h9V9h3l2 5v2H3zM15 10l4-5 3 6-2 2M4.5 17.5H16a1.8 1.8 0 0 1 0 3.5H4.5"
            "a1.8 1.8 0 0 1 0-3.5"
        ),
        "fire": Icon(
            "M12 3c1 4 5 5.5 5 10.5a5 5 0 0 1-10 0C7 11 8.5 10 9 8c1 1 1.5 2 1.5 3"
            "C12 9 12.5 6 12 3z"
        ),
        "smoke": Icon(
            "M5 20h11a3.5 3.5 0 0 0 .5-7 4.5 4.5 0 0 0-8.7-1.2A4 4 0 0 0 5 20zM9 7c0-2 2-2 2-4"
            "M14 7c0-2 2-2 2-4"
        ),
        "backpack": Icon(
            "M7 21V10a5 5 0 0 1 10 0v11zM10 5V4a2 2 0 0 1 4 0v1M9 15h6v4H9zM10 10h4M7 12H5v6h2"
            "M17 12h2v6h-2"
        ),
        "handbag": Icon("M4 10h16l-1.5 10h-13zM8.5 10V8a3.5 3.5 0 0 1 7 0v2"),
        "suitcase": Icon(_SUITCASE),
        "abandoned suitcase": Icon(_SUITCASE + "M21.5 3v4M21.5 9.5v.5"),
        "umbrella": Icon("M3 12a9 9 0 0 1 18 0zM12 3V2M12 12v7a2 2 0 0 0 4 0"),
        "cell phone": Icon(
            "M8 2.5h8a1 1 0 0 1 1 1v17a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-17a1 1 0 0 1 1-1zM11 18.5h2"
        ),
        "traffic light": Icon(
            "M8 2.5h8v17H8zM12 19.5V22" + "".join(_circle(12, y, 1.7) for y in (6, 11, 16))
        ),
        "stop sign": Icon("M9 2h6l4 4v6l-4 4H9l-4-4V6zM12 16v6M8.5 9h7"),
        "trash can": Icon(_TRASH),
        "overflowing trash can": Icon(
            "M6 10h12l-1.2 11H7.2zM4.5 10c0-2 2-3 3-2 0-3 4-4 5.5-1 2-2 6 0 6 3M4 10h16"
        ),
        "garbage": Icon(
            "M9 7c-4 3-5 6-5 9a4 4 0 0 0 4 4h8a4 4 0 0 0 4-4c0-3-1-6-5-9zM9 7 7 4h10l-2 3"
        ),
        "bench": Icon("M3 9h18v3H3zM3 15h18M5 12v8M19 12v8M5 9V6h14v3"),
        "license plate": Icon("M2.5 8h19v8h-19zM6 10.5v3M9 10.5v3M12 10.5v3M15 10.5h3v3h-3z"),
        "dog": Icon(
            "M6 9 4.5 4 9 6h6l4.5-2L18 9v5a6 6 0 0 1-12 0zM10 11v.5M14 11v.5M10.5 15h3L12 16.5z"
        ),
        "cat": Icon(
            "M6 10 5 3.5 9.5 7h5L19 3.5 18 10v4a6 6 0 0 1-12 0zM9.5 12v.5M14.5 12v.5M11 15h2l-1 1z"
            "M3 14l3 .5M21 14l-3 .5"
        ),
        "bird": Icon(
            "M3 13c3 0 4-6 8-6a4 4 0 0 1 4 3h5l-3 2c0 5-4 8-9 8-2 0-4-1-5-2 3 0 4-1 4-2"
            "-2 0-4-1-4-3zM13 9.5v.4"
        ),
        "horse": Icon("M6 21v-9L4 9l5-5 1-2 1.5 2.5C16 5 18 9 18 14v7M6 12l4 1 3-2M10 7.5v.4"),
        "cow": Icon(
            "M7 8C5 8 3 7 3 5c2 0 3 .5 4.5 1.5h9C18 5.5 19 5 21 5c0 2-2 3-4 3v5a4 4 0 0 1-1 3v2"
            "a3 3 0 0 1-8 0v-2a4 4 0 0 1-1-3zM9.5 11v.5M14.5 11v.5M10.5 18v.5M13.5 18v.5"
        ),
        "sheep": Icon(
            "M8 7a3 3 0 0 1 4-3 3 3 0 0 1 4 3 3 3 0 0 1 1 5c0 5-2 8-5 8s-5-3-5-8a3 3 0 0 1 1-5z"
            "M10 12v.5M14 12v.5M11 16.5h2"
        ),
        "chair": Icon("M7 3v18M17 12v9M7 12h10M7 16.5h10M7 3h2v9"),
        "dining table": Icon("M2.5 8h19v2.5h-19zM5 10.5V20M19 10.5V20"),
        "laptop": Icon("M5 5h14v10H5zM2.5 18.5h19L19 15H5z"),
        "tv": Icon("M3 5h18v12H3zM8 20.5h8M12 17v3.5"),
        "bottle": Icon("M10 2.5h4V7l2 3v10.5H8V10l2-3zM8 13h8"),
        "cup": Icon("M5 7h12v7a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM17 9h2a2 2 0 0 1 0 5h-2"),
        "potted plant": Icon(
            "M8 14h8l-1 7H9zM12 14V8M12 9C8 9 7 7 7 4c4 0 5 2 5 5zM12 11c3 0 5-1 5-4-3 0-5 1-5 4z"
        ),
    }
)
# The examples stand in the same order in all languages.
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        text: english
        for examples in EXAMPLES.values()
        for own, first in zip(examples.topics, EXAMPLES[Language.EN].topics, strict=True)
        for text, english in zip(own.queries, first.queries, strict=False)
    }
)
