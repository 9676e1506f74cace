"""Sites: doors, opening hours, people inside."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from ovd.api.context import Admin, ApiContext, Context, Operator, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.site_figures import (
    QueueAnswer,
    QueueNowAnswer,
    QueuesAnswer,
    RemovedSales,
    SalesAnswer,
    SummaryAnswer,
)
from ovd.api.models.sites import (
    CountsBody,
    DisplayAnswer,
    DisplayBody,
    ImportedAnswer,
    OccupancyAnswer,
    ResetAnswer,
    ResetBody,
    SalesBody,
    SalesImportAnswer,
    SiteBody,
    SiteBucketAnswer,
)
from ovd.api.moments import From, To, parse_moment
from ovd.api.routes.counts import BucketRange
from ovd.domain.access import Identity
from ovd.domain.sites import Display, Site, describe_site, parse_site
from ovd.errors import ForbiddenError, TimeRangeError, UnknownSiteError
from ovd.services.reports.buckets import BUCKETS
from ovd.services.sites.answers import (
    describe_bucket,
    describe_now,
    describe_queue,
    describe_queue_now,
    describe_sales,
    describe_summary,
)
from ovd.services.sites.imports.counts import CountImport
from ovd.services.sites.weekly.page import write_week
from ovd.services.sites.weekly.week import last_week, read_week
from ovd.texts.languages import Language

router = APIRouter(tags=["sites"])
one_site = APIRouter(prefix="/sites")
MOST_BUCKETS = 20_000
Name = Annotated[str, Path(max_length=200, examples=["Market Street"])]
Range = Annotated[BucketRange, Depends()]
Week = Annotated[date | None, Query(description="First day of the week.", examples=["2026-03-02"])]
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


@dataclass(frozen=True)
class TimeRange:
    """Which time is wanted."""

    start: From = None
    end: To = None


Period = Annotated[TimeRange, Depends()]


@router.get("/site-comparison")
def compare_sites(context: Context, who: Viewer, range_: Period) -> Items[SummaryAnswer]:
    """Tell a period of all sites whose cameras may be seen, to compare them.

    Days are those of each site's own clock: a time without an offset is read in its zone.
    """
    found = []
    for site in context.services.sites.all():
        if _may_see(who, site):
            start_at, end_at = _period(range_, site, timedelta(days=7))
            found.append(context.services.sites.summarise(site.name, start_at, end_at))
    return Items[SummaryAnswer](
        items=[SummaryAnswer.model_validate(describe_summary(each)) for each in found]
    )


@one_site.get("")
def list_sites(context: Context, who: Viewer) -> Items[SiteBody]:
    """List the sites whose cameras may be seen."""
    sites = [site for site in context.services.sites.all() if _may_see(who, site)]
    return Items[SiteBody](items=[_describe(site) for site in sites])


@one_site.post("", status_code=201)
def add_site(body: SiteBody, context: Context, who: Operator) -> SiteBody:
    """Add a site; its doors are lines of cameras that exist."""
    site = _read(body, who)
    context.services.sites.add(site)
    context.note(who, "sites.add", site.name)
    return _describe(site)


@one_site.get("/{name}")
def show_site(name: Name, context: Context, who: Viewer) -> SiteBody:
    """Tell what is set for a site."""
    return _describe(_find(context, who, name))


@one_site.put("/{name}")
def replace_site(name: Name, body: SiteBody, context: Context, who: Operator) -> SiteBody:
    """Replace what is set for a site; what was counted is read by the new settings."""
    _find(context, who, name)
    site = _read(body, who)
    context.services.sites.replace(name, site)
    context.note(who, "sites.change", site.name)
    return _describe(site)


@one_site.delete("/{name}", status_code=204)
def remove_site(name: Name, context: Context, who: Operator) -> None:
    """Remove a site; what its doors counted stays."""
    site = _find(context, who, name)
    context.services.sites.remove(name)
    context.note(who, "sites.remove", site.name)


@one_site.get("/{name}/now")
def show_occupancy(name: Name, context: Context, who: Viewer) -> OccupancyAnswer:
    """Tell how many people are inside now."""
    _find(context, who, name)
    return OccupancyAnswer.model_validate(describe_now(context.services.sites.now(name)))


@one_site.get("/{name}/occupancy")
def list_occupancy(
    name: Name, context: Context, who: Viewer, range_: Range
) -> Items[SiteBucketAnswer]:
    """List entered, left and inside by interval of the site's own clock.

    Without `from` the last day, without `to` until now; `tz` is that of times without an offset.
    """
    site = _find(context, who, name)
    zone = site.hours.zone
    end_at = parse_moment(range_.end, zone) or datetime.now(UTC)
    start_at = parse_moment(range_.start, zone) or end_at - timedelta(days=1)
    if (end_at - start_at).total_seconds() / BUCKETS[range_.bucket] > MOST_BUCKETS:
        raise TimeRangeError(
            f"the range has more than {MOST_BUCKETS} intervals; take a longer bucket"
        )
    buckets = context.services.sites.history(name, start_at, end_at, range_.bucket)
    return Items[SiteBucketAnswer](
        items=[SiteBucketAnswer.model_validate(describe_bucket(item, zone)) for item in buckets]
    )


@one_site.post("/{name}/reset", status_code=201)
def reset_site(name: Name, body: ResetBody, context: Context, who: Operator) -> ResetAnswer:
    """Set how many people are inside; counts before it stay as they are."""
    zone = _find(context, who, name).hours.zone
    at = parse_moment(body.at, zone)
    reset = context.services.sites.reset(name, body.people, who.name, at)
    context.note(who, "sites.reset", name, f"{reset.people} inside at {reset.at.isoformat()}")
    return ResetAnswer(people=reset.people, at=reset.at.astimezone(zone).isoformat(), by=reset.by)


@one_site.get("/{name}/summary")
def summarise_site(name: Name, context: Context, who: Viewer, range_: Period) -> SummaryAnswer:
    """Tell a period in short: visitors in and outside the opening hours, rates, doors, stay, sales.

    Without `from` the last week, without `to` until now; a time without an offset is of the site.
    """
    site = _find(context, who, name)
    start_at, end_at = _period(range_, site, timedelta(days=7))
    summary = context.services.sites.summarise(name, start_at, end_at)
    return SummaryAnswer.model_validate(describe_summary(summary))


@one_site.get("/{name}/weekly", response_class=Response, responses={200: {"content": _PDF}})
def write_weekly_report(
    name: Name, context: Context, who: Viewer, week: Week = None, language: Language = Language.EN
) -> Response:
    """Write the report of a week: one A4 page as PDF; by default of the last whole week."""
    site = _find(context, who, name)
    first = last_week(site.hours.zone, datetime.now(UTC)) if week is None else week
    services = context.services
    found = read_week(services.sites, services.queues, site.name, first)
    # A file name in a header is ASCII; people rename it.
    headers = {"Content-Disposition": f'attachment; filename="site-week-{first.isoformat()}.pdf"'}
    return Response(write_week(found, language), media_type="application/pdf", headers=headers)


@one_site.get("/{name}/queues")
def list_queues(name: Name, context: Context, who: Viewer, range_: Period) -> QueuesAnswer:
    """Tell the queues of a site: now, and in a period; without `from` that of the last day."""
    site = _find(context, who, name)
    start_at, end_at = _period(range_, site, timedelta(days=1))
    queues = context.services.queues
    return QueuesAnswer(
        now=[QueueNowAnswer.model_validate(describe_queue_now(each)) for each in queues.now(name)],
        period=[
            QueueAnswer.model_validate(describe_queue(each))
            for each in queues.summarise(name, start_at, end_at)
        ],
    )


@one_site.post("/{name}/sales", status_code=201)
def import_sales(name: Name, body: SalesBody, context: Context, who: Operator) -> SalesImportAnswer:
    """Keep the transactions of a CSV file with the columns time, amount, register and id.

    `register` and `id` may be absent. What is known already is not kept twice; a file with a wrong
    line is refused as a whole, and the message names the lines.
    """
    site = _find(context, who, name)
    done = context.services.sales.add_file(site.name, body.csv, body.tz, body.force)
    context.note(who, "sites.sales", site.name, f"{done.added} of {done.read} are new")
    zone = site.hours.zone
    return SalesImportAnswer(
        read=done.read,
        added=done.added,
        first_at=done.first_at.astimezone(zone).isoformat(),
        last_at=done.last_at.astimezone(zone).isoformat(),
    )


@one_site.get("/{name}/sales")
def total_sales(name: Name, context: Context, who: Viewer, range_: Period) -> SalesAnswer:
    """Tell the transactions of a period in short; without `from` those of the last week."""
    site = _find(context, who, name)
    start_at, end_at = _period(range_, site, timedelta(days=7))
    total = context.services.sales.total(site.name, start_at, end_at)
    return SalesAnswer.model_validate(describe_sales(total, site.hours.zone))


@one_site.delete("/{name}/sales")
def remove_sales(name: Name, context: Context, who: Operator, range_: Period) -> RemovedSales:
    """Remove the transactions of a period, which has to be given."""
    site = _find(context, who, name)
    if not range_.start or not range_.end:
        raise TimeRangeError("which sales are to be removed? give from and to")
    start_at, end_at = _period(range_, site, timedelta(0))
    removed = context.services.sales.remove(site.name, start_at, end_at)
    context.note(who, "sites.sales.remove", site.name, f"{removed} transactions")
    return RemovedSales(removed=removed)


@one_site.post("/{name}/counts", status_code=201)
def import_counts(name: Name, body: CountsBody, context: Context, who: Operator) -> ImportedAnswer:
    """Keep what another counter counted: a CSV file with door, start, minutes, entered and left.

    The doors are those of the site that are marked as imported.
    """
    site = _find(context, who, name)
    service = CountImport(context.services.store.sites, context.services.store.site_records)
    counts = service.add_file(site.name, body.csv, body.source, body.tz)
    context.note(who, "sites.counts", site.name, f"{len(counts)} counts of {body.source}")
    return ImportedAnswer(
        read=len(counts),
        entered=sum(count.entered for count in counts),
        left=sum(count.left for count in counts),
    )


@one_site.get("/{name}/displays")
def list_displays(name: Name, context: Context, who: Operator) -> Items[DisplayAnswer]:
    """List the screens that show a site."""
    _find(context, who, name)
    found = context.services.displays.of(name)
    return Items[DisplayAnswer](items=[_display(display) for display in found])


@one_site.post("/{name}/displays", status_code=201)
def pair_display(name: Name, body: DisplayBody, context: Context, who: Admin) -> DisplayAnswer:
    """Let the screen that shows a code at `/display/NAME` show the site."""
    site = _find(context, who, name)
    display = context.services.displays.pair(site.name, body.name, body.code, who.name)
    context.note(who, "displays.pair", f"{site.name}/{display.name}")
    return _display(display)


@one_site.delete("/{name}/displays/{display}", status_code=204)
def remove_display(name: Name, display: Name, context: Context, who: Admin) -> None:
    """Let a screen show the site no longer."""
    site = _find(context, who, name)
    context.services.displays.remove(site.name, display)
    context.note(who, "displays.remove", f"{site.name}/{display}")


def _period(range_: TimeRange, site: Site, default: timedelta) -> tuple[datetime, datetime]:
    zone = site.hours.zone
    end_at = parse_moment(range_.end, zone) or datetime.now(UTC)
    return parse_moment(range_.start, zone) or end_at - default, end_at


def _display(display: Display) -> DisplayAnswer:
    return DisplayAnswer.model_validate(display, from_attributes=True)


def _may_see(who: Identity, site: Site) -> bool:
    if not site.cameras:
        return who.cameras is None
    return all(who.may_see(camera) for camera in site.cameras)


def _find(context: ApiContext, who: Identity, name: str) -> Site:
    site = context.services.sites.find(name)
    if not _may_see(who, site):
        raise UnknownSiteError(f"there is no site {name[:80]!r}")
    return site


def _read(body: SiteBody, who: Identity) -> Site:
    site = parse_site(body.model_dump())
    if not _may_see(who, site):
        raise ForbiddenError("the site has a camera that you may not see")
    return site


def _describe(site: Site) -> SiteBody:
    return SiteBody.model_validate(describe_site(site))


router.include_router(one_site)
