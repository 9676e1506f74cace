"""Rate of counting beside 1,000 alert rules, compared with none, in one process.

Two sets of services as `ovd serve` wires them count the sample clip as fast as they can, in turns:
one without rules, one with rules on 16 cameras. Told are frames per second, and processor time per
frame of the whole process, which other programs of the machine disturb less.

Example: python -m bench.alert_loop --rules 1000 --rounds 8
"""

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.alerts import make_rules
from bench.clip_cameras import CLIP, QUERIES
from ovd.bootstrap import Services, build_services
from ovd.domain.alerts import AlertRule
from ovd.domain.ports import SourceOptions
from ovd.domain.records import RunStatus
from ovd.settings import Settings

CAMERAS = 16
LONGEST_S = 600.0


@dataclass
class Rates:
    """Results of rounds: frames per second, and milliseconds of processor time per frame."""

    frames_per_s: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def usual_rules(count: int) -> list[AlertRule]:
    """Return rules about what the clip is counted for, spread over cameras."""
    return [
        AlertRule(
            name=rule.name,
            when=rule.when,
            cameras=rule.cameras,
            query=QUERIES[number // CAMERAS % len(QUERIES)],
            count=rule.count,
            for_s=rule.for_s,
            schedule=rule.schedule,
            tz=rule.tz,
        )
        for number, rule in enumerate(make_rules(count, CAMERAS))
    ]


def count_clip(services: Services, camera: str, rates: Rates) -> None:
    """Count the clip once, and note how fast."""
    queries = tuple(map(services.reader.read, QUERIES))
    begun_s, cpu_s = time.perf_counter(), time.process_time()
    options = SourceOptions(realtime=False)
    status = services.fleet.start(camera, str(CLIP), queries, options)
    while status.state is RunStatus.RUNNING and time.perf_counter() - begun_s < LONGEST_S:
        latest = services.fleet.latest(camera)
        services.fleet.wait_newer(camera, latest.sequence if latest else 0, 1.0)
        status = services.fleet.status(camera)
    frames = status.frames_counted
    rates.frames_per_s.append(frames / (time.perf_counter() - begun_s))
    rates.cpu_ms.append(1000 * (time.process_time() - cpu_s) / frames)


def measure(rules: int, rounds: int) -> dict[str, float]:
    """Count in turns without and with rules; return medians, and what rules change in percent."""
    sides: dict[int, Services] = {}
    rates = {0: Rates(), rules: Rates()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for side in rates:
            settings = Settings(data_dir=folder / str(side))
            services = stack.enter_context(closing(build_services(settings)))
            services.store.alerts.add(usual_rules(side))
            services.start()
            sides[side] = services
            count_clip(services, "warm up", Rates())
        for number in range(rounds):
            for side, services in sides.items():
                count_clip(services, f"camera {number % CAMERAS}", rates[side])
    result = {}
    for side, noted in rates.items():
        result[f"frames_per_s_{side}_rules"] = round(statistics.median(noted.frames_per_s), 2)
        result[f"cpu_ms_per_frame_{side}_rules"] = round(statistics.median(noted.cpu_ms), 3)
    pairs = zip(rates[rules].cpu_ms, rates[0].cpu_ms, strict=True)
    change = statistics.median(100 * (with_rules / without - 1) for with_rules, without in pairs)
    return result | {"cpu_change_percent": round(change, 2)}


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    print(json.dumps(measure(options.rules, options.rounds), indent=1))


if __name__ == "__main__":
    main()
