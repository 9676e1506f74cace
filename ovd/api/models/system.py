"""The server itself in answers: threads, storage, what is kept."""

from pydantic import BaseModel, Field


class ThreadAnswer(BaseModel):
    """A long-lived thread."""

    name: str
    state: str
    good: bool
    failures: int
    last_failure: str


class SubscriberAnswer(BaseModel):
    """Something that follows events of cameras."""

    name: str
    queued: int
    dropped: int = Field(description="Events that it was too slow for, or failed at.")


class StorageAnswer(BaseModel):
    """The disk of the data folder, in bytes."""

    total_bytes: int
    free_bytes: int
    database_bytes: int | None = Field(description="Null for a database server.")
    evidence_bytes: int
    uploads_bytes: int
    results_bytes: int = Field(description="Reports and backups that jobs made.")


class KeepAnswer(BaseModel):
    """The limits of rows of one kind; null: kept for good."""

    days: float | None
    bytes: int | None


class RetentionAnswer(BaseModel):
    """The limits of rows; the sums per minute, hour and day stay."""

    counts: KeepAnswer
    tracks: KeepAnswer
    zone_events: KeepAnswer
    min_free_bytes: int


class EvidenceSettingsAnswer(BaseModel):
    """Which images are kept, and what is blurred in them."""

    keep: str
    blur: str
    days: float
    megabytes: int


class SystemAnswer(BaseModel):
    """The server: its version for all, how it stands and what it keeps for operators."""

    version: str
    languages: dict[str, str] = Field(description="Names of languages by their code.")
    python: str | None
    database: str | None = Field(description="Kind of the database.")
    can_back_up: bool = Field(description="Whether `POST /backup` can copy the database.")
    threads: list[ThreadAnswer]
    subscribers: list[SubscriberAnswer]
    storage: StorageAnswer | None
    retention: RetentionAnswer | None
    evidence: EvidenceSettingsAnswer | None
