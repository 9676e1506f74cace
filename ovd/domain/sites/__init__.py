"""Sites: their doors, opening hours and resets, and the port that keeps them."""

from ovd.domain.sites.description import describe_site, parse_site
from ovd.domain.sites.display import Display, DisplayRepository
from ovd.domain.sites.door import Area, Door, DoorLine, Staff
from ovd.domain.sites.hours import OpeningHours, SpecialDay
from ovd.domain.sites.queue import Queue
from ovd.domain.sites.site import ResetAt, Room, Site, SiteRepository, SiteReset

__all__ = [
    "Area",
    "Display",
    "DisplayRepository",
    "Door",
    "DoorLine",
    "OpeningHours",
    "Queue",
    "ResetAt",
    "Room",
    "Site",
    "SiteRepository",
    "SiteReset",
    "SpecialDay",
    "Staff",
    "describe_site",
    "parse_site",
]
