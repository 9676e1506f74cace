"""TopicSlugs: gives out topic levels, each for good."""

import re
import unicodedata

from ovd.domain.names import normalise_name
from ovd.domain.ports.mqtt import TopicKind, TopicName, TopicNameRepository

LONGEST_SLUG = 60
# Topic levels that mean something else at their place.
_RESERVED = {
    TopicKind.CAMERA: frozenset({"alerts", "available"}),
    TopicKind.QUERY: frozenset({"count", "in", "out", "set", "state", "status"}),
    TopicKind.ZONE: frozenset({"count", "in", "out", "set", "state", "status"}),
    TopicKind.RULE: frozenset[str](),
}
_PREFIXES = {
    TopicKind.CAMERA: "camera-",
    TopicKind.QUERY: "q",
    TopicKind.ZONE: "zone-",
    TopicKind.RULE: "rule-",
}


def ascii_slug(text: str) -> str:
    """Return a text as lower-case ASCII letters, digits and hyphens.

    Returns:
        The slug; empty where the text has letters that are not Latin: a slug of the rest of it
        would say nothing, or something else.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    if any(char.isalpha() and not char.isascii() for char in plain):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_SLUG].strip("-")


class TopicSlugs:
    """Returns the topic level of cameras, queries, zones and rules.

    One that was given out stays with its name, whatever else comes and goes.
    """

    def __init__(self, repository: TopicNameRepository) -> None:
        """Read the levels that were given out before.

        Raises:
            StoreError: If they cannot be read.
        """
        self._repository = repository
        self._names = list(repository.all())

    @property
    def cameras(self) -> tuple[TopicName, ...]:
        """Return the levels of all cameras that ever were, each with the key of its camera."""
        return tuple(name for name in self._names if name.kind is TopicKind.CAMERA)

    def of_camera(self, kind: TopicKind, camera_id: int) -> tuple[TopicName, ...]:
        """Return the levels of all queries or zones that a camera ever had."""
        return tuple(
            name for name in self._names if (name.kind, name.camera_id) == (kind, camera_id)
        )

    def camera(self, camera_id: int, name: str) -> str:
        """Return the level of a camera; one of a former camera of that name is taken again.

        Raises:
            StoreError: If a new one cannot be kept.
        """
        text = normalise_name(name)
        namesakes = [known for known in self.cameras if known.text == text]
        for known in namesakes:
            if known.camera_id == camera_id:
                return known.slug
        if namesakes:
            return self._add(TopicName(TopicKind.CAMERA, camera_id, text, namesakes[0].slug))
        taken = {known.slug for known in self.cameras}
        slug = _distinct(_slug(TopicKind.CAMERA, text, str(camera_id)), taken)
        return self._add(TopicName(TopicKind.CAMERA, camera_id, text, slug))

    def query(self, camera_id: int, reading: str) -> str:
        """Return the level of a query of a camera; raises as `camera`."""
        return self._find(TopicKind.QUERY, camera_id, reading)

    def zone(self, camera_id: int, name: str) -> str:
        """Return the level of a zone of a camera; raises as `camera`."""
        return self._find(TopicKind.ZONE, camera_id, name)

    def rule(self, name: str) -> str:
        """Return the level of an alert rule; raises as `camera`."""
        return self._find(TopicKind.RULE, 0, name)

    def _find(self, kind: TopicKind, camera_id: int, text: str) -> str:
        name, known = normalise_name(text), self.of_camera(kind, camera_id)
        for item in known:
            if item.text == name:
                return item.slug
        slug = _slug(kind, name, str(len(known) + 1))
        slug = _distinct(slug, {item.slug for item in known})
        return self._add(TopicName(kind, camera_id, name, slug))

    def _add(self, name: TopicName) -> str:
        self._repository.add(name)
        self._names.append(name)
        return name.slug


def _slug(kind: TopicKind, text: str, number: str) -> str:
    """Return a level that means nothing else at its place."""
    slug = ascii_slug(text)
    if not slug:
        return f"{_PREFIXES[kind]}{number}"
    return f"{_PREFIXES[kind].rstrip('-')}-{slug}" if slug in _RESERVED[kind] else slug


def _distinct(slug: str, taken: set[str]) -> str:
    candidate, number = slug, 2
    while candidate in taken:
        candidate, number = f"{slug}-{number}", number + 1
    return candidate
