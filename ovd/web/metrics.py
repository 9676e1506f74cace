"""`/metrics`: how cameras, detector and database stand, for Prometheus."""

import math
from collections.abc import Callable, Iterable, Iterator

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from ovd.bootstrap import Services
from ovd.bundled import VERSION
from ovd.detection.timing import BOUNDS_S, DurationHistogram
from ovd.domain.access import Identity
from ovd.domain.records import StoreHealth, StoreState
from ovd.services.access.scope import identity_of
from ovd.services.alerts.delivery.worker import DeliveryHealth
from ovd.services.health import ServicesHealth
from ovd.services.monitoring.camera_totals import CameraNumbers

PATH = "/metrics"


class MetricsCollector:
    """Implements the collector of `prometheus_client`; reads everything when it is asked."""

    def __init__(self, services: Services, who: Identity) -> None:
        """Collect what an identity may see.

        Args:
            services: What is measured.
            who: The identity that asks; cameras that it may not see are left out.
        """
        self._services = services
        self._who = who

    def collect(self) -> Iterator[Metric]:
        """Yield every metric with its present value."""
        services = self._services
        overview = services.overview.now()
        visible = [status for status in overview.statuses if self._who.may_see(status.camera)]
        yield from _camera_metrics(services.totals.read(visible))
        yield from _store_metrics(overview.health)
        yield from _health_metrics(services.health())
        if services.detect_times is not None:
            yield _detect_metric(services.detect_times)
        if services.alerts is not None:
            yield GaugeMetricFamily(
                "ovd_alerts_firing",
                "Alerts that have begun and not ended.",
                value=services.alerts.firing,
            )
        if services.delivery is not None:
            yield from _delivery_metrics(services.delivery.health)
        build = GaugeMetricFamily(
            "ovd_build_info", "The version that runs.", labels=["version", "detector"]
        )
        build.add_metric([VERSION, services.detector.info.name], 1)
        yield build


def _camera_metrics(cameras: tuple[CameraNumbers, ...]) -> Iterator[Metric]:
    def gauge(name: str, text: str, of: Callable[[CameraNumbers], float | None]) -> Metric:
        metric = GaugeMetricFamily(name, text, labels=["camera"])
        for camera in cameras:
            value = of(camera)
            if value is not None:
                metric.add_metric([camera.camera], value)
        return metric

    def counter(name: str, text: str, of: Callable[[CameraNumbers], float]) -> Metric:
        metric = CounterMetricFamily(name, text, labels=["camera"])
        for camera in cameras:
            metric.add_metric([camera.camera], of(camera))
        return metric

    yield gauge("ovd_camera_up", "Whether the camera delivers frames.", lambda of: of.up)
    yield gauge(
        "ovd_frame_age_seconds", "Time since the newest counted frame.", lambda of: of.frame_age_s
    )
    yield counter("ovd_frames_total", "Frames that were counted.", lambda of: of.frames)
    yield counter(
        "ovd_frames_dropped_total", "Frames passed over for newer ones.", lambda of: of.dropped
    )
    yield counter(
        "ovd_reconnects_total", "Connections that were made again.", lambda of: of.reconnects
    )
    yield counter("ovd_gap_seconds_total", "Time that was not observed.", lambda of: of.gap_s)
    yield from _observed_metrics(cameras)


def _observed_metrics(cameras: Iterable[CameraNumbers]) -> Iterator[Metric]:
    observed = GaugeMetricFamily(
        "ovd_observed_objects",
        "Objects in the newest frame; absent while the camera is not observed.",
        labels=["camera", "query_id"],
    )
    queries = GaugeMetricFamily(
        "ovd_query_info", "The queries behind the ids.", labels=["query_id", "query"]
    )
    names = {}
    for camera in cameras:
        for count in camera.observed:
            observed.add_metric([camera.camera, str(count.query_id)], count.count)
            names[count.query_id] = count.query
    for query_id, name in names.items():
        queries.add_metric([str(query_id), name], 1)
    yield observed
    yield queries


def _delivery_metrics(health: DeliveryHealth) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "ovd_alert_messages_waiting",
        "Messages about alerts that wait to be sent.",
        value=health.waiting,
    )
    yield GaugeMetricFamily(
        "ovd_alert_messages_undelivered",
        "Messages about alerts that were given up, and can be sent again.",
        value=health.dead,
    )


def _store_metrics(health: StoreHealth) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "ovd_store_queue_length", "Rows that wait to be written.", value=health.queued
    )
    yield GaugeMetricFamily(
        "ovd_store_up",
        "Whether the database can be written.",
        value=health.state is not StoreState.FAILING,
    )
    if health.free_bytes is not None:
        yield GaugeMetricFamily(
            "ovd_store_free_bytes", "Free space for the database.", value=health.free_bytes
        )


def _health_metrics(health: ServicesHealth) -> Iterator[Metric]:
    threads = GaugeMetricFamily(
        "ovd_thread_up", "Whether a long-lived thread works.", labels=["thread"]
    )
    for thread in health.threads:
        threads.add_metric([thread.name], thread.good)
    missed = CounterMetricFamily(
        "ovd_events_dropped_total",
        "Events that a subscriber was too slow for, or failed at.",
        labels=["subscriber"],
    )
    for subscriber in health.subscribers:
        missed.add_metric([subscriber.name], subscriber.dropped)
    yield threads
    yield missed


def _detect_metric(times: DurationHistogram) -> Metric:
    read = times.read()
    buckets, below = [], 0
    for bound, count in zip((*BOUNDS_S, math.inf), read.counts, strict=True):
        below += count
        buckets.append(("+Inf" if math.isinf(bound) else str(bound), float(below)))
    metric = HistogramMetricFamily("ovd_detect_seconds", "Time to detect in one frame.")
    metric.add_metric([], buckets, read.sum_s)
    return metric


def add_metrics_route(web: FastAPI, services: Services) -> None:
    """Serve `/metrics` to those who may see something."""

    def render(who: Identity) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(MetricsCollector(services, who))
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    @web.get(PATH)
    async def metrics(request: Request) -> Response:
        text = await run_in_threadpool(render, identity_of(request.scope))
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
