"""Tables of `ovd.toml`: mail, MQTT, targets and schedules."""

import os
import re
from base64 import b64decode
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ovd.domain.access import GroupRoles, Role
from ovd.domain.alerts import Target, TargetOptions
from ovd.domain.time_zones import load_zone
from ovd.errors import InputError, OvdError
from ovd.notify.addresses import TargetAddress, parse_target_url
from ovd.render.logos import fit_logo
from ovd.services.reports.buckets import BUCKETS
from ovd.services.reports.export import require_comparison, require_format
from ovd.texts.report import report_texts

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
_REFERENCE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ADDRESS = r"^[^\s@,<>]+@[^\s@,<>]+$"
_TOPIC = r"^[^\s/+#]+(/[^\s/+#]+)*$"
_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
Address = Annotated[str, Field(pattern=_ADDRESS)]


def _resolve(value: str) -> str:
    """Return the value of the environment variable that a `{NAME}` reference stands for."""
    reference = _REFERENCE.fullmatch(value)
    if reference is None:
        return value
    if reference[1] not in os.environ:
        raise ValueError(f"the environment has no variable {reference[1]}")
    return os.environ[reference[1]]


def _resolve_parts(value: str) -> str:
    """Return a text with every `{NAME}` reference in it replaced."""
    return _REFERENCE.sub(lambda match: _resolve(match[0]), value)


Referable = Annotated[str, AfterValidator(_resolve)]


class MailSettings(BaseModel):
    """The table `[mail]`: how reports and alerts are mailed. See docs/schedules.md."""

    model_config = _STRICT

    host: str = Field(min_length=1)
    sender: Address
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Referable = ""
    password: Referable = Field(default="", repr=False)
    ca_file: Path | None = None


class MqttSettings(BaseModel):
    """The table `[mqtt]`: the broker that counts are published to. See docs/mqtt.md."""

    model_config = _STRICT

    host: str = Field(min_length=1)
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    user: Referable = ""
    password: Referable = Field(default="", repr=False)
    tls: bool = False
    ca_file: Path | None = None
    prefix: Annotated[str, Field(pattern=_TOPIC, max_length=100)] = "ovd"
    discovery_prefix: Annotated[str, Field(pattern=_TOPIC, max_length=100)] = "homeassistant"
    commands: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ca_file is not None and not self.tls:
            raise ValueError("ca_file needs tls = true")
        if self.password and not self.user:
            raise ValueError("a password needs a user")
        return self


class OidcSettings(BaseModel):
    """The table `[oidc]`: single sign-on by OpenID Connect. See docs/access.md."""

    model_config = _STRICT

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$", max_length=500)]
    client_id: Annotated[str, Field(min_length=1, max_length=500)]
    client_secret: Referable = Field(default="", repr=False)
    label: Annotated[str, Field(max_length=60)] = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    groups_claim: Annotated[str, Field(min_length=1)] = "groups"
    viewer: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    default_role: Literal["viewer", "operator", "admin"] | None = None
    ca_file: Path | None = None

    @property
    def roles(self) -> GroupRoles:
        """Return the roles that groups give."""
        named = {Role.VIEWER: self.viewer, Role.OPERATOR: self.operator, Role.ADMIN: self.admin}
        default = None if self.default_role is None else Role(self.default_role)
        return GroupRoles({role: frozenset(names) for role, names in named.items()}, default)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes need openid")
        if self.default_role is None and not (self.viewer or self.operator or self.admin):
            raise ValueError(
                "say who may sign in: groups for viewer, operator or admin, or a default_role"
            )
        host = urlsplit(self.issuer).hostname or ""
        if self.issuer.startswith("http:") and host not in _LOCAL_HOSTS:
            raise ValueError("the issuer needs https; http is for this machine itself only")
        return self


class TargetSettings(BaseModel):
    """An entry of `[[targets]]`: where alerts are sent to. See docs/targets.md."""

    model_config = _STRICT

    name: str = Field(min_length=1, max_length=200)
    url: Annotated[str, AfterValidator(_resolve_parts)] = Field(repr=False)
    secret: Referable = Field(default="", repr=False)
    language: Literal["en", "ko"] = "en"
    per_minute: int | None = None
    quiet_hours: tuple[str, ...] = ()
    tz: str = "UTC"
    digest_s: float = 0.0

    @property
    def address(self) -> TargetAddress:
        """Return where messages go."""
        return parse_target_url(self.url)

    @property
    def target(self) -> Target:
        """Return the target, which cannot be changed but here."""
        options = TargetOptions(
            self.language, self.per_minute, self.quiet_hours, self.tz, self.digest_s
        )
        return Target(self.name, self.address.redacted, bool(self.secret), options, fixed=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            _ = self.target
        except OvdError as error:
            raise ValueError(str(error)) from error
        return self


class ScheduleSettings(BaseModel):
    """An entry of `[[schedules]]`: a report made again and again. See docs/schedules.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    every: Literal["daily", "weekly"]
    at: time
    tz: str
    weekday: Weekday = "monday"
    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    bucket: str = "1h"
    format: str = "csv"
    folder: Path | None = None
    to: tuple[Address, ...] = ()
    targets: tuple[str, ...] = ()
    language: str = "en"
    title: str = ""
    compare: Literal["previous"] | None = None
    logo: Annotated[str, Field(max_length=2_700_000)] = Field(default="", repr=False)
    logo_file: Path | None = None

    def read_logo(self) -> bytes:
        """Return the logo as `ovd.render.logos.fit_logo` gives it; empty without one.

        Raises:
            InputError: If its file cannot be read, or is no PNG or JPEG.
        """
        if self.logo_file is None:
            return b64decode(self.logo)
        try:
            return fit_logo(self.logo_file.read_bytes())
        except OSError as error:
            raise InputError(f"the logo {self.logo_file} cannot be read: {error}") from error

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at.tzinfo is not None:
            raise ValueError('at: a local time is wanted, such as "07:00"; the zone is tz')
        if self.bucket not in BUCKETS:
            raise ValueError(f"unknown bucket {self.bucket!r}; known: {', '.join(BUCKETS)}")
        if self.folder is None and not self.to and not self.targets:
            raise ValueError("say where the report goes: folder, to, or targets")
        try:
            load_zone(self.tz)
            require_format(self.format)
            self.read_logo()
            report_texts(self.language)
            if self.compare is not None:
                require_comparison(self.format)
        except OvdError as error:
            raise ValueError(str(error)) from error
        return self
