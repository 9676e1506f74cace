"""Occupancy of a simulated mall: as counted, with learned errors, with a camera that sees all.

    python -m bench.sites [--seeds 5] [--days 12]

Truth is known, so errors are those of the full hours of the opening hours, after the first half of
the days, from which the errors of the doors are learned.
"""

import argparse
from dataclasses import dataclass
from statistics import fmean
from zoneinfo import ZoneInfo

from ovd.domain.sites import OpeningHours
from ovd.services.sites.occupancy import estimate_occupancy, learn_errors, measure_drifts
from ovd.services.sites.profile import FlowProfile
from tests.services.sites.mall import Mall, MallOptions

ROOM_EVERY_MIN = 10
HOURS = OpeningHours(ZoneInfo("UTC"))


@dataclass(frozen=True)
class Row:
    """Mean errors of one simulated mall."""

    inside: float
    counted: float
    learned: float
    in_band: float
    band: float


def measure(mall: Mall, room_every_min: int) -> Row:
    """Return the errors of the second half of the days."""
    record = mall.record(room_every_min)
    drifts = measure_drifts(record)
    samples = mall.open_hours((mall.end_at - mall.start_at).days // 2)
    points = estimate_occupancy(
        record,
        samples,
        lambda reset_at: learn_errors(drifts, reset_at),
        FlowProfile(record, HOURS),
    )
    truth = [mall.inside(at) for at in samples]
    pairs = list(zip(points, truth, strict=True))
    return Row(
        fmean(truth),
        fmean(abs((point.counted or 0) - inside) for point, inside in pairs),
        fmean(abs((point.people or 0) - inside) for point, inside in pairs),
        fmean((point.low or 0) <= inside <= (point.high or 0) for point, inside in pairs),
        fmean((point.high or 0) - (point.low or 0) for point, _ in pairs),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--days", type=int, default=12)
    arguments = parser.parse_args()
    print("| outages a day | room camera | inside | error as counted | error | in band | band |")
    print("|---|---|---|---|---|---|---|")
    for outages in (0.0, 2.0, 6.0):
        for room in (0, ROOM_EVERY_MIN):
            options = MallOptions(outages_per_day=outages)
            rows = [
                measure(Mall(arguments.days, seed, options), room)
                for seed in range(arguments.seeds)
            ]
            inside, counted, learned, in_band, band = (
                fmean(getattr(row, name) for row in rows)
                for name in ("inside", "counted", "learned", "in_band", "band")
            )
            print(
                f"| {outages:.0f} | {'yes' if room else 'no'} | {inside:.0f} | {counted:.1f} | "
                f"{learned:.1f} | {in_band:.0%} | {band:.0f} |"
            )


if __name__ == "__main__":
    main()
