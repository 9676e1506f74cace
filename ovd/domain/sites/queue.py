"""Queues of a site: areas in which people wait."""

from dataclasses import dataclass

from ovd.domain.names import name_key
from ovd.domain.sites.door import Area, DoorLine, check_name
from ovd.errors import SiteError

MOST_LIMIT_S = 86_400.0
# Whoever passes through shorter has not waited.
SHORTEST_WAIT_S = 2.0


@dataclass(frozen=True)
class Queue:
    """An area in which people wait, and the line at its front where they are served.

    Attributes:
        name: Name for people.
        camera: Name of the camera.
        area: Name of the polygon zone.
        front: Line that is crossed by who was served; empty takes everybody as served who leaves
            the area.
        limit_s: A wait above this is too long; None where it does not matter.

    Raises:
        SiteError: If a value cannot be used.
    """

    name: str
    camera: str
    area: str
    front: str = ""
    limit_s: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name or self.area, "queue"))
        place = Area(self.camera, self.area)
        object.__setattr__(self, "camera", place.camera)
        object.__setattr__(self, "area", place.area)
        if self.front:
            object.__setattr__(self, "front", check_name(self.front, "queue's front"))
        if self.limit_s is not None and not 0 < self.limit_s <= MOST_LIMIT_S:
            raise SiteError(
                f"the limit of queue {self.name!r} is {self.limit_s}; up to {MOST_LIMIT_S:.0f} "
                "seconds are wanted"
            )

    @property
    def key(self) -> tuple[str, str]:
        """Return camera and area as names are compared."""
        return name_key(self.camera), name_key(self.area)

    @property
    def front_line(self) -> DoorLine | None:
        """Return the line at the front; None where there is none."""
        return DoorLine(self.camera, self.front) if self.front else None
