"""Sites: doors, opening hours, people inside."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ovd.api.context import Admin, ApiContext, Context, Operator, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.sites import (
    DisplayAnswer,
    DisplayBody,
    OccupancyAnswer,
    ResetAnswer,
    ResetBody,
    SiteBody,
    SiteBucketAnswer,
)
from ovd.api.moments import parse_moment
from ovd.api.routes.counts import BucketRange
from ovd.domain.access import Identity
from ovd.domain.sites import Display, Site, describe_site, parse_site
from ovd.errors import ForbiddenError, TimeRangeError, UnknownSiteError
from ovd.services.reports.buckets import BUCKETS
from ovd.services.sites.answers import describe_bucket, describe_now

router = APIRouter(prefix="/sites", tags=["sites"])
MOST_BUCKETS = 20_000
Name = Annotated[str, Path(max_length=200, examples=["Market Street"])]
Range = Annotated[BucketRange, Depends()]


@router.get("")
def list_sites(context: Context, who: Viewer) -> Items[SiteBody]:
    """List the sites whose cameras may be seen."""
    sites = [site for site in context.services.sites.all() if _may_see(who, site)]
    return Items[SiteBody](items=[_describe(site) for site in sites])


@router.post("", status_code=201)
def add_site(body: SiteBody, context: Context, who: Operator) -> SiteBody:
    """Add a site; its doors are lines of cameras that exist."""
    site = _read(body, who)
    context.services.sites.add(site)
    context.note(who, "sites.add", site.name)
    return _describe(site)


@router.get("/{name}")
def show_site(name: Name, context: Context, who: Viewer) -> SiteBody:
    """Tell what is set for a site."""
    return _describe(_find(context, who, name))


@router.put("/{name}")
def replace_site(name: Name, body: SiteBody, context: Context, who: Operator) -> SiteBody:
    """Replace what is set for a site; what was counted is read by the new settings."""
    _find(context, who, name)
    site = _read(body, who)
    context.services.sites.replace(name, site)
    context.note(who, "sites.change", site.name)
    return _describe(site)


@router.delete("/{name}", status_code=204)
def remove_site(name: Name, context: Context, who: Operator) -> None:
    """Remove a site; what its doors counted stays."""
    site = _find(context, who, name)
    context.services.sites.remove(name)
    context.note(who, "sites.remove", site.name)


@router.get("/{name}/now")
def show_occupancy(name: Name, context: Context, who: Viewer) -> OccupancyAnswer:
    """Tell how many people are inside now."""
    _find(context, who, name)
    return OccupancyAnswer.model_validate(describe_now(context.services.sites.now(name)))


@router.get("/{name}/occupancy")
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


@router.post("/{name}/reset", status_code=201)
def reset_site(name: Name, body: ResetBody, context: Context, who: Operator) -> ResetAnswer:
    """Set how many people are inside; counts before it stay as they are."""
    zone = _find(context, who, name).hours.zone
    at = parse_moment(body.at, zone)
    reset = context.services.sites.reset(name, body.people, who.name, at)
    context.note(who, "sites.reset", name, f"{reset.people} inside at {reset.at.isoformat()}")
    return ResetAnswer(people=reset.people, at=reset.at.astimezone(zone).isoformat(), by=reset.by)


@router.get("/{name}/displays")
def list_displays(name: Name, context: Context, who: Operator) -> Items[DisplayAnswer]:
    """List the screens that show a site."""
    _find(context, who, name)
    found = context.services.displays.of(name)
    return Items[DisplayAnswer](items=[_display(display) for display in found])


@router.post("/{name}/displays", status_code=201)
def pair_display(name: Name, body: DisplayBody, context: Context, who: Admin) -> DisplayAnswer:
    """Let the screen that shows a code at `/display/NAME` show the site."""
    site = _find(context, who, name)
    display = context.services.displays.pair(site.name, body.name, body.code, who.name)
    context.note(who, "displays.pair", f"{site.name}/{display.name}")
    return _display(display)


@router.delete("/{name}/displays/{display}", status_code=204)
def remove_display(name: Name, display: Name, context: Context, who: Admin) -> None:
    """Let a screen show the site no longer."""
    site = _find(context, who, name)
    context.services.displays.remove(site.name, display)
    context.note(who, "displays.remove", f"{site.name}/{display}")


def _display(display: Display) -> DisplayAnswer:
    return DisplayAnswer.model_validate(display, from_attributes=True)


def _may_see(who: Identity, site: Site) -> bool:
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
