"""Hours of a site as plain values, as they are kept of whole days."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from ovd.domain.sites import Site, describe_site
from ovd.domain.sites.description import Value
from ovd.services.reports.buckets import Interval
from ovd.services.sites.period.buckets import SiteBucket
from ovd.services.sites.period.passing import PassingCount

_PLAIN = (
    *("entered", "left", "people", "low", "high", "most", "open_s", "coverage", "open_coverage"),
    *("entered_outside", "left_outside", "people_s", "known_s"),
)
# What decides how counts are summed up; the rest may change freely.
_DECIDING = ("tz", "query", "doors", "room", "reset", "staff")


def checksum_settings(site: Site, days: Iterable[Interval]) -> list[str]:
    """Return for each day of a site a checksum of everything by which it is summed up."""
    described = describe_site(site)
    settings = json.dumps([described[key] for key in _DECIDING], sort_keys=True)
    checksums = []
    for day in days:
        opened = [moment.timestamp() for span in site.hours.open_spans(*day) for moment in span]
        checksums.append(hashlib.sha256(f"{settings}{opened}".encode()).hexdigest()[:32])
    return checksums


def bucket_to_plain(bucket: SiteBucket) -> dict[str, Value]:
    """Return an hour as plain values that `bucket_of_plain` reads."""
    plain: dict[str, Value] = {name: _rounded(getattr(bucket, name)) for name in _PLAIN}
    plain["start"] = bucket.start_at.timestamp()
    plain["end"] = bucket.end_at.timestamp()
    plain["doors"] = {name: [*counts] for name, counts in bucket.doors.items()}
    plain["door_coverage"] = {name: _rounded(share) for name, share in bucket.door_coverage.items()}
    plain["passing"] = {
        name: [count.entered, count.passed, round(count.observed_s, 3)]
        for name, count in bucket.passing.items()
    }
    return plain


def bucket_of_plain(plain: dict[str, Value]) -> SiteBucket:
    """Return an hour from its plain values."""
    values = cast("dict[str, Any]", plain)
    return SiteBucket(
        start_at=datetime.fromtimestamp(values["start"], UTC),
        end_at=datetime.fromtimestamp(values["end"], UTC),
        doors={name: (entered, left) for name, (entered, left) in values["doors"].items()},
        passing={name: PassingCount(*counts) for name, counts in values["passing"].items()},
        door_coverage=values["door_coverage"],
        **{name: values[name] for name in _PLAIN},
    )


def _rounded(value: Value) -> Value:
    return round(value, 6) if isinstance(value, float) else value
