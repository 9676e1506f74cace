"""Sites in dictionaries."""

from collections.abc import Sequence
from datetime import datetime

from ovd.domain.names import name_key
from ovd.domain.sites import Site, SiteReset
from ovd.errors import ConflictError, UnknownSiteError
from tests.memory_displays import MemoryDisplays
from tests.memory_site_records import MemorySiteRecords


class MemorySites:
    """A SiteRepository in dictionaries."""

    def __init__(self) -> None:
        self._sites: dict[str, Site] = {}
        self._resets: dict[str, dict[datetime, SiteReset]] = {}
        self.displays = MemoryDisplays(self)
        self.records = MemorySiteRecords(self)

    def add(self, site: Site) -> None:
        self._require_free(site.name)
        self._sites[name_key(site.name)] = site
        self._resets[name_key(site.name)] = {}

    def replace(self, name: str, site: Site) -> None:
        old, new = self._key(name), name_key(site.name)
        if new != old:
            self._require_free(site.name)
        del self._sites[old]
        self._sites[new] = site
        self._resets[new] = self._resets.pop(old)
        self.displays.rename(name, site.name)

    def all(self) -> Sequence[Site]:
        return [self._sites[key] for key in sorted(self._sites)]

    def find(self, name: str) -> Site:
        return self._sites[self._key(name)]

    def remove(self, name: str) -> None:
        key = self._key(name)
        del self._sites[key], self._resets[key]
        self.displays.forget(name)
        self.records.forget(key)

    def add_reset(self, name: str, reset: SiteReset) -> None:
        self._resets[self._key(name)][reset.at] = reset

    def resets(self, name: str, start_at: datetime, end_at: datetime) -> Sequence[SiteReset]:
        kept = self._resets[self._key(name)]
        return tuple(kept[at] for at in sorted(kept) if start_at <= at < end_at)

    def _key(self, name: str) -> str:
        key = name_key(name)
        if key not in self._sites:
            raise UnknownSiteError(f"there is no site {name[:80]!r}")
        return key

    def _require_free(self, name: str) -> None:
        if name_key(name) in self._sites:
            raise ConflictError(f"there is a site {name[:80]!r} already")
