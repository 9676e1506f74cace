"""Displays: screens that show how many people are inside a site, and the port that keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ovd.domain.sites.door import check_name


@dataclass(frozen=True)
class Display:
    """A screen, such as a tablet at a door, that may show one site and nothing else.

    Attributes:
        site: Name of the site.
        name: Its name, one of a kind at the site.
        paired_by: Who let it in.
        paired_at: When, aware UTC.
        last_seen_at: When it last asked, to some minutes; None if it never did.

    Raises:
        SiteError: If the name cannot be used.
    """

    site: str
    name: str
    paired_by: str
    paired_at: datetime
    last_seen_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name, "display"))


class DisplayRepository(Protocol):
    """The displays of all sites. Names are compared without case.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, display: Display, secret_hash: str) -> None:
        """Keep a display.

        Raises:
            UnknownSiteError: If there is no site of that name.
            ConflictError: If the site has a display of that name.
        """
        ...

    def of(self, site: str) -> Sequence[Display]:
        """Return the displays of a site by name.

        Raises:
            UnknownSiteError: If there is no site of that name.
        """
        ...

    def find(self, secret_hash: str) -> Display | None:
        """Return the display with a secret; None where there is none."""
        ...

    def note_seen(self, secret_hash: str, at: datetime) -> None:
        """Keep when a display asked; nothing happens where there is none."""
        ...

    def remove(self, site: str, name: str) -> None:
        """Remove a display.

        Raises:
            UnknownSiteError: If there is no site of that name.
            NotFoundError: If the site has no display of that name.
        """
        ...
