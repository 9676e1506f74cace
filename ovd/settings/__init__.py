"""Settings: the only reader of the environment and `ovd.toml`."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import platformdirs
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ovd.bundled import Bundle, bundled_dir
from ovd.domain.live import Transport
from ovd.domain.names import name_key
from ovd.errors import SettingsError
from ovd.logs import LogFormat, LogLevel
from ovd.model.runtimes.options import Captions, Device, Precision, Runtime
from ovd.settings.tables import (
    WEEKDAYS,
    MailSettings,
    MqttSettings,
    OidcSettings,
    ScheduleSettings,
    TargetSettings,
)
from ovd.text_files import read_toml

PREFIX = "OVD_"
SHORT_PRECISIONS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
CONFIG_FILE = Path("ovd.toml")
# What hosts of Gradio apps set; `OVD_ROOT_PATH` wins.
GRADIO_ROOT_PATH = "GRADIO_ROOT_PATH"
# The name of the target that [mqtt] is.
MQTT_TARGET = "mqtt"
_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")

__all__ = [
    "WEEKDAYS",
    "MqttSettings",
    "OidcSettings",
    "ScheduleSettings",
    "Settings",
    "environment",
    "load_settings",
]


def _default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("ovd", appauthor=False))


def _default_weights_dir() -> Path:
    return bundled_dir(Bundle.WEIGHTS)


class Settings(BaseSettings):
    """All settings, read once at start. See docs/settings.md.

    Values come, strongest first, from arguments, `OVD_*` environment variables, `ovd.toml` in
    the working directory, and the defaults here.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=_default_data_dir, description="Folder of the database and uploads."
    )
    db: str | None = Field(
        default=None, description="Database URL; default `sqlite:///ovd.db` in the data folder."
    )
    secret_key: str = Field(
        default="",
        repr=False,
        description="Key that encrypts cameras' credentials; default `secret.key` in the data "
        "folder, made when it is first needed.",
    )
    weights_dir: Path = Field(
        default_factory=_default_weights_dir, description="Folder of manifest.toml and weights."
    )
    models_dir: Path | None = Field(
        default=None,
        description="Folder of the models that do not ship; default `models` in the data folder.",
    )
    captions: Captions = Field(
        default=Captions.EACH,
        description="How models that read texts with the image are asked: each, for scores that "
        "depend on nothing else, or together, which is faster.",
    )
    verify: str = Field(
        default="",
        description="Judge that decides about every track: clip:ARCH/TAG or a model; empty: none.",
    )
    verify_min_score: Annotated[float | None, Field(ge=0, le=1)] = Field(
        default=None,
        description="Combined score of detector and judge from which an object counts.",
    )
    verify_per_s: Annotated[float, Field(gt=0, le=1000)] = Field(
        default=5.0, description="Most judgements per second and camera."
    )
    accepted_licences: str = Field(
        default="",
        description="Licences beside the permissive ones that were accepted, by name, separated "
        "by commas.",
    )
    detector: str = Field(default="ovdense", description="Detector used when none is named.")
    text_encoder: str | None = Field(
        default=None,
        description="open_clip text tower to use instead of the shipped table of embeddings, "
        "as `local-dir:/path` or `MODEL/TAG` whose weights are on disk.",
    )
    threads: Annotated[int, Field(ge=0, le=256)] = Field(
        default=0, description="CPU threads of the detector; 0 takes all cores."
    )
    runtime: Runtime = Field(
        default=Runtime.AUTO,
        description="Library that computes the network: auto, eager, onnx or openvino.",
    )
    precision: Precision = Field(
        default=Precision.AUTO,
        description="Numbers inside the network: auto, float32, bfloat16, float16 or int8.",
    )
    device: Device = Field(
        default=Device.AUTO, description="Where it is computed: auto, cpu or cuda."
    )
    encoder_keep: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0, description="Share of the tokens that a sparse encoder encodes (`ovdetr`)."
    )
    flush_interval_s: Annotated[float, Field(gt=0, le=60)] = Field(
        default=1.0, description="Longest time in seconds that a count waits to be written."
    )
    keep_counts_days: Annotated[float | None, Field(gt=0)] = Field(
        default=None, description="Age in days at which counts per frame are removed."
    )
    keep_counts_bytes: Annotated[int | None, Field(gt=0)] = Field(
        default=None, description="Size at which the oldest counts per frame are removed."
    )
    keep_tracks_days: Annotated[float | None, Field(gt=0)] = Field(
        default=None, description="Age in days at which tracks are removed."
    )
    keep_tracks_bytes: Annotated[int | None, Field(gt=0)] = Field(
        default=None, description="Size at which the oldest tracks are removed."
    )
    keep_zone_events_days: Annotated[float | None, Field(gt=0)] = Field(
        default=None, description="Age in days at which zone events are removed."
    )
    keep_zone_events_bytes: Annotated[int | None, Field(gt=0)] = Field(
        default=None, description="Size at which the oldest zone events are removed."
    )
    keep_alerts_days: Annotated[float | None, Field(gt=0)] = Field(
        default=400.0, description="Age in days at which messages about alerts are removed."
    )
    min_free_bytes: Annotated[int, Field(ge=0)] = Field(
        default=50_000_000,
        description="Free disk space below which the oldest counts per frame are removed early.",
    )
    keep: str = Field(
        default="none",
        pattern="^(none|crops|frames)$",
        description="Images of counted objects to keep: none, crops or frames.",
    )
    blur: str = Field(
        default="none",
        pattern="^(none|faces|persons)$",
        description="What is concealed in them before they are written: none, faces or persons.",
    )
    evidence_every_s: Annotated[float, Field(ge=0.1, le=86400)] = Field(
        default=10.0, description="Seconds of which the best view of a query is kept."
    )
    evidence_days: Annotated[float, Field(gt=0, le=36500)] = Field(
        default=30.0, description="Days after which images are removed."
    )
    evidence_mb: Annotated[int, Field(ge=1)] = Field(
        default=1000, description="Megabytes of images above which the oldest are removed."
    )
    evidence_free_mb: Annotated[int, Field(ge=0)] = Field(
        default=500, description="Megabytes of the disk that images leave to counts."
    )
    rtsp_transport: Transport = Field(
        default=Transport.TCP, description="How RTSP cameras send: tcp or udp."
    )
    open_timeout_s: Annotated[float, Field(ge=1, le=120)] = Field(
        default=10.0, description="Seconds that a camera may take to connect and send a frame."
    )
    read_timeout_s: Annotated[float, Field(ge=1, le=120)] = Field(
        default=5.0, description="Seconds without a frame after which a camera is lost."
    )
    freeze_s: Annotated[float, Field(ge=0, le=86400)] = Field(
        default=20.0,
        description="Seconds of exactly the same image after which a camera is frozen; 0 never.",
    )
    skip_still: bool = Field(
        default=False, description="Whether frames of a camera's still scene repeat their counts."
    )
    tiles: str = Field(
        default="none",
        pattern="^(none|auto|[1-8]x[1-8])$",
        description="Tiles of a frame that are looked at beside the whole: none, auto or RxC.",
    )
    schedules: tuple[ScheduleSettings, ...] = Field(
        default=(), description="Reports made daily or weekly while the app serves."
    )
    mail: MailSettings | None = Field(
        default=None, description="Mail server for scheduled reports and alerts."
    )
    targets: tuple[TargetSettings, ...] = Field(
        default=(), description="Targets of alerts, beside those of the database."
    )
    mqtt: MqttSettings | None = Field(
        default=None, description="MQTT broker that counts are published to."
    )
    oidc: OidcSettings | None = Field(default=None, description="Single sign-on by OpenID Connect.")
    host: str = Field(default="127.0.0.1", description="Address that the app listens on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=7860, description="Port that the app listens on; 0 picks a free one."
    )
    root_path: str = Field(
        default="",
        description="Path below which a proxy shows the app, such as /ovd.",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        description="Address under which people reach the page, for links in alerts.",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1, ::1",
        description="Addresses or networks of proxies whose forwarded headers are believed.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Host names under which requests are answered; empty answers all.",
    )
    session_idle_h: Annotated[float, Field(gt=0, le=8760)] = Field(
        default=12.0, description="Hours without use after which a session ends."
    )
    session_days: Annotated[float, Field(gt=0, le=365)] = Field(
        default=14.0, description="Days after sign-in at which a session ends in any case."
    )
    tls_cert: Path | None = Field(
        default=None, description="File of the certificate, with its chain, to serve HTTPS with."
    )
    tls_key: Path | None = Field(
        default=None, description="File of its private key; default: in the certificate's file."
    )
    tls_self_signed: bool = Field(
        default=False,
        description="Whether to serve HTTPS with a certificate that ovd makes for itself.",
    )
    admin_password_file: Path | None = Field(
        default=None,
        description="File of the password of the user admin, made when there are no users yet.",
    )
    log_format: LogFormat = Field(
        default="text", description="How lines are logged: text, or json for programs."
    )
    log_level: LogLevel = Field(
        default="warning", description="Lowest level that is logged: debug, info, warning or error."
    )
    ui_language: str = Field(
        default="en", pattern="^(en|ko)$", description="Language the UI starts in: en or ko."
    )

    @field_validator("precision", mode="before")
    @classmethod
    def _accept_short_names(cls, value: object) -> object:
        return SHORT_PRECISIONS.get(str(value), value)

    @field_validator("root_path")
    @classmethod
    def _strip_slash(cls, value: str) -> str:
        path = value.rstrip("/")
        if not _ROOT_PATH.fullmatch(path):
            raise ValueError(f"a path such as /ovd is wanted, got {value!r}")
        return path

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.tls_cert is not None and self.tls_self_signed:
            raise ValueError("tls_cert and tls_self_signed exclude each other; take one")
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls_key needs tls_cert")
        names = [schedule.name for schedule in self.schedules]
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError(f"schedules need names of their own, got {', '.join(names)}")
        targets = [*(name_key(target.name) for target in self.targets), MQTT_TARGET]
        if len(set(targets)) < len(targets):
            raise ValueError(
                f"targets need names of their own, and other ones than {MQTT_TARGET}, got "
                f"{', '.join(target.name for target in self.targets)}"
            )
        if self.mail is None and any(schedule.to for schedule in self.schedules):
            raise ValueError("a schedule with `to` needs a [mail] table")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment; `load_settings` passes the file's values below them."""
        return init_settings, env_settings

    @property
    def models_folder(self) -> Path:
        """Folder of the models that do not ship, with the default filled in."""
        return self.models_dir or self.data_dir / "models"

    @property
    def licences(self) -> frozenset[str]:
        """Names of the licences that were accepted."""
        return frozenset(filter(None, map(str.strip, self.accepted_licences.split(","))))

    @property
    def db_url(self) -> str:
        """Database URL with the default filled in."""
        return self.db or _file_url(self.data_dir / "ovd.db")


def _file_url(path: Path) -> str:
    """Return the database URL of a file, whatever characters its path holds."""
    quoted = str(path).replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    return f"sqlite:///{quoted}"


def environment() -> Mapping[str, str]:
    """The variables that `{NAME}` references may stand for."""
    return os.environ


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return read_toml(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read settings from {path}: {error}") from error


def _refuse_unknown_variables() -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )


def load_settings(config_file: Path = CONFIG_FILE, **overrides: str | float | Path) -> Settings:
    """Read the environment and the settings file.

    Args:
        config_file: TOML file of settings; it need not exist.
        overrides: Settings that win over both, as from command-line options.

    Raises:
        SettingsError: If a key is unknown or a value cannot be used.
    """
    _refuse_unknown_variables()
    from_environment = {
        name for name in Settings.model_fields if f"{PREFIX}{name}".upper() in os.environ
    }
    from_file = {
        name: value
        for name, value in _read_file(config_file).items()
        if name not in from_environment
    }
    if GRADIO_ROOT_PATH in os.environ and "root_path" not in from_environment:
        from_file["root_path"] = os.environ[GRADIO_ROOT_PATH]
    try:
        return Settings(**(from_file | overrides))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"bad settings ({config_file} or {PREFIX}*): {problems}") from error
