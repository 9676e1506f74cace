"""Data of the page's script of targets: its words, the role, and counts of undelivered messages."""

from collections.abc import Mapping
from dataclasses import asdict

from ovd.bootstrap import Services
from ovd.domain.access import Role
from ovd.texts.page.targets import target_texts
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session


def describe_target_words(session: Session) -> dict[str, JsonValue]:
    """Return the words of the targets, and what the session may do."""
    role = session.identity.role
    return {
        "words": asdict(target_texts(session.language)),
        "tz": session.time_zone,
        "language": session.language.value,
        "operator": role.includes(Role.OPERATOR),
        "admin": role.includes(Role.ADMIN),
    }


def describe_delivery(services: Services, session: Session) -> Mapping[str, int]:
    """Return how many messages wait and how many were given up; nothing for viewers."""
    if services.delivery is None or not session.identity.role.includes(Role.OPERATOR):
        return {}
    health = services.delivery.health
    return {"waiting": health.waiting, "dead": health.dead}
