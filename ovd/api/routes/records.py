"""Runs, gaps and events of zones."""

import itertools
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from ovd.api.context import Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import EventAnswer, GapAnswer, RunAnswer
from ovd.api.moments import Filter, RecordFilter, parse_moment
from ovd.api.paging import Page, cut_page, read_cursor, write_cursor
from ovd.api.routes.counts import permit
from ovd.domain.access import Identity
from ovd.domain.records import CountSelection
from ovd.errors import InputError, TimeRangeError

router = APIRouter(tags=["records"])
OneCamera = Annotated[str | None, Query(max_length=200, description="Only this camera.")]
OneQuery = Annotated[str | None, Query(max_length=200, description="Only this query, as typed.")]


@router.get("/runs")
def list_runs(
    context: Context, who: Viewer, page: Page, camera: OneCamera = None
) -> Items[RunAnswer]:
    """List the runs, newest first."""
    runs = [run for run in context.services.store.runs.all(camera) if who.may_see(run.camera.name)]
    shown, following = cut_page(runs, page.cursor, page.limit, lambda run: run.id)
    return Items[RunAnswer](
        items=[
            RunAnswer(
                id=run.id,
                camera=run.camera.name,
                detector=run.detector,
                started_at=run.started_at,
                ended_at=run.ended_at,
                status=run.status.value,
                error=run.error,
            )
            for run in shown
        ],
        next=following,
    )


@router.get("/gaps")
def list_gaps(context: Context, who: Viewer, wanted: Filter, page: Page) -> Items[GapAnswer]:
    """List the intervals that were not observed, oldest first."""
    found = context.services.store.counts.gaps(_selection(who, replace(wanted, query=None)))
    numbered = list(enumerate(found))
    shown, following = cut_page(numbered, page.cursor, page.limit, lambda item: item[0])
    return Items[GapAnswer](
        items=[
            GapAnswer(
                camera=owner.name,
                started_at=gap.started_at,
                ended_at=gap.ended_at,
                reason=gap.reason,
            )
            for _, (owner, gap) in shown
        ],
        next=following,
    )


@router.get("/events")
def list_events(context: Context, who: Viewer, wanted: Filter, page: Page) -> Items[EventAnswer]:
    """List crossings, entries and exits, by camera, query and time."""
    selection = _selection(who, wanted)
    begin = 0
    if page.cursor is not None:
        begin = int(read_cursor(page.cursor, [int])[0])
        if begin < 0:
            raise InputError("the cursor is not one that this server made; begin without one")
    events = context.services.store.zones.zone_events(selection)
    found = list(itertools.islice(events, begin, begin + page.limit + 1))
    return Items[EventAnswer](
        items=[
            EventAnswer(
                camera=event.camera,
                zone=event.zone.name,
                query=event.query,
                kind=event.kind.value,
                at=event.at,
                track_id=event.track_id,
                run_id=event.run_id,
                dwell_s=event.dwell_s,
            )
            for event in found[: page.limit]
        ],
        next=write_cursor([begin + page.limit]) if len(found) > page.limit else None,
    )


def _selection(who: Identity, wanted: RecordFilter) -> CountSelection:
    start_at, end_at = parse_moment(wanted.start), parse_moment(wanted.end)
    if start_at is not None and end_at is not None and start_at >= end_at:
        raise TimeRangeError("`from` is not before `to`")
    return CountSelection(
        permit(who, [] if wanted.camera is None else [wanted.camera]),
        () if wanted.query is None else (wanted.query,),
        start_at,
        end_at,
    )
