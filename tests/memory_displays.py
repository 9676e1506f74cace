"""Displays in a dictionary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ovd.domain.names import name_key
from ovd.domain.sites import Display, SiteRepository
from ovd.errors import ConflictError, NotFoundError


class MemoryDisplays:
    """A DisplayRepository in a dictionary; the sites are kept elsewhere."""

    def __init__(self, sites: SiteRepository) -> None:
        self._sites = sites
        self._kept: dict[str, Display] = {}

    def add(self, display: Display, secret_hash: str) -> None:
        if any(name_key(found.name) == name_key(display.name) for found in self.of(display.site)):
            raise ConflictError(f"there is a display {display.name[:80]!r} already")
        self._kept[secret_hash] = display

    def of(self, site: str) -> Sequence[Display]:
        self._sites.find(site)
        own = [found for found in self._kept.values() if name_key(found.site) == name_key(site)]
        return sorted(own, key=lambda display: name_key(display.name))

    def find(self, secret_hash: str) -> Display | None:
        return self._kept.get(secret_hash)

    def note_seen(self, secret_hash: str, at: datetime) -> None:
        if secret_hash in self._kept:
            self._kept[secret_hash] = replace(self._kept[secret_hash], last_seen_at=at)

    def forget(self, site: str) -> None:
        self._kept = {
            key: found
            for key, found in self._kept.items()
            if name_key(found.site) != name_key(site)
        }

    def rename(self, site: str, new: str) -> None:
        for key, found in self._kept.items():
            if name_key(found.site) == name_key(site):
                self._kept[key] = replace(found, site=new)

    def remove(self, site: str, name: str) -> None:
        own = {name_key(found.name) for found in self.of(site)}
        if name_key(name) not in own:
            raise NotFoundError(f"there is no display {name[:80]!r}")
        self._kept = {
            key: found
            for key, found in self._kept.items()
            if (name_key(found.site), name_key(found.name)) != (name_key(site), name_key(name))
        }
