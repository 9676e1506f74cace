"""Doors of a site: the lines of cameras through which it is entered, left and passed by."""

from dataclasses import dataclass

from ovd.domain.names import name_key, normalise_name
from ovd.errors import SiteError

MAX_SITE_NAME = 200
MOST_TURN_BACK_S = 3600


def check_name(text: str, of: str) -> str:
    """Return a name as it is kept.

    Raises:
        SiteError: If it is blank, too long or holds control characters.
    """
    name = normalise_name(text)
    if not name or len(name) > MAX_SITE_NAME or not name.isprintable():
        raise SiteError(
            f"a {of} needs a printable name of 1 to {MAX_SITE_NAME} characters, got {text[:40]!r}"
        )
    return name


@dataclass(frozen=True)
class DoorLine:
    """A line of a camera.

    Attributes:
        camera: Name of the camera.
        line: Name of the line zone.
        enters: Whether a crossing "in" enters the site; otherwise it leaves it.
    """

    camera: str
    line: str
    enters: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "camera", normalise_name(self.camera))
        object.__setattr__(self, "line", check_name(self.line, "door's line"))

    @property
    def key(self) -> tuple[str, str]:
        """Return camera and line as names are compared."""
        return name_key(self.camera), name_key(self.line)


@dataclass(frozen=True)
class Door:
    """A way into a site; the crossings of all its lines are added up.

    Attributes:
        camera: Name of the camera.
        line: Name of the line zone.
        enters: Whether a crossing "in" enters the site; otherwise it leaves it.
        name: Name for people; empty takes that of the line.
        more: Further lines of the same door, such as those of a wide entrance that two cameras see
            one half of each.
        passing: Lines that people cross who pass by in front of the door, in either direction.
        imported: Whether its counts come from a file or another counter, so that it has no line.

    Raises:
        SiteError: If a value cannot be used.
    """

    camera: str = ""
    line: str = ""
    enters: bool = True
    name: str = ""
    more: tuple[DoorLine, ...] = ()
    passing: tuple[DoorLine, ...] = ()
    imported: bool = False

    def __post_init__(self) -> None:
        if self.imported and (self.line or self.camera or self.more):
            raise SiteError(
                f"door {self.name or self.line!r} has a line although its counts are imported; "
                "make it two doors"
            )
        for first in self.lines[:1]:
            object.__setattr__(self, "camera", first.camera)
            object.__setattr__(self, "line", first.line)
        object.__setattr__(self, "name", check_name(self.name or self.line, "door"))
        own = {line.key for line in self.lines}
        for line in self.passing:
            if line.key in own:
                raise SiteError(
                    f"door {self.name!r} has line {line.line!r} of camera {line.camera!r} as its "
                    'own and as "passing"; whoever passes by must cross another line'
                )

    @property
    def lines(self) -> tuple[DoorLine, ...]:
        """Return all lines of the door; none where its counts are imported."""
        if self.imported:
            return ()
        return (DoorLine(self.camera, self.line, self.enters), *self.more)


@dataclass(frozen=True)
class Area:
    """A polygon of a camera.

    Attributes:
        camera: Name of the camera.
        area: Name of the polygon zone.
    """

    camera: str
    area: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "camera", normalise_name(self.camera))
        object.__setattr__(self, "area", check_name(self.area, "site's area"))

    @property
    def key(self) -> tuple[str, str]:
        """Return camera and area as names are compared."""
        return name_key(self.camera), name_key(self.area)


@dataclass(frozen=True)
class Staff:
    """The people who are not counted at doors.

    Attributes:
        areas: Whoever was in one of these areas while being tracked, such as behind the counter.
        turn_back_s: Someone who crosses a door and comes back within these seconds, as staff at a
            door does, has neither entered nor left; 0 counts each crossing.

    Raises:
        SiteError: If the time is out of range.
    """

    areas: tuple[Area, ...] = ()
    turn_back_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.turn_back_s <= MOST_TURN_BACK_S:
            raise SiteError(
                f'"turn_back_s" is {self.turn_back_s}; 0 to {MOST_TURN_BACK_S} seconds are wanted'
            )


NO_STAFF = Staff()
