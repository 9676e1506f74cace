"""Sites: their doors, opening hours and resets, and the port that keeps them."""

from ovd.domain.sites.description import describe_site, parse_site
from ovd.domain.sites.display import Display, DisplayRepository
from ovd.domain.sites.hours import OpeningHours, SpecialDay
from ovd.domain.sites.site import Door, ResetAt, Room, Site, SiteRepository, SiteReset

__all__ = [
    "Display",
    "DisplayRepository",
    "Door",
    "OpeningHours",
    "ResetAt",
    "Room",
    "Site",
    "SiteRepository",
    "SiteReset",
    "SpecialDay",
    "describe_site",
    "parse_site",
]
