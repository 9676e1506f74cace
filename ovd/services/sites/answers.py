"""Sites as plain values for files and requests; a number that is not known is None."""

from zoneinfo import ZoneInfo

from ovd.domain.sites.description import Value
from ovd.services.sites.service import OccupancyNow, SiteBucket


def describe_now(now: OccupancyNow) -> dict[str, Value]:
    """Return how many people are inside now."""
    zone = now.site.hours.zone
    return {
        "site": now.site.name,
        "at": now.point.at.astimezone(zone).isoformat(),
        "people": now.point.people,
        "low": now.point.low,
        "high": now.point.high,
        "counted": now.point.counted,
        "observed": now.point.observed,
        "capacity": now.site.capacity,
        "entered": now.entered,
        "left": now.left,
        "since": now.since.astimezone(zone).isoformat(),
        "open": now.is_open,
    }


def describe_bucket(bucket: SiteBucket, zone: ZoneInfo) -> dict[str, Value]:
    """Return what happened in an interval, its times with the offset of a zone."""
    return {
        "bucket_start": bucket.start_at.astimezone(zone).isoformat(),
        "bucket_end": bucket.end_at.astimezone(zone).isoformat(),
        "entered": bucket.entered,
        "left": bucket.left,
        "people": bucket.people,
        "low": bucket.low,
        "high": bucket.high,
        "most": bucket.most,
        "doors": {
            name: {"entered": entered, "left": left}
            for name, (entered, left) in bucket.doors.items()
        },
        "open_s": round(bucket.open_s, 1),
        "coverage": round(bucket.coverage, 4),
        "open_coverage": None if bucket.open_coverage is None else round(bucket.open_coverage, 4),
        "entered_outside": bucket.entered_outside,
    }
