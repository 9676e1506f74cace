"""Sites as plain values for files and requests; a number that is not known is None."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ovd.domain.sites.description import Value
from ovd.domain.sites.records import SalesTotal
from ovd.services.sites.period.buckets import SiteBucket
from ovd.services.sites.period.passing import PassingCount
from ovd.services.sites.period.summary import DoorShare, PeriodSummary
from ovd.services.sites.queues.waits import QueueNow, QueueSummary
from ovd.services.sites.service import OccupancyNow

Plain = dict[str, Value]


def describe_now(now: OccupancyNow) -> Plain:
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


def describe_bucket(bucket: SiteBucket, zone: ZoneInfo) -> Plain:
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
        "open_coverage": _rounded(bucket.open_coverage),
        "entered_outside": bucket.entered_outside,
        "left_outside": bucket.left_outside,
    }


def describe_summary(summary: PeriodSummary) -> Plain:
    """Return a period of a site in short."""
    site, total = summary.site, summary.total
    zone = site.hours.zone
    per_m2 = None
    if site.area_m2 and summary.entered_open is not None:
        per_m2 = round(summary.entered_open / site.area_m2, 4)
    return {
        "site": site.name,
        "start": _local(total.start_at, zone),
        "end": _local(total.end_at, zone),
        "entered": total.entered,
        "left": total.left,
        "entered_open": summary.entered_open,
        "entered_outside": total.entered_outside,
        "left_outside": total.left_outside,
        "open_hours": round(total.open_s / 3600, 2),
        "coverage": round(total.coverage, 4),
        "open_coverage": _rounded(total.open_coverage),
        "most": total.most,
        "mean_people": _rounded(summary.mean_people, 1),
        "mean_stay_s": _rounded(summary.mean_stay_s, 0),
        "no_stay": None if summary.no_stay is None else summary.no_stay.value,
        "visitors_per_open_hour": _rounded(summary.visitors_per_open_hour, 2),
        "visitors_per_m2": per_m2,
        "capture": _capture(summary.passing),
        "peak": _hour(summary.peak, zone),
        "best": _hour(summary.best, zone),
        "worst": _hour(summary.worst, zone),
        "doors": [_door(door) for door in summary.doors],
        "after_closing": [
            {
                "closed_at": _local(after.closed_at, zone),
                "people": after.people,
                "low": after.low,
                "high": after.high,
            }
            for after in summary.after_closing
        ],
        "sales": None if summary.sales is None else describe_sales(summary.sales, zone),
        "currency": site.currency,
        "conversion": _rounded(summary.conversion),
        "sales_per_visitor": _rounded(summary.sales_per_visitor, 3),
    }


def describe_sales(sales: SalesTotal, zone: ZoneInfo) -> Plain:
    """Return transactions in short."""
    return {
        "transactions": sales.count,
        "amount": float(sales.amount),
        "first_at": None if sales.first_at is None else _local(sales.first_at, zone),
        "last_at": None if sales.last_at is None else _local(sales.last_at, zone),
    }


def describe_queue(summary: QueueSummary) -> Plain:
    """Return a queue in a period in short."""
    return {
        "name": summary.queue.name,
        "joined": summary.joined,
        "served": summary.served,
        "abandoned": summary.abandoned,
        "lost": summary.lost,
        "wait_p50_s": _rounded(summary.wait_p50_s, 1),
        "wait_p90_s": _rounded(summary.wait_p90_s, 1),
        "longest_s": _rounded(summary.longest_s, 1),
        "limit_s": summary.queue.limit_s,
        "over_limit": _rounded(summary.over_limit),
        "over_limit_s": _rounded(summary.over_limit_s, 1),
        "mean_length": _rounded(summary.mean_length, 2),
        "most": summary.most,
        "coverage": round(summary.coverage, 4),
    }


def describe_queue_now(now: QueueNow) -> Plain:
    """Return a queue now."""
    return {
        "name": now.queue.name,
        "length": now.length,
        "longest_s": _rounded(now.longest_s, 1),
        "expected_wait_s": _rounded(now.expected_wait_s, 1),
    }


def _capture(count: PassingCount | None) -> Plain | None:
    if count is None:
        return None
    return {
        "entered": count.entered,
        "passed": count.passed,
        "rate": _rounded(count.rate),
        "observed_s": round(count.observed_s, 1),
    }


def _door(door: DoorShare) -> Plain:
    return {
        "name": door.name,
        "entered": door.entered,
        "left": door.left,
        "share": _rounded(door.share),
        "coverage": round(door.coverage, 4),
        "turn_in": _capture(door.passing),
    }


def _hour(bucket: SiteBucket | None, zone: ZoneInfo) -> Plain | None:
    if bucket is None:
        return None
    return {
        "start": _local(bucket.start_at, zone),
        "end": _local(bucket.end_at, zone),
        "entered": bucket.entered,
        "most": bucket.most,
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
